"""What a faulty node gives outside any agreement is kept apart, told to its sender, and let out only on a ground."""

import pytest

from comity.base.errors import UsageError
from comity.base.names import Digest, Party
from comity.journal.header import Feed
from comity.machine.input import Ticked
from comity.node.attachments import read_nothing
from comity.node.destruction import Deciders
from comity.node.quarantine import Quarantined
from comity.pact.agreement import AgreementState
from comity.procedure.agreement import AgreementReason, AgreementStateStated
from comity.procedure.entry import MarkedText, Marking, Translation
from comity.procedure.fields import Level as WorkLevel
from comity.procedure.hotline import MessageSent, Precedence
from comity.procedure.item import Portion
from comity.procedure.quarantine import FindingReported, QuarantineReleased
from comity.procedure.recall import ItemDestroyed
from comity.procedure.registry import encode_entry
from comity.procedure.sharing import Basis, ItemShared
from kit.nodes import Nodes, play
from kit.patience import until

OFFICER = Deciders("release-officer", ("duty-1",))
PAIR = ("JPN", "KOR")


async def give_past_the_funnel(nodes: Nodes, level: str, *caveats: str, party: Party = "JPN") -> Digest:
    """As a node with faulty or changed software would: sealed, signed and stated without a basis."""
    node, items = nodes[party], nodes.items(party)
    marking = Marking(party, party, level, ("dprk-missile",), caveats)
    made = items.make([Portion(marking, "text/plain", "en", b"not for you")], at=node.now())
    sealed = await items._seal(made, PAIR, read_nothing)
    node.shelf.keep(sealed.blob_id, sealed.blob, sealed.wraps)
    basis = (Basis("KOR", "jpn-kor-gsomia", "KOR-II"),)
    entry = ItemShared(made.digest, made.markings, sealed.blob_id, len(sealed.blob), sealed.commitment, basis)
    node.machine.pen.queue(Feed.RECORD, PAIR, [encode_entry(entry)], 0)
    node.give(Ticked(node.now(), node.draw_salt()))
    other = next(one for one in PAIR if one != party)
    await until(lambda: bool(nodes[other].shelf.find_givings()) and not nodes[other].shelf.find_wanted())
    return made.digest


def held(nodes: Nodes, party: Party = "KOR") -> tuple[Quarantined, ...]:
    """What a party has in quarantine."""
    return nodes[party].custody.quarantine.list()


