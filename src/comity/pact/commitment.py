"""What was promised, by whom, how often, and what would show that it was done.

A commitment is the pact's promise. `evidence` lists the *kinds* of public fact that meet it: an anniversary statement
is no meeting. What has no cadence in the text has `unspecified`, and no duty with a date follows from it.
"""

import datetime as dt
import enum
from typing import Annotated

import msgspec
from msgspec import Meta

from comity.pact.marking import PartyIds
from comity.pact.terms import ClauseId, Id, Note, PartyId, Refs, Rule, SourcedRule, Text, Unspecified, Words

__all__ = [
    "Body",
    "Cadence",
    "Commitment",
    "EvidenceKind",
    "Exercise",
    "Hotline",
    "Obligation",
    "Principle",
    "Reservation",
    "Secretariat",
    "Withdrawal",
]


class Cadence(enum.Enum):
    """How often."""

    YEARLY = "yearly"
    ONCE = "once"
    STANDING = "standing"
    WHEN_TRIGGERED = "when-triggered"
    UNSPECIFIED = "unspecified"


class EvidenceKind(enum.Enum):
    """What a public fact is a fact of."""

    MEETING = "meeting"
    EXERCISE = "exercise"
    CALL = "call"
    STATEMENT = "statement"
    MECHANISM = "mechanism"
    SIGNATURE = "signature"
    EVENT = "event"


class Obligation(enum.Enum):
    """What an alliance obliges to, as alliance science codes it (ATOP): not one of them excludes another."""

    DEFENCE = "defence"
    OFFENCE = "offence"
    NEUTRALITY = "neutrality"
    NON_AGGRESSION = "non-aggression"
    CONSULTATION = "consultation"


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A standing circle of office holders, named by office."""

    id: Id
    title: Words


class Commitment(SourcedRule, frozen=True, kw_only=True):
    """One promise of all parties, carried by bodies."""

    title: Words
    bodies: Annotated[tuple[Id, ...], Meta(max_length=32)] = ()
    who: Text
    cadence: Cadence
    due_on: dt.date | None = None
    """For `once`: the last day promised, where one was."""
    evidence: Annotated[tuple[EvidenceKind, ...], Meta(min_length=1, max_length=8)]
    reserved: Note = ""
    obliges: Annotated[tuple[Obligation, ...], Meta(max_length=5)] = ()
    """What it obliges the parties to as allies. None said: nothing but to consult, where the pact has that duty."""


class Principle(SourcedRule, frozen=True, kw_only=True):
    """A heading of the declared principles: no duty follows from it."""


class Reservation(SourcedRule, frozen=True, kw_only=True):
    """What the parties keep to themselves. `applies_to` names the clause that it limits."""

    applies_to: ClauseId


class Hotline(SourcedRule, frozen=True, kw_only=True):
    """A reserved channel with known ends, and its rules."""

    title: Words
    parties: PartyIds
    media: Refs
    bodies: Refs
    commitment: ClauseId
    rules: Annotated[tuple[Rule, ...], Meta(max_length=64)] = msgspec.field(name="rule", default=())


class Exercise(SourcedRule, frozen=True, kw_only=True):
    """A named exercise of the programme."""

    title: Words
    commitment: ClauseId
    domains: Refs


class Secretariat(SourcedRule, frozen=True, kw_only=True):
    """The rotating secretariat: who leads next follows from order and term."""

    title: Words
    body: Id
    board: Id
    since: dt.date
    order: Annotated[tuple[PartyId, ...], Meta(min_length=1, max_length=256)]
    term_months: Annotated[int, Meta(ge=1, le=600)]


class Withdrawal(SourcedRule, frozen=True, kw_only=True):
    """How a party leaves: how many days before it does it gives notice."""

    notice_days: Annotated[int, Meta(ge=0, le=3660)] | Unspecified
