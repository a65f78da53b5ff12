"""What came of the rules for one marking, kept so that the same question is not worked out twice (decision 0034).

Rules
- A ruling is a result and never a rule: `release` alone decides, and here stands what it said.
- It depends on the version of the pact, on which agreements are operative, on marking, holder and receiver; on nothing
  else. Consents, items and clocks are looked at anew for every question.
- Markings come from outside, so everything here is bounded. Kept is only what could be read, hence only words of the
  pact, and only if it is short. A full table is emptied: nobody can fill it for ever, and who tries costs everybody no
  more than the rules themselves cost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from comity.base.names import Party
from comity.procedure.entry import Marking
from comity.procedure.interning import is_short
from comity.procedure.verdict import Decision, Permit

__all__ = ["OnConsent", "Ruling", "RulingTables", "Rulings"]

RULING_COUNT_MAX: Final = 16_384
"""In one table."""
TABLE_COUNT_MAX: Final = 4
"""Of one version of the pact: another is needed only where the state of an agreement changes, or did in the past.

A version's tables weigh a megabyte or two in life, and at most some 75 MiB if somebody does his worst.
"""


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


class Rulings:
    """Those of one version of the pact while the same agreements are operative."""

    __slots__ = ("_by_pair", "_count", "by_pair")

    def __init__(self) -> None:
        self._by_pair: dict[tuple[Party, Party], dict[Marking, Ruling]] = {}
        self._count = 0
        self.by_pair: Mapping[tuple[Party, Party], Mapping[Marking, Ruling]] = self._by_pair
        """(holder, receiver) to marking to ruling."""

    def keep(self, ruling: Ruling, *, marking: Marking, holder: Party, to: Party) -> None:
        """Keep what the rules made of a marking that could be read, between two parties of the pact."""
        if not is_short(marking):
            return
        if self._count >= RULING_COUNT_MAX:
            self._by_pair.clear()
            self._count = 0
        self._by_pair.setdefault((holder, to), {})[marking] = ruling
        self._count += 1


class RulingTables:
    """The tables of one version of the pact, by the set of its operative agreements."""

    __slots__ = ("_tables",)

    def __init__(self) -> None:
        self._tables: dict[frozenset[str], Rulings] = {}

    def get(self, operative: frozenset[str]) -> Rulings:
        """Return the table for these agreements; every ground on which they are operative shares it."""
        table = self._tables.pop(operative, None) or Rulings()
        while len(self._tables) >= TABLE_COUNT_MAX:
            del self._tables[next(iter(self._tables))]
        self._tables[operative] = table
        return table
