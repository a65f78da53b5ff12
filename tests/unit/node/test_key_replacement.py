"""A replaced key and a next root, among nodes that run: old pages stand, a thief's do not, history stays open (J14)."""

import asyncio
import dataclasses
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from comity.base.errors import OutageError, UsageError
from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.journal.header import Kind, parse_page
from comity.journal.writer import Draft, Writer
from comity.machine.closed import ClosedWhy, has_reckoned
from comity.machine.machine import Machine
from comity.node.assembly import assemble
from comity.node.ceremony import open_accepted
from comity.node.durable import write_private
from comity.node.home import Home
from comity.node.marks import suspect_store
from comity.node.node import Node
from comity.node.replacement import replace_key
from comity.node.succession import STAGED_VAULT, succeed_root
from comity.procedure.call import ConsultationCalled
from comity.procedure.entry import Entry
from comity.procedure.fields import Level
from comity.procedure.genesis import KeysRequested
from comity.procedure.registry import encode_entry
from comity.procedure.threat import ThreatKind
from kit.nodes import CEREMONY, PARTIES, REALM, SUITE, Nodes, make_machine, play
from kit.patience import until

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
PAIR = ("JPN", "USA")


@pytest.fixture
def nodes(home_nodes: Nodes) -> Nodes:
    """Nodes on this test's copies of the homes."""
    return home_nodes


