"""Values of indicators from a file: CSV with a head, or JSON, a list of objects; each row checked (X40).

A number is taken as its digits: a JSON number is never read as a float. What is written otherwise than the record has
it (`1,5`, `1e3`, `007`) is refused with its row; trailing zeros and a plus are dropped, for they say nothing.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from comity.base.errors import ComityError, UsageError
from comity.base.instants import Instant, parse_instant
from comity.base.limits import INDICATOR_ROW_COUNT_MAX, INDICATOR_TABLE_SIZE_BYTES_MAX

__all__ = ["ValueRow", "parse_number", "parse_values"]

_KEYS: Final = ("indicator", "observed_at", "value", "note")
_NEEDED: Final = frozenset(_KEYS[:3])
_TEXT_SIZE_MAX: Final = 4096
_NUMBER: Final = re.compile(r"([+-]?)(0|[1-9][0-9]{0,14})(?:\.([0-9]{1,18}))?", re.ASCII)
_PLACES_MAX: Final = 9


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One value: of which indicator, observed when, in the one form of a number, and a note that may be empty."""

    indicator: str
    observed_at: Instant
    value: str
    note: str


def parse_values(raw: bytes) -> tuple[ValueRow, ...]:
    """Read a table: JSON if it begins with `[`, else CSV.

    Raises:
        UsageError: `indicator.table-malformed` with the row (from 1, the head not counted) and what is wrong: size,
            text, form, key, missing, number, instant, rows.
    """
    if len(raw) > INDICATOR_TABLE_SIZE_BYTES_MAX:
        raise _refuse(0, "size")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refuse(0, "text") from error
    rows = _read_json(text) if text.lstrip().startswith("[") else _read_csv(text)
    return tuple(_check_row(number, row) for number, row in enumerate(rows, 1))


def parse_number(text: str) -> str | None:
    """Return a decimal number in the one form that the record has, or None if it is none or has too many places."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    places = (match[3] or "").rstrip("0")
    if len(places) > _PLACES_MAX:
        return None
    number = f"{match[2]}.{places}" if places else match[2]
    return f"-{number}" if match[1] == "-" and number != "0" else number


def _read_csv(text: str) -> Iterable[Mapping[str, Any]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise _refuse(reader.line_num, "form") from error
    if len(rows) > INDICATOR_ROW_COUNT_MAX:
        raise _refuse(len(rows), "rows")
    return rows


def _read_json(text: str) -> Iterable[Mapping[str, Any]]:
    try:
        rows = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise _refuse(0, "form") from error
    if len(rows) > INDICATOR_ROW_COUNT_MAX:
        raise _refuse(len(rows), "rows")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise _refuse(number, "form")
    return list(rows)


def _check_row(number: int, row: Mapping[Any, Any]) -> ValueRow:
    if any(not isinstance(key, str) or key not in _KEYS for key in row):
        raise _refuse(number, "key")
    if any(not isinstance(value, str) or len(value) > _TEXT_SIZE_MAX for value in row.values()):
        raise _refuse(number, "form")
    if missing := _NEEDED - {key for key, value in row.items() if value.strip()}:
        raise _refuse(number, "missing", key=min(missing))
    value = parse_number(row["value"])
    if value is None:
        raise _refuse(number, "number")
    try:
        observed_at = parse_instant(row["observed_at"].strip())
    except ComityError as error:
        raise _refuse(number, "instant") from error
    return ValueRow(row["indicator"].strip(), observed_at, value, row.get("note", "").strip())


def _refuse(row: int, rule: str, **details: str) -> UsageError:
    return UsageError("indicator.table-malformed", row=row, rule=rule, **details)
