"""A list of injects as a TOML file: reading it gives the same list."""

import enum
import hashlib
import json
from collections.abc import Iterator

import msgspec

from comity.exercise.msel import Msel
from comity.pact.terms import Words

__all__ = ["digest_msel", "format_msel"]


def format_msel(msel: Msel) -> str:
    """Write a list with every key that says something, tables in the order of the model."""
    head = _write_fields(msel, skip=("objective", "cell", "inject"))
    parts = ["\n".join(head)]
    for objective in msel.objectives:
        parts.append("\n".join(("[[objective]]", *_write_fields(objective, skip=("task",)))))
        parts += ["\n".join(("[[objective.task]]", *_write_fields(task))) for task in objective.tasks]
    parts += ["\n".join(("[[cell]]", *_write_fields(cell))) for cell in msel.cells]
    parts += ["\n".join(("[[inject]]", *_write_fields(inject))) for inject in msel.injects]
    return "\n\n".join(parts) + "\n"


def digest_msel(msel: Msel) -> bytes:
    """Return what names a list on the record: the same for a list and its spreadsheet (E10)."""
    return hashlib.sha256(format_msel(msel).encode()).digest()


def _write_fields(row: msgspec.Struct, *, skip: tuple[str, ...] = ()) -> Iterator[str]:
    for field in msgspec.structs.fields(type(row)):
        value = getattr(row, field.name)
        if field.encode_name not in skip and (field.required or value != field.default):
            yield f"{field.encode_name} = {_write(value)}"


def _write(value: object) -> str:
    if isinstance(value, enum.Enum):
        return _write(value.value)
    if isinstance(value, Words):
        return "{ " + ", ".join(_write_fields(value)) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_write, value)) + "]"
    assert isinstance(value, str), "a list of injects is made of texts"
    return json.dumps(value, ensure_ascii=False)
