"""Who acted: the entry that names the officers of the statements which follow it (docs/spec/procedure.md, P40, P41).

Rules
- It stands in front of what it covers, in one page with it: `cover` finds for each entry of a page who acted.
- An officer is named by a pseudonym that the party chose and keeps; the record knows no people.
- What a node says by itself is covered by nobody.
- No fold reads it. Whether the act was in the officer's power is judged apart (`office`), and changes no verdict.
"""

import enum
from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar

import msgspec

from comity.base.limits import ENTRY_COUNT_MAX
from comity.pact.offices import OFFICER_COUNT_MAX
from comity.procedure.entry import Entry
from comity.procedure.fields import IdField, check_ascending
from comity.procedure.stated import Stated

__all__ = ["ENTRIES", "ActedBy", "Capacity", "Footing", "cover"]


class Footing(enum.StrEnum):
    """On what an officer's power to act rests."""

    OFFICE = "office"
    """On the role that the officer holds."""
    DEPUTY = "deputy"
    """On another role, in which nobody is on duty."""
    DELEGATION = "delegation"
    """On another role, whose holder handed the act over for a time."""


class Capacity(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """In which capacity one officer acted. `stands_for` is the role whose power was used, where it is not the own."""

    officer: IdField
    role: IdField
    footing: Footing
    stands_for: Annotated[tuple[IdField, ...], msgspec.Meta(max_length=1)] = ()

    def __post_init__(self) -> None:
        if (self.footing is Footing.OFFICE) == bool(self.stands_for):
            raise ValueError("whoever stands in does so for a role, and nobody else does")

    @property
    def power(self) -> str:
        """The role whose power was used."""
        return self.stands_for[0] if self.stands_for else self.role


class ActedBy(Entry, frozen=True):
    """These officers made the `covers` statements that follow in this page, each in one capacity."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    officers: Annotated[tuple[Capacity, ...], msgspec.Meta(min_length=1, max_length=OFFICER_COUNT_MAX)]
    covers: Annotated[int, msgspec.Meta(ge=1, le=ENTRY_COUNT_MAX)]

    def __post_init__(self) -> None:
        check_ascending(tuple(capacity.officer for capacity in self.officers))


ENTRIES: tuple[type[Entry], ...] = (ActedBy,)


def cover(page: Iterable[Stated]) -> Mapping[int, ActedBy]:
    """Return who acted in each entry of one page, by its place there; what nobody is said to have done is left out.

    `page` are all statements of that page that can be read, in any order. Of two that cover one entry the later counts.
    """
    found: dict[int, ActedBy] = {}
    acting, last = None, -1
    for row in sorted(page, key=lambda row: row.index):
        if isinstance(row.entry, ActedBy):
            acting, last = row.entry, row.index + row.entry.covers
        elif acting is not None and row.index <= last:
            found[row.index] = acting
    return found
