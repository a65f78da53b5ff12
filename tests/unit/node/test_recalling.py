"""An item is asked back, by way of a hub as well; everybody answers for its own copy, and nobody for another's."""

import pytest

from comity.base.errors import UsageError
from comity.base.instants import HOUR_MS, Instant
from comity.base.names import Digest, Party
from comity.machine.dissemination import find_copies, find_recalls
from comity.node.destruction import Deciders
from comity.node.recalling import Recalling
from comity.procedure.entry import Marking
from comity.procedure.item import Portion
from comity.procedure.recall import CopiesMade, Fate, ItemDestroyed, Onward, RecallReplied, RecallReported
from comity.procedure.sharing import ConsentGiven, PassedOn, PassOnReported, RecallReason
from kit.nodes import Nodes, play
from kit.patience import until

OFFICER = Deciders("watch-officer", ("duty-1", "duty-2"))
HUB = Marking("JPN", "JPN", "JPN-GOKUHI", ("dprk-missile",), ("ONLY UNDER tisa-2014",))
WHY = RecallReason.COMPROMISED


def recalls(nodes: Nodes, party: Party) -> Recalling:
    """A party's recalls."""
    return Recalling(nodes[party])


def in_an_hour(nodes: Nodes) -> Instant:
    """A deadline."""
    return Instant(nodes["JPN"].now() + HOUR_MS)


def states(nodes: Nodes, party: Party, *, later_ms: int = 0) -> dict[tuple[Party, Party], str]:
    """How a party sees each copy: by giver and holder."""
    copies = find_copies(nodes[party].machine.statements, as_of=Instant(nodes[party].now() + later_ms))
    return {(copy.giver, copy.holder): copy.state.value for copy in copies}


async def pass_by_hub(nodes: Nodes) -> Digest:
    """Japan's item goes to the United States, and from there to the Republic of Korea with Japan's consent."""
    await nodes.be_in_force()
    at = nodes["JPN"].now()
    item = await nodes.items("JPN").share([Portion(HUB, "text/plain", "en", b"apogee")], audience=("JPN", "USA"), at=at)
    await until(lambda: all(nodes["USA"].shelf.find_own(row.entry.blob) for row in nodes["USA"].shelf.find_givings()))  # type: ignore[attr-defined]
    await nodes.items("JPN").consent(item, holder="USA", recipient="KOR", at=at, expires_at=Instant(at + HOUR_MS))
    await until(lambda: bool(nodes["USA"].machine.statements.find(ConsentGiven)))
    await nodes.items("USA").pass_on(item, to="KOR", at=at)
    await until(lambda: bool(nodes["KOR"].machine.statements.find(PassedOn)))
    await until(lambda: bool(nodes["JPN"].machine.statements.find(PassOnReported)))
    return item


def test_a_recall_of_what_was_released_again_goes_on_by_the_hub_and_comes_back_as_a_report(nodes: Nodes) -> None:
    """Each asks those it gave it to; each destroys and certifies; the originator sees every copy, answered or not."""

    async def scene(nodes: Nodes) -> None:
        item = await pass_by_hub(nodes)
        assert states(nodes, "JPN") == {("JPN", "JPN"): "held", ("JPN", "USA"): "held", ("USA", "KOR"): "held"}
        (asked,) = await recalls(nodes, "JPN").ask(item, reason=WHY, answer_by_at=in_an_hour(nodes))
        await nodes.reaches(asked, "USA")
        assert not nodes.knows("KOR", asked), "the page that asks the hub is none of Korea's"
        assert states(nodes, "JPN", later_ms=2 * HOUR_MS)["JPN", "USA"] == "answer-overdue"
        (further,) = await recalls(nodes, "USA").pass_on(asked)
        await nodes.reaches(further, "KOR")
        await recalls(nodes, "KOR").answer(further, Fate.DESTROYED, copies=CopiesMade.NONE, by=OFFICER)
        await until(lambda: states(nodes, "USA")["USA", "KOR"] == "destroyed")
        assert states(nodes, "JPN")["USA", "KOR"] == "held"
        (told,) = await recalls(nodes, "USA").report(asked)
        (reply,) = await recalls(nodes, "USA").answer(asked, Fate.DESTROYED, copies=CopiesMade.NONE, by=OFFICER)
        await nodes.reaches(told, "JPN")
        await nodes.reaches(reply, "JPN")
        assert states(nodes, "JPN") == {
            ("JPN", "JPN"): "held",
            ("JPN", "USA"): "destroyed",
            ("USA", "KOR"): "said-to-be-destroyed",
        }
        answer = next(row.entry for row in nodes["JPN"].machine.statements.find(RecallReplied) if row.id == reply)
        assert isinstance(answer, RecallReplied)
        assert answer.onward is Onward.RECALLED
        # Law 2: what stands between the hub and Korea is neither shown to Japan nor named to it.
        seen = {row.audience for row in nodes["JPN"].machine.statements.find(ItemDestroyed)}
        assert seen == {("JPN", "USA")}
        for party in ("USA", "KOR"):
            with pytest.raises(UsageError, match=r"item\.destroyed\]"):
                nodes.items(party).open(item)

    play(nodes, scene)


