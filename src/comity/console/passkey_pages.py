"""Signing in with a passkey, and the ceremony in which one is made (docs/adr/0058).

An administrator draws a code (`comity officer enrol`) and gives it to the officer in person. The officer shows token
and code, the authenticator makes the key, the node keeps its public half; from then on the token alone opens none.
"""

import hashlib
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from comity.api.officer_door import OfficerDoor
from comity.base.errors import UsageError
from comity.console.challenges import Challenges
from comity.console.entrance import Entrance, find_next
from comity.console.gate import ANYBODY
from comity.console.pages import Pages
from comity.console.visit import find_site, get_visit
from comity.crypto.passkey import ask_to_make, check_made, check_shown, read_credential
from comity.node.node import Node
from comity.node.passkeys import PasskeyBook

__all__ = ["PasskeyPages"]


class PasskeyPages:
    """The passkeys at one node's console."""

    def __init__(
        self,
        pages: Pages,
        entrance: Entrance,
        door: OfficerDoor,
        node: Node,
        *,
        book: PasskeyBook,
        challenges: Challenges,
    ) -> None:
        self._pages = pages
        self._entrance = entrance
        self._door = door
        self._node = node
        self._book = book
        self._challenges = challenges

    def make_routes(self) -> list[HTTPRouteHandler]:
        """Return the routes."""

        @post("/passkey", opt={"access": ANYBODY, "is_quiet": True}, status_code=303)
        async def show(request: Request[Any, Any, Any]) -> Response[Any]:
            return await self._show(request)

        @get("/enrol", opt={"access": ANYBODY})
        async def ask(request: Request[Any, Any, Any]) -> Response[Any]:
            return self._pages.render(request, "enrol.html", is_wrong=False, site=find_site(get_visit(request).origin))

        @post("/enrol", opt={"access": ANYBODY}, status_code=200)
        async def begin(request: Request[Any, Any, Any]) -> Response[Any]:
            return await self._begin(request)

        @post("/enrol/made", opt={"access": ANYBODY}, status_code=303)
        async def made(request: Request[Any, Any, Any]) -> Response[Any]:
            return await self._keep(request)

        return [show, ask, begin, made]

    async def _show(self, request: Request[Any, Any, Any]) -> Response[Any]:
        """Sign in, or prove again who one is, by what an authenticator has signed."""
        form, visit = await request.form(), get_visit(request)
        self._door.count_stranger(request)
        answer, to = str(form.get("answer", "")), find_next(request, form.get("next"))
        challenge = self._challenges.check(str(form.get("challenge", "")), visit.browser)
        row = self._book.read().find(read_credential(answer))
        officer = self._node.officers.read().find(row.officer) if row is not None else None
        if row is None or officer is None or not officer.is_valid(self._node.now()):
            raise UsageError("passkey.refused")
        shown = check_shown(answer, row.passkey, site=find_site(visit.origin), origin=visit.origin, challenge=challenge)
        self._challenges.spend(challenge)
        self._book.note_count(shown)
        if visit.session is None:
            return self._entrance.begin(visit, officer.name, proved_by="passkey", to=to, passkey=shown.credential)
        if officer.name != visit.officer:
            raise UsageError("passkey.refused")
        return self._entrance.prove_again(visit, officer.name, proved_by="passkey", to=to, passkey=shown.credential)

    async def _begin(self, request: Request[Any, Any, Any]) -> Response[Any]:
        """Ask the browser to make a passkey, for whoever has both token and code."""
        form, visit = await request.form(), get_visit(request)
        officer = await self._find_officer(request)
        if officer is None:
            return self._pages.render(request, "enrol.html", status=403, is_wrong=True, site=find_site(visit.origin))
        challenge = self._challenges.make(visit.browser)
        known = [row.passkey.credential for row in self._book.read().find_all(officer)]
        options = ask_to_make(
            site=find_site(visit.origin),
            party=self._node.machine.party,
            officer=officer,
            user=self._find_user(officer),
            known=known,
            challenge=challenge,
        )
        fields: dict[str, Any] = {"officer": officer, "token": form.get("token"), "code": form.get("code")}
        return self._pages.render(request, "enrol_make.html", options=options, challenge=challenge.hex(), **fields)

    async def _keep(self, request: Request[Any, Any, Any]) -> Response[Any]:
        """Keep what was made; token and code are looked at again, for nothing was kept between."""
        form, visit = await request.form(), get_visit(request)
        challenge = self._challenges.check(str(form.get("challenge", "")), visit.browser)
        officer = await self._find_officer(request)
        if officer is None:
            raise UsageError("passkey.refused")
        made = check_made(
            str(form.get("answer", "")), site=find_site(visit.origin), origin=visit.origin, challenge=challenge
        )
        self._challenges.spend(challenge)
        self._book.add(officer, made, at=self._node.now())
        return self._entrance.begin(visit, officer, proved_by="passkey", to="/", passkey=made.credential)

    async def _find_officer(self, request: Request[Any, Any, Any]) -> str | None:
        form = await request.form()
        token, code = str(form.get("token", "")).strip().encode(), str(form.get("code", ""))
        officer = await self._door.find(request, token)
        is_good = bool(officer) and self._book.is_code(officer or "", code, at=self._node.now())
        return officer if is_good else None

    def _find_user(self, officer: str) -> bytes:
        """Return by what an authenticator tells officers apart; it says nothing to anybody else."""
        pins = self._node.machine.setup.pins
        return hashlib.sha256(pins.lineage + f"{pins.realm}\0{self._node.machine.party}\0{officer}".encode()).digest()
