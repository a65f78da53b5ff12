"""What control's program does next with a list: which injects it gives, and which texts and messages it still owes.

Rules (docs/spec/exercise.md, E37 to E39)
- Nothing is due while the clock stands. Of several controllers the first by name gives; each further one waits so much
  longer, so that two that reach each other do not both give one.
- Who gave an inject delivers it. What was delivered stands on the record, so a program that starts again goes on.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from comity.base.instants import SECOND_MS
from comity.base.names import Party
from comity.exercise.course import Course, InjectState
from comity.exercise.msel import Inject

__all__ = ["STANDBY_MS", "Control", "Plan", "find_players", "plan_giving"]

STANDBY_MS: Final = 15 * SECOND_MS
"""How much longer each further controller waits before it gives what is due."""


class Control(NamedTuple):
    """One controller as the record has it: itself, all of them, who gave which inject, which it delivered."""

    party: Party
    controllers: Sequence[Party]
    given_by: Mapping[str, Party]
    delivered: Collection[str]


class Plan(NamedTuple):
    """Injects to give now, and those that were given by this controller and are to be delivered, in their order."""

    give: tuple[Inject, ...]
    deliver: tuple[Inject, ...]


def plan_giving(courses: Sequence[Course], now_ms: int, control: Control, *, is_running: bool) -> Plan:
    """Return what is to be done at an exercise time; nothing by who does not control."""
    if control.party not in control.controllers:
        return Plan((), ())
    wait_ms = sorted(control.controllers).index(control.party) * STANDBY_MS
    give = [
        course.inject
        for course in courses
        if is_running and course.state is InjectState.DUE and now_ms >= (course.due_ms or 0) + wait_ms
    ]
    deliver = [
        course.inject
        for course in courses
        if course.state is InjectState.FIRED
        and control.given_by.get(course.inject.number) == control.party
        and course.inject.number not in control.delivered
    ]
    return Plan(tuple(give), tuple(deliver))


def find_players(inject: Inject, parties: Collection[Party]) -> tuple[Party, ...]:
    """Return the parties that an inject is for; cells are role players and have its text already."""
    return tuple(sorted(party for party in inject.to if party in parties))
