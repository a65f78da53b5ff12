"""Events of Cursor on Target 2.0: XML in, within bounds, and XML out (docs/spec/exchange.md, X57).

Read are the attributes of the event, its point, and of its details the track, the remarks, the call sign and the
element of ours, `__comity`; what else a detail holds is passed over. The schema (MITRE, public release 11-3895) has
`ce` and `le` as one standard deviation; TAK clients write 9999999, and some 999999, for what they do not know.

What an event means as a report stands in `cot_reports`, what its marking means in `cot_marking`.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from comity.base.errors import RemoteError
from comity.base.instants import Instant, format_iso
from comity.base.limits import COT_SIZE_BYTES_MAX, COT_WORD_SIZE_MAX, INSTANT_MS_MAX
from comity.exchange.cot_types import is_type
from comity.exchange.xml_door import Element, format_text, read_xml

__all__ = [
    "OWN",
    "Course",
    "Event",
    "Place",
    "format_event",
    "format_tree",
    "parse_event",
    "read_document",
    "read_event",
]

OWN: Final = "__comity"
"""The name of our own element; two lines below are how TAK marks what is a program's own."""

UNKNOWN_M: Final = 9_999_999.0
_UNKNOWN_FROM_M: Final = 999_999.0
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|([-+])(\d\d):(\d\d))", re.ASCII)
_NUMBER: Final = re.compile(r"[-+]?\d{1,12}(?:\.\d{0,20})?(?:[eE][-+]?\d{1,2})?", re.ASCII)
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees of WGS-84; metres above the ellipsoid, and how sure both are, each None where it is not known."""

    latitude: float
    longitude: float
    hae_m: float | None = None
    ce_m: float | None = None
    le_m: float | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """Where it goes: degrees from north by east, metres a second, and what the source says of its speed's error."""

    course: float
    speed_m_s: float
    sigma_m_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. `own` is our own element where it has one, as it stands."""

    uid: str
    type: str
    how: str
    time: Instant
    start: Instant
    stale: Instant
    place: Place
    course: Course | None = None
    callsign: str = ""
    remarks: str = ""
    access: str = ""
    opex: str = ""
    caveat: str = ""
    releasable_to: str = ""
    own: Element | None = None
    more: tuple[Element, ...] = ()
    """Further elements of its details: they are written, and never read."""


def parse_event(raw: bytes) -> Event:
    """Read one event.

    Raises:
        RemoteError: `bytes.too-large`, what the door for XML says, `cot.malformed` with what is wrong.
    """
    return read_event(read_document(raw), raw)


def read_document(raw: bytes) -> Element:
    """Return what one document of a stream holds, an event or not.

    Raises:
        RemoteError: `bytes.too-large`, what the door for XML says.
    """
    if len(raw) > COT_SIZE_BYTES_MAX:
        raise RemoteError("bytes.too-large", size_bytes=len(raw), size_bytes_max=COT_SIZE_BYTES_MAX)
    return read_xml(raw)


def read_event(root: Element, raw: bytes) -> Event:
    """Read an event whose document was read before; `raw` is what it was read from.

    Raises:
        RemoteError: `cot.malformed` with what is wrong.
    """
    point = root.find("point")
    if root.name != "event" or point is None:
        raise RemoteError("cot.malformed", evidence=raw, what="event" if root.name != "event" else "point")
    try:
        return _read_event(root, point)
    except _OddError as error:
        raise RemoteError("cot.malformed", evidence=raw, what=error.args[0]) from error


class _OddError(Exception):
    """An attribute is not what the schema has; its name is the argument."""


def _read_event(root: Element, point: Element) -> Event:
    if not root.attributes.get("version", "").startswith("2."):
        raise _OddError("version")
    detail = root.find("detail") or Element("", "detail", {})
    type_, uid = _read_word(root, "type"), _read_word(root, "uid")
    if not is_type(type_):
        raise _OddError("type")
    if not uid:
        raise _OddError("uid")
    start, stale = _read_time(root, "start"), _read_time(root, "stale")
    if stale < start:
        raise _OddError("stale")
    contact = detail.find("contact") or Element("", "contact", {})
    return Event(
        uid=uid,
        type=type_,
        how=_read_word(root, "how"),
        time=_read_time(root, "time"),
        start=start,
        stale=stale,
        place=_read_place(point),
        course=_read_course(detail.find("track")),
        callsign=_read_word(contact, "callsign"),
        remarks=detail.find_text("remarks"),
        access=_read_word(root, "access"),
        opex=_read_word(root, "opex"),
        caveat=_read_word(root, "caveat"),
        releasable_to=_read_word(root, "releasableTo"),
        own=detail.find(OWN),
    )


def _read_place(point: Element) -> Place:
    latitude, longitude = _read_number(point, "lat"), _read_number(point, "lon")
    if abs(latitude) > 90:
        raise _OddError("lat")
    if not -180 <= longitude <= 180:
        raise _OddError("lon")
    hae, ce, le = (_read_number(point, name) for name in ("hae", "ce", "le"))
    if ce < 0 or le < 0:
        raise _OddError("ce" if ce < 0 else "le")
    sure = [value if value < _UNKNOWN_FROM_M else None for value in (ce, le)]
    # What flies in space may be higher than that: of an altitude these two numbers alone say that it is not known.
    is_high = hae not in (_UNKNOWN_FROM_M, UNKNOWN_M)
    return Place(latitude, -180.0 if longitude == 180 else longitude, hae if is_high else None, *sure)


def _read_course(track: Element | None) -> Course | None:
    if track is None or not {"course", "speed"} <= track.attributes.keys():
        return None
    sigma = _read_number(track, "eSpeed") if "eSpeed" in track.attributes else None
    course, speed = _read_number(track, "course"), _read_number(track, "speed")
    if speed < 0:
        # Some write −1 for what they do not know.
        return None
    if not 0 <= course <= 360:
        raise _OddError("course")
    return Course(course, speed, sigma if sigma is None or 0 < sigma < _UNKNOWN_FROM_M else None)


def _read_word(element: Element, name: str) -> str:
    word = element.attributes.get(name, "").strip()
    if len(word) > COT_WORD_SIZE_MAX:
        raise _OddError(name)
    return word


def _read_number(element: Element, name: str) -> float:
    text = element.attributes.get(name, "").strip()
    if _NUMBER.fullmatch(text) is None:
        raise _OddError(name)
    return float(text)


def _read_time(element: Element, name: str) -> Instant:
    """Return an instant, its fraction cut to the millisecond."""
    match = _TIME.fullmatch(element.attributes.get(name, "").strip())
    if match is None:
        raise _OddError(name)
    offset = dt.timedelta(hours=int(match[4] or 0), minutes=int(match[5] or 0))
    try:
        when = dt.datetime.fromisoformat(match[1]).replace(tzinfo=dt.UTC)
        when += offset if match[3] == "-" else -offset
    except (ValueError, OverflowError) as error:
        raise _OddError(name) from error
    at = (when - _EPOCH) // dt.timedelta(milliseconds=1) + int(f"{match[2] or '0':0<3}"[:3])
    if not 0 <= at <= INSTANT_MS_MAX or offset > dt.timedelta(hours=14):
        raise _OddError(name)
    return Instant(at)


def format_event(event: Event) -> bytes:
    """Write an event as one document; a stream of them needs nothing between.

    An attribute of the marking that has nothing to say is left out, as clients expect.
    """
    head = {
        "version": "2.0",
        "uid": event.uid,
        "type": event.type,
        "how": event.how,
        "time": format_iso(event.time),
        "start": format_iso(event.start),
        "stale": format_iso(event.stale),
    }
    marks = {
        "access": event.access,
        "opex": event.opex,
        "caveat": event.caveat,
        "releasableTo": event.releasable_to,
    }
    place = event.place
    point = {
        "lat": f"{place.latitude:.7f}",
        "lon": f"{place.longitude:.7f}",
        "hae": _format_metres(place.hae_m),
        "ce": _format_metres(place.ce_m),
        "le": _format_metres(place.le_m),
    }
    children = [Element("", "contact", {"callsign": event.callsign})] if event.callsign else []
    if event.course is not None:
        course = {"course": f"{event.course.course:.2f}", "speed": f"{event.course.speed_m_s:.2f}"}
        sigma = {} if event.course.sigma_m_s is None else {"eSpeed": f"{event.course.sigma_m_s:.2f}"}
        children.append(Element("", "track", {**course, **sigma}))
    if event.remarks:
        children.append(Element("", "remarks", {}, text=event.remarks))
    if event.own is not None:
        children.append(event.own)
    children += event.more
    document = Element(
        "",
        "event",
        {**head, **{name: word for name, word in marks.items() if word}},
        [Element("", "point", point), Element("", "detail", {}, children)],
    )
    return format_tree(document)


def format_tree(root: Element) -> bytes:
    """Write a document of elements without namespaces, as TAK's programs have them all."""
    return b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n" + _write(root).encode()


def _format_metres(value: float | None) -> str:
    return f"{UNKNOWN_M if value is None else value:.1f}"


def _write(element: Element) -> str:
    marks = "".join(f' {name}="{_quote(word)}"' for name, word in element.attributes.items())
    inside = format_text(element.text) + "".join(map(_write, element.children))
    return f"<{element.name}{marks}>{inside}</{element.name}>" if inside else f"<{element.name}{marks}/>"


def _quote(text: str) -> str:
    """Return text as it may stand in an attribute: what a reader would turn into a space is written by its number."""
    return format_text(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
