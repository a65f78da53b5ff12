"""The page *Record*: looking through it, one entry, who knew what when, journals and heads, the record as a file."""

from typing import Annotated, Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from comity.api.desk import Desk
from comity.api.record_index import PAGE_COUNT, Wish
from comity.api.words import say
from comity.base.instants import DAY_MS, HOUR_MS, MINUTE_MS, Instant
from comity.console.acts import Acts
from comity.console.correction_acts import list_mends, make_correction_acts
from comity.console.moments import format_moment, is_day, parse_moment
from comity.console.pages import Pages
from comity.console.record import Line, Room, find_entered, find_known, find_related
from comity.console.record_journals import list_findings, list_journals
from comity.console.visit import get_visit
from comity.procedure.registry import ENTRY_TYPES
from comity.procedure.timeline import SAYS, find_code_of

__all__ = ["make_record"]

Short = Annotated[str, QueryParameter(max_length=64)]
Typed = Annotated[str, QueryParameter(max_length=200)]
KNOWN_COUNT: Final = 25
_SECOND_MS: Final = 1_000
_CODES: Final = {type_.__name__: find_code_of(type_) for type_ in ENTRY_TYPES}


class _Asked:
    """What a query asks for, as it was typed and as it is looked for."""

    def __init__(self, room: Room, query: dict[str, str]) -> None:
        self.typed = {name: query.get(name, "") for name in ("q", "party", "type", "to", "object", "from", "until")}
        self.typed["nodes"] = "1" if query.get("nodes") else ""
        ref = self.typed["object"][:128]
        from_at, until_at = (parse_moment(self.typed[name], now=room.desk.node.now()) for name in ("from", "until"))
        whole_ms = DAY_MS if is_day(self.typed["until"]) else MINUTE_MS
        self.wish = Wish(
            text=self.typed["q"],
            author=self.typed["party"],
            type=self.typed["type"],
            objects=find_related(room.machine, ref) if ref else frozenset(),
            audience=tuple(sorted(self.typed["to"].split())),
            from_at=from_at or 0,
            # A minute that was typed is meant whole, and so is a day.
            until_at=until_at + whole_ms - 1 if until_at is not None else 0,
            has_machines=bool(self.typed["nodes"]),
        )
        self.wrong = [name for name, at in (("from", from_at), ("until", until_at)) if self.typed[name] and at is None]

    def link(self, path: str, **more: object) -> str:
        """Return the same question at a page, with something added or, where it is empty, left out."""
        fields = {**self.typed, **{name.rstrip("_"): str(value) for name, value in more.items()}}
        kept = {name: value for name, value in fields.items() if value}
        return f"{path}?{urlencode(kept)}" if kept else path


def make_record(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return the routes."""
    room = Room(desk, pages.titles)
    desk.looks.append(room.catch_up)

    @get("/record")
    async def record(request: Request[Any, Any, Any], before: Short = "", after: Short = "") -> Response[Any]:
        await room.catch_up()
        asked = _Asked(room, dict(request.query_params))
        found = room.index.find(asked.wish, before=before, after=after, count=PAGE_COUNT)
        lines = room.list_lines(found.rows, get_visit(request).language)
        return pages.render(request, "record.html", lines=lines, asked=asked, found=found, **_find_choices(room))

    @get("/record/knowledge")
    async def knowledge(request: Request[Any, Any, Any], at: Short = "", minute: Short = "") -> Response[Any]:
        await room.catch_up()
        asked, moment = _Asked(room, dict(request.query_params)), _find_moment(desk, at, minute)
        return pages.render(request, "record_known.html", asked=asked, **_find_knowledge(request, room, asked, moment))

    @get("/record/journals")
    async def journals(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render(
            request, "record_journals.html", journals=list_journals(room.machine), findings=list_findings(room.machine)
        )

    @get("/record/bundle", media_type="application/octet-stream")
    async def bundle() -> Response[bytes]:
        machine = room.machine
        name = f"{machine.party}-{machine.setup.pins.realm}.comity"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(desk.export(), media_type="application/octet-stream", headers=headers)

    @get("/record/{entry:str}")
    async def entry_(request: Request[Any, Any, Any], entry: FromPath[str]) -> Response[Any]:
        await room.catch_up()
        entered = find_entered(room, entry, get_visit(request).language)
        mends = list_mends(room.machine, entered.line.stated)
        return pages.render(request, "record_entry.html", entered=entered, moment=format_moment, mends=mends)

    return [record, knowledge, journals, bundle, entry_, *make_correction_acts(pages, desk, acts)]


def _find_choices(room: Room) -> dict[str, Any]:
    """Return what may be chosen from: only what there is."""
    types = sorted((_say_type(name), name) for name in room.index.types)
    return {
        "types": types,
        "parties": room.machine.parties,
        "audiences": room.index.audiences,
        "count": room.index.count,
    }


def _say_type(name: str) -> str:
    """Return what a type of statements is called: its sentence, with a place for whoever says it."""
    says = say(SAYS.get(_CODES.get(name, ""), name))
    for part in {word.split("}")[0] for word in says.split("{")[1:]}:
        says = says.replace("{" + part + "}", "…")
    return says


def _find_moment(desk: Desk, at: str, minute: str) -> Instant:
    """Return the moment that is asked for, never later than now."""
    now = desk.node.now()
    if minute.isascii() and minute.isdecimal():
        return Instant(min(now, int(minute) * MINUTE_MS + MINUTE_MS - 1))
    typed = parse_moment(at, now=now)
    return now if typed is None else Instant(min(now, typed + _SECOND_MS - 1))


def _find_knowledge(request: Request[Any, Any, Any], room: Room, asked: _Asked, at: Instant) -> dict[str, Any]:
    index, parties, now = room.index, room.machine.parties, room.desk.node.now()
    wish = asked.wish
    until = Wish(wish.text, wish.author, wish.type, wish.objects, wish.audience, wish.from_at, at, wish.has_machines)
    found = index.find(until, count=KNOWN_COUNT, before=request.query_params.get("before", "")[:64])
    lines = find_known(room, room.list_lines(found.rows, get_visit(request).language), parties, at)
    first, _ = index.find_span(wish)
    earlier, later = _find_changes(lines, at, index.find_next(wish, at))
    steps = [
        (say("{count} h", count=-1), at - HOUR_MS), (say("{count} min", count=-10), at - 10 * MINUTE_MS),
        (say("{count} min", count="+10"), at + 10 * MINUTE_MS), (say("{count} h", count="+1"), at + HOUR_MS),
    ]  # fmt: skip
    return {
        **_find_choices(room),
        "lines": lines,
        "found": found,
        "at": at,
        "is_now": at >= now,
        "moment": format_moment,
        "earlier": earlier,
        "later": later,
        "steps": [(name, format_moment(max(first, step)), step > now or step < first) for name, step in steps],
        "minutes": (first // MINUTE_MS, now // MINUTE_MS, at // MINUTE_MS),
    }


def _find_changes(lines: list[Line], at: Instant, following: int) -> tuple[int, int]:
    """Return the last moment before and the first after at which something shown changes; 0 for none."""
    moments = {int(cell.since_at) for line in lines for cell in line.known if cell.since_at}
    moments |= {int(line.stated.written_at) for line in lines}
    shown_s = at // _SECOND_MS
    earlier = max((one for one in moments if one // _SECOND_MS < shown_s), default=0)
    later = min((one for one in (*moments, following) if one and one // _SECOND_MS > shown_s), default=0)
    return earlier, later
