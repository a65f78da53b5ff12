"""A backup holds what cannot be made anew, is believed only whole, and is put back into an empty place as old."""

import asyncio
import sqlite3
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from comity.base.encoding import encode
from comity.base.errors import ComityError, OutageError, RemoteError, UsageError
from comity.base.names import Party
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.journal.header import parse_page
from comity.machine.effect import Refusal
from comity.node.backup.make import Openers, make_backup
from comity.node.backup.manifest import FilePart, Manifest, decode_manifest
from comity.node.backup.restore import check_backup, restore_backup
from comity.node.backup.sealed_file import Keys, read_sealed, write_sealed
from comity.node.backup.store_copy import check_copy
from comity.node.ceremony import open_accepted
from comity.node.home import Home, open_home
from comity.node.store import Store
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.loop import NOON
from kit.nodes import REALM as NODES_REALM
from kit.nodes import Nodes, play
from kit.patience import until
from kit.released import PARTY, PASSPHRASE, REALM, REALM_FOLDER, find_page_count, unpack_home

SUITE, CEREMONY = ProductionSuite(), ProductionCeremony()
WORDS = b"kept in another building"
CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A played home with a store, as a stopped node left it, and with what a node leaves lying about."""
    made = unpack_home(tmp_path)
    realm = made / REALM_FOLDER
    (realm / "outbox").mkdir()
    (realm / "outbox" / "server.log").write_text("a copy of pages")
    (realm / "api").write_text("http://127.0.0.1:1")
    (realm / "snapshot").write_text("a cache")
    (realm / "reach.toml").write_text('KOR = "192.0.2.1:4222"\n')
    (made / "marks").mkdir()
    (made / "marks" / "exercise-kit").write_text("starts = 9\npages = 9\nis_suspect = false\n")
    return made


def _never(realm: Path, copy: Path) -> None:
    raise AssertionError((realm, copy))


def _make(
    home: Path, target: Path, *, openers: Openers | None = None, with_root: bool = False,
    realms: Sequence[Path] | None = None,
) -> Manifest:  # fmt: skip
    return make_backup(
        home, target, party=PARTY, at=NOON, openers=openers or Openers((), WORDS), with_root=with_root,
        realms=realms or [home / REALM_FOLDER], copy_running=_never, suite=SUITE, ceremony=CEREMONY,
    )  # fmt: skip


def _recovery(home: Path) -> tuple[bytes, tuple[bytes, ...]]:
    opened = open_home(home, passphrase=PASSPHRASE.encode())
    from comity.crypto.vault import open_vault

    held = open_vault((home / "root.vault").read_bytes(), passphrase=PASSPHRASE.encode())
    return opened.get_realm_secrets(REALM).recovery_public, (held[f"{REALM}#recovery"],)


def test_a_home_that_was_backed_up_and_restored_is_the_same_home(home: Path, tmp_path: Path) -> None:
    """Every kept file byte for byte, every page; and it opens with the passphrase that it had."""
    made = _make(home, tmp_path / "b")
    restored = tmp_path / "restored"
    assert restore_backup(tmp_path / "b", restored, Keys(WORDS), suite=SUITE) == made
    for name in ("home.toml", "card", "node.vault", "peers/KOR.card", f"{REALM_FOLDER}/pact.toml",
                 f"{REALM_FOLDER}/certificate", f"{REALM_FOLDER}/links", f"{REALM_FOLDER}/reach.toml"):  # fmt: skip
        assert (restored / name).read_bytes() == (home / name).read_bytes(), name
    assert not [path for path in restored.rglob("*") if path.stat().st_mode & 0o077]
    before, after = (Store(path / REALM_FOLDER / "store.db", party=PARTY) for path in (home, restored))
    assert list(before.read_all()) == list(after.read_all())
    assert after.count_pages() == find_page_count()
    before.close()
    after.close()
    opened = open_home(restored, passphrase=PASSPHRASE.encode())
    assert open_accepted(opened, realm=REALM, suite=SUITE).realm == REALM
    assert not list(tmp_path.glob("*.restoring")) + list((home / REALM_FOLDER).glob("store.copy*"))


def test_what_can_be_made_anew_and_the_root_are_left_out(home: Path, tmp_path: Path) -> None:
    """No outbox, token, snapshot or mark; the root's vault only if it is asked for."""
    (home / "root.vault.next").write_bytes(b"a succession was broken off: both roots, and the recovery secrets")
    paths = {part.path for part in _make(home, tmp_path / "b").files}
    assert f"{REALM_FOLDER}/store.db" in paths
    for name in ("token", "api", "snapshot", "outbox/server.log", "store.db-wal"):
        assert f"{REALM_FOLDER}/{name}" not in paths
    assert not {path for path in paths if path.startswith(("marks", "root"))}
    with_root = _make(home, tmp_path / "r", with_root=True)
    assert with_root.has_root
    assert "root.vault" in {part.path for part in with_root.files}


