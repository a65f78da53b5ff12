"""What the rules ask for, drafted or said by a node, once (docs/spec/warning.md, W17 to W19)."""

import asyncio
from functools import partial

import pytest

from comity.api.detected_words import compose_report
from comity.base.instants import Instant
from comity.base.names import Party
from comity.node.ending import end_tasks
from comity.node.feed.frames import Detected
from comity.node.feed.reporting import DraftKeeper
from comity.pact.area import TrackEvent
from comity.procedure.correction import CorrectionReason, EntryWithdrawn
from comity.procedure.detected import (
    DiscardReason,
    DraftDiscarded,
    Evidence,
    Spot,
    ThreatDetected,
    ThreatDrafted,
    spot,
)
from comity.procedure.fields import Precedence
from comity.procedure.threat import Credibility, Reliability, SourceKind, ThreatKind, ThreatSource
from kit.nodes import PARTIES, Nodes, play
from kit.patience import until

IMPACT, LAUNCH = "policy.rule.impact-japan", "policy.rule.launch"
AREAS = {IMPACT: "policy.area.japan", LAUNCH: "policy.area.peninsula-north"}
EVENTS = {IMPACT: TrackEvent.IMPACT_IN, LAUNCH: TrackEvent.LAUNCH_IN}
TURN_COUNT = 24
AT = Instant(1_795_000_000_000)


def _spot(longitude: int = 1_396_900_000) -> Spot:
    return spot(AT, latitude=356_900_000, longitude=longitude, semi_major_dm=100_000, semi_minor_dm=50_000, bearing=0)


def _row(rule: str, *tracks: str, percent: int = 90, at: int = AT) -> ThreatDrafted:
    evidence = Evidence(
        rule, "policy.track.ballistic", AREAS[rule], EVENTS[rule], Precedence.FLASH, percent, tracks, at, _spot(),
        (_spot(),), (_spot(),), bytes(32),
    )  # fmt: skip
    source = ThreatSource(SourceKind.OWN_SENSOR, Reliability.F, Credibility.NOT_JUDGED)
    return ThreatDrafted(ThreatKind.MISSILE_LAUNCH, AT, ("JPN",), (source,), PARTIES, evidence)


def _keep(nodes: Nodes, party: Party) -> DraftKeeper:
    return DraftKeeper(nodes[party], compose=compose_report)


def _count(nodes: Nodes, party: Party, *types: type) -> int:
    return len(nodes[party].machine.statements.find(*types))


def _has(nodes: Nodes, type_: type, count: int) -> bool:
    return _count(nodes, "JPN", type_) == count


def test_a_node_says_a_report_at_once_and_never_twice(nodes: Nodes) -> None:
    """To those who may read it, with its evidence; again asked, restarted, and by another process it says no more."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        row = _row(IMPACT, "JPN-0042")
        keeper = _keep(nodes, "JPN")
        await keeper.take(Detected(AT, (row,)))
        (report,) = keeper.read().reports
        assert (report.stated.audience, report.evidence) == (PARTIES, row.evidence)
        entry = report.stated.entry
        assert isinstance(entry, ThreatDetected)
        assert (entry.narrative.marking.originator, len(entry.narrative.translations)) == ("JPN", 3)
        assert IMPACT in entry.narrative.translations[0].text
        await nodes.reaches(report.stated.id, "KOR", "USA")
        await keeper.take(Detected(AT, (row,)))
        await _keep(nodes, "JPN").take(Detected(AT, (row,)))
        await nodes.stop("JPN")
        await nodes.start("JPN")
        again = _keep(nodes, "JPN")
        assert again.list_known() == ((IMPACT, "JPN-0042"),)
        await again.take(Detected(AT, (row,)))
        assert _count(nodes, "JPN", ThreatDetected) == 1
        assert _count(nodes, "JPN", ThreatDrafted) == 0

    play(nodes, scene)


def test_wherever_a_node_is_cut_off_it_drafts_and_reports_once(nodes: Nodes) -> None:
    """Each turn of the loop is a place to be cut off at; who begins anew leaves nothing out and says nothing twice."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        cut_count = 0
        for turns in range(TURN_COUNT):
            rows = tuple(_row(rule, f"JPN-{turns + 1:04}") for rule in (IMPACT, LAUNCH))
            taking = asyncio.create_task(_keep(nodes, "JPN").take(Detected(AT, rows)))
            for _ in range(turns):
                await asyncio.sleep(0)
            cut_count += not taking.done()
            again = asyncio.create_task(_keep(nodes, "JPN").take(Detected(AT, rows)))
            await asyncio.gather(end_tasks(taking), again)
            await until(partial(_has, nodes, ThreatDetected, turns + 1))
            await until(partial(_has, nodes, ThreatDrafted, turns + 1))
        assert 0 < cut_count < TURN_COUNT, "from before it began to after it was done"

    play(nodes, scene)


