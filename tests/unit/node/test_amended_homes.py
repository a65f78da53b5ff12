"""Recovering, replacing and promoting in a pact that was amended: every version is carried, every circle closed."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from comity.base.errors import UsageError
from comity.base.names import Digest, Party
from comity.cli.audit import is_clean, judge_realms
from comity.crypto.vault import open_vault
from comity.journal.bundle import Bundle
from comity.journal.header import Feed, parse_page
from comity.journal.writer import Draft, Writer
from comity.machine.closed import has_reckoned
from comity.machine.machine import Machine
from comity.node.ceremony import open_accepted
from comity.node.home import Home, open_home
from comity.node.marks import suspect_store
from comity.node.memory_outbox import MemoryOutbox
from comity.node.node import Node
from comity.node.recovery import Brought, Recovered, recover_home
from comity.node.replacement import replace_key
from comity.node.store import Store
from comity.node.versions import HeldVersion
from comity.procedure.genesis import PactAccepted
from comity.procedure.registry import encode_entry
from kit.amending import FIVE, FOUNDERS, THREE, add_port_e, remove_port_d, set_number
from kit.nodes import CEREMONY, REALM, SUITE, play
from kit.patience import until
from kit.ports import CALL, Ports, accept, amend, make_port_homes, now, with_pacts

WINDOW = set_number("policy.acknowledge.within_ms", 61_000)


@pytest.fixture
def homes(port_homes: dict[Party, Home]) -> dict[Party, Home]:
    """This test's copies of the ports' homes."""
    return port_homes


def _bring(homes: Mapping[Party, Home], lost: Party, *bundles: Bundle, pacts: tuple[bytes, ...] = ()) -> Brought:
    home = homes[lost]
    vault = open_vault((home.path / "root.vault").read_bytes(), passphrase=home.passphrase)
    cards = [(homes[party].path / "card").read_bytes() for party in homes if party != lost]
    return Brought(vault, bundles, cards, pacts)


def _recover(path: Path, brought: Brought) -> Recovered:
    return recover_home(path, brought, passphrase=b"", at=now(), suite=SUITE, ceremony=CEREMONY)


def _move_in(ports: Ports, party: Party, path: Path) -> None:
    """Let a party's node run on a home made anew, with an outbox of its own."""
    ports.homes[party] = open_home(path)
    ports.outboxes[party] = MemoryOutbox(ack_wait_ms=300)
    ports.look_again(party)


def _find_closed(recovered: Recovered) -> set[tuple[str, tuple[Party, ...]]]:
    return {(closure.feed, closure.audience) for closure in recovered.realms[0].closures if closure.closed}


def _replace(ports: Ports, party: Party) -> None:
    replace_key(ports.homes[party], ports.accepted[party], at=now(), suite=SUITE, ceremony=CEREMONY)
    ports.look_again(party)


async def _live_through_a_widening(ports: Ports) -> list[Digest]:
    """PORT-A speaks to the four, and after a fifth has joined to the five; all is stopped then."""
    await ports.be_in_force()
    (early,) = await ports.say("PORT-A", CALL, to=FOUNDERS)
    await ports.reaches(early, *FOUNDERS)
    await ports.join(amend(ports.homes["PORT-B"], add_port_e))
    (late,) = await ports.say("PORT-A", CALL, to=FIVE)
    await ports.reaches(late, *FIVE)
    await ports.settle()
    return [early, late]


async def _all_stands(ports: Ports, party: Party, ids: list[Digest]) -> None:
    """Everything that a party said stands at every reader, and it is heard by the new circle."""
    (again,) = await ports.say(party, CALL, to=FIVE)
    await ports.reaches(again, *FIVE)
    await ports.reaches(ids[0], *FOUNDERS)
    for reader in FOUNDERS:
        assert [ports.find_standing(reader, id_) for id_ in (*ids, again)] == ["good"] * 3
    assert [ports.find_standing("PORT-E", id_) for id_ in (*ids, again)] == ["not here", "good", "good"]
    assert ports.find_forks() == []
    assert not [node.failure for node in ports.nodes.values() if node.failure]


