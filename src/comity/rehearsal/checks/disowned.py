"""Disowned: once a stolen key is replaced, none of the thief's pages counts anywhere, and what was good still does.

Looked at in the end, at every honest node, of every page that it accepted: the thief's are disowned (J17), and of the
robbed party's own pages none is that lies before all of the thief's in its journal.
"""

from typing import ClassVar

from comity.base.names import Digest, format_digest
from comity.journal.ledger import Standing
from comity.rehearsal.checks.check import Check

__all__ = ["ThiefDisowned"]


class ThiefDisowned(Check):
    """See the module."""

    name: ClassVar[str] = "disowned"

    def finish(self) -> None:
        crimes = self.trial.crimes
        if not crimes.has_replaced_key:
            return
        for party in self.trial.honest:
            ledger = self.trial.stations[party].machine.ledger
            for reading in self.trial.read_disk(party):
                journal = reading.header.journal
                placed = ledger.find_page(Digest(reading.digest))
                if placed is None or journal.author != crimes.robbed or journal.incarnation:
                    continue
                is_forged = reading.digest in crimes.forged
                is_disowned = ledger.find_standing(placed) is Standing.DISOWNED
                is_after = any(page.digest in crimes.forged for page in placed.walk_back())
                if is_forged and not is_disowned:
                    self.find("thief-counts", party, page=format_digest(reading.digest), audience=journal.audience)
                if is_disowned and not is_after and self.trial.is_honest(reading):
                    self.find("good-page", party, page=format_digest(reading.digest), audience=journal.audience)
