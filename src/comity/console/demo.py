"""The one-click officers of `comity demo`, and what keeps them out of every other node.

Rules
- A console offers them only where its node was started for the demo, in the demo's own exercise realm, listening on
  loopback, with no origin of an operator's. Anything else is refused before the node starts.
- A request that came from another machine, or that a proxy passed on, is told that there is no such page.
- Every page says that anyone at this machine can sign in.
"""

import ipaddress
from typing import Any, Final

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from comity.base.errors import UsageError
from comity.console.entrance import Entrance, find_next
from comity.console.gate import ANYBODY
from comity.console.origins import Origins
from comity.console.pages import Pages
from comity.console.visit import get_visit
from comity.node.node import Node
from comity.node.officers import Officer

__all__ = ["DEMO_REALM", "DemoPages", "check_demo"]

DEMO_REALM: Final = "exercise/camp-david-demo"
_PASSED_ON: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


def check_demo(*, realm: str, origins: Origins, host: str = "127.0.0.1") -> None:
    """Return if a console may let anybody in: the demo's realm, on loopback, reached under no other name.

    Raises:
        UsageError: `demo.outside`.
    """
    if realm != DEMO_REALM or not _is_loopback(host) or origins.has_more:
        raise UsageError("demo.outside", realm=realm[:80])


class DemoPages:
    """Signing in by one click, as any officer of the node."""

    def __init__(self, pages: Pages, entrance: Entrance, node: Node) -> None:
        self._entrance = entrance
        self._node = node
        pages.tell(is_demo=True, demo_officers=self.list_officers)

    def make_routes(self) -> list[HTTPRouteHandler]:
        """Return the routes."""

        @post("/demo/sign-in", opt={"access": ANYBODY}, status_code=303)
        async def sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
            return await self._sign_in(request)

        return [sign_in]

    def list_officers(self, only: str = "") -> list[Officer]:
        """Return the officers who may act now, or one of them."""
        now, rows = self._node.now(), self._node.officers.read().officers
        return [officer for officer in rows if officer.is_valid(now) and only in ("", officer.name)]

    async def _sign_in(self, request: Request[Any, Any, Any]) -> Response[Any]:
        client = request.client.host if request.client is not None else ""
        if not _is_loopback(client) or any(name in request.headers for name in _PASSED_ON):
            raise UsageError("console.no-page")
        form, visit = await request.form(), get_visit(request)
        name, to = str(form.get("officer", "")), find_next(request, form.get("next"))
        if not name or not self.list_officers(name):
            raise UsageError("console.malformed")
        if visit.session is not None and visit.officer == name:
            return self._entrance.prove_again(visit, name, proved_by="demo", to=to)
        return self._entrance.begin(visit, name, proved_by="demo", to=to)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
