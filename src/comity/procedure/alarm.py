"""The alarm's log: whom a node called about an alert, what became of its call-outs (docs/spec/procedure.md, P91, P92).

It tells who is on watch and who did not answer: for the party itself, and for nobody else. So it has no marking, no
clause lets it leave, and it counts only where its author alone is its audience. What is due next follows from it and
from the ladder; a node that was started anew goes on where it was.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, NamedTuple

import msgspec

from comity.base.instants import Instant
from comity.base.limits import ESCALATION_STEP_COUNT_MAX
from comity.procedure.entry import Entry, EntryId, InstantField
from comity.procedure.fields import IdField, check_ascending
from comity.procedure.stated import Stated

__all__ = [
    "ENTRIES",
    "NO_LOG",
    "AlarmEscalated",
    "AlarmLog",
    "CalledOut",
    "Next",
    "Outcome",
    "find_due",
    "find_next",
    "fold_alarm_logs",
]

StepField = Annotated[int, msgspec.Meta(ge=1, le=ESCALATION_STEP_COUNT_MAX)]
ATTEMPT_COUNT_MAX: Final = 255
Names = Annotated[tuple[IdField, ...], msgspec.Meta(max_length=64)]


class Outcome(enum.StrEnum):
    """What became of a call-out."""

    SENT = "sent"
    """Whatever was called took it; whether anybody heard it is another matter."""
    FAILED = "failed"


class AlarmEscalated(Entry, frozen=True):
    """A node called these roles, and who is on duty in them, about an alert that nobody had answered."""

    binding: ClassVar[bool] = True
    alert: EntryId
    step: StepField
    roles: Names
    officers: Names
    called_at: InstantField

    def __post_init__(self) -> None:
        check_ascending(self.roles, self.officers)


class CalledOut(Entry, frozen=True):
    """A call-out of a step was made, or given up after so many attempts."""

    binding: ClassVar[bool] = True
    alert: EntryId
    step: StepField
    callout: IdField
    outcome: Outcome
    attempt_count: Annotated[int, msgspec.Meta(ge=1, le=ATTEMPT_COUNT_MAX)]
    ended_at: InstantField


ENTRIES: tuple[type[Entry], ...] = (AlarmEscalated, CalledOut)


@dataclass(frozen=True, slots=True)
class AlarmLog:
    """What was done about one alert: the first statement of each step, and the last word on each of its call-outs."""

    steps: tuple[AlarmEscalated, ...] = ()
    callouts: tuple[CalledOut, ...] = ()

    def find_callout(self, step: int, callout: str) -> CalledOut | None:
        """Return what became of a call-out, or None while nothing is said of it."""
        return next((row for row in self.callouts if (row.step, row.callout) == (step, callout)), None)


NO_LOG: Final = AlarmLog()


def fold_alarm_logs(statements: Iterable[Stated]) -> Mapping[bytes, AlarmLog]:
    """Fold a party's notes to itself, by alert. A call-out that was once sent was sent, whatever else is said of it."""
    steps: dict[tuple[bytes, int], AlarmEscalated] = {}
    callouts: dict[tuple[bytes, int, str], CalledOut] = {}
    for stated in statements:
        entry = stated.entry
        if stated.audience != (stated.author,):
            continue
        if isinstance(entry, AlarmEscalated):
            key = (entry.alert, entry.step)
            steps[key] = min(steps.get(key, entry), entry, key=lambda step: step.called_at)
        elif isinstance(entry, CalledOut):
            place = (entry.alert, entry.step, entry.callout)
            callouts[place] = min(callouts.get(place, entry), entry, key=_find_weight)
    alerts = dict.fromkeys((*(key[0] for key in steps), *(place[0] for place in callouts)))
    return {
        alert: AlarmLog(
            tuple(steps[key] for key in sorted(steps) if key[0] == alert),
            tuple(callouts[place] for place in sorted(callouts) if place[0] == alert),
        )
        for alert in alerts
    }


def _find_weight(row: CalledOut) -> tuple[bool, int]:
    return row.outcome is not Outcome.SENT, row.ended_at


class Next(NamedTuple):
    """The step that comes next, and when."""

    step: int
    at: Instant


def find_due(waits_ms: Sequence[int], log: AlarmLog, *, at: Instant) -> tuple[int, ...]:
    """Return the steps that are due and were not taken, in order: the first at once, all others counted from it.

    `waits_ms` has one number for each step of the ladder, ascending. A step that was passed over while the node was
    down is due as soon as it is up; one whose successor was taken is not, for the ladder was another one then.
    """
    taken = max((step.step for step in log.steps), default=0)
    if not log.steps:
        return (1,) if waits_ms else ()
    begun_at = log.steps[0].called_at
    return tuple(
        number for number, wait_ms in enumerate(waits_ms, start=1) if number > taken and begun_at + wait_ms <= at
    )


def find_next(waits_ms: Sequence[int], log: AlarmLog) -> Next | None:
    """Return the step that comes next if nobody answers, or None where the ladder ends."""
    taken = max((step.step for step in log.steps), default=0)
    if not log.steps or taken >= len(waits_ms):
        return None
    return Next(taken + 1, Instant(log.steps[0].called_at + waits_ms[taken]))
