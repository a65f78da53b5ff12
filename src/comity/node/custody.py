"""What a node does with items that were given to it, beside reading them: it destroys, and keeps apart."""

import asyncio
from typing import TYPE_CHECKING

from comity.node.destruction import Destruction
from comity.node.quarantine import Quarantine

if TYPE_CHECKING:
    from comity.node.node import Node

__all__ = ["Custody"]


class Custody:
    """The destructions and the quarantine of one node."""

    def __init__(self, node: "Node") -> None:
        self.destruction = Destruction(node)
        self.quarantine = Quarantine(node)

    async def keep(self) -> None:
        """Look after both while the node runs."""
        await asyncio.gather(self.destruction.keep(), self.quarantine.keep())
