"""Entries: every type that there is, as bytes on the record and as JSON at the API; and corrections of them."""

import json
import random
from functools import cache

import msgspec
from hypothesis import HealthCheck, given, seed, settings

from comity.api.form import parse_form
from comity.audit.body import find_value
from comity.procedure.registry import ENTRY_TYPES, decode_entry
from fuzz.change import change_text
from fuzz.door import Door
from kit.drawing import draw_struct

__all__ = ["DOORS", "find_entries"]


@cache
def find_entries() -> tuple[bytes, ...]:
    """Three entries of every type."""
    found: list[bytes] = []
    for type_ in ENTRY_TYPES:

        @seed(7)
        @settings(max_examples=3, database=None, deadline=None, suppress_health_check=list(HealthCheck))
        @given(draw_struct(type_))
        def keep(entry: msgspec.Struct) -> None:
            found.append(msgspec.msgpack.encode(entry))

        keep()
    return tuple(dict.fromkeys(found))


def _decode(raw: bytes) -> None:
    """What the record takes for an entry, the audit takes for one too."""
    decode_entry(raw)
    assert find_value(raw) is not None


def _state(raw: bytes) -> None:
    """A JSON object as an officer's client sends it: bytes that are no JSON never come so far."""
    try:
        form = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return
    if isinstance(form, dict):
        parse_form(form)


def _find_forms() -> list[bytes]:
    forms = []
    for raw in find_entries():
        name, *values = msgspec.msgpack.decode(raw)
        type_ = next(type_ for type_ in ENTRY_TYPES if type_.__name__ == name)
        names = [field.name for field in msgspec.structs.fields(type_)]
        forms.append(json.dumps({"type": name, **dict(zip(names, map(_show, values), strict=True))}, indent=1).encode())
    return forms


def _show(value: object) -> object:
    if isinstance(value, list):
        return [_show(inner) for inner in value]
    return value.hex() if isinstance(value, bytes) else value


def _change_form(raw: bytes, draw: random.Random) -> bytes:
    return change_text(raw, draw).replace(b"=", b":")


DOORS = (
    Door("entry", _decode, find_entries),
    Door("form", _state, _find_forms, _change_form),
)
