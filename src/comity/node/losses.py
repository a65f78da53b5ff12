"""What the store lost: rows that are not what was stored, found by their sums, named, set aside, put back.

A damaged row keeps its place and loses its bytes; what was found there lies in `losses` as evidence. Where more is
known the row is righted at once: a damaged column from its copy in an index, a page that nobody else reads from its own
second copy. All else comes back from a reader (`machine.mend`).

A row that the table no longer finds is not met by whoever reads. The indexes know of it, so the two are held against
each other: by number when the store was read to its end, row by row in a scrub and before another node is suspected.

Not here: a file that SQLite itself cannot read (`store_file`), and who is asked for what was lost.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from comity.base.errors import ComityError, OutageError
from comity.base.instants import NEVER, Instant
from comity.crypto.production import ProductionSuite
from comity.journal.header import parse_page
from comity.machine.input import LostPage
from comity.node.log import note
from comity.node.schema import COVERED, Row, find_bytes
from comity.node.store_file import READ_ROW, READ_ROWS, StoreFile, check_order, find_identity

__all__ = ["Damage", "Losses"]

EVIDENCE_COUNT_MAX: Final = 1_000
"""Damaged rows whose bytes are kept as evidence; a failing disk must not fill itself."""
ALL_COUNT: Final = 256
"""Rows checked at once where everything is checked."""


class Damage(NamedTuple):
    """Something that was found damaged, and what was done: `remedy` is one word of the list in `docs/guide`.

    `fetch`: set aside, and asked of the readers. `copy`, `columns`: put right at once from a copy, from the indexes.
    `index`: the indexes were made anew. `back`: a page that was lost has come.
    """

    remedy: str
    page: LostPage | None = None


class Losses:
    """Checks rows, and keeps the list of those that are lost."""

    def __init__(self, file: StoreFile) -> None:
        self.on_damage: Callable[[Damage], None] = lambda _: None
        self.on_new_indexes: Callable[[], None] = lambda: None
        self.salvage_count = 0
        """How often the file was written anew from what could be read: rows may be there that were not found before."""
        self._file = file
        self._suite = ProductionSuite()
        self._open: dict[bytes, int] = {}
        file.on_salvage = self._take_salvage
        self._open |= dict(
            file.read(lambda db: db.execute("SELECT digest, seq FROM losses WHERE mended_at = 0").fetchall())
        )

    def read(self, after: int, *, count: int) -> list[Row]:
        """Return the next rows after one, as they lie there."""

        def find(db: sqlite3.Connection) -> list[Row]:
            found = db.execute(f"{READ_ROWS} WHERE seq > ? ORDER BY seq LIMIT ?", (after, count)).fetchall()
            check_order(found, after=after)
            return [Row(*row) for row in found]

        return self._file.read(find)

    def check_count(self, count: int, *, after: int) -> None:
        """See to it that every index knows of as many rows after one as were read there.

        A row that is gone from the table is not met by whoever reads it, and a journal would go on without its end.
        """
        if not self._file.read(lambda db: _are_as_many(db, count, after=after)):
            self._make_indexes()
            self.on_damage(Damage("index"))

    def check(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows that are what was stored; see to the others."""
        for row in rows:
            if row.is_lost:
                continue
            if self._is_whole(row):
                yield row
                continue
            with contextlib.suppress(OutageError):  # no room to set it aside: found again when it is next read
                righted = self._see_to(row)
                if righted is not None:
                    yield righted

    def _is_whole(self, row: Row) -> bool:
        if not row.is_fit:
            return False
        if row.sum:
            return row.sum == row.find_sum()
        try:  # written by an older version, which kept no sum
            page = parse_page(row.raw, self._suite)
        except ComityError:
            return False
        return Row.make(row.seq, page)[:-1] == row[:-1]

    def _see_to(self, row: Row) -> Row | None:
        """Right a damaged row from what is kept twice, or set it aside; return it if it is whole again."""
        identity = self._file.read(lambda db: find_identity(db, row.seq))
        righted = row._replace(**identity)
        if righted.sum and righted.sum == righted.find_sum():
            self._rewrite(righted, found=None, is_indexed=False)
            self._tell("columns", righted)
            return righted
        copy = self._find_copy(righted)
        if copy is not None:
            self._rewrite(copy, found=None, is_indexed=righted == row)
            self._tell("copy", copy)
            return copy
        lost = righted._replace(raw=b"", sum=b"")
        lost = lost._replace(sum=lost.find_sum())
        if not lost.is_fit:
            self._file.salvage()  # not even a name is left of it here
            return None
        self._rewrite(lost, found=find_bytes(row.raw), is_indexed=righted == row)
        self._open[lost.digest] = lost.seq
        self._tell("fetch", lost)
        return None

    def _find_copy(self, row: Row) -> Row | None:
        """Return a row with the bytes of its second copy, where those are of this page; only own ones have one."""
        asked = "SELECT raw FROM copies WHERE digest = ?"
        for (raw,) in self._file.read(lambda db: db.execute(asked, (row.digest,)).fetchall()):
            with contextlib.suppress(ComityError):
                copy = Row.make(row.seq, parse_page(find_bytes(raw), self._suite))
                if copy[:-2] == row[:-2]:
                    return copy
        return None

    def _rewrite(self, row: Row, *, found: bytes | None, is_indexed: bool) -> None:
        """Put a row right, or its loss on record; indexes that contradict the table are made anew before."""
        if not is_indexed:
            self._make_indexes()

        def put(db: sqlite3.Connection) -> None:
            db.execute(
                "UPDATE pages SET digest = ?, journal = ?, number = ?, author = ?, feed = ?, audience = ?, raw = ?,"
                " sum = ? WHERE seq = ?",
                (*row[1:], row.seq),
            )
            if found is not None:
                _keep_evidence(db, row, found)

        self._file.write(put)
        self._file.empty_log()

    def _make_indexes(self) -> None:
        """Make the indexes anew; where one knows of a row that the table does not, that row is lost, and named."""
        if self._file.read(_know_more):
            self._file.salvage()
        else:
            self._file.write(lambda db: db.execute("REINDEX pages"))
            self.on_new_indexes()

    def _take_salvage(self, rows: list[Row]) -> None:
        """Take note of rows that could not be read in a damaged file; their bytes are in the file kept aside."""
        copies = [copy for copy in map(self._find_copy, rows) if copy is not None]
        lost = [row for row in rows if row.seq not in {copy.seq for copy in copies}]

        def put(db: sqlite3.Connection) -> None:
            for row in lost:
                _keep_evidence(db, row, b"")
            db.executemany("UPDATE pages SET raw = ?, sum = ? WHERE seq = ?", [(*row[-2:], row.seq) for row in copies])

        self._file.write(put)
        self.salvage_count += 1
        self.on_new_indexes()
        self._open |= {row.digest: row.seq for row in lost}
        for remedy, found in (("copy", copies), ("fetch", lost)):
            for row in found:
                self._tell(remedy, row)

    def _tell(self, remedy: str, row: Row) -> None:
        note("store.damaged", remedy=remedy)
        self.on_damage(Damage(remedy, row.lost_page))

    def find_open(self) -> Iterator[LostPage]:
        """Yield what is lost and not back."""
        for seq in sorted(self._open.values()):
            found = self._file.read(lambda db, seq=seq: db.execute(READ_ROW, (seq,)).fetchall())  # type: ignore[misc]
            page = Row(*found[0]).lost_page if found else None
            if page is not None:
                yield page

    def count(self) -> tuple[int, int]:
        """Return how many rows were found damaged beyond righting, and how many of them are not back."""
        ((count,),) = self._file.read(lambda db: db.execute("SELECT COUNT(*) FROM losses").fetchall())
        return int(count), len(self._open)

    def mend(self, row: Row, *, at: Instant) -> bool:
        """Within a transaction, put a page back in its place if it is one that was lost."""
        seq = self._open.get(row.digest)
        if seq is None:
            return False
        back, db = row._replace(seq=seq), self._file.db
        db.execute("UPDATE pages SET raw = ?, sum = ? WHERE seq = ?", (back.raw, back.find_sum(), seq))
        db.execute("UPDATE losses SET mended_at = ? WHERE seq = ?", (max(at, 1), seq))
        return True

    def are_mended(self, rows: Iterable[Row]) -> None:
        """Take pages from the list, once the transaction that put them back is durable."""
        for row in rows:
            del self._open[row.digest]
            self._tell("back", row)

    def scrub_all(self) -> None:
        """Check everything in one go, before something that an index says is held against another node."""
        after = self.scrub(0, count=ALL_COUNT)
        while after:
            after = self.scrub(after, count=ALL_COUNT)

    def scrub(self, after: int, *, count: int) -> int:
        """Check rows from the disk itself, and that every index finds each of them; return the last, 0 at the end."""
        if after == 0:
            # What lies in memory is not what lies on the disk. And a flipped bit in the log would, after a crash, take
            # with it all that was stored since: nothing stays there longer than one pass.
            self._file.empty_log()
            self._file.read(lambda db: db.execute("PRAGMA shrink_memory"))
        rows = self.read(after, count=count)
        whole = list(self.check(rows))
        if not self._file.read(lambda db: _are_indexed(db, whole, is_end=not rows)):
            self._make_indexes()
            self.on_damage(Damage("index"))
        without = [(row.find_sum(), row.seq) for row in whole if not row.sum]
        if without:
            self._file.write(lambda db: db.executemany("UPDATE pages SET sum = ? WHERE seq = ?", without))
        return rows[-1].seq if rows else 0


