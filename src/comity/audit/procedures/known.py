"""Reads an opened entry as one of the types of docs/spec, or says that it is out of form (J10)."""

from collections.abc import Mapping
from typing import Final

from comity.audit.procedures import (
    forms_act,
    forms_after_action,
    forms_appointment,
    forms_call,
    forms_exercise,
    forms_inquiry,
    forms_line,
    forms_observation,
    forms_officer,
    forms_onward,
    forms_pact,
    forms_plan,
    forms_recall,
    forms_release,
    forms_text,
    forms_warning,
    forms_watch,
)
from comity.audit.procedures.forms import Entry
from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.limits import ENTRY_SIZE_BYTES_MAX

__all__ = ["decode_entry", "find_known", "is_known"]


def _list_types() -> dict[str, type[Entry]]:
    rooms = (
        *(forms_call, forms_text, forms_act, forms_line, forms_release, forms_recall, forms_onward, forms_pact),
        *(forms_officer, forms_inquiry, forms_plan, forms_watch, forms_appointment, forms_warning),
        forms_exercise, forms_observation, forms_after_action,
    )  # fmt: skip
    listed = (getattr(room, name) for room in rooms for name in room.__all__)
    return {type_.__name__: type_ for type_ in listed if isinstance(type_, type) and issubclass(type_, Entry)}


_TYPES: Final[Mapping[str, type[Entry]]] = _list_types()
_DECODERS: Final[Mapping[str, Decoder[Entry]]] = {
    name: Decoder(type_, size_max=ENTRY_SIZE_BYTES_MAX, code="entry.malformed") for name, type_ in _TYPES.items()
}
_BY_HEAD: Final[Mapping[bytes, str]] = {encode(name): name for name in _TYPES}
"""Each type by the bytes that its name has in an entry."""


def find_known(raw: bytes) -> str | None:
    """Return the type that an entry bears by its first bytes, if it is a known one; the rest has not been looked at.

    So that entries of known types are decoded once. Another form of the same array or text is none that J1 permits.
    """
    if len(raw) < 2 or not 0x91 <= raw[0] <= 0x9F or not 0xA1 <= raw[1] <= 0xBF:
        return None
    return _BY_HEAD.get(raw[1 : 2 + (raw[1] & 0x1F)])


def is_known(type_: str) -> bool:
    """Tell whether a type is one whose fields docs/spec fixes."""
    return type_ in _TYPES


def decode_entry(type_: str, raw: bytes) -> Entry | None:
    """Read an entry of a known type; None for one with other fields (J10)."""
    try:
        entry = _DECODERS[type_].decode(raw)
    except RemoteError:
        return None
    return entry if entry.is_sound() else None
