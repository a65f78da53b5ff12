"""Leaving a pact: notice, and taking it back.

Rules (docs/spec/procedure.md, P38)
- Notice is given to all parties. Until it has ended, and after that until the others have said their part, the party
  is bound as any other.
- It ends at the instant that it names, but never before the notice period of the pact is over by its author's clock.
- A deadline that passes changes nothing by itself: what ends a membership is an amendment without the party, accepted
  by each of those who remain, at or after the end by its own clock (`force`). Nobody is put out without notice.
- Taking it back counts for everybody who had heard of that when it spoke.
"""

import enum
from collections.abc import Iterable
from typing import ClassVar, Final

from comity.base.instants import DAY_MS, NEVER, Instant
from comity.base.names import Party
from comity.pact.model import Pact
from comity.procedure.entry import Entry, EntryId, InstantField
from comity.procedure.stated import Stated, is_known_to

__all__ = ["ENTRIES", "WithdrawalNotified", "WithdrawalReason", "WithdrawalRevoked", "find_end", "find_notice_ms"]


class WithdrawalReason(enum.Enum):
    """Why a party leaves: a code, because free text has no place in a procedural statement."""

    NATIONAL_DECISION = "national-decision"
    PACT_SUPERSEDED = "pact-superseded"
    UNSTATED = "unstated"


class WithdrawalNotified(Entry, frozen=True):
    """The author leaves the pact at `ends_at`, or when the notice period is over, if that is later."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    reason: WithdrawalReason
    ends_at: InstantField


class WithdrawalRevoked(Entry, frozen=True):
    """The author takes back a notice of its own."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    notice: EntryId


ENTRIES: Final[tuple[type[Entry], ...]] = (WithdrawalNotified, WithdrawalRevoked)


def find_notice_ms(pact: Pact) -> int:
    """Return the notice period: the pact's own, else the deployment's policy, else none."""
    own = pact.withdrawal.notice_days if pact.withdrawal is not None else None
    if isinstance(own, int):
        return own * DAY_MS
    return pact.policy.withdrawal.notice_ms if pact.policy.withdrawal is not None else 0


def find_end(acts: Iterable[Stated], party: Party, pact: Pact, *, when_stating: Stated | None = None) -> Instant | None:
    """Return when the party's notice ends, or None where none stands.

    Args:
        acts: statements of this module, of any party and standing.
        party: who leaves.
        pact: the version that it leaves, whose parties notice is given to and whose period counts.
        when_stating: only what its author provably knew is taken into account; without, everything.
    """
    known = [
        act
        for act in acts
        if act.author == party
        and act.counts
        and act.audience == pact.audience
        and (when_stating is None or is_known_to(act, when_stating=when_stating))
    ]
    revoked = {act.entry.notice for act in known if isinstance(act.entry, WithdrawalRevoked)}
    ends = [
        max(act.entry.ends_at, act.written_at + find_notice_ms(pact))
        for act in known
        if isinstance(act.entry, WithdrawalNotified) and act.id not in revoked
    ]
    return Instant(max(min(ends), NEVER)) if ends else None
