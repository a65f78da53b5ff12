"""Two readings of P76 to P78 agree: the fold of plans and their gaps, and the audit that shares no code with them."""

import random

from hypothesis import event, given
from hypothesis import strategies as st

from comity.audit.procedures.measure import ActionState, MeasureState, judge_action, judge_measure
from comity.audit.procedures.plan import find_gaps as find_gaps_again
from comity.audit.procedures.plan import judge_plan
from comity.audit.procedures.scope import group
from comity.audit.procedures.view import view_plan
from comity.base.instants import HOUR_MS
from comity.procedure.call import ConsultationCalled
from comity.procedure.entry import Entry
from comity.procedure.fields import Level
from comity.procedure.measure import Instrument, MeasureDeclined, MeasureOffered, MeasureReason
from comity.procedure.national import ActionStage, NationalActionEnded, NationalActionStated
from comity.procedure.plan import (
    Line,
    PlanAccepted,
    PlanActivated,
    PlanDeclined,
    PlanOpened,
    PlanRetired,
    PlanStoodDown,
    PlanVersionProposed,
)
from comity.procedure.plan_gap import find_gaps
from comity.procedure.receipt import NO_LINKS
from comity.procedure.record import Record
from comity.procedure.stated import Standing
from comity.procedure.threat import ThreatKind
from comity.rehearsal.checks.shown import show_objects
from kit.measuring import terms
from kit.second_folds import say_again
from kit.stating import POLICY, Room, minute, shuffled, words


class Planning:
    """Parties plan, accept, activate and act, mostly in the right order and about the right things."""

    def __init__(self, seed: int) -> None:
        self._draw = draw = random.Random(seed)
        self.room = room = Room(draw.choice((("JPN", "USA"), ("JPN", "KOR", "USA"))))
        room.say("JPN", PlanOpened("p", ThreatKind.OTHER), minute(0))
        room.say("USA", ConsultationCalled("C1", Level.WATCH, ThreatKind.OTHER, (), ()), minute(0))
        room.say("JPN", self._make_version(), minute(1))
        for at in range(draw.randint(4, 40)):
            standing = draw.choice([Standing.GOOD] * 12 + [Standing.DISPUTED])
            room.say(draw.choice(room.audience), self._make(), minute(at), standing=standing)

    def _pick(self, *types: type[Entry]) -> bytes:
        rows = [row.id for row in self.room.said if isinstance(row.entry, types)]
        return self._draw.choice(rows) if rows and self._draw.random() < 0.97 else b"\x09" * 32

    def _make_version(self) -> Entry:
        draw = self._draw
        lines = tuple(
            Line(
                name,
                draw.choice((Instrument.PATROL, Instrument.SANCTIONS)),
                draw.choice(((), (), ("JPN",))),
                draw.choice(((), (), ("strait",))),
                draw.choice((0, HOUR_MS - 1, HOUR_MS, 2 * HOUR_MS)),
                draw.choice((1, HOUR_MS, HOUR_MS + 1)),
            )
            for name in ("a", "b", "c")[: draw.randint(1, 3)]
        )
        return PlanVersionProposed(self._pick(PlanOpened), lines, words("plan"))

    def _make(self) -> Entry:
        draw = self._draw
        plan, version = self._pick(PlanOpened), self._pick(PlanVersionProposed)
        call, measure = self._pick(ConsultationCalled), self._pick(MeasureOffered)
        acting = terms(
            target=draw.choice(((), ("strait",))), instrument=draw.choice((Instrument.PATROL, Instrument.SANCTIONS))
        )
        under = draw.choice(((call,), (call,), ()))
        kinds: tuple[tuple[float, Entry], ...] = (
            (1, self._make_version()),
            (9, PlanAccepted(plan, version)),
            (1, PlanDeclined(plan, version, MeasureReason.NOT_ABLE)),
            (4, PlanActivated(plan, version, call, draw.choice((minute(0), minute(60))))),
            (0.5, PlanStoodDown(plan, self._pick(PlanActivated))),
            (0.2, PlanRetired(plan)),
            (2, MeasureOffered(under, draw.choice(((), ("JPN",))), acting)),
            (1, MeasureDeclined(measure, measure, MeasureReason.NOT_ABLE)),
            (2, NationalActionStated(under, ActionStage.DONE, acting)),
            (1, NationalActionEnded(self._pick(NationalActionStated))),
        )
        return draw.choices([entry for _, entry in kinds], [weight for weight, _ in kinds])[0]


@given(st.integers(0, 2**32))
def test_both_read_plans_and_gaps_alike(seed: int) -> None:
    """Which version is in force, who answered it, which activation stands, and what no act meets."""
    played = Planning(seed)
    record = Record(POLICY)
    record.take(shuffled(played.room.said, seed))
    scopes = group(say_again(played.room.said))
    plans = [judge_plan(scope, rows) for scope, rows in scopes.items() if scope.kind == "plan"]
    acts: list[MeasureState | ActionState] = [
        judge_measure(scope, rows) if scope.kind == "measure" else judge_action(scope, rows)
        for scope, rows in scopes.items()
        if scope.kind in ("measure", "national")
    ]
    shown = show_objects(record, POLICY, lambda _: NO_LINKS, as_of=minute(100))
    assert {view_plan(plan).scope: view_plan(plan) for plan in plans} == {
        scope: view for scope, view in shown.items() if scope.kind == "plan"
    }
    ours = [(bytes(gap.activation), gap.line.id) for gap in find_gaps(record)]
    assert sorted(ours) == sorted(tuple(gap) for gap in find_gaps_again(plans, acts))
    for plan in plans:
        event(plan.shown)
    event("gaps" if ours else "none")
