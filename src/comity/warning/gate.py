"""Which tracks of different authors may be of one object: Mahalanobis distance at common instants, and time.

Rules
- Two tracks are compared at common instants: now, and at the ends of the last cycles, each predicted to that instant
  from its own last update before it (W45). The distance is the mean over these, so that one noisy moment neither joins
  nor parts two tracks, and it depends on what was reported and on nothing that a picture showed before.
- Position and velocity count, each where both know it: what is known of neither tells nothing apart.
- The search (`near`) yields at least every pair that can be within the gate; what is within is decided by the distance
  alone.
- Not here: who is given to whom (`assign`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.warning.linear import Floats, join, measure, multiply, turn_covariance
from comity.warning.motion import Ints, States, find_logarithm, list_axes
from comity.warning.near import find_near

__all__ = ["APART", "GATE", "SCALE", "Look", "Memo", "Pairs", "compare", "find_pairs", "round_cost"]

SCALE: Final = 1024
"""Costs are whole numbers of this part of a squared standard deviation: their sums are exact in any order (W46)."""

GATE: Final = np.array([18.4207, 21.1075, 25.7448, 27.8563])
"""Squared distance within which two reports may be of one object: 99.99 % of those that are lie within, for 2, 3, 5 and
6 numbers compared."""

APART: Final = np.array([11.8292, 14.1564, 18.2053, 20.0621])
"""Squared distance beyond which two reports are in conflict: 99.73 % lie within, as within three deviations."""

_NOW_FACTOR: Final = 2.0
"""At the instant itself a pair may be this much farther apart than the gate, as long as its mean is within."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of tracks within the gate, by place, the first lower than the second.

    `distance` is the mean squared distance, `width` the mean logarithm of how much room the pair's uncertainty takes,
    `gate` and `apart` the bounds for as many numbers as were compared: all in 1/SCALE.
    """

    first: Ints
    second: Ints
    distance: Ints
    width: Ints
    gate: Ints
    apart: Ints
    crowd: Ints
    """Of each track: 0, or the number of the crowd that it is in, where nobody is compared with anybody."""

    def take(self, index: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> "Pairs":
        """Return some of them."""
        return Pairs(
            self.first[index],
            self.second[index],
            self.distance[index],
            self.width[index],
            self.gate[index],
            self.apart[index],
            self.crowd,
        )


class Memo:
    """What pairs came to at one instant, for as long as the states there are the same: most are asked for again."""

    def __init__(self) -> None:
        self._keys: Ints = np.empty(0, np.int64)
        self._found: tuple[Floats, Floats] = (np.empty(0), np.empty(0))

    def compare(self, states: States, first: Ints, second: Ints) -> tuple[Floats, Floats]:
        """Return what `compare` returns, of pairs in ascending order."""
        keys = first * len(states.at) + second
        if not np.array_equal(keys, self._keys):
            self._found = self._find(states, keys, first, second)
            self._keys = keys
        return self._found

    def _find(self, states: States, keys: Ints, first: Ints, second: Ints) -> tuple[Floats, Floats]:
        place = np.searchsorted(self._keys, keys)
        new = np.ones(len(keys), np.bool_)
        inside = place < len(self._keys)
        new[inside] = self._keys[place[inside]] != keys[inside]
        found = compare(states, first[new], second[new])
        distance, width = np.empty(len(keys)), np.empty(len(keys))
        for into, held, fresh in zip((distance, width), self._found, found, strict=True):
            into[~new], into[new] = held[place[~new]], fresh
        return distance, width


@dataclass(frozen=True, slots=True)
class Look:
    """States at an earlier common instant, whether each track had anything to say then, and which state is whose."""

    states: States
    has: npt.NDArray[np.bool_]
    place: Ints
    memo: Memo

    @classmethod
    def of_all(cls, states: States) -> "Look":
        """Return a look at tracks that all had something to say."""
        count = len(states.at)
        return cls(states, np.ones(count, np.bool_), np.arange(count), Memo())


def find_pairs(now: States, authors: Ints, past: Sequence[Look] = ()) -> Pairs:
    """Return every pair of tracks of different authors that is within the gate, by the present states and by the past.

    Places in `past` ascend.
    """
    near = find_near(now.point, _find_reach(now), authors)
    first, second = near.first, near.second
    form = (now.knows[first] & now.knows[second]) >> 2
    distance, width = compare(now, first, second)
    is_near = distance < _NOW_FACTOR * GATE[form]
    first, second, form, distance, width = (of[is_near] for of in (first, second, form, distance, width))
    count = np.ones(len(first))
    for look in past:
        both = np.flatnonzero(look.has[first] & look.has[second])
        more, wider = look.memo.compare(look.states, look.place[first[both]], look.place[second[both]])
        distance[both] += more
        width[both] += wider
        count[both] += 1
    mean, wide = round_cost(distance / count), round_cost(width / count)
    pairs = Pairs(first, second, mean, wide, round_cost(GATE[form]), round_cost(APART[form]), near.crowd)
    return pairs.take(pairs.distance < pairs.gate)


def _find_reach(states: States) -> Floats:
    """Return how far from each track another as well known can be at most, to be within the gate."""
    variance = states.covariance[0] + states.covariance[1] + states.covariance[2]
    reach: Floats = np.sqrt(variance * (2 * _NOW_FACTOR * float(GATE[-1])))
    return reach


def compare(states: States, first: Ints, second: Ints, *, other: States | None = None) -> tuple[Floats, Floats]:
    """Return of each pair the squared distance, and the logarithm of the determinant of its covariance.

    In the local axes of the first. `other` holds the second of each pair where it is not the same states. Both are at
    one instant.
    """
    one, two = states.take(first), (states if other is None else other).take(second)
    axes = list_axes(one.axes)
    x, y, z = multiply(axes, *(one.point - two.point))
    both = one.covariance + turn_covariance(join(axes, list_axes(two.axes)), two.covariance)
    apart, room = measure(both, x, y, z)
    u, v, w = one.velocity - two.velocity
    spread = one.spread + two.spread
    return apart + (u * u + v * v + w * w) / spread, find_logarithm(room * spread * spread * spread)


def round_cost(value: Floats) -> Ints:
    """Return costs as whole numbers of 1/SCALE."""
    return np.rint(value * SCALE).astype(np.int64)
