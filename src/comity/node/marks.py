"""The files of the marks: what is noted of each realm outside its store (journal.md, J22).

One for each realm in `marks/` of the home, beside the realm's folder and not in it, and never in a backup. The ceremony
that draws a realm's keys writes the first: with keys that were just made, nothing was ever said. So a realm without a
mark is one whose keys came from elsewhere.
"""

import json
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from comity.base.instants import NEVER, Instant
from comity.base.names import Realm
from comity.node.durable import write_private

__all__ = [
    "Marked",
    "find_backed_up_at",
    "find_mark_path",
    "mark_new_keys",
    "note_backed_up",
    "read_mark",
    "suspect_store",
    "write_mark",
]


@dataclass(frozen=True, slots=True)
class Marked:
    """What a mark says: how often the node started, how many own pages it stored, at least."""

    starts: int
    page_count: int
    is_suspect: bool
    """The store may be older than what was said from it."""
    reckoned_under: frozenset[bytes] = frozenset()
    """The versions of the pact that were held when a reckoning ended; none if the store was never old."""


def find_mark_path(home: Path, realm: Realm) -> Path:
    """Return where the mark of a realm lies."""
    return home / "marks" / realm.replace("/", "-")


def mark_new_keys(home: Path, realm: Realm) -> None:
    """Note that nothing was ever said in a realm: its keys were just drawn."""
    write_mark(find_mark_path(home, realm), Marked(0, 0, is_suspect=False))


def suspect_store(home: Path, realm: Realm) -> None:
    """Note that the store of a realm may be older than what was said from it: it was put back from a copy."""
    path = find_mark_path(home, realm)
    write_mark(path, replace(read_mark(path) or Marked(0, 0, is_suspect=True), is_suspect=True))


def read_mark(path: Path) -> Marked | None:
    """Return what the file says; None where there is none. A file that cannot be read counts as suspicion."""
    try:
        found = tomllib.loads(path.read_text())
        under = frozenset(map(bytes.fromhex, found.get("reckoned_under", ())))
        return Marked(int(found["starts"]), int(found["pages"]), bool(found["is_suspect"]), under)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return Marked(0, 0, is_suspect=True)


def write_mark(path: Path, marked: Marked) -> None:
    """Write the file, durably."""
    suspect = "true" if marked.is_suspect else "false"
    text = f"starts = {marked.starts}\npages = {marked.page_count}\nis_suspect = {suspect}\n"
    if marked.reckoned_under:
        text += f"reckoned_under = {json.dumps(sorted(map(bytes.hex, marked.reckoned_under)))}\n"
    write_private(path, text.encode())


def note_backed_up(home: Path, realm: Realm, *, at: Instant) -> None:
    """Note that a backup with this realm was written, whole; it lies beside the mark, so that no backup has it."""
    write_private(_find_backed_up_path(home, realm), str(at).encode())


def find_backed_up_at(home: Path, realm: Realm) -> Instant:
    """Return when this home last wrote a backup with this realm; `NEVER` where it is not known to have."""
    try:
        text = _find_backed_up_path(home, realm).read_text()[:16]
        return Instant(int(text)) if text.isascii() and text.isdigit() else NEVER
    except (OSError, ValueError):
        return NEVER


def _find_backed_up_path(home: Path, realm: Realm) -> Path:
    path = find_mark_path(home, realm)
    return path.with_name(f"{path.name}.backed-up")
