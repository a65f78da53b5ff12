"""Who acts in a request: the officer whose token it bears, or whoever holds the realm's own token.

A token is `NAME.SECRET` and kept as argon2id. A check takes tens of milliseconds, so one that held is remembered in
memory by a keyed hash for as long as what it was compared with stands.

Rules
- Every answer to a token that is not right is one and the same; a name that nobody has takes a check as well.
- One door is for API and console: what is counted at one of them counts at the other.
- Requests are limited for each officer and for each address, each by itself: `api.too-often`, 429 with Retry-After.
- Wrong tokens are limited for each address. Nobody can lock an officer out by them: two bytes of a token's hash lie
  beside what it is compared with, a token whose bytes differ is wrong without a check, and one whose bytes agree is
  checked whatever others did.
"""

import asyncio
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Any, Final

from litestar.connection import ASGIConnection

from comity.api.desk import Desk
from comity.base.errors import UsageError
from comity.crypto.password import SECRET_SIZE_BYTES_MAX, verify_nothing, verify_password
from comity.node.officers import find_tag
from comity.node.powers import check_may
from comity.pact.offices import Act

__all__ = ["GUARDED", "OfficerDoor"]

REMEMBERED_COUNT_MAX: Final = 1_024
CHECKS_AT_ONCE: Final = 2
WINDOW_S: Final = 60
WRONG_COUNT_MAX: Final = 30
"""Wrong tokens from one address in a window; then they are refused without being looked at."""
REQUEST_COUNT_MAX: Final = 60_000
"""Requests of one officer in a window: a thousand a second."""
ADDRESS_COUNT_MAX: Final = 240_000


GUARDED: Final = (
    ("/v1/items/destroy", Act.RECALL),
    ("/v1/recalls", Act.RECALL),
    ("/v1/quarantine", Act.RELEASE),
    ("/v1/store", Act.ADMINISTER),
    ("/v1/doctor", Act.ADMINISTER),
    ("/v1/bundle", Act.ADMINISTER),
    ("/v1/drop", Act.ADMINISTER),
    ("/v1/consumers", Act.ADMINISTER),
    ("/v1/alarms", Act.ADMINISTER),
    ("/v1/officers", Act.ADMINISTER),
    ("/v1/roster", Act.ADMINISTER),
    ("/v1/delegations", Act.ADMINISTER),
    ("/v1/deposits", Act.RELEASE),
)
"""Paths whose work is done, in whole or in part, before or without a statement that the machine would judge."""


class _Meter:
    """Counts by key in windows of a minute; the keys longest unseen are forgotten."""

    def __init__(self, count_max: int, clock: Callable[[], float]) -> None:
        self._count_max = count_max
        self._clock = clock
        self._counts: dict[str, tuple[int, int]] = {}

    def is_spent(self, key: str) -> bool:
        window, count = self._counts.get(key, (0, 0))
        return window == self._window() and count >= self._count_max

    def add(self, key: str) -> None:
        window, count = self._counts.pop(key, (0, 0))
        while len(self._counts) >= REMEMBERED_COUNT_MAX:
            self._counts.pop(next(iter(self._counts)))
        self._counts[key] = (self._window(), count + 1 if window == self._window() else 1)

    def check(self, key: str) -> None:
        """Count, or raise `api.too-often`."""
        if self.is_spent(key):
            raise UsageError("api.too-often", window_s=WINDOW_S - int(self._clock()) % WINDOW_S)
        self.add(key)

    def _window(self) -> int:
        return int(self._clock()) // WINDOW_S + 1


class OfficerDoor:
    """Tells whose token a request bears."""

    def __init__(self, desk: Desk, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._desk = desk
        self._key = secrets.token_bytes(32)
        self._remembered: dict[bytes, str] = {}
        self._wrong = _Meter(WRONG_COUNT_MAX, clock)
        self._requests = _Meter(REQUEST_COUNT_MAX, clock)
        self._addresses = _Meter(ADDRESS_COUNT_MAX, clock)
        self._checks = asyncio.Semaphore(CHECKS_AT_ONCE)

    def count(self, connection: ASGIConnection[Any, Any, Any, Any], who: str) -> None:
        """Count a request of an officer, or of the realm's token (no name), and of where it came from.

        Raises:
            UsageError: `api.too-often`.
        """
        self.count_stranger(connection)
        self._requests.check(who)

    def count_stranger(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Count a request of whoever has yet to say who he is: it takes nothing from anybody who did.

        Raises:
            UsageError: `api.too-often`.
        """
        self._addresses.check(_find_address(connection))

    def check_power(self, name: str, path: str, method: str) -> None:
        """Return if an officer may do what is no statement of its own: destroy copies, let other systems poll.

        Raises:
            UsageError: `officer.wrong-role`, with the clause.
        """
        act = next((act for beginning, act in GUARDED if path.startswith(beginning)), None)
        if method != "GET" and act is not None:
            check_may(self._desk.node, name, act)

    async def find(self, connection: ASGIConnection[Any, Any, Any, Any], token: bytes) -> str | None:
        """Return the name of the officer whose token this is; None for any other.

        Raises:
            UsageError: `api.too-often`, `officer.book-malformed`.
        """
        name, _, secret = token.partition(b".")
        if not secret or len(token) > SECRET_SIZE_BYTES_MAX:
            return None
        node = self._desk.node
        officer = node.officers.read().find(name.decode("utf-8", "replace"))
        mark = hmac.digest(self._key, token, "sha256")
        if officer is not None and not officer.is_valid(node.now()):
            officer = None
        if officer is not None and hmac.compare_digest(self._remembered.get(mark, ""), officer.kept):
            return officer.name
        address = _find_address(connection)
        may_be = officer is not None and hmac.compare_digest(find_tag(secret), officer.tag)
        if not may_be and self._wrong.is_spent(address):
            raise UsageError("api.too-often", window_s=WINDOW_S)
        async with self._checks:
            # Others may have been wrong while this one waited for its turn.
            if not may_be and self._wrong.is_spent(address):
                raise UsageError("api.too-often", window_s=WINDOW_S)
            kept = officer.kept if officer is not None and may_be else ""
            is_right = await asyncio.to_thread(_verify, secret, kept)
            if officer is None or not is_right:
                self._wrong.add(address)
                return None
        while len(self._remembered) >= REMEMBERED_COUNT_MAX:
            self._remembered.pop(next(iter(self._remembered)))
        self._remembered[mark] = officer.kept
        return officer.name


def _find_address(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    return connection.client.host if connection.client is not None else ""


def _verify(secret: bytes, kept: str) -> bool:
    return verify_password(secret, kept) if kept else verify_nothing(secret)
