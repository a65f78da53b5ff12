"""STIX 2.1 in: from the bytes of a bundle to its objects, each with its own bytes (docs/spec/exchange.md, X7 and X8).

Rules
- Bounded before anything is read: size, number of objects, size and depth of each.
- For any bytes: objects and refusals with codes, or one coded error for the whole; nothing else is raised.
- An object's bytes are kept as they came. References are never followed, so a circle of them is as harmless as a line.
- A key that stands twice in an object is refused: two programs could read two markings from it.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec

from comity.base.errors import RemoteError

__all__ = [
    "BUNDLE_SIZE_BYTES_MAX",
    "OBJECT_COUNT_MAX",
    "Found",
    "Granular",
    "Refused",
    "StixObject",
    "read_bundle",
]

BUNDLE_SIZE_BYTES_MAX: Final = 64 * 1024 * 1024
OBJECT_COUNT_MAX: Final = 65_536
"""The largest public collection, ATT&CK for enterprises, has a third of this."""
OBJECT_SIZE_BYTES_MAX: Final = 1024 * 1024
OBJECT_DEPTH_MAX: Final = 32
ID_SHOWN_SIZE_MAX: Final = 120

_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,248}[a-z0-9]")
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_STRINGS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class Granular(msgspec.Struct, frozen=True):
    """Parts of an object under a marking of their own; one that only says the language has no marking."""

    marking_ref: str = ""
    lang: str = ""


class StixObject(msgspec.Struct, frozen=True, rename={"kind": "type"}):
    """What is read of an object; everything else stays in its bytes."""

    kind: str
    id: str
    spec_version: str = ""
    created: str = ""
    modified: str = ""
    object_marking_refs: list[str] = []
    granular_markings: list[Granular] = []
    labels: list[str] = []
    name: Any = None
    definition_type: Any = None
    definition: Any = None
    extensions: Any = None
    x_opencti_definition: Any = None

    @property
    def version(self) -> str:
        """What tells two versions of one object apart; empty where it has none."""
        return self.modified or self.created


class Found(NamedTuple):
    """An object that can be read: its place in the file from 0, what was read of it, and its bytes as they came."""

    place: int
    object: StixObject
    raw: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """An object that was not taken: its place in the file from 0, its id as far as it could be read, and why."""

    index: int
    id: str
    code: str


class _Bundle(msgspec.Struct, frozen=True, rename={"kind": "type"}):
    kind: str = ""
    objects: msgspec.Raw = msgspec.Raw()
    spec_version: str = ""


_BUNDLE: Final = msgspec.json.Decoder(_Bundle)
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_OBJECT: Final = msgspec.json.Decoder(StixObject)


def read_bundle(raw: bytes) -> tuple[list[Found], list[Refused]]:
    """Return the objects of a bundle, of an envelope of TAXII, or the one that a file is; and those refused.

    Raises:
        RemoteError: `stix.too-large`, `stix.too-many`, `stix.malformed`, `stix.version`.
    """
    if len(raw) > BUNDLE_SIZE_BYTES_MAX:
        raise RemoteError("stix.too-large", size_bytes=len(raw), size_bytes_max=BUNDLE_SIZE_BYTES_MAX)
    found: list[Found] = []
    refused: list[Refused] = []
    seen: dict[tuple[str, str], bytes] = {}
    for index, one in enumerate(_split(raw)):
        object_, code = _read_object(one)
        if object_ is None or code:
            refused.append(Refused(index, "" if object_ is None else object_.id[:ID_SHOWN_SIZE_MAX], code))
            continue
        held = seen.setdefault((object_.id, object_.version), one)
        if held is one:
            found.append(Found(index, object_, one))
        elif held != one:
            # Two contents under one id and version: whoever read them would get the one or the other.
            refused.append(Refused(index, object_.id[:ID_SHOWN_SIZE_MAX], "stix.conflict"))
    return found, refused


def _split(raw: bytes) -> list[bytes]:
    try:
        raw.decode()
        bundle = _BUNDLE.decode(raw)
        held = bytes(bundle.objects)
        objects = [bytes(one) for one in _LIST.decode(held)] if held else []
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RemoteError("stix.malformed", evidence=raw[:1024]) from error
    if bundle.kind not in ("bundle", ""):
        return [raw.strip()]
    if not (held or bundle.kind):
        raise RemoteError("stix.malformed", evidence=raw[:1024])
    if bundle.spec_version:
        raise RemoteError("stix.version", found=bundle.spec_version[:20])
    at = raw.rfind(held)
    around = raw[: max(at, 0)] + raw[at + len(held) :]
    if held and (around.count(b'"objects"') != 1 or b"\\u00" in around):
        # A second list of objects would be passed over without a word.
        raise RemoteError("stix.malformed", evidence=raw[:1024])
    if len(objects) > OBJECT_COUNT_MAX:
        raise RemoteError("stix.too-many", count=len(objects), count_max=OBJECT_COUNT_MAX)
    return objects


def _read_object(raw: bytes) -> tuple[StixObject | None, str]:
    """Return an object and no code, or what could be read of it and why it is refused."""
    if len(raw) > OBJECT_SIZE_BYTES_MAX:
        return None, "stix.object-too-large"
    if _is_too_deep(raw):
        return None, "stix.too-deep"
    try:
        read = _OBJECT.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return None, "stix.object-malformed"
    kind, _, uuid = read.id.partition("--")
    if kind != read.kind or _TYPE.fullmatch(kind) is None or _UUID.fullmatch(uuid) is None or kind == "bundle":
        return read, "stix.object-malformed"
    # In 2.1 every object but an observable says so; one of 2.0 says nothing and has a date of creation (X8).
    if read.spec_version not in ("2.1", "") or (not read.spec_version and read.created):
        return read, "stix.version"
    return read, _find_key_fault(raw)


def _is_too_deep(raw: bytes) -> bool:
    if raw.count(b"{") + raw.count(b"[") <= OBJECT_DEPTH_MAX:
        return False
    depth = 0
    for character in _STRINGS.sub(b"", raw):
        if character in b"{[":
            depth += 1
            if depth > OBJECT_DEPTH_MAX:
                return True
        elif character in b"}]":
            depth -= 1
    return False


class _Twice(ValueError):  # noqa: N818 -- it never leaves this file
    """A key stands twice."""


def _refuse_twice(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise _Twice


_PAIRS: Final = json.JSONDecoder(object_pairs_hook=_refuse_twice)
"""Reads nothing but which keys stand together, at every depth and however their letters are written."""


def _find_key_fault(raw: bytes) -> str:
    try:
        _PAIRS.decode(raw.decode())
    except _Twice:
        return "stix.duplicate-key"
    except ValueError:  # a number of thousands of digits
        return "stix.object-malformed"
    return ""
