"""`comity warning cot` and who may connect there: the port of TAK clients (docs/guide/warning.md)."""

import asyncio
import contextlib
import ipaddress
import secrets
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from comity.api.words import say
from comity.base.errors import OutageError, UsageError
from comity.base.instants import Instant, format_dtg
from comity.cli.asking import find_realm_path, home_option, realm_option
from comity.cli.files import read_beginning, read_bounded
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table
from comity.cli.warning import warning
from comity.crypto.production import ProductionSuite
from comity.crypto.visiting import read_certificate
from comity.exchange.consumer import Consumer, Format
from comity.exchange.cot_package import Package, make_package
from comity.exchange.cot_passes import COT_FOLDER, Passes
from comity.exchange.cot_server import CotServer
from comity.exchange.cot_status import CLIENTS_FILE, SHOWN_EVERY_S, format_clients, read_clients
from comity.exchange.register import REGISTER_FILE, Register
from comity.node.bell import read_clock
from comity.node.durable import write_private
from comity.node.ending import end_tasks
from comity.node.reach import parse_endpoint
from comity.node.wire import Endpoint

__all__ = ["COMMANDS", "PLAIN_PORT", "TLS_PORT"]

TLS_PORT: Final = 8089
PLAIN_PORT: Final = 8087
"""Where TAK clients look for a server if nobody says otherwise."""
BACKLOG: Final = 64
CERTIFICATE_SIZE_BYTES_MAX: Final = 256 * 1024


@warning.command(help=say("Show the picture to TAK clients, and take what they report, until interrupted."))
@click.option("--listen", "listens", multiple=True, metavar="ADDRESS:PORT",
              help=say("Where clients connect with TLS; 127.0.0.1:8089 if left out; repeatable."))  # fmt: skip
@click.option("--plain", "plains", multiple=True, metavar="ADDRESS:PORT",
              help=say("Where clients of this machine connect without TLS, with their token; repeatable."))  # fmt: skip
@click.option("--name", "names", multiple=True, metavar="HOST",
              help=say("What clients call this machine, for the certificate that it shows; repeatable."))  # fmt: skip
@click.option("--with-parent", is_flag=True, hidden=True)
@home_option
@realm_option
def cot(
    listens: tuple[str, ...], plains: tuple[str, ...], names: tuple[str, ...], with_parent: bool, home: Path, realm: str
) -> None:
    """See `help` above."""
    folder = find_realm_path(home, realm)
    asyncio.run(_serve(folder, listens or (f"127.0.0.1:{TLS_PORT}",), plains, names, with_parent=with_parent))


async def _serve(
    folder: Path, listens: Sequence[str], plains: Sequence[str], names: Sequence[str], *, with_parent: bool
) -> None:
    register, passes = Register(folder / REGISTER_FILE), Passes(folder)
    passes.reread()
    for plain in plains:
        if not _is_loopback(parse_endpoint(plain).host):
            raise UsageError("cot.plain-beyond", address=plain[:80])
    tls = [_open(parse_endpoint(one)) for one in listens]
    bare = [_open(parse_endpoint(one)) for one in plains]
    shown = (*names, *(one.getsockname()[0] for one in tls), "localhost", "127.0.0.1")
    context = passes.make_context(tuple(dict.fromkeys(shown)))
    server = CotServer(folder, register, passes, suite=ProductionSuite(), clock=read_clock)
    loop, ending = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.set)
    for one in tls:
        print_line("TAK clients connect to {address} with TLS.", address=_format_address(one))
    for one in bare:
        print_line("TAK clients of this machine connect to {address}.", address=_format_address(one))
    tasks = {
        loop.create_task(server.serve(tls=tls, plain=bare, context=context)),
        loop.create_task(_show_for_ever(server, folder / COT_FOLDER / CLIENTS_FILE)),
        loop.create_task(ending.wait()),
    }
    if with_parent:
        tasks.add(loop.create_task(_wait_for_parent()))
    done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    await end_tasks(*others)
    for one in (*tls, *bare):
        one.close()
    for task in done:
        task.result()


async def _show_for_ever(server: CotServer, path: Path) -> None:
    last = b""
    while True:
        shown = format_clients(server, read_clock())
        if shown != last:
            last = shown
            with contextlib.suppress(OSError):  # no room for what is only looked at
                write_private(path, shown)
        await asyncio.sleep(SHOWN_EVERY_S)


