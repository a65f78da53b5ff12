"""What all parties of a run read, read once: what bytes say is a function of them, and of the key they open with.

It saves a third of a run and decides nothing: each machine still judges every page at its own door.
"""

from comity.crypto.suite import Suite
from comity.journal.header import Page, parse_page
from comity.journal.seal import Opened, open_page

__all__ = ["Library"]


class Library:
    """The pages of one run. What does not parse or open is not kept, and so is refused each time."""

    def __init__(self) -> None:
        self._pages: dict[bytes, Page] = {}
        self._opened: dict[tuple[bytes, bytes], Opened] = {}

    def parse(self, raw: bytes, suite: Suite) -> Page:
        """See `journal.header.parse_page`."""
        page = self._pages.get(raw)
        if page is None:
            page = self._pages[raw] = parse_page(raw, suite)
        return page

    def open_page(self, suite: Suite, page: Page, epoch_key: bytes) -> Opened:
        """See `journal.seal.open_page`."""
        key = (page.raw, epoch_key)
        opened = self._opened.get(key)
        if opened is None:
            opened = self._opened[key] = open_page(suite, page, epoch_key)
        return opened
