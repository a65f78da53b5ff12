"""How tasks and child processes are ended: cancelled until they have ended, waited for and then killed.

One cancellation is not enough. Before Python 3.12 `asyncio.wait_for` swallows one that comes in the same turn as the
result it waited for, and what pulls pages from a server waits so; a loop around it then goes on for ever, and a node
that waits for its end never stops.
"""

import asyncio
import contextlib
from typing import Any, Final

__all__ = ["end_child", "end_tasks"]

AGAIN_S: Final = 3.0
"""Until a task that goes on is cancelled again: what one does at its end, closing a connection, is over by then."""


async def end_tasks(*tasks: "asyncio.Task[Any]") -> None:
    """Return once all have ended; how they ended is nobody's concern any more."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        ended, left = await asyncio.wait(left, timeout=AGAIN_S)
        for task in ended:
            if not task.cancelled():
                task.exception()


async def end_child(child: asyncio.subprocess.Process, *, patience_s: float) -> None:
    """Wait until a process that was told to end has ended; it is killed if it does not go, or nobody waits for it."""
    try:
        async with asyncio.timeout(patience_s):
            await child.wait()
    except TimeoutError:
        pass
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
    await child.wait()