def test_what_a_node_said_it_keeps_up_to_date_and_what_an_officer_took_back_it_leaves(nodes: Nodes) -> None:
    """One correction where it has moved, none too soon; nothing of what was withdrawn, and not said anew."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        keeper = _keep(nodes, "JPN")
        await keeper.take(Detected(AT, (_row(IMPACT, "JPN-0042"),)))
        await keeper.take(Detected(AT + 5_000, (_row(IMPACT, "JPN-0042", percent=0, at=AT + 5_000),)))
        assert keeper.read().reports[0].evidence.percent == 90
        await keeper.take(Detected(AT + 20_000, (_row(IMPACT, "JPN-0042", percent=0, at=AT + 20_000),)))
        (report,) = keeper.read().reports
        assert (report.evidence.percent, report.update_count) == (0, 1)
        await nodes.say("JPN", EntryWithdrawn(report.stated.id, CorrectionReason.MISTAKE))
        await keeper.take(Detected(AT + 60_000, (_row(IMPACT, "JPN-0042", at=AT + 60_000),)))
        assert (_count(nodes, "JPN", ThreatDetected), keeper.read().reports[0].update_count) == (1, 2)

    play(nodes, scene)


def test_what_another_party_said_is_offered_and_not_said_again(nodes: Nodes) -> None:
    """Whoever comes later in the order waits; and drafts, with the other's report beside it."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        japan, korea = _keep(nodes, "JPN"), _keep(nodes, "KOR")
        both = _row(IMPACT, "JPN-0042", "KOR-0007")
        await korea.take(Detected(AT, (_row(IMPACT, "KOR-0007"), both)))
        assert _count(nodes, "KOR", ThreatDetected, ThreatDrafted) == 0, "the other speaks first"
        await japan.take(Detected(AT, (_row(IMPACT, "JPN-0042"), both)))
        (said,) = japan.read().reports
        await nodes.reaches(said.stated.id, "KOR")
        await korea.take(Detected(AT, (_row(IMPACT, "KOR-0007"), both)))
        nodes.ahead_ms = 10_000
        await korea.take(Detected(AT, (_row(IMPACT, "KOR-0007"), both)))
        (report,) = korea.read().reports
        (draft,) = korea.read().drafts
        assert (report.stated.author, draft.is_open, draft.offered) == ("JPN", True, (report,))

    play(nodes, scene)


def test_a_draft_waits_for_an_officer_is_drafted_anew_and_discarded(nodes: Nodes) -> None:
    """It goes to nobody; what was discarded is not drafted again, whatever its tracks are called since."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        keeper = _keep(nodes, "USA")
        await keeper.take(Detected(AT, (_row(LAUNCH, "USA-0001"),)))
        await keeper.take(Detected(AT, (_row(LAUNCH, "USA-0001"),)))
        (draft,) = keeper.read().drafts
        assert (draft.is_open, draft.count, draft.stated.audience) == (True, 1, ("USA",))
        later = _row(LAUNCH, "KOR-0007", "USA-0001", percent=60, at=AT + 20_000)
        await keeper.take(Detected(AT + 20_000, (later,)))
        (draft,) = keeper.read().drafts
        assert (draft.count, draft.entry.evidence.tracks) == (2, ("KOR-0007", "USA-0001"))
        words = DraftDiscarded(draft.stated.id, DiscardReason.FALSE_ALARM, "a balloon", nodes["USA"].now())
        await nodes["USA"].say(("USA",), (words,))
        await keeper.take(Detected(AT + 90_000, (_row(LAUNCH, "KOR-0007", at=AT + 90_000),)))
        (draft,) = keeper.read().drafts
        assert (draft.is_open, draft.count) == (False, 2)

    play(nodes, scene)


def test_drafts_said_to_anybody_else_count_for_nothing(nodes: Nodes) -> None:
    """No clause lets them leave."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        with pytest.raises(Exception, match=r"release\."):
            await nodes.say("USA", _row(LAUNCH, "USA-0001"))
        await until(lambda: _count(nodes, "USA", ThreatDrafted) == 0)

    play(nodes, scene)
