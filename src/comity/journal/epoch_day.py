"""When the epoch key of a journal is followed by the next: each UTC day has one (docs/spec/sealing.md, S4, S14)."""

from typing import Final

from comity.base.instants import DAY_MS, MINUTE_MS, Instant

__all__ = ["find_next_epoch_at"]

AHEAD_MS: Final = 10 * MINUTE_MS
"""Before midnight UTC: long enough for HPKE to every reader of the largest audience."""


def find_next_epoch_at(begun_at: Instant) -> Instant:
    """Return when the day after that of an epoch is to be wrapped for, whose key page bears this instant.

    A key page of the last minutes of a day begins the epoch of the coming day.
    """
    return Instant(((begun_at + AHEAD_MS) // DAY_MS + 1) * DAY_MS - AHEAD_MS)
