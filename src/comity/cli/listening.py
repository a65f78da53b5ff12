"""The socket on which API and console listen, and how long one who connects may take nothing of what is sent to him.

A connection is a place: a stream that nobody reads would keep one of so many for ever, as the kernel over there goes on
saying that it is there. So the kernel here breaks a connection whose other side has neither confirmed what was sent nor
made room for what waits, for `TAKES_NOTHING_MS`: one that was stopped, and one whose machine is gone. Whoever takes
anything in that time, however slowly, is waited for. All that the connection held is let go then, its place among the
listeners too (`events.too-many`). What the kernel holds for one who takes nothing is bounded.

Whoever connects is who he is by his address. A proxy says for whom it asks (`X-Forwarded-For`), and so can anybody who
reaches the port: it is believed only of addresses that the operator names, and by itself of none, loopback included.
"""

import ipaddress
import socket
from typing import Any, Final

import click
import uvicorn

from comity.base.errors import UsageError

__all__ = ["LOOPBACK", "SENT_SIZE_BYTES_MAX", "TAKES_NOTHING_MS", "make_config", "open_listener", "read_proxies"]

LOOPBACK: Final = "127.0.0.1"
TAKES_NOTHING_MS: Final = 30_000
SENT_SIZE_BYTES_MAX: Final = 256 * 1024
"""What the kernel is asked to hold of an answer that is on its way; by itself it would hold megabytes for each."""


def read_proxies(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Return the addresses and networks whose word counts for where a request came from.

    Raises:
        UsageError: `console.proxy-malformed`: no address, or all there are.
    """
    for address in given:
        try:
            found = ipaddress.ip_network(address)
        except ValueError as error:
            raise UsageError("console.proxy-malformed", address=address[:80]) from error
        if found.prefixlen == 0:
            raise UsageError("console.proxy-malformed", address=address[:80])
    return given


def make_config(app: Any, port: int, *, proxies: tuple[str, ...] = ()) -> uvicorn.Config:
    """Return how an application is served on loopback; its messages go to the node's log, by the node's rules."""
    return uvicorn.Config(
        app,
        host=LOOPBACK,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
    )


def open_listener(config: uvicorn.Config) -> socket.socket:
    """Return the socket on which this server will listen; each connection has its limits from it."""
    found = config.bind_socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT_SIZE_BYTES_MAX // 2)  # the kernel takes it twice
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux (tcp(7), RFC 5482)
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TAKES_NOTHING_MS)
    found.set_inheritable(False)  # no program that the node starts needs it
    return found
