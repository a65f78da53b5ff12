"""Composing on real nodes: what each recipient gets, and that nothing of it tells of more (R42, R43, law 2)."""

import asyncio
from collections.abc import Sequence

import pytest

from comity.base.encoding import encode
from comity.base.errors import OutageError, UsageError
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.node.blob_answer import join_blob
from comity.node.composing import Composer, Draft
from comity.node.pages import encode_page_request
from comity.pact.agreement import AgreementState
from comity.procedure.agreement import AgreementReason, AgreementStateStated
from comity.procedure.assessment import Assessment, Likelihood
from comity.procedure.entry import Marking
from comity.procedure.item import Item, Portion, PortionKind
from comity.procedure.linked import ItemsLinked, find_linked
from comity.procedure.sharing import Giving
from kit.nodes import PARTIES, Nodes, play
from kit.patience import until

CANARY = b"the heron stands at the north gate"
SHOWN = b"A launch is being prepared."


def portion(level: str, text: bytes, *caveats: str, topic: str = "dprk-missile") -> Portion:
    """One portion of the United States'."""
    sure = Assessment(likelihood=(Likelihood.LIKELY,))
    return Portion(Marking("USA", "USA", level, (topic,), caveats), "text/plain", "en", text, assessment=sure)


def attribution(level: str, whom: bytes, *caveats: str) -> Portion:
    """To whom something is attributed."""
    marking = Marking("USA", "USA", level, ("dprk-missile",), caveats)
    return Portion(marking, "text/plain", "en", whom, PortionKind.ATTRIBUTION)


OPEN = portion("USA-S", SHOWN)
BELOW = (
    portion("USA-TS", CANARY + b" 1"),
    portion("USA-S", CANARY + b" 2", "REL TO JPN"),
    attribution("USA-S", CANARY + b" 3", "REL TO JPN"),
    portion("USA-S", CANARY + b" 4", "NOFORN"),
)


async def _compose(nodes: Nodes, portions: Sequence[Portion], *to: Party) -> dict[Party, list[Digest]]:
    """Send a draft, wait until each recipient can open what it got, and return the items by recipient."""
    composer, at = Composer(nodes["USA"], nodes.items("USA")), nodes["USA"].now()
    sent, _ = await composer.send(Draft(tuple(portions), to), at=at)
    found: dict[Party, list[Digest]] = {party: [] for party in to}
    for one in sent:
        for party in one.version.recipients:
            found[party].append(one.item)
            await until(lambda party=party, item=one.item: _opens(nodes, party, item))  # type: ignore[misc]
    return found


def _opens(nodes: Nodes, party: Party, item: Digest) -> bool:
    try:
        nodes.items(party).open(item)
    except (UsageError, OutageError):
        return False
    return True


def _read(nodes: Nodes, party: Party, item: Digest) -> Item:
    return nodes.items(party).open(item)[0]


