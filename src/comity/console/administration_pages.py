"""The pages *Administration*: how the node stands, and what is kept here, each on a page of its own."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from comity.api.appointing import Appointing
from comity.api.desk import Desk
from comity.console.acts import Acts
from comity.console.administration import find_findings, find_status, may_keep
from comity.console.administration_officers import make_officers
from comity.console.administration_roster import make_roster
from comity.console.pages import Pages
from comity.console.session import Sessions
from comity.node.passkeys import PasskeyBook

__all__ = ["make_administration"]


def make_administration(
    pages: Pages, desk: Desk, acts: Acts, sessions: Sessions, passkeys: PasskeyBook
) -> list[HTTPRouteHandler]:
    """Return the routes."""
    appointing = Appointing(desk, passkeys)

    @get("/administration")
    async def administration(request: Request[Any, Any, Any]) -> Response[Any]:
        stands, findings = find_status(desk), find_findings(desk)
        return pages.render(request, "administration.html", keeps=may_keep(desk), stands=stands, findings=findings)

    return [
        administration,
        *make_officers(pages, desk, acts, appointing, sessions),
        *make_roster(pages, desk, acts, appointing, sessions),
    ]
