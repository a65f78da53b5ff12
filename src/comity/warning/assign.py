"""Who is given to whom: global nearest neighbour between any two authors, and what cannot be told apart.

Rules
- One-to-one between any two authors, and two tracks of one author are never one object: an author who says two means
  two.
- Between two authors the sum of what the pairs gain is greatest (W46): a pair gains the more the nearer it is within
  its gate, and, of two as near, the one that is known more closely. Clusters (W46) are solved one by one.
- Where another assignment would do nearly as well, none is asserted: these tracks are a salvo, so many unresolved
  (W47). So no choice of a solver between equals is ever shown.
- A group of three authors holds together only if all of its pairs are within the gate.
- Everything goes by the order of tracks and by whole numbers, nothing by who came first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from comity.warning.gate import SCALE, Pairs
from comity.warning.motion import Ints

__all__ = ["Groups", "assign", "match"]

MARGIN: Final = int(4.6052 * SCALE)
"""Twice the logarithm of ten: of two assignments, one is asserted if it is ten times as likely as the other."""

CLUSTER_MAX: Final = 512
"""Tracks of one author in one cluster; more than that in each other's gates are a salvo without a look at each."""

_Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Groups:
    """Which group each track is in, numbered by their first tracks, and which groups are unresolved."""

    of_track: Ints
    is_salvo: _Bools


@dataclass(frozen=True, slots=True)
class _Matched:
    """Pairs that are asserted, as places in `Pairs`; and pairs of tracks that cannot be told apart."""

    asserted: Ints
    doubtful: Ints


def assign(pairs: Pairs, authors: Ints) -> Groups:
    """Group tracks of different authors into objects and salvos. `authors` has one number for each track."""
    count = len(authors)
    asserted: list[Ints] = []
    doubtful: list[Ints] = []
    between = np.minimum(authors[pairs.first], authors[pairs.second]) * (int(authors.max(initial=0)) + 1)
    between += np.maximum(authors[pairs.first], authors[pairs.second])
    for two in np.flatnonzero(np.bincount(between)):
        chosen = np.flatnonzero(between == two)
        found = match(pairs.take(chosen), authors, count)
        asserted.append(chosen[found.asserted])
        doubtful.append(chosen[found.doubtful])
    sure, unsure = np.concatenate([*asserted, _NONE]), np.concatenate([*doubtful, _NONE])
    joined, is_salvo = _join(pairs, sure, unsure, authors)
    return Groups(_number(joined), is_salvo[joined == np.arange(len(joined))])


def match(pairs: Pairs, authors: Ints, count: int) -> _Matched:
    """Match the tracks of two authors; `pairs` are all of theirs, `count` is of the tracks of everybody."""
    low = np.minimum(authors[pairs.first], authors[pairs.second])
    is_turned = authors[pairs.first] != low
    left = np.where(is_turned, pairs.second, pairs.first)
    right = np.where(is_turned, pairs.first, pairs.second)
    is_alone = (np.bincount(left, minlength=count)[left] == 1) & (np.bincount(right, minlength=count)[right] == 1)
    asserted, doubtful = [np.flatnonzero(is_alone)], [_NONE]
    rest = np.flatnonzero(~is_alone)
    for cluster in _split(rest, left, right, count):
        sure, unsure = _solve(pairs.take(cluster), left[cluster], right[cluster])
        asserted.append(cluster[sure])
        doubtful.append(cluster[unsure])
    return _Matched(np.concatenate(asserted), np.concatenate(doubtful))


def _split(rest: Ints, left: Ints, right: Ints, count: int) -> Iterator[Ints]:
    """Yield the places of pairs by cluster: whatever hangs together by pairs."""
    if not len(rest):
        return
    label = _find_first(count, left[rest], right[rest])[left[rest]]
    order = np.argsort(label, kind="stable")
    bounds = np.flatnonzero(np.diff(label[order])) + 1
    yield from (rest[part] for part in np.split(order, bounds))


