"""What really happened, from a table: its lines as occurrences with their instants (R63).

Several lines of one minute, or of one day whose minute nobody wrote down, are one occurrence: a salvo is answered once.
An unknown minute stays unknown here; a run draws one for its day.
"""

import csv
import re
from typing import Final, NamedTuple

from comity.base.errors import UsageError
from comity.base.instants import HOUR_MS, Instant, parse_instant
from comity.rehearsal.scenario.model import Table
from comity.warning.launches import read_launches

__all__ = ["Recorded", "read_catalogue"]

SIZE_BYTES_MAX: Final = 1024 * 1024
FIRST_DAY: Final = "1970-01-02"
"""What was before no instant names; it is passed over."""
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Recorded(NamedTuple):
    """One thing that really happened. Without `at` its minute is not known."""

    table: Table
    day_at: Instant
    at: Instant | None
    type: str
    lines: int
    """How many lines of the table it is."""


def read_catalogue(raw: bytes) -> tuple[Recorded, ...]:
    """Return what a table tells, in the order of time.

    Raises:
        UsageError: `scenario.catalogue-unknown`, `scenario.catalogue-malformed` and `warning.launches-malformed`, each
            with the line.
    """
    if len(raw) > SIZE_BYTES_MAX:
        raise UsageError("scenario.catalogue-malformed", line=0)
    table = _find_table(raw)
    told = _list_launches(raw) if table is Table.LAUNCHES else _list_provocations(raw)
    found: dict[tuple[Instant, Instant | None], Recorded] = {}
    for one in told:
        key = (one.day_at, one.at)
        held = found.get(key)
        found[key] = one if held is None else held._replace(lines=held.lines + 1)
    return tuple(sorted(found.values(), key=lambda one: (one.at or one.day_at, one.type)))


def _find_table(raw: bytes) -> Table:
    """Tell which of the known tables this is, by its first line that is no remark."""
    for line in raw[:65_536].splitlines():
        if line.startswith(b"#"):
            continue
        if line.startswith(b"date,time,series,missile,"):
            return Table.LAUNCHES
        if line.startswith(b"date,type,event,"):
            return Table.PROVOCATIONS
        break
    raise UsageError("scenario.catalogue-unknown")


def _list_launches(raw: bytes) -> list[Recorded]:
    return [
        Recorded(Table.LAUNCHES, parse_instant(f"{launch.date}T00:00Z"), launch.at, launch.missile_type, 1)
        for launch in read_launches(raw)
        if _DAY.fullmatch(launch.date) and launch.date >= FIRST_DAY
    ]


def _list_provocations(raw: bytes) -> list[Recorded]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError("scenario.catalogue-malformed", line=raw[: error.start].count(b"\n") + 1) from error
    rows = csv.reader(text.splitlines(), strict=True)
    told: list[Recorded] = []
    try:
        for row in rows:
            if row and not row[0].startswith("#") and row[0] != "date":
                told += _read_provocation(row)
    except (csv.Error, UsageError, IndexError) as error:
        raise UsageError("scenario.catalogue-malformed", line=rows.line_num) from error
    return told


def _read_provocation(row: list[str]) -> list[Recorded]:
    """Read one line, of which nothing comes if it is too old; the days of this table are Seoul's."""
    day, type_ = row[0], row[1]
    if _DAY.fullmatch(day) and day < FIRST_DAY:
        return []
    day_at = Instant(parse_instant(f"{day}T00:00Z") - 9 * HOUR_MS)
    return [Recorded(Table.PROVOCATIONS, day_at, None, type_, 1)]
