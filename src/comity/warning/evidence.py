"""From what a rule asks for to the draft of a report with its evidence (docs/spec/warning.md, W16 to W19).

Rules
- Own tracks speak by themselves: what others told is theirs to report, and whoever may not know of it must not see it
  in a number of ours. What rests on others' tracks is drafted, for an officer, with those who may read all of it.
- The basis is of the rows of the named tracks alone, so that it tells nothing of any other.
- Of what was drafted or said before it is told how it stands now, in the area or not, for as long as it is live.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Final

import numpy as np

from comity.base.encoding import encode
from comity.base.names import Party
from comity.crypto.suite import Suite
from comity.pact.area import TrackEvent
from comity.pact.model import Pact
from comity.procedure.detected import TRACK_COUNT_MAX, Evidence, Spot, ThreatDrafted, spot
from comity.procedure.fields import Precedence
from comity.warning.geodesic import find_line
from comity.warning.layout import NOT_NAMED
from comity.warning.rules import Drafted, Place, Rules
from comity.warning.seen import list_own_seen, list_seen
from comity.warning.situation import Situation

__all__ = ["UPDATE_COUNT_MAX", "UPDATE_PAUSE_MS", "find_drafts", "has_moved"]

UPDATE_PAUSE_MS: Final = 10_000
UPDATE_COUNT_MAX: Final = 32
_PERCENT_STEP: Final = 20
_STEP_M: Final = 10_000
_DEGREE: Final = 1e7
_DM: Final = 10

FindReaders = Callable[[str, tuple[Party, ...]], tuple[Party, ...]]
"""Who may read all that an object of this class, made of tracks of these authors, rests on (W17)."""


def find_drafts(
    situation: Situation,
    pact: Pact,
    party: Party,
    *,
    rules: Rules,
    known: Collection[tuple[str, str]],
    readers: FindReaders,
    suite: Suite,
) -> Iterator[ThreatDrafted]:
    """Yield what the rules ask for, of own tracks by themselves and then of objects, and how stands what is known."""
    basis = _Basis(situation, suite)
    for drafted in rules.follow(list_own_seen(situation, pact, party), known=known):
        yield _make(drafted, situation, readers(drafted.seen.class_, (party,)), basis)
    for drafted in rules.follow(list_seen(situation, pact), known=known):
        if drafted.seen.authors != (party,):
            yield _make(drafted, situation, readers(drafted.seen.class_, drafted.seen.authors), basis)


def has_moved(said: Evidence, now: Evidence, *, percent: int) -> bool:
    """Tell whether what was reported has moved so far that it is to be said anew (W19); `percent` is the rule's."""
    if (said.percent >= percent) != (now.percent >= percent) or abs(said.percent - now.percent) >= _PERCENT_STEP:
        return True
    if said.event is TrackEvent.ENTERS:
        return False
    before, after = said.looked_at, now.looked_at
    start = (before.latitude / _DEGREE, before.longitude / _DEGREE)
    line = find_line(*start, after.latitude / _DEGREE, after.longitude / _DEGREE)
    return bool(line.distance_m > max(before.semi_major_dm / _DM, _STEP_M))


def _make(drafted: Drafted, situation: Situation, readers: tuple[Party, ...], basis: "_Basis") -> ThreatDrafted:
    seen = drafted.seen
    tracks = tuple(sorted(seen.names))[:TRACK_COUNT_MAX]
    evidence = Evidence(
        rule=drafted.rule,
        class_=seen.class_,
        area=drafted.area,
        event=drafted.when,
        precedence=Precedence(drafted.precedence.value),
        percent=drafted.probability_percent,
        tracks=tracks,
        at=situation.at,
        place=_spot(seen.place),
        launch=() if seen.launch is None else (_spot(seen.launch),),
        impact=() if seen.impact is None else (_spot(seen.impact),),
        basis=basis.find(seen.class_, tracks),
    )
    return ThreatDrafted(
        drafted.kind, drafted.occurred_at, drafted.threatened, drafted.sources, tuple(sorted(readers)), evidence
    )


def _spot(place: Place) -> Spot:
    return spot(
        place.at,
        latitude=place.latitude,
        longitude=place.longitude,
        semi_major_dm=place.semi_major_dm,
        semi_minor_dm=place.semi_minor_dm,
        bearing=place.bearing,
    )


class _Basis:
    """Finds the basis of tracks in one situation."""

    def __init__(self, situation: Situation, suite: Suite) -> None:
        self._situation = situation
        self._suite = suite
        self._places: dict[str, int] = {}

    def find(self, class_: str, tracks: tuple[str, ...]) -> bytes:
        """Return the hash of the rows of these tracks and what is estimated in them (W16)."""
        situation = self._situation
        if not self._places:
            self._places = {str(situation.name_member(place)): place for place in range(len(situation.members))}
        rows = []
        for track in tracks:
            place = self._places.get(track)
            if place is None:
                continue  # one that another goes on with is shown no more
            row = situation.members[place : place + 1]["row"].copy()
            row["sensor"] = NOT_NAMED
            estimates = situation.estimates[situation.estimates["row"] == place].copy()
            estimates["row"] = 0
            author = situation.authors[int(situation.members[place]["author"])]
            sensor = situation.find_sensor(place) or ""
            rows.append((author, track, row.tobytes(), sensor, np.sort(estimates, order="what").tobytes()))
        return self._suite.hash(encode(("Basis", situation.at, class_, rows)))
