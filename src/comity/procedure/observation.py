"""What was seen of the play of an exercise: observations, notes of the hot wash, improvements that are proposed.

Rules (docs/spec/exercise.md, E43)
- Each is one statement of one party, in its evaluator's own words, which are marked and decided by the funnel.
- They bind nobody: whoever noted one corrects or withdraws it. They move no clock and give no inject.
- What an improvement asks of a party is a proposal. It becomes a duty where that party adopts it, in realm `real`.
"""

import enum
from collections.abc import Iterable
from typing import Annotated, ClassVar

import msgspec

from comity.procedure.correction import live
from comity.procedure.entry import Entry, EntryId, InstantField, MarkedText
from comity.procedure.fields import (
    Citations,
    ClauseField,
    IdField,
    Parties,
    PartyField,
    check_ascending,
    check_languages,
)
from comity.procedure.own import shown_order
from comity.procedure.stated import Stated

__all__ = [
    "ENTRIES",
    "About",
    "HotWashNoted",
    "ImprovementProposed",
    "ObservationNoted",
    "Rating",
    "Sort",
    "list_notes",
]


class About(enum.StrEnum):
    """What an observation is about."""

    INJECT = "inject"
    OBJECTIVE = "objective"
    TASK = "critical-task"


class Rating(enum.StrEnum):
    """How a task was done: the four grades of HSEEP (P, S, M, U), and none."""

    PERFORMED = "performed"
    SOME_CHALLENGES = "some-challenges"
    MAJOR_CHALLENGES = "major-challenges"
    UNABLE = "unable"
    NOT_RATED = "not-rated"


class Sort(enum.StrEnum):
    """What a note of the hot wash is."""

    STRENGTH = "strength"
    IMPROVEMENT = "to-improve"
    OTHER = "other-remark"


class _Note(Entry, frozen=True):
    """What they share; not a type of its own."""

    belongs_to: ClassVar[tuple[str, str]] = ("exercise", "exercise")


class ObservationNoted(_Note, frozen=True):
    """Its author's evaluator saw this. `of` is an inject's number, an objective's id, or OBJECTIVE.TASK."""

    exercise: EntryId
    about: About
    of: ClauseField
    parties: Parties
    """Whose play it is about; none: everybody's."""
    rating: Rating
    observed: MarkedText
    role: IdField
    officer: IdField

    def __post_init__(self) -> None:
        check_ascending(self.parties)
        check_languages(self.observed)


class HotWashNoted(_Note, frozen=True):
    """Said right after the play, and noted."""

    exercise: EntryId
    sort: Sort
    observed: MarkedText
    role: IdField
    officer: IdField

    def __post_init__(self) -> None:
        check_languages(self.observed)


class ImprovementProposed(_Note, frozen=True):
    """A finding and what is to be done about it: by whom, by when, for which objective (none: an empty tuple)."""

    exercise: EntryId
    objective: Annotated[tuple[IdField, ...], msgspec.Meta(max_length=1)]
    rests_on: Citations
    finding: MarkedText
    remedy: MarkedText
    owner: PartyField
    due_at: InstantField
    role: IdField
    officer: IdField

    def __post_init__(self) -> None:
        check_ascending(self.rests_on)
        check_languages(self.finding)
        check_languages(self.remedy)


ENTRIES: tuple[type[Entry], ...] = (ObservationNoted, HotWashNoted, ImprovementProposed)


def list_notes(statements: Iterable[Stated]) -> tuple[Stated, ...]:
    """Return the notes among these as they read now, without those withdrawn and those that do not count (E44)."""
    found = (row for row in live(statements) if row.counts and isinstance(row.entry, ENTRIES))
    return tuple(sorted(found, key=shown_order))
