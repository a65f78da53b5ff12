"""`comity node run` and `comity status`."""

import asyncio
import contextlib
import logging
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path

import click
import uvicorn

from comity.api.app import make_app
from comity.api.desk import Desk
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.cli.client import Client, find_realm_path, home_option, realm_option
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.node.assembly import assemble
from comity.node.ceremony import open_accepted
from comity.node.home import find_free_port, open_home, write_private

__all__ = ["COMMANDS"]

LOOPBACK = "127.0.0.1"


@click.group(help=say("Run this party's node."))
def node() -> None:
    """See `help` above."""


@node.command(help=say("Run the node of one realm until it is stopped."))
@home_option
@realm_option
@click.option("--port", default=0, help=say("The API's port on loopback; a free one is chosen and kept if left out."))
def run(home: Path, realm: str, port: int) -> None:
    """See `help` above."""
    logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s", level=logging.WARNING)
    asyncio.run(_run(home, realm, port))


async def _run(home_path: Path, realm: str, port: int) -> None:
    suite, ceremony = ProductionSuite(), ProductionCeremony()
    opened = open_home(home_path)
    path = find_realm_path(home_path, realm)
    named = next(name for name in opened.find_realms() if opened.find_realm_path(name) == path)
    assembly = assemble(opened, open_accepted(opened, realm=named, suite=suite), suite=suite, ceremony=ceremony)
    token = secrets.token_hex(32)
    write_private(path / "token", token.encode())
    desk = Desk(assembly.node, assembly.items, pact_raw=assembly.accepted.pact_raw, suite=suite)
    chosen = port or _find_kept_port(path) or find_free_port(LOOPBACK)
    config = uvicorn.Config(
        make_app(desk, token=token), host=LOOPBACK, port=chosen, log_level="warning", access_log=False, lifespan="off"
    )
    server = _Server(config)
    await assembly.start()
    write_private(path / "api", f"http://{LOOPBACK}:{chosen}".encode())
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    serving = loop.create_task(server.serve())
    print_line(
        "Node of {party} in realm {realm}. API: {url}",
        party=opened.party,
        realm=named,
        url=f"http://{LOOPBACK}:{chosen}/v1/schema",
    )
    await stopping.wait()
    server.should_exit = True
    await serving
    await assembly.stop()


def _find_kept_port(path: Path) -> int:
    try:
        return int((path / "api").read_text().rpartition(":")[2])
    except (OSError, ValueError):
        return 0


class _Server(uvicorn.Server):
    """The signals are the node's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the node."""
        yield


@click.command(help=say("How this node stands: links, what is missing, what waits for whom, alarms."))
@home_option
@realm_option
@json_option
def status(home: Path, realm: str) -> None:
    """See `help` above."""
    view = Client(home, realm).get("/v1/status")
    if is_json():
        emit(view)
        return
    print_line("{party} in realm {realm}", style="bold", party=view["party"], realm=view["realm"])
    missing = sorted(set(view["parties"]) - set(view["accepted_by"]))
    if view["is_in_force"]:
        print_line("The pact is in force.")
    else:
        print_line("The pact is not in force: waiting for {parties}.", parties=", ".join(missing))
    rows = [
        (link["party"], say("up") if link["is_up"] else say("down"),
         format_dtg(Instant(link["heard_at"])) if link["heard_at"] else say("never"))
        for link in view["links"]
    ]  # fmt: skip
    print_table(("party", "link", "last heard"), rows)
    print_line("{count} pages stored.", count=view["page_count"])
    for hole in view["holes"]:
        print_line(
            "Missing: pages {first} to {last} of journal {journal}.",
            first=hole["first"],
            last=hole["last"],
            journal=hole["journal"][:16],
        )
    for row in view["unconfirmed"]:
        audience = ", ".join(row["audience"])
        if row["path"] == "no-path":
            print_line(
                "No path to {party} for what was said to {audience}: carry a bundle (`comity export`).",
                party=row["party"],
                audience=audience,
                style="bold red",
            )
        else:
            print_line(
                "{party} has not confirmed {count} pages to {audience}.",
                party=row["party"],
                count=row["page_count"],
                audience=audience,
            )
    for alarm in view["alarms"]:
        print_line(
            "Alarm {at}: {code} {details}",
            at=format_dtg(Instant(alarm["at"])),
            code=alarm["code"],
            details=", ".join(f"{name} {value}" for name, value in alarm["details"].items()),
            style="red",
        )


COMMANDS = (node, status)
