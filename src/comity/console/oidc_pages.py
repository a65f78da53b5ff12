"""Signing in by the party's own identity provider: OpenID Connect, code flow with PKCE (docs/adr/0064).

Nothing is kept between going and coming back: the state carries its hour and a seal over it and over the browser, and
nonce and verifier are worked out from it. The provider leads the browser back from another site, and then a strict
cookie stays at home; so the page at which it arrives does nothing but lead on to one of our own, and that one knows the
browser.
"""

import base64
import hmac
import secrets
from typing import Any, Final
from urllib.parse import urlencode

from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler

from comity.api.officer_door import OfficerDoor
from comity.base.errors import ComityError, UsageError
from comity.base.instants import SECOND_MS
from comity.console.challenges import Challenges
from comity.console.entrance import Entrance, find_next
from comity.console.gate import ANYBODY
from comity.console.pages import Pages
from comity.console.provider import Asking
from comity.console.session import FRESH_S
from comity.console.visit import Visit, get_visit, is_local_path
from comity.node.node import Node
from comity.node.provider import Provider

__all__ = ["OidcPages"]

BACK_PATH: Final = "/oidc/back"
PARAMETER_SIZE_MAX: Final = 2048
_QUIET: Final = {"access": ANYBODY, "is_quiet": True}


class OidcPages:
    """The way to the provider and back."""

    def __init__(
        self, pages: Pages, entrance: Entrance, door: OfficerDoor, node: Node, *, asking: Asking, challenges: Challenges
    ) -> None:
        self._pages = pages
        self._entrance = entrance
        self._door = door
        self._node = node
        self._asking = asking
        self._challenges = challenges
        self._key = secrets.token_bytes(32)
        pages.tell(provider_name=self.find_name)

    def make_routes(self) -> list[HTTPRouteHandler]:
        """Return the routes."""

        @get("/oidc/begin", opt=_QUIET)
        async def begin(request: Request[Any, Any, Any]) -> Response[Any]:
            return await self._begin(request)

        @get(BACK_PATH, opt=_QUIET)
        async def back(request: Request[Any, Any, Any]) -> Response[Any]:
            return self._arrive(request)

        @get("/oidc/done", opt=_QUIET)
        async def done(request: Request[Any, Any, Any]) -> Response[Any]:
            return await self._finish(request)

        @get("/oidc/left", opt=_QUIET)
        async def left(request: Request[Any, Any, Any]) -> Response[Any]:
            self._asking.find()
            return self._pages.render(request, "oidc_left.html")

        @get("/oidc/leave", opt=_QUIET)
        async def leave(request: Request[Any, Any, Any]) -> Response[Any]:
            return await self._leave(request)

        return [begin, back, done, left, leave]

    def find_name(self) -> str:
        """Return what the entrance calls the provider; nothing where there is none, or its file cannot be read."""
        try:
            provider = self._asking.find()
        except ComityError:
            return ""
        return provider.name or provider.issuer.partition("//")[2].partition("/")[0]

    async def _begin(self, request: Request[Any, Any, Any]) -> Response[Any]:
        visit, provider = get_visit(request), self._asking.find()
        self._door.count_stranger(request)
        to = base64.urlsafe_b64encode(find_next(request).encode()).decode().rstrip("=")
        state = f"{self._challenges.make(visit.browser).hex()}.{to}"
        address = await self._asking.make_address(
            provider, back=visit.origin + BACK_PATH, state=state, nonce=self._derive("nonce", state),
            verifier=self._derive("verifier", state), is_again=visit.session is not None,
        )  # fmt: skip
        return self._pages.lead(address, cookies=visit.set_cookies)

    def _arrive(self, request: Request[Any, Any, Any]) -> Response[Any]:
        """Lead on to our own page, with what the provider sent; nothing is looked at and no cookie set."""
        given = {name: request.query_params.get(name, "")[:PARAMETER_SIZE_MAX] for name in ("state", "code", "iss")}
        to = "/oidc/done?" + urlencode({name: value for name, value in given.items() if value})
        page = self._pages.render(request, "oidc_back.html", to=to)
        return Response(page.content, media_type=MediaType.HTML)

    async def _finish(self, request: Request[Any, Any, Any]) -> Response[Any]:
        visit, provider = get_visit(request), self._asking.find()
        self._door.count_stranger(request)
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        drawn, _, to = state.partition(".")
        try:
            challenge = self._challenges.check(drawn, visit.browser)
        except UsageError as error:
            raise UsageError("oidc.refused") from error
        self._challenges.spend(challenge)
        if not code or len(state) > PARAMETER_SIZE_MAX:
            raise UsageError("oidc.refused")
        await self._asking.check_issuer(provider, request.query_params.get("iss", ""))
        now_s = self._node.now() // SECOND_MS
        claims = await self._asking.redeem(
            provider, code, back=visit.origin + BACK_PATH, nonce=self._derive("nonce", state),
            verifier=self._derive("verifier", state), now_s=now_s,
        )  # fmt: skip
        return self._let_in(visit, provider, claims, to=_read_path(to), now_s=now_s)

    def _let_in(
        self, visit: Visit, provider: Provider, claims: dict[str, object], *, to: str, now_s: int
    ) -> Response[Any]:
        """Begin a session, or note that its officer has proved again who he is."""
        name = provider.find_officer(claims)
        officer = self._node.officers.read().find(name) if name else None
        roles = provider.find_roles(claims)
        if (
            officer is None
            or not officer.is_valid(self._node.now())
            or not (roles is None or roles >= set(officer.roles))
        ):
            raise UsageError("oidc.no-officer")
        proved = claims.get("auth_time")
        ago_s = max(0.0, float(now_s - proved)) if isinstance(proved, int) and not isinstance(proved, bool) else FRESH_S
        if visit.session is None:
            return self._entrance.begin(visit, officer.name, proved_by="oidc", to=to, ago_s=ago_s)
        if officer.name != visit.officer or ago_s >= FRESH_S:
            raise UsageError("oidc.refused")
        return self._entrance.prove_again(visit, officer.name, proved_by="oidc", to=to, ago_s=ago_s)

    async def _leave(self, request: Request[Any, Any, Any]) -> Response[Any]:
        visit, provider = get_visit(request), self._asking.find()
        address = await self._asking.find_end(provider)
        if not address:
            return self._pages.lead("/sign-in")
        back = {"client_id": provider.client, "post_logout_redirect_uri": visit.origin + "/sign-in"}
        return self._pages.lead(f"{address}?{urlencode(back)}")

    def _derive(self, what: str, state: str) -> str:
        drawn = hmac.digest(self._key, f"{what}\0{state}".encode("utf-8", "replace"), "sha256")
        return base64.urlsafe_b64encode(drawn).decode().rstrip("=")


def _read_path(encoded: str) -> str:
    try:
        path = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    except ValueError:
        return "/"
    return path if is_local_path(path) else "/"
