"""A scenario as a value: the rows of its file, with their bounds (docs/spec/rehearsal.md, R61 to R64).

Rules
- Whole numbers only: milliseconds, and chances in percent. What is drawn is drawn from these and from the run's seed.
- Rows of a kind are asked in the order of the file; the first that fits counts. One must fit everybody: of an
  act at any hour, of habits the last.
- A scenario names parties and topics by their ids and says nothing of the pact, so that one history can be laid before
  several pacts.
"""

import enum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from comity.pact.terms import Id, Note, PartyId, Text, Words
from comity.procedure.threat import ThreatKind

__all__ = [
    "Act",
    "Adversary",
    "AdversaryState",
    "Change",
    "Delivery",
    "Event",
    "Failure",
    "FailureOf",
    "Habit",
    "Identity",
    "Information",
    "Pace",
    "Scenario",
    "Table",
    "TableRow",
    "Trigger",
]

ROW_COUNT_MAX: Final = 500
DAY_COUNT_MAX: Final = 3660
OCCURRENCE_COUNT_MAX: Final = 20_000

Percent = Annotated[int, Meta(ge=0, le=100)]
Span = Annotated[int, Meta(ge=0, le=366 * 24 * 60 * 60 * 1000)]
Spread = Annotated[int, Meta(ge=0, le=300)]
"""Hundredths of the standard deviation of the logarithm: 0 is no spread, 100 is a factor of 2.7 either way."""
Hour = Annotated[int, Meta(ge=0, le=24)]
_ROWS: Final = Meta(max_length=ROW_COUNT_MAX)
_SOME_ROWS: Final = Meta(min_length=1, max_length=ROW_COUNT_MAX)
Names = Annotated[tuple[PartyId, ...], Meta(max_length=256)]


class Act(enum.Enum):
    """What somebody takes a while to do."""

    CALL = "call"
    ACKNOWLEDGE = "acknowledge"
    CONVENE = "convene"
    POSITION = "position"
    INSTRUCTIONS = "instructions"
    DRAFT = "draft"
    REVIEW = "review"
    SETTLE = "settle"
    OFFER = "offer"
    ACCEPT = "accept"
    CONCLUDE = "conclude"
    LINE = "line"


class Table(enum.Enum):
    """A table of what really happened."""

    LAUNCHES = "launches"
    PROVOCATIONS = "provocations"


class Trigger(enum.Enum):
    """What an adversary answers to."""

    CALLED = "called"
    CONVENED = "convened"
    AGREED = "agreed"
    BROKEN = "broken"
    MATCHED = "matched"
    TIME = "time"


class FailureOf(enum.Enum):
    """What breaks: all that a party sends to another and the reverse, or a party's machine."""

    LINK = "link"
    MACHINE = "machine"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What the scenario is, how long it lasts, and how much may happen in it at most (R64)."""

    format: Annotated[int, Meta(ge=1, le=1)]
    id: Id
    title: Words
    about: Note = ""
    days: Annotated[int, Meta(ge=1, le=DAY_COUNT_MAX)]
    occurrence_count_max: Annotated[int, Meta(ge=1, le=OCCURRENCE_COUNT_MAX)] = 1000
    line_test_every_ms: Span = 0
    """How often lines are tested in it; 0: as often as the pact says."""


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """What all occurrences have: of which kind and topic, for whom, and how likely it leads to a call."""

    kind: ThreatKind
    topic: Id
    threatened: Names = ()
    """None named: one party is drawn."""
    is_attack: bool = False
    """An armed attack: where the pact obliges to defend, everybody owes help (R68)."""
    call_percent: Percent = 100


class Event(Happening, frozen=True, kw_only=True):
    """What happens at an instant of the scenario, once or every so often."""

    id: Id
    after_ms: Span
    every_ms: Span = 0
    """0: once."""


class TableRow(Happening, frozen=True, kw_only=True):
    """What a line of a real table becomes; `matches` are values of its type, none: any."""

    table: Table
    matches: Annotated[tuple[Text, ...], _ROWS] = ()


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How long somebody takes: a median and a spread, by party and local hour, with the role that does it."""

    act: Act
    party: PartyId | None = None
    role: Id | None = None
    from_hour: Hour = 0
    until_hour: Hour = 24
    """Hours of the party's own clock, the last one excluded; from 22 until 6 is the night."""
    median_ms: Span
    spread_percent: Spread = 0


