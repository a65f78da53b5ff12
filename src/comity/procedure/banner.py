"""The banner of an item: what its portions' markings come to (docs/spec/release.md, R18).

Rules
- Level: the highest of all portions in the originator's own scheme. A portion quoted from another party counts with
  its equivalent there and keeps its own marking. Of two levels of one rank the later in the scheme is shown; since
  the funnel decides every portion's marking, neither is lost.
- Topics and caveats: all of them together. Each caveat narrows, so together they narrow at least as much as any one.
"""

from collections.abc import Sequence

from comity.base.errors import RemoteError, UsageError
from comity.base.names import Party, Realm
from comity.procedure.entry import Marking
from comity.procedure.item import Item
from comity.procedure.release_terms import ReleaseTerms

__all__ = ["check_item", "find_banner"]


def find_banner(terms: ReleaseTerms, *, originator: Party, markings: Sequence[Marking]) -> Marking:
    """Return the banner for portions with these markings.

    Raises:
        UsageError: `item.portion-marking`: there is no portion, or one whose level has no place in the scheme.
    """
    places = {level: place for place, level in enumerate(terms.ranks) if terms.ranks[level][0] == originator}
    levels = [_find_own_level(terms, originator, marking) for marking in markings]
    if not levels:
        raise UsageError("item.portion-marking", portion=0)
    return Marking(
        originator=originator,
        scheme=originator,
        level=max(levels, key=lambda level: (terms.ranks[level][1], places[level])),
        topics=tuple(sorted({topic for marking in markings for topic in marking.topics})),
        caveats=tuple(sorted({caveat for marking in markings for caveat in marking.caveats})),
    )


def check_item(item: Item, *, terms: ReleaseTerms, lineage: bytes, realm: Realm, markings: Sequence[Marking]) -> None:
    """Check a verified item against its pact and realm, and the markings that the chain named for it.

    The banner can be checked only where every portion is here.

    Raises:
        RemoteError: `item.other-pact`, `item.banner`, `item.markings`.
    """
    if (item.head.lineage, item.head.realm) != (lineage, realm):
        raise RemoteError("item.other-pact")
    portions = [portion.marking for _, portion in item.portions]
    if item.is_whole:
        try:
            banner = find_banner(terms, originator=item.head.originator, markings=portions)
        except UsageError as error:
            raise RemoteError("item.banner") from error
        if banner != item.head.marking:
            raise RemoteError("item.banner")
    if item.head.marking.originator != item.head.originator:
        raise RemoteError("item.banner")
    if item.head.marking != markings[0] or not set(item.markings) <= set(markings):
        raise RemoteError("item.markings")


def _find_own_level(terms: ReleaseTerms, originator: Party, marking: Marking) -> str:
    level = terms.equivalents.get((marking.level, originator))
    of, _ = terms.ranks.get(marking.level, ("", 0))
    if level is None or of != marking.scheme or marking.scheme != marking.originator:
        raise UsageError("item.portion-marking", level=marking.level[:48])
    return level
