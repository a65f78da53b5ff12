"""The own door of a warning feed, served from a thread: the real socket, sources and door, without a node."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from comity.node.bell import read_clock
from comity.node.feed.door_socket import DoorSocket
from comity.node.feed.sending import make_door_verbs
from comity.node.feed.showing import show_tally
from comity.node.feed.sources import Sources
from comity.pact.parse import parse_pact
from comity.warning.door import Door
from comity.warning.rows import Block
from kit.loop import read_profile

__all__ = ["FeedDoor", "open_feed_door"]


class FeedDoor:
    """What came in at the door of a realm of JPN under the pact `camp-david`."""

    def __init__(self, folder: Path, *, realm: str) -> None:
        self.blocks: list[Block] = []
        self.folder = folder
        self.sources = Sources(Door(), party="JPN", realm=realm, take_block=self.blocks.append)
        self.sources.learn(parse_pact(read_profile("camp-david")))
        verbs = make_door_verbs(
            show=lambda: {name: show_tally(tally) for name, tally in self.sources.door.tallies.items()},
            take=lambda *given, is_replay: self.sources.take(*given, now=read_clock(), is_replay=is_replay),
            find=self.sources.find_class,
        )
        self.socket = DoorSocket(folder, verbs)


@contextmanager
def open_feed_door(home: Path, *, realm: str = "exercise/kit") -> Iterator[FeedDoor]:
    """Serve the door of a home's only realm until the block ends."""
    folder = home / "realms" / realm.replace("/", "-")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pact.toml").write_bytes(read_profile("camp-david"))
    door, loop = FeedDoor(folder, realm=realm), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(door.socket.start(), loop).result()
    try:
        yield door
    finally:
        asyncio.run_coroutine_threadsafe(door.socket.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
