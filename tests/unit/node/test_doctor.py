"""Each thing is broken, and the doctor finds it: on the disk of a home, and in running nodes."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from comity.base.errors import UsageError
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.crypto.vault import open_vault, seal_vault
from comity.journal.card import parse_card
from comity.journal.header import Feed
from comity.journal.statement import Certificate, RootSecret, Succession, parse_statement, sign_statement
from comity.machine.closed import Closed, ClosedWhy
from comity.node.doctor import surroundings
from comity.node.doctor.at_rest import look_at_rest
from comity.node.doctor.finding import Finding, Weight, is_sound
from comity.node.doctor.in_life import look_at_life
from comity.node.doctor.keys import look_at_keys, look_at_vault
from comity.node.doctor.streams import StreamState, compare_streams, look_at_streams
from comity.node.doctor.surroundings import look_at_surroundings, make_private
from comity.node.home import Home, open_home
from comity.node.node import Node
from comity.node.store import Store
from comity.node.upgrade import upgrade_home
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.genesis import PactAccepted
from comity.procedure.threat import ThreatKind
from kit.nodes import Nodes, play
from kit.patience import until
from kit.released import PARTY, PASSPHRASE, REALM, REALM_FOLDER, unpack_home

SUITE = ProductionSuite()
CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
Change = Callable[[Path], object]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A played home, upgraded, its root offline."""
    made = unpack_home(tmp_path)
    upgrade_home(made, party=PARTY, suite=SUITE)
    (made / "root.vault").rename(tmp_path / "root.vault")
    return made


def _open(home: Path) -> Home:
    return open_home(home, passphrase=PASSPHRASE.encode())


def _look(home: Path, *, is_deep: bool = False) -> list[Finding]:
    opened = _open(home)
    found = [*look_at_surroundings(home), *look_at_vault(opened)]
    if not found or all(row.code != "doctor.vault-closed" for row in found):
        found += look_at_keys(opened, REALM, SUITE)
    return [*found, *look_at_rest(home / REALM_FOLDER, is_running=False, is_deep=is_deep, suite=SUITE)]


def _grave(findings: list[Finding]) -> dict[str, Weight]:
    return {row.code: row.weight for row in findings if row.weight is not Weight.NOTE}


def test_a_sound_home_has_notes_only(home: Path) -> None:
    """That no node runs is said, and is no fault."""
    found = _look(home, is_deep=True)
    assert {row.code for row in found} == {"doctor.node-silent"}
    assert is_sound(found)


def _edit_vault(change: Callable[[dict[str, bytes]], None]) -> Change:
    def edit(home: Path) -> None:
        held = open_vault((home / "node.vault").read_bytes(), passphrase=PASSPHRASE.encode())
        change(held)
        (home / "node.vault").write_bytes(seal_vault(held, passphrase=PASSPHRASE.encode()))

    return edit


def _swap(name: str, value: bytes) -> Change:
    return _edit_vault(lambda held: held.update({f"{REALM}#{name}": value}))


def _write(name: str, content: bytes) -> Change:
    def write(home: Path) -> None:
        (home / name).write_bytes(content)
        (home / name).chmod(0o600)

    return write


def _edit_store(*statements: str) -> Change:
    def edit(home: Path) -> None:
        db = sqlite3.connect(home / REALM_FOLDER / "store.db", isolation_level=None)
        for statement in statements:
            db.execute(statement)
        db.close()

    return edit


def _flip_store(home: Path) -> None:
    """Turn bits in the middle of the file: rows and indexes no longer agree."""
    store = home / REALM_FOLDER / "store.db"
    raw = bytearray(store.read_bytes())
    raw[8192:12288] = bytes(4096)
    store.write_bytes(raw)


def _exchange_cards(home: Path) -> None:
    """Put one peer's card in the place of another's."""
    (home / "peers" / "KOR.card").write_bytes((home / "peers" / "USA.card").read_bytes())


