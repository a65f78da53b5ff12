"""When the interpreter looks for garbage: rarely, where little is made that is not kept to the end.

This changes nothing that can be seen but how long it takes: objects in circles are let go of later.
"""

import contextlib
import gc
from collections.abc import Iterator
from typing import Final

__all__ = ["collecting_rarely"]

GARBAGE_COUNT: Final = 100_000
"""New objects between two looks for garbage; the interpreter's own number makes a seventh of a run of it."""


@contextlib.contextmanager
def collecting_rarely() -> Iterator[None]:
    """Look for garbage rarely while the block lasts."""
    before = gc.get_threshold()
    gc.set_threshold(GARBAGE_COUNT, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
