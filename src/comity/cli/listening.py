"""The socket on which API and console listen, and how long one who connects may take nothing of what is sent to him.

A connection is a place: a stream that nobody reads would keep one of so many for ever, as the kernel over there goes on
saying that it is there. So the kernel here breaks a connection whose other side has neither confirmed what was sent nor
made room for what waits, for `TAKES_NOTHING_MS`: one that was stopped, and one whose machine is gone. Whoever takes
anything in that time, however slowly, is waited for. All that the connection held is let go then, its place among the
listeners too (`events.too-many`). What the kernel holds for one who takes nothing is bounded.
"""

import socket
from typing import Final

import uvicorn

__all__ = ["SENT_SIZE_BYTES_MAX", "TAKES_NOTHING_MS", "open_listener"]

TAKES_NOTHING_MS: Final = 30_000
SENT_SIZE_BYTES_MAX: Final = 256 * 1024
"""What the kernel is asked to hold of an answer that is on its way; by itself it would hold megabytes for each."""


def open_listener(config: uvicorn.Config) -> socket.socket:
    """Return the socket on which this server will listen; each connection has its limits from it."""
    found = config.bind_socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT_SIZE_BYTES_MAX // 2)  # the kernel takes it twice
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux (tcp(7), RFC 5482)
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TAKES_NOTHING_MS)
    found.set_inheritable(False)  # no program that the node starts needs it
    return found
