"""Pages: templates filled in the reader's language, with what stands round every one of them.

Every value is escaped where it is written (autoescape), a name that nobody gave is a fault and not an empty place
(StrictUndefined), and no template holds a script, a style or an address of somebody else's.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie
from markupsafe import Markup, escape

from comity.api.desk import Desk
from comity.api.row_words import say_row
from comity.api.terms import say_term
from comity.api.titles import PactTitles
from comity.api.words import LANGUAGE_NAMES, LANGUAGES, say, say_in, speak_in
from comity.base.catalogue import CODES
from comity.base.instants import Instant, format_dtg, format_iso
from comity.console.alarm import AlarmBoard, AlarmNow, AlarmPiece
from comity.console.assets import Assets
from comity.console.bar import find_bar
from comity.console.compiled import CompiledTemplates
from comity.console.corrected import find_changes
from comity.console.gate import Gate, is_of_script
from comity.console.paper import PLACE, put_banner
from comity.console.rail import list_rail
from comity.console.shared import Shared
from comity.console.visit import THEMES, Visit
from comity.pact.zone import format_local

__all__ = ["Pages"]

HTMX_SETTINGS: Final = (
    '{"allowEval":false,"disableInheritance":true,"allowScriptTags":false,"includeIndicatorStyles":false,"selfRequestsOnly":true,'
    '"historyCacheSize":0,"timeout":10000,"defaultSettleDelay":0,"responseHandling":[{"code":"204","swap":false},'
    '{"code":"[234]..","swap":true},{"code":"5..","swap":false,"error":true}]}'
)
"""Nothing is evaluated, asked of other hosts or kept in the browser. A new piece listens at once: the timers of a page
that nobody looks at are slow."""

SETTINGS: Final[dict[str, Any]] = {
    "autoescape": True,
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "auto_reload": False,
}
TEMPLATES: Final = Path(__file__).parent / "templates"


class Pages:
    """The templates of one node's console."""

    def __init__(self, desk: Desk, gate: Gate, assets: Assets) -> None:
        self._desk = desk
        self._gate = gate
        self.alarm = AlarmBoard(desk)
        self._alarm_now: AlarmNow | None = None
        self._alarm_pieces: dict[tuple[str, bool], AlarmPiece] = {}
        machine = desk.node.machine
        signatory = machine.pact.find_party(machine.party)
        assert signatory is not None, "a node's own party is in its pact"
        self._zone = signatory.zone
        self.titles = PactTitles(machine)
        self.shared = Shared(desk.node)
        self.paths: frozenset[str] = frozenset()
        """The paths that this console answers, once it is put together."""
        self._environment = Environment(  # noqa: S701 -- SETTINGS say that all is escaped
            loader=PackageLoader("comity.console"), bytecode_cache=CompiledTemplates(TEMPLATES, SETTINGS), **SETTINGS
        )
        self._environment.filters["coded"] = _show_codes
        desk.looks.append(self.read_templates)
        realm = machine.setup.pins.realm
        self._environment.globals |= {
            "asset": assets.find_path,
            "banner": PLACE,
            "changes_of": lambda id_: find_changes(desk, self.titles, id_),
            "cite": self.titles.cite,
            "dtg": _format_dtg,
            "htmx_settings": HTMX_SETTINGS,
            "is_demo": False,
            "is_exercise": realm != "real",
            "iso": _format_iso,
            "language_names": LANGUAGE_NAMES,
            "languages": LANGUAGES,
            "local": self._format_local,
            "party": machine.party,
            "realm": realm,
            "say": say,
            "second": _format_second,
            "say_code": _say_code,
            "say_hint": _say_hint,
            "say_in": say_in,
            "say_row": lambda row: say_row(row, self.titles),
            "say_term": say_term,
            "themes": THEMES,
            "title_of": self.titles.title_of,
        }

    async def read_templates(self) -> None:
        """Read every template, with other work in between: the first look at a page would wait for its own."""
        for name in self._environment.list_templates(extensions=("html",)):  # and nothing kept compiled
            self._environment.get_template(name)
            await asyncio.sleep(0)

    def tell(self, **names: object) -> None:
        """Let every template know something more of this node."""
        self._environment.globals |= names

    def render(
        self,
        request: Request[Any, Any, Any],
        template: str,
        *,
        status: int = 200,
        cookies: tuple[Cookie, ...] = (),
        **fields: object,
    ) -> Response[str]:
        """Fill a template for a request."""
        visit = self._find_visit(request)
        text = put_banner(self._fill(request, visit, template, fields))
        return self._answer(text, status=status, cookies=(*visit.set_cookies, *cookies))

    def render_live(
        self, request: Request[Any, Any, Any], template: str, *, path: str, **fields: object
    ) -> Response[str]:
        """Fill a piece of a page that asks for itself anew; nothing is sent where it is as the browser has it."""
        return self._send(request, self.fill_live(request, template, path=path, **fields))

    def fill_live(self, request: Request[Any, Any, Any], template: str, *, path: str, **fields: object) -> Markup:
        """Return such a piece for a page that is made with it."""
        visit = self._find_visit(request)
        inner = self._fill(request, visit, template, fields)
        seen = hashlib.sha256(inner.encode()).hexdigest()[:_SEEN_SIZE]
        holder = self._environment.get_template("live.html")
        return Markup(holder.render(inner=Markup(inner), at=f"{path}{'&' if '?' in path else '?'}seen={seen}"))  # noqa: S704 -- filled just now, by the same environment

    def render_shared(
        self, request: Request[Any, Any, Any], template: str, *, path: str, find: Callable[[], dict[str, object]]
    ) -> Response[str]:
        """As `render_live`, of a piece that is the same for every reader of a language."""
        return self._send(request, self.fill_shared(request, template, path=path, find=find))

    def fill_shared(
        self, request: Request[Any, Any, Any], template: str, *, path: str, find: Callable[[], dict[str, object]]
    ) -> Markup:
        """As `fill_live`, filled once for each change and minute; no form and no officer may stand in it."""
        language = self._find_visit(request).language
        name = (template, path, language)
        return self.shared.find(name, lambda: self.fill_live(request, template, path=path, **find()))

    def _send(self, request: Request[Any, Any, Any], piece: Markup) -> Response[str]:
        """Send a piece, or nothing where the browser has it so."""
        if request.query_params.get("seen", "") == _find_digest(piece):
            return Response("", status_code=204)
        return self._answer(piece, status=200, cookies=())

    def render_alarm(self, request: Request[Any, Any, Any], seen: str) -> Response[str]:
        """Send the piece of every page that alarms; nothing is sent where the browser has it so."""
        visit = self._find_visit(request)
        piece = self.find_alarm(visit.language, is_open=visit.is_open)
        if seen == piece.mark:
            return Response("", status_code=204)
        return self._answer(piece.text, status=200, cookies=())

    def find_alarm(self, language: str, *, is_open: bool) -> AlarmPiece:
        """Return that piece as it is now: filled once for each change, however many consoles show it."""
        now = self.alarm.read()
        if now is not self._alarm_now:
            self._alarm_now = now
            self._alarm_pieces.clear()
        held = self._alarm_pieces.get((language, is_open))
        if held is None:
            speak_in(language)
            mark = now.find_mark(language, is_open)
            template = self._environment.get_template("alarm_now.html")
            held = AlarmPiece(mark, template.render(alarm=now, alarm_mark=mark, is_open=is_open))
            self._alarm_pieces[language, is_open] = held
        return held

    def fill(self, request: Request[Any, Any, Any], template: str, **fields: object) -> Markup:
        """Return a piece of a page, in the language that is spoken now, for a page that is made with it."""
        return Markup(self._fill(request, self._find_visit(request), template, fields))  # noqa: S704 -- filled just now, by the same environment

    def lead(self, path: str, *, cookies: tuple[Cookie, ...] = ()) -> Response[None]:
        """Lead the browser to a page after a form was taken."""
        return Response(None, status_code=303, headers={"Location": path}, cookies=list(cookies))

    def _find_visit(self, request: Request[Any, Any, Any]) -> Visit:
        found = getattr(request.state, "visit", None)
        return found if isinstance(found, Visit) else self._gate.open(request)

    def _fill(self, request: Request[Any, Any, Any], visit: Visit, template: str, fields: dict[str, object]) -> str:
        return self._environment.get_template(template).render(**self._find_frame(request, visit) | fields)

    def _find_frame(self, request: Request[Any, Any, Any], visit: Visit) -> dict[str, object]:
        """Return what stands round every page."""
        is_open = visit.is_open
        alarm = "" if visit.session is None else self.find_alarm(visit.language, is_open=is_open).text
        return {
            "alarm": Markup(alarm),  # noqa: S704 -- filled by the same environment
            "visit": visit,
            "is_open": is_open,
            "is_piece": is_of_script(request),
            "here": request.scope["path"],
            "rail": list_rail(self.paths),
            **_find_news(request),
            "shown_at": self._desk.node.now(),
            "bar": find_bar(self._desk, self._zone) if is_open else None,
        }

    def _answer(self, text: str, *, status: int, cookies: tuple[Cookie, ...]) -> Response[str]:
        return Response(text, status_code=status, media_type=MediaType.HTML, cookies=list(cookies))

    def _format_local(self, at: int) -> str:
        return format_local(self._zone, Instant(at))


_SEEN_SIZE: Final = 16
_ID: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)


def _find_news(request: Request[Any, Any, Any]) -> dict[str, object]:
    """Return what an act that led here came to: the beginning of the id of what was signed, or that it was done."""
    signed = request.query_params.get("signed", "")
    return {"signed": signed if _ID.fullmatch(signed) else "", "is_done": request.query_params.get("done", "") == "1"}


def _find_digest(piece: str) -> str:
    return piece.partition("seen=")[2][:_SEEN_SIZE]


def _format_dtg(at: int) -> str:
    return format_dtg(Instant(at))


def _format_second(at: int) -> str:
    """Write an instant to the second, where several lie in one minute."""
    return format_iso(Instant(at))[:19].replace("T", " ") + "Z"


def _show_codes(text: str) -> Markup:
    """Show what stands between backquotes in a message as what is typed."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(part) if number % 2 else part
                           for number, part in enumerate(parts))  # fmt: skip


def _say_code(code: str) -> str:
    return say(CODES[code].says) if code in CODES else code


def _say_hint(code: str) -> str:
    return say(CODES[code].hint) if code in CODES else ""


def _format_iso(at: int) -> str:
    return format_iso(Instant(at))
