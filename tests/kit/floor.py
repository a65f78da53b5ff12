"""Watch floors: real nodes in this process, each serving API and console on a port of its own, for real browsers."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

import uvicorn

from comity.api.app import make_app
from comity.base.names import Party
from comity.console.app import make_console
from comity.console.front import Front
from comity.console.origins import Origins
from comity.node.home import find_free_port
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

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

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
        self._servers: list[tuple[uvicorn.Server, Any]] = []
        self.origins: dict[Party, str] = {}
        self.passkeys: dict[Party, PasskeyBook] = {}

    def __enter__(self) -> Self:
        super().__enter__()
        for party, desk in self.desks.items():
            port = find_free_port("127.0.0.1")
            origins, book = Origins(party, port), PasskeyBook()
            console = make_console(desk, token=TOKEN, origins=origins, passkeys=book)
            front: Any = Front(make_app(desk, token=TOKEN), console)
            server = uvicorn.Server(
                uvicorn.Config(front, host="127.0.0.1", port=port, log_level="error", lifespan="off", access_log=False)
            )
            self._servers.append((server, self.run(_start(server))))
            self.origins[party], self.passkeys[party] = origins.first, book
        return self

    def __exit__(self, *given: object) -> None:
        for server, serving in self._servers:
            server.should_exit = server.force_exit = True
            self.run(_finish(serving))
        super().__exit__(*given)


async def _start(server: uvicorn.Server) -> Any:
    serving = asyncio.get_running_loop().create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 -- it tells nobody
        await asyncio.sleep(0.01)
    return serving


async def _finish(serving: Any) -> None:
    await serving
