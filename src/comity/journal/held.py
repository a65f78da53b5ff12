"""Pages that wait for something, and how many of each author there is room for (docs/spec/journal.md, J11).

Nobody can crowd out another's pages: they are counted by author and by what they wait for, so that those whose
signature was checked stand apart from those that anyone could have made.
"""

from collections.abc import Iterator

from comity.base.limits import (
    DOUBTED_COUNT_MAX,
    DOUBTED_SIZE_BYTES_MAX,
    PENDING_COUNT_MAX,
    PENDING_SIZE_BYTES_MAX,
)
from comity.base.names import Digest, Party
from comity.journal.authenticity import Need, NeedKind
from comity.journal.header import Page
from comity.journal.wanted import Wanted

__all__ = ["Held"]


class Held:
    """Pages by what they need; `wanted` is told which they are."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._pages: dict[Need, list[Page]] = {}
        self._keys: set[tuple[Digest, bytes]] = set()
        self._counts: dict[tuple[Party, NeedKind], int] = {}
        self._sizes: dict[tuple[Party, NeedKind], int] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def keep(self, page: Page, need: Need, *, is_stored: bool = False) -> bool:
        """Keep a page for what it needs; return whether there was room for it.

        One that is stored was acknowledged and may not come again: its bytes had their room when it came.
        The signature stands in the key: until it is checked, a stranger's copy of the same header must not take the
        place of the true page.
        """
        key, bucket = (page.digest, page.signature), (page.header.journal.author, need.kind)
        if key not in self._keys:
            count, size = self._counts.get(bucket, 0), self._sizes.get(bucket, 0) + len(page.raw)
            is_doubted = need.kind is NeedKind.DOUBT
            if count >= (DOUBTED_COUNT_MAX if is_doubted else PENDING_COUNT_MAX):
                return False
            if size > (DOUBTED_SIZE_BYTES_MAX if is_doubted else PENDING_SIZE_BYTES_MAX) and not is_stored:
                return False
            self._sizes[bucket] = size
            self._keys.add(key)
            self._counts[bucket] = count + 1
            self._pages.setdefault(need, []).append(page)
            if need.kind is NeedKind.PAGE:
                self._wanted.wait(page)
            elif need.kind is NeedKind.VERSION:
                self._wanted.wait_unread(page.digest)
        return True

    def release(self, need: Need) -> Iterator[Page]:
        """Yield what waited for this, each as it is to be judged again: no longer kept."""
        for page in self._pages.pop(need, []):
            self._keys.discard((page.digest, page.signature))
            bucket = (page.header.journal.author, need.kind)
            self._counts[bucket] -= 1
            self._sizes[bucket] -= len(page.raw)
            if need.kind is NeedKind.PAGE:
                self._wanted.end_wait(page)
            elif need.kind is NeedKind.VERSION:
                self._wanted.end_unread(page.digest)
            yield page

    def list_trust_needs(self) -> list[Need]:
        """Return what root statements may bring, in the order in which it was first needed."""
        return [need for need in self._pages if need.kind is not NeedKind.PAGE]

    def rows(self) -> Iterator[tuple[Need, Page]]:
        """Yield every page that waits, with what it waits for; not those that were refused with a doubt."""
        for need, pages in self._pages.items():
            if need.kind is not NeedKind.DOUBT:
                yield from ((need, page) for page in pages)
