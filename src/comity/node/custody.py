"""What a node does with items beside giving and reading them: it destroys, keeps apart, lets go of what was refused."""

import asyncio
from typing import TYPE_CHECKING

from comity.node.destruction import Destruction
from comity.node.quarantine import Quarantine
from comity.node.saying import keep_approvals

if TYPE_CHECKING:
    from comity.node.node import Node

__all__ = ["Custody"]


class Custody:
    """The destructions and the quarantine of one node."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self.destruction = Destruction(node)
        self.quarantine = Quarantine(node)

    async def keep(self) -> None:
        """Look after them, and after what waits for a second officer, while the node runs."""
        await asyncio.gather(self.destruction.keep(), self.quarantine.keep(), keep_approvals(self._node))
