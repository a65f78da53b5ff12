"""The page *Warning*: the picture as a table, beside a map that draws the same (docs/adr/0080, 0083).

The table is whole without the map, and the page without script.
"""

from typing import Annotated, Any, Final

from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from comity.api.areas_at_risk import say_grade
from comity.api.desk import Desk
from comity.api.warning import find_picture
from comity.base.errors import OutageError, UsageError
from comity.base.instants import MINUTE_MS, Instant
from comity.console.area_warning_pages import find_shown
from comity.console.pages import Pages
from comity.console.warning_led import find_led
from comity.console.warning_rows import (
    BACK_MS_MAX,
    DEVIATIONS,
    FULL,
    SLIDER_MINUTES,
    SORTS,
    Asked,
    choose_ends,
    format_distance,
    format_place,
    lay_table,
    read_asked,
)
from comity.console.warning_setting import find_symbol, list_clauses, show_setting
from comity.warning.layout import NOT_NAMED

__all__ = ["make_warning"]

_KNOT_M_S: Final = 1_852 / 3_600
_QUIET: Final = {"is_quiet": True}

At = Annotated[str, QueryParameter(max_length=16, pattern=r"^\d*\Z")]


def make_warning(pages: Pages, desk: Desk) -> list[HTTPRouteHandler]:
    """Return the routes."""
    room = _Room(desk)

    @get("/warning")
    async def index(request: Request[Any, Any, Any]) -> Response[Any]:
        asked = read_asked(request.query_params, desk.node.now())
        fields = await room.find(asked)
        piece = pages.fill_live(request, "warning_now.html", path=room.find_path(asked), **fields)
        return pages.render(request, "warning.html", piece=piece, **fields)

    @get("/warning/now", opt=_QUIET)
    async def now(request: Request[Any, Any, Any]) -> Response[Any]:
        asked = read_asked(request.query_params, desk.node.now())
        return pages.render_live(request, "warning_now.html", path=room.find_path(asked), **await room.find(asked))

    @get("/warning/object/{name:str}", opt=_QUIET)
    async def one(request: Request[Any, Any, Any], name: FromPath[str], at: At = "") -> Response[Any]:
        return pages.render(request, "warning_object.html", **await room.find_object(name, int(at or 0)))

    @get("/warning/setting", opt=_QUIET, media_type=MediaType.JSON)
    async def setting() -> dict[str, Any]:
        return show_setting(desk, pages.titles)

    @get("/warning/ends", opt=_QUIET, media_type=MediaType.JSON)
    async def ends_now(at: At = "") -> list[dict[str, Any]]:
        return await room.list_ends(int(at or 0))

    return [index, now, one, setting, ends_now]


class _Room:
    """What the pages show."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def find_path(self, asked: Asked) -> str:
        """Return where the live piece of a page asks for itself."""
        return f"/warning/now?{asked.query}&sheet={asked.sheet}"

    async def find(self, asked: Asked) -> dict[str, Any]:
        """Return what the page shows; without a warning process there is no table, and why."""
        machine, now = self._desk.node.machine, self._desk.node.now()
        moment = asked.find_moment(now)
        table, code = None, ""
        try:
            table = lay_table(await find_picture(self._desk, moment), asked)
        except (OutageError, UsageError) as error:
            code = error.code
        return {
            **self._find_words(),
            **find_shown(self._desk),
            "at_risk": await self._desk.areas.find(moment or now),
            "grade_of": say_grade,
            "asked": asked,
            "table": table,
            "table_code": code,
            "moment": moment,
            "is_too_old": bool(asked.at) and asked.at < now - BACK_MS_MAX,
            "classes": [row.id for row in machine.pact.track_classes],
            "clauses": list_clauses(machine),
            "sorts": tuple(SORTS),
            "minutes": round((moment - now) / MINUTE_MS) if moment else 0,
            "slider_minutes": SLIDER_MINUTES,
            "areas": [row.id for row in machine.pact.warning_areas],
        }

    async def find_object(self, name: str, at: int) -> dict[str, Any]:
        """Return what is shown of one object, by its name or a report's.

        Raises:
            UsageError: `cli.no-such-object`.
        """
        wanted = name.replace(".", "/")
        moment = self._find_moment(at)
        found = await find_picture(self._desk, moment)
        for row in found["objects"]:
            if wanted in (row["name"], *(member["name"] for member in row["members"])):
                table = lay_table({**found, "objects": [row]}, Asked())
                return {**self._find_words(), "row": table.rows[0], "at": found["at"], "moment": moment}
        raise UsageError("cli.no-such-object", id=wanted)

    async def list_ends(self, at: int) -> list[dict[str, Any]]:
        """Return the estimates of launch and impact of what is live or stale."""
        found = await find_picture(self._desk, self._find_moment(at))
        rows = [row for row in found["objects"] if row["standing"] != "dropped"]
        return [{**end, "class": row["class_"]} for row in rows for end in choose_ends(row)]

    def _find_moment(self, at: int) -> Instant | None:
        return Asked(at=at).find_moment(self._desk.node.now())

    def _find_words(self) -> dict[str, Any]:
        machine = self._desk.node.machine
        led, rows = find_led(machine), {row.id: row for row in machine.pact.track_classes}
        return {
            "led_to": lambda row: _list_led(led, row),
            "parties": list(machine.parties),
            "full": FULL,
            "place_of": format_place,
            "distance": format_distance,
            "radius": lambda sigma_m: format_distance(sigma_m * DEVIATIONS),
            "knots": lambda speed_m_s: f"{speed_m_s / _KNOT_M_S:.0f}",
            "symbol_of": lambda class_, kind: _find_code(rows, class_, kind),
        }


def _list_led(led: Any, row: Any) -> list[Any]:
    names = dict.fromkeys((row["name"], *(member["name"] for member in row["members"])))
    found = {one.threat: one for name in names for one in led.get(name, ())}
    return list(found.values())


def _find_code(rows: Any, class_: str, kind: str) -> str:
    row = rows.get(class_)
    if row is None:
        return ""
    numbers = {one.id: number for number, one in enumerate(row.kinds)}
    return find_symbol(row, numbers.get(kind, NOT_NAMED))
