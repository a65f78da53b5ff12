"""What came of the rules for one marking, kept so that the same question is not worked out twice (decision 0034).

Rules
- A ruling is a result and never a rule: `release` alone decides, and here stands what it said.
- It depends on the version of the pact, on which agreements are operative, on marking, holder and receiver; on nothing
  else. Consents, items and clocks are looked at anew for every question.
- Markings come from outside, so everything here is bounded. Kept is only what could be read, hence only words of the
  pact, and only if it is short. What is full is emptied: nobody can fill it for ever, and who tries costs everybody no
  more than the rules themselves cost.
"""

from dataclasses import dataclass
from typing import Final

from comity.base.names import Party
from comity.procedure.entry import Marking
from comity.procedure.interning import is_short
from comity.procedure.verdict import Decision, Permit

__all__ = ["OnConsent", "Ruling", "RulingTable", "Rulings"]

RULING_COUNT_MAX: Final = 65_536
"""In all tables of one version of the pact: some 35 MiB if somebody does his worst."""
TABLE_COUNT_MAX: Final = 4
"""Of one version: another is needed only where the state of an agreement changes, or did in the past."""


@dataclass(frozen=True, slots=True)
class OnConsent:
    """The originator's word decides (R9): `consented` for an item with a running consent, else `otherwise`.

    A text has no digest to consent to.
    """

    originator: Party
    consented: Permit
    otherwise: Decision
    of_text: Decision


Ruling = Decision | OnConsent
RulingTable = dict[tuple[Party, Party], dict[Marking, Ruling]]
"""(holder, receiver) to marking to ruling, while the same agreements are operative."""


class Rulings:
    """Those of one version of the pact: a table for each set of operative agreements that came up lately."""

    __slots__ = ("_count", "_tables")

    def __init__(self) -> None:
        self._tables: dict[frozenset[str], RulingTable] = {}
        self._count = 0

    def get_table(self, operative: frozenset[str]) -> RulingTable:
        """Return the table for these agreements; all grounds on which they are the operative ones share it."""
        table = self._tables.pop(operative, {})
        while len(self._tables) >= TABLE_COUNT_MAX:
            self._drop(next(iter(self._tables)))
        self._tables[operative] = table
        return table

    def keep(self, ruling: Ruling, *, table: RulingTable, marking: Marking, holder: Party, to: Party) -> None:
        """Keep what the rules made of a marking that could be read, between two parties of the pact."""
        if not is_short(marking):
            return
        if self._count >= RULING_COUNT_MAX:
            # The table asked may be one that was dropped here, and is held by a ground that still lives.
            for full in (table, *self._tables.values()):
                full.clear()
            self._count = 0
        table.setdefault((holder, to), {})[marking] = ruling
        self._count += 1

    def _drop(self, operative: frozenset[str]) -> None:
        self._count -= sum(map(len, self._tables.pop(operative).values()))
