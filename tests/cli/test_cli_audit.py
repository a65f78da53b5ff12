"""`comity audit` over homes and bundles: what it names, what it says last, and that it only reads."""

import hashlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from comity.api.words import choose_language
from comity.base.instants import Instant
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.journal.bundle import BundleHead, seal_bundle, write_bundle
from comity.journal.header import parse_page
from comity.node.home import open_home
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.command import Json, Run, start_comity
from kit.homes import PARTIES, REALM, Homes
from kit.loop import NOON

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """Three homes in which a consultation was called and every party confirmed it; made once, never changed."""
    homes = Homes(tmp_path_factory.mktemp("homes"))
    homes.be_born()
    homes.settle()
    homes.say("USA", CALL)
    homes.settle()
    homes.write_stores()
    return homes


@pytest.fixture
def homes(made: Homes, tmp_path: Path) -> Path:
    """A copy of the homes that a test may damage."""
    return shutil.copytree(made.root, tmp_path / "homes")


def _realm(homes: Path, party: str) -> Path:
    return homes / party / "realms" / "exercise-kit"


def _all(homes: Path) -> list[Path]:
    return [homes / party for party in PARTIES]


def _change(homes: Path, party: str, statement: str, *values: object) -> None:
    db = sqlite3.connect(_realm(homes, party) / "store.db")
    assert db.execute(statement, values).rowcount == 1
    db.commit()
    db.close()


def _find_page(homes: Path, party: str, *, author: str) -> tuple[bytes, bytes, int]:
    """The last page of an author's record journal: digest, bytes, number."""
    db = sqlite3.connect(_realm(homes, party) / "store.db")
    rows = db.execute(
        "SELECT digest, raw, number FROM pages WHERE author = ? AND feed = 'record' ORDER BY number DESC", (author,)
    )
    digest, raw, number = rows.fetchone()
    db.close()
    return digest, raw, number


def _bundle(made: Homes, party: str) -> bytes:
    head = BundleHead(1, made.pins.lineage, REALM, party, Instant(NOON + 1))
    return write_bundle(made.suite, head, pacts=(made.pact_raw,), pages=made.stored[party])


def test_whole_homes_agree(homes: Path, comity: Run) -> None:
    """Exit status 0, a row for each journal, and one plain sentence at the end."""
    status, out, _ = comity("audit", *_all(homes), "--pact", _realm(homes, "JPN") / "pact.toml", "--open")
    assert status == 0
    assert out.splitlines()[-1].startswith("All 3 records agree up to 1812")
    assert "Findings" not in out
    assert "That pact came with the records" not in out


def test_a_pact_that_nobody_chose_is_named(homes: Path, comity: Run) -> None:
    """Judged by what the records bring, the audit says whose choice that was, and which digest to compare."""
    out = comity("audit", *_all(homes))[1]
    digest = hashlib.sha256((_realm(homes, "USA") / "pact.toml").read_bytes()).hexdigest()
    assert f"judged by the pact with digest {digest}" in out
    assert "Compare its digest with the one that you accepted" in out


def test_without_keys_chains_are_judged_and_it_says_so(homes: Path, comity_json: Json, comity: Run) -> None:
    """With `--open` the sealed entries are compared with what was signed."""
    assert "chains were judged, contents were not" in comity("audit", homes / "JPN")[1]
    closed, opened = comity_json("audit", homes / "JPN")[1], comity_json("audit", homes / "JPN", "--open")[1]
    assert closed["coverage"]["is_chains_only"]
    assert opened["coverage"]["sealed_page_count"] == 0
    assert opened["coverage"]["entry_counts"]["ConsultationCalled"] == 1


def test_a_running_node_is_audited_too(homes: Path, made: Homes) -> None:
    """Its store is locked and its newest pages are not in the main file yet; nothing in the folder changes."""
    shutil.rmtree(homes)
    shutil.copytree(made.root, homes)
    running = Homes.__new__(Homes)
    running.root = homes
    _, raw, _ = _find_page(homes, "USA", author="USA")
    _change(homes, "USA", "DELETE FROM pages WHERE raw = ?", raw)
    store = running.open_store("USA")
    try:
        store.commit([parse_page(raw, ProductionSuite())], (), at=NOON)
        folder = _realm(homes, "USA")
        assert (folder / "store.db-wal").stat().st_size > len(raw)
        before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        done = start_comity("audit", *_all(homes))
        after = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    finally:
        store.close()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("All 3 records agree")
    assert before == after


