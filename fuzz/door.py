"""What a door is, and what must hold there."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from comity.base.catalogue import CODES
from comity.base.errors import RemoteError, UsageError
from fuzz.change import change_message

__all__ = ["Door", "knock"]


@dataclass(frozen=True)
class Door:
    """One way in. `seeds` are bytes to begin with; `change` makes other bytes of some, and keeps them plausible."""

    name: str
    enter: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]
    change: Callable[[bytes, random.Random], bytes] = change_message
    size_bytes_max: int = 1 << 16
    """Longer inputs are not tried: every door looks at the size before anything else, and that has tests of its own."""


def knock(door: Door, raw: bytes) -> str:
    """Hand bytes to a door; return the code of the refusal, or nothing if it let them in.

    Any other exception comes out: it is a finding. `UsageError` is for doors at which the own officer's file stands.
    """
    try:
        door.enter(raw)
    except (RemoteError, UsageError) as refusal:
        assert refusal.code in CODES, f"{refusal.code} is not in the catalogue"
        return refusal.code
    return ""