def test_a_home_lost_after_a_party_joined_is_recovered_whole(
    ports: Ports, homes: dict[Party, Home], tmp_path: Path
) -> None:
    """Both versions and both circles: nothing said to the wider one is disowned; the audit has no objection."""

    async def scene(ports: Ports) -> None:
        ids = await _live_through_a_widening(ports)
        bundles = [ports.export(party) for party in FIVE if party != "PORT-A"]
        before = ports.accepted["PORT-A"]
        brought = _bring(homes, "PORT-A", *bundles)
        shutil.rmtree(homes["PORT-A"].path)
        recovered = _recover(tmp_path / "new", brought)
        record = recovered.realms[0].record
        assert (record.lacking, record.unheard, record.versions.left_out) == ((), (), ())
        assert {("genesis", FOUNDERS), ("genesis", FIVE), ("record", FOUNDERS), ("record", FIVE)} <= _find_closed(
            recovered
        )
        _move_in(ports, "PORT-A", tmp_path / "new")
        after = ports.accepted["PORT-A"]
        assert (after.pact_raw, after.pacts, after.pins) == (before.pact_raw, before.pacts, before.pins)
        await ports.start()
        await ports.is_in_force(2, *FIVE)
        await _all_stands(ports, "PORT-A", ids)
        await ports.settle()

    play(ports, scene)
    report, _ = judge_realms([ports.accepted[party].path for party in FIVE], is_open=True)
    assert is_clean(report), report.findings


def test_a_newcomer_s_home_is_recovered_with_the_versions_before_it(
    ports: Ports, homes: dict[Party, Home], tmp_path: Path
) -> None:
    """It began with the version that let it in, and so does its new home."""

    async def scene(ports: Ports) -> None:
        await _live_through_a_widening(ports)
        before = ports.accepted["PORT-E"]
        brought = _bring(homes, "PORT-E", ports.export("PORT-A"), ports.export("PORT-C"))
        shutil.rmtree(homes["PORT-E"].path)
        recovered = _recover(tmp_path / "new", brought)
        assert recovered.realms[0].record.unheard == ("PORT-B", "PORT-D")
        _move_in(ports, "PORT-E", tmp_path / "new")
        assert (ports.accepted["PORT-E"].digest, ports.accepted["PORT-E"].pacts) == (before.digest, before.pacts)
        await ports.start()
        (said,) = await ports.say("PORT-E", CALL, to=FIVE)
        await ports.reaches(said, *FIVE)
        assert ports.find_standing("PORT-A", said) == "good"

    play(ports, scene)


def test_a_home_lost_after_a_party_left_is_recovered_whole(
    ports: Ports, homes: dict[Party, Home], tmp_path: Path
) -> None:
    """What was said to the three that remain stands, and so does what was said to the four before."""

    async def scene(ports: Ports) -> None:
        await ports.be_in_force()
        (early,) = await ports.say("PORT-A", CALL, to=FOUNDERS)
        await ports.reaches(early, *FOUNDERS)
        await ports.take_version(amend(homes["PORT-B"], remove_port_d), *FOUNDERS)
        await ports.is_in_force(2, *THREE)
        (late,) = await ports.say("PORT-A", CALL, to=THREE)
        await ports.reaches(late, *THREE)
        await ports.settle()
        recovered = _recover(
            tmp_path / "new", _bring(homes, "PORT-A", *map(ports.export, ("PORT-B", "PORT-C", "PORT-D")))
        )
        assert {("genesis", FOUNDERS), ("genesis", THREE), ("record", FOUNDERS), ("record", THREE)} <= _find_closed(
            recovered
        )
        _move_in(ports, "PORT-A", tmp_path / "new")
        await ports.start()
        await ports.is_in_force(2, *THREE)
        (again,) = await ports.say("PORT-A", CALL, to=THREE)
        await ports.reaches(again, *THREE)
        assert [ports.find_standing("PORT-B", id_) for id_ in (early, late, again)] == ["good"] * 3
        assert ports.find_forks() == []

    play(ports, scene)


