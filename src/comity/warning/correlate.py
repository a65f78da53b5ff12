"""What the tracks of one class come to at an instant: who stands how, what is of one object, and its estimate.

Rules
- A track is live, stale or dropped by its last update and the pact's numbers, or because its author says that it is
  dropped. What is dropped is shown and takes part in nothing.
- What is of one object is decided from what stood at common instants (`gate`), never from what was shown before or
  from when anything came.
- A salvo, and an object whose reports lie too far apart, have no estimate; their reports stand side by side. Where only
  their kinds differ, the estimate has no kind.
- Not here: names, sensors and delays (`picture`).
"""

from dataclasses import dataclass

import numpy as np

from comity.warning.arrivals import Kept
from comity.warning.assign import assign
from comity.warning.columns import concatenate, put, read_field, write_field
from comity.warning.domain import TrackTerms
from comity.warning.fuse import fuse
from comity.warning.gate import Look, Memo, find_pairs
from comity.warning.layout import NOT_NAMED, Flag
from comity.warning.motion import Ints, States, make_states
from comity.warning.reacquired import find_earlier
from comity.warning.situation import MEMBER, OBJECT, Conflict, Stand
from comity.warning.trackbook import Bools, Standing
from comity.warning.written import write_states

__all__ = ["Correlated", "Looks", "correlate"]