def test_keeping_and_declining_are_answers_and_the_last_one_counts(nodes: Nodes) -> None:
    """The copy stays; who thinks better of it destroys it later."""

    async def scene(nodes: Nodes) -> None:
        item = await pass_by_hub(nodes)
        asked = await recalls(nodes, "JPN").ask(item, reason=WHY, answer_by_at=in_an_hour(nodes), to=("KOR",))
        to_korea, to_hub = asked
        await nodes.reaches(to_hub, "USA")
        await nodes.reaches(to_korea, "KOR")
        kept, declined = Fate.KEPT_UNDER_NATIONAL_LAW, Fate.DECLINED
        hub, korea = recalls(nodes, "USA"), recalls(nodes, "KOR")
        await hub.answer(to_hub, kept, copies=CopiesMade.MADE_AND_KEPT, by=OFFICER)
        await korea.answer(to_korea, declined, copies=CopiesMade.UNKNOWN, by=OFFICER)
        await until(lambda: "declined" in states(nodes, "JPN").values())
        await until(lambda: "kept-under-national-law" in states(nodes, "JPN").values())
        (giving,) = nodes["KOR"].shelf.find_givings()
        await until(lambda: nodes["KOR"].shelf.find_own(giving.entry.blob) is not None)  # type: ignore[attr-defined]
        assert nodes.items("KOR").open(item)[0].digest == item
        await korea.answer(to_korea, Fate.DESTROYED, copies=CopiesMade.NONE, by=OFFICER)
        # Asked by the originator itself, Korea certifies to it; the blob's name stays between Korea and the hub.
        await until(lambda: states(nodes, "JPN")["USA", "KOR"] == "destroyed")
        (shown,) = [row.entry for row in nodes["JPN"].machine.statements.find(ItemDestroyed)]
        assert isinstance(shown, ItemDestroyed)
        assert shown.blobs == ()
        await until(lambda: states(nodes, "USA")["USA", "KOR"] == "destroyed")

    play(nodes, scene)


def test_what_asks_nothing_or_answers_nothing_is_refused_with_its_code(nodes: Nodes) -> None:
    """Who did not originate it, who was not asked, who gave it to nobody, an item that is not here."""

    async def scene(nodes: Nodes) -> None:
        item = await pass_by_hub(nodes)
        by_at = in_an_hour(nodes)
        for party in ("USA", "KOR"):
            with pytest.raises(UsageError, match=r"recall\.not-originator"):
                await recalls(nodes, party).ask(item, reason=WHY, answer_by_at=by_at)
        with pytest.raises(UsageError, match=r"item\.not-here"):
            await recalls(nodes, "JPN").ask(Digest(bytes(32)), reason=WHY, answer_by_at=by_at)
        (asked,) = await recalls(nodes, "JPN").ask(item, reason=WHY, answer_by_at=by_at)
        await nodes.reaches(asked, "USA")
        for party, request in (("KOR", asked), ("JPN", asked), ("USA", Digest(bytes(32)))):
            with pytest.raises(UsageError, match=r"recall\.no-request"):
                await recalls(nodes, party).answer(request, Fate.DECLINED, copies=CopiesMade.NONE, by=OFFICER)
        (further,) = await recalls(nodes, "USA").pass_on(asked)
        await nodes.reaches(further, "KOR")
        with pytest.raises(UsageError, match=r"recall\.not-passed-on"):
            await recalls(nodes, "KOR").pass_on(further)
        with pytest.raises(UsageError, match=r"recall\.not-passed-on"):
            await recalls(nodes, "KOR").report(further)

    play(nodes, scene)


def test_a_report_before_any_answer_says_unanswered(nodes: Nodes) -> None:
    """The hub says what it knows, and only of whom it had told the originator."""

    async def scene(nodes: Nodes) -> None:
        item = await pass_by_hub(nodes)
        (asked,) = await recalls(nodes, "JPN").ask(item, reason=WHY, answer_by_at=in_an_hour(nodes))
        await nodes.reaches(asked, "USA")
        await recalls(nodes, "USA").report(asked)
        await until(lambda: bool(nodes["JPN"].machine.statements.find(RecallReported)))
        assert states(nodes, "JPN")["USA", "KOR"] == "asked-back"
        assert states(nodes, "JPN", later_ms=2 * HOUR_MS)["USA", "KOR"] == "answer-overdue"

    play(nodes, scene)


def test_who_destroyed_before_it_was_asked_answers_with_the_certificate_that_stands(nodes: Nodes) -> None:
    """Nothing is destroyed twice, and the answer names what was signed then."""

    async def scene(nodes: Nodes) -> None:
        item = await pass_by_hub(nodes)
        told = await nodes["USA"].custody.destruction.destroy(item, by=OFFICER)
        assert sorted(told) == [("JPN", "USA"), ("KOR", "USA")]
        (asked,) = await recalls(nodes, "JPN").ask(item, reason=WHY, answer_by_at=in_an_hour(nodes))
        await nodes.reaches(asked, "USA")
        (reply,) = await recalls(nodes, "USA").answer(asked, Fate.DESTROYED, copies=CopiesMade.NONE, by=OFFICER)
        await nodes.reaches(reply, "JPN")
        found = find_recalls(nodes["JPN"].machine.statements)
        (row,) = found.rows
        assert (row.certificate, row.onward, found.faults) == (told["JPN", "USA"], Onward.PASSED_ON, ())

    play(nodes, scene)
