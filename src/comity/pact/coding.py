"""What a pact obliges its parties to as allies, in the coding of alliance science (ATOP), and by which clauses (R74).

The five obligations are yes or no and do not exclude each other. A commitment says itself what it obliges to; a pact
whose rules have a duty to consult obliges to that, whatever its commitments say.
"""

from typing import Final, NamedTuple

from comity.pact.commitment import Obligation
from comity.pact.model import Pact

__all__ = ["CODED", "Coded", "code_pact"]


class Coded(NamedTuple):
    """One obligation: the clauses that have it, none: it is not owed."""

    obligation: Obligation
    clauses: tuple[str, ...]

    @property
    def is_owed(self) -> bool:
        """Whether any clause obliges to it."""
        return bool(self.clauses)


CODED: Final = {
    "NATO 1949": (1, 0, 0, 1, 1),
    "ANZUS 1951": (1, 0, 0, 1, 1),
    "US-ROK 1953": (1, 0, 0, 1, 1),
    "US-Japan 1960": (1, 0, 0, 1, 1),
}
"""As published (ATOP 5.1), in the order of `Obligation`, to lay a pact beside. ATOP does not code Camp David."""


def code_pact(pact: Pact) -> tuple[Coded, ...]:
    """Return the five obligations with the clauses that each rests on, in the order of the coding."""
    held: dict[Obligation, list[str]] = {obligation: [] for obligation in Obligation}
    held[Obligation.CONSULTATION].append(pact.consultation.id)
    for row in pact.commitments:
        for obligation in row.obliges:
            held[obligation].append(row.id)
    return tuple(Coded(obligation, tuple(clauses)) for obligation, clauses in held.items())
