"""Which tracks of different authors lie near enough to be compared, without a look at all pairs; and crowds.

Rules
- Tracks are sorted by how well they are known, each level four times as wide as the one before, so that one vague
  report does not have all precise ones compared with each other.
- Tracks of one author are never paired: a harbour of ten thousand ships that one party reports costs nothing.
- Nobody can make a picture look at more pairs than it can carry: where two sides have too many, those with too many
  each are a crowd (W47), by squares as wide as their reach, and are compared with nobody.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from comity.warning.linear import Floats
from comity.warning.motion import Ints

__all__ = ["CROWD_MIN", "PAIR_COUNT_MAX", "Near", "find_near"]

PAIR_COUNT_MAX: Final = 262_144
"""Pairs of one author's tracks of one level with the others' of one level: some 100 MB while they are compared."""

CROWD_MIN: Final = 512
"""A track with more than so many of others in reach has no partner that could be told."""

FEW_COUNT: Final = 8
"""Neighbours that are looked for at first: in most pictures nobody has so many."""

_WIDER: Final = 1 + 1e-9
"""The tree rounds in its own way: what it leaves out is out of reach by any reckoning."""


@dataclass(frozen=True, slots=True)
class Near:
    """Pairs by place, the first lower, in order; and of each track the number of its crowd, or 0."""

    first: Ints
    second: Ints
    crowd: Ints


def find_near(point: Floats, reach: Floats, authors: Ints) -> Near:
    """Return all pairs of places `(3, n)` of different authors that lie within the greater reach of both."""
    levels, places = np.frexp(reach)[1] // 2, point.T.copy()
    crowd = np.zeros(len(reach), np.int64)
    found = [(_NONE, _NONE)]
    for author in np.unique(authors)[:-1]:
        own, others = authors == author, authors > author
        for level in np.unique(levels[own]):
            mine = np.flatnonzero(own & (levels == level))
            for other in np.unique(levels[others]):
                theirs = np.flatnonzero(others & (levels == other))
                radius = max(float(reach[mine].max()), float(reach[theirs].max())) * _WIDER
                found.append(_look(places, mine, theirs, radius, crowd))
    one, two = (np.concatenate([pair[side] for pair in found]) for side in (0, 1))
    is_clear = (crowd[one] == 0) & (crowd[two] == 0)
    first, second = np.minimum(one, two)[is_clear], np.maximum(one, two)[is_clear]
    order = np.argsort(first * len(reach) + second)
    return Near(first[order], second[order], _number(crowd))


def _look(places: Floats, mine: Ints, theirs: Ints, radius: float, crowd: Ints) -> tuple[Ints, Ints]:
    """Return the pairs within a radius, those in a crowd left out and marked."""
    others = cKDTree(places[theirs])
    few = _look_for_few(places[mine], others, radius)
    if few is not None:
        return mine[few[0]], theirs[few[1]]
    own = cKDTree(places[mine])
    if own.count_neighbors(others, radius) > PAIR_COUNT_MAX:
        for side, tree, other in ((mine, own, others), (theirs, others, own)):
            many = other.query_ball_point(tree.data, radius, return_length=True) > CROWD_MIN
            crowd[side[many]] = _find_squares(places[side[many]], radius)
        mine, theirs = mine[crowd[mine] == 0], theirs[crowd[theirs] == 0]
        own, others = cKDTree(places[mine]), cKDTree(places[theirs])
    pairs = own.sparse_distance_matrix(others, radius, output_type="ndarray")
    return mine[pairs["i"]], theirs[pairs["j"]]


def _look_for_few(places: Floats, others: cKDTree, radius: float) -> tuple[Ints, Ints] | None:
    """Return the pairs within a radius where nobody has many; else None. That is four times as fast as to count first.

    What lies at the radius itself is out of reach by any reckoning, as for the tree's other questions.
    """
    _, found = others.query(places, k=FEW_COUNT, distance_upper_bound=radius)
    is_there = found < others.n
    if is_there[:, -1].any():
        return None
    one, rank = np.nonzero(is_there)
    return one, found[one, rank].astype(np.int64)


def _find_squares(places: Floats, side: float) -> Ints:
    """Return a number over 0 for the cube that each place lies in; the earth has room for it in 60 bits."""
    cells = np.clip(np.floor(places / side), -(2**19), 2**19 - 1).astype(np.int64) + 2**19
    squares: Ints = 1 + cells[:, 0] + (cells[:, 1] << 20) + (cells[:, 2] << 40)
    return squares


def _number(crowd: Ints) -> Ints:
    """Return crowds numbered from 1, by their squares."""
    if not crowd.any():
        return crowd
    found, number = np.unique(crowd, return_inverse=True)
    return number + (1 if found[0] > 0 else 0)


_NONE: Final = np.empty(0, np.int64)
