"""Events of Cursor on Target from outside as reports of one class, for the door of own sensors (X60, X63).

Rules
- What an event does not say is not known, and nothing is made up: without an uncertainty, by its own word or by what
  the operator set for its source, it is refused.
- An event that was made of the picture is no report: whoever counted it would have a track confirm itself.
- The track's number at the source is made of its uid, so that one uid is one track for as long as the source runs.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from comity.base.errors import RemoteError
from comity.base.names import Realm
from comity.crypto.suite import Suite
from comity.exchange.cot import Event
from comity.exchange.cot_marking import Standard, check_marking, check_opex
from comity.exchange.cot_types import find_kind_of, is_atom, is_type_of
from comity.pact.model import Pact
from comity.pact.track import TrackClass
from comity.warning.layout import NOT_NAMED, Flag
from comity.warning.reports import GUESS, REPORT, Reports

__all__ = ["CotSource", "read_report"]

_KIND_CONFIDENCE: Final = 50
"""Percent that a kind is given which a type says: CoT says what it is and never how surely."""
_SLACK_M: Final = 0.05
"""Smallest standard deviation: some write 0 for what they know very well."""


@dataclass(frozen=True, slots=True)
class CotSource:
    """What the operator set for a source of events: its class, how its marking is read, what its silence means.

    `ce_m` and `le_m` are standard deviations of what says none, `speed_m_s` of a speed; None: such is not known.
    """

    row: TrackClass
    standard: Standard
    ce_m: float | None = None
    le_m: float | None = None
    speed_m_s: float | None = None


def read_report(event: Event, source: CotSource, *, pact: Pact, realm: Realm, suite: Suite) -> Reports:
    """Return one event as a report.

    Raises:
        RemoteError: `cot.other-realm`, `cot.echo`, `cot.no-track`, `cot.other-class`, `cot.uncertainty`, what
            `check_marking` says.
    """
    check_opex(event.opex, realm)
    if event.own is not None:
        raise RemoteError("cot.echo", uid=event.uid[:64])
    if not is_atom(event.type):
        raise RemoteError("cot.no-track", type=event.type[:64])
    if not is_type_of(source.row, event.type):
        raise RemoteError("cot.other-class", type=event.type[:64], clause=source.row.id)
    check_marking(event, source.standard, pact)
    place = event.place
    ce_m = source.ce_m if place.ce_m is None else place.ce_m
    if ce_m is None:
        raise RemoteError("cot.uncertainty", uid=event.uid[:64])
    rows = np.zeros(1, REPORT)
    row = rows[0]
    row["track"] = int.from_bytes(suite.hash(event.uid.encode())[:8], "little") or 1
    row["at"], row["latitude"], row["longitude"] = event.start, place.latitude, place.longitude
    row["ee"] = row["nn"] = max(ce_m, _SLACK_M) ** 2
    row["sensor"], row["kind"] = NOT_NAMED, find_kind_of(source.row, event.type)
    row["confidence"] = 0 if row["kind"] == NOT_NAMED else _KIND_CONFIDENCE
    flags = Flag(0)
    le_m = source.le_m if place.le_m is None else place.le_m
    if place.hae_m is not None and le_m is not None:
        flags |= Flag.ALTITUDE
        row["altitude"], row["uu"] = place.hae_m, max(le_m, _SLACK_M) ** 2
    flags |= _set_course(row, event, source)
    row["flags"] = flags
    return Reports(rows, np.empty(0, GUESS))


def _set_course(row: np.void, event: Event, source: CotSource) -> Flag:
    course = event.course
    if course is None:
        return Flag(0)
    sigma_m_s = source.speed_m_s if course.sigma_m_s is None else course.sigma_m_s
    if sigma_m_s is None:
        return Flag(0)
    angle = np.radians(course.course)
    row["velocity_east"], row["velocity_north"] = course.speed_m_s * np.sin(angle), course.speed_m_s * np.cos(angle)
    row["sigma_velocity"] = max(sigma_m_s, _SLACK_M)
    return Flag.VELOCITY