def _now() -> Instant:
    return Instant(time.time_ns() // 1_000_000)


def _replace(nodes: Nodes, home: Home, *, stolen_since: Instant | None = None, is_loss_wanted: bool = False) -> None:
    replace_key(
        home, nodes.accepted[home.party], at=_now(), stolen_since=stolen_since, is_loss_wanted=is_loss_wanted,
        suite=SUITE, ceremony=CEREMONY,
    )  # fmt: skip
    nodes.accepted[home.party] = open_accepted(home, realm=REALM, suite=SUITE)


class Thief:
    """Whoever copied USA's store and old keys, and goes on writing with them."""

    def __init__(self, node: Node) -> None:
        self._machine = Machine(node.machine.setup)
        self._machine.restore(list(node.store.read_all()))

    def say(self, entry: Entry) -> bytes:
        """Write one more page to all parties."""
        machine = self._machine
        own = next(own for own in machine.pen.outgoing.all() if (own.id.feed, own.id.audience) == ("record", PARTIES))
        key = machine.keyring.find_epoch_key(journal=own.digest, epoch=own.epoch)
        assert key is not None
        writer = Writer(machine.ledger, machine.setup.secrets.node, SUITE)
        draft = Draft(own.id, machine.setup.pact_digest, _now(), CEREMONY.random(32))
        raw = writer.build_entries(draft, [encode_entry(entry)], epoch=own.epoch, epoch_key=key)
        machine.ledger.accept(raw)
        return raw


def _standing(nodes: Nodes, party: Party, raw: bytes) -> str:
    ledger = nodes[party].machine.ledger
    placed = ledger.find_page(parse_page(raw, SUITE).digest)
    return ledger.find_standing(placed).value if placed else "not here"


def _standing_of(nodes: Nodes, party: Party, id_: Digest) -> str:
    return next(row.standing.value for row in nodes[party].machine.statements.all if row.id == id_)


def _find_wrapped_to(nodes: Nodes, author: Party) -> set[int]:
    """How many epochs an author has announced to all, as JPN holds them."""
    books = nodes["JPN"].machine.ledger.books()
    mine = [book for book in books if (book.id.author, book.id.feed, book.id.audience) == (author, "record", PARTIES)]
    return {page.header.epoch for book in mine for page in book.pages() if page.header.kind is Kind.KEYS}


def test_a_key_is_replaced_while_the_others_run(nodes: Nodes, homes: Mapping[Party, Home]) -> None:
    """What was said stands, what a thief says is disowned whenever it comes, and all go on under new epochs."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        said = [*(await nodes.say("USA", CALL)), *(await nodes.say("USA", CALL, to=PAIR))]
        said += await nodes.say("KOR", CALL)
        await nodes.reaches(said[0], *PARTIES)
        await nodes.reaches(said[2], *PARTIES)
        await nodes.reaches(said[1], "JPN")
        await asyncio.sleep(0.5)
        thief = Thief(nodes["USA"])
        with pytest.raises(OutageError, match=r"store\.locked"):
            _replace(nodes, homes["USA"])
        await nodes.stop("USA")
        early, late = thief.say(CALL), thief.say(CALL)
        nodes["JPN"].take_bytes(early)  # before anybody knows
        assert _standing(nodes, "JPN", early) == "good"
        epochs = _find_wrapped_to(nodes, "KOR")
        _replace(nodes, homes["USA"])
        await nodes.start("USA")
        await until(lambda: all(_standing(nodes, party, early) != "not here" for party in ("JPN", "KOR")))
        nodes["KOR"].take_bytes(late)
        await until(lambda: _standing(nodes, "JPN", early) == _standing(nodes, "KOR", late) == "disowned")
        for id_ in said[:2]:
            assert _standing_of(nodes, "JPN", id_) == "good"
        assert all(nodes.knows("USA", id_) for id_ in said)  # sealed to the retired receiving key
        again = [*(await nodes.say("USA", CALL)), *(await nodes.say("USA", CALL, to=PAIR))]
        await nodes.reaches(again[0], *PARTIES)
        await nodes.reaches(again[1], "JPN")
        answered = await nodes.say("KOR", CALL)
        await nodes.reaches(answered[0], *PARTIES)
        assert _find_wrapped_to(nodes, "KOR") > epochs
        await nodes.stop("USA")
        await nodes.start("USA")
        await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)
        assert not [node.failure for node in nodes.nodes.values() if node.failure]

    play(nodes, scene)


def test_what_was_said_since_the_theft_is_left_out(nodes: Nodes, homes: Mapping[Party, Home]) -> None:
    """The root may draw the line earlier than the last stored page; a second replacement keeps the first one's line."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        before = await nodes.say("USA", CALL)
        await nodes.reaches(before[0], *PARTIES)
        await asyncio.sleep(0.3)
        since = _now()
        after = await nodes.say("USA", CALL)
        await nodes.reaches(after[0], *PARTIES)
        await nodes.stop("USA")
        _replace(nodes, homes["USA"], stolen_since=since)
        await nodes.start("USA")
        await until(lambda: _standing_of(nodes, "JPN", after[0]) == "disowned")
        assert _standing_of(nodes, "JPN", before[0]) == "good"
        between = await nodes.say("USA", CALL)
        await nodes.reaches(between[0], *PARTIES)
        await nodes.stop("USA")
        _replace(nodes, homes["USA"])
        await nodes.start("USA")
        last = await nodes.say("USA", CALL)
        await nodes.reaches(last[0], *PARTIES)
        standings = [_standing_of(nodes, "KOR", ids[0]) for ids in (before, after, between, last)]
        assert standings == ["good", "disowned", "good", "good"]

    play(nodes, scene)


def test_a_home_whose_key_was_replaced_elsewhere_says_nothing(nodes: Nodes, homes: Mapping[Party, Home]) -> None:
    """An old copy of the home learns of the later incarnation from the others, and is closed."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await nodes.stop("USA")
        old, copy = nodes.accepted["USA"], nodes.keep_copy("USA")
        _replace(nodes, homes["USA"])
        await nodes.start("USA")
        await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)
        await nodes.stop("USA")
        nodes.accepted["USA"] = old
        nodes.put_back("USA", copy)
        await nodes.start("USA")
        await until(lambda: {row.why for row in nodes["USA"].machine.find_closed()} == {ClosedWhy.SUPERSEDED})
        with pytest.raises(UsageError, match=r"key\.superseded"):
            await nodes.say("USA", CALL)

    play(nodes, scene)


def test_a_store_that_may_be_old_is_given_no_new_key_before_it_has_reckoned(
    nodes: Nodes, homes: Mapping[Party, Home]
) -> None:
    """What was said since the copy would be disowned; after the reckoning it stands."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await nodes.stop("USA")
        copy = nodes.keep_copy("USA")
        await nodes.start("USA")
        (said,) = await nodes.say("USA", CALL)
        await nodes.reaches(said, *PARTIES)
        await nodes.stop("USA")
        nodes.put_back("USA", copy)
        nodes.outboxes["USA"].lose_all()
        suspect_store(homes["USA"].path, REALM)
        with pytest.raises(UsageError, match=r"key\.store-old"):
            _replace(nodes, homes["USA"])
        assert nodes.accepted["USA"].secrets.node.incarnation == 0
        await nodes.start("USA")
        await until(lambda: has_reckoned(nodes["USA"].machine))
        await nodes.stop("USA")
        _replace(nodes, homes["USA"])
        await nodes.start("USA")
        await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)
        assert _standing_of(nodes, "JPN", said) == "good"

    play(nodes, scene)


