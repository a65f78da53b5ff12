"""One party's cell in one round: its own outcome, from its own good statements in its own order (P17 to P19)."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from comity.audit.procedures.forms_text import (
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
from comity.audit.procedures.said import Knowing, Said
from comity.audit.procedures.text import Round
from comity.pact.policy import Silence

__all__ = ["Cell", "Outcome", "find_cell"]


class Outcome(enum.Enum):
    """P18, in its order."""

    HELD_OVER = "held-over"
    MOVED_ON = "moved-on"
    BROKEN = "broken"
    AGREED = "agreed"
    KEPT = "kept"

    @property
    def is_consent(self) -> bool:
        """Kept and agreed are consent."""
        return self in (Outcome.AGREED, Outcome.KEPT)


_ANSWERS: Final = (Outcome.AGREED, Outcome.BROKEN, Outcome.HELD_OVER)
"""What is labelled late after S (P18): silence is kept after S by its nature."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One party's answer. `at` is the clock at which it counts as made (P17); late is a label (P18)."""

    outcome: Outcome | None
    said: Said | None = None
    at: int = 0
    is_late: bool = False
    holds: bool = False
    """A hold stands after all of its statements."""
    receipt_at: int | None = None


class _Reader:
    """Goes along one party's statements."""

    def __init__(self, round_: Round, policy: Silence, knowing: Knowing) -> None:
        self._round = round_
        self._policy = policy
        self._knowing = knowing
        self._at = 0
        self._has_pen = False
        self._holds = False
        self._receipt_at: int | None = None
        self.cell = Cell(None)

    def read(self, own: Sequence[Said]) -> Cell:
        first: tuple[Outcome, Said | None, int] | None = None
        for said in own:
            self._at = max(self._at, said.at)
            outcome = self._step(said)
            if first is None and outcome is not None:
                first = (outcome, None if outcome is Outcome.HELD_OVER else said, self._at)
        outcome, by, at = first or (None, None, 0)
        until = self._round.until_at
        is_late = outcome in _ANSWERS and until is not None and at > until
        return Cell(outcome, by, at, is_late, self._holds, self._receipt_at)

    def _step(self, said: Said) -> Outcome | None:
        entry, round_ = said.entry, self._round
        outcome: Outcome | None = None
        if self._holds and self._is_over():
            outcome = Outcome.HELD_OVER
        moved = self._moves_on(said)
        if isinstance(entry, TextReceived) and entry.version == round_.version:
            self._receive(said)
        elif isinstance(entry, SilenceHeld) and entry.version == round_.version:
            self._holds = True
        elif isinstance(entry, HoldLifted) and entry.version == round_.version:
            self._holds = False
        elif moved:
            outcome = outcome or Outcome.MOVED_ON
        elif isinstance(entry, SilenceBroken) and entry.version == round_.version:
            outcome = outcome or Outcome.BROKEN
        elif isinstance(entry, TextAgreed) and entry.version == round_.version:
            outcome = outcome or Outcome.AGREED
            self._holds = False
        elif isinstance(entry, SilenceKept) and self._is_kept(said, entry):
            outcome = outcome or Outcome.KEPT
        return outcome

    def _is_over(self) -> bool:
        """A hold stands and the clock has passed S (P18.1)."""
        until = self._round.until_at
        return self._policy.hold_permitted and until is not None and self._at > until

    def _moves_on(self, said: Said) -> bool:
        """P18.2, by the party's own statements."""
        entry, round_ = said.entry, self._round
        if isinstance(entry, TextOpened | PenTakenOver):
            self._has_pen = True
        elif isinstance(entry, PenHandedOver):
            self._has_pen = False
        if not self._has_pen:
            return False
        if isinstance(entry, TextVersionProposed):
            return entry.follows == (round_.version,)
        if isinstance(entry, SilenceExtended):
            return (entry.version, entry.from_at) == (round_.version, round_.until_at)
        return isinstance(entry, TextWithdrawn)

    def _receive(self, said: Said) -> None:
        """The first receipt to which the version is known, at the later of both clocks (P19)."""
        proposal = self._round.proposal
        if self._receipt_at is None and self._knowing.knows(said, proposal):
            self._receipt_at = max(self._at, proposal.at)

    def _is_kept(self, said: Said, entry: SilenceKept) -> bool:
        round_, policy = self._round, self._policy
        until = round_.until_at
        if until is None or (entry.version, entry.until_at) != (round_.version, until) or self._holds:
            return False
        latest = until - max(round_.notice_ms, policy.window_ms_min)
        return (
            policy.kept_by_machine
            and self._knowing.knows(said, round_.opener)
            and self._at >= until + policy.skew_ms_max
            and self._receipt_at is not None
            and self._receipt_at <= latest
            and entry.up_since_at <= latest
        )


def find_cell(round_: Round, own: Sequence[Said], policy: Silence, knowing: Knowing) -> Cell:
    """Return a party's cell in a round, from its good statements in the text in its own order."""
    return _Reader(round_, policy, knowing).read(own)
