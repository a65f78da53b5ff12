"""Whether a party's silence may be counted: one party's cell in one round of a text.

A *round* is a version with an S-time (or with none: then only officers agree). Rules (docs/spec, P16 to P20)
- A party's outcome is its own *first* of {kept, agreed, broken} along its own chain. What it says later is recorded:
  a break after its own consent is an objection. No statement of another party changes the cell.
- Along its own chain a party's clock never runs back: each statement counts as made at the latest clock before it,
  so backdating gains nothing.
- Silence kept by the node counts only if the pact opts in; it was stated at or after S plus the pact's skew; the node
  had stated the receipt the notice before S, and knew the version when it did; it was up since then; and no hold of
  its officers stands.
- A hold not lifted by S counts as a break, where the pact permits holds; where it does not, it only stops the node.
- Who holds the pen and puts another version in place of this one, moves its S-time or withdraws the text before it
  consents has *moved on*: its later consent to this round does not count. So a changed text restarts the clock by its
  penholder's own word, and no order of arrival can bring the old round back.
- "Late" is a label, not a verdict.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace

from comity.base.instants import NEVER, Instant
from comity.base.names import Digest, Party
from comity.procedure.policy import Policy
from comity.procedure.stated import Stated, is_known_to
from comity.procedure.text import (
    HoldLifted,
    PenHandedOver,
    PenTakenOver,
    SilenceBroken,
    SilenceExtended,
    SilenceHeld,
    SilenceKept,
    TextAgreed,
    TextOpened,
    TextReceived,
    TextVersionProposed,
    TextWithdrawn,
)

__all__ = ["Cell", "Consent", "KeepRefusal", "Opening", "find_keep_refusal", "fold_cell"]


class Consent(enum.StrEnum):
    """A party's outcome in a round."""

    KEPT = "kept"
    AGREED = "agreed"
    BROKEN = "broken"
    HELD_OVER = "held-over"
    """A hold that was not lifted by S: counts as broken."""
    MOVED_ON = "moved-on"
    """It changed, moved or withdrew the text itself: neither consent nor break."""

    @property
    def is_given(self) -> bool:
        """Whether it is consent."""
        return self in (Consent.KEPT, Consent.AGREED)


class KeepRefusal(enum.StrEnum):
    """Why a node's word that silence was kept does not count; an officer may still agree."""

    NOT_BY_MACHINE = "not-by-machine"
    TOO_EARLY = "too-early"
    NOT_RECEIVED = "not-received"
    RECEIVED_TOO_LATE = "received-too-late"
    NOT_UP = "not-up"
    HELD = "held"
    OBJECTION_IN_DOUBT = "objection-in-doubt"
    """A break or a hold of the party stands in a page that is disputed or disowned."""
    ROUND_NOT_KNOWN = "round-not-known"
    CLOCK_IN_DOUBT = "clock-in-doubt"
    ALREADY_SAID = "already-said"
    NO_ROUND = "no-round"


@dataclass(frozen=True, slots=True)
class Opening:
    """What opened a round: the version's statement and that of the silence. Without silence `until_at` is None."""

    version: Digest
    proposed: Stated
    asked: Stated | None
    until_at: Instant | None
    notice_ms: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One party in one round. `received_at` is the earliest receipt that counts; `held_by` a hold that stands."""

    party: Party
    received_at: Instant | None = None
    held_by: Digest | None = None
    outcome: Consent | None = None
    stated_by: Stated | None = None
    is_late: bool = False
    objections: tuple[Digest, ...] = ()
    refused: tuple[tuple[Digest, KeepRefusal], ...] = ()

    @property
    def has_consented(self) -> bool:
        """Whether its outcome is consent."""
        return self.outcome is not None and self.outcome.is_given


def fold_cell(party: Party, own: Iterable[Stated], opening: Opening, policy: Policy) -> Cell:
    """Fold one party's own statements, in its own order, into its cell of one round."""
    cell = Cell(party)
    clock = NEVER
    has_pen = False
    for row in own:
        clock = max(clock, row.written_at)
        has_pen = _has_pen(row, before=has_pen)
        if _is_held_over(cell, opening, policy, clock):
            cell = replace(cell, outcome=Consent.HELD_OVER, is_late=True)
        if has_pen and cell.outcome is None and _moves_on(row, opening):
            cell = replace(cell, outcome=Consent.MOVED_ON, stated_by=row)
        if getattr(row.entry, "version", None) == opening.version:
            cell = _take(cell, row, clock, opening, policy)
    return cell


