"""Imports: many entries at once, in the bulk feed, with an eye on everybody who has something to say meanwhile.

An import is given to the machine a page's worth at a time, and never more than a few pages ahead of what is stored: so
a statement waits for one page of it at most, and memory holds a few. Each entry passes the release funnel like a
statement; the first that may not go ends the import, and what was stored before stays stated.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from comity.machine.outgoing import BULK_ENTRY_COUNT
from comity.procedure.entry import Entry

__all__ = ["State", "import_entries"]

AHEAD_COUNT: Final = 4
"""Pages given to the machine and not yet stored."""

State = Callable[[tuple[Entry, ...]], Awaitable[object]]
"""States entries in the bulk feed and returns once they are stored."""


async def import_entries(entries: Iterable[Entry], state: State) -> int:
    """State all entries and return how many, once all are stored.

    Raises:
        UsageError, OutageError: as `state`, of the first batch that is refused; batches under way are waited for.
    """
    under_way: set[asyncio.Task[object]] = set()
    rest = iter(entries)
    count = 0
    try:
        while batch := tuple(itertools.islice(rest, BULK_ENTRY_COUNT)):
            under_way.add(asyncio.ensure_future(state(batch)))
            count += len(batch)
            await asyncio.sleep(0)  # everybody else's turn
            if len(under_way) >= AHEAD_COUNT:
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        await asyncio.gather(*under_way)
    finally:
        await asyncio.gather(*under_way, return_exceptions=True)
    return count
