"""The warning picture as a table: what of it is asked for, in which order, a sheet at a time.

The rows are those of the warning process (W37). Here they are chosen, sorted and put into words, and nothing is
decided: an object whose reports contradict each other has each of them below it, and no estimate.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from comity.base.instants import DAY_MS, MINUTE_MS, SECOND_MS, Instant

__all__ = [
    "DEVIATIONS",
    "FULL",
    "SORTS",
    "Asked",
    "Table",
    "choose_ends",
    "format_distance",
    "format_place",
    "lay_table",
    "read_asked",
]

ROW_COUNT: Final = 100
"""Objects on one sheet."""
BACK_MS_MAX: Final = DAY_MS
"""How far back anybody may look: so long pages are kept (W33)."""
DEVIATIONS: Final = 2.4477
"""In so many deviations of two dimensions 95 in 100 lie."""
SLIDER_MINUTES: Final = 180
"""How far back the slider of the map goes."""
WORD_SIZE_MAX: Final = 4_096
_NUMBER: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
_MINUTES: Final = re.compile(r"-[1-9][0-9]{0,3}", re.ASCII)
FULL: Final = "full"
"""What is told in full, among clauses."""
_STANDINGS: Final = ("live", "stale", "dropped")
_KM_M: Final = 1_000

Row = Mapping[str, Any]


def _name(row: Row) -> tuple[object, ...]:
    return (row["name"],)


SORTS: Final[Mapping[str, Callable[[Row], tuple[object, ...]]]] = {
    "class": lambda row: (_STANDINGS.index(row["standing"]), row["class_"], row["name"]),
    "newest": lambda row: (-max(member["at"] for member in row["members"]), row["name"]),
    "name": _name,
    "reports": lambda row: (-len(row["conflicts"]), -row["count"], -len(row["members"]), row["name"]),
}
"""Orders of the table: by class, the latest first, by name, what contradicts itself or rests on many first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for; empty is all. `at` 0: now."""

    class_: str = ""
    party: str = ""
    clause: str = ""
    sort: str = ""
    at: int = 0
    sheet: int = 1
    track: str = ""
    """Names of what is chosen on the map, with blanks between."""

    @property
    def query(self) -> str:
        """As the query of an address, without the sheet."""
        named = {"class": self.class_, "party": self.party, "clause": self.clause, "sort": self.sort}
        return urlencode({name: value for name, value in named.items() if value} | ({"at": self.at} if self.at else {}))

    def find_moment(self, now: Instant) -> Instant | None:
        """Return the moment that is asked for, to the second; None for now, and for what is not kept."""
        at = self.at // SECOND_MS * SECOND_MS
        return Instant(at) if at and now - BACK_MS_MAX <= at < now - MINUTE_MS // 4 else None

    def has(self, row: Row) -> bool:
        """Tell whether an object is asked for."""
        if self.class_ and row["class_"] != self.class_:
            return False
        return any(self._has_report(member) for member in row["members"])

    def _has_report(self, member: Row) -> bool:
        clause = member["clause"] or FULL
        return self.party in ("", member["author"]) and self.clause in ("", clause)


def read_asked(typed: Mapping[str, str], now: Instant) -> Asked:
    """Return what the query of an address asks for; what is malformed asks for nothing."""
    words = {name: typed.get(name, "")[:WORD_SIZE_MAX] for name in ("class", "party", "clause", "sort", "track")}
    at = int(typed["at"]) if _NUMBER.fullmatch(typed.get("at", "")) else 0
    if not at and _MINUTES.fullmatch(typed.get("minutes", "")):
        at = now - min(int(typed["minutes"][1:]), SLIDER_MINUTES) * MINUTE_MS
    sheet = int(typed["sheet"]) if _NUMBER.fullmatch(typed.get("sheet", "")) else 1
    class_ = words.pop("class")
    return Asked(class_=class_, at=at, sheet=max(1, sheet), **words)


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet, and how much there is: `count` of objects that were asked for, `all_count` of all."""

    rows: Sequence[Row]
    count: int
    all_count: int
    left_out_count: int
    sheet: int
    sheet_count: int
    delays: Sequence[Row]
    at: int


def lay_table(found: Row, asked: Asked) -> Table:
    """Return the sheet of a picture that is asked for."""
    rows = sorted((row for row in found["objects"] if asked.has(row)), key=SORTS.get(asked.sort, SORTS["class"]))
    sheet_count = max(1, -(-len(rows) // ROW_COUNT))
    sheet = min(asked.sheet, sheet_count)
    shown = rows[(sheet - 1) * ROW_COUNT : sheet * ROW_COUNT]
    return Table(
        [_complete(row) for row in shown],
        len(rows),
        found["object_count"],
        found["left_out_count"],
        sheet,
        sheet_count,
        found["delays"],
        found["at"],
    )


def _complete(row: Row) -> Row:
    """Return an object with what its row shows: an estimate, or the one report that there is."""
    members = row["members"]
    place = row["estimate"] or (members[0]["place"] if len(members) == 1 else None)
    return {**row, "place": place, "at": max(member["at"] for member in members), "ends": list(_list_ends(members))}


def _list_ends(members: Iterable[Row]) -> Iterator[Row]:
    """Yield the estimates of launch and impact of some reports, each with whose it is and how it is told."""
    for member in members:
        for end in member["ends"]:
            yield {**end, "name": member["name"], "author": member["author"], "told": member["clause"]}


def choose_ends(row: Row) -> list[Row]:
    """Return the estimates of an object that a map draws: of several reports that of the smallest ellipse (W15).

    Where reports contradict each other or cannot be told apart, each one's.
    """
    ends = list(_list_ends(row["members"]))
    if row["estimate"] is None:
        return ends
    found: dict[str, Row] = {}
    for end in sorted(ends, key=lambda end: (end["semi_major_m"] * end["semi_minor_m"], end["name"])):
        found.setdefault(end["what"], end)
    return list(found.values())


def format_distance(distance_m: float) -> str:
    """Write a distance in as many figures as it is worth."""
    if distance_m < _KM_M:
        return f"{distance_m:.0f} m"
    return f"{distance_m / _KM_M:.1f} km" if distance_m < 10 * _KM_M else f"{distance_m / _KM_M:.0f} km"


def format_place(latitude: float, longitude: float) -> str:
    """Write a place in degrees."""
    north, east = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    return f"{abs(latitude):.3f}° {north} {abs(longitude):.3f}° {east}"
