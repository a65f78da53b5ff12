"""The areas of measures and national actions as GeoJSON, as a reader may have them (X38)."""

from collections.abc import Iterator

from comity.api.desk import Desk
from comity.api.held_alerts import MayHave, has_no_ceiling
from comity.api.released import prepare_entries
from comity.base.instants import format_iso
from comity.base.names import Party
from comity.exchange.geojson import Feature, format_collection
from comity.exchange.warned import read_subject
from comity.procedure.measure import MeasureState
from comity.procedure.national import NationalActionStated, NationalState
from comity.procedure.stated import Stated
from comity.procedure.verdict import Permit

__all__ = ["export_areas"]


def export_areas(desk: Desk, *, to: Party, may_have: MayHave = has_no_ceiling) -> bytes:
    """Return every area that stands and that `to` may have, each with the act that it belongs to."""
    return format_collection(_list_features(desk, to, may_have))


def _list_features(desk: Desk, to: Party, may_have: MayHave) -> Iterator[Feature]:
    machine, record = desk.node.machine, desk.node.machine.record
    decide = prepare_entries(machine, to=to, at=desk.node.now())
    for kind in ("measure", "national"):
        for scope in record.list_scopes(kind):
            stated, status = _find_standing(record.get_state(scope))
            if stated is None or not stated.counts:
                continue
            subject = read_subject(stated.entry)
            decision = decide(stated.entry)
            if subject is None or not isinstance(decision, Permit) or not may_have((subject.text.marking,)):
                continue
            handled = decision.handled_as
            for number, area in enumerate(subject.areas):
                yield Feature(
                    f"{scope.ref.hex()[:32]}-{number}",
                    area,
                    {
                        "realm": machine.setup.pins.realm,
                        "kind": kind,
                        "party": stated.author,
                        "instrument": subject.kind.value,
                        "status": status,
                        "starts_at": format_iso(subject.starts_at),
                        "ends_at": format_iso(subject.ends_at),
                        "marking": {
                            "originator": subject.text.marking.originator,
                            "level": subject.text.marking.level,
                            "topics": list(subject.text.marking.topics),
                            "caveats": list(subject.text.marking.caveats),
                        },
                        "handled_as": "" if handled is None else handled.level,
                    },
                )


def _find_standing(state: object) -> tuple[Stated | None, str]:
    """Return the statement whose terms stand, and how the act stands."""
    if isinstance(state, MeasureState):
        return state.stated, state.status.value
    assert isinstance(state, NationalState)
    if state.stated is None or not isinstance(state.stated.stated.entry, NationalActionStated):
        return None, ""
    is_over = state.ended is not None or state.stated.withdrawn_by is not None
    return state.stated.stated, "ended" if is_over else state.stated.stated.entry.stage.value
