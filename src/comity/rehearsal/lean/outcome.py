"""What one run came to: per occurrence when what was reached, and what was owed, withheld and sent (R69)."""

from collections.abc import Mapping

import msgspec

__all__ = ["STAGES", "Answer", "CourseOutcome"]

STAGES = ("called", "acknowledged", "convened", "agreed", "matched")
"""What a consultation can reach, in the order of the table."""


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What the parties made of one occurrence. Times count from the occurrence; what was not reached is missing."""

    name: str
    kind: str
    topic: str
    at: int
    reached_ms: Mapping[str, int]
    phases: tuple[str, ...]
    """Where its consultation ended, under each pact."""


class CourseOutcome(msgspec.Struct, frozen=True):
    """One run."""

    run: int
    answers: tuple[Answer, ...]
    uncalled_count: int
    """Occurrences that led to no call."""
    duties: Mapping[str, int]
    """By kind and verdict: `acknowledgement/met`, `acknowledgement/late`, `position/overdue` and so on."""
    asked_count: int
    """Items that somebody held and would have given, once for each recipient."""
    withheld: Mapping[str, int]
    """Of those, what could not pass: by clause and reason."""
    texts_withheld: Mapping[str, int]
    """Drafts and offers that could not be put before all, by clause and reason."""
    statement_count: int
    page_count: int
    size_bytes: int
    delay_ms: int
    """Of all pages to all readers together."""
    act_count: int
    party_hours: int
