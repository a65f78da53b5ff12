"""What the map of the warning picture is told besides the frames: classes with their symbols, areas, a few words.

Rules (docs/spec/warning.md, W53, W54)
- Nothing on the map has a name but tracks: areas are listed beside it.
- A symbol says what moves and of which kind it may be, and never whose side it is on.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any, Final

from comity.api.desk import Desk
from comity.api.titles import Titles
from comity.api.words import say
from comity.console.consultation import OPEN
from comity.console.warning_led import find_evidence
from comity.exchange.cot_types import find_type
from comity.machine.machine import Machine
from comity.machine.waiting import find_unended, judge_call
from comity.pact.area import WarningArea
from comity.pact.track import TrackClass
from comity.procedure.area import Area, Shape
from comity.procedure.call import ConsultationCalled
from comity.procedure.consultation import ConsultationState
from comity.procedure.measure import MeasureState, MeasureStatus
from comity.procedure.national import NationalActionStated, NationalState
from comity.procedure.threat import ThreatState
from comity.warning.layout import NOT_NAMED

__all__ = ["find_symbol", "list_clauses", "show_setting"]

CODE_SIZE: Final = 15
CIRCLE_POINT_COUNT: Final = 48
_METRES_OF_DEGREE: Final = 111_320
_OVER: Final = frozenset({MeasureStatus.DECLINED, MeasureStatus.WITHDRAWN})
Point = tuple[float, float]


def find_symbol(row: TrackClass, kind: int) -> str:
    """Return the symbol code (MIL-STD-2525, letters) of a kind of a class: the place of its type of CoT, unknown."""
    _, _, dimension, *functions = find_type(row, kind).split("-")
    return f"SU{dimension}P{''.join(functions)}".ljust(CODE_SIZE, "-")


def list_clauses(machine: Machine) -> list[str]:
    """Return the clauses under which this party may be told less than is known, in the order of the pact."""
    return [row.id for row in machine.pact.track_terms if row.recipient == machine.party]


def show_setting(desk: Desk, titles: Titles) -> dict[str, Any]:
    """Return all of it, in the reader's language."""
    machine = desk.node.machine
    return {
        "is_exercise": machine.setup.pins.realm != "real",
        "classes": [_show_class(row, titles) for row in machine.pact.track_classes],
        "areas": [*_list_pact_areas(machine), *_list_talk_areas(machine, desk)],
        "words": {"launch": say("launch"), "impact": say("impact"), "salvo": say("salvo: {count} unresolved")},
    }


def _show_class(row: TrackClass, titles: Titles) -> dict[str, Any]:
    kinds = [
        {"title": titles.title_of("track-kind", f"{row.id}/{kind.id}"), "code": find_symbol(row, number)}
        for number, kind in enumerate(row.kinds)
    ]
    return {
        "id": row.id,
        "title": titles.title_of("track-class", row.id),
        "domain": row.domain.value,
        "code": find_symbol(row, NOT_NAMED),
        "kinds": kinds,
    }


def _list_pact_areas(machine: Machine) -> Iterator[dict[str, Any]]:
    for area in machine.pact.warning_areas:
        yield _show("pact", area.id, _trace_pact(area))


def _list_talk_areas(machine: Machine, desk: Desk) -> Iterator[dict[str, Any]]:
    """Areas of the threats and measures of consultations that are open."""
    record = machine.record
    for scope in record.read_kept("consultation", find_unended):
        state = record.get_state(scope)
        if not isinstance(state, ConsultationState) or judge_call(machine, state, desk.node.now()).phase not in OPEN:
            continue
        entry = None if state.called is None else state.called.stated.entry
        named = entry.threats if isinstance(entry, ConsultationCalled) else ()
        for id_ in named:
            if (of := record.find_object(id_, "threat")) is not None:
                yield from _list_threat_areas(machine, of.ref.hex(), record.get_state(of))
        for under in record.list_opened_under(scope.ref):
            for area in _list_acted(record.get_state(under)):
                yield _show("measure", under.ref.hex(), _trace(area))


def _list_threat_areas(machine: Machine, id_: str, state: object) -> Iterator[dict[str, Any]]:
    """The area that a report under a rule of the pact is about."""
    if not isinstance(state, ThreatState) or state.reported is None or state.reported.withdrawn_by is not None:
        return
    evidence = find_evidence(state.reported.stated.entry)
    for area in machine.pact.warning_areas:
        if evidence is not None and area.id == evidence.area:
            yield _show("threat", id_, _trace_pact(area))


def _list_acted(state: object) -> Iterable[Area]:
    if isinstance(state, MeasureState):
        return () if state.terms is None or state.status in _OVER else state.terms.areas
    if isinstance(state, NationalState) and state.stated is not None and state.ended is None:
        entry = state.stated.stated.entry
        return entry.terms.areas if isinstance(entry, NationalActionStated) else ()
    return ()


def _show(what: str, id_: str, ring: list[Point]) -> dict[str, Any]:
    return {"what": what, "id": id_, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def _trace_pact(area: WarningArea) -> list[Point]:
    return _close(_unroll([(longitude / 1e6, latitude / 1e6) for longitude, latitude in area.polygon]))


def _trace(area: Area) -> list[Point]:
    """Return an area as a ring; a circle as so many points, as if the earth were flat there."""
    places = [(one.longitude_udeg / 1e6, one.latitude_udeg / 1e6) for one in area.places]
    if area.shape is Shape.POLYGON:
        return _close(_unroll(places))
    longitude, latitude = places[0]
    north = max(area.radius_m, 1) / _METRES_OF_DEGREE
    east = north / max(0.05, math.cos(math.radians(latitude)))
    turns = [2 * math.pi * number / CIRCLE_POINT_COUNT for number in range(CIRCLE_POINT_COUNT)]
    return _close([(longitude + east * math.cos(turn), latitude + north * math.sin(turn)) for turn in turns])


def _unroll(corners: list[Point]) -> list[Point]:
    """Return corners whose longitudes go on past 180 degrees instead of leaping."""
    found = corners[:1]
    for longitude, latitude in corners[1:]:
        before = found[-1][0]
        found.append((before + (longitude - before + 180) % 360 - 180, latitude))
    return found


def _close(ring: list[Point]) -> list[Point]:
    return [*ring, ring[0]]
