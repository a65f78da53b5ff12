"""A page that this party has accepted before, as its snapshot gives it back (docs/adr/0016), or has written just now.

Who signed it and what it opened to was checked when it came, and is not checked again: the snapshot is sealed under a
key of this party's own. Its place in its chain, what it names and what it says are worked out anew, like any page's.
"""

from typing import NamedTuple

from comity.journal.header import Page
from comity.journal.seal import Opened
from comity.procedure.entry import Entry

__all__ = ["Vouched", "Written"]


class Vouched(NamedTuple):
    """`page` has its header, its digests and, but for sealed entries, its body. `opened` is None without entries."""

    page: Page
    opened: Opened | None


class Written(NamedTuple):
    """A page that this party has written just now, what it opens to, and its entries if all were read before."""

    page: Page
    opened: Opened | None
    entries: tuple[Entry, ...] | None