def test_each_recipient_reads_what_the_preview_showed(nodes: Nodes) -> None:
    """JPN two portions more than KOR, each under the banner of what is in its own item; numbers leave no gap."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        composer = Composer(nodes["USA"], nodes.items("USA"))
        draft = Draft((BELOW[0], OPEN, BELOW[3]), ("JPN", "KOR"))
        shown = composer.tear(draft, at=nodes["USA"].now())
        assert [(one.portions, one.recipients) for one in shown.versions] == [((1, 2), ("JPN",)), ((2,), ("KOR",))]
        found = await _compose(nodes, draft.portions, "JPN", "KOR")
        jpn, kor = _read(nodes, "JPN", found["JPN"][0]), _read(nodes, "KOR", found["KOR"][0])
        assert [(number, one.content) for number, one in jpn.portions] == [(1, BELOW[0].content), (2, SHOWN)]
        assert [(number, one.content) for number, one in kor.portions] == [(1, SHOWN)]
        assert (jpn.head.marking.level, kor.head.marking.level) == ("USA-TS", "USA-S")
        assert jpn.head.made_at == kor.head.made_at

    play(nodes, scene)


def test_nothing_that_a_recipient_gets_shows_that_more_exists(nodes: Nodes) -> None:
    """KOR gets the same from a draft with a tear line as from one that ends above it: nothing else reaches it.

    Compared are its item, its statement, its audience, the number of its pages, what it may ask for and what it is
    told; and no canary, id or digest of what stands below is in any byte of its store.
    """

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        plain = (await _compose(nodes, [OPEN], "KOR"))["KOR"][0]
        count = len(_givings(nodes, "KOR"))
        torn = await _compose(nodes, [OPEN, *BELOW], "JPN", "KOR")
        (seen,) = torn["KOR"]
        assert len(_givings(nodes, "KOR")) == count + 1
        one, other = _read(nodes, "KOR", plain), _read(nodes, "KOR", seen)
        assert other.portions == one.portions
        assert (other.head.marking, other.head.portion_count) == (one.head.marking, one.head.portion_count)
        first, second = _givings(nodes, "KOR")[-2:]
        assert (first.markings, first.bases, first.blob_size_bytes) == (
            second.markings, second.bases, second.blob_size_bytes,
        )  # fmt: skip
        await nodes.say("USA", ItemsLinked((b"\1" * 32, b"\2" * 32)), to=())
        await asyncio.sleep(0.3)
        (hidden,) = torn["JPN"]
        below = [row for row in _givings(nodes, "USA") if row.item == hidden]
        notes = nodes["USA"].machine.statements.find(ItemsLinked)
        secrets = [CANARY, hidden, *(row.blob for row in below), *(note.id for note in notes)]
        said = nodes["USA"].machine.statements.all
        secrets += [row.journal for row in said if row.audience in (("USA",), ("JPN", "USA"))]
        stored = b"".join(bytes(page) for page in nodes["KOR"].store.read_all())
        opened = b"".join(encode(row.entry) for row in nodes["KOR"].machine.statements.all)
        blobs = b"".join(nodes["KOR"].shelf.find_own(blob)[0] for blob in nodes["KOR"].store.list_blobs())  # type: ignore[index]
        assert not [secret for secret in secrets if secret in stored + opened + blobs]
        assert {row.audience for row in nodes["KOR"].machine.statements.all if row.author == "USA"} <= {
            PARTIES, ("KOR", "USA"),
        }  # fmt: skip
        await _check_asking(nodes, hidden, [row.blob for row in below])

    play(nodes, scene)


async def _check_asking(nodes: Nodes, hidden: bytes, blobs: list[bytes]) -> None:
    """Whoever asks for what is hidden is told what he is told of what never was."""
    for asked in (*blobs, hidden, bytes(32)):
        request = encode_page_request(Digest(asked), first=0, last=0)
        assert join_blob(await nodes.links["KOR", "USA"].request_pages(request, timeout_ms=1_000)) is None
    errors = []
    for item in (hidden, bytes(32)):
        with pytest.raises(UsageError) as caught:
            nodes.items("KOR").open(Digest(item))
        errors.append((caught.value.code, caught.value.details))
    assert errors[0] == errors[1]


def _givings(nodes: Nodes, party: Party) -> list[Giving]:
    rows = sorted(nodes[party].shelf.find_givings(), key=lambda row: row.written_at)
    return [row.entry for row in rows if isinstance(row.entry, Giving)]


def test_the_composers_own_note_finds_all_items_of_a_draft(nodes: Nodes) -> None:
    """From either of them; it is in the journal to oneself before the first item is given, and one item needs none."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await _compose(nodes, [OPEN], "JPN", "KOR")
        assert nodes["USA"].machine.statements.find(ItemsLinked) == ()
        found = await _compose(nodes, [OPEN, BELOW[0]], "JPN", "KOR")
        (note,) = nodes["USA"].machine.statements.find(ItemsLinked)
        assert note.audience == ("USA",)
        both = tuple(sorted((*found["JPN"], *found["KOR"])))
        for item in both:
            assert find_linked(item, [note]) == both
        for party in ("JPN", "KOR"):
            assert nodes[party].machine.statements.find(ItemsLinked) == ()
        with pytest.raises(UsageError, match=r"release\.withheld.*reason=unmarked"):
            await nodes.say("USA", ItemsLinked(both), to=("JPN",))

    play(nodes, scene)


def test_nothing_is_sent_that_the_preview_did_not_show(nodes: Nodes) -> None:
    """An agreement is suspended between preview and sending: refused with a code, and nobody got anything."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        composer = Composer(nodes["USA"], nodes.items("USA"))
        draft = Draft((OPEN,), ("JPN", "KOR"))
        plan = composer.find_plan(composer.tear(draft, at=nodes["USA"].now()))
        now = nodes["USA"].now()
        suspended = AgreementStateStated(
            "usa-kor-1987", AgreementState.SUSPENDED, Instant(now), AgreementReason.NATIONAL_DECISION, ()
        )
        (id_,) = await nodes.say("KOR", suspended)
        await until(lambda: nodes.knows("USA", id_))
        with pytest.raises(UsageError, match=r"item\.plan-changed"):
            await composer.send(draft, at=nodes["USA"].now(), plan=plan)
        assert _givings(nodes, "USA") == []
        sent, torn = await composer.send(draft, at=nodes["USA"].now())
        assert [one.version.recipients for one in sent] == [("JPN",)]
        assert [one.party for one in torn.withheld] == ["KOR"]

    play(nodes, scene)


def test_a_draft_for_nobody_is_refused_with_the_clause(nodes: Nodes) -> None:
    """An empty list, oneself, or portions that nobody may have: nothing is made or noted."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        composer, at = Composer(nodes["USA"], nodes.items("USA")), nodes["USA"].now()
        for to, why in (((), "audience-empty"), (("USA",), "audience-empty"), (("KOR",), "national-only")):
            with pytest.raises(UsageError, match=rf"release\.withheld.*reason={why}"):
                await composer.send(Draft((BELOW[3],), to), at=at)
        assert nodes["USA"].store.list_blobs() == ()

    play(nodes, scene)


def test_where_a_later_item_is_refused_the_composer_is_told_what_went(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full after the first item: it says that part was given; the note names both."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        items = nodes.items("USA")
        give, calls = items.give, []

        async def give_once(*given: object, **named: object) -> object:
            calls.append(given)
            if len(calls) > 1:
                raise OutageError("store.full")
            return await give(*given, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(items, "give", give_once)
        with pytest.raises(UsageError, match=r"item\.partly-given.*given_count=1, because=store\.full"):
            await Composer(nodes["USA"], items).send(Draft((OPEN, BELOW[0]), ("JPN", "KOR")), at=nodes["USA"].now())
        assert len(_givings(nodes, "USA")) == 1
        (note,) = nodes["USA"].machine.statements.find(ItemsLinked)
        assert isinstance(note.entry, ItemsLinked)
        assert len(note.entry.items) == 2

    play(nodes, scene)
