"""Watch floors: real nodes in this process, each serving API and console on a port of its own, for real browsers."""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from contextvars import Context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self, TypeVar

import uvicorn

from comity.api.app import make_app
from comity.api.desk import Desk
from comity.base.names import Party
from comity.cli.listening import open_listener
from comity.console.app import make_console
from comity.console.front import Front
from comity.console.origins import Origins
from comity.console.session import Sessions
from comity.console.session_book import SessionBook
from comity.node.home import find_free_port
from comity.node.msel_shelf import MselShelf
from comity.node.officers import OfficerBook
from comity.node.passkeys import PasskeyBook
from kit.api import TOKEN, Apis
from kit.nodes import Nodes

__all__ = ["Floor"]

Result = TypeVar("Result")


class _Thread:
    """An event loop that runs by itself in a thread; stands in for `asyncio.Runner`."""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def run(self, work: Coroutine[Any, Any, Result], *, context: Context) -> Result:
        return context.run(asyncio.run_coroutine_threadsafe, work, self._loop).result()

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Floor(Apis):
    """The floors of all parties; `origins` is where their browsers go."""

    def __init__(self, nodes: Nodes) -> None:
        super().__init__(nodes)
        runner: Any = _Thread()  # it runs as a runner does, and on its own
        self._runner = runner
        self._servers: dict[Party, tuple[uvicorn.Server, Any]] = {}
        self._ports: dict[Party, int] = {}
        self._officers: dict[Party, OfficerBook] = {}
        self._files = TemporaryDirectory(prefix="comity-floor-")
        self._folder = Path(self._files.name)
        self.origins: dict[Party, str] = {}
        self.passkeys: dict[Party, PasskeyBook] = {}
        self.shelves: dict[Party, MselShelf] = {}

    def __enter__(self) -> Self:
        super().__enter__()
        for party, desk in self.desks.items():
            self._ports[party], self.passkeys[party] = find_free_port("127.0.0.1"), PasskeyBook()
            self.shelves[party] = MselShelf()
            self.origins[party] = Origins(party, self._ports[party]).first
            self._serve(party, desk)
        return self

    def __exit__(self, *given: object) -> None:
        for party in list(self._servers):
            self._stop_serving(party)
        super().__exit__(*given)
        self._files.cleanup()

    def _serve(self, party: Party, desk: Desk) -> None:
        port, sessions = self._ports[party], Sessions(SessionBook(self._folder / party / "sessions.json"))
        origins = Origins(party, port)
        console = make_console(desk, token=TOKEN, origins=origins, passkeys=self.passkeys[party], sessions=sessions,
                               register=self.registers[party], intake=self.intakes[party],
                               shelf=self.shelves[party])  # fmt: skip
        front: Any = Front(make_app(desk, token=TOKEN, metrics=self.metrics[party]), console)
        config = uvicorn.Config(front, host="127.0.0.1", port=port, log_config=None, lifespan="off", access_log=False)
        server = uvicorn.Server(config)
        self._servers[party] = (server, self.run(_start(server, open_listener(config))))

    def _stop_serving(self, party: Party) -> None:
        server, serving = self._servers.pop(party)
        self.desks[party].bulletin.close()
        server.should_exit = server.force_exit = True
        self.run(_finish(serving))

    def count_connections(self, party: Party) -> int:
        """Return how many are connected to a party's server."""
        return len(self._servers[party][0].server_state.connections)

    def stop(self, party: Party) -> None:
        """Stop a party's node, with what it serves."""
        self._stop_serving(party)
        self._officers[party] = self.nodes[party].officers
        self.run(self.nodes.stop(party))

    def start_again(self, party: Party) -> None:
        """Start it anew on what its store and its files hold, with the officers that it had."""
        self.start(party)
        self.nodes[party].officers = self._officers.pop(party)
        self._serve(party, self.desks[party])


async def _start(server: uvicorn.Server, listener: socket.socket) -> Any:
    serving = asyncio.get_running_loop().create_task(server._serve([listener]))
    while not server.started:  # noqa: ASYNC110 -- it tells nobody
        await asyncio.sleep(0.01)
    return serving


async def _finish(serving: Any) -> None:
    await serving
