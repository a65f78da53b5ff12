"""What a session keeps between two presses: a form on its way round a proof, a proposal that is not found twice alike.

Rules
- Kept in memory, for some minutes, for the session that brought it and for no other.
- So many and so many bytes for one session, so many bytes for all; the oldest give way. What gave way is said when it
  is asked for, and nothing is signed in its stead.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["Keeping"]

KEPT_S: Final = 15 * 60.0
COUNT_OF_ONE_MAX: Final = 16
SIZE_OF_ONE_MAX: Final = 1024 * 1024
"""Of one session; an officer has at most sixteen, which is half of the whole (docs/adr/0069)."""
SIZE_MAX: Final = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Kept:
    what: object
    size: int
    until_s: float


class Keeping:
    """What all sessions of one node's console keep."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        size_max: int = SIZE_MAX,
        size_of_one_max: int = SIZE_OF_ONE_MAX,
    ) -> None:
        self._clock = clock
        self._size_max = size_max
        self._size_of_one_max = size_of_one_max
        self._kept: OrderedDict[tuple[bytes, str], _Kept] = OrderedDict()
        self._size = 0

    def keep(self, secret: str, name: str, what: object, *, size: int) -> None:
        """Keep something for a session, under a name; `size` is what it takes, in bytes."""
        owner = _mark(secret)
        self._drop((owner, name))
        while self._kept and next(iter(self._kept.values())).until_s <= self._clock():
            self._drop(next(iter(self._kept)))
        own = [key for key in self._kept if key[0] == owner]
        own_size = sum(self._kept[key].size for key in own)
        while own and (len(own) >= COUNT_OF_ONE_MAX or own_size + size > self._size_of_one_max):
            own_size -= self._kept[own[0]].size
            self._drop(own.pop(0))
        while self._kept and self._size + size > self._size_max:
            self._drop(next(iter(self._kept)))
        self._kept[owner, name] = _Kept(what, size, self._clock() + KEPT_S)
        self._size += size

    def find(self, secret: str, name: str) -> object | None:
        """Return what a session kept, or None where it is over or was never there."""
        kept = self._kept.get((_mark(secret), name))
        return kept.what if kept is not None and self._clock() < kept.until_s else None

    def take(self, secret: str, name: str) -> object | None:
        """As `find`, and keep it no longer."""
        found = self.find(secret, name)
        self._drop((_mark(secret), name))
        return found

    def _drop(self, key: tuple[bytes, str]) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._size -= kept.size


def _mark(secret: str) -> bytes:
    return hashlib.sha256(b"comity-kept\0" + secret.encode("utf-8", "replace")).digest()
