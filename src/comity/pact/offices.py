"""Who may act for a party, and in which role: what a deployment adds so that a program can tell.

No text of the parties says it, so every clause id begins with `policy.`. A pact without the table `offices` asks for no
officer and judges none; with it, what no row permits nobody may do. Titles are the roles' names; people are named by
pseudonyms that their party chooses, and never here.
"""

import enum
from functools import cached_property
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from comity.base.limits import PACT_ROW_COUNT_MAX
from comity.pact.terms import Duration, Id, Refs, Rule, Words

__all__ = ["Act", "Delegation", "Deputy", "MayAct", "Offices", "Reading", "Role", "SpeakingLevel", "TwoPerson"]

OFFICER_COUNT_MAX: Final = 8
"""Officers whom one act may need or name."""


class Act(enum.Enum):
    """What an officer does; every type of statement that an officer may make is one of these."""

    REPORT = "report"
    """A threat is reported."""
    CALL = "call"
    """A consultation is called for."""
    ACKNOWLEDGE = "acknowledge"
    """A call, a message or a line test is answered for by a person; an acknowledgement is taken back."""
    CONVENE = "convene"
    POSITION = "position"
    """A position is stated or explained, or the call declined."""
    CONCLUDE = "conclude"
    DRAFT = "draft"
    """A text is opened, written, put under silence, extended, withdrawn; its pen is handed over."""
    AGREE = "agree"
    """A text binds the party: its officer agrees to it, or lifts the hold that kept silence from binding."""
    HOLD = "hold"
    """A text is kept from binding the party: silence is held or broken. Where no row names it, `agree` covers it."""
    MEASURE = "measure"
    """A measure or a national action, from its offer to its end."""
    MESSAGE = "message"
    RELEASE = "release"
    """An item is given or passed on, an earlier statement disclosed."""
    CONSENT = "consent"
    """Consent to a passing-on is asked for, given, refused, withdrawn."""
    RECALL = "recall"
    """An item is asked back, or the asking answered."""
    AGREEMENT = "agreement"
    """The state of an agreement is stated."""
    LEAVE = "leave"
    """Notice to leave the pact, and its revocation."""
    CORRECT = "correct"
    """A statement is withdrawn. A correction is the act of what it puts in place."""
    CEREMONY = "ceremony"
    """A key is replaced or the root succeeded: no statement, but an act with the party's keys."""
    ADMINISTER = "administer"
    """Officers, rosters and delegations are kept: no statement."""
    INSPECT = "inspect"
    """Who read which item is looked at: no statement."""


class SpeakingLevel(enum.Enum):
    """The level of government at which a call is made."""

    LEADERS = "leaders"
    MINISTERS = "ministers"
    ADVISERS = "advisers"
    SENIOR_OFFICIALS = "senior-officials"
    WORKING = "working"
    WATCH = "watch"


Acts = Annotated[tuple[Act, ...], Meta(min_length=1, max_length=PACT_ROW_COUNT_MAX)]
RankField = Annotated[int, Meta(ge=0, le=255)]


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """An office that somebody holds, named in the languages of the pact."""

    id: Id
    title: Words


class MayAct(Rule, frozen=True, kw_only=True):
    """Whoever is in one of `roles` may do each of `acts`."""

    acts: Acts
    roles: Refs


class TwoPerson(Rule, frozen=True, kw_only=True):
    """An act that one officer cannot do alone.

    `above_rank` narrows it to statements that carry a marking above that rank, `levels` to calls at these levels.
    Without either it holds for every act of the kind.
    """

    act: Act
    officers: Annotated[int, Meta(ge=2, le=OFFICER_COUNT_MAX)]
    above_rank: RankField | None = None
    levels: Annotated[tuple[SpeakingLevel, ...], Meta(max_length=8)] = ()


class Deputy(Rule, frozen=True, kw_only=True):
    """Who may stand in for `role`: one in a role of `by`, once nobody on duty has held it for `vacant_ms`."""

    role: Id
    by: Refs
    vacant_ms: Annotated[int, Meta(ge=0, le=3660 * 24 * 60 * 60 * 1000)]


class Delegation(Rule, frozen=True, kw_only=True):
    """The acts of a role that an officer may hand to another for a time, and for how long at most."""

    acts: Acts
    within_ms: Duration


class Reading(Rule, frozen=True, kw_only=True):
    """Opening what is marked above this rank is noted in the party's own journal, and told to nobody else."""

    above_rank: RankField


class Offices(Rule, frozen=True, kw_only=True, dict=True):
    """All of it. Its own id is cited where no row speaks."""

    roles: Annotated[tuple[Role, ...], Meta(min_length=1, max_length=256)] = msgspec.field(name="role")
    may: Annotated[tuple[MayAct, ...], Meta(max_length=PACT_ROW_COUNT_MAX)] = ()
    two_person: Annotated[tuple[TwoPerson, ...], Meta(max_length=256)] = ()
    deputies: Annotated[tuple[Deputy, ...], Meta(max_length=256)] = msgspec.field(name="deputy", default=())
    delegation: Delegation | None = None
    reading: Reading | None = None

    @cached_property
    def _is_hold_named(self) -> bool:
        rows = (*self.may, *(() if self.delegation is None else (self.delegation,)))
        return any(Act.HOLD in row.acts for row in rows) or any(rule.act is Act.HOLD for rule in self.two_person)

    def find_act(self, act: Act) -> Act:
        """Return the act under which this table speaks of an act: `hold` is `agree` where no row names it (P60)."""
        return Act.AGREE if act is Act.HOLD and not self._is_hold_named else act

    @cached_property
    def _by_act(self) -> dict[Act, tuple[str, frozenset[str]]]:
        """For each act the first clause that speaks of it, and every role that may do it."""
        found: dict[Act, tuple[str, frozenset[str]]] = {}
        for row in self.may:
            for act in row.acts:
                clause, roles = found.get(act, (row.id, frozenset()))
                found[act] = (clause, roles | frozenset(row.roles))
        return found

    def find_permitted(self, act: Act) -> tuple[str, frozenset[str]]:
        """Return the clause that says who may do an act, and the roles; where none speaks, nobody may."""
        return self._by_act.get(self.find_act(act), (self.id, frozenset()))

    def find_deputy_rules(self, role: str, *, by: str) -> tuple[Deputy, ...]:
        """Return the clauses by which one role may stand in for another."""
        return tuple(row for row in self.deputies if row.role == role and by in row.by)

    def find_role(self, id_: str) -> Role | None:
        """Return a role, or None."""
        return next((role for role in self.roles if role.id == id_), None)