def _keep_evidence(db: sqlite3.Connection, row: Row, found: bytes) -> None:
    ((count,),) = db.execute("SELECT COUNT(*) FROM losses").fetchall()
    evidence: Any = found if count < EVIDENCE_COUNT_MAX else b""
    db.execute("INSERT OR REPLACE INTO losses VALUES (?, ?, ?, ?, ?)", (row.seq, row.digest, NEVER, NEVER, evidence))


def _know_more(db: sqlite3.Connection) -> bool:
    """Tell whether an index knows of a row that the table does not find."""
    asked = "SELECT 1 FROM pages INDEXED BY {} WHERE seq NOT IN (SELECT seq FROM pages NOT INDEXED) LIMIT 1"
    return any(db.execute(asked.format(index)).fetchone() for index in COVERED)


def _are_indexed(db: sqlite3.Connection, rows: Iterable[Row], *, is_end: bool) -> bool:
    """Tell whether each index finds these rows, and at the end of the store, whether none has more than the table."""
    for row in rows:
        for index, names in COVERED.items():
            where = " AND ".join(f"{name} = ?" for name in names)
            asked = f"SELECT 1 FROM pages INDEXED BY {index} WHERE {where} AND seq = ?"
            if not db.execute(asked, (*(getattr(row, name) for name in names), row.seq)).fetchone():
                return False
    if not is_end:
        return True
    ((count,),) = db.execute("SELECT COUNT(*) FROM pages NOT INDEXED").fetchall()
    return _are_as_many(db, count, after=0)


def _are_as_many(db: sqlite3.Connection, count: int, *, after: int) -> bool:
    asked = "SELECT COUNT(*) FROM pages INDEXED BY {} WHERE +seq > ?"
    return all(db.execute(asked.format(index), (after,)).fetchone() == (count,) for index in COVERED)
