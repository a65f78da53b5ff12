"""Whether this party speaks elsewhere under a newer key: its peers are asked, nobody waits to be told (J36).

A node that was cut off, or that comes back from the dead, sees in its own journals nothing of a standby that was
promoted meanwhile. Its peers' pages name what the newer node wrote. But both nodes pull as one reader, so that a page
which the one took does not come to the other; and where nothing is said, no page comes at all.

Rules: a peer is asked when its link comes up, and again after a while, for the genesis pages of the next incarnations:
a page like any other, which the root's certificate in it proves. So nobody but the party's own root can silence it.
The first question of every look and reckoning is the same (`reckoning`): before a node's first word.
"""

from collections.abc import Iterable
from typing import Final

from comity.base.instants import HOUR_MS, Instant
from comity.base.names import Party
from comity.crypto.suite import Suite
from comity.journal.header import JournalId
from comity.machine.effect import Fetch
from comity.machine.input import LinkChanged
from comity.machine.own_clock import set_back
from comity.machine.step import Step

__all__ = ["Lookout"]

LOOKOUT_INTERVAL_MS: Final = HOUR_MS // 6
"""Between two questions to a peer whose link stays up, where it is quiet: else pages tell long before."""


class Lookout:
    """Remembers which peers can be asked, and when next."""

    def __init__(self, party: Party, suite: Suite) -> None:
        self._party = party
        self._suite = suite
        self._next_at: dict[Party, Instant] = {}
        self.wake_at: Instant | None = None

    def take_link(self, changed: LinkChanged) -> None:
        """Note that a peer can be asked, now, or that it cannot."""
        if changed.is_up:
            self._next_at[changed.party] = self.wake_at = changed.at
        else:
            self._next_at.pop(changed.party, None)

    def set_back(self, by_ms: int) -> None:
        """Ask as soon as was meant: the clock was set back."""
        self._next_at = {party: set_back(at, by_ms) for party, at in self._next_at.items()}
        self.wake_at = set_back(self.wake_at, by_ms)

    def is_due(self, at: Instant) -> bool:
        """Tell whether `plan` has anything to do."""
        return self.wake_at is not None and at >= self.wake_at

    def plan(self, step: Step, newer: Iterable[JournalId]) -> None:
        """Ask whoever is due for the first page of these journals."""
        journals = [(journal.find_digest(self._suite), journal.audience) for journal in newer]
        for party in sorted(party for party, at in self._next_at.items() if step.at >= at):
            self._next_at[party] = Instant(step.at + LOOKOUT_INTERVAL_MS)
            step.now.extend(Fetch(party, digest, 0, 0) for digest, audience in journals if party in audience)
        self.wake_at = min(self._next_at.values(), default=None) if journals else None
