"""Exercises over the API: who agreed, the play clock, injects given by number, what became of each act of control."""

from typing import Annotated, Final

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.form import format_statement, parse_id
from comity.api.views.basic import one_of
from comity.api.views.record import StatementShown
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.machine.exercises import OF_PLAY, find_exercise, list_exercises
from comity.machine.machine import Machine
from comity.procedure.act import ACTS
from comity.procedure.exercise import ExerciseStarted, SeatColour
from comity.procedure.play import ExerciseState, ExerciseStatus, Fate, Given, Seat

__all__ = [
    "DeedView", "ExerciseView", "NoteView", "find_state", "list_deeds", "list_notes", "make_exercises",
    "show_exercises",
]  # fmt: skip


class TakerView(msgspec.Struct, frozen=True):
    """Whether one party takes part, by its own last word."""

    party: str
    has_joined: bool
    stated: StatementShown | None


class ActView(msgspec.Struct, frozen=True):
    """One act of control or breakout, in the order in which they count (E16); `time_ms` is the exercise time then."""

    stated: StatementShown
    fate: Annotated[str, one_of(Fate)]
    time_ms: int


class GivenView(msgspec.Struct, frozen=True):
    """An inject that was given, or taken out: by which act, at which exercise time."""

    number: str
    stated_by: str
    time_ms: int


class ShiftView(msgspec.Struct, frozen=True):
    """By how much an inject is shifted; less than 0 is earlier."""

    number: str
    by_ms: int


class SeatView(msgspec.Struct, frozen=True):
    """A role-player's seat: the cell of the list that it plays, by which public key; whether it was withdrawn."""

    seat: str
    colour: Annotated[str, one_of(SeatColour)]
    key: str
    given: StatementShown
    is_withdrawn: bool


class ExerciseView(msgspec.Struct, frozen=True):
    """One exercise now. `time_ms` is exercise time, -1 before the start; `opens_at` what its own calendar began at."""

    id: str
    opened: StatementShown
    name: str
    list: str
    controllers: tuple[str, ...]
    role: str
    audience: tuple[str, ...]
    status: Annotated[str, one_of(ExerciseStatus)]
    cells: tuple[TakerView, ...]
    as_of: int
    time_ms: int
    opens_at: int
    holds: tuple[StatementShown, ...]
    fired: tuple[GivenView, ...]
    skipped: tuple[GivenView, ...]
    shifts: tuple[ShiftView, ...]
    acts: tuple[ActView, ...]
    seats: tuple[SeatView, ...]


class DeedView(msgspec.Struct, frozen=True):
    """What a party did while an exercise was played: the act of its office, at which exercise time."""

    id: str
    act: str
    party: str
    type: str
    at: int
    time_ms: int


class NoteView(msgspec.Struct, frozen=True):
    """What was noted of the play, and the exercise time then; -1 before the start. After the end the clock stands."""

    id: str
    stated: StatementShown
    time_ms: int


_DEEDS: Final = tuple(type_ for type_ in ACTS if type_ not in OF_PLAY)
"""What is a deed: whatever offices state but for the play itself (E24)."""


def make_exercises(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the views."""

    @get("/v1/exercises", summary="Exercises: who agreed, the play clock, injects given, each act of control")
    async def exercises() -> list[ExerciseView]:
        return show_exercises(desk.node.machine, as_of=desk.node.now())

    @get(
        "/v1/exercises/{exercise:str}/deeds", summary="What parties did while an exercise was played, by exercise time"
    )
    async def deeds(exercise: FromPath[str]) -> list[DeedView]:
        return list_deeds(desk.node.machine, parse_id(exercise))

    @get(
        "/v1/exercises/{exercise:str}/notes",
        summary="What was noted of an exercise: observations, hot wash, improvements proposed",
    )
    async def notes(exercise: FromPath[str]) -> list[NoteView]:
        return list_notes(desk.node.machine, parse_id(exercise))

    return [exercises, deeds, notes]


def show_exercises(machine: Machine, *, as_of: Instant) -> list[ExerciseView]:
    """Return every exercise whose proposal is here."""
    return [_show(state, as_of) for state in list_exercises(machine)]


def _show(state: ExerciseState, as_of: Instant) -> ExerciseView:
    proposal = state.proposal
    assert proposal is not None, "an exercise is listed when its proposal is here"
    assert state.opened is not None, "as above"
    started = None if state.started is None else state.started.entry
    time_ms = state.find_now(as_of)
    return ExerciseView(
        id=state.scope.ref.hex(),
        opened=format_statement(state.opened),
        name=proposal.name,
        list=proposal.list.hex(),
        controllers=proposal.controllers,
        role=proposal.role,
        audience=state.scope.audience,
        status=state.status.value,
        cells=tuple(
            TakerView(cell.party, cell.has_joined, None if cell.answer is None else format_statement(cell.answer))
            for cell in state.cells
        ),
        as_of=as_of,
        time_ms=-1 if time_ms is None else time_ms,
        opens_at=started.opens_at if isinstance(started, ExerciseStarted) else 0,
        holds=tuple(map(format_statement, state.holds)),
        fired=tuple(map(_show_given, state.fired.values())),
        skipped=tuple(map(_show_given, state.skipped.values())),
        shifts=tuple(ShiftView(number, by_ms) for number, by_ms in state.shifts_ms.items()),
        acts=tuple(ActView(format_statement(act.stated), act.fate.value, act.time_ms) for act in state.acts),
        seats=tuple(map(_show_seat, state.seats)),
    )


def _show_seat(seat: Seat) -> SeatView:
    terms = seat.terms
    return SeatView(
        terms.seat, terms.colour.value, terms.key.hex(), format_statement(seat.given), seat.withdrawn is not None
    )


def _show_given(given: Given) -> GivenView:
    return GivenView(given.number, given.stated.id.hex(), given.time_ms)


def find_state(machine: Machine, exercise: bytes) -> ExerciseState:
    """Return an exercise.

    Raises:
        UsageError: `record.unknown`.
    """
    state = find_exercise(machine, exercise)
    if state is None:
        raise UsageError("record.unknown", kind="exercise")
    return state


def list_notes(machine: Machine, exercise: bytes) -> list[NoteView]:
    """Return observations, notes of the hot wash and improvements proposed, as they read now (E44).

    Raises:
        UsageError: `record.unknown`.
    """
    state = find_state(machine, exercise)
    times = ((note, state.find_time(note.written_at)) for note in state.notes)
    return [NoteView(note.id.hex(), format_statement(note), -1 if time is None else time) for note, time in times]


def list_deeds(machine: Machine, exercise: bytes) -> list[DeedView]:
    """Return what was stated while an exercise was played, by the acts of offices; its own statements are none (E24).

    What not every party of the exercise has is none: each party then comes to the same, and no bilateral word is named.

    Raises:
        UsageError: `record.unknown`.
    """
    state = find_state(machine, exercise)
    found = []
    for stated in machine.statements.find(*_DEEDS):
        time_ms = state.find_played(stated.written_at)
        is_seen = set(state.scope.audience) <= set(stated.audience)
        if time_ms is not None and stated.counts and is_seen:
            name = type(stated.entry).__name__
            act = ACTS[type(stated.entry)].value
            found.append(DeedView(stated.id.hex(), act, stated.author, name, stated.written_at, time_ms))
    return sorted(found, key=lambda row: (row.time_ms, row.id))
