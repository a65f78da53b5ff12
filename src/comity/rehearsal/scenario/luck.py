"""Chance as a function: what is drawn for a purpose depends on the seed and the purpose alone (R65).

So nothing that is asked in between, no other pact and no other clock changes it: under two pacts the same officer takes
the same time over the same call, and what differs between them is the pacts.
"""

import hashlib
import math
from statistics import NormalDist
from typing import Final

__all__ = ["Luck"]

_NORMAL: Final = NormalDist()
_STEPS: Final = 2**64


class Luck:
    """The draws of one run."""

    __slots__ = ("_start",)

    def __init__(self, seed: int, run: int) -> None:
        """Keep what all draws of run number `run` under `seed` share."""
        self._start = hashlib.blake2b(f"comity/rehearsal/scenario/{seed}/{run}".encode(), digest_size=8)

    def share(self, *purpose: object) -> float:
        """Return a number above 0 and below 1, evenly spread."""
        state = self._start.copy()
        state.update("/".join(map(str, purpose)).encode())
        return (int.from_bytes(state.digest(), "big") + 0.5) / _STEPS

    def happens(self, percent: int, *purpose: object) -> bool:
        """Tell whether what has this chance comes about."""
        return percent > 0 and self.share(*purpose) * 100 < percent

    def span_ms(self, median_ms: int, spread_percent: int, *purpose: object) -> int:
        """Return a time: half of all are shorter than the median; the logarithm is normally distributed."""
        if not spread_percent or not median_ms:
            return median_ms
        deviation = _NORMAL.inv_cdf(self.share(*purpose))
        return round(median_ms * math.exp(deviation * spread_percent / 100))

    def gap_ms(self, mean_ms: int, *purpose: object) -> int:
        """Return the time until something comes again that comes at random, so often on average."""
        return round(-math.log(self.share(*purpose)) * mean_ms)
