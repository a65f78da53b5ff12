"""The page *Watch*, and acknowledging from it: one key, a confirmation, done."""

import re
from typing import Annotated, Any, Final

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from comity.api.desk import Desk
from comity.api.form import parse_id
from comity.api.pact_view import find_policy
from comity.base.errors import UsageError
from comity.console.pages import Pages
from comity.console.session import Sessions
from comity.console.signing import Proposal, confirm, find_name, sign
from comity.console.visit import Visit, get_visit
from comity.console.watch import find_watch, order_versions
from comity.pact.offices import Act
from comity.procedure.call import Acknowledged
from comity.procedure.hotline import MessageAcknowledged
from comity.procedure.scope import Scope

__all__ = ["make_watch"]

Asked = Annotated[str, QueryParameter(max_length=64)]

NOW_PATH: Final = "/watch/now"
_ID: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)
FIRST_ROLE: Final = "watch-officer"
"""In which role one acknowledges where neither the pact nor an officer's token says so."""


def make_watch(pages: Pages, desk: Desk, sessions: Sessions) -> list[HTTPRouteHandler]:
    """Return the routes."""

    def find_fields(request: Request[Any, Any, Any]) -> dict[str, object]:
        return {
            "watch": find_watch(desk),
            "now_at": desk.node.now(),
            "versions": lambda text: order_versions(text, get_visit(request).language),
        }

    @get("/")
    async def watch(request: Request[Any, Any, Any], signed: Asked = "") -> Response[Any]:
        piece = pages.fill_live(request, "watch_now.html", path=NOW_PATH, **find_fields(request))
        return pages.render(request, "watch.html", piece=piece, signed=signed if _ID.fullmatch(signed) else "")

    @get(NOW_PATH, opt={"is_quiet": True})
    async def now(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render_live(request, "watch_now.html", path=NOW_PATH, **find_fields(request))

    @get("/watch/bar", opt={"is_quiet": True})
    async def bar(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render(request, "bar.html")

    @get("/acknowledge/{entry:str}")
    async def ask(request: Request[Any, Any, Any], entry: FromPath[str], role: Asked = "") -> Response[Any]:
        roles = _find_roles(desk, get_visit(request), _find_scope(desk, entry))
        chosen = role if role in roles else roles[0]
        proposal = _propose(desk, get_visit(request), entry, chosen)
        return confirm(pages, desk, request, proposal, roles=roles, role=chosen)

    @post("/acknowledge/{entry:str}", status_code=303)
    async def acknowledge(request: Request[Any, Any, Any], entry: FromPath[str]) -> Response[Any]:
        role = str((await request.form()).get("role", ""))
        roles = _find_roles(desk, get_visit(request), _find_scope(desk, entry))
        proposal = _propose(desk, get_visit(request), entry, role if role in roles else roles[0])
        return await sign(pages, desk, sessions, request, proposal)

    return [watch, now, bar, ask, acknowledge]


def _find_scope(desk: Desk, entry: str) -> Scope:
    """Return the call or message meant.

    Raises:
        UsageError: `api.malformed`, `cli.no-such-object`.
    """
    ref, record = parse_id(entry), desk.node.machine.record
    scopes = (scope for kind in ("consultation", "message") for scope in record.list_scopes(kind))
    found = next((scope for scope in scopes if scope.ref == ref), None)
    if found is None:
        raise UsageError("cli.no-such-object", beginning=entry[:16])
    return found


def _find_roles(desk: Desk, visit: Visit, scope: Scope) -> list[str]:
    """Return the roles in which this session may answer, the one that the pact asks for first; never none."""
    node, wanted = desk.node, find_policy(desk.node.machine, scope).acknowledge_roles
    terms = node.machine.versions.find_offices(node.machine.parties)
    officer = node.officers.read().find(visit.officer) if visit.officer else None
    if officer is not None:
        own = list(officer.roles)
    else:
        own = sorted(terms.offices.find_permitted(Act.ACKNOWLEDGE)[1] if terms is not None else wanted)
    return sorted(own, key=lambda role: (role not in wanted, role != FIRST_ROLE)) or [FIRST_ROLE]


def _propose(desk: Desk, visit: Visit, entry: str, role: str) -> Proposal:
    scope, name = _find_scope(desk, entry), find_name(visit, desk.node.machine.party)
    make = Acknowledged if scope.kind == "consultation" else MessageAcknowledged
    return Proposal(scope.audience, (make(scope.ref, role, name),), f"/acknowledge/{entry}")