def test_one_realm_of_several_can_be_backed_up(home: Path, tmp_path: Path) -> None:
    """The other realm's folder stays out; what is the home's own goes along."""
    (home / "realms" / "real").mkdir()
    (home / "realms" / "real" / "pact.toml").write_text("x")
    paths = {part.path for part in _make(home, tmp_path / "b").files}
    assert "realms/real/pact.toml" not in paths
    assert {"node.vault", f"{REALM_FOLDER}/pact.toml"} <= paths
    both = _make(home, tmp_path / "c", realms=sorted((home / "realms").iterdir()))
    assert "realms/real/pact.toml" in {part.path for part in both.files}


def test_a_restored_home_is_durable_before_it_is_there(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file and folder of it first, then its name: a crash leaves all of it or nothing."""
    _make(home, tmp_path / "b")
    order: list[str] = []
    monkeypatch.setattr("comity.node.fresh_home.sync_tree", lambda path: order.append(path.name))
    monkeypatch.setattr("comity.node.fresh_home.sync_folder", lambda path: order.append(path.name))
    restore_backup(tmp_path / "b", tmp_path / "restored", Keys(WORDS), suite=SUITE)
    assert order == ["restored.restoring", tmp_path.name]


def test_a_restored_store_is_marked_as_old(home: Path, tmp_path: Path) -> None:
    """Outside the store, for each realm: the node must not append before it has its own later pages back."""
    _make(home, tmp_path / "b")
    restore_backup(tmp_path / "b", tmp_path / "restored", Keys(WORDS), suite=SUITE)
    mark = tomllib.loads((tmp_path / "restored" / "marks" / "exercise-kit").read_text())
    assert mark["is_suspect"] is True


def test_a_home_backed_up_before_its_first_start_is_not_born_a_second_time(
    home_nodes: Nodes, homes: Mapping[Party, Home], tmp_path: Path
) -> None:
    """No store was in the backup; what the party said since is taken back before a first page is signed (J22)."""
    usa, realm = homes["USA"].path, home_nodes.accepted["USA"].path
    make_backup(
        usa, tmp_path / "b", party="USA", at=NOON, openers=Openers((), WORDS), with_root=False, realms=[realm],
        copy_running=_never, suite=SUITE, ceremony=CEREMONY,
    )  # fmt: skip

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        (said,) = await nodes.say("USA", CALL)
        await nodes.reaches(said, "JPN", "KOR", "USA")
        await nodes.stop("USA")
        nodes.outboxes["USA"].lose_all()
        restore_backup(tmp_path / "b", tmp_path / "restored", Keys(WORDS), suite=SUITE)
        nodes.accepted["USA"] = open_accepted(open_home(tmp_path / "restored"), realm=NODES_REALM, suite=SUITE)
        nodes.cut.add(frozenset(("USA", "KOR")))
        await nodes.start("USA")
        await until(lambda: nodes.knows("USA", said))
        assert ("KOR",) in {row.waits_for for row in nodes["USA"].machine.find_closed()}
        nodes.set_cut("USA", "KOR", is_cut=False)
        await until(lambda: nodes["USA"].machine.is_in_force and not nodes["USA"].machine.find_closed())
        await nodes.reaches((await nodes.say("USA", CALL))[0], "JPN", "KOR")
        assert not [book.id for node in nodes.nodes.values() for book in node.machine.ledger.books() if book.is_forked]

    play(home_nodes, scene)


def test_a_recovery_key_opens_what_no_passphrase_was_given_for(home: Path, tmp_path: Path) -> None:
    """An unattended backup needs no secret: it is sealed to the key that is offline with the root."""
    public, secrets = _recovery(home)
    _make(home, tmp_path / "b", openers=Openers((public,)))
    check_backup(tmp_path / "b", Keys(recovery=secrets), suite=SUITE)
    for keys in (Keys(WORDS), Keys(), Keys(recovery=(CEREMONY.generate_receiving(),))):
        with pytest.raises(UsageError, match=r"backup\.not-opened"):
            check_backup(tmp_path / "b", keys, suite=SUITE)
    with pytest.raises(UsageError, match=r"backup\.no-opener"):
        _make(home, tmp_path / "c", openers=Openers(()))


def test_the_content_is_sealed(home: Path, tmp_path: Path) -> None:
    """Neither a card nor a page nor a name of a file can be read in it."""
    _make(home, tmp_path / "b", with_root=True)
    raw = (tmp_path / "b").read_bytes()
    for name in ("card", "node.vault", "root.vault"):
        assert (home / name).read_bytes()[:64] not in raw
    assert b"store.db" not in raw
    assert b"node.vault" not in raw
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("place", [0.0, 0.001, 0.3, 0.6, 0.9, 0.9999])
def test_one_changed_bit_anywhere_is_found_and_nothing_is_restored(home: Path, tmp_path: Path, place: float) -> None:
    """In the head, in any chunk, in the last byte."""
    _make(home, tmp_path / "b")
    raw = bytearray((tmp_path / "b").read_bytes())
    raw[int(len(raw) * place)] ^= 1
    (tmp_path / "b").write_bytes(raw)
    with pytest.raises(ComityError, match=r"backup\.|bytes\."):
        restore_backup(tmp_path / "b", tmp_path / "restored", Keys(WORDS), suite=SUITE)
    assert not (tmp_path / "restored").exists()


def test_a_cut_doubled_or_moved_chunk_is_found(home: Path, tmp_path: Path) -> None:
    """Each is authentic by itself; its place and whether it is the last are sealed with it."""
    _make(home, tmp_path / "b")
    raw = (tmp_path / "b").read_bytes()
    start = 12 + int.from_bytes(raw[8:12], "big")
    size = 4 + int.from_bytes(raw[start : start + 4], "big")
    first, second, rest = raw[start : start + size], raw[start + size : start + 2 * size], raw[start + 2 * size :]
    assert len(rest) > 0
    head = raw[:start]
    for forged in (head + first, head + second + first + rest, head + first + first + second + rest,
                   head + second + rest, head, raw + first, raw[:-1]):  # fmt: skip
        (tmp_path / "b").write_bytes(forged)
        with pytest.raises(RemoteError, match=r"backup\.damaged"):
            check_backup(tmp_path / "b", Keys(WORDS), suite=SUITE)


def test_a_newer_format_is_named_and_left_alone(home: Path, tmp_path: Path) -> None:
    """And what is no backup at all is told apart from it."""
    _make(home, tmp_path / "b")
    head = encode((2, "whatever", {"a": 1}))
    (tmp_path / "b").write_bytes(b"COMITYK1" + len(head).to_bytes(4, "big") + head)
    with pytest.raises(RemoteError, match=r"backup\.format-unknown"):
        restore_backup(tmp_path / "b", tmp_path / "restored", Keys(WORDS), suite=SUITE)
    for raw in (b"", b"COMITYB1", b"COMITYK1\xff\xff\xff\xff", b"COMITYK1\x00\x00\x00\x01\xc1"):
        (tmp_path / "b").write_bytes(raw)
        with pytest.raises(RemoteError, match=r"backup\.malformed"):
            check_backup(tmp_path / "b", Keys(WORDS), suite=SUITE)


def test_nothing_is_ever_overwritten(home: Path, tmp_path: Path) -> None:
    """Neither a file by a backup, nor a folder with anything in it by a restored home."""
    (tmp_path / "b").write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"backup\.exists"):
        _make(home, tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"mine"
    _make(home, tmp_path / "c")
    with pytest.raises(UsageError, match=r"home\.folder-taken"):
        restore_backup(tmp_path / "c", home, Keys(WORDS), suite=SUITE)
    (tmp_path / "empty").mkdir()
    restore_backup(tmp_path / "c", tmp_path / "empty", Keys(WORDS), suite=SUITE)
    assert (tmp_path / "empty" / "home.toml").exists()


def test_a_damaged_store_is_noticed_on_the_day_of_its_backup(home: Path, tmp_path: Path) -> None:
    """A page whose bytes no longer give its digest: no backup is written that would hold it."""
    db = sqlite3.connect(home / REALM_FOLDER / "store.db")
    (raw,) = db.execute("SELECT raw FROM pages WHERE seq = 5").fetchone()
    db.execute("UPDATE pages SET raw = ? WHERE seq = 5", (raw[:-1] + bytes([raw[-1] ^ 1]),))
    db.commit()
    db.close()
    with pytest.raises(OutageError, match=r"store\.damaged"):
        _make(home, tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_a_digest_in_the_manifest_that_differs_is_damage(home: Path, tmp_path: Path) -> None:
    """Whoever holds the key could still have written other bytes than he listed: every one is compared."""
    made = _make(home, tmp_path / "b")
    content = b"".join(read_sealed(tmp_path / "b", Keys(WORDS), suite=SUITE))
    size = int.from_bytes(content[:4], "big")
    manifest = decode_manifest(content[4 : 4 + size])
    assert manifest == made
    card = next(part for part in manifest.files if part.path == "card")
    files = tuple(FilePart(p.path, p.size_bytes, bytes(32)) if p is card else p for p in manifest.files)
    forged = encode(Manifest(manifest.party, manifest.made_at, manifest.version, False, files, manifest.stores))
    from comity.node.backup.sealed_file import lock_with_passphrase

    with (tmp_path / "c").open("wb") as file:
        write_sealed(file, [len(forged).to_bytes(4, "big") + forged, content[4 + size :]], key=bytes(32),
                     locks=[lock_with_passphrase(bytes(32), WORDS)], suite=SUITE)  # fmt: skip
    with pytest.raises(RemoteError, match=r"backup\.damaged.*card"):
        check_backup(tmp_path / "c", Keys(WORDS), suite=SUITE)


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", "a//b", "", "a\\b", "./a"])
def test_a_path_that_leads_out_of_the_folder_is_refused(path: str) -> None:
    """A backup may come from anybody who has the passphrase."""
    with pytest.raises(RemoteError, match=r"backup\.malformed"):
        decode_manifest(encode(Manifest("JPN", 1, "0", False, (FilePart(path, 0, bytes(32)),), ())))


def test_a_running_nodes_store_is_copied_whole_while_it_goes_on(nodes: Nodes) -> None:
    """Statements are stored meanwhile; the copy is the store as it was at one instant."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        store = nodes["USA"].store
        store.commit((), [Refusal(bytes(50_000), "page.malformed")] * 100, at=NOON)
        before = store.count_pages()
        copying = asyncio.create_task(asyncio.to_thread(store.make_copy))
        ids = [await nodes.say("USA", CALL) for _ in range(5)]
        copy = await copying
        assert len(ids) == 5
        held = check_copy(copy, name="store.db", suite=SUITE)
        assert before <= held.page_count <= store.count_pages()
        rows = sqlite3.connect(copy).execute("SELECT raw FROM pages ORDER BY seq").fetchall()
        assert [raw for (raw,) in rows] == list(store.read_all())[: held.page_count]
        assert all(parse_page(raw, SUITE) for (raw,) in rows)

    play(nodes, scene)
