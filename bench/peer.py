"""One reader in a process of its own: a whole node, or the floor, which only pulls and writes through to the disk.

It prints a line for each change: how many statements are there, the instant, on the clock that all processes of one
machine share, and its own processor time. `python -m bench.peer node HOME`, `python -m bench.peer floor HOME AUTHOR`.
"""

import asyncio
import os
import sys
import threading
import time
from pathlib import Path

from bench.homes import CEREMONY, REALM, SUITE, Ways, read_home
from comity.journal.header import Feed
from comity.node.assembly import assemble
from comity.node.stream import Stream
from comity.procedure.call import Acknowledged
from comity.procedure.scope import find_scope


def _tell(count: int) -> None:
    os.write(1, f"{count} {time.monotonic_ns()} {time.process_time_ns()}\n".encode())


async def run_node(path: Path) -> None:
    """Run a node, and tell of each acknowledgement that is durable, opened and folded."""
    home, accepted = read_home(path)
    assembly = assemble(home, accepted, suite=SUITE, ceremony=CEREMONY)
    await assembly.start()
    machine, index, count = assembly.node.machine, 0, 0
    while True:
        changed = assembly.node.changed
        new = machine.statements.list_from(index)
        index += len(new)
        found = [stated for stated in new if isinstance(stated.entry, Acknowledged)]
        if found:
            for scope in set(map(find_scope, found)):
                machine.record.get_state(scope)
            count += len(found)
            _tell(count)
        elif index and count == 0 and machine.is_in_force:
            _tell(0)
        await changed.wait()


async def run_floor(path: Path, author: str) -> None:
    """Pull one stream, write each message through to the disk, acknowledge it, tell."""
    home, accepted = read_home(path)
    ways = Ways(home, accepted)
    stream = Stream(ways.lineage, REALM, Feed.WARNING, accepted.pact.audience)
    link = ways.make_link(author)
    file = os.open(accepted.path / "floor", os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    count = 0
    async for delivery in link.pull((stream,)):
        os.write(file, delivery.page)
        os.fdatasync(file)
        delivery.ack()
        count += 1
        _tell(count)


def _end_with_parent() -> None:
    """End at once when whoever started this reader has: then nobody holds the other end of its standard input.

    A server that a node has started ends with it.
    """
    if not sys.stdin.buffer.read(1):
        os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work = run_node(Path(sys.argv[2])) if sys.argv[1] == "node" else run_floor(Path(sys.argv[2]), sys.argv[3])
    asyncio.run(work)
