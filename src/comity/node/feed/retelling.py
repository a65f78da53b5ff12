"""What a node said and was told within the last day, read back from its file: for the picture after a start, for an
earlier instant, for processes of the party that begin to listen (docs/spec/warning.md, W37, W38).

Rules
- Own blocks come back as they were said; pages of others are judged and opened again as when they came.
- It reads beside the process that writes, over a connection of its own, and can be stopped between any two blocks.
- At most `PAGE_COUNT_MAX` pages, the newest of the time asked for: how many there were before these is said.
"""

import asyncio
import contextlib
import heapq
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from comity.base.errors import OutageError, RemoteError
from comity.base.instants import Instant
from comity.base.names import Party
from comity.crypto.suite import Ceremony, Suite
from comity.journal.header import Kind, parse_page
from comity.journal.keyring import Keyring
from comity.journal.trust import Trust
from comity.node.feed.frames import FeedSetup
from comity.node.feed.kept import FEED_FILE
from comity.node.feed.said import SaidBox
from comity.warning.intake import Intake
from comity.warning.picture import Picture
from comity.warning.rows import Block, read_block

__all__ = ["SLICE_ROW_COUNT", "Came", "Retelling", "read_slices", "take_slice"]

SLICE_ROW_COUNT: Final = 50_000
"""Rows that a picture takes from the file before the others have their turn."""
PAGE_COUNT_MAX: Final = 100_000
"""Pages, and own blocks too, that are read at once."""

_KEYS: Final = "SELECT raw FROM kept WHERE kind = ? AND author <> ? ORDER BY seq"
_COUNT: Final = "SELECT count(*) FROM kept WHERE kept_at BETWEEN ? AND ? AND kind <> ? AND author <> ?"
_PAGES: Final = """
SELECT kept_at, raw FROM kept WHERE kept_at BETWEEN ? AND ? AND kind <> ? AND author <> ?
ORDER BY kept_at, seq LIMIT -1 OFFSET ?
"""
_COUNT_SAID: Final = "SELECT count(*) FROM said WHERE kept_at BETWEEN ? AND ?"
_SAID: Final = "SELECT kept_at, raw FROM said WHERE kept_at BETWEEN ? AND ? ORDER BY kept_at, seq LIMIT -1 OFFSET ?"


class Came(NamedTuple):
    """A block, whose it is, when it came here. Of an own one, when it was said."""

    author: Party
    came_at: Instant
    block: Block


class Retelling:
    """Reads one party's file."""

    def __init__(self, setup: FeedSetup, *, suite: Suite, ceremony: Ceremony) -> None:
        self._setup = setup
        self._suite = suite
        self._path = Path(setup.folder) / FEED_FILE
        self.box = SaidBox(setup.receiving, suite=suite, ceremony=ceremony)
        self.statements: tuple[bytes, ...] = ()
        """The root statements that authors are believed by."""

    def read(self, *, since: int, until: int) -> Iterator[Came]:
        """Yield what came from one instant to another, both included, in the order in which it came.

        Raises:
            OutageError: `store.damaged` where the file cannot be read.
        """
        try:
            uri = f"file:{self._path}?mode=ro"
            with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=2.0, check_same_thread=False)) as db:
                yield from heapq.merge(
                    self._read_said(db, since, until), self._read_pages(db, since, until), key=lambda came: came.came_at
                )
        except sqlite3.DatabaseError as error:
            raise OutageError("store.damaged", path=self._path.name) from error

    def _read_said(self, db: sqlite3.Connection, since: int, until: int) -> Iterator[Came]:
        (count,) = db.execute(_COUNT_SAID, (since, until)).fetchone()
        for at, sealed in db.execute(_SAID, (since, until, max(0, count - PAGE_COUNT_MAX))):
            raw = self.box.open(sealed)
            if raw is not None:
                yield Came(self._setup.party, Instant(at), read_block(raw))

    def _read_pages(self, db: sqlite3.Connection, since: int, until: int) -> Iterator[Came]:
        setup, suite = self._setup, self._suite
        trust = Trust(setup.pins, suite)
        trust.learn_all(self.statements)
        intake = Intake(setup.party, trust=trust, keyring=Keyring(setup.party, setup.receiving, suite), suite=suite)
        for (raw,) in db.execute(_KEYS, (int(Kind.KEYS), setup.party)):
            intake.restore(parse_page(raw, suite), Instant(until))
        asked = (since, until, int(Kind.KEYS), setup.party)
        (count,) = db.execute(_COUNT, asked).fetchone()
        for at, raw in db.execute(_PAGES, (*asked, max(0, count - PAGE_COUNT_MAX))):
            with contextlib.suppress(RemoteError):
                for received in intake.take(raw, Instant(at)).received:
                    for block in received.blocks:
                        yield Came(received.author, Instant(at), block)


async def read_slices(kept: Iterator[Came], take: Callable[[Iterator[Came]], bool]) -> None:
    """Have a slice after the other taken in a thread, as long as `take` says that there is more."""
    try:
        while await asyncio.to_thread(take, kept):
            pass
    finally:
        with contextlib.suppress(ValueError):  # cancelled while a thread reads: it closes with the last who holds it
            kept.close()  # type: ignore[attr-defined] # a generator's


def take_slice(picture: Picture, kept: Iterator[Came], *, party: Party, at: Instant) -> bool:
    """Have a picture, whose instants are not beyond `at`, take some of what is kept; tell whether there is more."""
    row_count = 0
    for came in kept:
        picture.take(came.author, came.block, None if came.author == party else came.came_at)
        row_count += len(came.block.rows)
        if row_count >= SLICE_ROW_COUNT:
            picture.settle(min(came.came_at, at))
            return True
    return False
