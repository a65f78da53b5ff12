"""A home that is lost with its machine: made anew from the root's vault and what the other parties hold (J14, S16)."""

import asyncio
import dataclasses
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.cli.audit import is_clean, judge_realms
from comity.crypto.vault import open_vault
from comity.journal.bundle import Bundle, BundleHead, read_bundle, write_bundle
from comity.journal.header import Kind, parse_page
from comity.node.ceremony import open_accepted
from comity.node.doctor.in_life import look_at_life
from comity.node.home import Home, create_home, open_home
from comity.node.memory_outbox import MemoryOutbox
from comity.node.recovery import Brought, Recovered, recover_home
from comity.node.replacement import replace_key
from comity.node.succession import succeed_root
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.nodes import CEREMONY, PARTIES, REALM, SUITE, Nodes, play
from kit.patience import until

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))


@pytest.fixture
def nodes(home_nodes: Nodes) -> Nodes:
    """Nodes on this test's copies of the homes."""
    return home_nodes


def _now() -> Instant:
    return Instant(time.time_ns() // 1_000_000)


def _export(nodes: Nodes, party: Party) -> Bundle:
    """What `comity export` writes for a stopped node."""
    store, held = nodes.open_store(party), nodes.accepted[party]
    head = BundleHead(1, held.pins.lineage, REALM, party, _now())
    raw = write_bundle(SUITE, head, pacts=[held.pact_raw], pages=store.read_all())
    store.close()
    return read_bundle(raw, SUITE)


def _bring(homes: Mapping[Party, Home], *bundles: Bundle) -> Brought:
    """What is left of USA: its root's vault; and the others' cards."""
    home = homes["USA"]
    vault = open_vault((home.path / "root.vault").read_bytes(), passphrase=home.passphrase)
    return Brought(vault, bundles, [(homes[party].path / "card").read_bytes() for party in ("JPN", "KOR")])


def _recover(path: Path, brought: Brought) -> Recovered:
    return recover_home(path, brought, passphrase=b"", at=_now(), suite=SUITE, ceremony=CEREMONY)


def _move_in(nodes: Nodes, path: Path) -> None:
    """Let USA's node run on a home made anew, with an outbox of its own."""
    nodes.accepted["USA"] = open_accepted(open_home(path), realm=REALM, suite=SUITE)
    nodes.outboxes["USA"] = MemoryOutbox(ack_wait_ms=300)


def _lose(homes: Mapping[Party, Home]) -> None:
    """The machine burns; nothing of its folder is left."""
    shutil.rmtree(homes["USA"].path)


def _find_standings(nodes: Nodes, reader: Party) -> Mapping[Digest, str]:
    return {row.id: row.standing.value for row in nodes[reader].machine.statements.all}


def _has_fork(nodes: Nodes) -> bool:
    return any(book.is_forked for node in nodes.nodes.values() for book in node.machine.ledger.books())


async def _talk(nodes: Nodes) -> list[Digest]:
    """USA says something to all, to JPN and to KOR; each of them answers it alone, and all."""
    await nodes.be_in_force()
    said = await nodes.say("USA", CALL)
    await nodes.reaches(said[0], *PARTIES)
    ids = list(said)
    for other in ("JPN", "KOR"):
        ids += await nodes.say("USA", CALL, to=(other,))
        await nodes.reaches(ids[-1], other)
        ids += await nodes.say(other, CALL, to=("USA",))
        await nodes.reaches(ids[-1], "USA")
    ids += await nodes.say("KOR", CALL)
    await nodes.reaches(ids[-1], *PARTIES)
    await asyncio.sleep(0.5)  # receipts, which name what was said
    await nodes.stop()
    return ids


def test_a_lost_home_is_recovered_from_two_bundles(nodes: Nodes, homes: Mapping[Party, Home], tmp_path: Path) -> None:
    """All that was said can be read again; it speaks and is heard; nothing has forked; the audit has no objection."""
    new = tmp_path / "new"

    async def scene(nodes: Nodes) -> None:
        ids = await _talk(nodes)
        brought = _bring(homes, _export(nodes, "JPN"), _export(nodes, "KOR"))
        _lose(homes)
        recovered = _recover(new, brought)
        (realm,) = recovered.realms
        assert (recovered.party, realm.incarnation, recovered.card.serial) == ("USA", 1, 2)
        assert (realm.record.lacking, realm.record.unheard) == ((), ())
        _move_in(nodes, new)
        await nodes.start()
        await until(lambda: all(node.machine.is_in_force for node in nodes.nodes.values()))
        await until(lambda: all(nodes.knows("USA", id_) for id_ in ids))
        again = [*(await nodes.say("USA", CALL)), *(await nodes.say("USA", CALL, to=("JPN",)))]
        await nodes.reaches(again[0], *PARTIES)
        await nodes.reaches(again[1], "JPN")
        answers = [*(await nodes.say("KOR", CALL)), *(await nodes.say("JPN", CALL, to=("USA",)))]
        await until(lambda: all(nodes.knows("USA", id_) for id_ in answers))
        assert not _has_fork(nodes)
        assert "doctor.receiving-lost" not in {finding.code for finding in look_at_life(nodes["USA"])}
        for party in PARTIES:
            standings = _find_standings(nodes, party)
            assert {standings[id_] for id_ in [*ids, *again] if id_ in standings} == {"good"}
        assert not [node.failure for node in nodes.nodes.values() if node.failure]
        await asyncio.sleep(0.5)

    play(nodes, scene)
    report, _ = judge_realms([nodes.accepted[party].path for party in PARTIES], is_open=True)
    assert is_clean(report), [finding.code for finding in report.findings]


def test_what_no_bundle_shows_is_named_and_disowned(nodes: Nodes, homes: Mapping[Party, Home], tmp_path: Path) -> None:
    """Without KOR's bundle what was said to KOR alone does not stand; a page that others name is reported by number."""

    async def scene(nodes: Nodes) -> None:
        ids = await _talk(nodes)
        whole = _export(nodes, "JPN")
        cut = _without_last_statement(whole)
        (realm,) = _recover(tmp_path / "less", _bring(homes, cut)).realms
        (lacking,) = [row for row in realm.record.lacking if (row.feed, row.audience) == ("record", PARTIES)]
        assert lacking.incarnation == 0
        assert lacking.witness in ("JPN", "KOR", "USA")
        closed = {(row.feed, row.audience): row.closed for row in realm.closures}
        assert all(last.number < lacking.number for last in closed["record", PARTIES])
        brought = _bring(homes, whole)
        _lose(homes)
        recovered = _recover(tmp_path / "new", brought)
        (realm,) = recovered.realms
        assert realm.record.unheard == ("KOR",)
        assert ("record", ("KOR", "USA")) not in {(row.feed, row.audience) for row in realm.closures}
        _move_in(nodes, tmp_path / "new")
        await nodes.start()
        said = await nodes.say("USA", CALL)
        await nodes.reaches(said[0], *PARTIES)
        to_kor = await nodes.say("USA", CALL, to=("KOR",))
        await nodes.reaches(to_kor[0], "KOR")
        standings = _find_standings(nodes, "KOR")
        assert [standings[id_] for id_ in (ids[0], ids[3], said[0], to_kor[0])] == ["good", "disowned", "good", "good"]
        assert not _has_fork(nodes)

    play(nodes, scene)


def _without_last_statement(bundle: Bundle) -> Bundle:
    """The bundle without the last page that USA wrote to all, though not the last page that anybody did."""
    pages = [parse_page(raw, SUITE) for raw in bundle.pages]
    mine = [
        page
        for page in pages
        if (page.header.journal.author, page.header.journal.audience) == ("USA", PARTIES)
        and page.header.kind is Kind.ENTRIES
    ]
    return dataclasses.replace(bundle, pages=tuple(raw for raw in bundle.pages if raw != mine[-1].raw))


def test_a_home_is_recovered_after_a_succession_and_once_more(
    nodes: Nodes, homes: Mapping[Party, Home], tmp_path: Path
) -> None:
    """The bundles lead from the pinned root to the one in the vault; each recovery is an incarnation of its own."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await nodes.stop("USA")
        home = homes["USA"]
        succeed_root(home, (nodes.accepted["USA"],), at=_now(), suite=SUITE, ceremony=CEREMONY)
        nodes.accepted["USA"] = open_accepted(home, realm=REALM, suite=SUITE)
        replace_key(home, nodes.accepted["USA"], at=_now(), suite=SUITE, ceremony=CEREMONY)
        nodes.accepted["USA"] = open_accepted(home, realm=REALM, suite=SUITE)
        await nodes.start("USA")
        said = await nodes.say("USA", CALL)
        await nodes.reaches(said[0], *PARTIES)
        await asyncio.sleep(0.3)
        await nodes.stop()
        bundles, before = [_export(nodes, "JPN"), _export(nodes, "KOR")], home.get_card(SUITE)
        first = _recover(tmp_path / "first", _bring(homes, *bundles))
        assert first.realms[0].incarnation == 2
        assert len(first.realms[0].record.successions) == 1
        assert first.card.root == before.root
        assert first.card.serial > before.serial
        _move_in(nodes, tmp_path / "first")
        await nodes.start()
        await until(lambda: nodes.knows("USA", said[0]))
        more = await nodes.say("USA", CALL)
        await nodes.reaches(more[0], *PARTIES)
        await asyncio.sleep(0.3)
        await nodes.stop()
        anew = {**homes, "USA": open_home(tmp_path / "first")}
        second = _recover(tmp_path / "second", _bring(anew, _export(nodes, "KOR"), _export(nodes, "JPN")))
        assert second.realms[0].incarnation == 3
        _move_in(nodes, tmp_path / "second")
        await nodes.start()
        await until(lambda: nodes.knows("USA", said[0]) and nodes.knows("USA", more[0]))
        last = await nodes.say("USA", CALL)
        await nodes.reaches(last[0], *PARTIES)
        standings = _find_standings(nodes, "JPN")
        assert {standings[id_] for id_ in (said[0], more[0], last[0])} == {"good"}

    play(nodes, scene)


@pytest.fixture
def bundles(nodes: Nodes) -> tuple[Bundle, ...]:
    """Bundles of JPN and KOR, once the pact is in force."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()

    play(nodes, scene)
    return _export(nodes, "JPN"), _export(nodes, "KOR")


def test_what_is_not_whole_makes_no_home(
    homes: Mapping[Party, Home], bundles: tuple[Bundle, ...], tmp_path: Path
) -> None:
    """Each thing that is missing or foreign has its code, and no folder is left behind."""
    brought, new = _bring(homes, *bundles), tmp_path / "new"
    stranger = create_home(
        tmp_path / "stranger", party="USA", endpoints={REALM: "127.0.0.1:4222"}, passphrase=b"", issued_at=_now(),
        suite=SUITE, ceremony=CEREMONY,
    )  # fmt: skip
    foreign = open_vault((stranger.path / "root.vault").read_bytes(), passphrase=stranger.passphrase)
    node_vault = open_vault((homes["USA"].path / "node.vault").read_bytes(), passphrase=homes["USA"].passphrase)
    without_key = {name: secret for name, secret in brought.vault.items() if "#recovery" not in name}
    silent = tuple(
        dataclasses.replace(bundle, pages=tuple(raw for raw in bundle.pages if _find_author(raw) != "USA"))
        for bundle in bundles
    )
    other_pact = dataclasses.replace(bundles[0], head=BundleHead(1, b"\1" * 32, REALM, "JPN", 0))
    false_card = _make_false_card("JPN", tmp_path)
    wrong = {
        "recover.no-bundle": dataclasses.replace(brought, bundles=()),
        "recover.no-root": dataclasses.replace(brought, vault=node_vault),
        "recover.root-unknown": dataclasses.replace(brought, vault=foreign),
        "recover.no-recovery-key": dataclasses.replace(brought, vault=without_key),
        "recover.never-accepted": dataclasses.replace(brought, bundles=silent),
        "recover.no-pact": dataclasses.replace(brought, bundles=(other_pact,)),
        "bundle.other-pact-here": dataclasses.replace(brought, bundles=(bundles[1], other_pact)),
        "recover.card-missing": dataclasses.replace(brought, cards=brought.cards[:1]),
        "recover.card-differs": dataclasses.replace(brought, cards=[false_card, brought.cards[1]]),
    }
    for code, given in wrong.items():
        with pytest.raises(UsageError) as refused:
            _recover(new, given)
        assert refused.value.code == code
        assert not new.exists()
        assert not new.with_name("new.recovering").exists()
    new.mkdir()
    (new / "something").touch()
    with pytest.raises(UsageError, match=r"home\.folder-taken"):
        _recover(new, brought)


def _find_author(raw: bytes) -> Party:
    return parse_page(raw, SUITE).header.journal.author


def _make_false_card(party: Party, tmp_path: Path) -> bytes:
    """A card of a party by a root that is not its own."""
    other = create_home(
        tmp_path / "other", party=party, endpoints={REALM: "127.0.0.1:4222"}, passphrase=b"", issued_at=_now(),
        suite=SUITE, ceremony=CEREMONY,
    )  # fmt: skip
    return (other.path / "card").read_bytes()
