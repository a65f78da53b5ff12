"""Areas at risk by the telegrams that this party may have (docs/spec/warning.md, W80, W81, W83).

Rules
- Who may have a telegram is asked anew each time; what one says is read once, and kept by its item.
- The item of each telegram that an answer rests on is recorded as read, where the pact asks for it (P48).
"""

from collections import OrderedDict
from typing import TYPE_CHECKING, Annotated, Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from comity.api.held_alerts import HeldAlerts
from comity.api.views.areas import AreaAtRiskShown
from comity.api.words import say
from comity.base.errors import ComityError
from comity.base.instants import Instant
from comity.base.limits import INSTANT_MS_MAX
from comity.base.names import Digest
from comity.exchange.areas_at_risk import AreaAtRisk, Grade, find_areas_at_risk
from comity.exchange.jma import JMA_MEDIA, Telegram, parse_telegram
from comity.node.items import Items
from comity.node.node import Node

if TYPE_CHECKING:
    from comity.api.desk import Desk

__all__ = ["AreasAtRisk", "make_area_routes", "say_grade"]

SENDER: Final = "www.jma.go.jp"
KEPT_COUNT_MAX: Final = 4_096

At = Annotated[int, QueryParameter(ge=0, le=INSTANT_MS_MAX, description="an instant, in milliseconds; 0: now")]


class AreasAtRisk:
    """Reads them at one node, for all who look."""

    def __init__(self, node: Node, items: Items, alerts: HeldAlerts) -> None:
        self._node = node
        self._items = items
        self._alerts = alerts
        self._read: OrderedDict[Digest, tuple[Telegram, ...]] = OrderedDict()

    async def find(self, as_of: Instant) -> list[AreaAtRiskShown]:
        """Return what is in force at an instant, the gravest first."""
        rows = find_areas_at_risk(await self._list_telegrams(), as_of=as_of)
        if rows:
            await self._items.reads.record_items({row.item for row in rows})
        return [_show(row) for row in rows]

    async def _list_telegrams(self) -> list[tuple[Digest, Telegram]]:
        found: dict[Digest, None] = {}
        async for row in self._alerts.list(to=self._node.machine.party, goes_out=False):
            if row.shown["sender"] == SENDER:
                found[row.item] = None
        return [(item, telegram) for item in found for telegram in await self._find(item)]

    async def _find(self, item: Digest) -> tuple[Telegram, ...]:
        if item in self._read:
            self._read.move_to_end(item)
            return self._read[item]
        held = await self._alerts.find(item, to=self._node.machine.party, goes_out=False)
        found = tuple(one for row in held if row.media == JMA_MEDIA and (one := _parse(row.raw)) is not None)
        if held:  # else it is gone since it was listed
            self._read[item] = found
            if len(self._read) > KEPT_COUNT_MAX:
                self._read.popitem(last=False)
        return found


def make_area_routes(desk: "Desk") -> list[HTTPRouteHandler]:
    """Return the path of what is at risk."""

    @get("/v1/warning/areas", summary="Areas at risk of a tsunami, by the telegrams that this party may have")
    async def at_risk(at: At = 0) -> list[AreaAtRiskShown]:
        return await desk.areas.find(Instant(at) if at else desk.node.now())

    return [at_risk]


def say_grade(grade: str) -> str:
    """Return what a grade is called in the chosen language."""
    return {
        Grade.MAJOR: say("major tsunami warning"),
        Grade.WARNING: say("tsunami warning"),
        Grade.ADVISORY: say("tsunami advisory"),
        Grade.FORECAST: say("slight change of sea level"),
    }[Grade(grade)]


def _parse(raw: bytes) -> Telegram | None:
    try:
        return parse_telegram(raw)
    except ComityError:
        return None


def _show(row: AreaAtRisk) -> AreaAtRiskShown:
    return {
        "event": row.event,
        "code": row.code,
        "name": row.name,
        "grade": row.grade.value,
        "grade_name": row.grade_name,
        "height": row.height,
        "arrives_at": row.arrives_at,
        "arrival": row.arrival,
        "reported_at": row.reported_at,
        "valid_until_at": row.valid_until_at,
        "status": row.status.value,
        "item": row.item.hex(),
        "geometry": None,
    }
