"""Positions: what a party formally says on a consultation, a text or a measure. One list of them.

A position is procedural, so that it always arrives; the words that explain it are marked text in an entry of its own.
To decline is an answer to a call or a measure, to amend or to break silence an act on a text: neither is a position.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from comity.base.instants import NEVER, Instant
from comity.base.names import Digest, Party
from comity.procedure.entry import Entry, EntryId, InstantField, MarkedText
from comity.procedure.fields import check_languages
from comity.procedure.own import by_author
from comity.procedure.stated import Stated

__all__ = [
    "ENTRIES",
    "AwaitedInstructions",
    "HeldPosition",
    "InstructionsAwaited",
    "Position",
    "PositionExplained",
    "PositionStated",
    "fold_awaited",
    "fold_positions",
    "is_unconfirmed",
]


class Position(enum.StrEnum):
    """The one list of positions (glossary; FACTS 6)."""

    SUPPORT = "support"
    SUPPORT_WITH_RESERVE = "support-with-reserve"
    ACCEPT_AD_REFERENDUM = "accept-ad-referendum"
    OBJECT = "object"
    NO_INSTRUCTIONS = "no-instructions"


class PositionStated(Entry, frozen=True):
    """Its author's position on `subject` (the consultation itself, a text or a measure).

    `confirm_by_at`, for an acceptance ad referendum only: the capital confirms by then, by stating `support`.
    """

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("consultation", "consultation")
    consultation: EntryId
    subject: EntryId
    position: Position
    confirm_by_at: InstantField

    def __post_init__(self) -> None:
        if (self.position is Position.ACCEPT_AD_REFERENDUM) != (self.confirm_by_at != NEVER):
            raise ValueError("ad referendum has an instant by which it is confirmed; nothing else has")


class PositionExplained(Entry, frozen=True):
    """The reserve, the objection or the reasons behind an own position."""

    belongs_to: ClassVar[tuple[str, str]] = ("consultation", "consultation")
    consultation: EntryId
    position: EntryId
    text: MarkedText

    def __post_init__(self) -> None:
        check_languages(self.text)


class InstructionsAwaited(Entry, frozen=True):
    """Its author has asked its capital for instructions on `subject` and expects them by `expected_at` (P82).

    No position, and no excuse: it says when to ask again.
    """

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("consultation", "consultation")
    consultation: EntryId
    subject: EntryId
    expected_at: InstantField


ENTRIES: tuple[type[Entry], ...] = (PositionStated, PositionExplained, InstructionsAwaited)


@dataclass(frozen=True, slots=True)
class HeldPosition:
    """A party's position on one subject: its last, with the ids of all it stated before, oldest first."""

    party: Party
    subject: Digest
    position: Position
    stated_at: Instant
    confirm_by_at: Instant
    id: Digest
    explained_by: tuple[Digest, ...]
    earlier: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class AwaitedInstructions:
    """That a party awaits instructions on a subject, since when and until when it expects them."""

    party: Party
    subject: Digest
    expected_at: Instant
    stated_at: Instant
    id: Digest


def fold_awaited(statements: Iterable[Stated]) -> tuple[AwaitedInstructions, ...]:
    """Return who awaits instructions on what, by subject and party: until a position of its own that needs none."""
    held: dict[tuple[bytes, Party], AwaitedInstructions] = {}
    for party, own in by_author(statements).items():
        for row in own:
            match row.entry:
                case InstructionsAwaited(subject=subject, expected_at=expected_at) if row.counts:
                    held[subject, party] = AwaitedInstructions(
                        party, Digest(subject), Instant(expected_at), row.written_at, row.id
                    )
                case PositionStated(subject=subject, position=position) if row.counts:
                    if position is not Position.NO_INSTRUCTIONS:
                        held.pop((subject, party), None)
                case _:
                    pass
    return tuple(held[key] for key in sorted(held))


def fold_positions(statements: Iterable[Stated]) -> tuple[HeldPosition, ...]:
    """Return each party's last undisputed position on each subject, by subject and party."""
    held: dict[tuple[bytes, Party], HeldPosition] = {}
    statements = tuple(statements)
    for party, own in by_author(statements).items():
        explained = [row for row in own if isinstance(row.entry, PositionExplained)]
        for row in own:
            if not isinstance(row.entry, PositionStated) or not row.counts:
                continue
            before = held.get((row.entry.subject, party))
            held[row.entry.subject, party] = HeldPosition(
                party=party,
                subject=Digest(row.entry.subject),
                position=row.entry.position,
                stated_at=row.written_at,
                confirm_by_at=Instant(row.entry.confirm_by_at),
                id=row.id,
                explained_by=tuple(said.id for said in explained if _position(said) == row.id),
                earlier=(*before.earlier, before.id) if before else (),
            )
    return tuple(held[key] for key in sorted(held))


def _position(stated: Stated) -> bytes:
    assert isinstance(stated.entry, PositionExplained)
    return stated.entry.position


def is_unconfirmed(held: HeldPosition, *, as_of: Instant) -> bool:
    """Tell whether an acceptance ad referendum has passed its day without the capital's word."""
    return held.position is Position.ACCEPT_AD_REFERENDUM and as_of > held.confirm_by_at
