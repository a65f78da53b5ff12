"""What the store keeps of blobs beside their bytes: of which item a chunk is, and which are drafts.

A blob that is stored before its giving is stated is a *draft*: a node that stops in between finds it again at its
next start and drops it, unless the giving was stated after all. What is destroyed is in `erasure`.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from comity.base.names import Digest
from comity.node.store_file import StoreFile

__all__ = ["Attached", "BlobRows", "take_off_chunks"]


class Attached(NamedTuple):
    """A chunk of the item in a blob: its portion, its number from 0, the blob that it is, and its size, or 0."""

    portion: int
    number: int
    chunk: Digest
    blob_size_bytes: int = 0

    @property
    def is_here(self) -> bool:
        """Whether it is here."""
        return self.blob_size_bytes > 0


class BlobRows:
    """The rows about blobs in one store's file."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file
        self.drop_count = 0
        """How often a blob was dropped since the store was opened, damaged ones too."""

    def keep_draft(self, blob_id: bytes, blob: bytes) -> None:
        """Keep a blob of which nothing is stated yet. It is durable with whatever is durable next."""

        def keep(db: Any) -> None:
            db.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (blob_id, blob))
            db.execute("INSERT OR IGNORE INTO drafts VALUES (?)", (blob_id,))

        self._file.write_lightly(keep)

    def list_drafts(self) -> tuple[Digest, ...]:
        """Return the ids of blobs that were stored before anything was stated of them."""
        rows = self._file.read(lambda db: db.execute("SELECT id FROM drafts ORDER BY id").fetchall())
        return tuple(Digest(row[0]) for row in rows)

    def settle(self, blob_ids: Iterable[bytes]) -> None:
        """Note that these are drafts no more: their giving is stated."""
        rows = [(blob_id,) for blob_id in blob_ids]
        self._file.write(lambda db: db.executemany("DELETE FROM drafts WHERE id = ?", rows))

    def attach(self, blob_id: bytes, rows: Sequence[tuple[int, int, bytes]]) -> None:
        """Note which chunks belong to the item in a blob: portion, number, blob of the chunk."""
        given = [(blob_id, *row) for row in rows]
        self._file.write(lambda db: db.executemany("INSERT OR IGNORE INTO attached VALUES (?, ?, ?, ?)", given))

    def find_attached(self, blob_id: bytes) -> tuple[Attached, ...]:
        """Return the chunks of the item in a blob, in order."""
        asked = (
            "SELECT portion, number, chunk, (SELECT LENGTH(raw) FROM blobs WHERE id = chunk) FROM attached"
            " WHERE blob = ? ORDER BY portion, number"
        )
        rows = self._file.read(lambda db: db.execute(asked, (blob_id,)).fetchall())
        return tuple(Attached(portion, number, Digest(chunk), size or 0) for portion, number, chunk, size in rows)

    def find_parents(self, chunk: bytes) -> tuple[Digest, ...]:
        """Return the blobs of items to which a chunk belongs."""
        asked = "SELECT DISTINCT blob FROM attached WHERE chunk = ?"
        return tuple(Digest(row[0]) for row in self._file.read(lambda db: db.execute(asked, (chunk,)).fetchall()))

    def drop_drafts(self, blob_ids: Iterable[bytes]) -> None:
        """Drop blobs of which nothing was stated, with what was noted of them and the wraps of their keys."""
        rows = [(bytes(blob_id),) for blob_id in blob_ids]

        def drop(db: Any) -> None:
            db.executemany("DELETE FROM blobs WHERE id = ?", rows)
            db.executemany("DELETE FROM wraps WHERE blob = ?", rows)
            db.executemany("DELETE FROM attached WHERE blob = ?", rows)
            db.executemany("DELETE FROM drafts WHERE id = ?", rows)

        self._file.write(drop)
        self.drop_count += 1


def take_off_chunks(db: Any, blob_ids: Iterable[bytes]) -> list[bytes]:
    """Within a transaction, forget which chunks belong to the items in these blobs; return those that no other has."""
    rows = [(bytes(blob_id),) for blob_id in blob_ids]
    chunks = {row[0] for one in rows for row in db.execute("SELECT chunk FROM attached WHERE blob = ?", one)}
    db.executemany("DELETE FROM attached WHERE blob = ?", rows)
    return sorted(one for one in chunks if not db.execute("SELECT 1 FROM attached WHERE chunk = ?", (one,)).fetchone())
