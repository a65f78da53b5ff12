"""Our own element in an event: one row of the feed or one estimate of the picture, exactly, with its markings (X61).

What TAK clients read of an event is less than a row: one radius for an ellipse, no correlation, no class. So an event
of ours carries the row besides, number for number, and each marking that it rests on in full. It is read back only
where it and the event around it say the same; somebody who moved the point, or took away the realm, has made another
event, which is none of ours.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base.errors import RemoteError
from comity.exchange.cot import OWN, Event
from comity.exchange.cot_marking import check_opex
from comity.exchange.own_marking import OwnMarking, format_own_marking, parse_own_marking
from comity.exchange.xml_door import Element
from comity.warning.layout import ESTIMATE, NOT_NAMED, ROW, Flag
from comity.warning.rows import Block, Coarsening, find_fault

__all__ = ["DM_PER_M", "HOW", "PER_DEGREE", "Told", "make_element", "read_told"]

HOW: Final = {False: "m-p", True: "m-f"}
"""How it is known: passed on as somebody reported it, or fused."""
PER_DEGREE: Final = 10_000_000
DM_PER_M: Final = 10

_FORM: Final = "1"
_WHOLE: Final = re.compile(r"-?\d{1,19}", re.ASCII)
_MARKING_COUNT_MAX: Final = 64
_KINDS: Final = r"[a-z0-9-]{0,48}"


@dataclass(frozen=True, eq=False)
class Told:
    """What one event of ours is made of. `block` has one row; `is_estimate`: it is the picture's and nobody's report.

    `author` is whose number the track has. `kind` is the id of the kind in the pact, empty where it is not known.
    """

    author: str
    block: Block
    kind: str
    is_estimate: bool
    markings: tuple[OwnMarking, ...]

    @property
    def row(self) -> np.void:
        """The row."""
        row: np.void = self.block.rows[0]
        return row


def make_element(told: Told) -> Element:
    """Return what is told as our own element."""
    block = told.block
    head = {"form": _FORM, "author": told.author, "class": block.class_, "kind_id": told.kind}
    head["estimate"] = str(int(told.is_estimate))
    sensor = int(told.row["sensor"])
    if sensor != NOT_NAMED:
        head["sensor_name"] = block.sensors[sensor]
    if block.coarsening is not None:
        coarse = block.coarsening
        head |= {"clause": coarse.clause, "coarsen_m": str(coarse.coarsen_m), "delay_ms": str(coarse.delay_ms)}
    children = [Element("", "marking", {}, text=format_own_marking(one)) for one in told.markings]
    children += [Element("", "end", _list_numbers(end, ESTIMATE)) for end in block.estimates]
    return Element("", OWN, {**head, **_list_numbers(told.row, ROW)}, children)


def read_told(event: Event) -> Told:
    """Return what an event of ours was made of.

    Raises:
        RemoteError: `cot.malformed` where it has no element of ours or a damaged one; `cot.altered`.
    """
    if event.own is None:
        raise RemoteError("cot.malformed", what=OWN)
    try:
        told = _read(event.own)
    except (ValueError, OverflowError) as error:
        raise RemoteError("cot.malformed", what=OWN) from error
    if not told.markings or find_fault(told.block) is not None:
        raise RemoteError("cot.malformed", what=OWN)
    if not _is_as_told(event, told):
        raise RemoteError("cot.altered", uid=event.uid[:64])
    for marking in told.markings:
        try:
            check_opex(event.opex, marking.realm)
        except RemoteError as error:
            raise RemoteError("cot.altered", uid=event.uid[:64]) from error
    return told


def _list_numbers(values: np.void, layout: np.dtype[np.void]) -> dict[str, str]:
    return {name: str(int(values[name])) for name in layout.names or ()}


def _read(own: Element) -> Told:
    words = own.attributes
    if words.get("form") != _FORM or words.get("estimate") not in {"0", "1"}:
        raise ValueError
    kind = words.get("kind_id", "")
    if re.fullmatch(_KINDS, kind) is None:
        raise ValueError
    coarsening = None
    if "clause" in words:
        coarsening = Coarsening(words["clause"], _read_whole(words, "coarsen_m"), _read_whole(words, "delay_ms"))
    texts = [child.text for child in own.find_all("marking")]
    if len(texts) > _MARKING_COUNT_MAX:
        raise ValueError
    sensors = (words["sensor_name"],) if "sensor_name" in words else ()
    rows = _read_rows([own], ROW)
    if sensors:
        rows["sensor"] = 0
    block = Block(words.get("class", ""), sensors, rows, _read_rows([*own.find_all("end")], ESTIMATE), coarsening)
    markings = tuple(map(parse_own_marking, texts))
    return Told(words.get("author", ""), block, kind, words["estimate"] == "1", markings)


def _read_rows(elements: list[Element], layout: np.dtype[np.void]) -> npt.NDArray[np.void]:
    rows = np.zeros(len(elements), layout)
    for row, element in zip(rows, elements, strict=True):
        for name in layout.names or ():
            row[name] = _read_whole(element.attributes, name)
    return rows


def _read_whole(words: Mapping[str, str], name: str) -> int:
    text = words.get(name, "")
    if _WHOLE.fullmatch(text) is None:
        raise ValueError
    return int(text)


def _is_as_told(event: Event, told: Told) -> bool:
    """Tell whether what clients read says what the row says, to the digits that are written."""
    row, place, course = told.row, event.place, event.course
    has_altitude = bool(row["flags"] & Flag.ALTITUDE)
    pairs = (
        (round(place.latitude * PER_DEGREE), row["latitude"]),
        (round(place.longitude * PER_DEGREE), row["longitude"]),
        (event.start, row["at"]),
        (None if place.hae_m is None else round(place.hae_m * DM_PER_M), row["altitude"] if has_altitude else None),
        (course is not None, bool(row["flags"] & Flag.VELOCITY)),
        (event.how, HOW[told.is_estimate]),
    )
    return all(said == meant for said, meant in pairs)
