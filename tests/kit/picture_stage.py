"""A stand-in for each party's warning process: its socket, its verbs and the very picture, of what a scene reports.

What one party tells another goes through the pact's own rulings: withheld, coarsened or late, as the real feed does.
The picture is folded when it is asked for; the scene's clock runs with the node's, or stands still for photographs.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import msgspec

from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Party
from comity.node.feed.door_socket import SOCKET_FILE
from comity.node.feed.picture_rows import show_picture
from comity.warning.coarsen import coarsen_block
from comity.warning.domain import read_terms
from comity.warning.frame import FrameWriter
from comity.warning.picture import Picture
from comity.warning.release import decide_releases
from comity.warning.situation import Situation
from comity.warning.trails import TrailBook
from kit.floor import Floor
from kit.nodes import SUITE
from kit.scene import Told

__all__ = ["PictureStage"]


class PictureStage:
    """One party's warning process, at `folder`; a context of the floor's loop."""

    def __init__(self, floor: Floor, party: Party, scene: list[Told], folder: Path, *, stands_at: int = 0) -> None:
        self._floor, self._party, self._folder = floor, party, folder
        self._machine = floor.nodes[party].machine
        self._stands_at = stands_at
        self.told = sorted((one for told in scene for one in self._tell(told)), key=lambda one: one.at)
        self._server: asyncio.Server | None = None
        self._picture, self._taken_count = Picture({}), 0
        self._last: Situation | None = None
        self.is_silent = False

    def _tell(self, told: Told) -> list[Told]:
        """Return what this party is told of a block."""
        if told.author == self._party:
            return [told]
        author = self._floor.nodes[told.author]
        version, ground = author.machine.versions.current, author.machine.funnel.find_ground(author.now())
        releases = decide_releases(version.pact, digest=version.digest, author=told.author, ground=ground)
        ruling = next(one for one in releases.rulings if (one.class_, one.to) == (told.block.class_, self._party))
        if ruling.terms is None:
            return []
        return [Told(told.at + ruling.terms.delay_ms, told.author, coarsen_block(told.block, ruling.terms))]

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._floor.desks[self._party].folder = self._folder
        self._floor.run(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._floor.run(self._stop())

    async def _start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, str(self._folder / SOCKET_FILE))

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        (self._folder / SOCKET_FILE).unlink(missing_ok=True)

    def now(self) -> int:
        """Return the scene's instant."""
        return self._stands_at or self._floor.nodes[self._party].now()

    def fold(self, at: int) -> Situation:
        """Return the situation at an instant of what was told until then; an earlier one is folded anew."""
        if self._last is None or at < self._last.at:
            self._picture, self._taken_count, self._last = Picture(read_terms(self._machine.pact)), 0, None
        elif at == self._last.at:
            return self._last
        while self._taken_count < len(self.told) and self.told[self._taken_count].at <= at:
            told = self.told[self._taken_count]
            self._picture.take(told.author, told.block, None if told.author == self._party else Instant(told.at))
            self._taken_count += 1
        self._last = self._picture.at(Instant(at))
        return self._last

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            asked: Mapping[str, Any] = msgspec.json.decode(await reader.readline())
            at = asked.get("at")
            if asked["do"] == "picture":
                situation = self.fold(at or self.now())
                found = show_picture(situation, self._machine.pact, digest=situation.digest(SUITE))
                writer.write(msgspec.json.encode(found) + b"\n")
            elif asked["do"] == "trails":
                writer.write(self._trace(asked["minutes"]))
            elif asked["do"] == "frames" and at is not None:
                writer.write(FrameWriter().write(self.fold(at)))
            elif asked["do"] == "frames":
                await self._stream(writer)
            await writer.drain()
        writer.close()

    def _trace(self, minutes: int) -> bytes:
        at = self.now()
        book = TrailBook(self.fold(at), since=at - minutes * MINUTE_MS)
        for told in self.told:
            if told.at <= at:
                book.take(told.author, told.block)
        return book.write()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        frames = FrameWriter()
        while not writer.is_closing() and not self.is_silent:
            writer.write(frames.write(self.fold(self.now())))
            await writer.drain()
            await asyncio.sleep(1)
