"""The picture as events of Cursor on Target, for one reader's party (docs/spec/exchange.md, X58 to X62).

An object with an estimate is one event, fused. Where there is none, because its reports contradict each other or cannot
be told apart, each report is an event of its own, and says so: side by side, as the picture has them. What is dropped
is said once more, stale at once.

Everything is decided before: a situation that comes in here holds what the reader may have, and nothing else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from comity.base.instants import Instant, bound, format_iso
from comity.base.names import Party, Realm
from comity.exchange.cot import Course, Event, Place
from comity.exchange.cot_marking import format_opex, make_marks
from comity.exchange.cot_own import DM_PER_M, HOW, PER_DEGREE, Told, make_element
from comity.exchange.cot_types import find_type
from comity.exchange.own_marking import OwnMarking, is_exercise, say_own_marking
from comity.pact.model import Pact
from comity.pact.track import TrackClass
from comity.warning.layout import ESTIMATE, NOT_NAMED, ROW, Estimated, Flag
from comity.warning.rows import Block, Rows
from comity.warning.situation import Conflict, Situation, Stand

__all__ = ["Marked", "Reader", "make_event", "make_events", "make_object_events"]

_CM_PER_M: Final = 100
_ENDS: Final = {Estimated.LAUNCH: "launch", Estimated.IMPACT: "impact"}

Marked = Callable[[str, str], OwnMarking]
"""The marking of a class (its clause) as an author reports it, as the reader gets it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom events are written: the pact in force, the realm, what marks a class."""

    pact: Pact
    realm: Realm
    find_marking: Marked


def make_events(situation: Situation, reader: Reader) -> Iterator[Event]:
    """Yield the events of a situation, in its order."""
    for place in range(len(situation.objects)):
        yield from make_object_events(situation, place, reader)


def make_object_events(situation: Situation, place: int, reader: Reader) -> Iterator[Event]:
    """Yield the events of one object of a situation, by its place."""
    at, found = Instant(situation.at), situation.objects[place]
    members = tuple(situation.iterate_members(place))
    row = reader.pact.find_track_class(situation.classes[found["class_"]])
    assert row is not None, "a picture has the classes of the pact"
    ends = [situation.estimates[situation.estimates["row"] == member] for member in members]
    if found["is_estimated"] and len(members) > 1:
        authors = sorted({situation.authors[situation.members[member]["author"]] for member in members})
        block = _take_estimate(situation, place, row, np.concatenate(ends))
        told = _tell(block, situation.name_object(place).author, row, authors, reader, is_estimate=True)
        yield make_event(told, row, reader, at=at, standing=Stand(found["standing"]))
        return
    notes = _find_notes(situation, place)
    for member, of_member in zip(members, ends, strict=True):
        author = situation.authors[situation.members[member]["author"]]
        block = _take_member(situation, member, row, of_member)
        told = _tell(block, author, row, [author], reader, is_estimate=False)
        standing = Stand(situation.members[member]["standing"])
        yield make_event(told, row, reader, at=at, standing=standing, notes=notes)


def make_event(
    told: Told,
    row: TrackClass,
    reader: Reader,
    *,
    at: Instant,
    standing: Stand = Stand.LIVE,
    notes: tuple[str, ...] = (),
) -> Event:
    """Return the event of one row or estimate, as it stands at an instant."""
    values = told.row
    marks = make_marks(told.markings, reader.pact)
    start = Instant(int(values["at"]))
    name = f"{told.author}-{values['track']:04}" if values["track"] else f"{told.author}-0/{values['number']}"
    is_play = is_exercise(reader.realm)
    is_over = standing is Stand.DROPPED or bool(values["flags"] & Flag.DROPPED)
    stale = start if is_over else bound(start + row.stale_after_ms)
    return Event(
        uid=f"comity/{reader.realm}/{row.id}/{name}",
        type=find_type(row, int(values["kind"])),
        how=HOW[told.is_estimate],
        time=max(at, start),
        start=start,
        stale=stale,
        place=_find_place(values),
        course=_find_course(values),
        callsign=f"EXERCISE {name}" if is_play else name,
        remarks="\n".join((*map(say_own_marking, told.markings), *_list_remarks(told), *notes)),
        access=marks.access,
        opex=format_opex(reader.realm),
        caveat=marks.caveat,
        releasable_to=marks.releasable_to,
        own=make_element(told),
    )


def _tell(
    block: Block, author: Party, row: TrackClass, authors: list[str], reader: Reader, *, is_estimate: bool
) -> Told:
    kind = int(block.rows[0]["kind"])
    name = "" if kind == NOT_NAMED else row.kinds[kind].id
    return Told(author, block, name, is_estimate, tuple(reader.find_marking(row.id, one) for one in authors))


def _take_estimate(situation: Situation, place: int, row: TrackClass, ends: Rows) -> Block:
    """Return the estimate of an object as a row at the situation's instant, with the ends that its reports name.

    A row has one launch and one impact; of several reports the surest names it, and the others stand in the picture.
    """
    found = situation.objects[place]
    rows = np.zeros(1, ROW)
    for name in ROW.names or ():
        if name in (found.dtype.names or ()):
            rows[name] = found[name]
    rows["at"], rows["sensor"] = situation.at, NOT_NAMED
    if found["track"] == 0:
        rows["number"] = found["number"]
    kept = np.empty(0, ESTIMATE)
    for what in Estimated:
        of_kind = ends[ends["what"] == what]
        kept = np.concatenate([kept, of_kind[np.argsort(of_kind["semi_major"], kind="stable")][:1]])
    kept["row"] = 0
    return Block(row.id, (), rows, kept)


def _take_member(situation: Situation, member: int, row: TrackClass, ends: Rows) -> Block:
    found = situation.members[member]
    rows = np.array([found["row"]], ROW)
    sensor = int(rows["sensor"][0])
    sensors: tuple[str, ...] = ()
    if sensor != NOT_NAMED:
        sensors, rows["sensor"] = (situation.sensors[sensor],), 0
    ends = ends.copy()
    ends["row"] = 0
    told = int(found["told"])
    coarsening = situation.coarsenings[told] if told < len(situation.coarsenings) else None
    return Block(row.id, sensors, rows, ends, coarsening)


def _find_notes(situation: Situation, place: int) -> tuple[str, ...]:
    found = situation.objects[place]
    name = situation.name_object(place)
    notes = []
    if found["count"] > 1:
        notes.append(f"salvo {name}: {found['count']} unresolved")
    if found["conflict"] & Conflict.PLACE:
        notes.append(f"object {name}: reports contradict each other about where it is")
    if found["conflict"] & Conflict.KIND:
        notes.append(f"object {name}: reports contradict each other about what it is")
    return tuple(notes)


def _list_remarks(told: Told) -> Iterator[str]:
    row, flags = told.row, int(told.row["flags"])
    if told.is_estimate:
        yield "estimated from several reports"
    if told.kind:
        yield f"{told.kind}, {row['confidence']} % sure"
    if flags & Flag.COASTED:
        yield "predicted; nothing new was detected"
    if flags & Flag.DECEPTION:
        yield "deception is suspected"
    if flags & Flag.DROPPED:
        yield "dropped"
    if told.block.coarsening is not None:
        coarse = told.block.coarsening
        yield f"told less under {coarse.clause}: grid {coarse.coarsen_m} m, {coarse.delay_ms // 1000} s late"
    for end in told.block.estimates:
        place = f"{end['latitude'] / PER_DEGREE:.3f} {end['longitude'] / PER_DEGREE:.3f}"
        radius_km = end["semi_major"] / DM_PER_M / 1000
        yield f"{_ENDS[Estimated(end['what'])]} {format_iso(Instant(int(end['at'])))} {place} ({radius_km:.1f} km)"


def _find_place(row: np.void) -> Place:
    """Return where it is. `ce` is the standard deviation along the ellipse's longest axis: never less than is so."""
    east, north = float(row["sigma_east"]), float(row["sigma_north"])
    across = float(row["rho_en"]) / 32_767 * east * north
    half = (east * east - north * north) / 2
    longest = np.sqrt((east * east + north * north) / 2 + np.hypot(half, across))
    has_altitude = bool(row["flags"] & Flag.ALTITUDE)
    return Place(
        int(row["latitude"]) / PER_DEGREE,
        int(row["longitude"]) / PER_DEGREE,
        int(row["altitude"]) / DM_PER_M if has_altitude else None,
        float(np.ceil(longest - 1e-6)) / DM_PER_M,
        int(row["sigma_up"]) / DM_PER_M if has_altitude else None,
    )


def _find_course(row: np.void) -> Course | None:
    if not row["flags"] & Flag.VELOCITY:
        return None
    east, north = (int(row[f"velocity_{way}"]) / _CM_PER_M for way in ("east", "north"))
    course = float(np.degrees(np.arctan2(east, north))) % 360
    return Course(course, float(np.hypot(east, north)), int(row["sigma_velocity"]) / _CM_PER_M)