def _is_held_over(cell: Cell, opening: Opening, policy: Policy, clock: Instant) -> bool:
    has_passed = opening.until_at is not None and clock > opening.until_at
    return has_passed and policy.silence_hold_permitted and cell.held_by is not None and cell.outcome is None


def _has_pen(row: Stated, *, before: bool) -> bool:
    """Whether the author holds the pen by its own chain alone; whether the other side signed too is judged in `pen`."""
    if isinstance(row.entry, PenHandedOver):
        return False
    return before or isinstance(row.entry, TextOpened | PenTakenOver)


def _moves_on(row: Stated, opening: Opening) -> bool:
    match row.entry:
        case TextVersionProposed(follows=follows):
            return opening.version in follows
        case SilenceExtended(version=version, from_at=from_at):
            return (version, from_at) == (opening.version, opening.until_at)
        case TextWithdrawn():
            return True
        case _:
            return False


def _take(cell: Cell, row: Stated, clock: Instant, opening: Opening, policy: Policy) -> Cell:
    """Take one own statement on the round's version into the cell."""
    match row.entry:
        case TextReceived():
            if cell.received_at is None and is_known_to(opening.proposed, when_stating=row):
                # Not before the text was there by its author's clock: a slow clock must not lengthen the notice.
                return replace(cell, received_at=max(clock, opening.proposed.written_at))
        case SilenceHeld():
            if cell.outcome is None:
                return replace(cell, held_by=row.id)
        case HoldLifted():
            return replace(cell, held_by=None)
        case SilenceBroken():
            if cell.outcome is None:
                return _decide(cell, Consent.BROKEN, row, clock, opening)
            if cell.has_consented:
                return replace(cell, objections=(*cell.objections, row.id))
        case TextAgreed():
            if cell.outcome is None:
                return _decide(replace(cell, held_by=None), Consent.AGREED, row, clock, opening)
        case SilenceKept(until_at=until_at, up_since_at=up_since_at) if until_at == opening.until_at:
            knows = opening.asked is not None and is_known_to(opening.asked, when_stating=row)
            refusal = find_keep_refusal(cell, opening, policy, now=clock, up_since_at=Instant(up_since_at), knows=knows)
            if refusal is None:
                return _decide(cell, Consent.KEPT, row, clock, opening)
            return replace(cell, refused=(*cell.refused, (row.id, refusal)))
        case _:
            pass
    return cell


def _decide(cell: Cell, outcome: Consent, row: Stated, clock: Instant, opening: Opening) -> Cell:
    is_late = outcome is not Consent.KEPT and opening.until_at is not None and clock > opening.until_at
    return replace(cell, outcome=outcome, stated_by=row, is_late=is_late)


def find_keep_refusal(
    cell: Cell, opening: Opening, policy: Policy, *, now: Instant, up_since_at: Instant, knows: bool
) -> KeepRefusal | None:
    """Return why silence kept, stated at `now`, would not count, or None. One rule for who signs and for who judges."""
    if opening.until_at is None:
        return KeepRefusal.NO_ROUND
    if not policy.silence_kept_by_machine:
        return KeepRefusal.NOT_BY_MACHINE
    if cell.outcome is not None:
        return KeepRefusal.ALREADY_SAID
    if not knows:
        return KeepRefusal.ROUND_NOT_KNOWN
    if now < opening.until_at + policy.silence_skew_ms_max:
        return KeepRefusal.TOO_EARLY
    if cell.held_by is not None:
        return KeepRefusal.HELD
    if cell.received_at is None:
        return KeepRefusal.NOT_RECEIVED
    notice_from_at = opening.until_at - max(opening.notice_ms, policy.silence_window_ms_min)
    if cell.received_at > notice_from_at:
        return KeepRefusal.RECEIVED_TOO_LATE
    return KeepRefusal.NOT_UP if up_since_at > notice_from_at else None