def _other_root(home: Path) -> None:
    """Put a card of KOR under another root in the place of the one that was compared."""
    from kit.nodes import make_homes

    made = make_homes(home.parent / "others")
    raw = (made["KOR"].path / "card").read_bytes()
    assert parse_card(raw, SUITE).party == "KOR"
    (home / "peers" / "KOR.card").write_bytes(raw)


@pytest.mark.parametrize(
    ("change", "code", "weight"),
    [
        (_write("node.vault", b"x"), "doctor.vault-closed", Weight.FAULT),
        (_swap("node", bytes(32)), "doctor.key-differs", Weight.FAULT),
        (_swap("checkpoint", bytes(32)), "doctor.key-differs", Weight.FAULT),
        (_swap("receiving", bytes(range(96))), "doctor.key-differs", Weight.FAULT),
        (_swap("recovery-public", bytes(1216)), "doctor.key-differs", Weight.FAULT),
        (_swap("link", bytes(32)), "doctor.key-differs", Weight.FAULT),
        (_write(f"{REALM_FOLDER}/certificate", b"x"), "doctor.certificate", Weight.FAULT),
        (lambda home: (home / REALM_FOLDER / "certificate").write_bytes((home / REALM_FOLDER / "links").read_bytes()),
         "doctor.certificate", Weight.FAULT),
        (_write(f"{REALM_FOLDER}/links", b"x"), "doctor.links", Weight.FAULT),
        (lambda home: (home / REALM_FOLDER / "certificate").unlink(), "doctor.realm-unreadable", Weight.FAULT),
        (lambda home: (home / REALM_FOLDER / "pact.toml").unlink(), "doctor.not-accepted", Weight.WARNING),
        (lambda home: (home / "peers" / "KOR.card").unlink(), "doctor.card-missing", Weight.FAULT),
        (_exchange_cards, "doctor.card-missing", Weight.FAULT),
        (_other_root, "doctor.card-missing", Weight.FAULT),
        (_write("peers/KOR.card", b"x"), "doctor.card-unreadable", Weight.FAULT),
        (_write(f"{REALM_FOLDER}/reach.toml", b"KOR = 7"), "home.reach-malformed", Weight.FAULT),
        (_write("root.vault", b"x"), "doctor.root-online", Weight.WARNING),
        (lambda home: home.chmod(0o755), "doctor.exposed", Weight.FAULT),
        (lambda home: (home / "node.vault").chmod(0o640), "doctor.exposed", Weight.FAULT),
        (_write("home.toml", b'party = "JPN"\nunlock = "passphrase"\n'), "home.layout-older", Weight.FAULT),
        (_flip_store, "doctor.store-damaged", Weight.FAULT),
        (_write(f"{REALM_FOLDER}/store.db", b"no database" * 500), "doctor.store-damaged", Weight.FAULT),
        (_edit_store("PRAGMA journal_mode = DELETE", "UPDATE marks SET value = '99'"), "store.format-unknown",
         Weight.FAULT),
        (_edit_store("UPDATE pages SET raw = x'' WHERE seq = 4"), "doctor.pages-lost", Weight.WARNING),
    ],
)  # fmt: skip
def test_what_is_broken_on_the_disk_is_found(home: Path, change: Change, code: str, weight: Weight) -> None:
    """By its own code, and nothing else is."""
    change(home)
    found = _look(home)
    assert _grave(found) == {code: weight}
    assert not is_sound(found)


def test_a_page_that_was_altered_is_found_by_looking_deep(home: Path) -> None:
    """Its bytes no longer give its digest; SQLite alone cannot see that."""
    db = sqlite3.connect(home / REALM_FOLDER / "store.db", isolation_level=None)
    (raw,) = db.execute("SELECT raw FROM pages WHERE seq = 4").fetchone()
    db.execute("UPDATE pages SET raw = ? WHERE seq = 4", (raw[:-1] + bytes([raw[-1] ^ 1]),))
    db.close()
    assert _grave(_look(home)) == {}
    assert _grave(_look(home, is_deep=True)) == {"doctor.pages-damaged": Weight.FAULT}