def test_a_flipped_byte_is_named(homes: Path, comity_json: Json) -> None:
    """Holder, author, page: one byte of one stored page differs, and the record of the others stands against it."""
    digest, raw, number = _find_page(homes, "KOR", author="USA")
    for at in (len(raw) // 3, len(raw) - 1):
        flipped = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        _change(homes, "KOR", "UPDATE pages SET raw = ? WHERE digest = ?", flipped, digest)
        status, report = comity_json("audit", *_all(homes))
        assert status == 1
        assert report["verdict"]["code"] == "verdict.disagreement"
        grave = [finding for finding in report["findings"] if finding["severity"] == "breach"]
        assert {finding["holder"] for finding in grave} == {"KOR"}
        named = [(finding["journal"]["author"], finding["number"]) for finding in grave if finding["journal"]]
        assert named == [] or set(named) == {("USA", number)}


def test_a_dropped_page_and_a_cut_tail_are_named(homes: Path, comity_json: Json, comity: Run) -> None:
    """A hole by the pages behind it, a cut by the holder's own signed word."""
    digest, _, number = _find_page(homes, "JPN", author="USA")
    _change(homes, "JPN", "DELETE FROM pages WHERE digest = ?", digest)
    status, report = comity_json("audit", *_all(homes))
    lost = [finding for finding in report["findings"] if finding["code"] == "tail.lost"]
    assert (status, [(row["holder"], row["number"]) for row in lost]) == (1, [("JPN", number)])
    assert f"JPN lacks page {number} of the record journal of USA" in lost[0]["says"]
    _change(homes, "JPN", "DELETE FROM pages WHERE author = 'USA' AND feed = 'record' AND number = 1")
    status, out, _ = comity("audit", *_all(homes))
    assert status == 1
    assert "breach: JPN lacks page 1 of the record journal of USA" in out
    assert "[page.dropped, J19]" in out
    assert out.splitlines()[-1].startswith("The records disagree: JPN lacks page 1")


def test_a_bundle_is_compared_with_a_home(made: Homes, homes: Path, tmp_path: Path, comity_json: Json) -> None:
    """A bundle file brings another holder's record; which comes first makes no difference to what is found."""
    path = tmp_path / "kor.bundle"
    path.write_bytes(_bundle(made, "KOR"))
    _, one = comity_json("audit", homes / "USA", path)
    _, other = comity_json("audit", path, homes / "USA")
    assert one["holders"] == other["holders"] == ["KOR", "USA"]
    assert one["findings"] == other["findings"]
    assert one["verdict"]["code"] in ("verdict.agreed", "verdict.unconfirmed")


def test_a_bundle_that_is_older_than_the_rest_says_of_when_it_is(
    made: Homes, homes: Path, tmp_path: Path, comity: Run
) -> None:
    """What its holder wrote since looks like a lost end: the report says of when the bundle is, and what to do."""
    own = [
        at for at, raw in enumerate(made.stored["KOR"]) if parse_page(raw, made.suite).header.journal.author == "KOR"
    ]
    head = BundleHead(1, made.pins.lineage, REALM, "KOR", NOON)
    early = write_bundle(made.suite, head, pacts=[made.pact_raw], pages=made.stored["KOR"][: own[-1]])
    (tmp_path / "kor.bundle").write_bytes(early)
    status, out, _ = comity("audit", homes / "JPN", homes / "USA", tmp_path / "kor.bundle")
    assert (status, "[tail.lost, J19]" in out) == (1, True)
    assert "The bundle of KOR is of 181200Z DEC 23: what came later is not in it. Get a new one" in out
    (tmp_path / "kor.bundle").write_bytes(_bundle(made, "KOR"))
    assert "The bundle of KOR" not in comity("audit", homes / "JPN", homes / "USA", tmp_path / "kor.bundle")[1]


def test_a_sealed_bundle_opens_with_the_keys_of_a_home(
    made: Homes, homes: Path, tmp_path: Path, comity: Run, comity_json: Json
) -> None:
    """With `--open`, in whatever order the two are named; without, its code says what is missing."""
    public = made.suite.public_of_receiving(open_home(homes / "USA").get_realm_secrets(REALM).node.receiving)
    sealed = seal_bundle(_bundle(made, "KOR"), public=public, suite=made.suite, ceremony=ProductionCeremony())
    path = tmp_path / "kor.sealed"
    path.write_bytes(sealed)
    status, report = comity_json("audit", path, homes / "USA", "--open")
    assert (status, report["holders"]) == (0, ["KOR", "USA"])
    status, _, err = comity("audit", path, homes / "USA")
    assert (status, "[bundle.sealed]" in err) == (3, True)


def test_the_shape_of_the_json(homes: Path, comity_json: Json) -> None:
    """What a script may rely on."""
    _, report = comity_json("audit", *_all(homes))
    assert set(report) == {
        "pact", "is_pact_chosen", "lineage", "realm", "holders", "verdict", "findings", "rows", "coverage",
        "procedures", "versions", "archive", "tracks",
    }  # fmt: skip
    assert set(report["verdict"]) == {"code", "says", "agreed_at", "breach_count", "unconfirmed"}
    wanted = {"code", "severity", "clause", "holder", "journal", "number", "witness", "arguments", "says", "is_held"}
    assert all(set(finding) == wanted for finding in report["findings"])
    assert {row["journal"]["author"] for row in report["rows"]} == set(PARTIES)


def test_procedures_are_judged_where_keys_are_given(homes: Path, comity: Run, comity_json: Json) -> None:
    """The call with each party's receipt, what is owed and by when; without keys it is said that nothing was judged."""
    out = comity("audit", *_all(homes))[1]
    assert "Procedures were not judged" in out
    assert comity_json("audit", *_all(homes))[1]["procedures"] is None
    out = comity("audit", *_all(homes), "--open")[1]
    assert "Objects" in out
    assert "JPN delivered" in out
    procedures = comity_json("audit", *_all(homes), "--open", "--as-of", "2026-12-31T00:00Z")[1]["procedures"]
    (called,) = [view for view in procedures["objects"] if view["kind"] == "consultation"]
    assert (called["kind"], called["state"]) == ("consultation", "lapsed")
    assert {(cell[0], cell[1]) for cell in called["cells"]} == {("JPN", "late"), ("KOR", "late"), ("USA", "delivered")}
    overdue = {(duty["party"], duty["kind"]) for duty in procedures["duties"] if duty["verdict"] == "overdue"}
    assert overdue >= {(party, kind) for party in ("JPN", "KOR") for kind in ("acknowledgement", "position")}
    assert not overdue & {("USA", "acknowledgement"), ("USA", "position")}
    assert procedures["agreements"]["jpn-kor-gsomia"] == "in-force"


def test_what_is_no_record_is_refused(homes: Path, tmp_path: Path, comity: Run) -> None:
    """A folder without a store, a store without a certificate, a damaged store, a profile as the pact."""
    (tmp_path / "realms").mkdir()
    assert "[home.none]" in comity("audit", tmp_path)[2]
    (_realm(homes, "KOR") / "certificate").unlink()
    assert "[audit.no-record]" in comity("audit", _realm(homes, "KOR"))[2]
    store = _realm(homes, "JPN") / "store.db"
    store.write_bytes(store.read_bytes()[:6000])
    status, _, err = comity("audit", homes / "JPN")
    assert (status, "[store.damaged]" in err) == (4, True)
    assert "[pact.no-roots]" in comity("audit", homes / "USA", "--pact", "camp-david")[2]
    (_realm(homes, "USA") / "pact.toml").unlink()
    assert "[audit.no-pact]" in comity("audit", _realm(homes, "USA"))[2]


def test_a_home_with_several_realms_asks_which(homes: Path, comity: Run) -> None:
    """And takes the answer."""
    shutil.copytree(_realm(homes, "USA"), homes / "USA" / "realms" / "exercise-other")
    assert "[home.which-realm]" in comity("audit", homes / "USA")[2]
    assert comity("audit", homes / "USA", "--realm", REALM)[0] == 0


@pytest.mark.parametrize(("language", "sentence"), [("ja", "3 件の記録はすべて"), ("ko", "3개 기록이 모두")])
def test_the_sentence_in_other_languages(language: str, sentence: str, homes: Path, comity: Run) -> None:
    """The last line is one sentence there too, and no field stays open."""
    choose_language(language)
    out = comity("audit", *_all(homes))[1]
    assert out.splitlines()[-1].startswith(sentence)
    assert "{" not in out
