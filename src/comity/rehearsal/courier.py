"""Carries blobs of items between cabinets: whoever lacks one asks who gave it, now and again, over links that fail.

A blob is no effect of the machine, in life neither: its driver looks into the record for what is not here.
"""

import random
from dataclasses import dataclass, field
from typing import Final

from comity.base.instants import SECOND_MS
from comity.base.names import Digest, Party
from comity.rehearsal.agenda import Agenda
from comity.rehearsal.custody import answer, find_certified, list_wanted
from comity.rehearsal.link import Links
from comity.rehearsal.log import Log
from comity.rehearsal.station import Station

__all__ = ["Courier"]

TRIP_MS: Final = (80, 400)
AGAIN_MS: Final = (5 * SECOND_MS, 20 * SECOND_MS)
"""Between two askings in vain, at first and at most."""


@dataclass(slots=True)
class Courier:
    """All cabinets of a run."""

    agenda: Agenda
    links: Links
    log: Log
    stations: dict[Party, Station]
    chance: random.Random
    _looking: set[Party] = field(default_factory=set)
    _again_ms: dict[Party, int] = field(default_factory=dict)

    def want(self, party: Party) -> None:
        """See that what a party lacks is asked for: something was given to it, or its node has come up."""
        self._again_ms[party] = AGAIN_MS[0]
        self._plan(party, self.chance.randint(*TRIP_MS))

    def _plan(self, party: Party, delay_ms: int) -> None:
        if party not in self._looking:
            self._looking.add(party)
            self.agenda.after(delay_ms, lambda: self._look(party))

    def _look(self, party: Party) -> None:
        self._looking.discard(party)
        station = self.stations[party]
        if not station.is_up:
            return
        self._sweep(station)
        lacks = False
        for holder, blob in list(list_wanted(station)):
            lacks = not self._carry(station, holder, blob) or lacks
        if lacks:
            again_ms = self._again_ms[party]
            self._again_ms[party] = min(2 * again_ms, AGAIN_MS[1])
            self._plan(party, again_ms)

    @staticmethod
    def _sweep(station: Station) -> None:
        """Erase what an own certificate names and is here all the same: it came back with an older disk (R50)."""
        if back := [blob for blob in find_certified(station) if station.cabinet.has_any_of(blob)]:
            station.erase(sorted(back))

    def _carry(self, station: Station, holder: Party, blob: Digest) -> bool:
        """Fetch one blob, if the way is open and the other has it for this party; return whether it is here now."""
        other = self.stations[holder]
        if not (other.is_up and self.links.is_up(station.party, holder)):
            return False
        kept = answer(other, blob, station.party)
        if kept is None:
            return False
        station.keep(blob, kept)
        self.log.count("blobs-carried")
        return True
