"""Links between parties: up or cut, slow, lossy. One link for both directions; each message draws its own fate."""

import random
from dataclasses import dataclass, field

from comity.base.names import Party
from comity.rehearsal.chance import CALM, Rates

__all__ = ["Links"]


@dataclass(slots=True)
class Links:
    """All links of a run. Cuts may overlap; a link is up when none of them lasts. `rates` become calm at the heal."""

    chance: random.Random
    rates: Rates
    _cuts: dict[frozenset[Party], int] = field(default_factory=dict)
    _lives: dict[frozenset[Party], int] = field(default_factory=dict)

    def is_up(self, one: Party, other: Party) -> bool:
        """Tell whether messages can pass now."""
        return not self._cuts.get(frozenset((one, other)), 0)

    def find_life(self, one: Party, other: Party) -> int:
        """Return a number that grows with every cut: what was on its way when the link was cut does not arrive."""
        return self._lives.get(frozenset((one, other)), 0)

    def cut(self, one: Party, other: Party) -> bool:
        """Cut a link; return whether it was up."""
        pair = frozenset((one, other))
        self._cuts[pair] = self._cuts.get(pair, 0) + 1
        self._lives[pair] = self._lives.get(pair, 0) + 1
        return self._cuts[pair] == 1

    def mend(self, one: Party, other: Party) -> bool:
        """End one cut of a link; return whether it is up now."""
        pair = frozenset((one, other))
        held = self._cuts.get(pair, 0)
        self._cuts[pair] = max(0, held - 1)
        return held == 1

    def heal(self) -> None:
        """End all cuts and all loss."""
        self._cuts.clear()
        self.rates = CALM

    def draw_delay_ms(self) -> int:
        """Draw how long one message takes."""
        rates = self.rates
        return rates.latency_ms + int(self.chance.expovariate(1.0) * rates.jitter_ms)

    def is_dropped(self) -> bool:
        """Draw whether a message is lost on the way."""
        return self.chance.random() < self.rates.drop_share

    def is_duplicated(self) -> bool:
        """Draw whether a message arrives twice."""
        return self.chance.random() < self.rates.duplicate_share

    def is_ack_lost(self) -> bool:
        """Draw whether the acknowledgement of a message is lost on the way back."""
        return self.chance.random() < self.rates.ack_loss_share
