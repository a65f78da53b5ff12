"""What the audit says if somebody tampers with the record: shown on copies, each damaged in one way.

A store is a file, and whoever has the machine can change it. What he cannot do is make the others' copies and their
signed heads agree with him.
"""

import shutil
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from comity.audit.wording import word_verdict
from comity.base.encoding import encode
from comity.base.names import Party
from comity.cli.audit import judge_realms
from comity.cli.demo.stage import REALM, Stage
from comity.cli.phrase import say_phrase
from comity.cli.terminal import print_line, print_text
from comity.crypto.label import label
from comity.crypto.production import ProductionSuite
from comity.journal.header import Page, encode_page, parse_page
from comity.node.ceremony import open_accepted
from comity.node.home import open_home

__all__ = ["show_tampering"]

_OF_USA: Final = "author = 'USA' AND feed = 'record' AND audience = 'JPN KOR USA'"

_NOT_RECORD: Final = shutil.ignore_patterns("outbox", "node.log", "warning.*")

Folders = Mapping[Party, Path]


def show_tampering(stage: Stage) -> None:
    """Damage copies of the records in three ways, and print what the audit says of each."""
    print_line("One bit of a page of the USA is turned in Korea's store:")
    _judge_damaged(stage, _flip)
    print_line("The USA's last statements are deleted from every store; the readers' signed heads remain:")
    _judge_damaged(stage, _cut)
    print_line("The USA signs a second page of one number, and shows it to Korea alone:")
    _judge_damaged(stage, lambda folders: _fork(folders, stage))


def _judge_damaged(stage: Stage, damage: Callable[[Folders], None]) -> None:
    with TemporaryDirectory(prefix="comity-") as folder:
        copies = {party: Path(folder) / party for party in stage.parties}
        for party, copy in copies.items():
            shutil.copytree(
                stage.realm_path(party), copy, ignore=shutil.ignore_patterns("outbox", "node.log", "*.sock")
            )
        damage(copies)
        report, _ = judge_realms(list(copies.values()), is_open=False)
    print_text(f"   {say_phrase(word_verdict(report.verdict))}", style="bold red")


def _flip(folders: Folders) -> None:
    with sqlite3.connect(folders["KOR"] / "store.db") as db:
        digest, raw = _find_last(db)
        flipped = bytes([*raw[:-1], raw[-1] ^ 1])
        db.execute("UPDATE pages SET raw = ? WHERE digest = ?", (flipped, digest))
    db.close()


def _cut(folders: Folders) -> None:
    with sqlite3.connect(folders["USA"] / "store.db") as db:
        _, raw = _find_last(db)
    db.close()
    first = _parse(raw).header.number
    for folder in folders.values():
        with sqlite3.connect(folder / "store.db") as store:
            store.execute(f"DELETE FROM pages WHERE {_OF_USA} AND number >= ?", (first,))  # noqa: S608 -- a constant
        store.close()


def _fork(folders: Folders, stage: Stage) -> None:
    suite = ProductionSuite()
    held = open_accepted(open_home(stage.home("USA")), realm=REALM, suite=suite)
    with sqlite3.connect(folders["KOR"] / "store.db") as db:
        page = _parse(_find_last(db)[1])
        header = encode(msgspec.structs.replace(page.header, salt=bytes(32)))
        signature = suite.sign(secret=held.secrets.node.node, message=label("page") + header)
        rival = _parse(encode_page(header_raw=header, signature=signature, body=page.body))
        db.execute(
            "INSERT INTO pages (digest, journal, number, author, feed, audience, is_out, raw)"
            " VALUES (?, ?, ?, 'USA', 'record', 'JPN KOR USA', 1, ?)",
            (rival.digest, rival.journal, rival.header.number, rival.raw),
        )
    db.close()


def _find_last(db: sqlite3.Connection) -> tuple[bytes, bytes]:
    """Return digest and bytes of the last page of the USA to all that carries statements."""
    rows = db.execute(f"SELECT digest, raw FROM pages WHERE {_OF_USA} ORDER BY number DESC")  # noqa: S608 -- a constant
    return next((digest, raw) for digest, raw in rows if _parse(raw).header.kind.has_entries)


def _parse(raw: bytes) -> Page:
    return parse_page(raw, ProductionSuite())
