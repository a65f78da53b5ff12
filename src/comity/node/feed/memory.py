"""What the system's allocator does with memory that was given back: it keeps some, in a process that takes much often.

Each page of the feed is half a megabyte, many times over: bytes, columns, rows. By its own rules glibc gives each of
these back to the system and asks for it anew, and half of what it costs to read a page is the system making it zero.
Where there is another allocator nothing is done.
"""

import contextlib
import ctypes
from typing import Final

__all__ = ["hold_memory"]

M_TRIM_THRESHOLD: Final = -1
M_TOP_PAD: Final = -2
M_MMAP_THRESHOLD: Final = -3
TRIM_SIZE_BYTES: Final = 128 * 1024 * 1024
"""Held back by each thread that allocates, before anything is given back."""
MAPPED_SIZE_BYTES: Final = 32 * 1024 * 1024
"""What is larger is asked of the system each time; glibc takes no greater bound."""
PAD_SIZE_BYTES: Final = 4 * 1024 * 1024


def hold_memory() -> None:
    """Have this process hold back memory that it will soon want again."""
    with contextlib.suppress(OSError, AttributeError):
        set_option = ctypes.CDLL(None).mallopt
        for option, value in (
            (M_TRIM_THRESHOLD, TRIM_SIZE_BYTES),
            (M_MMAP_THRESHOLD, MAPPED_SIZE_BYTES),
            (M_TOP_PAD, PAD_SIZE_BYTES),
        ):
            set_option(option, value)
