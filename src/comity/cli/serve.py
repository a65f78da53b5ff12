"""`comity node run`: one node, its API on loopback, its log on standard error, until it is told to stop.

A node that stopped itself (`node.stopped`) goes on answering readers and its own operator, so that there is time to
look; the supervisor learns of it by `/v1/health/ready` and by the log, and does not start it anew by itself
(packaging/systemd).
"""

import asyncio
import contextlib
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from os import environ
from pathlib import Path
from typing import Final

import click
import uvicorn

from comity.api.app import make_app, make_monitor_app
from comity.api.desk import Desk
from comity.api.detected_words import compose_report
from comity.api.first_look import look_first
from comity.api.intake import Intake
from comity.api.metrics import Metrics
from comity.api.officer_door import OfficerDoor
from comity.api.words import say
from comity.base.errors import UsageError
from comity.cli.asking import find_realm_path, home_option, realm_option
from comity.cli.cot_child import CotPlace, keep_cot
from comity.cli.files import read_beginning
from comity.cli.listening import LOOPBACK, make_config, open_listener, read_proxies
from comity.cli.passphrase import open_home_asking
from comity.cli.terminal import print_line
from comity.console.app import make_console
from comity.console.demo import check_demo
from comity.console.front import Front
from comity.console.origins import Origins
from comity.console.session import Sessions
from comity.console.session_book import SESSIONS_FILE, SessionBook
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.exchange.given import GIVEN_FILE, GivenLog
from comity.exchange.imported import IMPORTS_FILE, ImportLog
from comity.exchange.misp_table import TABLE_FILE
from comity.exchange.register import REGISTER_FILE, Register
from comity.node.assembly import Assembly, assemble
from comity.node.bell import read_clock
from comity.node.ceremony import open_accepted
from comity.node.contacts import CONTACTS_FILE, ContactsFile
from comity.node.ending import end_tasks
from comity.node.home import Home, find_free_port, write_private
from comity.node.layout import check_runnable
from comity.node.log import FORMATS, LEVELS, note, open_log
from comity.node.msel_shelf import LISTS_FOLDER, MselShelf
from comity.node.passkeys import PASSKEYS_FILE, PasskeyBook
from comity.node.provider import PROVIDER_FILE, ProviderFile
from comity.node.snapshot import SNAPSHOT_FILE
from comity.node.versions import find_waiting

__all__ = ["COMMANDS", "METRICS_TOKEN_FILE", "run"]

SKEW_VARIABLE: Final = "COMITY_EXERCISE_SKEW_MS"
METRICS_TOKEN_FILE: Final = "metrics.token"  # noqa: S105 -- the name of a file


@dataclass(frozen=True, slots=True)
class _Place:
    """Where API and console listen, and the monitor's own port, if any; 0 lets the node choose.

    `origins` are where browsers reach the console besides; `proxies` are believed when they say for whom they ask.
    """

    api: int
    metrics: int | None
    origins: tuple[str, ...]
    is_demo: bool = False
    """Anybody at this machine may sign in as any officer; refused everywhere but in the demo's realm."""
    proxies: tuple[str, ...] = ()
    has_feed: bool = True


TOKEN_SIZE_MIN: Final = 16
TOKEN_SIZE_BYTES_MAX: Final = 4096
ADDRESS_SIZE_BYTES_MAX: Final = 256


def _read_metrics_token(_context: click.Context, _parameter: click.Parameter, file: Path | None) -> str:
    """Return the token that the operator chose for the monitor; empty where none was."""
    if file is None:
        return ""
    token = read_beginning(file, size_bytes_max=TOKEN_SIZE_BYTES_MAX).strip()
    if len(token) < TOKEN_SIZE_MIN or not token.isalnum():
        raise click.BadParameter(say("the file holds no token: write at least 16 letters or digits, drawn at random"))
    return token.decode()


