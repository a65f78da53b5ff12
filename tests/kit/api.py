"""A node's HTTP API in this process: the real application over real nodes, asked without a socket.

One event loop for node and application, which runs only while a call is made: so a test is plain, and Hypothesis can
call thousands of times.
"""

import asyncio
import time
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import httpx

from comity.api.app import make_app
from comity.api.desk import Desk
from comity.api.intake import Intake
from comity.api.metrics import Metrics
from comity.base.names import Party
from comity.exchange.register import Register
from comity.procedure.sharing import Giving
from kit.described import check_described
from kit.nodes import SUITE, Nodes
from kit.patience import PATIENCE_S, until

__all__ = ["METRICS_TOKEN", "TOKEN", "Apis"]

TOKEN = "the-token-of-this-test"
METRICS_TOKEN = "the-token-of-a-monitor"


class Apis:
    """The APIs of all parties of a pact in force; a context, because it runs a loop."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self._runner = asyncio.Runner()
        self._clients: dict[Party, httpx.AsyncClient] = {}
        self.registers: dict[Party, Register] = {}
        self.intakes: dict[Party, Intake] = {}
        self.desks: dict[Party, Desk] = {}
        self._apps: dict[Party, Any] = {}
        self.consoles: dict[Desk, Any] = {}
        """Consoles that several browsers of a test module are at (`kit.console`), by their desks."""
        self._tables = TemporaryDirectory(prefix="comity-tables-")

    def __enter__(self) -> Self:
        self._runner.__enter__()
        self.metrics = {party: Metrics() for party in self.nodes.accepted}
        self.nodes.observers |= self.metrics
        self.run(self.nodes.be_in_force())
        self.run(self.nodes.try_lines())
        for party in self.nodes.nodes:
            self._open(party)
        return self

    def _open(self, party: Party) -> None:
        """Open the API of a node that runs."""
        raw = self.nodes.accepted[party].pact_raw
        desk = Desk(self.nodes[party], self.nodes.items(party), pact_raw=raw, suite=SUITE)
        self.metrics[party].watch(desk)
        self.registers[party], self.desks[party] = Register(), desk
        self.intakes[party] = Intake(desk, misp_table=self.misp_table_path(party))
        self._apps.pop(party, None)
        self._clients.pop(party, None)

    def find_app(self, party: Party) -> Any:
        """Return the application of a party's API, which is made when it is first asked for."""
        if party not in self._apps:
            self._apps[party] = make_app(
                self.desks[party], token=TOKEN, metrics=self.metrics[party], metrics_token=METRICS_TOKEN,
                register=self.registers[party], intake=self.intakes[party],
            )  # fmt: skip
        return self._apps[party]

    def find_client(self, party: Party) -> httpx.AsyncClient:
        """Return the client that calls go through."""
        if party not in self._clients:
            # What the application raises must have been turned into an answer by the application itself.
            transport = httpx.ASGITransport(app=self.find_app(party), raise_app_exceptions=True)
            self._clients[party] = httpx.AsyncClient(transport=transport, base_url="http://node.test")
        return self._clients[party]

    def __exit__(self, *_: object) -> None:
        self.run(self.nodes.stop())
        self._runner.__exit__(None, None, None)
        self._tables.cleanup()

    def run(self, work: Any) -> Any:
        """Run something in the nodes' loop; whose request it is and in which language goes over to nothing else."""
        return self._runner.run(work, context=copy_context())

    def wait(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds that is asked from outside; the nodes' loop runs meanwhile."""
        until_s = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < until_s, "this did not come to hold in time"
            self.run(asyncio.sleep(0.02))

    def start(self, party: Party) -> None:
        """Start a node that was stopped, on the store as it is now, and open its API."""
        self.run(self.nodes.start(party))
        self._open(party)

    def call(
        self, method: str, path: str, *, party: Party = "USA", token: str | None = TOKEN, **given: Any
    ) -> httpx.Response:
        """Make one call with the token, or with another, or with none."""
        headers = dict(given.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        response: httpx.Response = self.run(self.find_client(party).request(method, path, headers=headers, **given))
        check_described(method, response.request.url.path, response)
        return response

    def get(self, path: str, *, party: Party = "USA") -> Any:
        """Ask for a view that must be there, to its last page."""
        response = self.call("GET", path, party=party)
        assert response.status_code == 200, response.text
        view = response.json()
        while (link := response.links.get("next")) is not None:
            response = self.call("GET", link["url"], party=party)
            page, lists = response.json(), link.get("lists", "").split()
            view = view + page if not lists else {**view, **{name: view[name] + page[name] for name in lists}}
        return view

    def state(self, *statements: dict[str, object], party: Party = "USA", to: tuple[Party, ...] = ()) -> list[str]:
        """State entries, which must be stored."""
        readers = to or tuple(self.nodes.accepted)
        body = {"to": list(readers), "statements": list(statements)}
        response = self.call("POST", "/v1/statements", party=party, json=body)
        assert response.status_code == 201, response.text
        ids: list[str] = response.json()["ids"]
        return ids

    def add_consumer(self, name: str, *, party: Party = "USA", reading_for: Party = "", **wish: object) -> str:
        """Let a system poll a party's node; return its token."""
        body = {"name": name, "party": reading_for or party, "formats": ["taxii"], **wish}
        response = self.call("POST", "/v1/consumers", party=party, json=body)
        assert response.status_code == 201, response.text
        token: str = response.json()["token"]
        return token

    def misp_table_path(self, party: Party) -> Path:
        """Return where a party's table of MISP's groups would lie."""
        return Path(self._tables.name) / f"{party}.toml"

    def wait_for_item(self, item: str, party: Party) -> None:
        """Wait until a party can open an item."""
        shelf = self.nodes[party].shelf

        def is_here() -> bool:
            given = [one.entry for one in shelf.find_givings() if isinstance(one.entry, Giving)]
            return any(one.item.hex() == item and shelf.find_own(one.blob) is not None for one in given)

        self.run(until(is_here))

    def reaches(self, id_: str, *parties: Party) -> None:
        """Wait until a statement is at these parties."""
        self.run(self.nodes.reaches(bytes.fromhex(id_), *parties))

    def settle(self, party: Party) -> None:
        """Wait until a party's pages are out."""
        self.run(until(lambda: not self.nodes[party].store.find_unpublished()))
