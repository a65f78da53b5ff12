"""A consultation: the call, each party's cells, positions, receipts and phase (P8 to P12)."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comity.audit.procedures.correction import Current, correct
from comity.audit.procedures.forms_call import (
    Acknowledged,
    AcknowledgementWithdrawn,
    CallDeclined,
    ConclusionStated,
    ConsultationCalled,
    ConsultationConvened,
    InstructionsAwaited,
    PositionStated,
)
from comity.audit.procedures.said import Knowing, Said
from comity.audit.procedures.scope import Scope
from comity.audit.procedures.text import order_own
from comity.base.names import Audience, Party
from comity.pact.policy import Policy

__all__ = ["CallCell", "ConsultationState", "Phase", "Receipt", "find_delivered", "judge_consultation"]


class Phase(enum.Enum):
    """P12."""

    AWAITING = "awaiting"
    CALLED = "called"
    CONVENED = "convened"
    CONCLUDED = "concluded"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class Receipt(enum.Enum):
    """P10. `unreachable` is not here: no record says what could be reached."""

    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    LATE = "late"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class CallCell:
    """What one party said for itself (P8, P11). `positions` go by subject."""

    acknowledged: Said | None
    declined: Said | None
    concluded: Said | None
    positions: Mapping[bytes, Said]
    first_position: Said | None
    awaiting: Mapping[bytes, Said]
    """P82, by subject."""


@dataclass(frozen=True, slots=True)
class ConsultationState:
    """Everything that the record says of one consultation. `call` is as it reads now."""

    scope: Scope
    call: Said | None
    is_withdrawn: bool
    cells: Mapping[Party, CallCell]
    convened: tuple[Said, ...]
    delivered_to: frozenset[Party]
    spoken_at: int

    def find_phase(self, policy: Policy, *, as_of: int) -> Phase:
        """Return the phase at an instant (P12)."""
        if self.call is None:
            return Phase.AWAITING
        if self.is_withdrawn:
            return Phase.WITHDRAWN
        if all(cell.concluded for cell in self.cells.values()):
            return Phase.CONCLUDED
        if as_of > self.spoken_at + policy.lapse.after_ms:
            return Phase.LAPSED
        return Phase.CONVENED if self.convened else Phase.CALLED

    def find_receipt(self, party: Party, policy: Policy, *, as_of: int) -> Receipt:
        """Return a party's receipt state at an instant (P10)."""
        if self.cells[party].acknowledged is not None:
            return Receipt.ACKNOWLEDGED
        if self.call is None or party not in self.delivered_to:
            return Receipt.UNKNOWN
        is_due = as_of > self.call.at + policy.acknowledge.within_ms
        owes = party != self.call.author and self.cells[party].declined is None
        return Receipt.LATE if is_due and owes else Receipt.DELIVERED


def judge_consultation(
    scope: Scope, statements: Sequence[Said], *, policy: Policy, knowing: Knowing
) -> ConsultationState:
    """Judge a consultation from all statements about it, of whatever standing."""
    current = correct(statements)
    call, is_withdrawn = _find_call(scope, current)
    good = order_own([said for said in current.statements if said.is_good])
    roles = frozenset(policy.acknowledge.roles)
    return ConsultationState(
        scope=scope,
        call=call,
        is_withdrawn=is_withdrawn,
        cells={party: _read_cell(good.get(party, ()), roles) for party in scope.audience},
        convened=tuple(said for said in current.statements if isinstance(said.entry, ConsultationConvened)),
        delivered_to=find_delivered(call, scope.audience, current.statements, knowing),
        spoken_at=max((said.at for own in good.values() for said in own), default=0),
    )


def find_delivered(
    said: Said | None, audience: Audience, statements: Sequence[Said], knowing: Knowing
) -> frozenset[Party]:
    """Return the parties to whom a statement was delivered (P9): by their heads, or by what they said of the object."""
    if said is None:
        return frozenset()
    by_word = {one.author for one in statements if one.author != said.author and knowing.knows(one, said)}
    return frozenset(party for party in audience if party in by_word or knowing.is_confirmed(said, party))


def _find_call(scope: Scope, current: Current) -> tuple[Said | None, bool]:
    for rows, is_withdrawn in ((current.statements, False), (current.withdrawn, True)):
        for said in rows:
            if said.id == scope.ref and isinstance(said.entry, ConsultationCalled):
                return said, is_withdrawn
    return None, False


def _read_cell(own: Sequence[Said], roles: frozenset[str]) -> CallCell:
    acknowledged: dict[bytes, Said] = {}
    declined: Said | None = None
    concluded: Said | None = None
    positions: dict[bytes, Said] = {}
    first_position: Said | None = None
    awaiting: dict[bytes, Said] = {}
    for said in own:
        match said.entry:
            case Acknowledged(role=role) if role in roles:
                acknowledged[said.id] = said
            case AcknowledgementWithdrawn(acknowledgement=id_):
                acknowledged.pop(id_, None)
            case CallDeclined():
                declined = said
            case ConclusionStated():
                concluded = concluded or said
            case PositionStated(subject=subject):
                positions[subject] = said
                first_position = first_position or said
                if said.entry.position != "no-instructions":
                    awaiting.pop(subject, None)
            case InstructionsAwaited(subject=subject):
                awaiting[subject] = said
            case _:
                pass
    first = next(iter(acknowledged.values()), None)
    return CallCell(first, declined, concluded, positions, first_position, awaiting)
