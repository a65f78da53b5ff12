"""One history: no honest author has two pages with one number, and what was stored stays as it was.

Watched over all disks and outboxes together, from the first page to the last: a rival page anywhere, a page that does
not follow the one before it wherever that one is, a durable page that is gone or stands elsewhere at the end. (A disk
may hold a page before the one that it follows: pages come in any order, and each is kept.)
"""

from typing import ClassVar

from comity.base.names import Party, format_digest
from comity.machine.effect import Effect, Publish
from comity.rehearsal.checks.check import Check, Trial
from comity.rehearsal.evidence import Reading

__all__ = ["OneHistory"]


class OneHistory(Check):
    """See the module."""

    name: ClassVar[str] = "one-history"

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self._pages: dict[tuple[bytes, int], bytes] = {}
        self._stored: dict[Party, list[bytes]] = {party: [] for party in trial.cast.parties}

    def on_effect(self, party: Party, effect: Effect) -> None:
        if isinstance(effect, Publish) and party in self.trial.honest:
            self._note(party, self.trial.evidence.read(effect.raw))

    def on_durable(self, party: Party, readings: tuple[Reading, ...]) -> None:
        for reading in readings:
            self._note(party, reading)
            self._stored[party].append(reading.digest)

    def _note(self, party: Party, reading: Reading) -> None:
        if not self.trial.is_honest(reading):
            return
        held = self._pages.setdefault((reading.journal, reading.header.number), reading.digest)
        if held != reading.digest:
            self.find("two-pages", party, **_name(reading))

    def finish(self) -> None:
        for party, digests in self._stored.items():
            if party in self.trial.liars:
                continue
            for reading in filter(self.trial.is_honest, self.trial.read_disk(party)):
                number = reading.header.number
                before = self._pages.get((reading.journal, number - 1)) if number else reading.journal
                # A node that finds a page of its own which it does not know takes it for one that its disk has lost.
                is_after_thief = reading.header.previous in self.trial.crimes.forged
                if reading.header.previous != before and not is_after_thief:
                    self.find("out-of-line", party, **_name(reading))
            held = [reading.digest for reading in self.trial.read_disk(party)]
            is_restored = self.trial.find_disk(party).is_restored
            if (set(held) != set(digests)) if is_restored else (held != list(dict.fromkeys(digests))):
                self.find("prefix-changed", party)
            if self.trial.find_disk(party).find_lost():
                self.find("not-refilled", party)


def _name(reading: Reading) -> dict[str, object]:
    journal = reading.header.journal
    return {
        "author": journal.author,
        "audience": journal.audience,
        "number": reading.header.number,
        "page": format_digest(reading.digest),
    }
