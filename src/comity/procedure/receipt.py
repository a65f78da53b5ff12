"""Who has what: delivered, acknowledged, late, unreachable. One list of receipt states.

Rules (docs/spec/procedure.md, P9 and P10)
- *Delivered* needs the reader's signature: a head that he signed covers the page. Proof is either a later statement
  of his whose cut names it, or `Receipts`, which the machine reads from signed heads in any page of his.
- *Acknowledged* needs an officer in a role that the pact permits.
- *Late* is said only of one who provably has it. Where there is no proof the state is `unknown`, or `unreachable`
  while the node sees no path to him: nobody is blamed for a broken line.
"""

import enum
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from comity.base.names import Digest, Party
from comity.procedure.stated import Stated, is_known_to

__all__ = ["NO_LINKS", "Links", "ReceiptState", "Receipts", "is_delivered"]

Receipts = Mapping[Party, Mapping[Digest, int]]
"""For each party: journal digest to the highest page number that a head signed by that party covers (J12, J15)."""


class ReceiptState(enum.StrEnum):
    """The one list of receipt states."""

    UNKNOWN = "unknown"
    UNREACHABLE = "unreachable"
    DELIVERED = "delivered"
    LATE = "late"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class Links:
    """What a node knows beside the statements: signed heads of others, and parties to whom it has no path now."""

    receipts: Receipts
    unreachable: Collection[Party] = ()


NO_LINKS = Links({})


def is_delivered(stated: Stated, party: Party, *, statements: Iterable[Stated], links: Links = NO_LINKS) -> bool:
    """Tell whether it is proved by `party`'s own signature that it has the statement."""
    if party == stated.author or links.receipts.get(party, {}).get(stated.journal, -1) >= stated.page:
        return True
    return any(row.author == party and is_known_to(stated, when_stating=row) for row in statements)
