"""The play of an exercise: whether all agreed to it, what its clock shows, which injects were given.

Rules (docs/spec/exercise.md, E14 to E22, E33)
- Control's acts and breakouts form one order, the same on every node: each party's own in its order, and between
  parties what was known goes before what was stated in knowledge of it; where nobody knew, the earlier clock does.
- They are gone through in that order. One that does not fit, since another came before it, changes nothing and is
  shown with the reason: of two contrary acts the first counts.
- A pause or a breakout holds the clock until control goes on in knowledge of it. So nobody's going on undoes what he
  had not heard of.
- Time that passes changes no state. What the clock shows is asked for an instant.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.procedure.entry import Entry
from comity.procedure.exercise import (
    CONTROL,
    BreakoutDeclared,
    Direction,
    ExerciseEnded,
    ExerciseJoined,
    ExerciseJumped,
    ExerciseLeft,
    ExercisePaused,
    ExerciseProposed,
    ExerciseResumed,
    ExerciseStarted,
    InjectFired,
    InjectSkipped,
    InjectsShifted,
    SeatGiven,
    SeatWithdrawn,
)
from comity.procedure.fate import Scene, judge_act
from comity.procedure.observation import list_notes
from comity.procedure.own import by_author, merge, shown_order
from comity.procedure.played import (
    Act,
    ExerciseCell,
    ExerciseState,
    ExerciseStatus,
    Fate,
    Given,
    Seat,
    Span,
)
from comity.procedure.policy import Policy
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated, is_known_to

__all__ = ["Act", "ExerciseCell", "ExerciseState", "ExerciseStatus", "Fate", "Given", "Seat", "Span", "fold_exercise"]


def fold_exercise(scope: Scope, statements: Iterable[Stated], policy: Policy) -> ExerciseState:
    """Fold one exercise. Disputed statements sign nothing and move nothing."""
    del policy
    merged = merge(statements)
    opened = merged.get(Digest(scope.ref))
    if opened is None or not isinstance(opened.entry, ExerciseProposed):
        return ExerciseState(scope, None, ExerciseStatus.AWAITING)
    own = by_author(row for row in merged.values() if row.counts)
    cells = tuple(_fold_cell(opened, party, own.get(party, ())) for party in scope.audience)
    clock = _Clock(opened.entry, scope.audience, opened, own)
    for stated in _order(own):
        clock.take(stated)
    if clock.started is None:
        has_all = all(cell.has_joined for cell in cells)
        status = ExerciseStatus.AGREED if has_all else ExerciseStatus.PROPOSED
    elif clock.is_over:
        status = ExerciseStatus.ENDED
    else:
        status = ExerciseStatus.PAUSED if clock.holds else ExerciseStatus.RUNNING
    return ExerciseState(
        scope,
        opened,
        status,
        cells,
        clock.started,
        tuple(clock.acts),
        tuple(clock.holds),
        tuple(clock.spans),
        clock.fired,
        clock.skipped,
        {number: by_ms for number, by_ms in sorted(clock.shifts_ms.items()) if by_ms},
        list_notes(merged.values()),
        tuple(clock.seats),
    )


def _fold_cell(opened: Stated, party: Party, own: Sequence[Stated]) -> ExerciseCell:
    entry, answer = opened.entry, None
    assert isinstance(entry, ExerciseProposed), "what opens an exercise proposes it"
    for row in own:
        if row.id == opened.id or _is_answer(row.entry, entry):
            answer = row
    has_joined = answer is not None and not isinstance(answer.entry, ExerciseLeft)
    return ExerciseCell(party, answer, has_joined)


def _is_answer(entry: Entry, proposal: ExerciseProposed) -> bool:
    return isinstance(entry, ExerciseLeft) or (isinstance(entry, ExerciseJoined) and entry.list == proposal.list)


def _order(own: Mapping[Party, Sequence[Stated]]) -> Iterator[Stated]:
    """Yield acts and breakouts in the order in which they count (E16)."""
    types: tuple[type[Entry], ...] = (*CONTROL, BreakoutDeclared)
    queues = [rows for said in own.values() if (rows := [row for row in said if isinstance(row.entry, types)])]
    places = [0] * len(queues)
    while True:
        heads = [(queue[place], index) for index, (queue, place) in enumerate(zip(queues, places, strict=True))
                 if place < len(queue)]  # fmt: skip
        if not heads:
            return
        heads.sort(key=lambda head: shown_order(head[0]))
        free = (head for head in heads if not _knows_another(head[0], heads))
        stated, index = next(free, heads[0])
        places[index] += 1
        yield stated


def _knows_another(stated: Stated, heads: Iterable[tuple[Stated, int]]) -> bool:
    return any(other is not stated and is_known_to(other, when_stating=stated) for other, _ in heads)


class _Clock:
    """The play clock while acts are gone through, in their order."""

    def __init__(
        self,
        proposal: ExerciseProposed,
        audience: Sequence[Party],
        opened: Stated,
        own: Mapping[Party, Sequence[Stated]],
    ) -> None:
        self._proposal, self._audience, self._opened, self._own = proposal, audience, opened, own
        self.started: Stated | None = None
        self.is_over = False
        self.acts: list[Act] = []
        self.holds: list[Stated] = []
        self.spans: list[Span] = []
        self.fired: dict[str, Given] = {}
        self.skipped: dict[str, Given] = {}
        self.shifts_ms: dict[str, int] = {}
        self.seats: list[Seat] = []

    def take(self, stated: Stated) -> None:
        """Let one act count, or note why it does not."""
        at, time_ms = self._read(stated)
        fate = judge_act(stated.entry, stated.author, self._make_scene(stated, time_ms))
        if fate is Fate.COUNTS:
            time_ms = self._carry_out(stated, at, time_ms)
        self.acts.append(Act(stated, fate, time_ms))

    def _read(self, stated: Stated) -> tuple[Instant, int]:
        """Return when an act counts as made, never before the last that moved the clock, and what the clock shows."""
        if not self.spans:
            return stated.written_at, 0
        last = self.spans[-1]
        at = max(stated.written_at, last.from_at)
        return at, last.time_ms + (at - last.from_at if last.is_running else 0)

    def _make_scene(self, stated: Stated, time_ms: int) -> Scene:
        """Return the exercise as an act finds it."""
        return Scene(
            self._proposal,
            is_begun=self.started is not None,
            is_over=self.is_over,
            time_ms=time_ms,
            fired=self.fired,
            skipped=self.skipped,
            seats=self.seats,
            has_all=lambda: self._had_all(stated),
            is_held=lambda: bool(self._list_lifted(stated)),
        )

    def _had_all(self, stated: Stated) -> bool:
        for party in self._audience:
            known = [row for row in self._own.get(party, ()) if is_known_to(row, when_stating=stated)]
            if not _fold_cell(self._opened, party, known).has_joined:
                return False
        return True

    def _list_lifted(self, stated: Stated) -> list[Stated]:
        return [hold for hold in self.holds if is_known_to(hold, when_stating=stated)]

    def _carry_out(self, stated: Stated, at: Instant, time_ms: int) -> int:
        """Let it count; return what the clock shows afterwards."""
        match stated.entry:
            case ExerciseStarted():
                self.started = stated
            case ExercisePaused() | BreakoutDeclared():
                self.holds.append(stated)
            case ExerciseResumed():
                lifted = {hold.id for hold in self._list_lifted(stated)}
                self.holds = [hold for hold in self.holds if hold.id not in lifted]
            case ExerciseJumped(to_ms=to_ms):
                time_ms = to_ms
            case ExerciseEnded():
                self.is_over = True
            case InjectFired(number=number):
                self.fired[number] = Given(number, stated, time_ms)
                return time_ms
            case InjectSkipped(number=number):
                self.skipped[number] = Given(number, stated, time_ms)
                return time_ms
            case SeatGiven():
                self.seats.append(Seat(stated))
                return time_ms
            case SeatWithdrawn(seat=seat):
                self.seats = [
                    Seat(one.given, stated) if one.terms.seat == seat and one.withdrawn is None else one
                    for one in self.seats
                ]
                return time_ms
            case InjectsShifted(numbers=numbers, direction=direction, by_ms=by_ms):
                signed_ms = by_ms if direction is Direction.LATER else -by_ms
                self.shifts_ms |= {number: self.shifts_ms.get(number, 0) + signed_ms for number in numbers}
                return time_ms
        self.spans.append(Span(at, time_ms, is_running=not self.holds and not self.is_over))
        return time_ms
