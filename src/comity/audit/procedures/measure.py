"""Measures and national actions: which terms stand, who answered them, how far they are (P25)."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comity.audit.procedures.correction import correct
from comity.audit.procedures.forms_act import (
    MeasureAccepted,
    MeasureAmended,
    MeasureDeclined,
    MeasureDelivered,
    MeasureOffered,
    MeasureStarted,
    MeasureWithdrawn,
    NationalActionEnded,
    NationalActionStated,
    Terms,
)
from comity.audit.procedures.said import Said
from comity.audit.procedures.scope import Scope
from comity.audit.procedures.text import order_own
from comity.base.names import Party

__all__ = ["ActionState", "MeasureShown", "MeasureState", "judge_action", "judge_measure"]


class MeasureShown(enum.Enum):
    """P25."""

    AWAITING = "awaiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNDER_WAY = "under-way"
    DELIVERED = "delivered"
    WITHDRAWN = "withdrawn"


_PROGRESS = {
    MeasureStarted: MeasureShown.UNDER_WAY,
    MeasureDelivered: MeasureShown.DELIVERED,
    MeasureWithdrawn: MeasureShown.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class MeasureState:
    """`stated` is the entry that states the terms in force; `answers` are to these terms."""

    scope: Scope
    offer: Said | None
    stated: Said | None
    terms: Terms | None
    answers: Mapping[Party, Said | None]
    shown: MeasureShown


@dataclass(frozen=True, slots=True)
class ActionState:
    """A national action: stated and ended by its author alone."""

    scope: Scope
    stated: Said | None
    is_withdrawn: bool
    ended: Said | None


def judge_measure(scope: Scope, statements: Sequence[Said]) -> MeasureState:
    """Judge a measure from all statements about it."""
    good = order_own([said for said in statements if said.is_good])
    offer = next((said for said in statements if said.id == scope.ref), None)
    if offer is None or not isinstance(offer.entry, MeasureOffered):
        return MeasureState(scope, None, None, None, {}, MeasureShown.AWAITING)
    stated, terms, progress = offer, offer.entry.terms, None
    for said in good.get(offer.author, ()):
        if isinstance(said.entry, MeasureAmended):
            stated, terms = said, said.entry.terms
        progress = _PROGRESS.get(type(said.entry), progress)
    answers = {
        party: _find_answer(good.get(party, ()), stated.id)
        for party in offer.entry.coordinated_with
        if party != offer.author
    }
    return MeasureState(scope, offer, stated, terms, answers, progress or _weigh(answers))


def _find_answer(own: Sequence[Said], terms: bytes) -> Said | None:
    found = [said for said in own if isinstance(said.entry, MeasureAccepted | MeasureDeclined)]
    return next((said for said in reversed(found) if said.entry.terms == terms), None)  # type: ignore[attr-defined]


def _weigh(answers: Mapping[Party, Said | None]) -> MeasureShown:
    entries = [None if said is None else said.entry for said in answers.values()]
    if any(isinstance(entry, MeasureDeclined) for entry in entries):
        return MeasureShown.DECLINED
    if all(isinstance(entry, MeasureAccepted) for entry in entries):
        return MeasureShown.ACCEPTED
    return MeasureShown.OFFERED


def judge_action(scope: Scope, statements: Sequence[Said]) -> ActionState:
    """Judge a national action from all statements about it."""
    current = correct(statements)
    for rows, is_withdrawn in ((current.statements, False), (current.withdrawn, True)):
        for said in rows:
            if said.id == scope.ref and isinstance(said.entry, NationalActionStated):
                own = order_own([one for one in current.statements if one.is_good]).get(said.author, [])
                ended = next((one for one in own if isinstance(one.entry, NationalActionEnded)), None)
                return ActionState(scope, said, is_withdrawn, ended)
    return ActionState(scope, None, is_withdrawn=False, ended=None)
