"""What consumers of public-warning and office systems poll: alerts and a calendar, each as its party may have it (X43).

A consumer is told of nothing that it may not have, by no id, count, code or date. One of the own party has ceilings of
level and topics besides (X4): what is above them is as if it were not there.
"""

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from comity.api import alerts as acts
from comity.api.areas import export_areas
from comity.api.calendar import make_calendar
from comity.api.desk import Desk
from comity.api.doorkeeper import CONSUMER, get_consumer
from comity.api.form import parse_id
from comity.api.held_alerts import MayHave
from comity.api.views.exchange import AlertShown
from comity.api.words import LANGUAGES, get_language
from comity.exchange.calendar import CALENDAR_MEDIA
from comity.exchange.cap import MEDIA
from comity.exchange.consumer import Consumer, Format, is_within_ceiling
from comity.exchange.geojson import GEOJSON_MEDIA
from comity.node.reads import Reader
from comity.procedure.entry import Marking
from comity.procedure.reading import ReaderKind

__all__ = ["make_ceiling", "make_feeds", "make_officer_feeds"]

Language = Annotated[str, QueryParameter(name="lang", max_length=8)]
For = Annotated[str, QueryParameter(name="for", max_length=12)]
Before = Annotated[int, QueryParameter(ge=0)]
"""How many of the latest alerts are left out."""


def make_feeds(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the paths that a consumer's token opens."""

    @get(
        "/feeds/calendar.ics", summary="A consumer's calendar of duties and meetings", media_type=CALENDAR_MEDIA,
        opt={"access": CONSUMER, "format": Format.ICALENDAR},
    )  # fmt: skip
    async def calendar(request: Request[Any, Any, Any], language: Language = "") -> Response[bytes]:
        consumer = get_consumer(request)
        raw = make_calendar(desk, to=consumer.party, is_officer=False, language=_choose(language))
        return Response(raw, media_type=CALENDAR_MEDIA)

    @get(
        "/feeds/alerts", summary="The public warnings that a consumer may have",
        opt={"access": CONSUMER, "format": Format.CAP},
    )  # fmt: skip
    async def alerts(request: Request[Any, Any, Any], before: Before = 0) -> list[AlertShown]:
        consumer = get_consumer(request)
        ceiling = make_ceiling(desk, consumer)
        rows = await acts.list_alerts(desk, to=consumer.party, goes_out=True, may_have=ceiling, before=before)
        await _record(desk, consumer, {bytes.fromhex(row["id"]) for row in rows})
        return rows

    @get(
        "/feeds/alerts/{alert:str}", summary="One public warning as CAP, for a consumer", media_type=MEDIA,
        opt={"access": CONSUMER, "format": Format.CAP},
    )  # fmt: skip
    async def alert(request: Request[Any, Any, Any], alert: FromPath[str]) -> Response[bytes]:
        consumer = get_consumer(request)
        ceiling = make_ceiling(desk, consumer)
        raw, media = await acts.export_alert(desk, alert, to=consumer.party, goes_out=True, may_have=ceiling)
        await _record(desk, consumer, {parse_id(alert)})
        return Response(raw, media_type=media)

    @get(
        "/feeds/areas.geojson", summary="The areas of measures and actions that a consumer may have",
        media_type=GEOJSON_MEDIA, opt={"access": CONSUMER, "format": Format.GEOJSON},
    )  # fmt: skip
    async def areas(request: Request[Any, Any, Any]) -> Response[bytes]:
        consumer = get_consumer(request)
        raw = export_areas(desk, to=consumer.party, may_have=make_ceiling(desk, consumer))
        return Response(raw, media_type=GEOJSON_MEDIA)

    return [calendar, alerts, alert, areas]


def make_officer_feeds(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the same for an officer, who may look at it as another party's consumer would get it."""

    @get("/v1/calendar", summary="The calendar of duties and meetings", media_type=CALENDAR_MEDIA)
    async def calendar(reader: For = "", language: Language = "") -> Response[bytes]:
        own = desk.node.machine.party
        raw = make_calendar(desk, to=reader or own, is_officer=not reader, language=_choose(language))
        return Response(raw, media_type=CALENDAR_MEDIA)

    @get("/v1/areas", summary="The areas of measures and actions as GeoJSON", media_type=GEOJSON_MEDIA)
    async def areas(reader: For = "") -> Response[bytes]:
        raw = export_areas(desk, to=reader or desk.node.machine.party)
        return Response(raw, media_type=GEOJSON_MEDIA)

    return [calendar, areas]


def _choose(language: str) -> str:
    return language if language in LANGUAGES else get_language()


async def _record(desk: Desk, consumer: Consumer, items: set[bytes]) -> None:
    """Note that a consumer is given the warnings that lie in these items, before it is (P48)."""
    await desk.items.reads.record_items(items, reader=Reader(ReaderKind.CONSUMER, consumer.name))


def make_ceiling(desk: Desk, consumer: Consumer) -> MayHave:
    """Return what tells whether markings lie within a consumer's own ceiling."""
    machine = desk.node.machine

    def may_have(markings: tuple[Marking, ...]) -> bool:
        return is_within_ceiling(consumer, markings, pact=machine.pact, own=machine.party)

    return may_have
