"""How long people take and what they tend to do: the scenario's rows, asked for one party at one hour (R62, R65)."""

from typing import Final

from comity.base.instants import HOUR_MS, Instant
from comity.base.names import Party
from comity.pact.signatory import ZoneRules
from comity.pact.zone import local_offset_ms
from comity.rehearsal.lean.variant import find_origin
from comity.rehearsal.scenario.luck import Luck
from comity.rehearsal.scenario.model import Act, Habit, Pace, Scenario

__all__ = ["OFFICER", "People"]

OFFICER: Final = "rehearsed"
"""The pseudonym of everybody."""


class People:
    """The officers of all parties."""

    def __init__(self, scenario: Scenario, zones: dict[Party, ZoneRules], luck: Luck) -> None:
        """Sort the rows by what they are asked for."""
        self._luck, self._zones = luck, zones
        self._paces: dict[Act, list[Pace]] = {}
        for row in scenario.paces:
            self._paces.setdefault(row.act, []).append(row)
        self._habits = scenario.habits
        self._by_party: dict[Party, Habit] = {}
        self._fits = {party: (None, party, find_origin(party, zones)) for party in zones}
        """Whose rows are a party's: everybody's, its own and those of whom it is a copy."""

    def find_habit(self, party: Party) -> Habit:
        """Return the first row of habits that is of this party, of whom it is a copy, or of everybody."""
        found = self._by_party.get(party)
        if found is None:
            found = next(row for row in self._habits if row.party in self._fits[party])
            self._by_party[party] = found
        return found

    def find_pace(self, act: Act, party: Party, at: Instant) -> Pace:
        """Return the first row for this act that fits the party and its local hour."""
        rows = self._paces[act]
        hour = -1
        for row in rows:
            if row.party not in self._fits[party]:
                continue
            if (row.from_hour, row.until_hour) == (0, 24):
                return row
            if hour < 0:
                hour = (at + local_offset_ms(self._zones[party], at)) // HOUR_MS % 24
            if row.from_hour < row.until_hour:
                is_in = row.from_hour <= hour < row.until_hour
            else:
                is_in = hour >= row.from_hour or hour < row.until_hour
            if is_in:
                return row
        raise AssertionError("the file was checked: a row of each act fits everybody")

    def take(self, act: Act, party: Party, at: Instant, *purpose: str, due_at: int = 0) -> tuple[Instant, Pace]:
        """Return when the party's people have done it, and the row that says how long they take.

        Who would be too late for `due_at`, a clock of the pact, may be in time after all, if the party heeds clocks.
        """
        pace = self.find_pace(act, party, at)
        done_at = at + self._luck.span_ms(pace.median_ms, pace.spread_percent, *purpose, party, act.value)
        if at < due_at < done_at:
            heeds = self._luck.happens(self.find_habit(party).heed_percent, *purpose, party, act.value, "heeds")
            if heeds:
                share = 0.5 + 0.5 * self._luck.share(*purpose, party, act.value, "in-time")
                done_at = at + int((due_at - at) * share)
        return Instant(done_at), pace
