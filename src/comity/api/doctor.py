"""The doctor at a running node: what only it knows, over the API, and the mending that needs no decision."""

from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from comity import __version__
from comity.api.desk import Desk
from comity.api.views.standing import Doctor, FindingShown, Rebuilt
from comity.node.doctor.finding import Finding, warning
from comity.node.doctor.in_life import look_at_life
from comity.node.doctor.streams import compare_streams, look_at_streams
from comity.node.layout import LAYOUT, STORE_FORMATS

__all__ = ["make_doctor", "show_finding"]


def show_finding(finding: Finding) -> FindingShown:
    """Return a finding as a JSON value."""
    return {"code": finding.code, "weight": finding.weight.value, "details": dict(finding.details)}


def make_doctor(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the two paths of the doctor."""

    @get("/v1/doctor", summary="What is wrong with this node, each finding with a code")
    async def look() -> Doctor:
        machine = desk.node.machine
        findings = [
            *look_at_life(desk.node),
            *look_at_streams(await compare_streams(desk.node)),
            *(warning("doctor.version-waits", version=one.version.number) for one in desk.find_waiting()),
        ]
        return {
            "version": __version__,
            "layout": LAYOUT,
            "store_format": max(STORE_FORMATS),
            "pact": machine.setup.pact_digest.hex(),
            "pact_version": machine.setup.pact.identity.version,
            "findings": [show_finding(finding) for finding in findings],
        }

    @post("/v1/doctor/streams", summary="Rebuild from the store what the outbox lost", status_code=200)
    async def rebuild() -> Rebuilt:
        behind = [state for state in await compare_streams(desk.node) if state.is_behind]
        for state in behind:
            await desk.node.carrier.rebuild_stream(state.feed, state.audience)
        return {"rebuilt_count": len(behind)}

    return [look, rebuild]
