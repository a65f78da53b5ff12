"""Which areas a set of telegrams says are at risk, as of an instant (docs/spec/warning.md, W80, W81).

A pure function of the set: in what order telegrams came, and how often, changes nothing. What is said of an event is
said anew as a whole by each telegram; so an area that the last one leaves out is not at risk by it any more.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from comity.base.instants import Instant
from comity.base.names import Digest
from comity.exchange.cap import MessageType, Status
from comity.exchange.jma import Telegram, WarnedArea

__all__ = ["AreaAtRisk", "Grade", "find_areas_at_risk"]


class Grade(enum.Enum):
    """How grave, the gravest first."""

    MAJOR = "major-warning"
    WARNING = "warning"
    ADVISORY = "advisory"
    FORECAST = "forecast"
    """The sea moves a little; nobody need leave the shore for good."""


_GRADES: Final = {
    "52": Grade.MAJOR,
    "53": Grade.MAJOR,
    "51": Grade.WARNING,
    "62": Grade.ADVISORY,
    "71": Grade.FORECAST,
    "72": Grade.FORECAST,
    "73": Grade.FORECAST,
}
"""The agency's codes of what is in force; 00 is none, 50 and 60 lift a warning and an advisory."""
_TSUNAMI: Final = "津波"
"""What takes a telegram back has no body: its title says what it is about."""
_ORDER: Final = tuple(Grade)
_TYPES: Final = (MessageType.ALERT, MessageType.UPDATE, MessageType.CANCEL)


@dataclass(frozen=True, slots=True)
class AreaAtRisk:
    """One region of the agency's list, as the last telegram of an event has it. `item` is that telegram's."""

    event: str
    code: str
    name: str
    grade: Grade
    grade_name: str
    height: str
    """The highest expected, in the agency's words."""
    arrives_at: Instant
    """0 where no instant is given."""
    arrival: str
    """The agency's words for the first wave, such as that it is there."""
    reported_at: Instant
    valid_until_at: Instant
    """0 until another telegram says otherwise."""
    status: Status
    item: Digest


def find_areas_at_risk(telegrams: Iterable[tuple[Digest, Telegram]], *, as_of: Instant) -> tuple[AreaAtRisk, ...]:
    """Return what is in force at an instant, the gravest first, then by code and event."""
    last: dict[tuple[str, Status], tuple[tuple[int, int, bytes], Digest, Telegram]] = {}
    for item, telegram in telegrams:
        is_taken_back = telegram.type is MessageType.CANCEL and _TSUNAMI in telegram.title
        if telegram.reported_at > as_of or not (telegram.is_forecast or is_taken_back):
            continue
        key, rank = (telegram.event, telegram.status), (telegram.reported_at, _TYPES.index(telegram.type), item)
        if key not in last or rank > last[key][0]:
            last[key] = rank, item, telegram
    found = [
        _make(item, telegram, area, grade)
        for _, item, telegram in last.values()
        if telegram.type is not MessageType.CANCEL and not 0 < telegram.valid_until_at <= as_of
        for area in telegram.areas
        if (grade := _GRADES.get(area.grade_code)) is not None
    ]
    return tuple(sorted(found, key=lambda row: (_ORDER.index(row.grade), row.code, row.event)))


def _make(item: Digest, telegram: Telegram, area: WarnedArea, grade: Grade) -> AreaAtRisk:
    return AreaAtRisk(
        event=telegram.event,
        code=area.code,
        name=area.name,
        grade=grade,
        grade_name=area.grade,
        height=area.height,
        arrives_at=area.arrives_at,
        arrival=area.arrival,
        reported_at=telegram.reported_at,
        valid_until_at=telegram.valid_until_at,
        status=telegram.status,
        item=item,
    )
