"""Reading an item file: the portions of one draft, each with its own marking, in TOML (docs/guide/items.md).

Rules
- Every portion says its marking itself: a level (or a label of TLP 2.0, which the pact turns into one) and topics. What
  is missing is an error with the portion's number, and has no default.
- A key that is not known is an error: a caveat that was misspelt would be no caveat.
- A portion is exactly one of a text, an attribution or an attached file.
"""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from comity.base.errors import UsageError
from comity.cli.files import read_beginning
from comity.procedure.assessment import Confidence, Likelihood

__all__ = ["Attached", "ItemFile", "read_item_file"]

FILE_SIZE_BYTES_MAX: Final = 16 * 1024 * 1024
_Words = Annotated[tuple[str, ...], msgspec.Meta(max_length=64)]


class _Portion(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    level: str = ""
    tlp: str = ""
    topics: Annotated[_Words, msgspec.Meta(min_length=1)]
    caveats: _Words = ()
    text: str | None = None
    attribution: str | None = None
    attach: str | None = None
    media: str = ""
    language: str = "en"
    likelihood: Likelihood | None = None
    confidence: Confidence | None = None
    source: Annotated[str, msgspec.Meta(pattern="^[A-F][1-6]\\Z")] = ""


class _File(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    expires: dt.datetime | None = None
    portion: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=255)]


class Attached(msgspec.Struct, frozen=True):
    """A file to attach, and of what media type it is."""

    path: Path
    media: str


class ItemFile(msgspec.Struct, frozen=True):
    """The portions as the API takes them; `attached` by the place of the portion."""

    portions: list[dict[str, Any]]
    expires_at: list[int]
    attached: dict[int, Attached]


def read_item_file(path: Path) -> ItemFile:
    """Read an item file; files to attach are named relative to it.

    Raises:
        UsageError: `file.unreadable`; `item.file` with the portion and what is wrong.
    """
    raw = read_beginning(path, size_bytes_max=FILE_SIZE_BYTES_MAX)
    if len(raw) > FILE_SIZE_BYTES_MAX:
        raise UsageError("item.file", why="larger than 16 MiB")
    try:
        read = msgspec.convert(tomllib.loads(raw.decode()), _File)
    except (msgspec.ValidationError, ValueError, RecursionError) as error:
        raise UsageError("item.file", why=str(error)[:200]) from error
    portions, attached = [], {}
    for place, table in enumerate(read.portion):
        portion = _read_portion(table, place + 1)
        if portion.attach is not None:
            attached[place] = Attached(path.parent / portion.attach, portion.media or "application/octet-stream")
        portions.append(_make_form(portion))
    return ItemFile(portions, _find_ends(read.expires), attached)


def _read_portion(table: dict[str, Any], number: int) -> _Portion:
    try:
        portion = msgspec.convert(table, _Portion)
    except msgspec.ValidationError as error:
        raise UsageError("item.file", portion=number, why=str(error)[:200]) from error
    held = [portion.text, portion.attribution, portion.attach]
    if sum(one is not None for one in held) != 1:
        raise UsageError("item.file", portion=number, why="one of `text`, `attribution`, `attach`")
    if bool(portion.level) == bool(portion.tlp):
        raise UsageError("item.file", portion=number, why="one of `level`, `tlp`")
    if portion.media and portion.attach is None:
        raise UsageError("item.file", portion=number, why="`media` goes with `attach`")
    return portion


def _make_form(portion: _Portion) -> dict[str, Any]:
    marking = {"level": portion.level, "tlp": portion.tlp, "topics": sorted(portion.topics)}
    form: dict[str, Any] = {
        "marking": marking | {"caveats": sorted(portion.caveats)},
        "text": portion.text or portion.attribution or "",
        "kind": _find_kind(portion),
        "language": portion.language,
    }
    if portion.likelihood is not None:
        form["likelihood"] = portion.likelihood.value
    if portion.confidence is not None:
        form["confidence"] = portion.confidence.value
    if portion.source:
        form |= {"reliability": portion.source[0], "credibility": int(portion.source[1])}
    return form


def _find_kind(portion: _Portion) -> str:
    if portion.attach is not None:
        return "attachment"
    return "text" if portion.attribution is None else "attribution"


def _find_ends(expires: dt.datetime | None) -> list[int]:
    if expires is None:
        return []
    if expires.tzinfo is None:
        raise UsageError("item.file", why="`expires` needs a time zone, as in 2026-12-01T00:00:00Z")
    return [int(expires.timestamp() * 1000)]
