"""Requests for information and spillages between nodes: who learns what, and what is owed by when."""

import pytest

from comity.api.inquiries import list_inquiries
from comity.api.pact_view import judge_duties
from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, HOUR_MS, Instant
from comity.base.names import Party
from comity.pact.duty import DutyKind
from comity.procedure.entry import Marking
from comity.procedure.inquiry import (
    AnswerReason,
    GivenInAnswer,
    InformationAnswered,
    InformationRequested,
    InquiryAnswer,
)
from comity.procedure.item import Portion
from comity.procedure.sharing import ConsentGiven
from comity.procedure.spillage import (
    SpillageConcluded,
    SpillageKind,
    SpillageReported,
    SpillageResult,
    SpillageStep,
)
from kit.nodes import Nodes, play
from kit.patience import until
from kit.releasing import open_text

BY = ("watch-officer", ("duty-1",))
SECRET = Marking("JPN", "JPN", "JPN-HI", ("dprk-missile",), ())


def cells(nodes: Nodes, party: Party, *, later_ms: int = 0) -> dict[str, str]:
    """What a party is shown of the only request: each party's answer."""
    (row,) = list_inquiries(nodes[party].machine, Instant(nodes[party].now() + later_ms))
    return {cell["party"]: cell["state"] for cell in row["cells"]}


def test_an_answer_and_its_item_are_the_askers_alone(nodes: Nodes) -> None:
    """Japan gives Korea an item in answer; the United States, asked too, learns nothing of that."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        by_at = Instant(nodes["KOR"].now() + HOUR_MS)
        (asked,) = await nodes.say("KOR", InformationRequested("dprk-missile", "KOR-II", by_at, open_text("KOR")))
        await nodes.reaches(asked, "JPN", "USA")
        assert cells(nodes, "KOR") == {"JPN": "open", "USA": "open"}
        assert cells(nodes, "KOR", later_ms=2 * HOUR_MS) == {"JPN": "overdue", "USA": "overdue"}
        item = await nodes.items("JPN").share(
            [Portion(SECRET, "text/plain", "en", b"apogee")], audience=("JPN", "KOR"), at=nodes["JPN"].now()
        )
        with pytest.raises(UsageError, match=r"release\.withheld.*not-given"):
            await nodes.say("JPN", GivenInAnswer(item, asked))
        await nodes.say("JPN", GivenInAnswer(item, asked), to=("KOR",))
        answered = InformationAnswered(asked, InquiryAnswer.PARTIAL, AnswerReason.SOURCE)
        await nodes.say("JPN", answered, to=("KOR",))
        nothing = InformationAnswered(asked, InquiryAnswer.NOTHING_HELD, AnswerReason.UNSTATED)
        await nodes.say("USA", nothing, to=("KOR",))
        await until(lambda: cells(nodes, "KOR") == {"JPN": "given-in-part", "USA": "nothing-held"})
        (row,) = list_inquiries(nodes["KOR"].machine, nodes["KOR"].now())
        assert [cell["items"] for cell in row["cells"]] == [[item.hex()], []]
        assert cells(nodes, "USA") == {"USA": "nothing-held"}
        assert cells(nodes, "JPN") == {"JPN": "given-in-part"}

    play(nodes, scene)


def owed(nodes: Nodes, party: Party, *, later_ms: int = 0) -> dict[str, tuple[str, bool]]:
    """The duties on spillages, by kind: verdict, and whether it came late."""
    duties = judge_duties(nodes[party].machine, Instant(nodes[party].now() + later_ms))
    kinds = (DutyKind.SPILLAGE_REPORT, DutyKind.SPILLAGE_RESULT)
    return {duty.kind.value: (duty.verdict.value, duty.is_late) for duty in duties if duty.kind in kinds}


def test_a_spillage_is_told_to_the_originator_and_its_result_is_owed(nodes: Nodes) -> None:
    """Late by the pact's clock shows as late; the result is open, overdue, met; nobody else hears of it."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await nodes.items("JPN").share(
            [Portion(SECRET, "text/plain", "en", b"apogee")], audience=("JPN", "KOR"), at=nodes["JPN"].now()
        )
        await until(lambda: bool(nodes["KOR"].shelf.find_givings()))
        noticed_at = Instant(nodes["KOR"].now() - 2 * HOUR_MS)
        told = SpillageReported(item, SpillageKind.POSSIBLE_COMPROMISE, noticed_at, *BY)
        with pytest.raises(UsageError, match=r"release\.withheld.*not-given"):
            await nodes.say("KOR", told)
        (report,) = await nodes.say("KOR", told, to=("JPN",))
        await nodes.reaches(report, "JPN")
        assert owed(nodes, "JPN") == {"spillage-report": ("met", True), "spillage-result": ("open", False)}
        assert owed(nodes, "JPN", later_ms=31 * DAY_MS)["spillage-result"] == ("overdue", False)
        steps = (SpillageStep.KEYS_REPLACED, SpillageStep.PERSONS_INSTRUCTED)
        concluded = SpillageConcluded(item, report, SpillageResult.NO_LOSS, steps, *BY)
        (result,) = await nodes.say("KOR", concluded, to=("JPN",))
        await nodes.reaches(result, "JPN")
        assert owed(nodes, "JPN", later_ms=31 * DAY_MS)["spillage-result"] == ("met", False)
        assert owed(nodes, "USA") == {}
        assert nodes["USA"].machine.statements.find(SpillageReported, SpillageConcluded, ConsentGiven) == ()

    play(nodes, scene)
