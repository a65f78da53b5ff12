"""The page *Pact*: the agreement to read, its versions, the graph of its agreements; what if, and what is proved."""

from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from comity.api.desk import Desk
from comity.api.proving import Proofs
from comity.api.releasing import Supposing, suppose_at
from comity.base.errors import UsageError
from comity.console.pact import find_agreed, find_graph, list_held, list_parts
from comity.console.pages import Pages
from comity.pact.agreement import AgreementState

__all__ = ["make_pact"]

Named = Annotated[str, QueryParameter(max_length=200)]
_STATES: Final = {state.value: state for state in AgreementState}


def make_pact(pages: Pages, desk: Desk) -> list[HTTPRouteHandler]:
    """Return the routes."""
    proofs = Proofs(desk.node)

    @get("/pact")
    async def pact(request: Request[Any, Any, Any]) -> Response[Any]:
        held = desk.node.machine.pact
        shown, versions = list_held(desk)
        return pages.render(
            request, "pact.html", pact=held, parts=list_parts(held, pages.titles), graph=find_graph(desk),
            agreed=find_agreed(desk, pages.titles),
            shown=shown, versions=versions, digest=desk.node.machine.versions.current.digest.hex(),
            language=request.state.visit.language,
        )  # fmt: skip

    @get("/pact/file", media_type="text/plain")
    async def file() -> Response[str]:
        name = f"{desk.node.machine.pact.identity.id}-{desk.node.machine.pact.identity.version}.toml"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(desk.pact_text(), media_type="text/plain; charset=utf-8", headers=headers)

    @get("/pact/what-if")
    async def what_if(request: Request[Any, Any, Any], agreement: Named = "", then: Named = "") -> Response[Any]:
        agreements = desk.node.machine.pact.agreements
        chosen = agreement or agreements[0].id if agreements else ""
        wished = _STATES.get(then or AgreementState.SUSPENDED.value)
        if wished is None:
            raise UsageError("console.field-malformed", field="then")
        found = suppose_at(desk.node, Supposing(agreement=chosen, state=wished)) if chosen else None
        return pages.render(
            request, "pact_what_if.html", agreements=agreements, states=tuple(AgreementState), chosen=chosen,
            state=wished, found=found,
        )  # fmt: skip

    @get("/pact/proofs")
    async def proved(request: Request[Any, Any, Any]) -> Response[Any]:
        return pages.render(request, "pact_proofs.html", proved=await proofs.find())

    return [pact, file, what_if, proved]
