"""`comity demo` as a newcomer runs it, and what the audit says of copies of its homes that somebody damaged."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comity.audit.finding import Severity
from comity.base.encoding import encode
from comity.base.errors import UsageError
from comity.cli.audit import is_clean, judge_realms
from comity.cli.demo.play import _clear
from comity.cli.demo.stage import REALM, Stage
from comity.crypto.label import label
from comity.crypto.production import ProductionSuite
from comity.journal.header import Feed, encode_page, parse_page
from comity.node.ceremony import open_accepted
from comity.node.home import open_home

pytestmark = pytest.mark.server

SUITE = ProductionSuite()
PARTIES = ("JPN", "KOR", "USA")


@pytest.fixture(scope="module")
def printed(made: Path) -> str:
    """Play the demo once for this module; return what it printed."""
    command = [sys.executable, "-m", "comity.cli", "demo", "--folder", str(made), "--pace", "0"]
    made.rmdir()
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=240, check=False,
                          env={"COMITY_LANG": "en", "COLUMNS": "200", "PATH": "/usr/bin:/bin"})  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture
def folders(printed: str, made: Path, tmp_path: Path) -> dict[str, Path]:
    """Copies of the demo's realm folders that a test may damage."""
    assert printed
    copy = shutil.copytree(made, tmp_path / "copy", ignore=shutil.ignore_patterns("outbox"))
    return {party: copy / party / "realms" / REALM.replace("/", "-") for party in PARTIES}


def _judge(folders: dict[str, Path]) -> Any:
    return judge_realms(list(folders.values()), is_open=True)[0]


def _find_grave(folders: dict[str, Path]) -> set[tuple[str, str, int | None]]:
    """Code, holder and page number of everything that is no mere note; there must be something."""
    report = _judge(folders)
    assert not is_clean(report)
    grave = [row for row in report.findings if row.severity is not Severity.NOTE]
    return {(row.code, row.holder, row.number) for row in grave}


def _change(folder: Path, change: Callable[[sqlite3.Connection], object]) -> None:
    db = sqlite3.connect(folder / "store.db")
    change(db)
    db.commit()
    db.close()


def _find_pages(folder: Path, author: str, audience: tuple[str, ...]) -> list[tuple[bytes, int, bytes]]:
    """Digest, number and bytes of an author's record pages to an audience, as a home holds them."""
    db = sqlite3.connect(folder / "store.db")
    rows = db.execute(
        "SELECT digest, number, raw FROM pages WHERE author = ? AND feed = 'record' AND audience = ? ORDER BY number",
        (author, " ".join(audience)),
    ).fetchall()
    db.close()
    return rows


def test_the_demo_ends_with_the_sentence_of_three_records_that_agree(printed: str) -> None:
    """Exit status 0, nothing on standard error; the case from the launch to the conclusion, then the audit."""
    assert "EXERCISE EXERCISE EXERCISE" in printed
    assert "played, not history" in printed
    assert "All 3 records agree up to" in printed
    assert "adopted" in printed
    assert "with a body other than the one that was signed" in printed
    assert "which it once had" in printed
    assert "USA signed different pages" in printed
    for party in PARTIES:
        assert party in printed


def test_the_way_to_each_console_is_printed(printed: str) -> None:
    """By name, and by numbers for a browser that does not know the name; nobody is asked to press anything."""
    for party in PARTIES:
        (line,) = (row for row in printed.splitlines() if f"http://{party.lower()}.localhost:" in row)
        assert "or http://127.0.0.1:" in line
    assert "Enter goes on" not in printed


def test_who_acted_is_shown_and_who_must_not_is_refused(printed: str) -> None:
    """Officers by role; one who releases nothing; two for the highest grade; a preview with a permit and a no."""
    assert "duty-k, Watch officer; there at JPN, USA" in printed
    assert "officer.wrong-role: policy.may.release" in printed
    assert "approval.awaited: policy.two.release" in printed
    assert "usa-jpn-2007  (director-u, Director of the watch; release-u, Foreign disclosure officer)" in printed
    assert "✓ USA  USA-S  tisa-2014" in printed
    assert "✗ KOR  only by way of the hub (hub USA)  tisa-2014" in printed


def test_what_was_asked_back_is_gone_at_both_who_held_it(printed: str, made: Path) -> None:
    """No consent, no passing on; with it, and after the recall, blob and key are in neither store."""
    assert "release.needs-consent: tisa-2014" in printed
    assert printed.count("✗  item.destroyed") == 2
    assert "KOR  said to be destroyed" in printed
    for party, count in (("KOR", 1), ("USA", 2)):
        db = sqlite3.connect(made / party / "realms" / REALM.replace("/", "-") / "store.db")
        gone = {row[0] for row in db.execute("SELECT blob FROM gone")}
        kept = {row[0] for row in db.execute("SELECT id FROM blobs UNION SELECT blob FROM wraps")}
        db.close()
        assert len(gone) == count
        assert not gone & kept


