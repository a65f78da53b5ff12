"""Listening to a node: what happens, as it happens, over cuts, new starts and slow readers (docs/adr/0052).

Each event of the record has a position. Whoever comes back goes on after the last one that was dealt with: an event is
dealt with once the next is asked for, so none is lost, and after a break the last may come twice.
"""

import random
import time
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import httpx
import msgspec

from comity.base.errors import ComityError, OutageError
from comity.client.connection import Connection, find_error

__all__ = ["Event", "Events"]

QUIET_S: Final = 20.0
"""How long a node may say nothing: it says that it lives every five seconds."""
PAUSE_S: Final = 0.2
PAUSE_S_MAX: Final = 5.0
EVENT_SIZE_MAX: Final = 1024 * 1024


class Event(NamedTuple):
    """One event: its name, what it says, and the position after it; empty where it has none."""

    name: str
    content: dict[str, Any]
    position: str = ""


class Events:
    """The events of one node, from a position on; without one, from now on."""

    def __init__(self, connection: Connection, *, after: str = "", patience_s: float | None = None) -> None:
        """Listen from `after` on. `patience_s` is how long a node may be out of reach; without it, for ever."""
        self.position = after
        self._connection = connection
        self._patience_s = patience_s

    def __iter__(self) -> Iterator[Event]:
        """Yield what happens, `begun` first of all and after every break: it says how much was missed, if anything.

        Raises:
            OutageError: what kept the node out of reach for longer than the patience.
            UsageError: `api.no-access` where the token is none, or no more.
        """
        heard_s, pause_s = time.monotonic(), PAUSE_S
        while True:
            try:
                for event in self._listen():
                    heard_s, pause_s = time.monotonic(), PAUSE_S
                    yield event
                    self.position = event.position or self.position
            except httpx.HTTPError as error:
                self._check_patience(heard_s, OutageError("api.unreachable"), error)
            except OutageError as error:
                self._check_patience(heard_s, error, None)
            time.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 -- so that many do not come back at once
            pause_s = min(2 * pause_s, PAUSE_S_MAX)

    def _check_patience(self, heard_s: float, fault: ComityError, cause: Exception | None) -> None:
        if self._patience_s is not None and time.monotonic() - heard_s > self._patience_s:
            raise fault from cause

    def _listen(self) -> Iterator[Event]:
        """Yield the events of one answer, until it ends."""
        headers = {"Last-Event-ID": self.position} if self.position else {}
        with self._connection.open_stream("/v1/events", timeout_s=QUIET_S, headers=headers) as response:
            if not response.is_success:
                response.read()
                raise find_error(response)
            yield from read_events(response.iter_lines())


def read_events(lines: Iterator[str]) -> Iterator[Event]:
    """Yield the events in the lines of a stream (WHATWG HTML, section 9.2), as a node writes them."""
    fields: dict[str, str] = {}
    for line in lines:
        if len(line) > EVENT_SIZE_MAX:
            raise OutageError("api.unreachable")
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
            continue
        if "data" in fields:
            try:
                content = msgspec.json.decode(fields["data"], type=dict[str, Any])
            except msgspec.DecodeError as error:
                raise OutageError("api.unreachable") from error
            yield Event(fields.get("event", ""), content, fields.get("id", ""))
        fields = {}
