"""Fetching the blobs of items given to us, and the chunks of their attachments, from whoever gave them (T22).

Rules
- One task for each giver: who does not answer holds up his own blobs alone.
- Blobs of items come before chunks, and after every few chunks somebody looks whether there is a new one.
- What is here is never asked for again, so a node that was stopped in the middle goes on where it was.
- Bytes that are not the ones named, or hold what nobody signed, are not kept; they are asked for ever more seldom.
"""

import asyncio
import itertools
from typing import TYPE_CHECKING, Final

from comity.base.errors import OutageError, RemoteError, UsageError
from comity.base.names import Digest, Party
from comity.node.carrier import Carrier
from comity.node.log import note

if TYPE_CHECKING:
    from comity.node.node import Node

__all__ = ["BlobErrands"]

LOOK_S: Final = 0.5
"""Between two looks for what is wanted."""
CHUNK_COUNT: Final = 8
"""Chunks fetched from one giver before somebody looks for blobs of items again."""
PAUSE_S_MAX: Final = 60.0


class BlobErrands:
    """The fetching of one node."""

    def __init__(self, node: "Node", carrier: Carrier) -> None:
        self._node = node
        self._carrier = carrier
        self._busy: set[Party] = set()
        self._pause_s: dict[Party, float] = {}
        self._is_swept = False

    async def fetch(self) -> None:
        """Look for what is wanted for ever."""
        node = self._node
        while node.failure is None:
            try:
                self._sweep()
                node.attachments.note_new()
                for party in self._find_givers() - self._busy:
                    self._busy.add(party)
                    node.spawn(self._fetch_of(party))
            except OutageError as error:
                note("blob.awaited", code=error.code)
            await asyncio.sleep(LOOK_S)

    def _sweep(self) -> None:
        """Drop what an earlier run had stored and not stated, once every own word is known to be here (J22)."""
        if not self._is_swept and not self._node.machine.find_closed():
            self._node.shelf.sweep()
            self._is_swept = True

    def _find_givers(self) -> set[Party]:
        wanted = itertools.chain(self._node.shelf.find_wanted(), self._node.attachments.find_wanted())
        return {party for party, _ in wanted}

    async def _fetch_of(self, party: Party) -> None:
        try:
            while (found := self._find_next(party)) and not self._node.is_full:
                faults = [await self._fetch_one(party, *one) for one in found]
                if any(faults):
                    await asyncio.sleep(self._lengthen(party))
                else:
                    self._pause_s.pop(party, None)
        except OutageError as error:
            note("blob.awaited", code=error.code)
        finally:
            self._busy.discard(party)

    def _find_next(self, party: Party) -> list[tuple[Digest, bool]]:
        """Return what to ask a giver for next: every blob of an item, then a few chunks; and whether it is a chunk."""
        self._node.attachments.note_new()
        blobs = [(blob_id, False) for giver, blob_id in self._node.shelf.find_wanted() if giver == party]
        chunks = ((chunk, True) for giver, chunk in self._node.attachments.find_wanted() if giver == party)
        return blobs + list(itertools.islice(chunks, CHUNK_COUNT))

    async def _fetch_one(self, party: Party, blob_id: Digest, is_chunk: bool) -> bool:
        """Fetch and keep one blob; tell whether it did not come or was not what it had to be.

        Raises:
            OutageError: the giver does not answer, or there is no room.
        """
        try:
            found = await self._carrier.fetch_blob(party, blob_id)
            if found is None:
                return True
            if is_chunk:
                self._node.attachments.keep_chunk(blob_id, found[0])
            else:
                self._node.shelf.keep(blob_id, found[0], {self._node.machine.party: found[1]})
        except (RemoteError, UsageError) as error:
            note("blob.awaited", code=error.code)
            return True
        return False

    def _lengthen(self, party: Party) -> float:
        pause_s = self._pause_s.get(party, LOOK_S)
        self._pause_s[party] = min(2 * pause_s, PAUSE_S_MAX)
        return pause_s
