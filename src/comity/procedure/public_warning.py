"""Public warnings of a party's own areas: what its officers issued (docs/spec/warning.md, W55 to W57).

They go out to everybody as CAP, and not through this record. Notes of the party to itself make each alert, update and
all-clear the same message again, with its references. Anybody else learns of them as the public does.
"""

import enum
from collections.abc import Iterable, Mapping
from typing import ClassVar, NamedTuple

from comity.base.names import Party
from comity.procedure.detected import Evidence
from comity.procedure.entry import Entry, EntryId, InstantField
from comity.procedure.fields import ClauseField
from comity.procedure.own import own_order
from comity.procedure.stated import Stated
from comity.procedure.threat import ThreatKind

__all__ = ["ENTRIES", "PublicWarned", "WarnedArea", "WarningStep", "fold_public_warnings"]


class WarningStep(enum.StrEnum):
    """What an issued message does."""

    ALERT = "alert"
    UPDATE = "update"
    CANCEL = "cancel"
    """The warning was wrong."""
    ALL_CLEAR = "all-clear"
    """The danger is over."""


class PublicWarned(Entry, frozen=True):
    """An officer issued a message to the people of one area of his party, from a report. It goes to nobody else."""

    binding: ClassVar[bool] = True
    report: EntryId
    area: ClauseField
    step: WarningStep
    kind: ThreatKind
    evidence: Evidence
    expires_at: InstantField


ENTRIES: tuple[type[Entry], ...] = (PublicWarned,)


class WarnedArea(NamedTuple):
    """The messages of one report to one area, in the order in which they were issued."""

    report: bytes
    area: str
    messages: tuple[Stated, ...]

    @property
    def last(self) -> PublicWarned:
        """The last of them."""
        entry = self.messages[-1].entry
        assert isinstance(entry, PublicWarned)
        return entry

    @property
    def is_ended(self) -> bool:
        """Whether nothing is warned of any more."""
        return self.last.step in (WarningStep.CANCEL, WarningStep.ALL_CLEAR)


def fold_public_warnings(statements: Iterable[Stated], party: Party) -> Mapping[tuple[bytes, str], WarnedArea]:
    """Return what a party warned of, by report and area: what it said to itself alone."""
    found: dict[tuple[bytes, str], list[Stated]] = {}
    rows = [row for row in statements if row.counts and row.author == party and row.audience == (party,)]
    for row in sorted(rows, key=own_order):
        if isinstance(row.entry, PublicWarned):
            found.setdefault((row.entry.report, row.entry.area), []).append(row)
    return {key: WarnedArea(*key, tuple(rows)) for key, rows in found.items()}
