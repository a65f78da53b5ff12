"""The mark: what a node remembers outside its store, so that it notices a store put back from a copy (journal.md, J22).

A small file for each realm in `marks/` of the home, beside the realm's folder and not in it. It counts the node's
starts, which the store counts as well, and its own pages, now and then. It is only ever behind the store by what was
done last. So a store that is behind its mark is older than what was once said from it.

The mark is no proof: a copy of the whole home takes it along. That is what the look at every start is for (J22).
"""

import asyncio
import contextlib
import threading
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from comity.base.errors import OutageError
from comity.base.names import Realm
from comity.machine.closed import has_reckoned
from comity.machine.machine import Machine
from comity.node.home import write_private
from comity.node.store import Store

__all__ = ["Mark", "find_mark_path", "renew_mark", "suspect_store"]

STARTS: Final = "starts"
"""The name under which the store counts its starts."""

KEEP_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Marked:
    starts: int
    page_count: int
    is_suspect: bool


def find_mark_path(home: Path, realm: Realm) -> Path:
    """Return where the mark of a realm lies."""
    return home / "marks" / realm.replace("/", "-")


def suspect_store(home: Path, realm: Realm) -> None:
    """Note that the store of a realm may be older than what was said from it: it was put back from a copy."""
    path = find_mark_path(home, realm)
    _write(path, replace(_read(path) or _Marked(0, 0, is_suspect=True), is_suspect=True))


def renew_mark(home: Path, realm: Realm, store: Store) -> None:
    """Note that nothing can be missing: with keys that were just made, nothing was ever said."""
    counted = int(store.find_mark(STARTS) or 0)
    _write(find_mark_path(home, realm), _Marked(counted, store.count_all_own(), is_suspect=False))


class Mark:
    """The mark of one realm, while its node runs. `begin` once at a start; `note` and `write` as pages are stored."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._marked = _Marked(0, 0, is_suspect=False)
        self._written = self._marked
        self._is_reckoning = False
        self._lock = threading.Lock()

    def begin(self, store: Store) -> bool:
        """Count this start, in the store first; return whether the store may be older than what was said from it.

        A store that never counted a start, from before there were marks, is not suspect for want of a file.
        """
        marked, counted = _read(self._path), int(store.find_mark(STARTS) or 0)
        own_count = store.count_all_own()
        is_suspect = (
            counted > 0
            if marked is None
            else marked.is_suspect or counted < marked.starts or own_count < marked.page_count
        )
        starts = max(counted, marked.starts if marked else 0)
        try:
            store.set_mark(STARTS, str(starts + 1))
            starts += 1
        except OutageError as error:
            if error.code != "store.full":
                raise
        self._marked = _Marked(starts, own_count, is_suspect)
        self.write()
        return is_suspect

    def follow(self, machine: Machine) -> None:
        """Note at once that a reckoning began: were the node to stop in the middle of it, it must begin again."""
        if machine.reckoning.is_reckoning and not self._is_reckoning:
            self._is_reckoning = True
            self._suspect(is_suspect=True)

    async def keep(self, machine: Machine) -> None:
        """Bring the file up to date every second, beside the node's work; a reckoning that is over is not repeated."""
        while True:
            await asyncio.sleep(KEEP_S)
            if self._marked.is_suspect and has_reckoned(machine):
                self._suspect(is_suspect=False)
            await asyncio.to_thread(self.write)

    def _suspect(self, *, is_suspect: bool) -> None:
        self._marked = replace(self._marked, is_suspect=is_suspect)
        self.write()

    def note(self, count: int) -> None:
        """Note that so many own pages became durable; `write` brings it to the file, some time."""
        self._marked = replace(self._marked, page_count=self._marked.page_count + count)

    def write(self) -> None:
        """Write the file, if there is anything new."""
        with self._lock:
            marked = self._marked
            if marked != self._written:
                # A disk that is full has room again some time; until then the file is behind, which is no harm.
                with contextlib.suppress(OSError):
                    _write(self._path, marked)
                    self._written = marked


def _read(path: Path) -> _Marked | None:
    """Return what the file says; None where there is none. A file that cannot be read counts as suspicion."""
    try:
        found = tomllib.loads(path.read_text())
        return _Marked(int(found["starts"]), int(found["pages"]), bool(found["is_suspect"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return _Marked(0, 0, is_suspect=True)


def _write(path: Path, marked: _Marked) -> None:
    suspect = "true" if marked.is_suspect else "false"
    write_private(path, f"starts = {marked.starts}\npages = {marked.page_count}\nis_suspect = {suspect}\n".encode())
