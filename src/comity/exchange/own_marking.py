"""What we write on what we give to other systems: the marking in full, whose it is, and whether it is an exercise.

A marking object of STIX with a statement, which every program shows, and an extension of ours with the same in parts,
which our own import reads back, so that nothing of a marking is lost on the way out and in (docs/spec/exchange.md,
X16). Whoever reads it back only narrows by it: it is unsigned, and anybody can write one.
"""

import uuid
from typing import Annotated, Any, Final

import msgspec

from comity.exchange.tlp import TLP_CREATED

__all__ = [
    "OWN_EXTENSION",
    "OwnMarking",
    "format_own_marking",
    "is_exercise",
    "make_own_definition",
    "parse_own_marking",
    "read_own_marking",
    "say_own_marking",
]

OWN_EXTENSION: Final = "extension-definition--5d2c1c5a-5c0e-4f7b-9a0f-3b8f5e6f1c21"
_NAMESPACE: Final = uuid.UUID("0f6f6a0e-6a8c-4c0c-8d8b-3a4d2f3f7c55")
_Word = Annotated[str, msgspec.Meta(max_length=256)]
_Words = Annotated[tuple[_Word, ...], msgspec.Meta(max_length=64)]


class OwnMarking(msgspec.Struct, frozen=True, kw_only=True):
    """The extension: a marking as it stood in the record, of which pact and realm, and how the receiver handles it."""

    extension_type: str = "property-extension"
    lineage: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
    realm: _Word
    originator: _Word
    scheme: _Word
    level: _Word
    topics: _Words
    caveats: _Words
    handled_by: _Word = ""
    handled_as: _Word = ""
    handled_as_local: _Word = ""
    handled_as_romanised: _Word = ""
    handled_as_language: _Word = ""


def is_exercise(realm: str) -> bool:
    """Tell whether what is said in this realm is play."""
    return realm != "real"


def make_own_definition(own: OwnMarking) -> dict[str, Any]:
    """Return the marking object of one marking; the same marking always gives the same object."""
    identity = msgspec.json.encode(own).decode()
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{uuid.uuid5(_NAMESPACE, identity)}",
        "created": TLP_CREATED,
        "name": ("EXERCISE " if is_exercise(own.realm) else "") + own.level,
        "definition_type": "statement",
        "definition": {"statement": say_own_marking(own)},
        "extensions": {OWN_EXTENSION: msgspec.to_builtins(own)},
    }


def say_own_marking(own: OwnMarking) -> str:
    """Write a marking in one line: exercise first, then level, topics, caveats, whose, handled as."""
    parts = ["EXERCISE EXERCISE EXERCISE"] if is_exercise(own.realm) else []
    parts.append(" // ".join(filter(None, (own.level, ", ".join(own.topics), ", ".join(own.caveats)))))
    parts.append(f"originator {own.originator}")
    if own.handled_as and own.handled_by != own.originator:
        parts.append(f"{own.handled_by}: {own.handled_as_local} ({own.handled_as_romanised}, {own.handled_as})")
    return "; ".join(parts)


def format_own_marking(own: OwnMarking) -> str:
    """Write the parts of a marking as one word, for formats that have tags and no extensions."""
    return msgspec.json.encode(own).decode()


def parse_own_marking(text: str) -> OwnMarking:
    """Read what `format_own_marking` wrote.

    Raises:
        ValueError: it is damaged.
    """
    return msgspec.json.decode(text, type=OwnMarking)


def read_own_marking(extensions: object) -> OwnMarking | None:
    """Return our own extension where a marking object has it; None where it has none.

    Raises:
        ValueError: it has one that is damaged.
    """
    held = extensions.get(OWN_EXTENSION) if isinstance(extensions, dict) else None
    return None if held is None else msgspec.convert(held, OwnMarking)
