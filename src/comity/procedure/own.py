"""One author's own word in order, and the same set of statements however it arrived.

Rules
- A statement's identity is its id. Of two copies the one in the worse standing stands for both: standings only ever get
  worse (J16, J17). An author who seals one entry alike into two rival pages makes copies with different clocks and
  cuts; of equal standing the earlier clock, then the lower page digest, goes before (P1). So every order of arrival
  ends alike.
- "First" and "last" of one author go by his chain (incarnation, page, index), never by his clock, which he could set.
- Between authors there is no order, only what each provably knew (`stated.is_known_to`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from comity.base.names import Digest, Party
from comity.procedure.stated import Standing, Stated

__all__ = ["OwnOrder", "ShownOrder", "by_author", "find_last", "merge", "own_order", "shown_order"]

OwnOrder = tuple[int, int, int, Digest, Digest]
ShownOrder = tuple[int, Party, OwnOrder]
_SEVERITY: Final = {Standing.GOOD: 0, Standing.DISPUTED: 1, Standing.DISOWNED: 2}


def own_order(stated: Stated) -> OwnOrder:
    """Return where a statement stands in its author's word to one audience; the digests only part rival branches."""
    return (stated.incarnation, stated.page, stated.index, stated.journal, stated.id)


def shown_order(stated: Stated) -> ShownOrder:
    """Return the total order in which statements of several authors are shown; it proves nothing about real time."""
    return (stated.written_at, stated.author, own_order(stated))


def merge(statements: Iterable[Stated]) -> Mapping[Digest, Stated]:
    """Return the statements by id: each once, in its worst standing, in an order that no arrival changes."""
    merged: dict[Digest, Stated] = {}
    for stated in statements:
        held = merged.get(stated.id)
        if held is None or _copy_order(stated) < _copy_order(held):
            merged[stated.id] = stated
    return {stated.id: stated for stated in sorted(merged.values(), key=shown_order)}


def _copy_order(stated: Stated) -> tuple[int, int, Digest]:
    """Of copies of one entry the least stands for all (P1)."""
    return (-_SEVERITY[stated.standing], stated.written_at, stated.page_digest)


def by_author(statements: Iterable[Stated]) -> Mapping[Party, tuple[Stated, ...]]:
    """Return each author's statements in his own order."""
    found: dict[Party, list[Stated]] = {}
    for stated in statements:
        found.setdefault(stated.author, []).append(stated)
    return {author: tuple(sorted(found[author], key=own_order)) for author in sorted(found)}


def find_last(statements: Sequence[Stated]) -> Stated | None:
    """Return the last statement in its author's own order; all must be of one author."""
    return max(statements, key=own_order, default=None)
