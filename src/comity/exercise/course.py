"""How a list of injects goes while it is played: what is due, and whether what was expected came (E22 to E25).

Pure: the list, what the record says of the play, and who did what at which exercise time go in. An act is told by its
kind and party: what it said, evaluators judge.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from comity.base.names import Party
from comity.exercise.msel import Condition, Inject, Msel
from comity.exercise.offset import parse_offset

__all__ = ["Came", "Course", "Deed", "InjectState", "Outcome", "Played", "follow"]


class InjectState(enum.StrEnum):
    """Where an inject stands."""

    WAITING = "waiting"
    DUE = "due"
    OPEN = "open"
    """It hangs on what is not decided yet, or on control's choice."""
    FIRED = "fired"
    SKIPPED = "skipped"
    NOT_NEEDED = "not-needed"
    """What it hangs on will not be."""


class Outcome(enum.StrEnum):
    """Whether a party did in time what an inject expects of it."""

    IN_TIME = "in-time"
    LATE = "late"
    MISSED = "missed"
    OPEN = "open"
    CUT_SHORT = "cut-short"
    """The exercise ended before its time was over."""


class Deed(NamedTuple):
    """What a party did, by the kind of act, at which exercise time."""

    act: str
    party: Party
    time_ms: int
    id: str


@dataclass(frozen=True, slots=True)
class Played:
    """What the record says of the play: the clock's time now, and injects by number, with the time of those given."""

    now_ms: int
    is_over: bool
    fired_ms: Mapping[str, int]
    skipped: frozenset[str]
    shifts_ms: Mapping[str, int]


class Came(NamedTuple):
    """Of one party that an inject expects something of: what came, after how long."""

    party: Party
    outcome: Outcome
    after_ms: int | None
    deed: Deed | None


@dataclass(frozen=True, slots=True)
class Course:
    """One inject: its state, when it is due where that is known, and what came of whom."""

    inject: Inject
    state: InjectState
    due_ms: int | None
    fired_ms: int | None
    came: tuple[Came, ...]

    @property
    def is_met(self) -> bool | None:
        """Whether everybody did in time what is expected; None while that is open."""
        outcomes = {row.outcome for row in self.came}
        if outcomes & {Outcome.LATE, Outcome.MISSED}:
            return False
        return True if outcomes == {Outcome.IN_TIME} else None


def follow(msel: Msel, played: Played, deeds: Sequence[Deed]) -> tuple[Course, ...]:
    """Return each inject of a list that was checked, in its order."""
    found: dict[str, Course] = {}
    for inject in msel.injects:
        chain = [inject]
        while chain[-1].after is not None and chain[-1].after not in found:
            chain.append(msel.by_number[chain[-1].after])
        for one in reversed(chain):
            if one.number not in found:
                before = None if one.after is None else found[one.after]
                found[one.number] = _follow_one(one, before, played, deeds)
    return tuple(found[inject.number] for inject in msel.injects)


def _follow_one(inject: Inject, before: Course | None, played: Played, deeds: Sequence[Deed]) -> Course:
    number, due_ms = inject.number, _find_due(inject, before, played)
    if number in played.fired_ms:
        fired_ms = played.fired_ms[number]
        came = tuple(_find_came(inject, party, fired_ms, played, deeds) for party in inject.by)
        return Course(inject, InjectState.FIRED, due_ms, fired_ms, came)
    if number in played.skipped:
        return Course(inject, InjectState.SKIPPED, None, None, ())
    state = InjectState.WAITING if before is None else _judge_condition(inject, before)
    has_come = before is None or before.state is InjectState.FIRED
    if (
        state is InjectState.WAITING
        and has_come
        and due_ms is not None
        and due_ms <= played.now_ms
        and not played.is_over
    ):
        state = InjectState.DUE
    return Course(inject, state, None if state is InjectState.NOT_NEEDED else due_ms, None, ())


def _find_due(inject: Inject, before: Course | None, played: Played) -> int | None:
    shift_ms = played.shifts_ms.get(inject.number, 0)
    if before is None:
        return max(0, inject.at_ms + shift_ms)
    since_ms = before.due_ms if before.fired_ms is None else before.fired_ms
    return None if since_ms is None else max(since_ms, since_ms + inject.at_ms + shift_ms)


def _judge_condition(inject: Inject, before: Course) -> InjectState:
    if before.state in (InjectState.SKIPPED, InjectState.NOT_NEEDED):
        return InjectState.NOT_NEEDED
    if inject.only_if is Condition.ALWAYS:
        return InjectState.WAITING
    if inject.only_if is Condition.CHOSEN or before.state is not InjectState.FIRED:
        return InjectState.OPEN
    if before.is_met is None:
        return InjectState.OPEN
    return InjectState.WAITING if before.is_met is (inject.only_if is Condition.MET) else InjectState.NOT_NEEDED


def _find_came(inject: Inject, party: Party, fired_ms: int, played: Played, deeds: Sequence[Deed]) -> Came:
    act = inject.act
    assert act is not None, "somebody is expected to act only where there is an act"
    within_ms = parse_offset(inject.within or "0:00")
    own = [deed for deed in deeds if (deed.act, deed.party) == (act.value, party) and deed.time_ms >= fired_ms]
    first = min(own, key=lambda deed: (deed.time_ms, deed.id), default=None)
    if first is not None:
        after_ms = first.time_ms - fired_ms
        return Came(party, Outcome.IN_TIME if after_ms <= within_ms else Outcome.LATE, after_ms, first)
    if played.now_ms > fired_ms + within_ms:
        return Came(party, Outcome.MISSED, None, None)
    return Came(party, Outcome.CUT_SHORT if played.is_over else Outcome.OPEN, None, None)
