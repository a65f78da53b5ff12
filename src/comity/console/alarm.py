"""What this console alarms of: the alerts that nobody here has answered, as they stand at this moment (P90).

It is on every page and asked for at every change by every console, so it is worked out once for all of them. An officer
whose console is locked, or left at three in the morning, is alarmed too, and told no more than that there is something.
"""

import hashlib
from dataclasses import dataclass

from comity.api.desk import Desk
from comity.base.instants import SECOND_MS, Instant
from comity.machine.waiting import Alert, AlertKind, AlertState, find_alerts
from comity.procedure.fields import Precedence

__all__ = ["AlarmBoard", "AlarmNow"]


@dataclass(frozen=True, slots=True)
class AlarmNow:
    """What sounds, the most urgent first; what was corrected or taken back before anybody answered; and `notice`.

    `notice` is the latest message of precedence IMMEDIATE that waits: it is heard once. Empty in quiet hours.
    """

    sounding: tuple[Alert, ...]
    quiet: tuple[Alert, ...]
    notice: str

    @property
    def tone(self) -> str:
        """How it sounds: a FLASH, a call, or not at all."""
        if not self.sounding:
            return ""
        return "call" if self.sounding[0].kind is AlertKind.CALL else "flash"

    def find_mark(self, *about: object) -> str:
        """Return a mark that differs wherever this, or what else is shown with it, does."""
        return hashlib.sha256(repr((self, *about)).encode()).hexdigest()[:16]


class AlarmBoard:
    """The alarm of one node, worked out when something was stated or a second is over."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._seen = (-1, -1, -1)
        self._now = AlarmNow((), (), "")

    def read(self) -> AlarmNow:
        """Return what alarms now."""
        machine, now = self._desk.node.machine, self._desk.node.now()
        seen = (len(machine.statements.all), machine.ledger.unrest, now // SECOND_MS)
        if seen != self._seen:
            self._now, self._seen = _find(find_alerts(machine, now)), seen
        return self._now


def _find(alerts: tuple[Alert, ...]) -> AlarmNow:
    sounding = sorted((alert for alert in alerts if alert.sounds), key=_find_urgency)
    quiet = tuple(alert for alert in alerts if alert.is_urgent and not alert.sounds)
    waiting = [
        alert for alert in alerts if alert.precedence is Precedence.IMMEDIATE and alert.state is AlertState.SOUNDS
    ]
    return AlarmNow(tuple(sounding), quiet, waiting[-1].id.hex()[:16] if waiting else "")


def _find_urgency(alert: Alert) -> tuple[bool, Instant, bytes]:
    return alert.kind is AlertKind.CALL, alert.at, alert.id