def test_a_circle_that_was_not_begun_is_closed_as_well(ports: Ports, homes: dict[Party, Home], tmp_path: Path) -> None:
    """Accepted before the home was lost, in force after: the new incarnation begins that genesis with a closure."""

    async def scene(ports: Ports) -> None:
        await ports.be_in_force()
        second = amend(homes["PORT-B"], remove_port_d)
        await ports.take_version(second, "PORT-A", "PORT-D")
        claimed = HeldVersion.read(second, SUITE).version.digest
        await until(lambda: _is_claimed(ports, claimed, by={"PORT-A", "PORT-D"}))
        await ports.settle()
        bundles = [with_pacts(ports.export("PORT-B"), second), ports.export("PORT-C")]
        recovered = _recover(tmp_path / "new", _bring(homes, "PORT-A", *bundles))
        closed = {(closure.feed, closure.audience): closure.closed for closure in recovered.realms[0].closures}
        assert closed["genesis", THREE] == ()
        _move_in(ports, "PORT-A", tmp_path / "new")
        for party in ("PORT-B", "PORT-C"):
            accept(homes[party], second)
        ports.look_again("PORT-B", "PORT-C")
        await ports.start()
        await ports.is_in_force(2, *THREE)
        (said,) = await ports.say("PORT-A", CALL, to=THREE)
        await ports.reaches(said, *THREE)
        assert ports["PORT-A"].failure is None

    play(ports, scene)


def _is_claimed(ports: Ports, version: Digest, *, by: set[Party]) -> bool:
    """Whether PORT-B and PORT-C have read these parties' acceptances of a version that they do not hold."""
    for reader in ("PORT-B", "PORT-C"):
        rows = ports[reader].machine.statements.find(PactAccepted)
        if not by <= {row.author for row in rows if isinstance(row.entry, PactAccepted) and row.entry.pact == version}:
            return False
    return True


def test_a_version_that_the_lost_party_never_accepted_is_not_taken(
    ports: Ports, homes: dict[Party, Home], tmp_path: Path
) -> None:
    """Not from a bundle, and not where another party accepted it: who holds a file has accepted it (P34)."""

    async def scene(ports: Ports) -> None:
        await _live_through_a_widening(ports)
        third = amend(homes["PORT-B"], WINDOW)
        rival = amend(make_port_homes(tmp_path / "strangers")["PORT-B"], add_port_e)
        accept(homes["PORT-B"], third)
        ports.look_again("PORT-B")
        await ports.start()
        await until(lambda: bool(ports["PORT-C"].machine.versions.force.find_claimed()))
        await ports.settle()
        bundles = [with_pacts(ports.export(party), third, rival, b"no pact") for party in ("PORT-B", "PORT-C")]
        recovered = _recover(tmp_path / "new", _bring(homes, "PORT-A", *bundles))
        versions = recovered.realms[0].record.versions
        assert [held.version.number for held in versions.held] == [1, 2]
        assert [left.raw for left in versions.left_out] == [third]
        by_hand = _recover(tmp_path / "other", _bring(homes, "PORT-A", *bundles, pacts=(third,)))
        assert [left.raw for left in by_hand.realms[0].record.versions.left_out] == [third]

    play(ports, scene)


class Thief:
    """Whoever copied PORT-A's store and old keys, and goes on writing in the genesis of the first circle."""

    def __init__(self, node: Node) -> None:
        self._machine = Machine(node.machine.setup)
        self._machine.restore(list(node.store.read_all()))

    def accept_anything(self) -> bytes:
        """Write one more page there."""
        machine = self._machine
        journal = machine.pen.make_id(Feed.GENESIS, FOUNDERS)
        writer = Writer(machine.ledger, machine.setup.secrets.node, SUITE)
        draft = Draft(journal, machine.setup.pact_digest, now(), CEREMONY.random(32))
        return writer.build_open(draft, [encode_entry(PactAccepted(bytes(32)))])


