"""The lean rehearsal held against the whole one: the same acts come to the same outcomes (R66)."""

import pytest

from comity.base.instants import DAY_MS, Instant
from comity.pact.terms import Words
from comity.procedure.adoption import TextState
from comity.procedure.consultation import ConsultationState, judge_consultation
from comity.procedure.duty import judge_duties_of_call, judge_duties_of_text
from comity.procedure.measure import MeasureState
from comity.procedure.receipt import Links
from comity.procedure.record import Record
from comity.procedure.stated import Stated
from comity.rehearsal import read_profile
from comity.rehearsal.canary import NO_CANARY
from comity.rehearsal.lean.forum import Forum
from comity.rehearsal.lean.weather import Weather
from comity.rehearsal.log import Log
from comity.rehearsal.play import get_play
from comity.rehearsal.run import Run, find_rates
from comity.rehearsal.scenario.luck import Luck
from comity.rehearsal.scenario.model import Act, Delivery, Habit, Identity, Pace, Scenario

STILL = Scenario(
    identity=Identity(format=1, id="still", title=Words(en="Still"), days=1),
    paces=(Pace(act=Act.CALL, median_ms=0),),
    habits=(Habit(),),
    delivery=Delivery(median_ms=50, spread_percent=0),
)


@pytest.fixture(scope="module")
def whole() -> tuple[Run, Record]:
    """The written case, played by whole machines without faults."""
    play = get_play("camp-david")
    rates = find_rates(play, None, NO_CANARY)
    run = Run(play, read_profile("camp-david"), 0, rates=rates, canary=NO_CANARY, log=Log(None))
    for _ in run.steps():
        pass
    return run, run._stage.stations["KOR"].machine.record


def _list_acts(record: Record, forum: Forum) -> list[Stated]:
    """Return what was said to all, in the order of time and of each author's pages."""
    scopes = [scope for kind in ("threat", "consultation", "text", "measure") for scope in record.list_scopes(kind)]
    acts = [row for scope in scopes if scope.audience == forum.parties for row in record.list_statements(scope)]
    return sorted(acts, key=lambda row: (row.written_at, row.author, row.page, row.index))


def test_the_same_acts_come_to_the_same_outcomes(whole: tuple[Run, Record]) -> None:
    """Phases, receipts, duties, adoptions and measures are those of the whole machines, whose acts these are."""
    run, record = whole
    pact = run._stage.cast.pact
    weather = Weather(STILL, from_at=Instant(0), until_at=Instant(DAY_MS), luck=Luck(0, 0))
    forum = Forum(pact, weather)
    acts = _list_acts(record, forum)
    for act in acts:
        forum.state(act.author, act.entry, act.written_at, id_=act.id)
    as_of, links = Instant(acts[-1].written_at + DAY_MS), forum.find_links()
    compared = 0
    for kind in ("consultation", "text", "measure"):
        for scope in record.list_scopes(kind):
            if scope.audience != forum.parties:
                continue
            real, lean = record.get_state(scope), forum.record.get_state(scope)
            compared += 1
            match real, lean:
                case ConsultationState(), ConsultationState():
                    assert judge_consultation(lean, forum.policy, as_of=as_of, links=links) == judge_consultation(
                        real, forum.policy, as_of=as_of, links=_links_of(run)
                    )
                    assert judge_duties_of_call(forum.rules, lean, as_of=as_of, links=links) == judge_duties_of_call(
                        forum.rules, real, as_of=as_of, links=_links_of(run)
                    )
                case TextState(), TextState():
                    assert lean.adoptions == real.adoptions
                    assert [[cell.outcome for cell in held.cells] for held in lean.rounds] == [
                        [cell.outcome for cell in held.cells] for held in real.rounds
                    ]
                    assert judge_duties_of_text(
                        forum.rules, lean, forum.policy, as_of=as_of, links=links
                    ) == judge_duties_of_text(forum.rules, real, forum.policy, as_of=as_of, links=_links_of(run))
                case MeasureState(), MeasureState():
                    assert (lean.status, lean.is_accepted) == (real.status, real.is_accepted)
                case _:
                    pytest.fail(f"{kind} folds to something else")
    assert compared == 5, "one consultation, one text, three measures"


def _links_of(run: Run) -> Links:
    machine = run._stage.stations["KOR"].machine
    return machine.find_links(machine.record.list_scopes("consultation")[0].audience)
