"""Acts that wait for a second officer: what waits, approving and refusing it."""

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.form import simplify
from comity.api.views.basic import Ids
from comity.api.views.record import AwaitingOfficer
from comity.base.errors import UsageError
from comity.node.approvals import Held
from comity.node.powers import ACTING
from comity.node.saying import approve
from comity.node.saying import refuse as refuse_held

__all__ = ["make_approving"]


def make_approving(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/v1/approvals", summary="What waits for a second officer")
    async def waiting() -> list[AwaitingOfficer]:
        return [_show(held) for held in desk.node.approvals.list(desk.node.now())]

    @post("/v1/approvals/{digest:str}/give", summary="Approve what waits: it is stated as shown", status_code=201)
    async def give(digest: FromPath[str]) -> Ids:
        ids = await approve(desk.node, digest, by=_get_officer())
        return {"ids": [id_.hex() for id_ in ids]}

    @post("/v1/approvals/{digest:str}/refuse", summary="Refuse what waits: it is not stated", status_code=200)
    async def refuse(digest: FromPath[str]) -> AwaitingOfficer:
        return _show(refuse_held(desk.node, digest, by=_get_officer()))

    return [waiting, give, refuse]


def _get_officer() -> str:
    """Return the officer of this request.

    Raises:
        UsageError: `officer.uncovered`.
    """
    for name in ACTING.get():
        return name
    raise UsageError("officer.uncovered")


def _show(held: Held) -> AwaitingOfficer:
    return {
        "digest": held.digest, "act": held.act, "clause": held.clause, "officers": list(held.officers),
        "to": list(held.audience), "until_at": held.until_at,
        "entries": [{"type": type(entry).__name__, "says": simplify(entry)} for entry in held.entries],
    }  # fmt: skip
