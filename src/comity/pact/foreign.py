"""Labels of other people's vocabularies, and the markings of the parties' own schemes that they are handled as.

A row reads both ways: what comes in with a label is given the party's marking, and what goes out with a marking is
given a label. Plain rows of the pact file; nothing is decided here (docs/spec/exchange.md, X1 to X3).

Rules
- No row, no marking: what has a label without a row is refused, never given a default.
- Outward a marking is rounded up, never down: the mildest label whose row is at least as strict. None: no label.
- The label is the sender's word and stays as it came; the row says how this party protects it.
"""

import enum
from typing import Annotated, Final

from msgspec import Meta

from comity.base.names import Party
from comity.pact.terms import Id, PartyId, Rule

__all__ = [
    "CAVEAT_COUNT_MAX",
    "LABELS",
    "ORCON",
    "ForeignLabel",
    "Vocabulary",
    "find_label",
    "find_row",
    "find_strictest",
]

CAVEAT_COUNT_MAX: Final = 16
ORCON: Final = "ORCON"
_LISTS: Final = ("REL TO ", "ONLY UNDER ")


class Vocabulary(enum.Enum):
    """Whose labels these are."""

    TLP_2 = "tlp-2.0"
    """The Traffic Light Protocol of FIRST, version 2.0 of August 2022."""


LABELS: Final[dict[Vocabulary, tuple[str, ...]]] = {
    Vocabulary.TLP_2: ("clear", "green", "amber", "amber+strict", "red"),
}
"""Every label of a vocabulary, the mildest first."""


class ForeignLabel(Rule, frozen=True, kw_only=True):
    """What one party handles a label as: a level of its scheme and caveats, and whether the row reads back."""

    vocabulary: Vocabulary
    label: Annotated[str, Meta(min_length=1, max_length=48)]
    party: PartyId
    level: Id
    caveats: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=256)], ...], Meta(max_length=CAVEAT_COUNT_MAX)
    ] = ()
    back: bool = True
    """Whether a marking may be given this label when it goes out."""


def find_row(rows: tuple[ForeignLabel, ...], vocabulary: Vocabulary, label: str, party: Party) -> ForeignLabel | None:
    """Return the row by which a party handles a label, or None."""
    wanted = (vocabulary, label, party)
    return next((row for row in rows if (row.vocabulary, row.label, row.party) == wanted), None)


def find_strictest(vocabulary: Vocabulary, labels: frozenset[str]) -> str:
    """Return the strictest of labels that the vocabulary has."""
    return max(labels, key=LABELS[vocabulary].index)


def find_label(
    rows: tuple[ForeignLabel, ...],
    vocabulary: Vocabulary,
    *,
    party: Party,
    level: str,
    caveats: tuple[str, ...],
    ranks: dict[str, int],
) -> str | None:
    """Return the label that a marking in the scheme of `party` goes out with, or None where no row is strict enough.

    Of rows that say just this marking the strictest label; else the mildest whose rank is not lower and whose caveats
    hold all of the marking's. A list of parties or agreements counts as `ORCON`: no label can name its members, and
    whoever is told to ask before passing on is kept within it. `ranks` are those of the party's levels.
    """  # fmt: skip
    order = LABELS[vocabulary]
    own = sorted(
        (row for row in rows if row.back and (row.vocabulary, row.party) == (vocabulary, party)),
        key=lambda row: order.index(row.label),
    )
    exact = [row.label for row in own if (row.level, row.caveats) == (level, caveats)]
    if exact:
        return exact[-1]
    if level not in ranks:
        return None
    needed = {ORCON if caveat.startswith(_LISTS) else caveat for caveat in caveats}
    covering = (row.label for row in own if ranks[row.level] >= ranks[level] and needed <= set(row.caveats))
    return next(covering, None)