def test_the_homes_that_it_leaves_are_clean(folders: dict[str, Path]) -> None:
    """All chains agree and every reader has confirmed: no finding but notes."""
    report = _judge(folders)
    assert is_clean(report)
    assert not [finding for finding in report.findings if "fork" in finding.code]
    assert report.coverage.sealed_page_count == 0


def test_any_byte_of_a_stored_page_flipped_is_named(folders: dict[str, Path]) -> None:
    """In header, body and signature, in an own home and in another's; the copies of the others bear witness."""
    holder = folders["KOR"]
    pages = _find_pages(holder, "USA", PARTIES)
    digest, number, raw = pages[len(pages) // 2]
    for at in (5, len(raw) // 3, len(raw) // 2, len(raw) - 10):
        flipped = bytearray(raw)
        flipped[at] ^= 1
        _change(holder, lambda db, flipped=flipped: db.execute(  # type: ignore[misc]
            "UPDATE pages SET raw = ? WHERE digest = ?", (bytes(flipped), digest)))  # fmt: skip
        found = _find_grave(folders)
        assert {holder for _, holder, _ in found} == {"KOR"}, at
        assert {page for _, _, page in found} <= {number, None}, at
    _change(holder, lambda db: db.execute("UPDATE pages SET raw = ? WHERE digest = ?", (raw, digest)))
    assert is_clean(_judge(folders))


def test_a_page_dropped_in_the_middle_is_named(folders: dict[str, Path]) -> None:
    """In one home; the holder is named, though the others still have the page."""
    pages = _find_pages(folders["JPN"], "USA", PARTIES)
    digest, number, _ = pages[len(pages) // 2]
    _change(folders["JPN"], lambda db: db.execute("DELETE FROM pages WHERE digest = ?", (digest,)))
    assert ("page.dropped", "JPN", number) in _find_grave(folders)
    assert ("page.dropped", "JPN", number) in _find_grave({"JPN": folders["JPN"]})


def test_a_tail_cut_is_witnessed_by_a_page_that_was_kept(folders: dict[str, Path]) -> None:
    """USA's last statements are gone from every home; the heads that the readers signed afterwards name them."""
    spoken = [row for row in _find_pages(folders["USA"], "USA", PARTIES)
              if parse_page(row[2], SUITE).header.kind.obliges_receipt]  # fmt: skip
    for folder in folders.values():
        _change(folder, lambda db: db.execute(
            "DELETE FROM pages WHERE author = 'USA' AND feed = 'record' AND audience = ? AND number >= ?",
            (" ".join(PARTIES), spoken[-1][1])))  # fmt: skip
    lost = {(code, holder) for code, holder, _ in _find_grave(folders) if code.startswith("tail.")}
    assert {holder for _, holder in lost} >= {"JPN", "KOR"}


def test_a_fork_is_named_with_its_author(folders: dict[str, Path], made: Path) -> None:
    """USA signed another page of a number that it has used, and showed it to KOR alone."""
    held = open_accepted(open_home(made / "USA"), realm=REALM, suite=SUITE)
    pages = _find_pages(folders["USA"], "USA", PARTIES)
    page = parse_page(pages[-1][2], SUITE)
    header = encode(msgspec.structs.replace(page.header, salt=bytes(32)))
    signature = SUITE.sign(secret=held.secrets.node.node, message=label("page") + header)
    rival = encode_page(header_raw=header, signature=signature, body=page.body)
    row = (parse_page(rival, SUITE).digest, page.journal, page.header.number, "USA", Feed.RECORD.value,
           " ".join(PARTIES), rival)  # fmt: skip
    _change(folders["KOR"], lambda db: db.execute(
        "INSERT INTO pages (digest, journal, number, author, feed, audience, is_out, raw)"
        " VALUES (?, ?, ?, ?, ?, ?, 1, ?)", row))  # fmt: skip
    report = _judge(folders)
    forks = [row for row in report.findings if row.code == "page.forked"]
    assert {(row.journal.author, row.number) for row in forks if row.journal} == {("USA", page.header.number)}
    assert not is_clean(report)


def test_a_second_demo_replaces_the_first_and_no_other_folder(made: Path, printed: str, tmp_path: Path) -> None:
    """It deletes only what a demo made."""
    assert printed
    assert (made / ".comity-demo").exists()
    (tmp_path / "precious").write_text("mine")
    with pytest.raises(UsageError, match=r"demo\.folder-taken"):
        _clear(tmp_path)
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_home_of_the_demo_runs_again(made: Path, printed: str, tmp_path: Path) -> None:
    """What it leaves is a home like any other: its nodes start on it and show the same timeline."""
    assert printed
    stage = Stage(shutil.copytree(made, tmp_path / "again"))
    with stage.running() as clients:
        rows = {party: client.get("/v1/timeline") for party, client in clients.items()}
        assert all(len(found) > 50 for found in rows.values())
        assert all(row["phase"] == "concluded" for row in clients["KOR"].get("/v1/consultations"))
