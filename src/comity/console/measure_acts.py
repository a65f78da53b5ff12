"""Acts on a measure or a national action: accept, decline, amend, say how far it is, take it back."""

from typing import Any, Final

from comity.api.desk import Desk
from comity.api.form import parse_id
from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.names import Audience
from comity.console.consultation import Talk, find_talk
from comity.console.fields import Fields
from comity.console.forms import Field, list_terms, read_one_of
from comity.console.measure_terms import make_terms_fields, read_terms
from comity.console.measures import Act as Done
from comity.console.measures import find_act
from comity.console.writing import Kind, Place, Speaker, Writing, make_reason
from comity.pact.offices import Act
from comity.procedure.measure import MeasureReason, MeasureStatus

__all__ = ["OF_MEASURE"]

_ENDED: Final = (MeasureStatus.DELIVERED, MeasureStatus.WITHDRAWN)


def _find(desk: Desk, id_: str) -> Done:
    machine = desk.node.machine
    scope = machine.record.find_scope_of(parse_id(id_))
    if scope is None or scope.kind not in ("measure", "national") or scope.ref.hex() != id_:
        raise UsageError("cli.no-such-object", beginning=id_[:16])
    return find_act(machine, scope)


def _find_talk(place: Place, act: Done) -> Talk | None:
    return find_talk(place.desk, act.consultation) if act.consultation else None


def _find_audience(_: Desk, act: Done, __: Fields) -> Audience:
    return act.audience


def _say(type_: str, **more: Any) -> Any:
    def make(_: Place, act: Done, fields: Fields, __: Speaker) -> dict[str, object]:
        del fields
        return {"type": type_, "measure": act.id, **more}

    return make


def _accept(_: Place, act: Done, fields: Fields, __: Speaker) -> dict[str, object]:
    del fields
    return {"type": "MeasureAccepted", "measure": act.id, "terms": act.terms_by}


def _decline(_: Place, act: Done, fields: Fields, __: Speaker) -> dict[str, object]:
    reason = read_one_of(fields, "reason", list_terms(MeasureReason))
    return {"type": "MeasureDeclined", "measure": act.id, "terms": act.terms_by, "reason": reason}


def _withdraw(_: Place, act: Done, fields: Fields, __: Speaker) -> dict[str, object]:
    reason = read_one_of(fields, "reason", list_terms(MeasureReason))
    return {"type": "MeasureWithdrawn", "measure": act.id, "reason": reason}


def _amend_fields(place: Place, act: Done) -> list[Field]:
    return make_terms_fields(place, _find_talk(place, act), act.terms)


def _amend(place: Place, act: Done, fields: Fields, _: Speaker) -> dict[str, object]:
    terms = read_terms(place, _find_talk(place, act), fields, act.terms)
    return {"type": "MeasureAmended", "measure": act.id, "terms": terms}


def _end(_: Place, act: Done, fields: Fields, __: Speaker) -> dict[str, object]:
    del fields
    return {"type": "NationalActionEnded", "action": act.id}


def _is_asked(place: Place, act: Done) -> bool:
    party = place.desk.node.machine.party
    return act.is_measure and act.status not in _ENDED and any(cell.party == party for cell in act.cells)


def _may_accept(place: Place, act: Done) -> bool:
    party = place.desk.node.machine.party
    return _is_asked(place, act) and not any(cell.has_accepted for cell in act.cells if cell.party == party)


def _is_ours(place: Place, act: Done) -> bool:
    del place
    return act.is_measure and act.is_own and act.status not in _ENDED


OF_MEASURE: Final[Kind[Done]] = Kind(
    path="/measures/{id:str}",
    find=_find,
    find_audience=_find_audience,
    find_page=lambda act: f"/consultations/{act.consultation}" if act.consultation else "/consultations",
    writings=(
        Writing("accept", lambda: say("Accept"), Act.MEASURE, _accept, None, _may_accept),
        Writing("decline", lambda: say("Decline"), Act.MEASURE, _decline, make_reason(MeasureReason), _is_asked),
        Writing("start", lambda: say("Under way"), Act.MEASURE, _say("MeasureStarted"), None,
                lambda place, act: _is_ours(place, act) and act.status is not MeasureStatus.UNDER_WAY),
        Writing("deliver", lambda: say("Delivered"), Act.MEASURE, _say("MeasureDelivered"), None, _is_ours),
        Writing("amend", lambda: say("Amend"), Act.MEASURE, _amend, _amend_fields, _is_ours,
                lambda: say("Other terms have to be accepted anew.")),
        Writing("withdraw", lambda: say("Withdraw"), Act.MEASURE, _withdraw, make_reason(MeasureReason), _is_ours,
                is_grave=True),
        Writing("end", lambda: say("Ended"), Act.MEASURE, _end, None,
                lambda place, act: not act.is_measure and act.is_own and act.stands),  # noqa: ARG005
    ),
)  # fmt: skip
