"""(i) Exchange: STIX objects imported through the funnel, and a stock TAXII client pulling what it may have.

The floor of an import is the plain decoding of the same bytes by two libraries in the same run. Beside the pull, the
same client pulls the same objects in pages of the same size from OpenTAXII, in the same run.
"""

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import uvicorn
from taxii2client.v21 import Collection, as_pages

from bench.figure import Figure, Row, tell
from bench.homes import build_homes
from bench.peers import run_peers
from bench.statements import start_author
from comity.api.app import make_app
from comity.api.consumers import Introducing, add_consumer
from comity.api.desk import Desk
from comity.api.importing import Importer
from comity.crypto.production import ProductionSuite
from comity.exchange.consumer import Format
from comity.exchange.marker import Wish
from comity.exchange.register import Register

__all__ = ["make_objects", "measure_exchange"]

PAGE_SIZE: Final = 1_000
BESIDE_COUNT: Final = 2_000
"""Objects that OpenTAXII is given: with ten thousand it takes minutes to fill and to pull, and gives fewer a second."""
GREEN: Final = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"


def make_objects(count: int) -> list[dict[str, Any]]:
    """Return so many indicators of the size that feeds have, each with a label."""
    space = uuid.UUID(int=7)
    return [
        {
            "type": "indicator", "spec_version": "2.1", "id": f"indicator--{uuid.uuid5(space, str(number))}",
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
            "name": f"Address {number} of a control server", "indicator_types": ["malicious-activity"],
            "description": "Seen in traffic of a compromised host; the name resolves to an address of a host.",
            "pattern": f"[domain-name:value = 'c{number}.example.test']", "pattern_type": "stix",
            "valid_from": "2026-01-01T00:00:00Z", "object_marking_refs": [GREEN],
        }
        for number in range(count)
    ]  # fmt: skip


def measure_exchange(root: Path, profile: bytes, *, count: int, imported: int) -> Figure:
    """Measure figure (i)."""
    figure = Figure(
        "i",
        "Exchange with threat-intelligence systems",
        f"{imported} indicators of STIX 2.1 by the importer of the API: read, marked, decided, sealed, signed, stored. "
        "Floor: the same bytes decoded with `json` and with `msgspec`, to plain values. "
        f"Then `taxii2-client` pulls {count} objects in pages of {PAGE_SIZE} over loopback; beside it, from OpenTAXII "
        f"on SQLite, which slows down with what it holds and so is given {min(count, BESIDE_COUNT)}.",
    )
    objects = make_objects(max(count, imported))
    parties = build_homes(root, profile)
    asyncio.run(_measure(figure, root, parties, objects, (count, imported)))
    return figure


async def _measure(
    figure: Figure, root: Path, parties: Any, objects: list[dict[str, Any]], counts: tuple[int, int]
) -> None:
    count, imported = counts
    async with run_peers(parties[1:], root, "node") as peers:
        assembly = await start_author(root, parties, peers)
        try:
            desk = Desk(assembly.node, assembly.items, pact_raw=assembly.accepted.pact_raw, suite=ProductionSuite())
            await _measure_import(figure, desk, parties, objects[:imported])
            await _measure_pull(figure, desk, root, objects[:count], imported)
        finally:
            await assembly.stop()


async def _measure_import(figure: Figure, desk: Desk, parties: Any, objects: list[dict[str, Any]]) -> None:
    raw = json.dumps({"type": "bundle", "id": f"bundle--{uuid.UUID(int=5)}", "objects": objects}).encode()
    floors = {}
    for name, decode in (("json", json.loads), ("msgspec", msgspec.json.decode)):
        began = time.perf_counter()
        decode(raw)
        floors[name] = len(objects) / (time.perf_counter() - began)
    began = time.perf_counter()
    done = await Importer(desk).take(
        raw, format_="stix", to=tuple(parties[1:]), wish=Wish(("cyber",)), is_preview=False
    )
    per_s = len(objects) / (time.perf_counter() - began)
    assert (done["given_count"], done["refused"]) == (len(objects), []), "an import that is not whole says nothing"
    aim = "at least 5,000 /s"
    figure.rows.append(Row("objects imported, beside json", per_s, "/s", floors["json"], aim, per_s >= 5_000))
    figure.rows.append(Row("objects imported, beside msgspec", per_s, "/s", floors["msgspec"]))


async def _measure_pull(figure: Figure, desk: Desk, root: Path, objects: list[Any], imported: int) -> None:
    register = Register()
    own = desk.node.machine.party
    levels = next(scheme.levels for scheme in desk.node.machine.pact.schemes if scheme.party == own)
    wish = Introducing("bench", own, (Format.TAXII,), levels[-1].id, ("cyber",))
    token = add_consumer(desk.node, register, wish)["token"]
    beside = await asyncio.to_thread(_pull_from_opentaxii, root, objects[:BESIDE_COUNT])
    async with _serve(make_app(desk, token="officers", register=register)) as url:  # noqa: S106 -- of this run
        first, _ = await asyncio.to_thread(_pull, url, "bench", token, 1)
        took_s, pulled = await asyncio.to_thread(_pull, url, "bench", token, len(objects))
    per_s = pulled / took_s
    assert pulled >= min(len(objects), imported), "a pull that is not whole says nothing"
    aim = "at least 20,000 /s"
    figure.rows.append(Row("objects pulled, beside OpenTAXII", per_s, "/s", beside, aim, per_s >= 20_000))
    figure.rows.append(Row("the first page of a new consumer", first * 1000, "ms"))


def _pull(url: str, name: str, token: str, count: int) -> tuple[float, int]:
    """Pull at least so many objects in pages; return how long it took, and how many they were."""
    from taxii2client.v21 import Server  # noqa: PLC0415 -- beside what is timed

    with Server(url, user=name, password=token) as server:
        collection = server.api_roots[0].collections[0]
        began, pulled = time.perf_counter(), 0
        for page in as_pages(collection.get_objects, per_request=PAGE_SIZE if count > 1 else 1):
            pulled += len(page.get("objects", []))
            if pulled >= count:
                break
        return time.perf_counter() - began, pulled


def _pull_from_opentaxii(root: Path, objects: list[Any]) -> float:
    """Return how many objects a second the same client pulls from OpenTAXII."""
    folder = root / "opentaxii"
    folder.mkdir(parents=True)
    (folder / "objects.json").write_text(json.dumps(objects))
    with _run_opentaxii(folder) as url, Collection(url) as collection:
        began, pulled = time.perf_counter(), 0
        for page in as_pages(collection.get_objects, per_request=PAGE_SIZE):
            pulled += len(page.get("objects", []))
        took_s = time.perf_counter() - began
    tell(f"    OpenTAXII gave {pulled} objects in {took_s:.1f} s")
    assert pulled == len(objects), "a pull that is not whole says nothing"
    return pulled / took_s


@contextlib.contextmanager
def _run_opentaxii(folder: Path) -> Iterator[str]:
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "bench.opentaxii_server",
        str(folder),
        str(folder / "objects.json"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 -- this interpreter
        assert server.stdout is not None
        try:
            line = next((line for line in server.stdout if line.startswith("http://")), "")
            assert line, "OpenTAXII did not start"
            yield line.strip()
        finally:
            server.terminate()


class _Server(uvicorn.Server):
    """The signals are the benchmark's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def _serve(app: Any) -> AsyncIterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = _Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:  # noqa: ASYNC110 -- the server has no event for it
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/taxii2/"
        server.should_exit = True
        await serving
