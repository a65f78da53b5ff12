"""How far a warning journal has gone out, as its author says it in the record (docs/spec/warning.md, W30, W32).

The warning feed is forgotten after a quarter of an hour. An anchor fixes the chain up to a page of it: whoever kept
pages from before can show them to be what was sent, and whoever was shown another history has the proof of it here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

import msgspec

from comity.base.limits import AUDIENCE_COUNT_MAX, INCARNATION_MAX
from comity.base.names import Audience, Bytes32, Digest, Party, Uint
from comity.procedure.entry import Entry
from comity.procedure.fields import PartyField, check_ascending
from comity.procedure.stated import Stated

__all__ = ["ENTRIES", "AnchoredJournal", "Anchors", "WarningAnchored", "fold_anchors"]


class WarningAnchored(Entry, frozen=True):
    """Page `number` of the author's warning journal to this audience and of this incarnation is `page`."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    audience: Annotated[tuple[PartyField, ...], msgspec.Meta(min_length=2, max_length=AUDIENCE_COUNT_MAX)]
    incarnation: Annotated[int, msgspec.Meta(ge=0, le=INCARNATION_MAX)]
    number: Uint
    page: Bytes32

    def __post_init__(self) -> None:
        """Keep the audience a set."""
        check_ascending(self.audience)


ENTRIES: tuple[type[Entry], ...] = (WarningAnchored,)


class AnchoredJournal(NamedTuple):
    """A warning journal as anchors name it."""

    author: Party
    audience: Audience
    incarnation: int


@dataclass(frozen=True, slots=True)
class Anchors:
    """The pages that anchors name, by number. Of a number with two pages both are kept: there are two histories."""

    pages: Mapping[int, tuple[Digest, ...]]

    @property
    def last(self) -> int:
        """The highest number that is anchored."""
        return max(self.pages)

    @property
    def is_forked(self) -> bool:
        """Whether two pages of one number are anchored."""
        return any(len(pages) > 1 for pages in self.pages.values())


def fold_anchors(stated: Iterable[Stated]) -> Mapping[AnchoredJournal, Anchors]:
    """Return what anchors come to: of each author about its own journals, said to exactly their readers (W32)."""
    found: dict[AnchoredJournal, dict[int, set[Digest]]] = {}
    for one in stated:
        entry = one.entry
        if isinstance(entry, WarningAnchored) and entry.audience == one.audience:
            journal = AnchoredJournal(one.author, entry.audience, entry.incarnation)
            found.setdefault(journal, {}).setdefault(entry.number, set()).add(Digest(entry.page))
    return {
        journal: Anchors({number: tuple(sorted(pages)) for number, pages in sorted(by_number.items())})
        for journal, by_number in sorted(found.items())
    }
