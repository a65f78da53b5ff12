"""Receipts end: once nobody says anything, nobody writes anything but what the clock asks for.

A receipt answers pages of kinds 0, 1 and 2 only (J15). In the last, quiet stretch no reader may write more receipts to
an audience than there were such pages to answer; without any, none. What came just before has its receipt in it too.
"""

from collections import Counter
from typing import ClassVar

from comity.base.instants import NEVER, Instant
from comity.base.names import Audience, Party
from comity.rehearsal.checks.check import Check, Trial
from comity.rehearsal.evidence import ENTRIES, HEADS_SEEN, KEYS, OPEN, Reading

__all__ = ["ReceiptsEnd"]


class ReceiptsEnd(Check):
    """See the module."""

    name: ClassVar[str] = "receipts-end"

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self._quiet_at = NEVER
        self._came: list[tuple[Instant, Party, Audience]] = []
        self._receipts: Counter[tuple[Party, Audience]] = Counter()

    def on_quiet(self) -> None:
        self._quiet_at = self.trial.now

    def on_durable(self, party: Party, readings: tuple[Reading, ...]) -> None:
        for reading in readings if party in self.trial.honest else ():
            journal, is_receipt = reading.header.journal, reading.header.kind == HEADS_SEEN
            if self._quiet_at and journal.author == party and is_receipt and self.trial.is_honest(reading):
                self._receipts[party, journal.audience] += 1
            if journal.author != party and reading.header.kind in (OPEN, KEYS, ENTRIES):
                self._came.append((self.trial.now, party, journal.audience))

    def finish(self) -> None:
        since_at = self._quiet_at - self.trial.cast.pact.policy.receipt.within_ms
        owed = Counter((party, audience) for at, party, audience in self._came if at >= since_at)
        for (party, audience), count in sorted(self._receipts.items()):
            owed_count = owed[party, audience]
            if count > owed_count:
                self.find("without-end", party, audience=audience, count=count, owed_count=owed_count)