@click.command(help=say("Run the node of one realm until it is stopped."))
@home_option
@realm_option
@click.option("--port", default=0, help=say("The API's port on loopback; a free one is chosen and kept if left out."))
@click.option("--metrics-port", type=int, help=say("One more port on loopback, for health and metrics alone."))
@click.option(
    "--metrics-token-file",
    "metrics_token",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_read_metrics_token,
    help=say("A file with the token for metrics, kept by you; else one is drawn at each start (metrics.token)."),
)
@click.option(
    "--console-origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help=say("Where browsers reach the console through a proxy of yours, as in https://watch.example; repeatable."),
)
@click.option(
    "--trusted-proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    callback=read_proxies,
    help=say("Where a proxy of yours comes from, as in 127.0.0.1: for whom it asks is believed then; repeatable."),
)
@click.option(
    "--cot",
    "cots",
    multiple=True,
    metavar="ADDRESS:PORT",
    help=say("Show the picture to TAK clients, who connect here with TLS (comity warning cot); repeatable."),
)
@click.option(
    "--cot-plain",
    "cot_plains",
    multiple=True,
    metavar="ADDRESS:PORT",
    help=say("Where clients of this machine connect without TLS, with their token; repeatable."),
)
@click.option(
    "--cot-name",
    "cot_names",
    multiple=True,
    metavar="HOST",
    help=say("What clients call this machine, for the certificate that it shows; repeatable."),
)
@click.option(
    "--no-warning",
    "is_without_feed",
    is_flag=True,
    help=say("Run no warning process: carry no warning feed, and show no picture."),
)
@click.option("--demo", "is_demo", is_flag=True, hidden=True)
@click.option("--log-format", type=click.Choice(FORMATS), default="text", help=say("How the log is written."))
@click.option("--log-level", type=click.Choice(LEVELS), default="warning", help=say("The least grave to be logged."))
def run(
    home: Path,
    realm: str,
    port: int,
    metrics_port: int | None,
    metrics_token: str,
    origins: tuple[str, ...],
    proxies: tuple[str, ...],
    cots: tuple[str, ...],
    cot_plains: tuple[str, ...],
    cot_names: tuple[str, ...],
    is_without_feed: bool,
    is_demo: bool,
    log_format: str,
    log_level: str,
) -> None:
    """See `help` above."""
    open_log(sys.stderr, format_=log_format, level=log_level)
    place = _Place(port, metrics_port, origins, is_demo, proxies, has_feed=not is_without_feed)
    asyncio.run(_run(home, realm, place, metrics_token, CotPlace(cots, cot_plains, cot_names)))


async def _run(home_path: Path, realm: str, place: _Place, metrics_token: str, cot: CotPlace) -> None:
    suite, ceremony = ProductionSuite(), ProductionCeremony()
    opened = open_home_asking(home_path)
    path = find_realm_path(home_path, realm)
    check_runnable(home_path, path)
    named = next(name for name in opened.find_realms() if opened.find_realm_path(name) == path)
    metrics = Metrics()
    if place.is_demo:
        check_demo(realm=named, host=LOOPBACK, origins=Origins(opened.party, place.api, place.origins))
    clock, held = _find_clock(named), open_accepted(opened, realm=named, suite=suite)
    assembly = assemble(opened, held, suite=suite, ceremony=ceremony, observer=metrics, clock=clock)
    accepted = assembly.accepted
    desk = Desk(
        assembly.node,
        assembly.items,
        pact_raw=accepted.pact_raw,
        suite=suite,
        pacts=accepted.pacts,
        find_waiting=partial(find_waiting, path, accepted.pacts, suite),
        folder=path,
    )
    metrics.watch(desk, snapshot=path / SNAPSHOT_FILE)
    port, servers = _prepare(path, place, desk, metrics, metrics_token)
    began_s = time.monotonic()
    await assembly.start()
    if place.has_feed:
        _keep_feed(opened, assembly, desk)
    if cot:
        assembly.node.spawn(keep_cot(home_path, named, cot))
    write_private(path / "api", f"http://{LOOPBACK}:{port}".encode())
    took_ms, pages = int((time.monotonic() - began_s) * 1000), assembly.node.store.count_pages()
    note("node.started", party=opened.party, realm=named, pages=pages, took_ms=took_ms, port=port)
    url = f"http://{LOOPBACK}:{port}/v1/schema"
    print_line("Node of {party} in realm {realm}. API: {url} (with the token in {token})", party=opened.party,
               realm=named, url=url, token=str(path / "token"))  # fmt: skip
    print_line("Console: {url}", url=Origins(opened.party, port, place.origins).first + "/")
    await _serve_until_stopped(servers, assembly, desk)


