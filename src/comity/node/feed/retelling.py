"""What a node said and was told within the last day, read back from its file: for the picture after a start, for an
earlier instant, for processes of the party that begin to listen (docs/spec/warning.md, W37, W38).

Rules
- Own blocks come back as they were said; pages of others are judged and opened again as when they came.
- It reads beside the process that writes, over a connection of its own, and can be stopped between any two blocks.
- What was in quarantine when it came stays out of what is retold (W75).
- At most `PAGE_COUNT_MAX` pages, the newest of the time asked for.
"""

import asyncio
import contextlib
import heapq
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from comity.base.errors import RemoteError
from comity.base.instants import Instant
from comity.base.names import Party
from comity.crypto.suite import Ceremony, Suite
from comity.journal.header import Kind, parse_page
from comity.journal.keyring import Keyring
from comity.journal.trust import Trust
from comity.node.feed.frames import FeedSetup
from comity.node.feed.kept import FEED_FILE
from comity.node.feed.kept_beside import Beside, open_beside
from comity.node.feed.said import SaidBox
from comity.warning.intake import Intake
from comity.warning.picture import Picture
from comity.warning.rows import Block, read_block

__all__ = ["Came", "Retelling", "read_into", "read_slices"]

SLICE_ROW_COUNT: Final = 50_000
"""Rows that are taken from the file before the others have their turn."""
PAGE_COUNT_MAX: Final = 100_000
"""Pages, and own blocks too, that are read at once."""

_KEYS: Final = "SELECT kept_at, segment, place, size_bytes FROM kept WHERE kind = ? AND author <> ? ORDER BY seq"
_COUNT: Final = "SELECT count(*) FROM kept WHERE kept_at BETWEEN ? AND ? AND kind <> ? AND author <> ?"
_PAGES: Final = """
SELECT kept_at, segment, place, size_bytes FROM kept WHERE kept_at BETWEEN ? AND ? AND kind <> ? AND author <> ?
ORDER BY kept_at, seq LIMIT -1 OFFSET ?
"""
_APART: Final = "SELECT page, place FROM quarantined"
_COUNT_SAID: Final = "SELECT count(*) FROM said WHERE kept_at BETWEEN ? AND ?"
_SAID: Final = """
SELECT kept_at, segment, place, size_bytes FROM said WHERE kept_at BETWEEN ? AND ?
ORDER BY kept_at, seq LIMIT -1 OFFSET ?
"""


class Came(NamedTuple):
    """A block, whose it is, when it came here. Of an own one, when it was said."""

    author: Party
    came_at: Instant
    block: Block

    def put_into(self, picture: Picture, party: Party) -> None:
        """Have a party's picture take it; an own block was received by nobody."""
        picture.take(self.author, self.block, None if self.author == party else self.came_at)


class Retelling:
    """Reads one party's file."""

    def __init__(self, setup: FeedSetup, *, suite: Suite, ceremony: Ceremony) -> None:
        self._setup = setup
        self._suite = suite
        self._path = Path(setup.folder) / FEED_FILE
        self.box = SaidBox(setup.receiving, suite=suite, ceremony=ceremony)
        self.before_read: Callable[[], None] = lambda: None
        """Called by whichever thread reads, before it does: what came and waits to be kept is to be in the file."""
        self.statements: tuple[bytes, ...] = ()
        """The root statements that authors are believed by."""

    def read(self, *, since: int, until: int) -> Iterator[Came]:
        """Yield what came from one instant to another, both included, in the order in which it came.

        Raises:
            OutageError: `store.damaged` where the file cannot be read.
        """
        self.before_read()
        with open_beside(self._path) as beside:
            said, pages = self._read_said(beside, since, until), self._read_pages(beside, since, until)
            yield from heapq.merge(said, pages, key=lambda came: came.came_at)

    def _read_said(self, beside: Beside, since: int, until: int) -> Iterator[Came]:
        (count,) = beside.db.execute(_COUNT_SAID, (since, until)).fetchone()
        for at, sealed in beside.read_each(_SAID, since, until, max(0, count - PAGE_COUNT_MAX)):
            raw = self.box.open(sealed)
            if raw is not None:
                with contextlib.suppress(RemoteError):
                    yield Came(self._setup.party, at, read_block(raw))

    def _read_pages(self, beside: Beside, since: int, until: int) -> Iterator[Came]:
        setup, suite = self._setup, self._suite
        trust = Trust(setup.pins, suite)
        trust.learn_all(self.statements)
        intake = Intake(setup.party, trust=trust, keyring=Keyring(setup.party, setup.receiving, suite), suite=suite)
        for _, raw in beside.read_each(_KEYS, int(Kind.KEYS), setup.party):
            intake.restore(parse_page(raw, suite), Instant(until))
        asked = (since, until, int(Kind.KEYS), setup.party)
        apart = set(beside.db.execute(_APART))
        (count,) = beside.db.execute(_COUNT, asked).fetchone()
        for at, raw in beside.read_each(_PAGES, *asked, max(0, count - PAGE_COUNT_MAX)):
            with contextlib.suppress(RemoteError):
                for received in intake.take(raw, at).received:
                    for number, block in enumerate(received.blocks):
                        if (received.page, number) in apart:
                            continue
                        yield Came(received.author, at, block)


async def read_slices(
    kept: Iterator[Came], take: Callable[[Came], None], *, on_slice: Callable[[Came], None] = lambda _: None
) -> None:
    """Have all that is kept taken in a thread, a slice after the other; `on_slice` is told the last of a full one."""

    def take_slice() -> bool:
        row_count = 0
        for came in kept:
            take(came)
            row_count += len(came.block.rows)
            if row_count >= SLICE_ROW_COUNT:
                on_slice(came)
                return True
        return False

    try:
        while await asyncio.to_thread(take_slice):
            pass
    finally:
        with contextlib.suppress(ValueError):  # cancelled while a thread reads: it closes with the last who holds it
            kept.close()  # type: ignore[attr-defined] # a generator's


async def read_into(picture: Picture, kept: Iterator[Came], *, party: Party, at: Instant) -> None:
    """Have a party's picture, whose instants are not beyond `at`, take all that is kept."""
    await read_slices(
        kept,
        lambda came: came.put_into(picture, party),
        on_slice=lambda came: picture.settle(min(came.came_at, at)),
    )
