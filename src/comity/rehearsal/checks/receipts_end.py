"""Receipts end: once nobody says anything, nobody writes anything but what the clock asks for.

A receipt answers pages of kinds 0, 1 and 2 only (J15). In the last, quiet stretch no reader may write more receipts to
an audience than there were such pages to answer; without any, none.
"""

from collections import Counter
from typing import ClassVar

from comity.base.names import Audience, Party
from comity.rehearsal.checks.check import Check, Trial
from comity.rehearsal.evidence import ENTRIES, HEADS_SEEN, KEYS, OPEN, Reading

__all__ = ["ReceiptsEnd"]


class ReceiptsEnd(Check):
    """See the module."""

    name: ClassVar[str] = "receipts-end"

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self._is_quiet = False
        self._receipts: Counter[tuple[Party, Audience]] = Counter()
        self._owed: Counter[tuple[Party, Audience]] = Counter()

    def on_quiet(self) -> None:
        self._is_quiet = True

    def on_durable(self, party: Party, readings: tuple[Reading, ...]) -> None:
        for reading in readings if self._is_quiet and party in self.trial.honest else ():
            journal = reading.header.journal
            if journal.author == party and reading.header.kind == HEADS_SEEN and self.trial.is_honest(reading):
                self._receipts[party, journal.audience] += 1
            if journal.author != party and reading.header.kind in (OPEN, KEYS, ENTRIES):
                self._owed[party, journal.audience] += 1

    def finish(self) -> None:
        for (party, audience), count in sorted(self._receipts.items()):
            owed_count = self._owed[party, audience]
            if count > owed_count:
                self.find("without-end", party, audience=audience, count=count, owed_count=owed_count)