def _keep_feed(home: Home, assembly: Assembly, desk: Desk) -> None:
    """Start the warning process, and keep it for as long as the node runs, where the pact has classes of tracks."""
    accepted = assembly.accepted
    if not any(pact.track_classes for pact in (accepted.pact, *(version.pact for version in accepted.versions))):
        return
    from comity.node.feed.keeper import FeedKeeper  # noqa: PLC0415 -- arrays come with it; who has no tracks needs none
    from comity.node.feed.reporting import DraftKeeper  # noqa: PLC0415 -- as above
    from comity.node.feed.wiring import make_feed_setup  # noqa: PLC0415 -- as above

    setup = make_feed_setup(home, accepted, suite=ProductionSuite())
    desk.drafts = DraftKeeper(assembly.node, compose=compose_report)
    assembly.node.spawn(FeedKeeper(assembly.node, setup, pacts=accepted.pacts, drafts=desk.drafts).keep())


def _find_clock(realm: str) -> Callable[[], int]:
    """Return the host's clock; in an exercise it can be set wrong, to play what a wrong clock does."""
    skew_ms = 0 if realm == "real" else int(environ.get(SKEW_VARIABLE, "0"))
    return lambda: read_clock() + skew_ms


def _prepare(path: Path, place: _Place, desk: Desk, metrics: Metrics, kept: str) -> "tuple[int, list[_Server]]":
    """Draw the tokens, but for the monitor's where it is `kept`, and set up what will listen; nothing does yet."""
    token, metrics_token = secrets.token_hex(32), kept or secrets.token_hex(32)
    write_private(path / "token", token.encode())
    if kept:
        (path / METRICS_TOKEN_FILE).unlink(missing_ok=True)
    else:
        write_private(path / METRICS_TOKEN_FILE, metrics_token.encode())
    port = place.api or _find_kept_port(path) or find_free_port(LOOPBACK)
    register, imports = Register(path / REGISTER_FILE), ImportLog(path / IMPORTS_FILE)
    passkeys, contacts = PasskeyBook(path / PASSKEYS_FILE), ContactsFile(path / CONTACTS_FILE)
    door, intake = OfficerDoor(desk), Intake(desk, log=imports, misp_table=path / TABLE_FILE)
    app = make_app(
        desk,
        door=door,
        token=token,
        metrics=metrics,
        metrics_token=metrics_token,
        register=register,
        given=GivenLog(path / GIVEN_FILE),
        intake=intake,
        passkeys=passkeys,
        contacts=contacts,
    )
    origins = Origins(desk.node.machine.party, port, place.origins)
    console = make_console(
        desk,
        door=door,
        token=token,
        origins=origins,
        sessions=Sessions(SessionBook(path / SESSIONS_FILE)),
        passkeys=passkeys,
        is_demo=place.is_demo,
        contacts=contacts,
        register=register,
        intake=intake,
        provider=ProviderFile(path / PROVIDER_FILE),
        shelf=MselShelf(path / LISTS_FOLDER),
    )
    servers = [_Server(make_config(Front(app, console), port, proxies=place.proxies))]
    if place.metrics is not None:
        monitor = make_monitor_app(desk, metrics, token=token, metrics_token=metrics_token)
        servers.append(_Server(make_config(monitor, place.metrics or find_free_port(LOOPBACK))))
    return port, servers


async def _serve_until_stopped(servers: "list[_Server]", assembly: Assembly, desk: Desk) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    serving = [loop.create_task(server.serve([open_listener(server.config)])) for server in servers]
    looking = loop.create_task(_look_first(desk))
    _tell_supervisor("READY=1")
    await stopping.wait()
    _tell_supervisor("STOPPING=1")
    note("node.stopping")
    await end_tasks(looking)
    desk.bulletin.close()  # a server waits for every answer that is under way, and a stream is one without end
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*serving)
    await assembly.stop()
    note("node.ended")


async def _look_first(desk: Desk) -> None:
    """Nothing rests on it, so nothing ends with it."""
    try:
        await look_first(desk)
    except Exception as error:  # noqa: BLE001 -- the page that fails is told so when it is asked for
        note("look.failed", why=type(error).__name__)


def _tell_supervisor(state: str) -> None:
    """Tell systemd, where it asked to be told (sd_notify(3)): one datagram to the socket that it named."""
    address = environ.get("NOTIFY_SOCKET", "")
    if address and hasattr(socket, "AF_UNIX"):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.connect("\0" + address[1:] if address.startswith("@") else address)
            channel.sendall(state.encode())


def _find_kept_port(path: Path) -> int:
    try:
        return int(read_beginning(path / "api", size_bytes_max=ADDRESS_SIZE_BYTES_MAX).rpartition(b":")[2])
    except (UsageError, ValueError):
        return 0


class _Server(uvicorn.Server):
    """The signals are the node's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the node."""
        yield


COMMANDS = (run,)
