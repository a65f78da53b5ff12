"""Which givings of items may go out to consumers at all, whoever asks (docs/spec/exchange.md, X50).

Rules
- What is destroyed, in quarantine or not here yet goes to nobody, nor does what has expired: not to own systems either.
- What was asked back goes to nobody from the moment the recall is read here: by the originator, of every copy; by
  whoever gave it, of what he gave. What the same author gave to the same audience after it is not asked back (R47).
- Whatever answer a recall got, a copy that is kept stays with the officers.
"""

from collections.abc import Sequence
from itertools import chain

from comity.base.instants import Instant
from comity.base.names import Digest
from comity.node.node import Node
from comity.node.openable import find_refusal
from comity.procedure.expiry import is_expired
from comity.procedure.recall import RecallPassedOn
from comity.procedure.recalls import fold_recalls, is_given_later
from comity.procedure.sharing import GIVING, Giving, RecallRequested
from comity.procedure.stated import Stated

__all__ = ["Outgoing", "find_asked_back"]


class Outgoing:
    """What of one node's items may go out."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._asked_back: tuple[tuple[tuple[Stated, ...], ...], frozenset[Digest]] = ((), frozenset())

    def may_go(self, giving: Stated, *, at: Instant) -> bool:
        """Tell whether what a statement gave may go out now; to whom, the funnel says."""
        entry = giving.entry
        assert isinstance(entry, Giving)
        return (
            self._node.shelf.has(entry.blob)
            and not is_expired(getattr(entry, "expires_at", ()), as_of=at)
            and giving.id not in self._find_asked_back()
            and find_refusal(self._node, giving) is None
        )

    def _find_asked_back(self) -> frozenset[Digest]:
        """Return the givings that are asked back, folded anew when there is a further recall or giving."""
        find = self._node.machine.statements.find
        rows = tuple(find(type_) for type_ in (RecallRequested, RecallPassedOn, *GIVING))
        held, found = self._asked_back
        if len(held) != len(rows) or any(one is not other for one, other in zip(held, rows, strict=True)):
            recalls, givings = list(chain(*rows[:2])), list(chain(*rows[2:]))
            found = find_asked_back(recalls, givings)
            self._asked_back = rows, found
        return found


def find_asked_back(recalls: Sequence[Stated], givings: Sequence[Stated]) -> frozenset[Digest]:
    """Return which of these givings are asked back by a recall that counts, whomever it asks."""
    named = {row.entry.item for row in recalls if isinstance(row.entry, RecallRequested | RecallPassedOn)}
    given = [row for row in givings if isinstance(row.entry, Giving) and row.entry.item in named]
    faults = {id_ for id_, _ in fold_recalls([*recalls, *given]).faults}
    counting = [row for row in recalls if row.id not in faults]
    return frozenset(giving.id for giving in given for recall in counting if _asks_for(recall, giving))


def _asks_for(recall: Stated, giving: Stated) -> bool:
    assert isinstance(recall.entry, RecallRequested | RecallPassedOn)
    assert isinstance(giving.entry, Giving)
    is_whose = isinstance(recall.entry, RecallRequested) or recall.author == giving.author
    return recall.entry.item == giving.entry.item and is_whose and not is_given_later(giving, recall)
