"""What a deployment adds to the pact so that a program can run it: clocks, windows, roles.

Every clause id begins with `policy.`; a screen that shows a verdict resting on one says so. Every value has its unit
in its key. Nothing here binds anyone beyond the parties' acceptance of this file.
"""

import enum
from typing import Annotated

import msgspec
from msgspec import Meta

from comity.pact.terms import Duration, Refs, Rule

__all__ = ["Policy", "YearlyMeans"]

Count = Annotated[int, Meta(ge=1, le=10_000)]
Skew = Annotated[int, Meta(ge=0, le=24 * 60 * 60 * 1000)]


class YearlyMeans(enum.Enum):
    """How "yearly" is counted."""

    CALENDAR_YEAR = "calendar-year"
    """Once in each calendar year, ended when it has ended for every party."""
    ANNIVERSARY_YEAR = "anniversary-year"
    """Once in each year counted from the day of adoption."""


class Acknowledge(Rule, frozen=True, kw_only=True):
    """An officer in one of `roles` acknowledges a call."""

    within_ms: Duration
    roles: Refs


class Position(Rule, frozen=True, kw_only=True):
    """Each party states a position (or that it has no instructions) after a call."""

    within_ms: Duration


class Receipt(Rule, frozen=True, kw_only=True):
    """An idle reader signs the heads that it has seen."""

    within_ms: Duration


class Silence(Rule, frozen=True, kw_only=True):
    """The silence procedure (DESIGN section 5)."""

    window_ms_min: Duration
    skew_ms_max: Skew
    kept_by_machine: bool
    """True = the node may sign that silence was kept, if its four conditions hold; else an officer must."""
    hold_permitted: bool


class LineTest(Rule, frozen=True, kw_only=True):
    """Every line is tested on a schedule; one miss is unknown, `miss_count_finding` in a row are a finding."""

    interval_ms: Duration
    answer_within_ms: Duration
    person_within_ms: Duration
    miss_count_finding: Count


class Yearly(Rule, frozen=True, kw_only=True):
    """What "yearly" means, and whether the year of adoption is already owed."""

    means: YearlyMeans
    adoption_year_owed: bool


class Procedural(Rule, frozen=True, kw_only=True):
    """Enums, ids and instants go to every party, so that fail-closed never stops a consultation."""

    permitted: bool


class Release(Rule, frozen=True, kw_only=True):
    """The funnel's own rules (docs/spec/release.md): cited where no agreement speaks. What is unknown means no."""


class Consent(Rule, frozen=True, kw_only=True):
    """How long a detached consent to pass an item on is good for, unless it says less."""

    valid_ms_max: Duration


class Lapse(Rule, frozen=True, kw_only=True):
    """A consultation that nobody concludes is shown as lapsed after this."""

    after_ms: Duration


class Withdrawal(Rule, frozen=True, kw_only=True):
    """How long before it leaves a party gives notice, where the pact's own text does not say."""

    notice_ms: Duration


class Spillage(Rule, frozen=True, kw_only=True):
    """By when a holder tells the originator of a loss that it noticed, and what came of looking into it."""

    report_within_ms: Duration
    result_within_ms: Duration


class Meetings(Rule, frozen=True, kw_only=True):
    """How long after a year has ended each party may still state the meeting that the pact promises for it (P85)."""

    state_within_ms: Duration


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """All policy clauses. A deployment fills in each: there is no hidden default.

    `withdrawal` came later and may be missing: then a party that leaves names the end itself. So may `spillage`: then
    a loss is told without a clock. And `meetings`: then nobody owes a word on a meeting; only the account speaks of it.
    """

    acknowledge: Acknowledge
    position: Position
    receipt: Receipt
    silence: Silence
    line_test: LineTest
    yearly: Yearly
    procedural: Procedural
    release: Release
    consent: Consent
    lapse: Lapse
    withdrawal: Withdrawal | None = None
    spillage: Spillage | None = None
    meetings: Meetings | None = None
