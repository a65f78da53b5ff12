"""Who hands in reports at the own door, and on what terms: a source is admitted with its first word (W10, W36, W58).

A source that replays what is over may reach back farther than the ten minutes of any other; never in realm `real`.
"""

from collections.abc import Callable
from typing import Final

from comity.base.instants import DAY_MS, Instant
from comity.base.names import REAL, Party
from comity.node.feed.showing import show_tally
from comity.pact.model import Pact
from comity.pact.track import TrackClass
from comity.warning.door import Door, DoorRules, Taken
from comity.warning.reports import read_lines
from comity.warning.rows import Block

__all__ = ["REPLAY_MS_MAX", "SOURCE_COUNT_MAX", "Sources"]

SOURCE_COUNT_MAX: Final = 64
REPLAY_MS_MAX: Final = DAY_MS
"""How far back a replay may reach."""


class Sources:
    """The sources of one party in one realm. `take_block` is given what was let in."""

    def __init__(self, door: Door, *, party: Party, realm: str, take_block: Callable[[Block], None]) -> None:
        self.door = door
        self._party, self._realm = party, realm
        self._take_block = take_block
        self.on_taken: Callable[[str, Taken], None] = lambda *_: None
        """Told the source and what was taken of it, before the block is."""
        self._pact: Pact | None = None

    def learn(self, pact: Pact) -> None:
        """Go by this version of the pact from now on."""
        self._pact = pact

    def find_class(self, class_: str) -> TrackClass | None:
        """Return a class that this party reports under the pact in force."""
        row = None if self._pact is None else self._pact.find_track_class(class_)
        return row if row is not None and self._party in row.reported_by else None

    def take(self, class_: str, source: str, lines: bytes, *, now: Instant, is_replay: bool) -> dict[str, int] | None:
        """Take lines of reports from one source and return counts; None where the class is none that is reported."""
        row = self.find_class(class_)
        if row is None:
            return None
        may_reach_back = is_replay and self._realm != REAL
        source = f"{source} (replay)" if may_reach_back else source
        if source not in self.door.tallies:
            if len(self.door.tallies) >= SOURCE_COUNT_MAX:
                return {"source": len(lines.splitlines())}
            self.door.admit_source(source, DoorRules(past_ms_max=REPLAY_MS_MAX) if may_reach_back else DoorRules())
        reports, tally = read_lines(lines, row)
        self.door.tallies[source].add(tally)
        taken = self.door.take(source, row, reports, now)
        tally.add(taken.tally)
        if len(taken.block.rows):
            self.on_taken(source, taken)
            self._take_block(taken.block)
        return show_tally(tally)
