"""Attachments on their way to this party: how much of each item's is here (R40).

Only of items that may be opened here: none in quarantine, none that is destroyed. A party's own view of what it holds.
"""

import itertools
from typing import Final

from comity.api.views.items import Arriving, ArrivingItem
from comity.node.node import Node
from comity.procedure.sharing import Giving

__all__ = ["show_arriving"]

SHOWN_COUNT_MAX: Final = 100
"""Items in one answer; when some of them are whole the next ones are shown."""


def show_arriving(node: Node) -> Arriving:
    """Return the items whose attachments are not all here, with the bytes that are, and how many there will be."""
    rows: list[ArrivingItem] = []
    for stated, progress in itertools.islice(node.attachments.find_arriving(), SHOWN_COUNT_MAX):
        assert isinstance(stated.entry, Giving)
        rows.append({"item": stated.entry.item.hex(), "given_by": stated.author, "here_bytes": progress.here_bytes,
                     "size_bytes": progress.size_bytes})  # fmt: skip
    return {"arriving": rows}
