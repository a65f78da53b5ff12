"""The after-action report over the API: what the record says of an exercise; its list adds the rest (E46)."""

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.exercises import find_state
from comity.api.form import parse_id, read_words
from comity.base.instants import Instant
from comity.exercise.report import HotWashRow, ImprovementRow, Mark, MomentRow, ObservationRow, Report
from comity.exercise.times import TIMED, find_typical, list_taken
from comity.machine.machine import Machine
from comity.procedure.entry import MarkedText
from comity.procedure.exercise import ExerciseStarted, SeatGiven, SeatWithdrawn
from comity.procedure.observation import HotWashNoted, ImprovementProposed, ObservationNoted
from comity.procedure.play import Act, ExerciseState, Fate
from comity.procedure.stated import Stated

__all__ = ["make_exercise_reports", "make_report"]


def make_exercise_reports(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the view."""

    @get(
        "/v1/exercises/{exercise:str}/report",
        summary="The after-action report of an exercise, as far as the record alone says it",
    )
    async def report(exercise: FromPath[str]) -> Report:
        return make_report(desk.node.machine, parse_id(exercise), as_of=desk.node.now())

    return [report]


def make_report(machine: Machine, exercise: bytes, *, as_of: Instant) -> Report:
    """Make the report of an exercise. Once that is over, `as_of` changes nothing.

    Raises:
        UsageError: `record.unknown`.
    """
    state = find_state(machine, exercise)
    proposal, taken = state.proposal, list_taken(state, machine.statements.find(*TIMED))
    assert proposal is not None, "an exercise is listed when its proposal is here"
    started = None if state.started is None else state.started.entry
    observations, hot_wash, improvements = _list_notes(state)
    return Report(
        exercise=state.scope.ref.hex(),
        name=proposal.name,
        list=proposal.list.hex(),
        realm=str(machine.setup.pins.realm),
        audience=state.scope.audience,
        controllers=proposal.controllers,
        status=state.status.value,
        opens_at=started.opens_at if isinstance(started, ExerciseStarted) else 0,
        started_at=state.spans[0].from_at if state.spans else 0,
        ended_at=state.ended_at or 0,
        played_ms=state.find_now(as_of) or 0,
        moments=tuple(map(_lay_out, _list_counted(state))),
        taken=taken,
        typical=find_typical(taken),
        observations=observations,
        hot_wash=hot_wash,
        improvements=improvements,
    )


def _list_counted(state: ExerciseState) -> list[Act]:
    """Return what counted, but for who plays which seat: that is no part of the course."""
    return [
        act
        for act in state.acts
        if act.fate is Fate.COUNTS and not isinstance(act.stated.entry, SeatGiven | SeatWithdrawn)
    ]


def _lay_out(act: Act) -> MomentRow:
    entry = act.stated.entry
    return MomentRow(
        time_ms=act.time_ms,
        at=act.stated.written_at,
        type=type(entry).__name__,
        party=act.stated.author,
        number=getattr(entry, "number", ""),
    )


_Notes = tuple[tuple[ObservationRow, ...], tuple[HotWashRow, ...], tuple[ImprovementRow, ...]]


def _list_notes(state: ExerciseState) -> _Notes:
    observations: list[ObservationRow] = []
    hot_wash: list[HotWashRow] = []
    improvements: list[ImprovementRow] = []
    for note in state.notes:
        entry = note.entry
        if isinstance(entry, ObservationNoted):
            observations.append(_lay_out_observation(note, entry, state.find_time(note.written_at)))
        elif isinstance(entry, HotWashNoted):
            hot_wash.append(
                HotWashRow(
                    id=note.id.hex(),
                    party=note.author,
                    sort=entry.sort.value,
                    text=read_words(entry.observed),
                    marking=_read_mark(entry.observed),
                )
            )
        elif isinstance(entry, ImprovementProposed):
            improvements.append(_lay_out_improvement(note, entry, len(improvements) + 1))
    return tuple(observations), tuple(hot_wash), tuple(improvements)


def _lay_out_observation(note: Stated, entry: ObservationNoted, time_ms: int | None) -> ObservationRow:
    return ObservationRow(
        id=note.id.hex(),
        party=note.author,
        officer=entry.officer,
        about=entry.about.value,
        of=entry.of,
        parties=entry.parties,
        rating=entry.rating.value,
        text=read_words(entry.observed),
        marking=_read_mark(entry.observed),
        time_ms=-1 if time_ms is None else time_ms,
    )


def _lay_out_improvement(note: Stated, entry: ImprovementProposed, number: int) -> ImprovementRow:
    return ImprovementRow(
        number=number,
        id=note.id.hex(),
        party=note.author,
        objective=next(iter(entry.objective), ""),
        rests_on=tuple(id_.hex() for id_ in entry.rests_on),
        finding=read_words(entry.finding),
        remedy=read_words(entry.remedy),
        owner=entry.owner,
        due_at=entry.due_at,
        markings=(_read_mark(entry.finding), _read_mark(entry.remedy)),
    )


def _read_mark(text: MarkedText) -> Mark:
    return Mark(originator=text.marking.originator, level=text.marking.level, caveats=text.marking.caveats)
