"""What every draw of a play has: a purpose's chance, the stage, who writes and makes items, where cues are put."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from comity.base.instants import MINUTE_MS
from comity.base.names import Audience, Party
from comity.rehearsal.chance import draw_count
from comity.rehearsal.desk import Act, Cue
from comity.rehearsal.parcel import Parcels
from comity.rehearsal.phrase import Phrases
from comity.rehearsal.stage import Stage

__all__ = ["SPAN_MS", "Draw"]

SPAN_MS: Final = 30 * MINUTE_MS
"""From the first word to the last one that somebody begins by himself."""


@dataclass(slots=True)
class Draw:
    """One seed's play in the making."""

    chance: random.Random
    stage: Stage
    phrases: Phrases
    parcels: Parcels
    plan: Callable[[Cue], None]
    share: float

    @property
    def everyone(self) -> Audience:
        return self.stage.cast.parties

    def someone(self) -> Party:
        return self.chance.choice(self.everyone)

    def cue(self, name: str, party: Party, at: int, act: Act) -> None:
        self.plan(Cue(name, party, at, act))

    def when(self, low: float = 0.0, high: float = 1.0) -> int:
        """Draw an instant in a part of the play."""
        return self.stage.now + MINUTE_MS + int(SPAN_MS * self.share * self.chance.uniform(low, high))

    def count(self, mean: float) -> int:
        """Draw how often something happens that in a whole play happens so often."""
        return draw_count(self.chance, mean * self.share)

    def audience(self, party: Party) -> Audience:
        """Draw an audience: mostly everyone, sometimes a pair, a few, or oneself."""
        others = [other for other in self.everyone if other != party]
        count = self.chance.choice((len(others), len(others), 1, self.chance.randint(0, len(others))))
        return tuple(sorted((party, *self.chance.sample(others, count))))
