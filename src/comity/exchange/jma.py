"""Telegrams of the Japan Meteorological Agency (JMA XML), read as public warnings (docs/spec/exchange.md, X37).

A telegram stays as it came; what is read here serves for checks, marking and lists. Times are Japan's on paper and
instants here. Credit for what it says is the agency's, and goes wherever the telegram goes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from comity.base.errors import RemoteError
from comity.base.instants import Instant
from comity.exchange import cap
from comity.exchange.cap import Alert, MessageType, Status
from comity.exchange.cap_time import find_instant, format_time
from comity.exchange.xml_door import Element, read_xml

__all__ = ["JMA_MEDIA", "Telegram", "WarnedArea", "parse_telegram", "read_as_alert"]

JMA_MEDIA: Final = "application/vnd.jma.jmx+xml"
_ROOT: Final = "http://xml.kishou.go.jp/jmaxml1/"
_SENDER: Final = "www.jma.go.jp"
_JAPAN_MINUTES: Final = 540
_STATUSES: Final[Mapping[str, Status]] = {"通常": Status.ACTUAL, "訓練": Status.EXERCISE, "試験": Status.TEST}
_TYPES: Final[Mapping[str, MessageType]] = {
    "発表": MessageType.ALERT,
    "訂正": MessageType.UPDATE,
    "遅延": MessageType.ALERT,
    "取消": MessageType.CANCEL,
}
_AREA_COUNT_MAX: Final = 2_000
NOT_GIVEN: Final = Instant(0)


@dataclass(frozen=True, slots=True)
class WarnedArea:
    """One area: its name and code in the agency's lists, the grade now and before, the height that is expected.

    `arrives_at` is when the first wave is expected, 0 where that is not given; `arrival` what is said of it instead.
    """

    name: str
    code: str
    grade: str
    grade_code: str
    grade_before: str
    height: str
    arrives_at: Instant = NOT_GIVEN
    arrival: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telegram:
    """One telegram. `serial` is as written, often empty; `valid_until_at` 0 where none is given."""

    title: str
    status: Status
    type: MessageType
    event: str
    serial: str
    reported_at: Instant
    valid_until_at: Instant
    headline: str
    text: str
    office: str
    areas: tuple[WarnedArea, ...]
    is_forecast: bool
    """Whether the areas are those of a tsunami forecast, and not of a headline alone."""


def parse_telegram(raw: bytes) -> Telegram:
    """Read a telegram.

    Raises:
        RemoteError: what `read_xml` raises; `jma.malformed` with the place that is missing or not understood.
    """
    root = read_xml(raw)
    if root.namespace != _ROOT or root.name != "Report":
        raise RemoteError("jma.malformed", evidence=raw, at="Report")
    status = _STATUSES.get(root.find_text("Control", "Status"))
    type_ = _TYPES.get(root.find_text("Head", "InfoType"))
    reported_at = find_instant(root.find_text("Head", "ReportDateTime"))
    event, title = root.find_text("Head", "EventID"), root.find_text("Head", "Title")
    known = {
        "Control/Status": status is not None,
        "Head/InfoType": type_ is not None,
        "Head/ReportDateTime": reported_at is not None,
        "Head/EventID": bool(event) and event.isascii() and event.isalnum() and len(event) <= 64,
        "Head/Title": bool(title),
    }
    if missing := next((place for place, is_known in known.items() if not is_known), ""):
        raise RemoteError("jma.malformed", evidence=raw, at=missing)
    assert status is not None
    assert type_ is not None
    assert reported_at is not None
    areas = tuple(_list_areas(root))
    if len(areas) > _AREA_COUNT_MAX:
        raise RemoteError("jma.malformed", evidence=raw, at="Item")
    return Telegram(
        title=title,
        status=status,
        type=type_,
        event=event,
        serial=root.find_text("Head", "Serial"),
        reported_at=reported_at,
        valid_until_at=find_instant(root.find_text("Head", "ValidDateTime")) or NOT_GIVEN,
        headline=root.find_text("Head", "Headline", "Text"),
        text=root.find_text("Body", "Comments", "WarningComment", "Text"),
        office=root.find_text("Control", "PublishingOffice"),
        areas=areas,
        is_forecast=_find_forecast(root) is not None,
    )


def read_as_alert(telegram: Telegram) -> Alert:
    """Return what a telegram says in the words of an alert; severity and urgency it does not say."""
    sent = format_time(telegram.reported_at, offset_minutes=_JAPAN_MINUTES)
    block = cap.Block(
        language="ja",
        categories=(cap.Category.GEO.value,),
        event=telegram.title,
        urgency=cap.Urgency.UNKNOWN.value,
        severity=cap.Severity.UNKNOWN.value,
        certainty=cap.Certainty.UNKNOWN.value,
        expires=format_time(telegram.valid_until_at, offset_minutes=_JAPAN_MINUTES) if telegram.valid_until_at else "",
        sender_name=telegram.office,
        headline=telegram.headline,
        description=telegram.text,
        web="https://www.jma.go.jp/",
        areas=tuple(_make_area(area) for area in telegram.areas),
    )
    is_alert = telegram.type is MessageType.ALERT
    identifier = f"{telegram.event}-{telegram.reported_at // 1000}"
    return Alert(
        identifier=identifier,
        sender=_SENDER,
        sent=sent,
        status=telegram.status.value,
        message_type=telegram.type.value,
        source=telegram.office,
        scope=cap.Scope.PUBLIC.value,
        references="" if is_alert else f"{_SENDER},{telegram.event},{sent}",
        incidents=telegram.event,
        blocks=(block,),
    )


def _make_area(area: WarnedArea) -> cap.Area:
    grade = cap.Pair(value_name="grade", value=f"{area.grade_code} {area.grade}")
    return cap.Area(description=area.name, geocodes=(cap.Pair(value_name="JMA", value=area.code), grade))


def _find_forecast(root: Element) -> Element | None:
    body = root.find("Body")
    tsunami = None if body is None else body.find("Tsunami")
    return None if tsunami is None else tsunami.find("Forecast")


def _list_areas(root: Element) -> Iterator[WarnedArea]:
    """Yield the areas of a tsunami forecast; of another telegram those of its headline."""
    forecast = _find_forecast(root)
    if forecast is not None:
        yield from (_read_item(item) for item in forecast.find_all("Item"))
        return
    head = root.find("Head")
    headline = None if head is None else head.find("Headline")
    for part in headline.find_all("Information") if headline is not None else ():
        for item in part.find_all("Item"):
            areas = item.find("Areas")
            for area in areas.find_all("Area") if areas is not None else ():
                grade, code = item.find_text("Kind", "Name"), item.find_text("Kind", "Code")
                yield WarnedArea(area.find_text("Name"), area.find_text("Code"), grade, code, "", "")


def _read_item(item: Element) -> WarnedArea:
    height = item.find("MaxHeight")
    shown = None if height is None else height.find("TsunamiHeight")
    return WarnedArea(
        name=item.find_text("Area", "Name"),
        code=item.find_text("Area", "Code"),
        grade=item.find_text("Category", "Kind", "Name"),
        grade_code=item.find_text("Category", "Kind", "Code"),
        grade_before=item.find_text("Category", "LastKind", "Name"),
        height="" if shown is None else shown.attributes.get("description", shown.text.strip()),
        arrives_at=find_instant(item.find_text("FirstHeight", "ArrivalTime")) or NOT_GIVEN,
        arrival=item.find_text("FirstHeight", "Condition"),
    )
