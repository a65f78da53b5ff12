"""The check of what a party set for its exchange, against the pact in force (X55)."""

import asyncio
from pathlib import Path
from typing import Any

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler

from comity.api.desk import Desk
from comity.api.views.exchange import FaultShown
from comity.exchange.misp_table import TABLE_SIZE_BYTES_MAX
from comity.exchange.register import Register
from comity.exchange.standing_check import Fault, check_register, check_table
from comity.pact.model import Pact

__all__ = ["make_exchange_check"]


def make_exchange_check(desk: Desk, register: Register, misp_table: Path | None) -> list[HTTPRouteHandler]:
    """Return the two paths."""

    @get("/v1/exchange/check", summary="What of the consumers and of misp.toml does not fit the pact in force")
    async def check() -> list[FaultShown]:
        machine = desk.node.machine
        faults = check_register(register.list(), pact=machine.pact, own=machine.party)
        return _show(faults + await asyncio.to_thread(_check_file, misp_table, machine.pact))

    @post(
        "/v1/exchange/check", summary="The same of another table of MISP, before it is put in place", status_code=200,
        request_max_body_size=TABLE_SIZE_BYTES_MAX + 1,
    )  # fmt: skip
    async def check_other(request: Request[Any, Any, Any]) -> list[FaultShown]:
        return _show(check_table(await request.body(), desk.node.machine.pact))

    return [check, check_other]


def _check_file(path: Path | None, pact: Pact) -> list[Fault]:
    """Check the table in place; none is an empty one."""
    if path is None or not path.exists():
        return []
    with path.open("rb") as file:
        return check_table(file.read(TABLE_SIZE_BYTES_MAX + 1), pact)


def _show(faults: list[Fault]) -> list[FaultShown]:
    return [{"file": one.file, "line": one.line, "row": one.row, "code": one.code, "why": one.why} for one in faults]
