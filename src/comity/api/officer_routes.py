"""The paths of the API about who acts for the party; what each does is a method of `Appointing`.

Whoever may keep officers may look, too: who serves when is nobody else's to know. A token or a code is in the answer
that drew it, and nothing keeps it.
"""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from comity.api.appointing import Appointing, check_keeper
from comity.api.desk import Desk
from comity.api.views.exchange import Named
from comity.api.views.officers import DelegatedShown, DrawnCode, DrawnToken, PasskeysRemoved, Roll, Roster, ShiftShown
from comity.node.officers import Delegated, Shift
from comity.node.passkeys import PasskeyBook

__all__ = ["make_officer_routes"]

Word = Annotated[str, msgspec.Meta(max_length=64)]
NO_STORE = {"Cache-Control": "no-store"}


class Appointed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An officer to add: a pseudonym, roles of the pact, and until when; 0: without an end."""

    name: Word
    roles: Annotated[tuple[Word, ...], msgspec.Meta(min_length=1, max_length=32)]
    until_at: Annotated[int, msgspec.Meta(ge=0)] = 0


class HandingOver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shift that runs, and who serves the rest of it."""

    officer: Word
    to: Word
    role: Word


def make_officer_routes(desk: Desk, passkeys: PasskeyBook) -> list[HTTPRouteHandler]:
    """Return the paths."""
    appointing = Appointing(desk, passkeys)

    @get("/v1/officers", summary="Who acts for this party, and what was delegated")
    async def officers() -> Roll:
        check_keeper(desk.node)
        return appointing.list_officers()

    @post("/v1/officers", summary="Add an officer; the token is in the answer, this once", status_code=201)
    async def add(data: JSONBody[Appointed]) -> Response[DrawnToken]:
        drawn = appointing.add(data.name, data.roles, until_at=data.until_at)
        return Response(drawn, headers=NO_STORE)

    @post("/v1/officers/{name:str}/token", summary="Draw an officer's token anew; the old one ends", status_code=201)
    async def renew(name: FromPath[str]) -> Response[DrawnToken]:
        return Response(appointing.renew(name), headers=NO_STORE)

    @post("/v1/officers/{name:str}/code", summary="Draw the code with which an officer makes a passkey",
          status_code=201)  # fmt: skip
    async def draw_code(name: FromPath[str]) -> Response[DrawnCode]:
        return Response(appointing.draw_code(name), headers=NO_STORE)

    @post("/v1/officers/{name:str}/revoke", summary="End an officer's power; the name stays taken", status_code=200)
    async def revoke(name: FromPath[str]) -> Named:
        appointing.revoke(name)
        return {"name": name}

    @delete("/v1/officers/{name:str}/passkeys/{passkey:str}", summary="Take passkeys away, by how their id begins",
            status_code=200)  # fmt: skip
    async def remove(name: FromPath[str], passkey: FromPath[str]) -> PasskeysRemoved:
        return {"name": name, "removed_count": appointing.remove_passkeys(name, passkey)}

    return [officers, add, renew, draw_code, revoke, remove, *_make_roster(desk, appointing)]


def _make_roster(desk: Desk, appointing: Appointing) -> list[HTTPRouteHandler]:
    @get("/v1/roster", summary="Who is on duty when, from now on")
    async def roster() -> Roster:
        check_keeper(desk.node)
        return appointing.list_shifts()

    @post("/v1/roster", summary="Put an officer on duty in a role", status_code=201)
    async def shift(data: JSONBody[Shift]) -> ShiftShown:
        return appointing.put_on_duty(data)

    @post("/v1/roster/hand-over", summary="End the shift that runs; another officer serves the rest", status_code=201)
    async def hand_over(data: JSONBody[HandingOver]) -> ShiftShown:
        return appointing.hand_over(officer=data.officer, to=data.to, role=data.role)

    @post("/v1/delegations", summary="Hand an act of one officer's role to another, for a time", status_code=201)
    async def delegate(data: JSONBody[Delegated]) -> DelegatedShown:
        return appointing.delegate(data)

    return [roster, shift, hand_over, delegate]
