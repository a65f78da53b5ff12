"""What this console alarms of: the alerts that nobody here has answered, as they stand at this moment (P90).

It is on every page and asked for at every change by every console, so it is worked out once for all of them. An officer
whose console is locked, or left at three in the morning, is alarmed too, and told no more than that there is something.
"""

import hashlib
from dataclasses import dataclass
from typing import Final, NamedTuple

from comity.api.alarm_view import show_alarms
from comity.api.desk import Desk
from comity.api.views.alarms import Alarms, AlertAtWatch
from comity.base.instants import MINUTE_MS, Instant
from comity.machine.waiting import AlertKind, AlertState
from comity.node.alarm.lookout import AlertLookout
from comity.procedure.fields import Precedence

__all__ = ["AlarmBoard", "AlarmNow", "AlarmPiece"]

CALLED_COUNT_MAX: Final = 8
"""Alerts that are kept for the top of every page; the others stand on the pages Watch and Alarm."""


@dataclass(frozen=True, slots=True)
class AlarmNow:
    """What sounds, the most urgent first; what was corrected or taken back before anybody answered; and `notice`.

    `notice` is the latest message of precedence IMMEDIATE that waits: it is heard once. Empty in quiet hours. `minute`
    is the one in which this was worked out, for what is said in minutes.
    """

    sounding: tuple[AlertAtWatch, ...]
    quiet: tuple[AlertAtWatch, ...]
    sounding_count: int
    notice: str
    minute: int

    @property
    def tone(self) -> str:
        """How it sounds: a FLASH, a call, or not at all."""
        if not self.sounding:
            return ""
        return "call" if self.sounding[0]["kind"] == AlertKind.CALL.value else "flash"

    def find_mark(self, *about: object) -> str:
        """Return a mark that differs wherever this, or what else is shown with it, does."""
        return hashlib.sha256(repr((self, *about)).encode()).hexdigest()[:16]


class AlarmPiece(NamedTuple):
    """The piece of every page that alarms, in one language, for consoles that are open or those that are locked."""

    mark: str
    text: str


class AlarmBoard:
    """The alarm of one node, worked out when something that touches it was stated, and every ten seconds."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._lookout = AlertLookout(desk.node)
        self._seen = (-1, -1)
        self._now = AlarmNow((), (), 0, "", 0)

    def read(self) -> AlarmNow:
        """Return what alarms now: the same object for as long as nothing of it is otherwise."""
        now, alerts = self.desk.node.now(), self._lookout.read()
        seen = (self._lookout.number, now // MINUTE_MS)
        if seen != self._seen:
            found, self._seen = _find(show_alarms(self.desk, alerts), now), seen
            if found != self._now:
                self._now = found
        return self._now


def _find(shown: Alarms, now: Instant) -> AlarmNow:
    urgent = [row for row in shown["alerts"] if row["precedence"] in ("", Precedence.FLASH.value)]
    sounding = sorted((row for row in urgent if row["sounds"]), key=_find_urgency)
    quiet = [row for row in urgent if not row["sounds"]]
    waiting = [row["id"][:16] for row in shown["alerts"] if _is_notice(row)]
    return AlarmNow(
        tuple(sounding[:CALLED_COUNT_MAX]),
        tuple(quiet[:CALLED_COUNT_MAX]),
        len(sounding),
        waiting[-1] if waiting and not shown["is_quiet"] else "",
        now // MINUTE_MS if sounding else 0,
    )


def _is_notice(row: AlertAtWatch) -> bool:
    return row["precedence"] == Precedence.IMMEDIATE.value and row["state"] == AlertState.SOUNDS.value


def _find_urgency(row: AlertAtWatch) -> tuple[bool, int, str]:
    return row["kind"] == AlertKind.CALL.value, row["at"], row["id"]
