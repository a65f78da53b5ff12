"""Erasing blobs so that nothing of them is left in the store's files (docs/spec/release.md, R45, R50).

Rules
- The rows of a blob, of the chunks of its attachments and of all wraps of its key go in one transaction with the note
  that they are gone. SQLite overwrites what they occupied (`secure_delete`), and the log, which still has it, is
  emptied before this returns.
- A damaged file that a salvage kept beside the store holds blobs as well: it goes whole, for all that could be read of
  it is in the store.
- What was once noted as gone is not kept again, whoever brings it.

What this cannot reach: backups and copies made before, and what a file system or a drive keeps of overwritten blocks.
"""

import sqlite3
from pathlib import Path
from typing import Any

from comity.base.errors import OutageError
from comity.node.blob_rows import take_off_chunks
from comity.node.durable import sync_folder
from comity.node.store_file import StoreFile

__all__ = ["erase", "is_gone"]


def is_gone(db: sqlite3.Connection, blob_id: bytes) -> bool:
    """Tell whether a blob was erased here."""
    return bool(db.execute("SELECT 1 FROM gone WHERE blob = ?", (blob_id,)).fetchone())


def erase(file: StoreFile, path: Path, blob_ids: tuple[bytes, ...], mark: tuple[str, str] | None) -> None:
    """Erase blobs and wraps for good, and set a mark in the same transaction.

    Raises:
        OutageError: as `StoreFile.write`; `store.not-erased` where the log could not be emptied: asked again, it is.
    """

    def drop(db: Any) -> None:
        for blob_id in (*blob_ids, *take_off_chunks(db, blob_ids)):
            db.execute("DELETE FROM blobs WHERE id = ?", (blob_id,))
            db.execute("DELETE FROM wraps WHERE blob = ?", (blob_id,))
            db.execute("INSERT OR IGNORE INTO gone VALUES (?)", (blob_id,))
        if mark is not None:
            db.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", mark)

    file.db.execute("PRAGMA secure_delete = ON")
    file.write(drop)
    if not file.empty_log():
        raise OutageError("store.not-erased")
    for aside in path.parent.glob(f"{path.name}.damaged-*"):
        aside.unlink(missing_ok=True)
    sync_folder(path.parent)