class Looks:
    """The states of all tracks at the ends of cycles, kept as long as the rows that they come from."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[Ints, States, Memo]] = {}

    def find(self, standing: Standing, current: Ints, terms: TrackTerms) -> list[Look]:
        """Return the states at the end of each of the last cycles, for the tracks at these places of the standing."""
        held, self._held = self._held, {}
        found = []
        serial, instant = standing.kept["serial"], standing.kept["row"]["at"]
        for until, place, has in standing.looks:
            serials, at = serial[place], instant[place]
            known = held.get(until)
            if known is None or not np.array_equal(known[0], serials):
                # A track that had not begun by then is where it began: it has nothing to say, and is masked.
                states = make_states(read_field(standing.kept.take(place), "row"), terms).predict(
                    np.maximum(at, until), terms
                )
                known = serials, states, Memo()
            self._held[until] = known
            says = has & (until - at <= terms.stale_after_ms)
            found.append(Look(known[1], says[current], current, known[2]))
        return found


@dataclass(frozen=True, slots=True)
class Correlated:
    """Rows of `OBJECT` and `MEMBER` of one class, and which track each member is, as places in the standing."""

    objects: Kept
    members: Kept
    place: Ints


def correlate(standing: Standing, instant: int, terms: TrackTerms, looks: Looks) -> Correlated:
    """Return what the tracks of a class come to. Objects and members refer to authors by the ranks in `standing`."""
    if not len(standing.last):
        return Correlated(np.zeros(0, OBJECT), np.zeros(0, MEMBER), np.empty(0, np.int64))
    row = read_field(standing.last, "row")
    silent = instant - row["at"]
    is_dropped = ((row["flags"] & Flag.DROPPED) != 0) | (silent > terms.dropped_after_ms)
    is_stale = silent > terms.stale_after_ms
    earlier = find_earlier(standing, is_dropped | is_stale, terms)
    is_left = np.zeros(len(row), np.bool_)
    is_left[earlier[earlier >= 0]] = True
    current = np.flatnonzero(~is_dropped & ~is_left)
    states = make_states(row.take(current), terms).predict(instant, terms)
    pairs = find_pairs(states, standing.author[current], looks.find(standing, current, terms))
    groups = assign(pairs, standing.author[current])

    order = np.lexsort((current, groups.of_track))
    group, place = groups.of_track[order], current[order]
    is_far = np.zeros(len(groups.is_salvo), np.bool_)
    is_inside = (pairs.distance > pairs.apart) & (groups.of_track[pairs.first] == groups.of_track[pairs.second])
    is_far[groups.of_track[pairs.first[is_inside]]] = True
    objects = _describe(row.take(place), group, standing.author[place], is_stale[place])
    objects["count"] = _count(group, standing.author[place], len(objects))
    objects["count"][~groups.is_salvo] = 1
    objects["conflict"] |= np.where(is_far & ~groups.is_salvo, Conflict.PLACE, 0).astype(np.uint8)
    is_estimated = ~groups.is_salvo & ~is_far
    _estimate(objects, states.take(order), group, row.take(place), np.flatnonzero(is_estimated))
    gone = np.flatnonzero(is_dropped & ~is_left)
    dropped = _describe(row.take(gone), np.arange(len(gone)), standing.author[gone], is_stale[gone])
    dropped["standing"], dropped["count"] = Stand.DROPPED, 1
    found = _put_in_order(objects, dropped, np.concatenate([place, gone]))
    members = found.members
    members["author"] = standing.author[found.place]
    write_field(members, "row", row.take(found.place))
    members["standing"] = np.where(is_stale[found.place], Stand.STALE, Stand.LIVE)
    members["standing"][is_dropped[found.place]] = Stand.DROPPED
    before = earlier[found.place]
    members["continues"] = np.where(before >= 0, row["track"][np.maximum(before, 0)], 0)
    return found


def _describe(row: Kept, group: Ints, author: Ints, is_stale: Bools) -> Kept:
    """Return an object for each group, with all that is said of it but its estimate. Members lie together."""
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    sizes = np.diff(np.append(starts, len(group)))
    objects = np.zeros(len(starts), OBJECT)
    objects["author"], objects["track"] = author[starts], row["track"][starts]
    objects["number"] = np.where(row["track"][starts] == 0, row["number"][starts], 0)
    objects["first_member"], objects["member_count"] = starts, sizes
    objects["standing"] = Stand.STALE
    objects["standing"][group[~is_stale]] = Stand.LIVE
    kind = row["kind"].astype(np.int64)
    lowest, highest = np.full(len(starts), NOT_NAMED), np.full(len(starts), -1)
    np.minimum.at(lowest, group, kind)
    named = np.flatnonzero(kind != NOT_NAMED)
    np.maximum.at(highest, group[named], kind[named])
    is_torn = (highest >= 0) & (lowest != highest)
    objects["conflict"] = np.where(is_torn, Conflict.KIND, 0)
    objects["kind"] = np.where((highest >= 0) & ~is_torn, highest, NOT_NAMED)
    surest = np.zeros(len(starts), np.int64)
    np.maximum.at(surest, group, row["confidence"])
    objects["confidence"] = np.where(objects["kind"] != NOT_NAMED, surest, 0)
    fresh, doubted = np.zeros(len(starts), np.bool_), np.zeros(len(starts), np.bool_)
    fresh[group[(row["flags"] & Flag.COASTED) == 0]] = True
    doubted[group[(row["flags"] & Flag.DECEPTION) != 0]] = True
    objects["flags"] = np.where(fresh, 0, Flag.COASTED) | np.where(doubted, Flag.DECEPTION, 0)
    return objects


def _count(group: Ints, author: Ints, count: int) -> Ints:
    """Return of each group the most tracks that one author has in it."""
    most = np.zeros(count, np.int64)
    if len(group):
        span = int(author.max()) + 1
        most[:] = np.bincount(group * span + author, minlength=count * span).reshape(count, span).max(axis=1)
    return most


def _estimate(objects: Kept, states: States, group: Ints, row: Kept, wanted: Ints) -> None:
    """Fuse the members of each wanted group, in their order, and write what comes of it."""
    if not len(wanted):
        return
    starts, sizes = objects["first_member"].astype(np.int64), objects["member_count"]
    fused = states.take(starts[wanted])
    for turn in range(1, int(sizes[wanted].max())):
        more = np.flatnonzero(sizes[wanted] > turn)
        fused.put(more, fuse(fused.take(more), states.take(starts[wanted[more]] + turn)))
    written = objects.take(wanted)
    write_states(written, fused, guess=row.take(starts[wanted]), axes=fused.axes)
    written["is_estimated"] = 1
    put(objects, wanted, written)
    assert len(group) == len(row), "a row for each member"


def _put_in_order(objects: Kept, dropped: Kept, place: Ints) -> Correlated:
    """Put all in the order of their first members, and the members beside each other. `place` is of the members."""
    found = concatenate([objects, dropped], OBJECT)
    sizes = found["member_count"].astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    order = np.argsort(place[starts], kind="stable")
    found, starts, sizes = found.take(order), starts[order], sizes[order]
    found["first_member"] = np.cumsum(sizes) - sizes
    object_of = np.repeat(np.arange(len(found)), sizes)
    members = np.zeros(len(place), MEMBER)
    members["object"] = object_of
    return Correlated(
        found, members, place[starts[object_of] + np.arange(len(place)) - found["first_member"][object_of]]
    )