def test_a_key_replaced_after_a_party_joined_closes_both_circles(ports: Ports) -> None:
    """All that was said stands; what a thief writes in the genesis of the first circle does not."""

    async def scene(ports: Ports) -> None:
        await ports.be_in_force()
        (early,) = await ports.say("PORT-A", CALL, to=FOUNDERS)
        await ports.reaches(early, *FOUNDERS)
        await ports.join(amend(ports.homes["PORT-B"], add_port_e))
        (late,) = await ports.say("PORT-A", CALL, to=FIVE)
        await ports.reaches(late, *FIVE)
        raw = Thief(ports["PORT-A"]).accept_anything()
        await ports.settle()
        _replace(ports, "PORT-A")
        await ports.start()
        await ports.is_in_force(2, *FIVE)
        await _all_stands(ports, "PORT-A", [early, late])
        ports["PORT-C"].take_bytes(raw)
        stolen = parse_page(raw, SUITE).digest
        await until(lambda: _find_page_standing(ports, "PORT-C", stolen) == "disowned")
        before = ports["PORT-A"].store.count_pages()
        await ports.settle()
        await ports.start()
        await ports.is_in_force(2, *FIVE)
        assert _count_own_genesis(ports, "PORT-A", FOUNDERS) == 1
        assert ports["PORT-A"].store.count_pages() >= before

    play(ports, scene)


def _find_page_standing(ports: Ports, reader: Party, digest: Digest) -> str:
    ledger = ports[reader].machine.ledger
    placed = ledger.find_page(digest)
    return ledger.find_standing(placed).value if placed else "not here"


def _count_own_genesis(ports: Ports, party: Party, circle: tuple[Party, ...]) -> int:
    """How many pages the incarnation in use wrote in the genesis journal of a circle."""
    machine = ports[party].machine
    book = machine.ledger.find_book(machine.pen.make_id(Feed.GENESIS, circle).find_digest(SUITE))
    return len(book.by_number) if book else 0


def test_a_home_put_back_from_before_an_amendment_does_not_disown_it(
    ports: Ports, homes: dict[Party, Home], tmp_path: Path
) -> None:
    """Its node takes the later pages back and waits; a new key is refused until the version is here again."""
    backup = tmp_path / "backup"

    async def scene(ports: Ports) -> None:
        await ports.be_in_force()
        await ports.settle()
        shutil.copytree(homes["PORT-A"].path, backup, ignore=shutil.ignore_patterns("marks"))
        ids = await _live_through_a_widening(ports)
        second = ports.accepted["PORT-A"].later[0].raw
        shutil.rmtree(homes["PORT-A"].path)
        backup.rename(homes["PORT-A"].path)
        suspect_store(homes["PORT-A"].path, REALM)
        ports.homes["PORT-A"] = open_home(homes["PORT-A"].path)
        ports.look_again("PORT-A")
        assert ports.accepted["PORT-A"].later == ()
        await ports.start()
        await ports.say("PORT-B", CALL, to=("PORT-A",))
        await until(lambda: bool(ports["PORT-A"].machine.statements.unjudged))
        await ports.settle()
        with pytest.raises(UsageError, match=r"key\.version-missing"):
            _replace(ports, "PORT-A")
        accept(ports.homes["PORT-A"], second)
        ports.look_again("PORT-A")
        await ports.start()  # it reckons: now it knows of the wider circle, and asks for that as well
        await until(lambda: not ports["PORT-A"].machine.find_closed() and has_reckoned(ports["PORT-A"].machine))
        await ports.settle()
        _replace(ports, "PORT-A")
        await ports.start()
        await ports.is_in_force(2, *FIVE)
        await until(lambda: not ports["PORT-A"].machine.find_closed())
        await _all_stands(ports, "PORT-A", ids)

    play(ports, scene)


