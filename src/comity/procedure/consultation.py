"""Folds one consultation and judges it at an instant.

Rules (docs/spec/procedure.md, P6 to P12)
- `fold_consultation` depends on the set of statements only. `judge_consultation` adds time
  and links, and changes nothing.
- Each party's cell (answer, acknowledgement, conclusion) is made of its own statements alone.
- Concluded: every party of the audience has stated so. Lapsed is only shown: nobody spoke for the pact's period.
- Disputed and disowned statements neither acknowledge nor conclude.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.procedure.call import (
    Acknowledged,
    AcknowledgementWithdrawn,
    CallDeclined,
    ConclusionStated,
    ConsultationCalled,
    ConsultationConvened,
)
from comity.procedure.correction import Settled, find_settled, live
from comity.procedure.own import by_author
from comity.procedure.policy import Policy
from comity.procedure.position import AwaitedInstructions, HeldPosition, fold_awaited, fold_positions
from comity.procedure.receipt import NO_LINKS, Links, ReceiptState, is_delivered
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated

__all__ = [
    "ConsultationState",
    "ConsultationView",
    "PartyCell",
    "PartyView",
    "Phase",
    "fold_consultation",
    "judge_consultation",
]


class Phase(enum.StrEnum):
    """Where a consultation stands."""

    AWAITING = "awaiting"
    """Statements about it are here, the call is not yet."""
    WITHDRAWN = "withdrawn"
    CALLED = "called"
    CONVENED = "convened"
    CONCLUDED = "concluded"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class PartyCell:
    """What one party said for itself. `other_role` are acknowledgements in a role that the pact does not name."""

    party: Party
    acknowledgement: Stated | None
    other_role: tuple[Digest, ...]
    declined: Stated | None
    conclusion: Stated | None


@dataclass(frozen=True, slots=True)
class ConsultationState:
    """The fold. `called` is None while the call is not here; `spoken_at` is the latest clock in the scope."""

    scope: Scope
    called: Settled | None
    cells: tuple[PartyCell, ...]
    convened: tuple[Stated, ...]
    positions: tuple[HeldPosition, ...]
    spoken_at: Instant
    statements: tuple[Stated, ...]
    awaited: tuple[AwaitedInstructions, ...] = ()

    def cell(self, party: Party) -> PartyCell:
        """Return the cell of a party of the audience."""
        return next(cell for cell in self.cells if cell.party == party)

    @property
    def is_concluded(self) -> bool:
        """Whether every party has stated a conclusion."""
        return self.called is not None and all(cell.conclusion for cell in self.cells)


@dataclass(frozen=True, slots=True)
class PartyView:
    """One party's receipt at an instant. `acknowledged_late` labels an acknowledgement; it takes nothing from it."""

    party: Party
    receipt: ReceiptState
    acknowledged_late: bool
    declined: bool


@dataclass(frozen=True, slots=True)
class ConsultationView:
    """A consultation at an instant. `acknowledge_by_at` rests on the policy clause beside it."""

    phase: Phase
    acknowledge_by_at: Instant
    acknowledge_clause: str
    parties: tuple[PartyView, ...]


def fold_consultation(scope: Scope, statements: Iterable[Stated], policy: Policy) -> ConsultationState:
    """Fold the statements of one consultation's scope."""
    held = tuple(statements)
    rows = live(held)
    own = by_author(rows)
    return ConsultationState(
        scope=scope,
        called=find_settled(held, scope.ref),
        cells=tuple(_fold_cell(party, own.get(party, ()), policy) for party in scope.audience),
        convened=tuple(row for row in rows if isinstance(row.entry, ConsultationConvened)),
        positions=fold_positions(rows),
        spoken_at=Instant(max((row.written_at for row in rows if row.counts), default=0)),
        statements=rows,
        awaited=fold_awaited(rows),
    )


def _fold_cell(party: Party, own: tuple[Stated, ...], policy: Policy) -> PartyCell:
    acknowledgements: dict[Digest, Stated] = {}
    other_role: list[Digest] = []
    declined = conclusion = None
    for row in own:
        if not row.counts:
            continue
        match row.entry:
            case Acknowledged(role=role):
                if role in policy.acknowledge_roles:
                    acknowledgements[row.id] = row
                else:
                    other_role.append(row.id)
            case AcknowledgementWithdrawn(acknowledgement=id_):
                acknowledgements.pop(Digest(id_), None)
            case CallDeclined():
                declined = row
            case ConclusionStated():
                conclusion = conclusion or row
            case _:
                pass
    first = next(iter(acknowledgements.values()), None)
    return PartyCell(party, first, tuple(other_role), declined, conclusion)


def judge_consultation(
    state: ConsultationState, policy: Policy, *, as_of: Instant, links: Links = NO_LINKS
) -> ConsultationView:
    """Say where a consultation and each party's receipt of the call stand at `as_of`."""
    due_at = Instant(0)
    if state.called is not None:
        due_at = Instant(state.called.stated.written_at + policy.acknowledge_within_ms)
    return ConsultationView(
        phase=_judge_phase(state, policy, as_of),
        acknowledge_by_at=due_at,
        acknowledge_clause=policy.acknowledge_clause,
        parties=tuple(_judge_party(state, cell, due_at=due_at, as_of=as_of, links=links) for cell in state.cells),
    )


def _judge_phase(state: ConsultationState, policy: Policy, as_of: Instant) -> Phase:
    if state.called is None or not isinstance(state.called.stated.entry, ConsultationCalled):
        return Phase.AWAITING
    if state.called.withdrawn_by is not None:
        return Phase.WITHDRAWN
    if state.is_concluded:
        return Phase.CONCLUDED
    if as_of > state.spoken_at + policy.lapse_after_ms:
        return Phase.LAPSED
    return Phase.CONVENED if state.convened else Phase.CALLED


def _judge_party(
    state: ConsultationState, cell: PartyCell, *, due_at: Instant, as_of: Instant, links: Links
) -> PartyView:
    call = state.called.stated if state.called is not None else None
    acknowledged = cell.acknowledgement
    if acknowledged is not None:
        receipt = ReceiptState.ACKNOWLEDGED
    elif call is not None and is_delivered(call, cell.party, statements=state.statements, links=links):
        owes = cell.party != call.author and cell.declined is None
        receipt = ReceiptState.LATE if owes and as_of > due_at else ReceiptState.DELIVERED
    else:
        receipt = ReceiptState.UNREACHABLE if cell.party in links.unreachable else ReceiptState.UNKNOWN
    return PartyView(
        party=cell.party,
        receipt=receipt,
        acknowledged_late=acknowledged is not None and acknowledged.written_at > due_at,
        declined=cell.declined is not None,
    )
