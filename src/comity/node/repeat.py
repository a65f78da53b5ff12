"""Calls to a server that may be down: made until they do not meet an outage."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from comity.base.errors import OutageError

__all__ = ["AGAIN_S", "repeat"]

AGAIN_S: Final = 1.0
"""Between two tries."""

T = TypeVar("T")


async def repeat(call: Callable[[], Awaitable[T]]) -> T:
    """Make a call until it does not meet an outage."""
    while True:
        try:
            return await call()
        except OutageError:
            await asyncio.sleep(AGAIN_S)
