"""Whether a node lives and is ready: for a supervisor, a monitor, a person who wants one word.

`live` is answered by whoever listens, and says nothing else. `ready` means: statements are taken now. Where they are
not, the answer is a problem document like any other, with the code of why. Neither needs a token, for neither tells
more than trying would; `/metrics` needs one, the API's or the weaker one in `metrics.token`.
"""

from typing import Final

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.api.metrics import METRICS_TYPE, Metrics
from comity.api.views.standing import Live, Ready
from comity.base.errors import OutageError, UsageError
from comity.journal.header import Feed
from comity.machine.closed import ClosedWhy
from comity.node.node import Node

__all__ = ["ANYBODY", "METRICS_PATH", "MONITOR", "make_health", "make_metrics"]

ANYBODY: Final = "anybody"
MONITOR: Final = "monitor"
"""Values of a route's option `access`; a route without it wants the API's token."""
METRICS_PATH: Final = "/metrics"


def make_health(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the two paths of health."""

    @get("/v1/health/live", summary="Whether this program answers", opt={"access": ANYBODY})
    async def live() -> Live:
        return {"live": True}

    @get("/v1/health/ready", summary="Whether statements are taken now", opt={"access": ANYBODY})
    async def ready() -> Ready:
        check_ready(desk.node)
        return {"ready": True}

    return [live, ready]


def check_ready(node: Node) -> None:
    """Return if an officer's statement to all parties would be taken now.

    Raises:
        OutageError: `node.stopped`, `node.stopping`, `store.full`, `store.refilling`.
        UsageError: `pact.not-in-force`, `journal.reckoning`, `journal.forked`.
    """
    try:
        node.check_running()
    except OutageError as error:
        raise OutageError(error.code) from error
    accepting, parties = len(node.machine.find_accepting()), len(node.machine.parties)
    if accepting < parties:
        if node.machine.refill.lost:  # as for a statement: perhaps it is, by a page that is on its way back
            raise OutageError("store.refilling")
        raise UsageError("pact.not-in-force", accepted=accepting, parties=parties)
    for row in node.machine.find_closed():
        if row.feed is Feed.RECORD and row.audience == node.machine.parties:
            code = "journal.forked" if row.why is ClosedWhy.FORK else "journal.reckoning"
            raise UsageError(code, waiting=len(row.waits_for))


def make_metrics(metrics: Metrics) -> list[HTTPRouteHandler]:
    """Return the path of the metrics."""

    @get(METRICS_PATH, summary="Counts for monitoring, as Prometheus text", opt={"access": MONITOR})
    async def show() -> Response[bytes]:
        return Response(metrics.render(), media_type=METRICS_TYPE)

    return [show]
