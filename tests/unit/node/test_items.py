"""Items between nodes: given as far as a clause permits, opened and verified, passed on only with detached consent."""

import pytest
from msgspec import structs

from comity.base.errors import OutageError, RemoteError, UsageError
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.node.blob_answer import join_blob
from comity.node.pages import encode_page_request
from comity.node.stream import Reader
from comity.procedure.entry import Marking
from comity.procedure.expiry import EXPIRED
from comity.procedure.item import Portion
from comity.procedure.sharing import ConsentGiven, Giving, ItemGiven, ItemShared, PassOnReported
from comity.procedure.verdict import Permit
from kit.nodes import REALM, Nodes, play
from kit.patience import until

DIRECT = "JPN-HI"
HUB = "JPN-GOKUHI"
TISA = ("ONLY UNDER tisa-2014",)
CANARY = b"Estimated apogee over 6,000 km."


def portion(level: str = DIRECT, *caveats: str, text: bytes = CANARY) -> Portion:
    """One portion of Japan's, on the missile."""
    return Portion(Marking("JPN", "JPN", level, ("dprk-missile",), caveats), "text/plain", "en", text)


async def _share(nodes: Nodes, *to: Party, given: Portion) -> Digest:
    audience = tuple(sorted({"JPN", *to}))
    digest = await nodes.items("JPN").share([given], audience=audience, at=nodes["JPN"].now())
    for party in to:
        await until(lambda party=party: _is_here(nodes, party, digest))  # type: ignore[misc]
    return digest


def _is_here(nodes: Nodes, party: Party, item: bytes) -> bool:
    givings = nodes[party].shelf.find_givings()
    return any(
        isinstance(row.entry, Giving)
        and row.entry.item == item
        and nodes[party].shelf.find_own(row.entry.blob) is not None
        for row in givings
    )


def _find_blob(nodes: Nodes, party: Party, item: bytes) -> Digest:
    rows = [row.entry for row in nodes[party].shelf.find_givings()]
    return next(Digest(row.blob) for row in rows if isinstance(row, Giving) and row.item == item)


def test_an_item_is_opened_by_whom_it_was_given_to_with_its_own_marking(nodes: Nodes) -> None:
    """KOR reads Japan's item under the agreement of the two; USA, to whom it was not given, sees nothing of it."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await _share(nodes, "KOR", given=portion())
        read, _ = nodes.items("KOR").open(item)
        assert read.head.originator == "JPN"
        assert [(row.marking.level, row.content) for _, row in read.portions] == [(DIRECT, CANARY)]
        assert nodes["USA"].shelf.find_givings() == ()
        with pytest.raises(UsageError, match=r"item\.not-here"):
            nodes.items("USA").open(item)

    play(nodes, scene)


def test_preview_and_sending_decide_alike(nodes: Nodes) -> None:
    """Where the preview withholds, sending raises with the same clause, and nothing is sealed or kept."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        items, at = nodes.items("JPN"), nodes["JPN"].now()
        given = [portion(HUB, *TISA)]
        for audience in (("JPN", "USA"), ("JPN", "KOR"), ("JPN", "KOR", "USA")):
            decided = items.preview(given, audience=audience, at=at)
            if all(isinstance(row, Permit) for _, row in decided.by_party):
                await items.share(given, audience=audience, at=at)
                continue
            with pytest.raises(UsageError, match=r"release\.(withheld|needs-consent)") as caught:
                await items.share(given, audience=audience, at=at)
            assert caught.value.details["clause"] in {row.clause for _, row in decided.refusals}
        (blobs,) = nodes["JPN"].store._db.execute("SELECT COUNT(*) FROM blobs").fetchone()
        assert blobs == len(nodes["JPN"].shelf.find_givings()) == 1

    play(nodes, scene)


