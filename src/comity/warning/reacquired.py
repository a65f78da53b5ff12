"""Which track goes on with which: an author who lost something and found it again gives it a new number.

Rules
- A track goes on with an earlier one of the same author if that one has ended (dropped, or stale), if it began after
  the last update of that one and no later than the pact lets a track be silent, and where that one would be by then,
  within the gate (W49).
- One-to-one, by the same matching as between authors, and nothing where two would do as well.
- Both are what they were reported as; only the earlier is no longer counted.
"""

import numpy as np

from comity.warning.assign import match
from comity.warning.columns import read_field
from comity.warning.domain import TrackTerms
from comity.warning.gate import APART, GATE, Pairs, compare, round_cost
from comity.warning.motion import Ints, make_states
from comity.warning.trackbook import Bools, Standing

__all__ = ["find_earlier"]


def find_earlier(standing: Standing, has_ended: Bools, terms: TrackTerms) -> Ints:
    """Return for each track the place of the one that it goes on with, or -1."""
    count = len(standing.author)
    earlier = np.full(count, -1)
    track = standing.last["row"]["track"] > 0
    ended = np.flatnonzero(has_ended & track)
    if not len(ended):
        return earlier
    one, other = _find_in_time(standing, ended, track, terms)
    if not len(one):
        return earlier
    began = make_states(read_field(standing.first.take(other), "row"), terms)
    lost = make_states(read_field(standing.last.take(one), "row"), terms).predict(began.at, terms)
    places = np.arange(len(one))
    distance, width = compare(lost, places, places, other=began)
    form = (lost.knows & began.knows) >> 2
    gate = round_cost(GATE[form])
    nobody = np.zeros(2 * count, np.int64)
    pairs = Pairs(one, other + count, round_cost(distance), round_cost(width), gate, round_cost(APART[form]), nobody)
    pairs = pairs.take(pairs.distance < gate)
    found = match(pairs, np.repeat([0, 1], count), 2 * count)
    sure = np.setdiff1d(found.asserted, found.doubtful)
    earlier[pairs.second[sure] - count] = pairs.first[sure]
    return earlier


def _find_in_time(standing: Standing, ended: Ints, track: Bools, terms: TrackTerms) -> tuple[Ints, Ints]:
    """Return pairs of one author's tracks, the second of which began after the first had ended, in time."""
    began_at = standing.first["row"]["at"].astype(np.int64)
    ended_at = standing.last["row"]["at"].astype(np.int64)[ended]
    # By author and instant in one number, so that each ended track's successors are one stretch.
    span = int(max(began_at.max(), ended_at.max())) + terms.dropped_after_ms + 2
    candidates = np.flatnonzero(track)
    key = standing.author[candidates] * span + began_at[candidates]
    order = np.argsort(key, kind="stable")
    base = standing.author[ended] * span + ended_at
    start = np.searchsorted(key[order], base, side="right")
    end = np.searchsorted(key[order], base + terms.dropped_after_ms, side="right")
    sizes = end - start
    one = np.repeat(ended, sizes)
    within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    other = candidates[order[np.repeat(start, sizes) + within]]
    return one, other
