"""The page store: SQLite, the truth (DESIGN, section 2).

WAL, `synchronous=FULL`, one transaction per step: "stored" is said only after `commit` returned. Everything else a
node has can be deleted and rebuilt from here. Pages are never changed or deleted; a page is kept once.

Every row is checked against its sum whenever it is read, and by `scrub` while nobody reads it. One that is damaged
never leaves: it is set aside as evidence and named (`on_damage`, `find_losses`), and is put back in its place when the
page comes again by an ordinary commit.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from comity.base.errors import OutageError
from comity.base.instants import Instant
from comity.base.limits import EVIDENCE_COUNT_MAX, EVIDENCE_SIZE_BYTES_MAX
from comity.base.names import Digest, Party
from comity.journal.header import Page
from comity.machine.effect import Refusal
from comity.machine.input import LostPage
from comity.node.act_rows import ActRows
from comity.node.answer_rows import AnswerRows
from comity.node.backup.store_copy import COPY_FILE, copy_database
from comity.node.blob_rows import BlobRows
from comity.node.erasure import erase, is_gone
from comity.node.losses import Damage, Losses
from comity.node.own_streams import OwnStreams
from comity.node.schema import FORMAT, Act, Row, StoredRow, find_bytes
from comity.node.store_file import GAPS, KEEP_ROW, READ_ROW, StoreFile

__all__ = ["FORMAT", "SEQ_MAX", "Act", "Damage", "Store", "StoredRow"]

READ_COUNT: Final = 256
"""Rows read at once."""

LOOK_COUNT_MAX: Final = 4
"""Looks at the whole store within one reading, each after damage that the one before brought to light."""

SEQ_MAX: Final = 2**63 - 1


class Store(OwnStreams):
    """One party's pages in one realm. Used by one thread of one process; a second process is locked out."""

    def __init__(self, path: Path, *, party: Party) -> None:
        self._path = path
        self.new_own_count = 0
        """Own pages stored since this store was opened, but for those that came back to a place that they had."""
        file = StoreFile(path)
        super().__init__(file, Losses(file), party=party)
        self._last_seq = self.last_seq
        self._acts = ActRows(self._file)
        self.blobs, self.answers = BlobRows(self._file), AnswerRows(self._file)
        if (found := self.find_mark("format")) != FORMAT:
            self._file.close()
            raise OutageError("store.format-unknown", format=found)

    @property
    def on_damage(self) -> Callable[[Damage], None]:
        """Who is told of damage, as it is found."""
        return self._losses.on_damage

    @on_damage.setter
    def on_damage(self, take: Callable[[Damage], None]) -> None:
        self._losses.on_damage = take

    def commit(
        self, pages: Iterable[Page], refusals: Iterable[Refusal], *, at: Instant, acts: Iterable[Act] = ()
    ) -> None:
        """Keep pages and evidence in one durable transaction; what was lost and is among them is put back.

        Raises:
            OutageError: `store.full` where the disk is full or failing, `store.damaged` where the file is no longer a
                database; nothing of the transaction is kept.
        """
        given = tuple(pages)

        def keep(db: Any) -> tuple[list[Row], int]:
            last = max(self._last_seq, *db.execute("SELECT COALESCE(MAX(seq), 0) FROM pages").fetchone())
            rows = [Row.make(last + at_, page) for at_, page in enumerate(given, start=1)]
            mended = [row for row in rows if self._losses.mend(row, at=at)]
            new = [row for row in rows if row not in mended]
            own_count = db.executemany(KEEP_ROW, [(*row, False) for row in new if row.author == self._party]).rowcount
            db.executemany(KEEP_ROW, [(*row, True) for row in new if row.author != self._party])
            alone = [(row.digest, row.raw) for row in new if row.audience == self._party]
            db.executemany("INSERT OR IGNORE INTO copies VALUES (?, ?)", alone)
            db.executemany(
                "INSERT INTO refusals (at, code, raw) SELECT ?, ?, ?"
                " WHERE (SELECT COUNT(*) < ? AND TOTAL(LENGTH(raw)) < ? FROM refusals)",
                [(at, row.code, row.raw, EVIDENCE_COUNT_MAX, EVIDENCE_SIZE_BYTES_MAX) for row in refusals],
            )
            self._acts.put(db, acts)
            self._last_seq = last + len(rows)
            return mended, max(0, own_count)

        mended, own_count = self._file.write(keep)
        self.new_own_count += own_count
        self._losses.are_mended(mended)

    def find_act(self, key: str) -> Act | None:
        """Return the act that came with a key, if it is still remembered.

        Raises:
            UsageError: `statement.key-damaged`.
        """
        return self._acts.find(key)

    def list_acts_of(self, name: str) -> tuple[Act, ...]:
        """Return the acts that a request under a key did, in the order in which they were stored."""
        return self._acts.list_of(name)

    def read_acts(self, *, after: int, count: int) -> list[tuple[int, Act]]:
        """Return the next acts that came with a key, each with its number."""
        return self._acts.read(after=after, count=count)

    def keep_acts(self, acts: Iterable[Act]) -> None:
        """Keep acts whose pages are here already."""
        kept = tuple(acts)
        self._file.write(lambda db: self._acts.put(db, kept))

    def set_out(self, digest: Digest) -> None:
        """Note that the own outbox has taken a page. No disk is waited for: if it is lost, the page goes out again."""
        self._file.write_lightly(lambda db: db.execute("UPDATE pages SET is_out = 1 WHERE digest = ?", (digest,)))

    def make_durable(self) -> None:
        """Wait until every note of what is out is on the disk, before something else rests on it."""
        self._file.write(lambda db: db.execute("UPDATE marks SET value = value WHERE name = 'format'"))

    def read_all(self, *, after: int = 0) -> Iterator[bytes]:
        """Yield every page after a row, in the order in which they were stored; lost ones are passed over.

        Where that brings damage to light, what was put back behind this look comes last, once each: an own page that a
        start does not read would be said a second time, under its number.

        Raises:
            OutageError: `store.damaged`.
        """
        given = array("q")
        for _ in range(LOOK_COUNT_MAX):
            salvage_count = self._losses.salvage_count
            yield from self._read_besides(given, after=after)
            if salvage_count == self._losses.salvage_count:
                return
        raise OutageError("store.damaged")  # a drive that damages what was just written is no store

    def _read_besides(self, given: "array[int]", *, after: int) -> Iterator[bytes]:
        """Yield every page after a row but those in the rows given, and add its row to them."""
        known = sorted(given)
        first, count = after, 0
        while rows := self._losses.read(after, count=READ_COUNT):
            for row in self._losses.check(rows):
                place = bisect_left(known, row.seq)
                if place == len(known) or known[place] != row.seq:
                    given.append(row.seq)
                    yield row.raw
            after, count = rows[-1].seq, count + len(rows)
        self._losses.check_count(count, after=first)

    def find_losses(self) -> Iterator[LostPage]:
        """Yield the pages that are known to be lost and are not back."""
        yield from self._losses.find_open()

    @property
    def has_gaps(self) -> bool:
        """Whether pages may be gone of which not even the names are known, and nobody has been asked for them since."""
        return bool(self.find_mark(GAPS))

    def count_damage(self) -> tuple[int, int]:
        """Return how many rows were ever found damaged, and how many of them are still not back."""
        return self._losses.count()

    def scrub(self, after: int, *, count: int) -> int:
        """Check the next `count` rows and their indexes; return the last one, 0 at the end of the store."""
        return self._losses.scrub(after, count=count)

    def read_rows(self, *, after: int, count: int) -> list[StoredRow]:
        """Return the next rows after one, at most so many, in the order in which they were stored, up to a lost one."""
        rows = self._losses.read(after, count=count)
        last = rows[-1].seq if rows else after
        unsent = self._all("SELECT seq FROM pages WHERE is_out = 0 AND seq > ? AND seq <= ?", (after, last))
        whole = [row for wanted, row in zip(rows, self._losses.check(rows), strict=False) if row.seq == wanted.seq]
        return [StoredRow(row.seq, Digest(row.digest), (row.seq,) not in unsent, row.raw) for row in whole]

    def count_rows(self, *, after: int, last: int = SEQ_MAX) -> int:
        """Return how many pages are stored after one row, up to and with another; lost ones included."""
        return int(self._one("SELECT COUNT(*) FROM pages WHERE seq > ? AND seq <= ?", (after, last))[0])

    def find_digest_at(self, seq: int) -> Digest | None:
        """Return the digest of the page in a row, or None if there is no such row."""
        rows = self._all("SELECT digest FROM pages WHERE seq = ?", (seq,))
        return Digest(rows[0][0]) if rows else None

    def find_unpublished(self, *, with_lost: bool = False) -> tuple[Digest, ...]:
        """Return own pages that the outbox has not answered for, oldest first; `with_lost`: damaged ones too."""
        rows = self._all("SELECT digest FROM pages WHERE is_out = 0 AND (? OR raw != x'') ORDER BY seq", (with_lost,))
        return tuple(Digest(digest) for (digest,) in rows)

    def read_range(self, journal: bytes, *, first: int, last: int, reader: Party) -> Iterator[bytes]:
        """Yield pages of a journal by number, if `reader` is in its audience; nothing at all if not (law 2).

        Raises:
            OutageError: `store.refilling` where pages of the range are lost and no other is here: who is told of none
                would believe that there is none (T20).
        """
        seqs = self._all(
            "SELECT seq FROM pages WHERE journal = ? AND number BETWEEN ? AND ? ORDER BY number, digest",
            (journal, first, last),
        )
        whole = set()
        for row in self._read_each(seqs):
            if row.journal == journal and reader in row.readers:
                whole.add(row.seq)
                yield row.raw
        if not whole and any(reader in row.readers for seq in seqs for row in self._read(READ_ROW, seq) if row.is_lost):
            raise OutageError("store.refilling")

    def count_all_own(self) -> int:
        """Return how many own pages are stored, in all streams and the journal to oneself."""
        return int(self._one("SELECT COUNT(*) FROM pages WHERE author = ?", (self._party,))[0])

    def keep_blob(self, blob_id: Digest, blob: bytes, wraps: Mapping[Party, tuple[bytes, ...]]) -> None:
        """Keep a blob with the wraps of its key, unless it was erased: what is gone stays gone (R50)."""
        rows = [(blob_id, party, raw) for party, raws in sorted(wraps.items()) for raw in raws]

        def keep(db: Any) -> None:
            if is_gone(db, blob_id):
                return
            db.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (blob_id, blob))
            db.executemany("INSERT OR IGNORE INTO wraps VALUES (?, ?, ?)", rows)

        self._file.write(keep)

    def find_blob(self, blob_id: bytes) -> bytes | None:
        """Return a blob, or None."""
        rows = self._all("SELECT raw FROM blobs WHERE id = ?", (blob_id,))
        return find_bytes(rows[0][0]) if rows else None

    def has_blob(self, blob_id: bytes) -> bool:
        """Tell whether a blob is here, without reading it."""
        return bool(self._all("SELECT 1 FROM blobs WHERE id = ?", (blob_id,)))

    def list_blobs(self) -> tuple[Digest, ...]:
        """Return the ids of all blobs."""
        return tuple(Digest(blob_id) for (blob_id,) in self._all("SELECT id FROM blobs ORDER BY id"))

    def drop_blob(self, blob_id: bytes) -> None:
        """Drop a blob that is damaged, so that it is fetched anew from whoever gave it."""
        self._file.write(lambda db: db.execute("DELETE FROM blobs WHERE id = ?", (blob_id,)))
        self.blobs.drop_count += 1
        self.on_damage(Damage("blob"))

    def erase_blobs(self, blob_ids: Iterable[bytes], *, mark: tuple[str, str] | None = None) -> None:
        """Destroy blobs and all wraps of their keys for good, and set a mark with that; see `erasure`.

        Raises:
            OutageError: `store.full`, `store.damaged`; `store.not-erased` where the rows are gone and the log is not.
        """
        erase(self._file, self._path, tuple(blob_ids), mark)

    def is_gone(self, blob_id: bytes) -> bool:
        """Tell whether a blob was erased here."""
        return self._file.read(lambda db: is_gone(db, blob_id))

    def list_gone(self) -> tuple[Digest, ...]:
        """Return the ids of all blobs that were erased."""
        return tuple(Digest(blob_id) for (blob_id,) in self._all("SELECT blob FROM gone ORDER BY blob"))

    def find_marks(self, prefix: str) -> tuple[tuple[str, str], ...]:
        """Return the marks whose names begin like that, sorted; empty ones are none."""
        rows = self._all("SELECT name, value FROM marks WHERE value != '' ORDER BY name")
        return tuple((str(name), str(value)) for name, value in rows if str(name).startswith(prefix))

    def find_wraps(self, blob_id: bytes, party: Party) -> tuple[bytes, ...]:
        """Return the wraps of a blob's key for one party."""
        rows = self._all("SELECT raw FROM wraps WHERE blob = ? AND party = ? ORDER BY raw", (blob_id, party))
        return tuple(find_bytes(raw) for (raw,) in rows)

    def find_mark(self, name: str) -> str:
        """Return a mark, or an empty string."""
        rows = self._all("SELECT value FROM marks WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else ""

    def set_mark(self, name: str, value: str) -> None:
        """Set a mark, durably."""
        self._file.write(lambda db: db.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", (name, value)))

    @property
    def last_seq(self) -> int:
        """The last row that was stored, 0 where there is none."""
        return int(self._one("SELECT COALESCE(MAX(seq), 0) FROM pages")[0])

    def count_pages(self) -> int:
        """Return how many pages are stored, lost ones included."""
        return self.count_rows(after=0)

    def make_copy(self) -> Path:
        """Copy the whole store as it is at one instant into a file beside it; may run in a thread of its own.

        Raises:
            OutageError: `store.full`, `store.damaged`.
        """
        copy = self._path.with_name(COPY_FILE)
        copy_database(self._file.db, copy)
        return copy

    def drop_stale_copy(self) -> None:
        """Drop what a backup that was broken off left beside the store; called before one can be made."""
        self._path.with_name(COPY_FILE).unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
