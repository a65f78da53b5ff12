"""The change of a watch over the API: a draft of what is open now, and the handovers signed so far.

The draft is made from this party's record at the moment of asking: calls that run, messages that nobody here has
acknowledged, silences that this party has not answered, line tests whose personal answer is overdue, and every clock of
its own that is open. What it names goes into the statement; the clocks are shown with it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.api.form import format_statement, simplify
from comity.api.pact_view import find_policy, judge_duties
from comity.api.views.record import StatementShown
from comity.base.instants import Instant
from comity.base.limits import CITATION_COUNT_MAX
from comity.machine.machine import Machine
from comity.machine.waiting import find_unanswered, find_unended, judge_call
from comity.pact.duty import DutyKind
from comity.procedure.consultation import Phase
from comity.procedure.duty import DutyVerdict
from comity.procedure.shift import ShiftState
from comity.procedure.text_view import TextStatus, find_under_silence, judge_text

__all__ = ["DraftedShift", "ShiftView", "draft_shift", "list_shifts", "make_handover"]

View = dict[str, Any]
_RUNNING = (Phase.CALLED, Phase.CONVENED)


class DraftedShift(msgspec.Struct, frozen=True):
    """What is open as of `drafted_at`: ids in the form of the statement, and this party's own clocks, soonest first.

    `left_out_count`: how many ids more there are than a statement can name; of each kind the latest are named.
    """

    drafted_at: int
    calls: tuple[str, ...]
    messages: tuple[str, ...]
    texts: tuple[str, ...]
    tests: tuple[str, ...]
    clocks: tuple[View, ...]
    left_out_count: int


class ShiftView(msgspec.Struct, frozen=True):
    """One change of watch: who handed over, and who took it."""

    id: str
    handed_over: StatementShown
    relieved: StatementShown | None
    status: str


class WatchView(msgspec.Struct, frozen=True):
    """The draft of the next handover, and those before, the latest first."""

    draft: DraftedShift
    shifts: tuple[ShiftView, ...]


def make_handover(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the view."""

    @get("/v1/shifts", summary="A handover drafted from what is open now, and the handovers signed so far")
    async def shifts() -> WatchView:
        machine = desk.node.machine
        return WatchView(draft_shift(machine, desk.node.now()), tuple(list_shifts(machine)))

    return [shifts]


def list_shifts(machine: Machine) -> Iterator[ShiftView]:
    """Yield the changes of watch of this party, the latest first."""
    states = [machine.record.get_state(scope) for scope in machine.record.list_scopes("shift")]
    shifts = [state for state in states if isinstance(state, ShiftState)]
    handed = [(state.handed_over, state) for state in shifts if state.handed_over is not None]
    for stated, state in sorted(handed, key=lambda row: row[0].order, reverse=True):
        relieved = None if state.relieved is None else format_statement(state.relieved)
        yield ShiftView(stated.id.hex(), format_statement(stated), relieved, state.status.value)


def draft_shift(machine: Machine, now: Instant) -> DraftedShift:
    """Return what is open for this party."""
    open_ = [duty for duty in judge_duties(machine, now, is_running=True) if duty.party == machine.party]
    late_tests: list[bytes] = [
        duty.subject
        for duty in open_
        if duty.kind is DutyKind.LINE_ANSWER_BY_PERSON and duty.verdict is DutyVerdict.OVERDUE
    ]
    found: list[list[bytes]] = [
        list(_find_calls(machine, now)),
        list(_find_messages(machine)),
        list(_find_texts(machine, now)),
        late_tests,
    ]
    kept = [_keep_latest(machine, ids) for ids in found]
    return DraftedShift(
        drafted_at=now,
        calls=kept[0],
        messages=kept[1],
        texts=kept[2],
        tests=kept[3],
        clocks=tuple(map(_simplify, sorted(open_, key=lambda duty: (duty.due_at, duty.kind.value, duty.subject)))),
        left_out_count=sum(map(len, found)) - sum(map(len, kept)),
    )


def _keep_latest(machine: Machine, ids: Iterable[bytes]) -> tuple[str, ...]:
    """Return as many ids as one statement may name, ascending, the latest stated of them."""

    def written_at(id_: bytes) -> int:
        stated = machine.record.find_statement(id_)
        return 0 if stated is None else stated.written_at

    latest = sorted(set(ids), key=lambda id_: (-written_at(id_), id_))[:CITATION_COUNT_MAX]
    return tuple(id_.hex() for id_ in sorted(latest))


def _find_calls(machine: Machine, now: Instant) -> Iterator[bytes]:
    for scope, state in machine.record.read_kept("consultation", find_unended).items():
        if judge_call(machine, state, now).phase in _RUNNING:
            yield scope.ref


def _find_messages(machine: Machine) -> Iterator[bytes]:
    """Messages of others that nobody here has acknowledged."""
    for scope, state in machine.record.read_kept("message", find_unanswered).items():
        if state.sent is None or state.sent.withdrawn_by is not None:
            continue
        if any(cell.party == machine.party and cell.acknowledged is None for cell in state.cells):
            yield scope.ref


def _find_texts(machine: Machine, now: Instant) -> Iterator[bytes]:
    """Texts under silence that this party has neither answered nor let run out."""
    for scope, state in machine.record.read_kept("text", find_under_silence).items():
        view = judge_text(state, find_policy(machine, scope), as_of=now)
        if view.status in (TextStatus.RUNNING, TextStatus.CLOSING) and machine.party in view.missing:
            yield scope.ref


def _simplify(value: object) -> View:
    simple = simplify(value)
    assert isinstance(simple, dict)
    return simple