def test_a_standby_from_before_an_amendment_is_not_promoted_without_it(ports: Ports, tmp_path: Path) -> None:
    """It follows whatever the primary stores; the file of the version is brought by hand, or given up by word."""

    async def scene(ports: Ports) -> None:
        shutil.copytree(ports.homes["PORT-A"].path, tmp_path / "standby" / "PORT-A")
        standby = open_home(tmp_path / "standby" / "PORT-A")
        ids = await _live_through_a_widening(ports)
        store = ports.open_store("PORT-A")
        behind = Store(open_accepted(standby, realm=REALM, suite=SUITE).path / "store.db", party="PORT-A")
        behind.commit([parse_page(raw, SUITE) for raw in store.read_all()], (), at=now())
        for opened in (store, behind):
            opened.close()
        second = ports.accepted["PORT-A"].later[0].raw
        ports.homes["PORT-A"] = standby
        ports.look_again("PORT-A")
        with pytest.raises(UsageError, match=r"key\.version-missing"):
            _replace(ports, "PORT-A")
        assert ports.accepted["PORT-A"].secrets.node.incarnation == 0
        shutil.copytree(standby.path, tmp_path / "given-up" / "PORT-A")
        given_up = open_home(tmp_path / "given-up" / "PORT-A")
        held = open_accepted(given_up, realm=REALM, suite=SUITE)
        replaced = replace_key(given_up, held, at=now(), is_loss_wanted=True, suite=SUITE, ceremony=CEREMONY)
        assert FIVE not in {closure.audience for closure in replaced.closures}
        accept(standby, second)
        ports.look_again("PORT-A")
        _replace(ports, "PORT-A")
        await ports.start()
        await ports.is_in_force(2, *FIVE)
        await _all_stands(ports, "PORT-A", ids)

    play(ports, scene)


def test_no_file_is_needed_that_the_home_does_not_hold(ports: Ports, homes: dict[Party, Home]) -> None:
    """A key is replaced in a home that accepted a version which was never spoken under."""

    async def scene(ports: Ports) -> None:
        await ports.be_in_force()
        await ports.settle()
        accept(homes["PORT-A"], amend(homes["PORT-A"], WINDOW))
        ports.look_again("PORT-A")
        _replace(ports, "PORT-A")

    play(ports, scene)


def test_a_home_put_back_reckons_again_under_a_version_that_it_accepts_anew(
    ports: Ports, homes: dict[Party, Home], tmp_path: Path
) -> None:
    """Its first reckoning knew nothing of the wider circle; nobody is up when it starts under the second version."""

    async def scene(ports: Ports) -> None:
        await ports.be_in_force()
        await ports.settle()
        shutil.copytree(homes["PORT-A"].path, tmp_path / "backup", ignore=shutil.ignore_patterns("marks"))
        await _live_through_a_widening(ports)
        second = ports.accepted["PORT-A"].later[0].raw
        shutil.rmtree(homes["PORT-A"].path)
        (tmp_path / "backup").rename(homes["PORT-A"].path)
        suspect_store(homes["PORT-A"].path, REALM)
        ports.outboxes["PORT-A"].lose_all()
        ports.look_again("PORT-A")
        await ports.start()
        await until(lambda: has_reckoned(ports["PORT-A"].machine))
        await ports.stop("PORT-A")
        accept(homes["PORT-A"], second)
        ports.look_again("PORT-A")
        ports.cut |= {frozenset(("PORT-A", other)) for other in FIVE[1:]}
        await ports.start("PORT-A")
        machine = ports["PORT-A"].machine
        assert (Feed.GENESIS, FIVE) in {(row.feed, row.audience) for row in machine.find_closed()}
        assert machine.reckoning.is_reckoning  # for as long as it takes, and not for the length of a look
        for other in FIVE[1:]:
            ports.set_cut("PORT-A", other, is_cut=False)
        await until(lambda: not machine.find_closed())
        await ports.is_in_force(2, *FIVE)
        await ports.reaches((await ports.say("PORT-A", CALL, to=FIVE))[0], *FIVE)
        assert ports.find_forks() == []

    play(ports, scene)