def test_a_marking_outside_the_own_scheme_goes_nowhere(nodes: Nodes) -> None:
    """Unknown level, another party's scheme, a topic that no agreement covers, no portion at all: each is refused."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        items, at = nodes.items("JPN"), nodes["JPN"].now()
        marks = (
            Marking("JPN", "JPN", "NO-SUCH", ("dprk-missile",), ()),
            Marking("JPN", "USA", "USA-U", ("dprk-missile",), ()),
            Marking("JPN", "JPN", DIRECT, ("no-such-topic",), ()),
            Marking("JPN", "JPN", DIRECT, (), ()),
            Marking("JPN", "JPN", DIRECT, ("dprk-missile",), ("NO SUCH CAVEAT",)),
        )
        for given in ([], *([Portion(mark, "text/plain", "en", CANARY)] for mark in marks)):
            with pytest.raises(UsageError):
                await items.share(given, audience=("JPN", "KOR"), at=at)
        assert nodes["JPN"].shelf.find_givings() == ()

    play(nodes, scene)


def test_by_hub_with_consent_and_never_without(nodes: Nodes) -> None:
    """USA passes Japan's item on to KOR once Japan signed; KOR verifies Japan's own signature; Japan is told."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await _share(nodes, "USA", given=portion(HUB, *TISA))
        hub, at = nodes.items("USA"), nodes["USA"].now()
        with pytest.raises(UsageError, match=r"release\.needs-consent.*to=KOR, of=JPN"):
            await hub.pass_on(item, to="KOR", at=at)
        later = Instant(at + 600_000)
        await nodes.items("JPN").consent(item, holder="USA", recipient="KOR", at=at, expires_at=later)
        await until(lambda: bool(nodes["USA"].machine.statements.find(ConsentGiven)))
        await hub.pass_on(item, to="KOR", at=at)
        await until(lambda: _is_here(nodes, "KOR", item))
        read, _ = nodes.items("KOR").open(item)
        assert (read.head.originator, read.head.marking.level) == ("JPN", HUB)
        await until(lambda: bool(nodes["JPN"].machine.statements.find(PassOnReported)))
        (told,) = nodes["JPN"].machine.statements.find(PassOnReported)
        assert isinstance(told.entry, PassOnReported)
        assert (told.author, told.entry.item, told.entry.recipient) == ("USA", item, "KOR")
        # Law 2: KOR got no page of the journal in which Japan gave the item to USA, nor any number from it.
        audiences = {row.audience for row in nodes["KOR"].machine.statements.all}
        assert ("JPN", "USA") not in audiences

    play(nodes, scene)


def test_an_expired_item_is_neither_given_nor_passed_on(nodes: Nodes) -> None:
    """R37: refused before anything is sealed; what was given before stays readable; the end is the originator's own."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        items, at, to = nodes.items("JPN"), nodes["JPN"].now(), ("JPN", "USA")
        given = [portion(HUB, *TISA)]
        assert items.preview(given, audience=to, at=at, expires_at=(at,)).refusals[0][1] == EXPIRED
        with pytest.raises(UsageError, match=r"release\.withheld.*reason=expired"):
            await items.share(given, audience=to, at=at, expires_at=(at,))
        end = Instant(at + 600_000)
        item = await items.share(given, audience=to, at=at, expires_at=(end,))
        await until(lambda: _is_here(nodes, "USA", item))
        later = Instant(at + 1_200_000)
        await items.consent(item, holder="USA", recipient="KOR", at=at, expires_at=later)
        await until(lambda: bool(nodes["USA"].machine.statements.find(ConsentGiven)))
        with pytest.raises(UsageError, match=r"release\.withheld.*reason=expired"):
            await nodes.items("USA").pass_on(item, to="KOR", at=later)
        assert nodes.items("USA").open(item)[0].head.expires_at == (end,)
        nodes.ahead_ms = 600_000
        with pytest.raises(UsageError, match=r"release\.withheld.*reason=expired"):
            await nodes.items("USA").pass_on(item, to="KOR", at=at)  # the machine has a clock of its own

    play(nodes, scene)


def test_a_giver_that_states_another_end_than_the_item_has_is_found(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So is one that gives an item of one format by the statement of the other."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        at = nodes["JPN"].now()
        end = Instant(at + 600_000)
        item = await nodes.items("JPN").share([portion()], audience=("JPN", "KOR"), at=at, expires_at=(end,))
        await until(lambda: _is_here(nodes, "KOR", item))
        (stated,) = nodes["KOR"].shelf.find_givings()
        assert isinstance(stated.entry, ItemGiven)
        rendition = nodes.items("KOR").open(item)[1]
        shelf, other_end = nodes["KOR"].shelf, structs.replace(stated.entry, expires_at=())
        by_format_1 = ItemShared(*structs.astuple(other_end)[:6])
        for false, code in ((other_end, "item.expiry"), (by_format_1, "item.malformed")):
            forged = (structs.replace(stated, entry=false),)
            monkeypatch.setattr(shelf, "find_givings", lambda forged=forged: forged)
            with pytest.raises(RemoteError, match=code.replace(".", r"\.")):
                nodes.items("KOR").open(item)
        monkeypatch.undo()
        assert nodes.items("KOR").open(item)[1] == rendition

    play(nodes, scene)


def test_a_consent_for_another_is_no_consent(nodes: Nodes) -> None:
    """Consent that is over, or for another item, does not let an item pass."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await _share(nodes, "USA", given=portion(HUB, *TISA))
        other = await _share(nodes, "USA", given=portion(HUB, *TISA, text=b"another item"))
        at = nodes["USA"].now()
        consent = nodes.items("JPN").consent
        await consent(other, holder="USA", recipient="KOR", at=at, expires_at=Instant(at + 600_000))
        await consent(item, holder="USA", recipient="KOR", at=Instant(at - 20), expires_at=Instant(at - 10))
        await until(lambda: len(nodes["USA"].machine.statements.find(ConsentGiven)) == 2)
        with pytest.raises(UsageError, match=r"release\.needs-consent"):
            await nodes.items("USA").pass_on(item, to="KOR", at=nodes["USA"].now())

    play(nodes, scene)


