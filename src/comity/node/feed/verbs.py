"""What the warning process answers over its socket, verb by verb (docs/spec/warning.md, W36, W37).

- `status`: one line of JSON, how the feed stands.
- `class`, with `class`: one line, the class as the pact in force has it; `null` where this party reports none.
- `send`, with `class` and `source`, then reports as lines until the end: one line, what came of them. With `is_replay`
  they may be a day old, where the realm is not `real` (W58).
- `watch`: a line of JSON for every row that is said or comes.
- `blocks`, with `since_ms`: the blocks themselves (`telling_blocks`).
- `frames`: frames of the own picture, one a cycle, all that stands first (`comity.warning.frame`). With `at`, an
  earlier instant: one frame, and the end.
- `picture`, perhaps with `at`: one line of JSON, the situation as rows (`picture_rows`).
- `trails`, with `minutes`: where what is shown was before (`comity.warning.trails`).
"""

import asyncio
from collections.abc import Callable, Mapping

from comity.base.instants import Instant
from comity.crypto.suite import Suite
from comity.node.feed.door_socket import Asked, Verb, write_line
from comity.node.feed.earlier import Earlier
from comity.node.feed.picture_rows import show_picture
from comity.node.feed.picturing import Picturing
from comity.node.feed.sending import Take, make_door_verbs
from comity.node.feed.telling_blocks import BlockStream
from comity.node.feed.topic import Topic, until_gone
from comity.pact.model import Pact
from comity.pact.track import TrackClass
from comity.warning.frame import FrameWriter
from comity.warning.situation import Situation

__all__ = ["Verbs"]

_Reader = asyncio.StreamReader
_Writer = asyncio.StreamWriter


class Verbs:
    """The verbs of one process. `show`, `take` and `find` are those of the own door."""

    def __init__(
        self,
        blocks: BlockStream,
        picturing: Picturing,
        earlier: Earlier,
        *,
        show: Callable[[], dict[str, object]],
        take: Take,
        find: Callable[[str], TrackClass | None],
        suite: Suite,
        clock: Callable[[], Instant],
    ) -> None:
        self.watched = Topic()
        self.pact: Pact | None = None
        self._blocks = blocks
        self._picturing = picturing
        self._earlier = earlier
        self._suite = suite
        self._clock = clock
        self.table: Mapping[str, Verb] = {
            **make_door_verbs(show=show, take=take, find=find),
            "watch": self._answer_watch,
            "blocks": self._answer_blocks,
            "frames": self._answer_frames,
            "picture": self._answer_picture,
            "trails": self._answer_trails,
        }

    async def _answer_watch(self, asked: Asked, reader: _Reader, writer: _Writer) -> None:  # noqa: ARG002 -- a verb
        with self.watched.joined(writer) as listener:
            listener.release()
            await until_gone(reader)

    async def _answer_blocks(self, asked: Asked, reader: _Reader, writer: _Writer) -> None:
        await self._blocks.serve(asked, reader, writer, self._clock())

    async def _answer_frames(self, asked: Asked, reader: _Reader, writer: _Writer) -> None:
        if asked.at is None:
            await self._picturing.show_frames(reader, writer)
        else:
            situation = await self._find_situation(asked.at)
            writer.write(await asyncio.to_thread(FrameWriter().write, situation))

    async def _answer_picture(self, asked: Asked, reader: _Reader, writer: _Writer) -> None:  # noqa: ARG002 -- a verb
        situation, pact = await self._find_situation(asked.at), self._get_pact()

        def show() -> bytes:
            return write_line(show_picture(situation, pact, digest=situation.digest(self._suite)))

        writer.write(await asyncio.to_thread(show))

    async def _answer_trails(self, asked: Asked, reader: _Reader, writer: _Writer) -> None:  # noqa: ARG002 -- a verb
        writer.write(await self._earlier.write_trails(asked.minutes))

    async def _find_situation(self, at: int | None) -> Situation:
        if at is None:
            return await self._picturing.find_situation()
        return await self._earlier.find_situation(at, self._get_pact())

    def _get_pact(self) -> Pact:
        assert self.pact is not None, "what the record says comes first"
        return self.pact
