"""The change of a watch: what the one who leaves hands over, and who took it, in the party's own journal to itself.

Rules (docs/spec/procedure.md, P81)
- It counts only where it is stated to its party alone: which clocks run and who is on watch is nobody else's.
- What is handed over is named by ids: calls, messages, texts, line tests. A note has a marking as any other text.
- The relief is another officer than the one who leaves; the first who signs takes the watch.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar

import msgspec

from comity.procedure.entry import Entry, EntryId, InstantField, MarkedText
from comity.procedure.fields import Citations, IdField, check_ascending, check_languages
from comity.procedure.own import merge, own_order
from comity.procedure.policy import Policy
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated

__all__ = ["ENTRIES", "ShiftHandedOver", "ShiftRelieved", "ShiftState", "ShiftStatus", "fold_shift"]

Note = Annotated[tuple[MarkedText, ...], msgspec.Meta(max_length=1)]


class ShiftStatus(enum.StrEnum):
    """Where a watch stands."""

    AWAITING = "awaiting"
    HANDED_OVER = "handed-over"
    RELIEVED = "relieved"


class ShiftHandedOver(Entry, frozen=True):
    """The officer who leaves hands over what is open as of `drafted_at`: calls, messages, texts, line tests."""

    binding: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("shift", "")
    role: IdField
    officer: IdField
    drafted_at: InstantField
    calls: Citations
    messages: Citations
    texts: Citations
    tests: Citations
    note: Note

    def __post_init__(self) -> None:
        check_ascending(self.calls, self.messages, self.texts, self.tests)
        for text in self.note:
            check_languages(text)


class ShiftRelieved(Entry, frozen=True):
    """The relief has taken the watch, with what was handed over."""

    binding: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("shift", "shift")
    shift: EntryId
    role: IdField
    officer: IdField
    note: Note

    def __post_init__(self) -> None:
        for text in self.note:
            check_languages(text)


ENTRIES: tuple[type[Entry], ...] = (ShiftHandedOver, ShiftRelieved)


@dataclass(frozen=True, slots=True)
class ShiftState:
    """One change of watch. `relieved` is the first relief by another officer."""

    scope: Scope
    handed_over: Stated | None
    relieved: Stated | None
    status: ShiftStatus


def fold_shift(scope: Scope, statements: Iterable[Stated], policy: Policy) -> ShiftState:
    """Fold one change of watch; whatever was said of it to others than its party alone is none."""
    del policy
    good = sorted((row for row in merge(statements).values() if row.counts), key=own_order)
    handed = next((row for row in good if row.id == scope.ref), None)
    if handed is None or not isinstance(handed.entry, ShiftHandedOver) or scope.audience != (handed.author,):
        return ShiftState(scope, None, None, ShiftStatus.AWAITING)
    leaving = handed.entry.officer
    relieved = next(
        (row for row in good if isinstance(row.entry, ShiftRelieved) and row.entry.officer != leaving), None
    )
    status = ShiftStatus.HANDED_OVER if relieved is None else ShiftStatus.RELIEVED
    return ShiftState(scope, handed, relieved, status)