async def _wait_for_parent() -> None:
    """Return when the node that started this has ended, however it did: its end of the pipe closes."""
    stream = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), sys.stdin)
    await stream.read()


def _open(endpoint: Endpoint) -> socket.socket:
    """Listen somewhere.

    Raises:
        OutageError: `cot.port`.
    """
    family = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((endpoint.host, endpoint.port))
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise OutageError("cot.port", port=endpoint.port) from error
    return listening


def _format_address(listening: socket.socket) -> str:
    host, port, *_ = listening.getsockname()
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@warning.command(
    help=say("Let the TAK client of a system in by a certificate: write what it imports, or know its own.")
)
@click.argument("name")
@click.option("--at", "address", default=f"127.0.0.1:{TLS_PORT}", show_default=True, metavar="ADDRESS:PORT",
              help=say("Where the client reaches the port."))  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=".",
              help=say("The folder for the data package and the certificate; else this one."))  # fmt: skip
@click.option("--certificate", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help=say("A certificate that the client has already: nothing is written then."))  # fmt: skip
@home_option
@realm_option
@json_option
def admit(name: str, address: str, out: Path, certificate: Path | None, home: Path, realm: str) -> None:
    """See `help` above."""
    folder = find_realm_path(home, realm)
    register, passes = Register(folder / REGISTER_FILE), Passes(folder)
    consumer = _get_consumer(register, name)
    if certificate is not None:
        known = read_certificate(read_bounded(certificate, CERTIFICATE_SIZE_BYTES_MAX))
        fingerprint = passes.add(consumer, known, register.list())
        if is_json():
            emit({"consumer": name, "fingerprint": fingerprint})
        else:
            print_line("{name} comes in by the certificate {fingerprint}.", name=name, fingerprint=fingerprint)
        return
    endpoint, passphrase = parse_endpoint(address), secrets.token_urlsafe(12)
    issued, trust = passes.issue(name, passphrase)
    package = Package(name, f"Comity {folder.name}", endpoint.host, endpoint.port, passphrase, trust, issued.sealed)
    written = {
        out / f"{name}.zip": make_package(package),
        out / f"{name}.pem": issued.chain_pem,
        out / f"{name}.key": issued.key_pem,
        out / "authority.pem": passes.find_signer().certificate_pem,
    }
    for path, content in written.items():
        write_private(path, content)
    fingerprint = passes.add(consumer, issued.certificate, register.list())
    if is_json():
        emit({"consumer": name, "fingerprint": fingerprint, "files": [str(path) for path in written]})
        return
    print_line("{name} comes in by the certificate {fingerprint}.", name=name, fingerprint=fingerprint)
    for path in written:
        print_line("  {path}", path=str(path))
    print_line("Give it the zip file, or the other three; who has them comes in as {name}.", name=name)


@warning.command(help=say("Let the TAK client of a system in by no certificate any more, from now on."))
@click.argument("name")
@home_option
@realm_option
@json_option
def dismiss(name: str, home: Path, realm: str) -> None:
    """See `help` above."""
    count = Passes(find_realm_path(home, realm)).remove(name)
    if is_json():
        emit({"consumer": name, "count": count})
    else:
        print_line("{count} certificates of {name} open nothing any more.", count=count, name=name)


@warning.command(help=say("Show which TAK clients are connected, and what came of what they reported."))
@home_option
@realm_option
@json_option
def clients(home: Path, realm: str) -> None:
    """See `help` above."""
    raw = read_beginning(find_realm_path(home, realm) / COT_FOLDER / CLIENTS_FILE, size_bytes_max=4 * 1024 * 1024)
    found = read_clients(raw, read_clock())
    if is_json():
        emit(msgspec.to_builtins(found))
        return
    ways = {"certificate": say("certificate"), "token": say("token")}
    print_table(
        ("name", "by", "from", "since", "events"),
        [
            (one.consumer, ways[one.way], one.address, format_dtg(Instant(one.came_at)), one.told)
            for one in found.clients
        ],
    )
    for name, counts in sorted(found.counts.items()):
        print_line("{source}: {counts}", source=name, counts=_lay_counts(counts))


def _lay_counts(counts: dict[str, Any]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _get_consumer(register: Register, name: str) -> Consumer:
    consumer = register.find(name)
    if consumer is None:
        raise UsageError("consumer.unknown", name=name[:40])
    if Format.COT not in consumer.formats:
        raise UsageError("cot.no-format", name=name)
    return consumer


COMMANDS = (cot, admit, dismiss, clients)
