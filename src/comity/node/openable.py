"""Whether a copy of an item may be opened here at all, before it is read (docs/spec/release.md, R50, R53)."""

from typing import TYPE_CHECKING

from comity.base.errors import ComityError, OutageError, UsageError
from comity.journal.header import Feed
from comity.procedure.sharing import Giving
from comity.procedure.stated import Stated

if TYPE_CHECKING:
    from comity.node.node import Node

__all__ = ["find_refusal"]


def find_refusal(node: "Node", giving: Stated) -> ComityError | None:
    """Return why what was given by this statement is not opened, or None.

    It is destroyed, or perhaps so (J22); or it should not have come (R53).
    """
    entry = giving.entry
    assert isinstance(entry, Giving)
    if node.shelf.is_gone(entry.blob):
        return UsageError("item.destroyed")
    machine = node.machine
    own = machine.pen.make_id(Feed.RECORD, giving.audience)
    if machine.reckoning.is_reckoning and machine.reckoning.is_closed(own):
        return OutageError("item.reckoning", parties=machine.reckoning.find_unanswered(own))
    held = node.custody.quarantine.find(giving)
    if held is not None and held.released_by is None:
        return UsageError("item.quarantined", clause=held.decision.clause, reason=held.reason)
    return None
