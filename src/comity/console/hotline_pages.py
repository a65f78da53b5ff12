"""The page *Hotline*: what was said on each channel, each receipt as a fact of its own, line tests, voice calls."""

import re
from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from comity.api.desk import Desk
from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant
from comity.base.names import Party
from comity.console.acts import Acts
from comity.console.hotline import find_channel, find_tests, group_messages, list_channels, read_channel
from comity.console.hotline_acts import make_hotline_acts
from comity.console.hotline_form_pages import make_hotline_forms
from comity.console.marks import format_mark, read_mark
from comity.console.pages import Pages
from comity.console.visit import get_visit
from comity.console.watch import order_versions
from comity.pact.zone import format_local
from comity.procedure.fields import Level, Precedence
from comity.procedure.hotline import ReadBack
from comity.procedure.line import LineAnswer
from comity.procedure.voice import VoiceAccount, VoiceCheck

__all__ = ["HOTLINE_PATH", "make_hotline"]

HOTLINE_PATH: Final = "/hotline"
SKIPPED_COUNT_MAX: Final = 1_000_000
_CHANNEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,200}", re.ASCII)

AskedCount = Annotated[int, QueryParameter(ge=0, le=SKIPPED_COUNT_MAX)]


def make_hotline(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return every route of the page: what shows, the forms, the acts."""
    return [*_make_views(pages, desk), *make_hotline_forms(pages, desk), *make_hotline_acts(acts, desk)]


def _make_views(pages: Pages, desk: Desk) -> list[HTTPRouteHandler]:
    machine = desk.node.machine

    def find_fields(request: Request[Any, Any, Any], channel: str, skip: int) -> dict[str, object]:
        said = group_messages(machine)
        channels = list_channels(desk, said)
        chosen = find_channel(channels, channel)
        line = None if chosen is None else chosen.line
        return {
            "channels": channels,
            "channel": chosen,
            "talk": None if chosen is None else read_channel(desk, chosen.id, said, skipping=skip),
            "tests": None if line is None else find_tests(desk, line),
            "skipping": skip,
            "parties": machine.parties,
            "local_of": lambda party, at: _format_local_of(desk, party, at),
            "mark": lambda marking: format_mark(pages.titles, read_mark(marking)),
            "order": lambda text: order_versions(text, get_visit(request).language),
            "say_precedence": lambda value: say_term(Precedence(value)),
            "say_read_back": lambda value: say_term(ReadBack(value)),
            "say_check": lambda value: say_term(VoiceCheck(value)),
            "say_account": lambda value: say_term(VoiceAccount(value)),
            "say_level": lambda value: say_term(Level(value)),
            "say_short_answer": _say_short,
        }

    def show(request: Request[Any, Any, Any], channel: str, skip: int) -> Response[Any]:
        piece = pages.fill_live(
            request, "hotline_now.html", path=_find_path(channel, skip), **find_fields(request, channel, skip)
        )
        return pages.render(request, "hotline.html", piece=piece)

    @get(HOTLINE_PATH)
    async def hotline(request: Request[Any, Any, Any]) -> Response[Any]:
        return show(request, "", 0)

    @get("/hotline/on/{channel:str}")
    async def on_channel(
        request: Request[Any, Any, Any], channel: FromPath[str], skip: AskedCount = 0
    ) -> Response[Any]:
        return show(request, channel, skip)

    @get("/hotline/now", opt={"is_quiet": True})
    async def now(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render_live(request, "hotline_now.html", path=_find_path("", 0), **find_fields(request, "", 0))

    @get("/hotline/now/{channel:str}/{skip:int}", opt={"is_quiet": True})
    async def now_on(request: Request[Any, Any, Any], channel: FromPath[str], skip: FromPath[int]) -> Response[Any]:
        skip = min(max(skip, 0), SKIPPED_COUNT_MAX)
        path, fields = _find_path(channel, skip), find_fields(request, channel, skip)
        return pages.render_live(request, "hotline_now.html", path=path, **fields)

    return [hotline, on_channel, now, now_on]


def _format_local_of(desk: Desk, party: Party, at: int) -> str:
    """Return an instant on a party's own clock; empty where the pact does not have the party."""
    signatory = desk.node.machine.pact.find_party(party)
    return "" if signatory is None else format_local(signatory.zone, Instant(at))


def _find_path(channel: str, skip: int) -> str:
    return f"/hotline/now/{channel}/{skip}" if _CHANNEL.fullmatch(channel) else "/hotline/now"


def _say_short(answer: LineAnswer) -> str:
    return {
        LineAnswer.PERSON: say("person"),
        LineAnswer.MACHINE: say("machine"),
        LineAnswer.PENDING: say("pending"),
        LineAnswer.UNKNOWN: say("unknown"),
    }[answer]
