"""What an import that is repeated is known by, as it stands now: the same bytes are one item (X52).

The log says what came in as which item; the record says which of these still stand: given by this party and not
destroyed, asked back or expired since, or waiting for a second officer. Whatever does not stand comes in anew.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from comity.api.outgoing import Outgoing
from comity.base.errors import UsageError
from comity.base.names import Digest
from comity.exchange.imported import Came, ImportLog
from comity.node.approvals import Held
from comity.node.node import Node
from comity.procedure.sharing import Giving

__all__ = ["Known", "Standing"]


class Standing(NamedTuple):
    """An item that something came in as. `held` is the act that waits for another officer, if it is not given yet."""

    item: Digest
    held: Held | None

    @property
    def awaited(self) -> UsageError | None:
        """What whoever wants it given is told again."""
        if self.held is None:
            return None
        held = self.held
        return UsageError(
            "approval.awaited", digest=held.digest, until_at=held.until_at, act=held.act, clause=held.clause
        )


class Known:
    """What came into one node by imports."""

    def __init__(self, node: Node, log: ImportLog | None = None) -> None:
        self._node = node
        self._log = ImportLog() if log is None else log
        self._outgoing = Outgoing(node)
        self.turn = asyncio.Lock()
        """One import looks, gives and notes at a time, so that what comes twice at once is given once."""

    async def find(self, contents: Collection[bytes]) -> dict[bytes, Standing]:
        """Return as what these contents stand here already."""
        came = await asyncio.to_thread(self._log.find, contents)
        standing = self._find_standing({item for items in came.values() for item in items})
        found = {}
        for content, items in came.items():
            for item in items:
                if item in standing:
                    found[content] = standing[item]
        return found

    async def find_earlier(self, versions: Mapping[str, int]) -> dict[str, list[Digest]]:
        """Return the items that hold earlier versions, by the name that they have in their format."""
        came = await asyncio.to_thread(self._log.find_named, versions)
        earlier = {name: [item for version, item in rows if version < versions[name]] for name, rows in came.items()}
        standing = self._find_standing({item for items in earlier.values() for item in items})
        return {name: kept for name, items in earlier.items() if (kept := [one for one in items if one in standing])}

    async def note(self, rows: Iterable[Came]) -> None:
        """Note what is about to be given."""
        await asyncio.to_thread(self._log.note, list(rows))

    def _find_standing(self, items: Collection[Digest]) -> dict[Digest, Standing]:
        if not items:
            return {}
        node, at = self._node, self._node.now()
        found: dict[Digest, Standing] = {}
        for held in node.approvals.list(at):
            for entry in held.entries:
                if isinstance(entry, Giving) and entry.item in items:
                    found[Digest(entry.item)] = Standing(Digest(entry.item), held)
        for stated in node.shelf.find_givings():
            entry = stated.entry
            assert isinstance(entry, Giving)
            is_own = stated.author == node.machine.party and entry.item in items
            if is_own and self._outgoing.may_go(stated, at=at):
                found[Digest(entry.item)] = Standing(Digest(entry.item), None)
        return found