def test_what_should_not_have_come_is_not_opened_and_its_sender_is_told(nodes: Nodes) -> None:
    """By the clause, once, without content; nobody else hears of it; and what came rightly is read."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await give_past_the_funnel(nodes, "JPN-KIMITSU")
        with pytest.raises(UsageError, match=r"item\.quarantined.*clause=jpn-kor-gsomia.*reason=above-ceiling"):
            nodes.items("KOR").open(item)
        with pytest.raises(UsageError, match=r"item\.quarantined"):
            await nodes.items("KOR").pass_on(item, to="USA", at=nodes["KOR"].now())
        await until(lambda: bool(nodes["JPN"].machine.statements.find(FindingReported)))
        (told,) = nodes["JPN"].machine.statements.find(FindingReported)
        (row,) = held(nodes)
        assert told.entry == FindingReported(row.giving.id, "jpn-kor-gsomia", "above-ceiling")
        assert (told.author, told.audience, row.reported_by, row.is_judged) == ("KOR", PAIR, told.id, True)
        await nodes.stop("KOR")
        await nodes.start("KOR")
        await until(lambda: held(nodes)[0].reported_by is not None)
        assert len(nodes["JPN"].machine.statements.find(FindingReported)) == 1
        assert nodes["USA"].machine.statements.find(FindingReported) == ()
        assert held(nodes, "JPN") == held(nodes, "USA") == ()

    play(nodes, scene)


def test_a_statement_that_should_not_have_come_stays_in_sight_and_its_sender_is_told(nodes: Nodes) -> None:
    """Once for each, by clause and reason; nothing is in quarantine, and a new start tells nothing again (R60)."""

    def say(level: str) -> None:
        body = MarkedText(Marking("JPN", "JPN", level, ("dprk-missile",), ()), (Translation("en", "not for you"),))
        words = MessageSent("hotline", WorkLevel.WATCH, Precedence.ROUTINE, (), (), body)
        nodes["JPN"].machine.pen.queue(Feed.RECORD, PAIR, [encode_entry(words)], 0)
        nodes["JPN"].give(Ticked(nodes["JPN"].now(), nodes["JPN"].draw_salt()))

    def told() -> list[FindingReported]:
        rows = nodes["JPN"].machine.statements.find(FindingReported)
        return [row.entry for row in rows if isinstance(row.entry, FindingReported) and row.audience == PAIR]

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        say("JPN-OPEN")
        say("JPN-KIMITSU")
        await until(lambda: bool(told()))
        sent = nodes["KOR"].machine.statements.find(MessageSent)
        assert told() == [FindingReported(sent[1].id, "jpn-kor-gsomia", "above-ceiling")]
        assert held(nodes) == ()
        await nodes.stop("KOR")
        await nodes.start("KOR")
        say("JPN-KIMITSU")
        await until(lambda: len(told()) > 1)
        assert len({row.entry for row in told()}) == len(told()) == 2

    play(nodes, scene)


def test_what_cannot_be_read_in_a_marking_is_kept_apart(nodes: Nodes) -> None:
    """Unknown means no: a caveat that no clause explains."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await give_past_the_funnel(nodes, "JPN-HI", "LIMDIS")
        with pytest.raises(UsageError, match=r"item\.quarantined.*reason=caveat-unknown"):
            nodes.items("KOR").open(item)

    play(nodes, scene)


def test_an_officer_lets_it_out_only_where_a_ground_has_come(nodes: Nodes) -> None:
    """Given in a page that knew of a suspension, which its parties then ended: what is now permitted can be read."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()

        async def set_state(state: AgreementState) -> None:
            at = nodes["JPN"].now()
            entry = AgreementStateStated("jpn-kor-gsomia", state, at, AgreementReason.NATIONAL_DECISION, ())
            (id_,) = await nodes.say("JPN", entry)
            await nodes.reaches(id_, "KOR")

        await set_state(AgreementState.SUSPENDED)
        item = await give_past_the_funnel(nodes, "JPN-HI")
        (row,) = held(nodes)
        assert row.reason == "only-by-hub"
        release = nodes["KOR"].custody.quarantine.release
        with pytest.raises(UsageError, match=r"quarantine\.no-ground.*clause=tisa-2014"):
            await release(row.giving.id, by=OFFICER)
        with pytest.raises(UsageError, match=r"quarantine\.none"):
            await release(Digest(bytes(32)), by=OFFICER)
        await set_state(AgreementState.IN_FORCE)
        with pytest.raises(UsageError, match=r"item\.quarantined"):
            nodes.items("KOR").open(item)
        await release(row.giving.id, by=OFFICER)
        assert nodes.items("KOR").open(item)[0].portions[0][1].content == b"not for you"
        await until(lambda: bool(nodes["JPN"].machine.statements.find(QuarantineReleased)))
        with pytest.raises(UsageError, match=r"quarantine\.none"):
            await release(row.giving.id, by=OFFICER)

    play(nodes, scene)


def test_what_is_in_quarantine_can_be_destroyed(nodes: Nodes) -> None:
    """Unread, with a certificate to its sender."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await give_past_the_funnel(nodes, "JPN-KIMITSU")
        await nodes["KOR"].custody.destruction.destroy(item, by=OFFICER)
        await until(lambda: bool(nodes["JPN"].machine.statements.find(ItemDestroyed)))
        with pytest.raises(UsageError, match=r"item\.destroyed\]"):
            nodes.items("KOR").open(item)

    play(nodes, scene)
