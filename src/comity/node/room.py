"""A disk without room, in the words of the operating system: no space, no quota, a file that may not grow."""

import contextlib
import errno
from collections.abc import Iterator
from typing import Final

from comity.base.errors import OutageError

__all__ = ["is_no_room", "no_room_is_outage"]

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_no_room(error: OSError) -> bool:
    """Tell whether a file could not be written for want of room, and could be later."""
    return error.errno in _NO_ROOM


@contextlib.contextmanager
def no_room_is_outage() -> Iterator[None]:
    """Say `store.full` where a file finds no room: the same call may work later.

    Raises:
        OutageError: `store.full`.
    """
    try:
        yield
    except OSError as error:
        if not is_no_room(error):
            raise
        raise OutageError("store.full") from error