def _solve(pairs: Pairs, left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Return which pairs of a cluster are asserted, and which are in doubt, as places among its pairs."""
    rows, row = np.unique(left, return_inverse=True)
    columns, column = np.unique(right, return_inverse=True)
    if max(len(rows), len(columns)) > CLUSTER_MAX:
        return _NONE, np.arange(len(left))
    gain = np.zeros((len(rows), len(columns)), np.int64)
    gain[row, column] = pairs.gate - pairs.distance + pairs.width.max() - pairs.width
    place = np.full(gain.shape, -1)
    place[row, column] = np.arange(len(left))
    one, other = linear_sum_assignment(gain.astype(np.float64), maximize=True)
    is_within = place[one, other] >= 0
    one, other = one[is_within], other[is_within]
    is_doubtful = _find_doubt(gain, one, other)
    return place[one, other], np.flatnonzero(is_doubtful[row, column])


def _find_doubt(gain: Ints, one: Ints, other: Ints) -> _Bools:
    """Return the pairs of a cluster that would change places at less than the margin, and those they are with (W47)."""
    doubt = np.zeros(gain.shape, np.bool_)
    own = gain[one, other]
    swapped = gain[np.ix_(one, other)]
    margin = own[:, None] + own[None, :] - swapped - swapped.T
    np.fill_diagonal(margin, MARGIN)
    for first, second in np.argwhere(np.triu((margin < MARGIN) & ((swapped > 0) | (swapped.T > 0)))):
        doubt[np.ix_([one[first], one[second]], [other[first], other[second]])] = True
    free_rows = np.setdiff1d(np.arange(gain.shape[0]), one)
    free_columns = np.setdiff1d(np.arange(gain.shape[1]), other)
    of_row, of_column = gain[np.ix_(free_rows, other)], gain[np.ix_(one, free_columns)]
    for free, place in np.argwhere((of_row > 0) & (own[None, :] - of_row < MARGIN)):
        doubt[[one[place], free_rows[free]], other[place]] = True
    for place, free in np.argwhere((of_column > 0) & (own[:, None] - of_column < MARGIN)):
        doubt[one[place], [other[place], free_columns[free]]] = True
    return doubt


def _join(pairs: Pairs, sure: Ints, unsure: Ints, authors: Ints) -> tuple[Ints, _Bools]:
    """Return for each track the first track of its group, and whether that group is a salvo."""
    edges = np.concatenate([sure, unsure])
    crowded, after = _chain(pairs.crowd)
    first = np.concatenate([pairs.first[edges], crowded])
    joined = _find_first(len(authors), first, np.concatenate([pairs.second[edges], after]))
    label = _number(joined)
    in_salvo = np.zeros(label.max(initial=-1) + 1, np.bool_)
    in_salvo[label[pairs.first[unsure]]] = True
    in_salvo[label[crowded]] = True
    sizes = np.bincount(label, minlength=len(in_salvo))
    inside = np.flatnonzero(label[pairs.first] == label[pairs.second])
    inside = inside[np.argsort(label[pairs.first[inside]], kind="stable")]
    links = np.bincount(label[pairs.first[inside]], minlength=len(sizes))
    ends, is_sure = np.cumsum(links), np.zeros(len(pairs.first), np.bool_)
    is_sure[sure] = True
    members = np.argsort(label, kind="stable")
    stops = np.cumsum(sizes)
    for group in np.flatnonzero((links != sizes * (sizes - 1) // 2) & ~in_salvo):
        own = members[stops[group] - sizes[group] : stops[group]]
        near = inside[ends[group] - links[group] : ends[group]]
        joined[own] = _join_closest(own, pairs.take(near), is_sure[near], authors)
    return joined, in_salvo[label]


def _chain(crowd: Ints) -> tuple[Ints, Ints]:
    """Return each track in a crowd with the next one in it, so that a crowd hangs together."""
    inside = np.flatnonzero(crowd)
    inside = inside[np.argsort(crowd[inside], kind="stable")]
    is_same = crowd[inside[1:]] == crowd[inside[:-1]]
    return inside[:-1][is_same], inside[1:][is_same]


def _join_closest(members: Ints, pairs: Pairs, is_sure: _Bools, authors: Ints) -> list[int]:
    """Join the closest first, as long as everything in a group is within everything's gate; return the firsts.

    `pairs` are all that are within the gate among the members; those that are sure are joined.
    """
    near = set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    edges = np.flatnonzero(is_sure)
    edges = edges[np.lexsort((pairs.second[edges], pairs.first[edges], pairs.distance[edges]))]
    group = {member: [member] for member in members.tolist()}
    for edge in edges:
        one, other = group[int(pairs.first[edge])], group[int(pairs.second[edge])]
        if one is not other and all((min(a, b), max(a, b)) in near for a in one for b in other):
            merged = sorted(one + other)
            group.update(dict.fromkeys(merged, merged))
    assert all(len({int(authors[i]) for i in of}) == len(of) for of in group.values()), "one author, one track"
    return [group[member][0] for member in members.tolist()]


def _find_first(count: int, first: Ints, second: Ints) -> Ints:
    """Return of each track the first of all that it hangs together with."""
    found = np.arange(count)
    while True:
        one, other = found[first], found[second]
        is_apart = one != other
        if not is_apart.any():
            return found
        first, second, one, other = first[is_apart], second[is_apart], one[is_apart], other[is_apart]
        np.minimum.at(found, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(found, before := found[found]):
            found = before


def _number(first: Ints) -> Ints:
    """Number groups by their first tracks."""
    number: Ints = np.cumsum(first == np.arange(len(first))) - 1
    return number[first]


_NONE: Final = np.empty(0, np.int64)
