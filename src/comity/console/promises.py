"""What the pact promises to meet: whose word the signed record has for which year, and when the last meeting was.

Nothing is decided here: duties are judged as everywhere else (P85 to P88). One clock has one row, with every party that
owes by it, so that six commitments of three parties are six rows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from comity.api.meetings import MeetingsView, PromisedView
from comity.base.instants import DAY_MS, Instant
from comity.base.names import Party
from comity.machine.machine import Machine
from comity.pact.commitment import Cadence, Commitment, EvidenceKind
from comity.pact.duty import DutyKind
from comity.procedure.duty import Duty, DutyVerdict

__all__ = ["NEAR_MS", "OwedMeeting", "Promise", "PromisedYear", "group_owed", "list_promises"]

NEAR_MS: Final = 62 * DAY_MS
"""How long before it is due a word on a meeting is shown among the clocks that run."""


@dataclass(frozen=True, slots=True)
class OwedMeeting:
    """Whose word on the meeting of one commitment and year stands alike."""

    clause: str
    policy: str
    due_at: Instant
    verdict: DutyVerdict
    parties: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class PromisedWord:
    """What there is of one party for one year."""

    party: Party
    verdict: DutyVerdict
    is_late: bool


@dataclass(frozen=True, slots=True)
class PromisedYear:
    """One year of a commitment: by when it is to be stated, and what there is of each party."""

    due_at: Instant
    cells: tuple[PromisedWord, ...]

    @property
    def is_overdue(self) -> bool:
        """Whether somebody is."""
        return any(cell.verdict is DutyVerdict.OVERDUE for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Promise:
    """One commitment to meet; `years` is empty where the record owes none."""

    commitment: Commitment
    last_at: int
    years: tuple[PromisedYear, ...]


def group_owed(duties: Iterable[Duty], verdict: DutyVerdict, *, until: int | None = None) -> tuple[OwedMeeting, ...]:
    """Return the meetings owed that stand so, with all parties by commitment and clock; those due first come first."""
    rows: dict[tuple[Instant, str, str], list[Party]] = {}
    for duty in duties:
        is_near = until is None or duty.due_at <= until
        if duty.kind is DutyKind.MEETING and duty.verdict is verdict and is_near:
            rows.setdefault((duty.due_at, duty.clause, duty.policy or ""), []).append(duty.party)
    return tuple(
        OwedMeeting(clause, policy, due_at, verdict, tuple(rows[due_at, clause, policy]))
        for due_at, clause, policy in sorted(rows)
    )


def list_promises(machine: Machine, shown: MeetingsView) -> Iterator[Promise]:
    """Yield the commitments that a meeting meets, in the pact's order, with what the record has for them."""
    by_id = {row.id: row for row in machine.pact.commitments}
    for view in shown.commitments:
        commitment = by_id[view.commitment]
        assert EvidenceKind.MEETING in commitment.evidence, "the view lists no other"
        if commitment.cadence is Cadence.WHEN_TRIGGERED:
            continue
        clocks = sorted({cell.due_at for cell in view.owed})
        years = tuple(PromisedYear(Instant(due_at), tuple(_list_words(view, due_at))) for due_at in clocks)
        yield Promise(commitment, view.last_confirmed_at, years)


def _list_words(view: PromisedView, due_at: int) -> Iterator[PromisedWord]:
    for cell in view.owed:
        if cell.due_at == due_at:
            yield PromisedWord(cell.party, DutyVerdict(cell.verdict), cell.is_late)
