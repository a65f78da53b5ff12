"""Plans: versions accepted by each, activated into a consultation, and what no act of it meets (P76 to P78)."""

import dataclasses

from comity.base.instants import HOUR_MS
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.measure import Instrument, MeasureDeclined, MeasureOffered, MeasureReason
from comity.procedure.national import ActionStage, NationalActionStated
from comity.procedure.plan import (
    Line,
    PlanAccepted,
    PlanActivated,
    PlanDeclined,
    PlanOpened,
    PlanRetired,
    PlanState,
    PlanStatus,
    PlanStoodDown,
    PlanVersionProposed,
    fold_plan,
)
from comity.procedure.plan_gap import find_gaps
from comity.procedure.record import Record
from comity.procedure.scope import Scope
from comity.procedure.stated import Standing, Stated
from comity.procedure.threat import ThreatKind
from kit.measuring import terms
from kit.stating import ALL, POLICY, Room, minute, shuffled, words

PATROL = Line("p1", Instrument.PATROL, ("JPN",), ("strait",), HOUR_MS, HOUR_MS)
SPEECH = Line("s1", Instrument.PUBLIC_STATEMENT, (), (), 0, HOUR_MS)


class Planning:
    """Japan opens a plan; a consultation is called."""

    def __init__(self) -> None:
        self.room = Room()
        self.plan = self.room.say("JPN", PlanOpened("strait", ThreatKind.MARITIME_INCIDENT), minute(0))
        call = ConsultationCalled("C1", Level.WATCH, ThreatKind.MARITIME_INCIDENT, (), ())
        self.call = self.room.say("USA", call, minute(0))

    def put(self, *lines: Line, party: str = "JPN") -> Stated:
        return self.room.say(party, PlanVersionProposed(self.plan.id, lines, words("plan")), minute(1))

    def accept(self, version: Stated, *parties: str, standing: Standing = Standing.GOOD) -> None:
        for party in parties:
            self.room.say(party, PlanAccepted(self.plan.id, version.id), minute(2), standing=standing)

    def activate(self, version: Stated, party: str = "KOR") -> Stated:
        entry = PlanActivated(self.plan.id, version.id, self.call.id, minute(0))
        return self.room.say(party, entry, minute(3))

    def fold(self) -> PlanState:
        scope = Scope("plan", self.plan.id, ALL)
        state = fold_plan(scope, self.room.said, POLICY)
        assert fold_plan(scope, shuffled(self.room.said, 3), POLICY) == state
        return state

    def gaps(self) -> list[str]:
        record = Record(POLICY)
        record.take(shuffled(self.room.said, 8))
        return [gap.line.id for gap in find_gaps(record)]


def test_a_version_is_in_force_once_all_others_accept_it() -> None:
    """By name and in good pages; the one before stays in force until then; only the opener's versions are any."""
    planning = Planning()
    first = planning.put(SPEECH)
    planning.put(PATROL, party="USA")
    planning.accept(first, "KOR")
    planning.accept(first, "USA", standing=Standing.DISPUTED)
    assert (planning.fold().status, len(planning.fold().versions)) == (PlanStatus.DRAFT, 1)
    planning.accept(first, "USA")
    state = planning.fold()
    assert state.status is PlanStatus.IN_FORCE
    second = planning.put(PATROL, SPEECH)
    planning.accept(second, "USA")
    assert planning.fold().status is PlanStatus.IN_REVISION
    assert planning.fold().in_force == state.in_force
    planning.accept(second, "KOR")
    held = planning.fold()
    assert held.in_force is not None
    assert (held.in_force.number, held.in_force.stated, held.status) == (2, second, PlanStatus.IN_FORCE)


def test_who_declines_afterwards_takes_its_acceptance_back() -> None:
    """The last answer counts; the opener's retirement ends it."""
    planning = Planning()
    first = planning.put(SPEECH)
    planning.accept(first, "KOR", "USA")
    planning.room.say("KOR", PlanDeclined(planning.plan.id, first.id, MeasureReason.NOT_ABLE), minute(4))
    assert planning.fold().status is PlanStatus.DRAFT
    planning.room.say("USA", PlanRetired(planning.plan.id), minute(5))
    assert planning.fold().status is PlanStatus.DRAFT
    planning.room.say("JPN", PlanRetired(planning.plan.id), minute(6))
    assert planning.fold().status is PlanStatus.RETIRED


def test_an_activation_stands_while_its_version_is_accepted_and_until_its_author_ends_it() -> None:
    """Nobody else ends it."""
    planning = Planning()
    first = planning.put(SPEECH)
    active = planning.activate(first)
    assert [row.stands for row in planning.fold().activations] == [False]
    planning.accept(first, "KOR", "USA")
    assert [row.stands for row in planning.fold().activations] == [True]
    planning.room.say("USA", PlanStoodDown(planning.plan.id, active.id), minute(4))
    assert [row.stands for row in planning.fold().activations] == [True]
    planning.room.say("KOR", PlanStoodDown(planning.plan.id, active.id), minute(5))
    assert [dataclasses.replace(row).stands for row in planning.fold().activations] == [False]
    assert planning.gaps() == []


def test_what_no_act_of_the_consultation_meets_is_a_gap() -> None:
    """Instrument, party, target, window, and the consultation: each of them has to fit."""
    planning = Planning()
    version = planning.put(PATROL, SPEECH)
    planning.activate(version)
    assert planning.gaps() == []
    planning.accept(version, "KOR", "USA")
    assert planning.gaps() == ["p1", "s1"]
    under = (planning.call.id,)
    fitting = terms(target=("strait",))
    for party, consultation, wrong in (
        ("USA", under, fitting),
        ("JPN", (), fitting),
        ("JPN", under, terms(target=("harbour",))),
        ("JPN", under, terms(target=("strait",), starts_at=minute(120), ends_at=minute(180))),
        ("JPN", under, terms(target=("strait",), instrument=Instrument.EXERCISE)),
    ):
        planning.room.say(party, MeasureOffered(consultation, (), wrong), minute(5))
    assert planning.gaps() == ["p1", "s1"]
    offered = planning.room.say("JPN", MeasureOffered(under, ("USA",), fitting), minute(6))
    assert planning.gaps() == ["s1"]
    planning.room.say("USA", MeasureDeclined(offered.id, offered.id, MeasureReason.NOT_ABLE), minute(7))
    assert planning.gaps() == ["p1", "s1"]
    speech = terms(instrument=Instrument.PUBLIC_STATEMENT, starts_at=minute(-5), ends_at=minute(1))
    planning.room.say("KOR", NationalActionStated(under, ActionStage.DONE, speech), minute(8))
    assert planning.gaps() == ["p1"]