def test_a_blob_is_given_to_whom_its_item_was_given_and_to_no_one_else(nodes: Nodes) -> None:
    """For a stranger a blob that exists and one that does not are alike: an empty answer (law 2)."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await _share(nodes, "KOR", given=portion())
        blob_id = _find_blob(nodes, "JPN", item)
        shelf = nodes["JPN"].shelf
        assert shelf.answer(blob_id, "KOR") is not None
        assert shelf.answer(blob_id, "USA") is None
        assert shelf.answer(bytes(32), "KOR") is None
        assert nodes["KOR"].shelf.answer(blob_id, "USA") is None
        for asked in (blob_id, Digest(bytes(32))):
            pieces = await nodes.links["USA", "JPN"].request_pages(
                encode_page_request(asked, first=0, last=0), timeout_ms=60_000
            )
            assert join_blob(pieces) is None
        blob, wraps = shelf.answer(blob_id, "KOR") or (b"", ())
        assert CANARY not in blob
        assert len(wraps) == 2
        assert nodes["KOR"].shelf.answer(blob_id, "JPN") == (blob, ())
        given = next(row.entry for row in nodes["KOR"].shelf.find_givings())
        assert isinstance(given, ItemShared)
        mark = Marking("USA", "USA", "USA-U", ("dprk-missile",), ())
        (claim,) = await nodes.say("USA", structs.replace(given, item=bytes(32), markings=(mark,)))
        await until(lambda: nodes.knows("KOR", claim))
        assert nodes["KOR"].shelf.answer(blob_id, "USA") is None, "who heard of a blob says that it gave it"

    play(nodes, scene)


def test_a_blob_arrives_after_an_outage_and_one_giver_does_not_hold_up_another(nodes: Nodes) -> None:
    """KOR is told of Japan's item while Japan does not answer; USA's item arrives meanwhile, Japan's afterwards."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        nodes.outboxes["JPN"]._answer, answer = None, nodes.outboxes["JPN"]._answer
        at = nodes["JPN"].now()
        first = await nodes.items("JPN").share([portion()], audience=("JPN", "KOR"), at=at)
        mark = Marking("USA", "USA", "USA-U", ("dprk-missile",), ())
        given = Portion(mark, "text/plain", "en", b"from another giver")
        second = await nodes.items("USA").share([given], audience=("KOR", "USA"), at=at)
        await until(lambda: _is_here(nodes, "KOR", second))
        assert nodes["KOR"].shelf.find_wanted() == (("JPN", _find_blob(nodes, "KOR", first)),)
        nodes.outboxes["JPN"]._answer = answer
        await until(lambda: _is_here(nodes, "KOR", first))
        assert nodes["KOR"].shelf.find_wanted() == ()

    play(nodes, scene)


def test_other_bytes_than_the_chain_names_are_not_kept(nodes: Nodes) -> None:
    """A giver that answers with another blob is refused by the blob's id, and asked again."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await _share(nodes, "KOR", given=portion())
        blob_id = _find_blob(nodes, "KOR", item)
        with pytest.raises(RemoteError, match=r"blob\.other"):
            nodes["KOR"].shelf.keep(blob_id, b"other bytes", {})

    play(nodes, scene)


@pytest.mark.parametrize("holder", ["JPN", "KOR"])
def test_a_damaged_blob_is_dropped_named_and_fetched_anew(nodes: Nodes, holder: Party) -> None:
    """By whoever reads it first, or by the scrub; its giver still has it, and so has he to whom it was given."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await _share(nodes, "KOR", given=portion())
        await until(lambda: _is_here(nodes, "KOR", item))
        nodes[holder].store._db.execute("UPDATE blobs SET raw = X'00'")
        with pytest.raises(UsageError, match=r"item\.not-here"):
            nodes.items(holder).open(item)
        assert nodes[holder].alarms[-1].code == "alarm.blob-damaged"
        await until(lambda: _is_here(nodes, holder, item))

    play(nodes, scene)


def test_a_request_for_pages_that_is_none_gets_nothing(nodes: Nodes) -> None:
    """Garbage at the pages service is an empty answer, and the service goes on."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        link = nodes.links["USA", "JPN"]
        huge = encode_page_request(bytes(32), first=0, last=2**53)
        for request in (b"", b"\xff" * 100, bytes(5_000), huge, huge[:-1]):
            assert await link.request_pages(request, timeout_ms=60_000) == []
        journal = next(row.journal for row in nodes["USA"].machine.statements.all if row.author == "JPN")
        assert await link.request_pages(encode_page_request(journal, first=0, last=2**53), timeout_ms=60_000)
        assert Reader(nodes.lineage, REALM, "USA") in nodes.outboxes["JPN"]._readers

    play(nodes, scene)


def test_an_unreachable_giver_is_an_outage(nodes: Nodes) -> None:
    """The same call may work later; nothing else is raised for what a peer does."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        nodes.set_cut("KOR", "JPN", is_cut=True)
        with pytest.raises(OutageError):
            await nodes.posts["KOR"].fetch_blob("JPN", Digest(bytes(32)))

    play(nodes, scene)
