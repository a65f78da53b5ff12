"""Where a text stands at an instant, and what a node may sign about it.

A deadline that passes changes this view and nothing else. A party cut off at S makes it *unconfirmed*, never *agreed*.
"""

import enum
from dataclasses import dataclass

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.procedure.adoption import Adoption, Round, TextState
from comity.procedure.policy import Policy
from comity.procedure.silence import Consent, KeepRefusal, find_keep_refusal
from comity.procedure.stated import is_known_to
from comity.procedure.text import SilenceBroken, SilenceHeld, SilenceKept, TextAdoptionSeen

__all__ = [
    "ClockDoubt",
    "TextStatus",
    "TextView",
    "find_clock_doubts",
    "find_refusal_to_keep",
    "find_unwitnessed",
    "judge_text",
    "may_keep_silence",
]


class TextStatus(enum.StrEnum):
    """Where the round on the table stands."""

    AWAITING = "awaiting"
    """Statements about it are here, the text is not yet."""
    DRAFT = "draft"
    """No silence runs; officers may agree."""
    RUNNING = "running"
    CLOSING = "closing"
    """S-time is past, the skew that the pact allows is not."""
    UNCONFIRMED = "unconfirmed"
    BROKEN = "broken"
    SUPERSEDED = "superseded"
    """Its penholder moved on, and nothing new is on the table: the text was withdrawn."""
    ADOPTED = "adopted"


@dataclass(frozen=True, slots=True)
class TextView:
    """`missing` have neither consented nor broken; `broken_by` include whose hold has run out."""

    status: TextStatus
    version: Digest | None
    until_at: Instant | None
    missing: tuple[Party, ...]
    broken_by: tuple[Party, ...]
    adoption: Adoption | None
    clause: str


@dataclass(frozen=True, slots=True)
class ClockDoubt:
    """By `witness`'s clock `party` stated silence kept `early_ms` before S-time or more: one of the clocks is wrong."""

    party: Party
    witness: Party
    early_ms: int


def judge_text(state: TextState, policy: Policy, *, as_of: Instant) -> TextView:
    """Say where the round on the table stands at `as_of`, and which adoption is the latest."""
    adoption = state.adoptions[-1] if state.adoptions else None
    now = state.current
    if state.opened is None or now is None:
        status = TextStatus.AWAITING if state.opened is None else TextStatus.DRAFT
        status = status if adoption is None else TextStatus.ADOPTED
        return TextView(status, None, None, (), (), adoption, policy.silence_clause)
    until_at = now.opening.until_at
    broken_by = tuple(cell.party for cell in now.cells if _is_broken(now, cell.party, policy, as_of))
    status = _judge_round(now, policy, as_of, broken_by=broken_by, adoption=adoption)
    missing = [cell.party for cell in now.cells if cell.outcome is None and cell.party not in broken_by]
    return TextView(
        status=status,
        version=now.opening.version,
        until_at=until_at,
        missing=() if status is TextStatus.ADOPTED else tuple(missing),
        broken_by=broken_by,
        adoption=adoption,
        clause=policy.silence_clause,
    )


def find_under_silence(state: TextState) -> TextState | None:
    """Return a text whose round on the table has an S-time and is not settled yet: the only ones of which silence runs.

    What is adopted, broken by an objection, or left behind by the pen is so until another statement, at any hour.
    """
    now = state.current
    if state.opened is None or now is None or now.opening.until_at is None:
        return None
    adoption = state.adoptions[-1] if state.adoptions else None
    if adoption is not None and (adoption.version, adoption.until_at) == (now.opening.version, now.opening.until_at):
        return None
    outcomes = {cell.outcome for cell in now.cells}
    return None if outcomes & {Consent.MOVED_ON, Consent.BROKEN, Consent.HELD_OVER} else state


def _is_broken(round_: Round, party: Party, policy: Policy, as_of: Instant) -> bool:
    cell, until_at = round_.cell(party), round_.opening.until_at
    if cell.outcome is None and cell.held_by is not None and until_at is not None:
        return policy.silence_hold_permitted and as_of > until_at
    return cell.outcome in (Consent.BROKEN, Consent.HELD_OVER)


