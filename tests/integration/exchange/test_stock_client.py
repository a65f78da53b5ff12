"""A stock TAXII client against a node's own server on loopback: it pulls exactly what its consumer may have."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import requests.exceptions
import stix2
import uvicorn
from taxii2client.v21 import Collection, Server, as_pages

from comity.api.app import make_app
from comity.api.consumers import Introducing, add_consumer
from comity.api.desk import Desk
from comity.api.importing import Importer
from comity.exchange.consumer import Adding, Format
from comity.exchange.marker import Wish
from comity.exchange.register import Register
from kit.nodes import SUITE, Nodes, accept_all, make_homes
from kit.patience import until
from kit.stix import TLP_2, bundle, make_object

pytestmark = pytest.mark.server
NAMES = {"clear": "for-all", "green": "near", "amber": "asks-first", "amber+strict": "own", "red": "own-red"}


class _Server(uvicorn.Server):
    """The signals are the test's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


@contextlib.asynccontextmanager
async def serve(app: Any) -> AsyncIterator[str]:
    """Serve an application on loopback; give its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        await until(lambda: server.started)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/taxii2/"
        server.should_exit = True
        await serving


def pull(url: str, name: str, token: str, **asked: Any) -> list[dict[str, Any]]:
    """Discover, find the one collection, pull it page by page; return the objects."""
    with Server(url, user=name, password=token) as server:
        (collection,) = server.api_roots[0].collections
        pages = list(as_pages(collection.get_objects, per_request=3, **asked))
        objects = [one for page in pages for one in page.get("objects", [])]
        if objects:
            stix2.parse({"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000001", "objects": objects})
        return objects


def list_names(objects: list[dict[str, Any]]) -> list[str]:
    """Return the names of campaigns."""
    return sorted(one["name"] for one in objects if one["type"] == "campaign")


def push(url: str, name: str, token: str) -> Any:
    """Put an object in; return the finished status."""
    with Server(url, user=name, password=token) as server:
        (collection,) = server.api_roots[0].collections
        return collection.add_objects({"objects": [make_object("pushed", TLP_2["clear"])]})


def test_a_stock_client_pulls_exactly_what_its_consumer_may_have(tmp_path: Path) -> None:
    """Of five labels a system of JPN may have three, one of the own party up to its ceiling; pushed ones come too."""
    accepted = accept_all(make_homes(tmp_path / "homes"))
    nodes = Nodes(accepted, tmp_path / "stores")

    async def scene() -> None:
        await nodes.be_in_force()
        desk = Desk(nodes["USA"], nodes.items("USA"), pact_raw=accepted["USA"].pact_raw, suite=SUITE)
        register = Register()

        def introduce(name: str, party: str, **wish: Any) -> str:
            made = add_consumer(nodes["USA"], register, Introducing(name, party, (Format.TAXII,), **wish))
            return str(made["token"])

        tokyo, soc = introduce("tokyo", "JPN"), introduce("soc", "USA", level="USA-CUI", topics=("cyber",))
        writer = introduce("writer", "USA", level="USA-U", topics=("defence",),
                           adding=Adding(("JPN",), ("defence",)))  # fmt: skip
        raw = bundle(*(make_object(NAMES[label], TLP_2[label]) for label in NAMES))
        done = await Importer(desk).take(
            raw, format_="stix", to=("JPN", "KOR"), wish=Wish(("cyber",)), is_preview=False
        )
        assert done["refused"] == []
        async with serve(make_app(desk, token="officers", register=register)) as url:
            ask = asyncio.to_thread
            theirs = await ask(pull, url, "tokyo", tokyo)
            assert list_names(theirs) == ["asks-first", "for-all", "near"]
            assert list_names(await ask(pull, url, "soc", soc)) == ["asks-first", "for-all", "near", "own"]
            assert await ask(pull, url, "writer", writer) == []
            status = await ask(push, url, "writer", writer)
            assert (status.status, status.success_count, status.failure_count) == ("complete", 1, 0)
            assert list_names(await ask(pull, url, "writer", writer)) == ["pushed"]
            assert list_names(await ask(pull, url, "tokyo", tokyo)) == ["asks-first", "for-all", "near", "pushed"]
            assert list_names(await ask(pull, url, "tokyo", tokyo, type="indicator")) == []
            with pytest.raises(requests.exceptions.HTTPError, match="401"):
                await ask(pull, url, "soc", tokyo)
            await ask(_read_another, url, tokyo, soc)
        await nodes.stop()

    asyncio.run(scene())


def _read_another(url: str, tokyo: str, soc: str) -> None:
    """Find a collection with one token and ask for it with another."""
    with Server(url, user="soc", password=soc) as server:
        path = server.api_roots[0].collections[0].url
    with (
        pytest.raises(requests.exceptions.HTTPError, match="404"),
        Collection(path, user="tokyo", password=tokyo) as one,
    ):
        json.dumps(one.get_objects())
