"""Signing in, proving again who one is, locking, leaving (docs/adr/0057).

Whoever shows an officer's token, or the realm's own, gets a session. Every wrong one is answered alike, and how many
are looked at is limited as for the API: it is the same door.
"""

import hmac
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from comity.api.officer_door import OfficerDoor
from comity.console.challenges import Challenges
from comity.console.gate import ANYBODY, LOCKED_TOO, Gate
from comity.console.pages import Pages
from comity.console.visit import Visit, find_site, get_visit, is_local_path
from comity.crypto.passkey import ask_to_show
from comity.node.node import Node
from comity.node.passkeys import PasskeyBook

__all__ = ["Entrance", "find_next"]


class Entrance:
    """The door of one node's console."""

    def __init__(
        self,
        pages: Pages,
        gate: Gate,
        door: OfficerDoor,
        node: Node,
        *,
        token: str,
        passkeys: PasskeyBook,
        challenges: Challenges,
    ) -> None:
        self._pages = pages
        self._gate = gate
        self._door = door
        self._node = node
        self._token = token.encode()
        self._passkeys = passkeys
        self._challenges = challenges

    def make_routes(self) -> list[HTTPRouteHandler]:
        """Return the routes."""

        @get("/sign-in", opt={"access": ANYBODY})
        async def show(request: Request[Any, Any, Any]) -> Response[Any]:
            if get_visit(request).session is not None:
                return self._pages.lead("/")
            return self._show(request, "sign_in.html", to=find_next(request))

        @post("/sign-in", opt={"access": ANYBODY}, status_code=303)
        async def sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
            return await self._sign_in(request)

        @get("/prove", opt={"access": LOCKED_TOO, "is_quiet": True})
        async def ask(request: Request[Any, Any, Any]) -> Response[Any]:
            return self._show(request, "prove.html", to=find_next(request))

        @post("/prove", opt={"access": LOCKED_TOO, "is_quiet": True}, status_code=303)
        async def prove(request: Request[Any, Any, Any]) -> Response[Any]:
            return await self._prove(request)

        @post("/lock", opt={"is_quiet": True}, status_code=303)
        async def lock(request: Request[Any, Any, Any]) -> Response[Any]:
            session = get_visit(request).session
            assert session is not None, "the gate wants one"
            self._gate.sessions.lock(session)
            return self._pages.lead("/prove")

        @post("/sign-out", opt={"access": LOCKED_TOO, "is_quiet": True}, status_code=303)
        async def sign_out(request: Request[Any, Any, Any]) -> Response[Any]:
            visit = get_visit(request)
            by_provider = visit.session is not None and visit.session.proved_by == "oidc"
            self._gate.sessions.end(visit.secret)
            to = "/oidc/left" if by_provider else "/sign-in"
            return self._pages.lead(to, cookies=(self._gate.cookies.make_session("", visit.origin),))

        return [show, sign_in, ask, prove, lock, sign_out]

    async def _sign_in(self, request: Request[Any, Any, Any]) -> Response[Any]:
        to = find_next(request, (await request.form()).get("next"))
        officer = await self._find_officer(request)
        if officer is None:
            return self._show(request, "sign_in.html", status=403, to=to, fault="token")
        if self._passkeys.read().find_all(officer):
            return self._show(request, "sign_in.html", status=403, to=to, fault="passkey")
        return self.begin(get_visit(request), officer, proved_by="token", to=to)

    def begin(
        self, visit: Visit, officer: str, *, proved_by: str, to: str, passkey: str = "", ago_s: float = 0.0
    ) -> Response[Any]:
        """Begin a session and lead to a page; the one that was, if any, ends."""
        self._gate.sessions.end(visit.secret)
        kept = self.find_kept(officer)
        secret = self._gate.sessions.begin(officer, kept=kept, proved_by=proved_by, passkey=passkey, ago_s=ago_s)
        return self._pages.lead(to, cookies=(self._gate.cookies.make_session(secret, visit.origin),))

    async def _prove(self, request: Request[Any, Any, Any]) -> Response[Any]:
        visit = get_visit(request)
        to = find_next(request, (await request.form()).get("next"))
        officer = await self._find_officer(request)
        if officer is None or visit.session is None or officer != visit.officer:
            return self._show(request, "prove.html", status=403, to=to, fault="token")
        if self._passkeys.read().find_all(officer):
            return self._show(request, "prove.html", status=403, to=to, fault="passkey")
        return self.prove_again(visit, officer, proved_by="token", to=to)

    def prove_again(
        self, visit: Visit, officer: str, *, proved_by: str, to: str, passkey: str = "", ago_s: float = 0.0
    ) -> Response[Any]:
        """Note that the officer of a session has proved again who he is, and lead to a page."""
        assert visit.session is not None, "somebody is signed in"
        kept = self.find_kept(officer)
        self._gate.sessions.prove(visit.session, kept=kept, proved_by=proved_by, passkey=passkey, ago_s=ago_s)
        return self._pages.lead(to)

    def _show(
        self, request: Request[Any, Any, Any], template: str, *, to: str, status: int = 200, fault: str = ""
    ) -> Response[Any]:
        """Show one of the two pages at which one says who one is, with what a passkey would be asked."""
        visit = get_visit(request)
        site, challenge, passkey = find_site(visit.origin), self._challenges.make(visit.browser), None
        if site:
            passkey = {"options": ask_to_show(site=site, challenge=challenge), "challenge": challenge.hex()}
        return self._pages.render(request, template, status=status, to=to, fault=fault, passkey=passkey)

    def find_kept(self, officer: str) -> str:
        """Return what the officer's token is compared with: a session ends with it."""
        return self._node.officers.read().get(officer).kept if officer else ""

    async def _find_officer(self, request: Request[Any, Any, Any]) -> str | None:
        """Return whose token a form brought: an officer's name, nobody's for the realm's own, None for a wrong one."""
        token = str((await request.form()).get("token", "")).strip().encode()
        is_own = hmac.compare_digest(token, self._token)
        return "" if is_own else await self._door.find(request, token)


def find_next(request: Request[Any, Any, Any], given: object = None) -> str:
    """Return the page that a form or a link wants to lead back to, if it is one of this console."""
    path = str(given) if given is not None else request.query_params.get("next", "/")
    return path if is_local_path(path) else "/"
