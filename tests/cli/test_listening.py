"""Where API and console listen: whose word counts for where a request came from, and one door for both."""

import asyncio
from pathlib import Path
from typing import Any

import click
import httpx
import pytest

from comity.api import officer_door
from comity.api.metrics import Metrics
from comity.base.errors import UsageError
from comity.cli import serve
from comity.cli.listening import LOOPBACK, make_config, read_proxies
from kit.api import Apis
from kit.console import find_forms


def _find_client(monkeypatch: pytest.MonkeyPatch, *, comes_from: str, proxies: tuple[str, ...]) -> str:
    """Return who an application is told that asks, as it is served."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # no variable of the environment chooses in the operator's stead
    seen: list[str] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope["client"][0])

    config = make_config(app, 0, proxies=proxies)
    config.load()
    headers = [(b"x-forwarded-for", b"198.51.100.7, 192.0.2.9"), (b"x-forwarded-proto", b"https")]
    scope = {"type": "http", "client": (comes_from, 4711), "scheme": "http", "headers": headers}
    asyncio.run(config.loaded_app(scope, None, None))
    return seen[0]


@pytest.mark.parametrize(
    ("comes_from", "proxies", "client"),
    [
        (LOOPBACK, (), LOOPBACK),
        (LOOPBACK, ("127.0.0.1",), "192.0.2.9"),
        (LOOPBACK, ("127.0.0.0/8", "192.0.2.0/24"), "198.51.100.7"),
        ("203.0.113.5", ("127.0.0.1",), "203.0.113.5"),
    ],
    ids=["nobody is believed", "the proxy that was named", "a row of proxies", "another than was named"],
)
def test_a_proxy_is_believed_once_it_is_named(
    monkeypatch: pytest.MonkeyPatch, comes_from: str, proxies: tuple[str, ...], client: str
) -> None:
    """What a request says of where it came from counts from nobody else, loopback included."""
    assert _find_client(monkeypatch, comes_from=comes_from, proxies=proxies) == client


@pytest.mark.parametrize("address", ["", "*", "localhost", "127.0.0.1/8", "0.0.0.0/0", "::/0", "a" * 5_000])
def test_a_proxy_is_named_by_its_address(address: str) -> None:
    """A name is none, nor is everybody."""
    context = click.Context(serve.run)
    with pytest.raises(UsageError, match=r"console\.proxy-malformed") as caught:
        read_proxies(context, context.command.params[0], (address,))
    assert len(str(caught.value.details["address"])) <= 80


def test_one_door_counts_for_api_and_console(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, apis: Apis) -> None:
    """Wrong tokens at one of them are wrong tokens at the other: as a node serves them."""
    monkeypatch.setattr(officer_door, "WRONG_COUNT_MAX", 2)
    desk = apis.desks["USA"]
    port, (server,) = serve._prepare(tmp_path, serve._Place(0, None, ()), desk, Metrics(), "")
    front: Any = server.config.app
    origin = f"http://usa.localhost:{port}"

    async def guess() -> tuple[list[int], str]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=front), base_url=origin) as client:
            statuses = [
                (await client.get("/v1/status", headers={"Authorization": f"Bearer usa-{number}.guess"})).status_code
                for number in range(2)
            ]
            form = find_forms((await client.get("/sign-in")).text)["/sign-in"]
            fields = {**form, "token": "usa-9.guess"}
            answer = await client.post("/sign-in", data=fields, headers={"Origin": origin})
            return [*statuses, answer.status_code], answer.text

    statuses, page = apis.run(guess())
    assert statuses == [401, 401, 429]
    assert "api.too-often" in page
