"""Who is connected to the port of TAK clients, as its process writes it down for the own operator (X68)."""

from typing import Final

import msgspec

from comity.base.errors import OutageError
from comity.base.instants import SECOND_MS, Instant
from comity.exchange.cot_server import CotServer

__all__ = ["CLIENTS_FILE", "SHOWN_EVERY_S", "ClientShown", "ClientsShown", "format_clients", "read_clients"]

CLIENTS_FILE: Final = "clients.json"
SHOWN_EVERY_S: Final = 5.0
_OLD_MS: Final = 30 * SECOND_MS


class ClientShown(msgspec.Struct, frozen=True):
    """One connection."""

    consumer: str
    way: str
    address: str
    came_at: int
    told: int


class ClientsShown(msgspec.Struct, frozen=True):
    """All of them, and by consumer what came of its reports since the start."""

    at: int
    has_picture: bool
    turned_away: int
    clients: tuple[ClientShown, ...]
    counts: dict[str, dict[str, int]]


def format_clients(server: CotServer, at: Instant) -> bytes:
    """Return what is written down."""
    clients = tuple(
        ClientShown(one.consumer.name, one.way, one.address, one.came_at, one.told_count)
        for one in sorted(server.visitors, key=lambda one: (one.came_at, one.address))
        if one.consumer is not None
    )
    counts = {name: dict(counts) for name, counts in sorted(server.counts.items())}
    shown = ClientsShown(at, server.link.is_whole, server.turned_away_count, clients, counts)
    return msgspec.json.encode(shown)


def read_clients(raw: bytes, at: Instant) -> ClientsShown:
    """Read what was written down lately.

    Raises:
        OutageError: `cot.not-running` where nothing was.
    """
    try:
        found = msgspec.json.decode(raw, type=ClientsShown)
    except msgspec.DecodeError as error:
        raise OutageError("cot.not-running") from error
    if found.at < at - _OLD_MS:
        raise OutageError("cot.not-running")
    return found