class Habit(msgspec.Struct, frozen=True, kw_only=True):
    """What a party's people tend to do; each chance is of one case."""

    party: PartyId | None = None
    decline_percent: Percent = 0
    no_instructions_percent: Percent = 0
    reserve_percent: Percent = 0
    object_percent: Percent = 0
    hold_percent: Percent = 0
    break_percent: Percent = 0
    hold_break_percent: Percent = 0
    """That a hold ends in a break."""
    offer_percent: Percent = 0
    assist_percent: Percent = 0
    """That it offers help where the pact obliges it to."""
    accept_percent: Percent = 100
    consent_percent: Percent = 100
    """That it consents to an item being passed on."""
    conclude_percent: Percent = 100
    answer_line_percent: Percent = 100
    heed_percent: Percent = 0
    """That somebody who would come too late for a clock of the pact does it just in time."""


class Information(msgspec.Struct, frozen=True, kw_only=True):
    """What a party holds on an occurrence and would give to all others: its level there, and how often it has it."""

    id: Id
    giver: PartyId
    level: Id
    topic: Id | None = None
    """None: only that of the occurrence; else only occurrences of this topic."""
    percent: Percent = 100


class Drafting(msgspec.Struct, frozen=True, kw_only=True):
    """How texts are made: what is added to the shortest window for silence, and how many versions are tried."""

    margin_ms: Span = 300_000
    version_count_max: Annotated[int, Meta(ge=0, le=20)] = 3
    """0: no text is drafted."""


class Change(Happening, frozen=True, kw_only=True):
    """What an adversary does in a state when something comes about: where it goes, and what happens then."""

    on: Trigger
    percent: Percent
    to: Id
    is_quiet: bool = False
    """It changes its state, and nothing happens."""
    median_ms: Span
    spread_percent: Spread = 0


class AdversaryState(msgspec.Struct, frozen=True, kw_only=True):
    """One state, and the ways out of it, asked in order."""

    id: Id
    changes: Annotated[tuple[Change, ...], _ROWS] = msgspec.field(name="change", default=())


class Adversary(msgspec.Struct, frozen=True, kw_only=True):
    """A small state machine that answers what the parties do."""

    initial: Id
    states: Annotated[tuple[AdversaryState, ...], _SOME_ROWS] = msgspec.field(name="state")


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """How long a page takes to a reader while nothing is broken."""

    median_ms: Span = 200
    spread_percent: Spread = 50


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What breaks how often, and for how long. Without parties each of its kind breaks by itself."""

    of: FailureOf
    parties: Names = ()
    gap_ms: Annotated[int, Meta(ge=60_000, le=10 * 366 * 24 * 60 * 60 * 1000)]
    """From one failure to the next, on average."""
    median_ms: Span
    spread_percent: Spread = 0


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a run draws from."""

    identity: Identity = msgspec.field(name="scenario")
    events: Annotated[tuple[Event, ...], _ROWS] = msgspec.field(name="event", default=())
    tables: Annotated[tuple[TableRow, ...], _ROWS] = msgspec.field(name="catalogue", default=())
    paces: Annotated[tuple[Pace, ...], _SOME_ROWS] = msgspec.field(name="pace")
    habits: Annotated[tuple[Habit, ...], _SOME_ROWS] = msgspec.field(name="habit")
    information: Annotated[tuple[Information, ...], _ROWS] = ()
    drafting: Drafting = Drafting()
    adversary: Adversary | None = None
    delivery: Delivery = Delivery()
    failures: Annotated[tuple[Failure, ...], _ROWS] = msgspec.field(name="failure", default=())