def _judge_round(
    round_: Round, policy: Policy, as_of: Instant, *, broken_by: tuple[Party, ...], adoption: Adoption | None
) -> TextStatus:
    opening = round_.opening
    if adoption is not None and (adoption.version, adoption.until_at) == (opening.version, opening.until_at):
        return TextStatus.ADOPTED
    if any(cell.outcome is Consent.MOVED_ON for cell in round_.cells):
        return TextStatus.SUPERSEDED
    if broken_by:
        return TextStatus.BROKEN
    if opening.until_at is None:
        return TextStatus.DRAFT
    if as_of < opening.until_at:
        return TextStatus.RUNNING
    is_closing = as_of < opening.until_at + policy.silence_skew_ms_max
    return TextStatus.CLOSING if is_closing else TextStatus.UNCONFIRMED


def find_refusal_to_keep(
    state: TextState, policy: Policy, party: Party, *, now: Instant, up_since_at: Instant, clock_doubt_ms: int = 0
) -> KeepRefusal | None:
    """Return why `party`'s node must not sign that silence was kept in the current round, or None if it may.

    `up_since_at` is since when the node has run without a break; `clock_doubt_ms` how far its clock stands from what
    other parties' freshest pages say: more than the pact's skew, and an officer must sign instead. So it is where an
    objection is in doubt (P19).
    """
    current = state.current
    if current is None or party not in state.scope.audience:
        return KeepRefusal.NO_ROUND
    if clock_doubt_ms > policy.silence_skew_ms_max:
        return KeepRefusal.CLOCK_IN_DOUBT
    if _has_objection_in_doubt(state, current, party):
        return KeepRefusal.OBJECTION_IN_DOUBT
    cell = current.cell(party)
    return find_keep_refusal(cell, current.opening, policy, now=now, up_since_at=up_since_at, knows=True)


def _has_objection_in_doubt(state: TextState, current: Round, party: Party) -> bool:
    """Whether a break or a hold of the party no longer counts: its officer may have said it, or a thief."""
    return any(
        isinstance(row.entry, SilenceBroken | SilenceHeld)
        and (row.author, row.entry.version) == (party, current.opening.version)
        and not row.counts
        for row in state.statements
    )


def may_keep_silence(
    state: TextState, policy: Policy, party: Party, *, now: Instant, up_since_at: Instant, clock_doubt_ms: int = 0
) -> bool:
    """Tell whether `party`'s node may sign `SilenceKept` for the current round at `now` (DESIGN section 5)."""
    refusal = find_refusal_to_keep(
        state, policy, party, now=now, up_since_at=up_since_at, clock_doubt_ms=clock_doubt_ms
    )
    return refusal is None


def find_unwitnessed(state: TextState, party: Party) -> tuple[TextAdoptionSeen, ...]:
    """Return the statements that `party`'s node owes about adoptions that it sees and has not yet witnessed."""
    return tuple(
        TextAdoptionSeen(
            text=state.scope.ref, version=done.version, until_at=done.until_at or 0, consents=done.consents
        )
        for done in state.adoptions
        if party not in done.witnesses and not done.is_contested
    )


def find_clock_doubts(state: TextState) -> tuple[ClockDoubt, ...]:
    """Return where another party's page, dated before S-time, already knew of silence kept: findings, no verdicts."""
    doubts: dict[tuple[Party, Party], ClockDoubt] = {}
    for kept in state.statements:
        if not isinstance(kept.entry, SilenceKept):
            continue
        for row in state.statements:
            early_ms = kept.entry.until_at - row.written_at
            if row.author != kept.author and early_ms > 0 and is_known_to(kept, when_stating=row):
                held = doubts.get((kept.author, row.author))
                if held is None or held.early_ms < early_ms:
                    doubts[kept.author, row.author] = ClockDoubt(kept.author, row.author, early_ms)
    return tuple(doubts[pair] for pair in sorted(doubts))
