"""The node's own picture, kept by its warning process from what it said and was told (docs/spec/warning.md, W37).

Rules
- It is folded once a cycle, and only while somebody looks or the pact has rules. Otherwise what came is only thinned.
- Folding is done in a thread, one at a time: no door and no page waits for it, but for the interpreter's turn.
- After a start, and when the pact's classes are others, it is made anew from the pages kept, as far back as each class
  remembers. What comes meanwhile waits, and is taken after it: the order changes nothing (W40).
- All who look at the stream are given the same bytes; whoever joins, first all that stands.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from comity.base.instants import SECOND_MS, Instant
from comity.base.names import Party
from comity.node.feed.retelling import Came, read_into
from comity.node.feed.topic import Topic, until_gone
from comity.pact.model import Pact
from comity.warning.domain import TrackTerms, read_terms
from comity.warning.frame import FrameWriter
from comity.warning.picture import Picture
from comity.warning.situation import Situation

__all__ = ["CYCLE_MS", "Picturing", "find_window_ms"]

CYCLE_MS: Final = SECOND_MS
SETTLE_CYCLE_COUNT: Final = 10
"""Cycles after which what came is thinned though nobody looks."""
FRESH_ROW_COUNT: Final = 50_000
"""Rows after which it is thinned sooner."""
FRESH_ROW_COUNT_MAX: Final = 2_000_000
"""Rows that may wait while the picture is made anew; past it the oldest go, which the file has."""
AGAIN_S: Final = 10.0
"""Until it is tried again, where a picture could not be made."""


def find_window_ms(terms: Mapping[str, TrackTerms]) -> int:
    """Return how far back a picture must have what was said: until the silent are forgotten, and a little more."""
    return max((of.horizon_ms + of.stale_after_ms for of in terms.values()), default=0)


class Picturing:
    """One party's picture. `read_kept` yields what came since an instant, from the file."""

    def __init__(
        self, party: Party, *, read_kept: Callable[[int], Iterator[Came]], clock: Callable[[], Instant]
    ) -> None:
        self.on_situation: Callable[[Situation], None] | None = None
        """Told each situation, while the pact has rules; must neither wait nor fail."""
        self.on_failed: Callable[[BaseException], None] = lambda _: None
        self.frames = Topic()
        self._party = party
        self._read_kept = read_kept
        self._clock = clock
        self._folding = asyncio.Lock()
        self._terms: dict[str, TrackTerms] = {}
        self._has_rules = False
        self._made_for: dict[str, TrackTerms] | None = None
        """The terms of the picture that is here."""
        self._is_stale = False
        self._picture = Picture({})
        self._asked = Instant(0)
        self._fresh: deque[Came] = deque()
        self._fresh_row_count = 0
        self._situation: Situation | None = None
        self._writer: FrameWriter | None = None

    def set_pact(self, pact: Pact) -> None:
        """Go by a version of the pact from now on."""
        self._terms, self._has_rules = read_terms(pact), bool(pact.track_rules)

    def begin_anew(self) -> None:
        """Have the picture made anew from what is kept: something that is in it counts no more."""
        self._is_stale = True
        self._fresh.clear()
        self._fresh_row_count = 0

    def take(self, came: Came) -> None:
        """Take a block that was said or that came: it is in every picture from now on."""
        self._fresh.append(came)
        self._fresh_row_count += len(came.block.rows)
        while self._fresh_row_count > FRESH_ROW_COUNT_MAX:
            self._fresh_row_count -= len(self._fresh.popleft().block.rows)

    async def run(self) -> None:
        """Keep the picture until cancelled."""
        while True:
            try:
                await self._keep()
            except Exception as error:  # noqa: BLE001 -- the feed goes on without a picture; it is tried again, and said
                self.on_failed(error)
                self._made_for = None
                await asyncio.sleep(AGAIN_S)

    async def _keep(self) -> None:
        idle = 0
        while True:
            async with self._folding:
                await self._make_anew()
                idle += 1
                if not self.frames.is_heard:
                    self._writer = None
                if self.frames.is_heard or (self._has_rules and self.on_situation is not None):
                    situation = await self._fold()
                    await self._tell(situation)
                elif self._fresh and (idle >= SETTLE_CYCLE_COUNT or self._fresh_row_count >= FRESH_ROW_COUNT):
                    await asyncio.to_thread(self._settle, self._take_fresh(), self._find_now())
                    idle = 0
            await asyncio.sleep(CYCLE_MS / SECOND_MS)

    async def find_situation(self) -> Situation:
        """Return the situation of this cycle."""
        async with self._folding:
            await self._make_anew()
            return await self._look()

    async def show_frames(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Give frames to one who looks, all that stands first, until he is gone."""
        with contextlib.ExitStack() as stack:
            async with self._folding:
                await self._make_anew()
                if self._writer is None:
                    first = await self._write(await self._look())
                    self.frames.publish(first)
                else:
                    first = await asyncio.to_thread(self._writer.repeat)
                listener = stack.enter_context(self.frames.joined(writer))
                writer.write(first)
                listener.release()
            await until_gone(reader)

    async def _make_anew(self) -> None:
        """Make the picture from what is kept, where there is none for the classes of now."""
        if self._made_for == self._terms and not self._is_stale:
            return
        terms, asked = self._terms, self._clock()
        self._is_stale = False
        self._made_for = self._writer = self._situation = None
        self._picture = Picture(terms)
        kept = self._read_kept(asked - find_window_ms(terms))
        await read_into(self._picture, kept, party=self._party, at=asked)
        self._asked, self._made_for = asked, terms

    def _take_fresh(self) -> deque[Came]:
        fresh, self._fresh, self._fresh_row_count = self._fresh, deque(), 0
        return fresh

    def _find_now(self) -> Instant:
        """Return the instant to look at: now, and never before the last one, whatever the clock does."""
        self._asked = max(self._asked, self._clock())
        return self._asked

    def _settle(self, fresh: deque[Came], at: Instant) -> None:
        self._take_all(fresh)
        self._picture.settle(at)

    def _take_all(self, fresh: deque[Came]) -> None:
        for came in fresh:
            came.put_into(self._picture, self._party)

    async def _look(self) -> Situation:
        if self._situation is not None and self._clock() - self._situation.at < CYCLE_MS:
            return self._situation
        return await self._fold()

    async def _fold(self) -> Situation:
        """Fold a situation of now, in a thread."""
        fresh, at = self._take_fresh(), self._find_now()

        def work() -> Situation:
            self._take_all(fresh)
            return self._picture.at(at)

        self._situation = await asyncio.to_thread(work)
        return self._situation

    async def _tell(self, situation: Situation) -> None:
        """Hand a situation on: to the rules, and as the next frame to all who look."""
        if self._has_rules and self.on_situation is not None:
            self.on_situation(situation)
        if self.frames.is_heard:
            self.frames.publish(await self._write(situation))

    async def _write(self, situation: Situation) -> bytes:
        """Write the next frame, or all that stands for a picture that nobody was shown yet."""
        if self._writer is None:
            self._writer = FrameWriter()
        return await asyncio.to_thread(self._writer.write, situation)
