"""What the folds are given: an entry, who stated it, when and where, and what its author knew at least.

`Stated` is made by the machine from an accepted, opened page. A fold sees nothing else of the journals, so that the
same set of statements gives the same verdict on every node, whenever and in whatever order the pages came (law 3).
"""

import enum
from collections.abc import Mapping
from typing import Final

import msgspec

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.procedure.entry import Entry

__all__ = ["Standing", "Stated", "is_doubt_known", "is_known_to"]


class Standing(enum.Enum):
    """What the journal says of the page that a statement stands in (docs/spec/journal.md, J16 to J18)."""

    GOOD = "good"
    DISPUTED = "disputed"
    DISOWNED = "disowned"


_NO_DOUBTS: Final[Mapping[Digest, int]] = {}


class Stated(msgspec.Struct, frozen=True, eq=False):  # noqa: PLW1641 -- a cut has no hash
    """One entry as a signed fact.

    `written_at` is its author's own clock: a claim. `cut` maps the digest of each journal to the highest page number
    that the author had accepted when it wrote this (J12); journals absent from it were not named. `incarnation` is the
    journal's (J4): it orders one author's journals of one audience. `doubts` maps journal digest to the lowest
    number of a page there that makes this one's page disputed or disowned: empty while it is good. `page_digest` parts
    two rival pages that hold the same entry (P1). `pact` is the version that the page says it was written under (J7);
    empty where that is not told.

    A struct because a node makes millions of them; no bytes are ever made of it.
    """

    entry: Entry
    id: Digest
    author: Party
    audience: Audience
    journal: Digest
    page: int
    index: int
    written_at: Instant
    standing: Standing
    cut: Mapping[Digest, int]
    incarnation: int = 0
    doubts: Mapping[Digest, int] = _NO_DOUBTS
    page_digest: Digest = Digest(b"")
    pact: bytes = b""

    def __eq__(self, other: object) -> bool:
        """Tell whether both say the same, and stand alike; what brought them into doubt is looked up and may grow."""
        if not isinstance(other, Stated):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in _COMPARED)

    @property
    def counts(self) -> bool:
        """Whether the statement may count as consent (J18)."""
        return self.standing is Standing.GOOD

    @property
    def order(self) -> tuple[Instant, Party, Digest, int, int]:
        """A total order for display and for "first", the same on every node; it proves nothing about real time."""
        return (self.written_at, self.author, self.journal, self.page, self.index)


_COMPARED: Final = tuple(name for name in Stated.__struct_fields__ if name != "doubts")


def is_known_to(earlier: Stated, *, when_stating: Stated) -> bool:
    """Tell whether the author of `when_stating` provably had `earlier` when writing it. False proves nothing."""
    if earlier.journal == when_stating.journal:
        return (earlier.page, earlier.index) <= (when_stating.page, when_stating.index)
    return when_stating.cut.get(earlier.journal, -1) >= earlier.page


def is_doubt_known(doubted: Stated, *, when_stating: Stated) -> bool:
    """Tell whether the author of `when_stating` provably had a page that disputes or disowns `doubted` (J16, J17)."""
    return any(
        page <= (when_stating.page if journal == when_stating.journal else when_stating.cut.get(journal, -1))
        for journal, page in doubted.doubts.items()
    )