def test_unattended_unlocking_and_an_old_store_are_said_and_are_no_fault(home: Path) -> None:
    """One is a choice, the other is what the node sees to by itself."""
    (home / "unlock.key").write_text(PASSPHRASE)
    (home / "unlock.key").chmod(0o600)
    (home / "marks").mkdir(mode=0o700)
    (home / "marks" / "exercise-kit").write_text("is_suspect = true\n")
    found = _look(home)
    assert {row.code for row in found} == {"doctor.unattended", "doctor.store-old", "doctor.node-silent"}
    assert is_sound(found)


def test_space_and_the_servers_program_are_looked_at(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the disk is full, not after."""
    for wanted, code, weight in ((2**62, "doctor.space", Weight.WARNING), (2**61, "doctor.space", Weight.FAULT)):
        monkeypatch.setattr(surroundings, "SPACE_BYTES_WANTED", wanted)
        monkeypatch.setattr(surroundings, "SPACE_BYTES_MIN", wanted if weight is Weight.FAULT else 0)
        assert _grave(list(look_at_surroundings(home))) == {code: weight}
    monkeypatch.undo()

    def find_none() -> Path:
        raise UsageError("outbox.no-server-program")

    monkeypatch.setattr(surroundings, "find_server_program", find_none)
    assert _grave(list(look_at_surroundings(home))) == {"outbox.no-server-program": Weight.FAULT}


def test_a_log_that_has_grown_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite moves it into the store every few megabytes, unless something holds it up."""
    monkeypatch.setattr("comity.node.doctor.at_rest.LOG_SIZE_BYTES_WANTED", 10)
    (home / REALM_FOLDER / "store.db-wal").write_bytes(bytes(100))
    found = look_at_rest(home / REALM_FOLDER, is_running=True, is_deep=False, suite=SUITE)
    assert _grave(list(found)) == {"doctor.log-size": Weight.WARNING}


def test_a_store_that_somebody_holds_without_answering_is_locked(home: Path) -> None:
    """A node that hangs, or another program."""
    store = Store(home / REALM_FOLDER / "store.db", party=PARTY)
    assert _grave(_look(home)) == {"store.locked": Weight.FAULT}
    store.close()


def test_permissions_are_mended(home: Path) -> None:
    """And everything still opens for its owner."""
    for path in (home, *home.rglob("*")):
        path.chmod(0o777)
    make_private(home)
    assert _grave(_look(home)) == {}


def _codes(node: Node) -> dict[str, Weight]:
    return _grave(list(look_at_life(node)))


def test_running_nodes_that_agree_have_nothing_to_report(nodes: Nodes) -> None:
    """Links are up, clocks agree, nothing waits."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await nodes.reaches((await nodes.say("USA", CALL))[0], "JPN", "KOR", "USA")
        await until(lambda: all(_codes(node) == {} for node in nodes.nodes.values()))

    play(nodes, scene)


def test_a_link_that_is_down_a_party_that_is_missing_and_pages_that_wait_are_found(nodes: Nodes) -> None:
    """With the name of the party; what was said to it alone has no path."""

    async def scene(nodes: Nodes) -> None:
        await nodes.start("JPN", "USA")
        found = list(look_at_life(nodes["USA"]))
        assert {row.details["party"] for row in found if row.code == "doctor.not-in-force"} >= {"KOR"}
        await nodes.start("KOR")
        await until(lambda: nodes["USA"].machine.is_in_force)
        nodes.set_cut("USA", "KOR", is_cut=True)
        await nodes.say("USA", CALL, to=("KOR",))
        await until(lambda: "doctor.link-unreachable" in _codes(nodes["USA"]))
        found = list(look_at_life(nodes["USA"]))
        assert {row.details["party"] for row in found if row.code == "doctor.link-unreachable"} == {"KOR"}
        assert {row.details["party"] for row in found if row.code == "doctor.no-path"} == {"KOR"}
        nodes.outboxes["USA"].is_down = True
        await nodes.say("USA", CALL)
        await until(lambda: "doctor.pages-unpublished" in _codes(nodes["USA"]))
        nodes.outboxes["USA"].is_down = False

    play(nodes, scene)


def test_each_reason_for_a_link_that_is_down_has_its_own_code(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Because what to do about each is another thing."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        node = nodes["USA"]
        node.links_up["KOR"] = False
        for why in ("pin", "tls", "login", "unreachable"):
            monkeypatch.setattr(node.carrier, "find_why_down", lambda _, why=why: why)
            assert f"doctor.link-{why}" in {row.code for row in look_at_life(node)}

    play(nodes, scene)


def test_a_clock_is_told_apart_as_own_or_anothers(nodes: Nodes) -> None:
    """Where everybody disagrees with us it is ours; where one does and another agrees, it is his."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        node, at = nodes["USA"], nodes["USA"].now()
        await until(lambda: _codes(node) == {})
        node.machine.clocks._samples.clear()
        node.machine.clocks.note("KOR", written_at=at - 600_000, at=at)
        assert _codes(node) == {}  # it may have waited for the link, which has just come up
        node.machine.clocks._up_since.clear()
        node.machine.clocks.note("KOR", written_at=at - 600_000, at=at)
        node.machine.clocks.note("JPN", written_at=at - 50, at=at)
        assert _codes(node) == {"doctor.clock-peer": Weight.WARNING}
        node.machine.clocks._samples.clear()
        for party in ("KOR", "JPN"):
            node.machine.clocks.note(party, written_at=at - 600_000, at=at)
        assert _codes(node) == {"doctor.clock-own": Weight.FAULT}

    play(nodes, scene)


def test_holes_late_checkpoints_and_a_stopped_node_are_found(nodes: Nodes) -> None:
    """What the node knows of itself, with counts and no content."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        node = nodes["USA"]
        await until(lambda: _codes(node) == {})
        own = next(iter(node.machine.pen.outgoing.all()))
        own.has_new_pages, own.checkpoint_at = True, own.checkpoint_at.__class__(1)
        own.in_flight = own.digest  # so that none is asked for while we look
        assert _codes(node) == {"doctor.checkpoint-late": Weight.WARNING}
        node.failure = UsageError("outbox.fenced")
        assert _codes(node)["node.stopped"] is Weight.FAULT

    play(nodes, scene)


def test_a_hole_and_a_held_page_are_found(nodes: Nodes) -> None:
    """A page comes whose predecessor does not."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        nodes.set_cut("USA", "KOR", is_cut=True)
        nodes.set_cut("USA", "JPN", is_cut=True)
        before = nodes["KOR"].store.count_pages()
        for _ in range(2):
            await nodes.say("KOR", CALL)
        last = list(nodes["KOR"].store.read_all())[-1]
        assert nodes["KOR"].store.count_pages() >= before + 2
        nodes["USA"].take_bytes(last)
        codes = _codes(nodes["USA"])
        assert {"doctor.hole", "doctor.pages-held"} <= set(codes)

    play(nodes, scene)


def test_a_receiving_key_that_is_not_here_is_found(nodes: Nodes) -> None:
    """Retired ones are kept for ever; without one, what was sealed to it stays closed."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        node = nodes["USA"]
        await until(lambda: _codes(node) == {})
        other = ProductionCeremony().generate_receiving()
        object.__setattr__(node.machine.setup, "receiving_secrets", (other,))
        assert _codes(node) == {"doctor.receiving-lost": Weight.FAULT}

    play(nodes, scene)


def test_streams_are_compared_with_the_store_and_rebuilt(nodes: Nodes) -> None:
    """A stream that lost a page is behind; rebuilt it holds what the store says, and the readers lose nothing."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        node = nodes["USA"]
        await nodes.reaches((await nodes.say("USA", CALL))[0], "JPN", "KOR")
        await until(lambda: not node.store.find_unpublished())
        assert list(look_at_streams(await compare_streams(node))) == []
        stream = nodes.stream("JPN", "KOR", "USA")
        held = nodes.outboxes["USA"]._get(stream)
        del held.pages[1]
        assert _grave(list(look_at_streams(await compare_streams(node)))) == {"doctor.stream-behind": Weight.FAULT}
        await node.carrier.rebuild_stream(Feed.RECORD, ("JPN", "KOR", "USA"))
        assert list(look_at_streams(await compare_streams(node))) == []
        nodes.outboxes["USA"].is_down = True
        assert _grave(list(look_at_streams(await compare_streams(node)))) == {"doctor.outbox-silent": Weight.FAULT}
        nodes.outboxes["USA"].is_down = False

    play(nodes, scene)


def test_a_stream_that_is_ahead_is_another_writer() -> None:
    """Never rebuilt: this node must stop."""
    state = StreamState(Feed.RECORD, ("JPN", "USA"), stored=3, taken=3, held=4)
    assert not state.is_behind
    (found,) = look_at_streams([state])
    assert (found.code, found.weight) == ("doctor.stream-ahead", Weight.FAULT)


def test_a_finding_is_a_row_of_the_catalogue() -> None:
    """Else nobody could be told what to do about it."""
    with pytest.raises(AssertionError):
        Finding("doctor.nothing-of-the-kind", Weight.NOTE)
    assert msgspec.to_builtins(Weight.FAULT) == "fault"
    assert PactAccepted.__name__ == "PactAccepted"


def test_a_full_disk_lost_pages_and_closed_journals_are_found(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the audience and who has not answered; a forked journal is a fault, one that waits is not."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        node = nodes["USA"]
        await until(lambda: _codes(node) == {})
        monkeypatch.setattr(type(node), "is_full", True)
        monkeypatch.setattr(node.store, "count_damage", lambda: (3, 2))
        closed = (Closed(Feed.RECORD, ("JPN", "USA"), ClosedWhy.RECKONING, ("JPN",)),
                  Closed(Feed.RECORD, ("KOR", "USA"), ClosedWhy.FORK))  # fmt: skip
        monkeypatch.setattr(node.machine, "find_closed", lambda: closed)
        found = {row.code: row for row in look_at_life(node) if row.weight is not Weight.NOTE}
        assert {code: row.weight for code, row in found.items()} == {
            "store.full": Weight.FAULT, "doctor.pages-lost": Weight.WARNING, "journal.reckoning": Weight.WARNING,
            "journal.forked": Weight.FAULT,
        }  # fmt: skip
        assert found["doctor.pages-lost"].details == {"count": 2}
        assert found["journal.reckoning"].details["not_answered"] == "JPN"
        monkeypatch.setattr(node, "failure", UsageError("outbox.fenced"))
        assert {"node.stopped", "journal.forked"} <= set(stopped := _codes(node))
        assert "journal.reckoning" not in stopped  # nobody is told to keep a node running that has stopped
        monkeypatch.undo()

    play(nodes, scene)


def test_a_root_that_was_lawfully_succeeded_is_no_finding(home: Path, tmp_path: Path) -> None:
    """Certificate and links by the next root count once the old one said so (S10, S11), and not before."""
    held = open_vault((tmp_path / "root.vault").read_bytes(), passphrase=PASSPHRASE.encode())
    old = RootSecret(held["root#ed25519"], held["root#mldsa"])
    new = RootSecret(held["next-root#ed25519"], held["next-root#mldsa"])
    realm, ceremony = home / REALM_FOLDER, ProductionCeremony()
    body = parse_statement((realm / "certificate").read_bytes()).body
    assert isinstance(body, Certificate)
    (realm / "certificate").write_bytes(sign_statement(body, new, suite=SUITE, ceremony=ceremony))
    assert _grave(_look(home)) == {"doctor.certificate": Weight.FAULT}
    public = new.find_public(SUITE)
    succession = Succession(body.lineage, body.party, public.ed25519, public.mldsa, bytes(32), body.issued_at)
    (realm / "succession-1").write_bytes(sign_statement(succession, old, suite=SUITE, ceremony=ceremony))
    (realm / "succession-1").chmod(0o600)
    assert _grave(_look(home)) == {}
