"""National action: a party tells the others what it does in its own right. Nothing here can be accepted or declined.

The pact reserves each party's freedom of action, so no rule gates it (law 6); the funnel still decides who may read it.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from comity.procedure.correction import Settled, settle
from comity.procedure.entry import Entry, EntryId
from comity.procedure.fields import OptionalCitation
from comity.procedure.measure import Terms
from comity.procedure.own import own_order
from comity.procedure.policy import Policy
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated

__all__ = ["ENTRIES", "ActionStage", "NationalActionEnded", "NationalActionStated", "NationalState", "fold_national"]


class ActionStage(enum.StrEnum):
    """How far it is when it is told."""

    INTENDED = "intended"
    UNDER_WAY = "under-way"
    DONE = "done"


class NationalActionStated(Entry, frozen=True):
    """Its author acts, or will, as the terms say."""

    belongs_to: ClassVar[tuple[str, str]] = ("national", "")
    consultation: OptionalCitation
    stage: ActionStage
    terms: Terms


class NationalActionEnded(Entry, frozen=True):
    """The action has ended, or will not take place."""

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("national", "action")
    action: EntryId


ENTRIES: tuple[type[Entry], ...] = (NationalActionStated, NationalActionEnded)


@dataclass(frozen=True, slots=True)
class NationalState:
    """The action as it stands now; `ended` is its author's word that it is over."""

    scope: Scope
    stated: Settled | None
    ended: Stated | None


def fold_national(scope: Scope, statements: Iterable[Stated], policy: Policy) -> NationalState:
    """Fold one national action: only its author's own word counts, in its own order, where it is not disputed (P25)."""
    del policy
    rows = settle(statements)
    stated = next((row for row in rows if row.stated.id == scope.ref), None)
    author = stated.stated.author if stated is not None else None
    endings = (
        row.stated
        for row in rows
        if isinstance(row.stated.entry, NationalActionEnded)
        and row.stated.author == author
        and row.stated.counts
        and row.withdrawn_by is None
    )
    return NationalState(scope, stated, min(endings, key=own_order, default=None))
