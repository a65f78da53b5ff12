"""Pages of one author's warning feed that wait for a key or a certificate; the oldest go where room ends (W27)."""

from collections import OrderedDict
from collections.abc import Callable

from comity.base.limits import WARNING_HELD_SIZE_BYTES_MAX
from comity.base.names import Digest
from comity.journal.header import Page

__all__ = ["Shelf"]


class Shelf:
    """Pages in the order in which they came."""

    def __init__(self, *, size_bytes_max: int = WARNING_HELD_SIZE_BYTES_MAX) -> None:
        self._size_bytes_max = size_bytes_max
        self._pages: OrderedDict[tuple[Digest, bytes], Page] = OrderedDict()
        self._size_bytes = 0
        self.dropped_count = 0
        """Pages that found no room, since the start."""

    def __len__(self) -> int:
        return len(self._pages)

    def keep(self, page: Page) -> None:
        """Keep a page once; its signature may not be checked yet, so that a copy under another one is another page."""
        key = (page.digest, page.signature)
        if key in self._pages:
            return
        self._pages[key] = page
        self._size_bytes += len(page.raw)
        while self._size_bytes > self._size_bytes_max:
            _, oldest = self._pages.popitem(last=False)
            self._size_bytes -= len(oldest.raw)
            self.dropped_count += 1

    def release(self, is_wanted: Callable[[Page], bool]) -> list[Page]:
        """Take out the pages of which this is true, in their order."""
        keys = [key for key, page in self._pages.items() if is_wanted(page)]
        pages = [self._pages.pop(key) for key in keys]
        self._size_bytes -= sum(len(page.raw) for page in pages)
        return pages
