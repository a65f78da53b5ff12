"""Acts that wait for another officer, on that officer's own screen: exactly what was asked for, approved or refused.

The page of a waiting act is the confirmation that its first officer saw, under the same digest. Whoever asked for it
sees that it waits, and hears by himself what became of it.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.terms import say_term
from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import format_dtg
from comity.base.names import Digest
from comity.console.acts import Acts
from comity.console.fields import Fields
from comity.console.pages import Pages
from comity.console.signing import Deed
from comity.console.visit import Visit, get_visit
from comity.node.approvals import Held
from comity.node.saying import approve, refuse
from comity.pact.offices import Act

__all__ = ["make_approvals"]

SEEN_COUNT_MAX: Final = 256
WAITING_PATH: Final = "/approvals/{digest:str}/waiting"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an act that waited: it waits still, its first statement if it was stated, or neither."""

    held: Held
    is_waiting: bool
    stated: str


class _Board:
    """What waited since the console began, so that whoever asked learns what became of it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._seen: OrderedDict[str, Held] = OrderedDict()

    def get(self, digest: str) -> Held:
        """Return what waits under a whole digest.

        Raises:
            UsageError: `approval.none`.
        """
        node = self._desk.node
        held = next((one for one in node.approvals.list(node.now()) if one.digest == digest), None)
        if held is None:
            raise UsageError("approval.none", digest=digest[:16])
        self._seen[digest] = held
        while len(self._seen) > SEEN_COUNT_MAX:
            self._seen.popitem(last=False)
        return held

    def find_fate(self, digest: str) -> Fate:
        """Return what became of it.

        Raises:
            UsageError: `approval.none` where it was never seen here.
        """
        try:
            return Fate(self.get(digest), is_waiting=True, stated="")
        except UsageError:
            held = self._seen.get(digest)
            if held is None:
                raise
            act = self._desk.node.store.find_act(held.key)
            return Fate(held, is_waiting=False, stated=act.ids[0].hex() if act is not None and act.ids else "")


def make_approvals(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return the routes: approving, refusing, and what became of it."""
    board = _Board(desk)

    def give(visit: Visit, fields: Fields, _role: str) -> Deed:
        held = board.get(fields.place["digest"])

        async def do(_key: str) -> tuple[Digest, ...]:
            return await approve(desk.node, held.digest, by=_get_officer(visit))

        return Deed(
            say("What was asked for is approved."), do, does=say("Approve and sign"), entries=held.entries,
            audience=held.audience, named=held.digest, is_pressing=True, template="approval.html",
            shown=_show(visit, Fate(held, is_waiting=True, stated="")),
        )  # fmt: skip

    def say_no(visit: Visit, fields: Fields, _role: str) -> Deed:
        held = board.get(fields.place["digest"])

        async def do(_key: str) -> tuple[Digest, ...]:
            refuse(desk.node, held.digest, by=_get_officer(visit))
            return ()

        facts = ((say("act"), say_term(Act(held.act))), (say("asked for by"), ", ".join(held.officers)),
                 (say("digest"), held.digest))  # fmt: skip
        basis = f"refuse {held.digest}".encode()
        says = say("It is refused: nothing of it is stated.")
        return Deed(says, do, facts, does=say("Refuse"), basis=basis, is_pressing=True)

    @get("/approvals/{digest:str}/now", opt={"is_quiet": True})
    async def now(request: Request[Any, Any, Any], digest: FromPath[str]) -> Response[Any]:
        return pages.render(request, "approval_fate.html", **_show(get_visit(request), board.find_fate(digest)))

    @get(WAITING_PATH)
    async def waiting(request: Request[Any, Any, Any], digest: FromPath[str]) -> Response[Any]:
        return pages.render(request, "approval_waiting.html", **_show(get_visit(request), board.find_fate(digest)))

    return [
        *acts.make("/approvals/{digest:str}", give),
        *acts.make("/approvals/{digest:str}/refuse", say_no),
        now,
        waiting,
    ]


def _show(visit: Visit, fate: Fate) -> dict[str, Any]:
    held = fate.held
    return {
        "fate": fate,
        "held": held,
        "act": say_term(Act(held.act)),
        "until": format_dtg(held.until_at),
        "is_own": visit.officer in held.officers,
    }


def _get_officer(visit: Visit) -> str:
    """Return who approves or refuses.

    Raises:
        UsageError: `officer.uncovered`.
    """
    if not visit.officer:
        raise UsageError("officer.uncovered")
    return visit.officer
