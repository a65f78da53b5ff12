"""A situation as rows for a table: for who cannot use a map, and for programs (docs/spec/warning.md, W37).

Rules
- In the order of the situation, what is live before what is stale or dropped; at most `OBJECT_COUNT_MAX` objects, and
  how many were left out.
- Numbers in plain units: degrees, metres, metres a second, milliseconds. What nobody knows is None.
"""

from typing import Any, Final

import numpy as np

from comity.node.feed.picture_form import EndRow, MemberRow, ObjectRow, PictureRows, PlaceRow
from comity.pact.model import Pact
from comity.pact.track import TrackClass
from comity.warning.classes import find_kind
from comity.warning.layout import Estimated, Flag
from comity.warning.situation import Conflict, Situation, Stand, TrackName

__all__ = ["OBJECT_COUNT_MAX", "show_picture"]

OBJECT_COUNT_MAX: Final = 5_000
_DEGREE: Final = 10_000_000


def show_picture(situation: Situation, pact: Pact, *, digest: bytes) -> PictureRows:
    """Return a situation as rows."""
    order = np.argsort(situation.objects["standing"], kind="stable")[:OBJECT_COUNT_MAX]
    ends = _list_ends(situation)
    return {
        "at": int(situation.at),
        "digest": digest.hex(),
        "object_count": len(situation.objects),
        "left_out_count": max(0, len(situation.objects) - OBJECT_COUNT_MAX),
        "objects": [_show_object(situation, pact, int(place), ends) for place in order],
        "delays": [
            {
                "author": of.author, "latest_ms": of.latest_ms, "median_ms": of.median_ms,
                "longest_ms": of.longest_ms, "late_count": of.late_count,
            }
            for of in situation.delays
        ],
    }  # fmt: skip


def _show_object(situation: Situation, pact: Pact, place: int, ends: dict[int, list[EndRow]]) -> ObjectRow:
    found = situation.objects[place]
    class_ = situation.classes[int(found["class_"])]
    row = pact.find_track_class(class_)
    conflict = Conflict(int(found["conflict"]))
    return {
        "name": str(situation.name_object(place)),
        "class_": class_,
        "standing": Stand(int(found["standing"])).name.lower(),
        "count": int(found["count"]),
        "conflicts": [str(one.name).lower() for one in Conflict if one in conflict],
        "estimate": _show_place(found, row) if found["is_estimated"] else None,
        "members": [_show_member(situation, row, one, ends) for one in situation.iterate_members(place)],
    }


def _show_member(
    situation: Situation, class_: TrackClass | None, place: int, ends: dict[int, list[EndRow]]
) -> MemberRow:
    member, told = situation.members[place], situation.find_told(place)
    author, row = situation.authors[int(member["author"])], member["row"]
    return {
        "name": str(situation.name_member(place)),
        "author": author,
        "standing": Stand(int(member["standing"])).name.lower(),
        "at": int(row["at"]),
        "received_at": int(situation.received_at[place]),
        "number": int(row["number"]),
        "continues": str(TrackName(author, int(member["continues"]))) if member["continues"] else "",
        "clause": told.clause if told else "",
        "coarsen_m": told.coarsen_m if told else 0,
        "delay_ms": told.delay_ms if told else 0,
        "sensor": situation.find_sensor(place) or "",
        "place": _show_place(row, class_),
        "ends": ends.get(place, []),
    }


def _show_place(found: Any, class_: TrackClass | None) -> PlaceRow:
    flags = int(found["flags"])
    is_moving_known = bool(flags & Flag.VELOCITY)
    east, north = int(found["velocity_east"]) / 100, int(found["velocity_north"]) / 100
    up = int(found["velocity_up"]) / 100
    kind = find_kind(class_, int(found["kind"])) if class_ is not None else None
    return {
        "latitude": int(found["latitude"]) / _DEGREE,
        "longitude": int(found["longitude"]) / _DEGREE,
        "altitude_m": int(found["altitude"]) / 10 if flags & Flag.ALTITUDE else None,
        "sigma_m": max(int(found["sigma_east"]), int(found["sigma_north"])) / 10,
        "speed_m_s": round(float(np.sqrt(east * east + north * north + up * up)), 2) if is_moving_known else None,
        "course_deg": round(float(np.degrees(np.arctan2(east, north))) % 360, 2) % 360 if is_moving_known else None,
        "kind": kind or "",
        "confidence": int(found["confidence"]),
        "is_coasted": bool(flags & Flag.COASTED),
        "is_deception_suspected": bool(flags & Flag.DECEPTION),
    }


def _list_ends(situation: Situation) -> dict[int, list[EndRow]]:
    found: dict[int, list[EndRow]] = {}
    for one in situation.estimates:
        found.setdefault(int(one["row"]), []).append(
            {
                "what": Estimated(int(one["what"])).name.lower(),
                "at": int(one["at"]),
                "sigma_at_ms": int(one["sigma_at"]),
                "latitude": int(one["latitude"]) / _DEGREE,
                "longitude": int(one["longitude"]) / _DEGREE,
                "semi_major_m": int(one["semi_major"]) / 10,
                "semi_minor_m": int(one["semi_minor"]) / 10,
                "bearing_deg": int(one["bearing"]) / 100,
            }
        )
    return found
