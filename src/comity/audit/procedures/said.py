"""A statement: an opened entry that is in form, with who said it, where, when, and in which standing.

What one author provably knew of another's statements is asked through `Knowing`, so that the folds here see nothing
of pages.
"""

from collections.abc import Iterable
from operator import attrgetter
from typing import Final, NamedTuple, Protocol

import msgspec

from comity.audit.procedures.forms import Entry
from comity.base.names import Audience, Party

__all__ = [
    "DISOWNED",
    "DISPUTED",
    "GOOD",
    "Knowing",
    "Place",
    "Said",
    "Spot",
    "keep_one_each",
    "own_order",
    "shown_order",
]

GOOD, DISPUTED, DISOWNED = range(3)
"""J16 to J18, the worse the higher (P1)."""


class Place(msgspec.Struct, frozen=True, order=True, array_like=True, gc=False):
    """Where a statement stands in its author's order (P2)."""

    incarnation: int
    number: int
    entry_index: int


class Spot(NamedTuple):
    """The page in which it stands: journal digest, page digest."""

    journal: bytes
    page: bytes


class Said(msgspec.Struct, frozen=True, gc=False):
    """One statement. `at` is its author's clock. A struct since a record has millions; no bytes are made of it."""

    entry: Entry
    id: bytes
    author: Party
    audience: Audience
    place: Place
    spot: Spot
    at: int
    standing: int = GOOD

    @property
    def is_good(self) -> bool:
        """Neither disputed nor disowned (P1)."""
        return self.standing == GOOD


class Knowing(Protocol):
    """What the cuts of a record answer (J12, P2)."""

    def knows(self, later: Said, earlier: Said, /) -> bool:
        """Tell whether the author of `later` provably had `earlier` when stating it."""

    def knows_fault(self, later: Said, doubted: Said, /) -> bool:
        """Tell whether he provably had a page that makes `doubted` disputed or disowned (P22)."""

    def is_confirmed(self, said: Said, party: Party, /) -> bool:
        """Tell whether a party is the author of a statement, or a head signed by it covers the page (P9)."""


def keep_one_each(statements: Iterable[Said]) -> list[Said]:
    """Return each statement once, ordered by author and place.

    One entry can stand in two pages of rival branches, if its author sealed both alike. It is then that of the page in
    the worse standing, of the earlier clock, of the lower digest, in this order (P1).
    """
    kept: dict[bytes, Said] = {}
    for said in statements:
        held = kept.setdefault(said.id, said)
        if held is not said:
            kept[said.id] = min(held, said, key=_weight)
    return sorted(kept.values(), key=attrgetter("author", "place", "spot.journal", "id"))


def _weight(said: Said) -> tuple[int, int, bytes]:
    return -said.standing, said.at, said.spot.page


own_order: Final = attrgetter("place", "spot.journal", "id")
"""Orders one author's statements to one audience (P2); digests part those that stand in one place of rival branches."""
shown_order: Final = attrgetter("at", "author", "place", "spot.journal", "id")
"""Orders statements of several authors as they are shown: by their own clocks, which proves nothing."""
