"""Reads a decoded TOML tree into the structs of the model, noting everything that does not fit.

The model is the schema: types, bounds and patterns are read from the structs' own annotations, so that a key exists
in one place. msgspec's own conversion stops at the first fault; a person who writes a pact wants to see them all.

Rules
- Exact types: a bool is no integer, a date-time is no date, a float is nothing that we have.
- A value that does not fit becomes `NOTHING`, and so does whatever holds it; nothing is guessed or repaired.
"""

import datetime as dt
import enum
import functools
import re
import types
import unicodedata
from typing import Annotated, Any, Final, Union, get_args, get_origin

import msgspec
from msgspec import Meta
from msgspec.structs import FieldInfo

from comity.base.limits import PACT_ROW_COUNT_MAX
from comity.pact.findings import Findings
from comity.pact.lines import KeyPath

__all__ = ["NOTHING", "read_shape"]


class _Nothing(enum.Enum):
    NOTHING = enum.auto()


NOTHING: Final = _Nothing.NOTHING
_TYPE_NAMES: Final = {
    str: "text",
    int: "integer",
    bool: "true or false",
    dt.date: "date",
    dt.datetime: "date and time",
    list: "list",
    dict: "table",
}
_DIRECTIONAL: Final = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def read_shape(wanted: Any, value: object, path: KeyPath, findings: Findings) -> Any:
    """Return `value` as the type `wanted`, or `NOTHING` after noting why not.

    `wanted` is a struct of ours or what its annotations may hold: text, integer, bool, date, date-time, enum, tuple,
    dict of structs, an `Annotated` bound, a union with None or with one enum.
    """
    if get_origin(wanted) is Annotated:
        inner, *metas = get_args(wanted)
        read = read_shape(inner, value, path, findings)
        fits = read is NOTHING or all(_fits(read, meta, path, findings) for meta in metas if isinstance(meta, Meta))
        return read if fits else NOTHING
    if get_origin(wanted) in (Union, types.UnionType):
        return _read_union(get_args(wanted), value, path, findings)
    if get_origin(wanted) is tuple:
        return _read_list(get_args(wanted)[0], value, path, findings)
    if get_origin(wanted) is dict:
        return _read_mapping(get_args(wanted), value, path, findings)
    if issubclass(wanted, msgspec.Struct):
        return _read_struct(wanted, value, path, findings)
    if issubclass(wanted, enum.Enum):
        return _read_enum(wanted, value, path, findings)
    if type(value) is not wanted:
        return _refuse_type(wanted, value, path, findings)
    if isinstance(value, str):
        return _read_text(value, path, findings)
    return value


def _refuse_type(wanted: type, value: object, path: KeyPath, findings: Findings) -> _Nothing:
    found = _TYPE_NAMES.get(type(value), type(value).__name__)
    findings.add(path, "pact.type", wanted=_TYPE_NAMES.get(wanted, wanted.__name__), found=found)
    return NOTHING


def _read_text(value: str, path: KeyPath, findings: Findings) -> str | _Nothing:
    for character in value:
        if character in _DIRECTIONAL or (character != "\n" and unicodedata.category(character) in ("Cc", "Cs")):
            findings.add(path, "pact.text-control", character=f"U+{ord(character):04X}")
            return NOTHING
    return value


def _read_enum(wanted: type[enum.Enum], value: object, path: KeyPath, findings: Findings) -> Any:
    if not isinstance(value, str):
        return _refuse_type(str, value, path, findings)
    permitted = {str(member.value): member for member in wanted}
    if value not in permitted:
        findings.add(path, "pact.value", found=value, permitted=", ".join(permitted))
        return NOTHING
    return permitted[value]


def _read_union(options: tuple[Any, ...], value: object, path: KeyPath, findings: Findings) -> Any:
    """A union is a type or an enum with None (the key may be missing), or a type with one enum (`unspecified`)."""
    others = [option for option in options if option is not type(None)]
    named = next((one for one in others if isinstance(one, type) and issubclass(one, enum.Enum)), None)
    if named is not None:
        if others == [named] or (isinstance(value, str) and value in {member.value for member in named}):
            return _read_enum(named, value, path, findings)
        others.remove(named)
    assert len(others) == 1, "a union of the model has one type besides None and one enum"
    return read_shape(others[0], value, path, findings)


def _read_list(element: Any, value: object, path: KeyPath, findings: Findings) -> Any:
    if not isinstance(value, list):
        return _refuse_type(list, value, path, findings)
    if len(value) > PACT_ROW_COUNT_MAX:
        findings.add(path, "pact.size", size=len(value), size_max=PACT_ROW_COUNT_MAX)
        return NOTHING
    read = [read_shape(element, item, (*path, index), findings) for index, item in enumerate(value)]
    return NOTHING if NOTHING in read else tuple(read)


def _read_mapping(options: tuple[Any, ...], value: object, path: KeyPath, findings: Findings) -> Any:
    if not isinstance(value, dict):
        return _refuse_type(dict, value, path, findings)
    key_type, value_type = options
    read = {}
    for key, item in value.items():
        name = read_shape(key_type, key, (*path, key), findings)
        row = read_shape(value_type, item, (*path, key), findings)
        if name is not NOTHING:
            read[name] = row
    return NOTHING if len(read) != len(value) or NOTHING in read.values() else read


def _read_struct(wanted: type[msgspec.Struct], value: object, path: KeyPath, findings: Findings) -> Any:
    if not isinstance(value, dict):
        return _refuse_type(dict, value, path, findings)
    fields = _find_fields(wanted)
    for key in value:
        if key not in fields:
            findings.add((*path, key), "pact.key-unknown", key=key)
    read: dict[str, Any] = {}
    for key, field in fields.items():
        if key in value:
            read[field.name] = read_shape(field.type, value[key], (*path, key), findings)
        elif field.required:
            findings.add(path, "pact.key-missing", key=key)
            read[field.name] = NOTHING
    whole = all(item is not NOTHING for item in read.values())
    return wanted(**read) if whole else NOTHING


@functools.cache
def _find_fields(wanted: type[msgspec.Struct]) -> dict[str, FieldInfo]:
    """Return the fields of a struct by their keys; to work out their annotations is most of reading a pact."""
    return {field.encode_name: field for field in msgspec.structs.fields(wanted)}


def _fits(value: Any, meta: Meta, path: KeyPath, findings: Findings) -> bool:
    """Check one bound. An enum in a union has no bound."""
    if isinstance(value, enum.Enum):
        return True
    if meta.pattern is not None and not re.fullmatch(meta.pattern, value):
        findings.add(path, "pact.value", found=value, permitted=meta.pattern)
        return False
    if meta.min_length is not None and len(value) < meta.min_length:
        if value:
            findings.add(path, "pact.value", found=len(value), permitted=f">= {meta.min_length}")
        else:
            findings.add(path, "pact.empty")
        return False
    if meta.max_length is not None and len(value) > meta.max_length:
        findings.add(path, "pact.size", size=len(value), size_max=meta.max_length)
        return False
    low, high = meta.ge, meta.le
    if (low is not None and value < low) or (high is not None and value > high):
        findings.add(path, "pact.value", found=value, permitted=f"{low} .. {high}")
        return False
    return True