@pytest.mark.parametrize("has_heard", [True, False])
def test_no_incarnation_is_opened_twice(
    nodes: Nodes, homes: Mapping[Party, Home], tmp_path: Path, *, has_heard: bool
) -> None:
    """A home put back from before its key was replaced: its store has heard of the later key, or the root remembers."""

    async def scene(nodes: Nodes) -> None:
        home, backup = homes["USA"], tmp_path / "backup"
        await nodes.be_in_force()
        await nodes.stop("USA")
        shutil.copytree(home.path, backup, ignore=shutil.ignore_patterns("marks"))
        _replace(nodes, home)
        await nodes.start("USA")
        await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)
        await nodes.stop("USA")
        vault = (home.path / "root.vault").read_bytes()
        shutil.rmtree(home.path)
        backup.rename(home.path)
        nodes.outboxes["USA"].lose_all()
        suspect_store(home.path, REALM)
        nodes.accepted["USA"] = open_accepted(home, realm=REALM, suite=SUITE)
        if has_heard:
            await nodes.start("USA")
            await until(lambda: nodes["USA"].machine.pen.is_superseded)
            await nodes.stop("USA")
        else:
            (home.path / "root.vault").write_bytes(vault)
        with pytest.raises(UsageError, match=r"key\.store-old"):
            _replace(nodes, home)
        _replace(nodes, home, is_loss_wanted=True)
        assert nodes.accepted["USA"].secrets.node.incarnation == 2
        await nodes.start("USA")
        await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)
        for node in nodes.nodes.values():
            assert len(node.machine.ledger.trust.find_certificates("USA", 1)) <= 1
            assert not any(book.is_forked for book in node.machine.ledger.books())
            assert node.failure is None

    play(nodes, scene)


def test_a_node_speaks_with_the_key_that_is_in_the_home_once_it_has_the_store(
    nodes: Nodes, homes: Mapping[Party, Home]
) -> None:
    """The key was replaced after the home was read and before the store was locked."""
    read = nodes.accepted["USA"]
    _replace(nodes, homes["USA"])
    assembly = assemble(homes["USA"], read, suite=SUITE, ceremony=CEREMONY)
    assert assembly.accepted.secrets.node.incarnation == 1
    assert assembly.node.machine.setup.secrets.incarnation == 1
    assembly.node.store.close()


def test_a_node_that_cannot_be_put_together_lets_go_of_its_store(nodes: Nodes, homes: Mapping[Party, Home]) -> None:
    """The operator mends what is wrong and starts again."""
    write_private(nodes.accepted["USA"].path / "reach.toml", b"not toml")
    with pytest.raises(UsageError, match=r"home\.reach-malformed"):
        assemble(homes["USA"], nodes.accepted["USA"], suite=SUITE, ceremony=CEREMONY)
    nodes.open_store("USA").close()


