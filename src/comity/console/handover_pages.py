"""The page *Handover*: the watch drafted from what is open, handed over and taken, each by a signature of its own."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.form import parse_form
from comity.api.handover import draft_shift
from comity.api.words import say
from comity.base.errors import UsageError
from comity.console.acts import Acts
from comity.console.fields import Fields
from comity.console.handover import KINDS, find_clause_title, find_handover, list_named
from comity.console.hotline_forms import offer_body, read_body
from comity.console.marks import format_mark, read_mark
from comity.console.pages import Pages
from comity.console.signing import Proposal, find_name
from comity.console.visit import Visit, get_visit
from comity.console.watch import order_versions
from comity.console.wording import read_texts
from comity.pact.offices import Act
from comity.procedure.shift import ShiftState, ShiftStatus

__all__ = ["make_handover"]

HANDOVER_PATH: Final = "/handover"
NOW_PATH: Final = "/handover/now"


def make_handover(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return the routes that show, and the two acts."""

    def find_fields(request: Request[Any, Any, Any]) -> dict[str, object]:
        return {
            "shift": find_handover(desk, pages.titles),
            "clause_title": lambda clause: find_clause_title(pages.titles, clause),
            "kinds": _list_kinds(),
            "named": lambda ids: tuple(list_named(desk, pages.titles, ids)),
            "mark": lambda marking: format_mark(pages.titles, read_mark(marking)),
            "order": lambda rows: order_versions(
                {row["language"]: row["text"] for row in rows}, get_visit(request).language
            ),
        }

    @get(HANDOVER_PATH)
    async def handover(request: Request[Any, Any, Any]) -> Response[Any]:
        piece = pages.fill_live(request, "handover_now.html", path=NOW_PATH, **find_fields(request))
        return pages.render(request, "handover.html", piece=piece)

    @get(NOW_PATH, opt={"is_quiet": True})
    async def now(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render_live(request, "handover_now.html", path=NOW_PATH, **find_fields(request))

    @get("/handover/write")
    async def write(request: Request[Any, Any, Any]) -> Response[Any]:
        note = say(
            "What is open now is named in it, and the relief signs for the same. It stays in your party's own journal."
        )
        return _ask(pages, desk, request, path="/handover/sign", heading=say("Hand the watch over"), note=note)

    @get("/handover/take/{shift:str}")
    async def take(request: Request[Any, Any, Any], shift: FromPath[str]) -> Response[Any]:
        note = say(
            "You sign that you have the watch, with all that was handed over. Whoever hands it over can't take it."
        )
        return _ask(pages, desk, request, path=f"/handover/relieve/{shift}", heading=say("Take the watch"), note=note)

    return [handover, now, write, take, *_make_acts(acts, desk)]


def _list_kinds() -> list[tuple[str, str]]:
    titles = {
        "calls": say("Calls that run"),
        "messages": say("Messages not acknowledged"),
        "texts": say("Silences not answered"),
        "tests": say("Line tests overdue"),
    }
    return [(kind, titles[kind]) for kind in KINDS]


def _ask(pages: Pages, desk: Desk, request: Request[Any, Any, Any], **given: Any) -> Response[Any]:
    offered = offer_body(desk, pages.titles)
    return pages.render(request, "handover_form.html", back=HANDOVER_PATH, **offered, **given)


def _make_acts(acts: Acts, desk: Desk) -> list[HTTPRouteHandler]:
    machine = desk.node.machine

    def hand_over(visit: Visit, fields: Fields, role: str) -> Proposal:
        draft = draft_shift(machine, desk.node.now())
        named = {kind: getattr(draft, kind) for kind in KINDS}
        form = {"type": "ShiftHandedOver", "role": role, "officer": find_name(visit, machine.party),
                "drafted_at": draft.drafted_at, **named, "note": _read_note(desk, fields)}  # fmt: skip
        # The draft is of the instant in which it was made: what was shown is what is signed.
        return Proposal((machine.party,), (parse_form(form),), is_kept=True)

    def relieve(visit: Visit, fields: Fields, role: str) -> Proposal:
        name, giver = find_name(visit, machine.party), _get_waiting(desk, fields.place["shift"])
        if giver == name:
            raise UsageError("shift.own-relief", officer=name)
        form = {"type": "ShiftRelieved", "shift": fields.place["shift"], "role": role, "officer": name,
                "note": _read_note(desk, fields)}  # fmt: skip
        return Proposal((machine.party,), (parse_form(form),))

    return [
        *acts.make("/handover/sign", hand_over, speaks_as=Act.ACKNOWLEDGE),
        *acts.make("/handover/relieve/{shift:str}", relieve, speaks_as=Act.ACKNOWLEDGE),
    ]


def _read_note(desk: Desk, fields: Fields) -> list[dict[str, object]]:
    """Return the note with its marking, if one was typed in any language."""
    return [read_body(desk, fields)] if read_texts(fields) else []


def _get_waiting(desk: Desk, shift: str) -> str:
    """Return who handed over a watch that nobody has taken.

    Raises:
        UsageError: `api.malformed`, `cli.no-such-object`.
    """
    state = desk.node.machine.record.get_state(desk.get_object(shift, "shift"))
    if isinstance(state, ShiftState) and state.status is ShiftStatus.HANDED_OVER and state.handed_over is not None:
        return str(getattr(state.handed_over.entry, "officer", ""))
    raise UsageError("cli.no-such-object", beginning=shift[:16])
