"""Pictures of earlier instants and trails, made from what is kept, one at a time (docs/spec/warning.md, W38, W39).

Each is worked out in a thread, a slice at a time, over a connection of its own; whoever asks waits, and the feed does
not. It is a picture of today's pact: what came late since is in it, at its own instant.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Final

from comity.base.errors import OutageError, UsageError
from comity.base.instants import MINUTE_MS, Instant
from comity.base.limits import WARNING_RETENTION_MS
from comity.base.names import Party
from comity.node.feed.kept import KEEP_MS
from comity.node.feed.picturing import Picturing, find_window_ms
from comity.node.feed.retelling import Retelling, read_into, read_slices
from comity.pact.model import Pact
from comity.warning.domain import read_terms
from comity.warning.picture import Picture
from comity.warning.situation import Situation
from comity.warning.trails import TrailBook

__all__ = ["Earlier"]

ASKER_COUNT_MAX: Final = 8
"""Who waits for one, or has one made."""


class Earlier:
    """Makes what is asked of the last day."""

    def __init__(
        self, retelling: Retelling, picturing: Picturing, *, party: Party, clock: Callable[[], Instant]
    ) -> None:
        self._retelling = retelling
        self._picturing = picturing
        self._party = party
        self._clock = clock
        self._turn = asyncio.Lock()
        self._asker_count = 0

    async def find_situation(self, at: int, pact: Pact) -> Situation:
        """Return the situation at an instant of the last day.

        Raises:
            OutageError: `warning.busy`, `store.damaged`.
            UsageError: `warning.not-kept`.
        """
        now = self._clock()
        if not now - KEEP_MS <= at <= now:
            raise UsageError("warning.not-kept", at=at)
        terms = read_terms(pact)
        picture, until = Picture(terms), at + WARNING_RETENTION_MS + _find_delay_ms(pact, self._party)
        async with self._take_turn():
            kept = self._retelling.read(since=at - find_window_ms(terms), until=min(now, until))
            told = (came for came in kept if came.block.rows["at"].min() <= at)
            await read_into(picture, told, party=self._party, at=Instant(at))
            return await asyncio.to_thread(picture.at, Instant(at))

    async def write_trails(self, minutes: int) -> bytes:
        """Return the trails of what is shown now, over so many minutes.

        Raises:
            OutageError: `warning.busy`, `store.damaged`.
        """
        situation = await self._picturing.find_situation()
        since = situation.at - minutes * MINUTE_MS
        book = TrailBook(situation, since=since)
        async with self._take_turn():
            kept = self._retelling.read(since=since, until=self._clock())
            await read_slices(kept, lambda came: book.take(came.author, came.block))
            return await asyncio.to_thread(book.write)

    @contextlib.asynccontextmanager
    async def _take_turn(self) -> AsyncIterator[None]:
        if self._asker_count >= ASKER_COUNT_MAX:
            raise OutageError("warning.busy")
        self._asker_count += 1
        try:
            async with self._turn:
                yield
        finally:
            self._asker_count -= 1


def _find_delay_ms(pact: Pact, party: Party) -> int:
    """Return how late this party may be told what it is told late."""
    return max((term.delay_ms for term in pact.track_terms if term.recipient == party), default=0)