def test_the_next_root_takes_over(nodes: Nodes, homes: Mapping[Party, Home]) -> None:
    """Said by the old root, published in the genesis; then a key that the new root certifies is believed everywhere."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await nodes.stop("USA")
        home = homes["USA"]
        root, new = home.get_root()
        succeeded = succeed_root(home, (nodes.accepted["USA"],), at=_now(), suite=SUITE, ceremony=CEREMONY)
        assert home.get_root()[0] == new
        assert succeeded.card.root == new.find_public(SUITE)
        assert succeeded.card.next_root == home.get_root()[1].find_public(SUITE).find_digest(SUITE)
        assert root not in home.get_root()
        nodes.accepted["USA"] = open_accepted(home, realm=REALM, suite=SUITE)
        _replace(nodes, home)
        await nodes.start("USA")
        said = await nodes.say("USA", CALL)
        await nodes.reaches(said[0], *PARTIES)
        assert _standing_of(nodes, "KOR", said[0]) == "good"
        await nodes.stop("USA")
        succeed_root(home, (nodes.accepted["USA"],), at=_now(), suite=SUITE, ceremony=CEREMONY)
        nodes.accepted["USA"] = open_accepted(home, realm=REALM, suite=SUITE)
        _replace(nodes, home)
        await nodes.start("USA")
        await nodes.reaches((await nodes.say("USA", CALL))[0], *PARTIES)

    play(nodes, scene)


def test_a_succession_that_was_broken_off_says_the_same_when_it_is_done_again(
    homes: Mapping[Party, Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The root after the next is drawn once: two statements of one succession would be held against the root."""
    home = homes["USA"]
    accepted = open_accepted(home, realm=REALM, suite=SUITE)
    before = home.get_root()

    def break_off(*_: object, **__: object) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("comity.node.succession.sign_card", break_off)
        with pytest.raises(KeyboardInterrupt):
            succeed_root(home, (accepted,), at=_now(), suite=SUITE, ceremony=CEREMONY)
    assert home.get_root() == before
    assert (home.path / STAGED_VAULT).exists()
    (first,) = open_accepted(home, realm=REALM, suite=SUITE).successions
    again = open_accepted(home, realm=REALM, suite=SUITE)
    succeed_root(home, (again,), at=_now(), suite=SUITE, ceremony=CEREMONY)
    assert open_accepted(home, realm=REALM, suite=SUITE).successions == (first,)
    assert not (home.path / STAGED_VAULT).exists()
    assert make_machine("USA", open_accepted(home, realm=REALM, suite=SUITE)).setup.successions == (first,)


def test_a_reader_who_lost_a_machine_is_given_the_keys_again(nodes: Nodes, homes: Mapping[Party, Home]) -> None:
    """KOR's old receiving secret is gone: it asks, within its audiences, and reads again; for others' it gets none."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        said = await nodes.say("USA", CALL)
        await nodes.reaches(said[0], *PARTIES)
        hidden = await nodes.say("USA", CALL, to=PAIR)
        await nodes.reaches(hidden[0], "JPN")
        await nodes.stop("KOR")
        _replace(nodes, homes["KOR"])
        held = nodes.accepted["KOR"]
        nodes.accepted["KOR"] = dataclasses.replace(held, secrets=dataclasses.replace(held.secrets, retired=()))
        await nodes.start("KOR")
        await until(lambda: nodes["KOR"].machine.is_in_force)
        assert not nodes.knows("KOR", said[0])
        wanted = nodes["KOR"].machine.statements.list_unopened_epochs()
        journals = {own.id.audience: own.digest for own in nodes["USA"].machine.pen.outgoing.all() if own.epoch}
        (row,) = [row for row in wanted if row[1] == journals[PARTIES]]
        await nodes.say("KOR", KeysRequested(row[1], row[2]), to=("USA",))
        await nodes.reaches(said[0], "KOR")
        before = _count_key_pages(nodes)
        (asked,) = await nodes.say("KOR", KeysRequested(journals[PAIR], 1), to=("USA",))
        again = await nodes.say("KOR", KeysRequested(row[1], row[2]), to=("USA",))
        await nodes.reaches(asked, "USA")
        await nodes.reaches(again[0], "USA")
        await asyncio.sleep(0.5)
        assert _count_key_pages(nodes) == before
        assert not [node.failure for node in nodes.nodes.values() if node.failure]

    play(nodes, scene)


def _count_key_pages(nodes: Nodes) -> dict[Audience, int]:
    """How many key pages USA wrote to all and to JPN."""
    books = [book for book in nodes["USA"].machine.ledger.books() if book.id.author == "USA"]
    return {
        book.id.audience: sum(page.header.kind is Kind.KEYS for page in book.pages())
        for book in books
        if book.id.feed == "record" and book.id.audience in (PARTIES, PAIR)
    }
