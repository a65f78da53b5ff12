"""A situation from what each class came to: one list of objects, one of reports, their words, their delays.

Only words that are used stand in a situation, in their own order, so that a picture that has run for months and one
made anew agree in them too.
"""

from dataclasses import dataclass

import numpy as np

from comity.base.instants import Instant
from comity.warning.arrivals import KEPT
from comity.warning.columns import concatenate
from comity.warning.correlate import Correlated
from comity.warning.domain import TrackTerms
from comity.warning.layout import ESTIMATE, NOT_NAMED
from comity.warning.motion import Ints
from comity.warning.rows import Rows
from comity.warning.situation import IN_FULL, MEMBER, OBJECT, Delay, Situation, Stand
from comity.warning.trackbook import Standing
from comity.warning.words import Words, list_words

__all__ = ["Part", "put_together"]


@dataclass(frozen=True, slots=True)
class Part:
    """One class: its number, its tracks, what they came to, and estimates with the tracks that they are of."""

    class_: int
    terms: TrackTerms
    standing: Standing
    found: Correlated
    estimates: Rows
    estimated: Ints


def put_together(at: Instant, classes: tuple[str, ...], parts: list[Part], words: Words) -> Situation:
    """Return the situation of all classes."""
    shown: list[Rows] = []
    lasts: list[Rows] = []
    object_count = member_count = 0
    for part in parts:
        mine, last = part.found, part.standing.last.take(part.found.place)
        mine.objects["class_"] = part.class_
        mine.objects["first_member"] += member_count
        mine.members["object"] += object_count
        place = np.full(len(part.standing.last), -1)
        place[mine.place] = np.arange(len(mine.place)) + member_count
        is_shown = place[part.estimated] >= 0
        estimates = part.estimates[is_shown]
        estimates["row"] = place[part.estimated[is_shown]]
        shown.append(estimates[np.lexsort((estimates["what"], estimates["row"]))])
        lasts.append(last)
        object_count, member_count = object_count + len(mine.objects), member_count + len(mine.members)
    objects = concatenate([np.empty(0, OBJECT), *(part.found.objects for part in parts)], OBJECT)
    members = concatenate([np.empty(0, MEMBER), *(part.found.members for part in parts)], MEMBER)
    estimates = concatenate([np.empty(0, ESTIMATE), *shown], ESTIMATE)
    last = concatenate([np.empty(0, KEPT), *lasts], KEPT)
    told, seen, received = (last[name].astype(np.int64) for name in ("told", "seen", "received"))
    stale_after = np.repeat([part.terms.stale_after_ms for part in parts], [len(of) for of in lasts]).astype(np.int64)
    authors, used = sorted(words.authors), np.flatnonzero(np.bincount(members["author"]))
    members["author"] = np.searchsorted(used, members["author"])
    objects["author"] = np.searchsorted(used, objects["author"])
    coarsenings, members["told"] = list_words(words.told, told, IN_FULL)
    sensors, members["row"]["sensor"] = list_words(words.seen, seen, NOT_NAMED)
    names = tuple(authors[rank] for rank in used.tolist())
    by = tuple(one for one in coarsenings if one is not None)
    delays = _tell_delays(names, members, received, stale_after)
    return Situation(at, classes, names, sensors, by, objects, members, estimates, received, delays)


def _tell_delays(names: tuple[str, ...], members: Rows, received: Ints, stale_after: Ints) -> tuple[Delay, ...]:
    """Return for each author how long the last reports of what is counted took."""
    told = []
    delay, at = received - members["row"]["at"], members["row"]["at"]
    for number, name in enumerate(names):
        mine = np.flatnonzero((members["author"] == number) & (members["standing"] != Stand.DROPPED))
        if not len(mine):
            continue
        latest = mine[np.lexsort((received[mine], at[mine]))[-1]]
        in_order = np.sort(delay[mine])
        late = int((delay[mine] > stale_after[mine]).sum())
        told.append(Delay(name, int(delay[latest]), int(in_order[len(mine) // 2]), int(in_order[-1]), late))
    return tuple(told)
