"""The mark: what a node remembers outside its store, so that it notices a store put back from a copy (journal.md, J22).

It counts the node's starts, which the store counts as well, and its own pages, now and then. It is only ever behind the
store by what was done last. So a store that is behind its mark is older than what was once said from it, and one that
has no mark may be.

The mark is no proof: a copy of the whole home takes it along. That is what the look at every start is for (J22).
"""

import asyncio
import contextlib
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from comity.base.errors import OutageError
from comity.base.names import Realm
from comity.machine.closed import has_reckoned
from comity.machine.machine import Machine
from comity.node.marks import Marked, find_mark_path, read_mark, write_mark
from comity.node.store import Store
from comity.node.store_file import GAPS

if TYPE_CHECKING:
    from comity.node.node import Node

__all__ = ["Mark", "may_be_old", "renew_mark"]

STARTS: Final = "starts"
"""The name under which the store counts its starts."""

KEEP_S: Final = 1.0


def renew_mark(home: Path, realm: Realm, store: Store) -> None:
    """Note that nothing can be missing: with keys that were just made, nothing was ever said."""
    counted = _find_starts(store)
    write_mark(find_mark_path(home, realm), Marked(counted, store.count_all_own(), is_suspect=False))


def may_be_old(marked: Marked | None, store: Store, versions: frozenset[bytes]) -> bool:
    """Tell whether a store may be older than what was said from it; `versions` of the pact are held.

    Without a mark it may be, and if it holds nothing more than ever: a copy from before the first start holds nothing.
    Only a store with pages that never counted a start is from before there were marks. One that was old asked readers
    for what it knew of: under a version that came to it since it may have spoken before, to a circle not asked for.
    """
    counted, own_count = _find_starts(store), store.count_all_own()
    if store.has_gaps:  # a salvage does not know all that it lost
        return True
    if marked is None:
        return counted > 0 or own_count == 0
    is_behind = counted < marked.starts or own_count < marked.page_count
    return marked.is_suspect or is_behind or bool(marked.reckoned_under and versions - marked.reckoned_under)


def _find_starts(store: Store) -> int:
    """Return how many starts the store counted: none where it says no number, so that it is behind its mark."""
    counted = store.find_mark(STARTS)
    return int(counted) if counted.isdecimal() else 0


class Mark:
    """The mark of one realm, while its node runs. `begin` once at a start, when the store was just opened; then `keep`.

    Own pages are counted on from the start: what the store loses meanwhile stays counted, so that the next start knows.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._marked = Marked(0, 0, is_suspect=False)
        self._written = self._marked
        self._is_reckoning = False
        self._store: Store | None = None
        self._lock = threading.Lock()

    def begin(self, store: Store, versions: frozenset[bytes]) -> bool:
        """Count this start, in the store first; return whether the store may be older than what was said from it.

        That it may be has to be in the file before the store counts: a store that caught up no longer shows it.
        """
        marked, counted = read_mark(self._path), _find_starts(store)
        is_suspect = may_be_old(marked, store, versions)
        starts = max(counted, marked.starts if marked else 0)
        under = marked.reckoned_under if marked else frozenset()
        self._marked, self._store = Marked(starts, store.count_all_own(), is_suspect, under), store
        if is_suspect and not self.write():
            return True
        try:
            store.set_mark(STARTS, str(starts + 1))
            self._marked = replace(self._marked, starts=starts + 1)
        except OutageError as error:
            if error.code != "store.full":
                raise
        self.write()
        return is_suspect

    def follow(self, machine: Machine) -> None:
        """Note at once that a reckoning began: were the node to stop in the middle of it, it must begin again."""
        if machine.reckoning.is_reckoning and not self._is_reckoning:
            self._is_reckoning = True
            self._marked = replace(self._marked, is_suspect=True)
            self.write()

    async def keep(self, node: "Node") -> None:
        """Bring the file up to date every second, beside the node's work."""
        while True:
            await asyncio.sleep(KEEP_S)
            self._settle(node)
            await asyncio.to_thread(self.write)

    def finish(self, node: "Node") -> None:
        """Bring the file up to date for the last time."""
        self._settle(node)
        self.write()

    def _settle(self, node: "Node") -> None:
        """See that a reckoning that is over is not repeated.

        One that was superseded asks nobody any more: what it lacks it lacks.
        """
        machine = node.machine
        is_over = node.failure is None and has_reckoned(machine) and not machine.pen.is_superseded
        if self._marked.is_suspect and is_over:
            self._marked = replace(self._marked, is_suspect=False, reckoned_under=machine.setup.pins.versions)
            self._close_gaps()

    def _close_gaps(self) -> None:
        """Note in the store that all were asked for what a salvage lost; without room, the next start asks again."""
        with contextlib.suppress(OutageError):
            if self._store is not None and self._store.has_gaps:
                self._store.set_mark(GAPS, "")

    def write(self) -> bool:
        """Write the file, if there is anything new; return whether it says all that is known."""
        with self._lock:
            new_count = self._store.new_own_count if self._store is not None else 0
            marked = replace(self._marked, page_count=self._marked.page_count + new_count)
            if marked != self._written:
                # A disk that is full has room again some time; until then the file is behind, which is no harm.
                with contextlib.suppress(OSError):
                    write_mark(self._path, marked)
                    self._written = marked
            return self._written == marked
