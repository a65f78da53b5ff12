"""The acts of exercises: propose, sign, leave, control the clock, give and take out injects, NO DUFF (E29, E30).

Rules
- What would have no effect now is refused before it is shown for signing, with the reason: a statement that changes
  nothing would stay on the record for ever.
- Whoever proposes or signs a list has it here, and it is kept as it was then.
- Control acts in the role that was agreed. Whoever holds another one is told so.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.api.form import parse_form
from comity.api.terms import say_term
from comity.base.errors import UsageError
from comity.console.acts import Acts, Propose
from comity.console.exercises import CONTROL_ROLE, Exercise, find_exercise, may_write
from comity.console.fields import Fields
from comity.console.forms import list_terms, read_boxes, read_one_of
from comity.console.lists import Lists
from comity.console.moments import read_moment
from comity.console.signing import Proposal, find_name, propose
from comity.console.spans import parse_span
from comity.console.visit import Visit
from comity.exercise.msel import Inject
from comity.exercise.offset import OFFSET_PATTERN, parse_offset
from comity.exercise.write_msel import digest_msel
from comity.machine.exercises import foresee_fate
from comity.pact.offices import Act
from comity.procedure.entry import Entry
from comity.procedure.exercise import Direction
from comity.procedure.measure import MeasureReason
from comity.procedure.play import Fate

__all__ = ["EXERCISES_PATH", "make_exercise_acts"]

EXERCISES_PATH: Final = "/exercises"
_NUMBERS: Final = re.compile(r"[\s,]+")
NUMBER_COUNT_MAX: Final = 64

Read = Callable[[Exercise, Fields], Mapping[str, object]]


def make_exercise_acts(acts: Acts, desk: Desk, lists: Lists) -> list[HTTPRouteHandler]:
    """Return the routes."""
    of = _Acts(desk, lists)
    routes = acts.make(f"{EXERCISES_PATH}/propose", of.propose)
    for name, act in {"join": of.join, "leave": of.leave, "breakout": of.break_out}.items():
        routes += acts.make(f"{EXERCISES_PATH}/{{id:str}}/{name}", act)
    for name, (type_, read) in _CONTROL.items():
        path = f"{EXERCISES_PATH}/{{id:str}}/{name}"
        routes += acts.make(path, of.make(type_, read), speaks_as=Act.CONVENE, want_roles=of.find_roles)
    return routes


class _Acts:
    def __init__(self, desk: Desk, lists: Lists) -> None:
        self._desk = desk
        self._lists = lists

    def find_roles(self, fields: Fields) -> frozenset[str]:
        """Return the role in which an exercise is controlled."""
        scope = self._desk.get_object(fields.place["id"], "exercise")
        proposal = getattr(self._desk.node.machine.record.get_state(scope), "proposal", None)
        return frozenset() if proposal is None else frozenset({proposal.role})

    def _find(self, visit: Visit, fields: Fields) -> Exercise:
        return find_exercise(self._desk, visit, self._lists, fields.place["id"])

    def propose(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose an exercise by a list that is ready here."""
        del role
        if not may_write(self._desk, visit):
            raise UsageError("msel.for-control")
        machine = self._desk.node.machine
        msel = self._lists.get(fields.get("list"))
        parties = tuple((party, "") for party in machine.parties)
        controllers = read_boxes(fields, "controllers", parties) or [machine.party]
        form = {"type": "ExerciseProposed", "name": fields.find("name") or msel.id, "list": digest_msel(msel).hex(),
                "controllers": controllers, "role": fields.find("as_role") or CONTROL_ROLE}  # fmt: skip
        self._lists.keep(msel)
        return propose(self._desk, form, opens=f"{EXERCISES_PATH}/{{id}}")

    def join(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose to take part by the list that is here."""
        del role
        exercise = self._find(visit, fields)
        if exercise.msel is None:
            raise UsageError("exercise.no-list")
        self._lists.keep(exercise.msel)
        return self._say(exercise, {"type": "ExerciseJoined", "list": exercise.proposal.list.hex()})

    def leave(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose not to take part, or no longer."""
        del role
        reason = read_one_of(fields, "reason", list_terms(MeasureReason))
        return self._say(self._find(visit, fields), {"type": "ExerciseLeft", "reason": reason})

    def break_out(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose NO DUFF: without a word of what is real."""
        del role
        exercise = self._find(visit, fields)
        self._check(exercise, parse_form({"type": "BreakoutDeclared", "exercise": exercise.id}))
        return self._say(exercise, {"type": "BreakoutDeclared"})

    def make(self, type_: str, read: Read | None) -> Propose:
        """Return what proposes one act of control; `read` gives its own fields."""

        def control(visit: Visit, fields: Fields, role: str) -> Proposal:
            exercise = self._find(visit, fields)
            if not exercise.is_control:
                raise UsageError("msel.for-control")
            officer = {"role": role if visit.officer else exercise.proposal.role,
                       "officer": find_name(visit, self._desk.node.machine.party)}  # fmt: skip
            own = {} if read is None else read(exercise, fields)
            form = {"type": type_, "exercise": exercise.id, **own, **officer}
            self._check(exercise, parse_form(form))
            injects = _find_injects(exercise, own)
            more = {"template": "exercise_given.html", "shown": {"injects": injects}} if injects else {}
            return propose(self._desk, form, to=exercise.state.scope.audience, **more)

        return control

    def _say(self, exercise: Exercise, form: Mapping[str, object]) -> Proposal:
        return propose(self._desk, {**form, "exercise": exercise.id}, to=exercise.state.scope.audience)

    def _check(self, exercise: Exercise, entry: Entry) -> None:
        """Refuse what would change nothing now.

        Raises:
            UsageError: `exercise.without-effect`.
        """
        machine = self._desk.node.machine
        fate = foresee_fate(exercise.state, entry, author=machine.party, as_of=exercise.as_of)
        if fate is not Fate.COUNTS:
            raise UsageError("exercise.without-effect", reason=say_term(fate))


def _find_injects(exercise: Exercise, own: Mapping[str, object]) -> list[Inject]:
    """Return the injects that an act is about, of a list that who acts may read."""
    numbers = own.get("numbers") or [own.get("number")]
    assert isinstance(numbers, list), "as they were read"
    return [line.course.inject for line in exercise.lines if line.course.inject.number in numbers]


def _read_start(exercise: Exercise, fields: Fields) -> Mapping[str, object]:
    return {"list": exercise.proposal.list.hex(), "opens_at": read_moment(fields, "opens", now=exercise.as_of)}


def _read_jump(_: Exercise, fields: Fields) -> Mapping[str, object]:
    return {"to_ms": read_offset(fields, "to")}


def read_offset(fields: Fields, name: str) -> int:
    """Return an exercise time that was typed, in milliseconds.

    Raises:
        UsageError: `console.field-missing`, `console.field-malformed`.
    """
    typed = fields.get(name)
    if re.fullmatch(OFFSET_PATTERN, typed, re.ASCII) is None:
        raise UsageError("console.field-malformed", field=name)
    return parse_offset(typed)


def _read_shift(exercise: Exercise, fields: Fields) -> Mapping[str, object]:
    numbers = sorted({one for one in _NUMBERS.split(fields.get("numbers")) if one})
    if len(numbers) > NUMBER_COUNT_MAX or not all(_is_known(exercise, number) for number in numbers):
        raise UsageError("console.field-malformed", field="numbers")
    by_ms = parse_span(fields.get("by"), field="by")
    if not by_ms:
        raise UsageError("console.field-malformed", field="by")
    direction = read_one_of(fields, "direction", list_terms(Direction))
    return {"numbers": numbers, "direction": direction, "by_ms": by_ms}


def _read_number(exercise: Exercise, fields: Fields) -> Mapping[str, object]:
    number = fields.get("number")
    if not _is_known(exercise, number):
        raise UsageError("console.field-malformed", field="number")
    return {"number": number}


def _is_known(exercise: Exercise, number: str) -> bool:
    return exercise.msel is not None and number in exercise.msel.by_number


_CONTROL: Final[Mapping[str, tuple[str, Read | None]]] = {
    "start": ("ExerciseStarted", _read_start),
    "pause": ("ExercisePaused", None),
    "resume": ("ExerciseResumed", None),
    "end": ("ExerciseEnded", None),
    "jump": ("ExerciseJumped", _read_jump),
    "shift": ("InjectsShifted", _read_shift),
    "fire": ("InjectFired", _read_number),
    "skip": ("InjectSkipped", _read_number),
}
"""By name in the path: what it states, and what it reads besides."""
