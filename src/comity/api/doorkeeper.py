"""Who lets consumers in: HTTP basic or bearer, with the token that was shown once (docs/spec/exchange.md, X5).

A check of argon2id takes as long as it must, so one that held is remembered for a day after it was last shown: a poll
is fast. It is remembered by a keyed hash, in memory alone, and forgotten with the consumer.

Rules
- A wrong token, no token, a name that nobody has: one answer, after as much work.
- Wrong tokens are counted by name and together; past the limit nobody's are looked at for a while, but for those that
  are remembered. So guessing costs this machine a bounded amount, however many guess at once, and polling goes on.
- Requests of one consumer are limited too, each consumer by itself.
"""

import asyncio
import base64
import hmac
import secrets
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, NotFoundException

from comity.base.errors import UsageError
from comity.crypto.password import SECRET_SIZE_BYTES_MAX, verify_nothing, verify_password
from comity.exchange.consumer import Consumer, Format
from comity.exchange.register import Register

__all__ = ["CONSUMER", "Doorkeeper", "get_consumer"]

CONSUMER: Final = "consumer"
"""The value of a route's option `access` that wants a consumer's token; its option `format` says what it serves."""

REMEMBERED_S: Final = 86_400.0
REMEMBERED_COUNT_MAX: Final = 1024
WINDOW_S: Final = 60.0
WRONG_COUNT_MAX: Final = 20
"""Wrong tokens for one name in a window."""
WRONG_COUNT_ALL_MAX: Final = 200
REQUEST_COUNT_MAX: Final = 3_000
"""Requests of one consumer in a window: fifty a second."""
CHECKS_AT_ONCE: Final = 2


class Doorkeeper:
    """Tells who a consumer is."""

    def __init__(self, register: Register, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._register = register
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._remembered: dict[bytes, tuple[str, float]] = {}
        self._wrong: dict[str, deque[float]] = {}
        self._wrong_all: deque[float] = deque()
        self._requests: dict[str, deque[float]] = {}
        self._checks = asyncio.Semaphore(CHECKS_AT_ONCE)

    async def let_in(self, connection: ASGIConnection[Any, Any, Any, Any], format_: Format | None) -> None:
        """Find the consumer of a request and bind it to it.

        Raises:
            NotAuthorizedException: no token, or none of a consumer.
            NotFoundException: this consumer was not given this format; nothing tells it that there is one.
            UsageError: `consumer.too-often`.
        """
        name, secret = _read_credentials(connection.headers.get("authorization", ""))
        consumer = await self._find(name, secret)
        if consumer is None:
            raise NotAuthorizedException(headers={"WWW-Authenticate": 'Basic realm="comity", charset="UTF-8"'})
        self._count(self._requests.setdefault(consumer.name, deque()), REQUEST_COUNT_MAX)
        if format_ is not None and format_ not in consumer.formats:
            raise NotFoundException
        connection.scope["state"][CONSUMER] = consumer

    async def _find(self, name: str, secret: bytes) -> Consumer | None:
        consumer = self._register.find(name)
        mark = hmac.digest(self._key, name.encode() + b"\0" + secret, "sha256")
        kept, until_s = self._remembered.get(mark, ("", 0.0))
        if consumer is not None and kept == consumer.kept and self._clock() < until_s:
            self._remember(mark, consumer)
            return consumer
        if not name:
            return None
        wrong = self._find_wrong(name)
        self._check_rate(wrong, WRONG_COUNT_MAX)
        self._check_rate(self._wrong_all, WRONG_COUNT_ALL_MAX)
        async with self._checks:
            # Others may have been wrong while this one waited for its turn.
            self._check_rate(wrong, WRONG_COUNT_MAX)
            self._check_rate(self._wrong_all, WRONG_COUNT_ALL_MAX)
            is_right = await asyncio.to_thread(_verify, secret, "" if consumer is None else consumer.kept)
            if consumer is None or not is_right:
                wrong.append(self._clock())
                self._wrong_all.append(self._clock())
                return None
        self._remember(mark, consumer)
        # It may have been removed, or have another token, while this one was looked at.
        return consumer if self._register.find(name) == consumer else None

    def _find_wrong(self, name: str) -> deque[float]:
        """Return when tokens for a name were wrong, be there such a consumer or not; the oldest names are forgotten."""
        times = self._wrong.pop(name, deque())
        while len(self._wrong) >= REMEMBERED_COUNT_MAX:
            self._wrong.pop(next(iter(self._wrong)))
        self._wrong[name] = times
        return times

    def _remember(self, mark: bytes, consumer: Consumer) -> None:
        self._remembered.pop(mark, None)  # the ones longest unseen stand first
        while len(self._remembered) >= REMEMBERED_COUNT_MAX:
            self._remembered.pop(next(iter(self._remembered)))
        self._remembered[mark] = (consumer.kept, self._clock() + REMEMBERED_S)

    def _count(self, times: deque[float], count_max: int) -> None:
        self._check_rate(times, count_max)
        times.append(self._clock())

    def _check_rate(self, times: deque[float], count_max: int) -> None:
        while times and times[0] <= self._clock() - WINDOW_S:
            times.popleft()
        if len(times) >= count_max:
            raise UsageError("consumer.too-often", window_s=int(WINDOW_S))


def get_consumer(connection: ASGIConnection[Any, Any, Any, Any]) -> Consumer:
    """Return the consumer that the doorkeeper let in with this request."""
    consumer = connection.scope["state"][CONSUMER]
    assert isinstance(consumer, Consumer)
    return consumer


def _read_credentials(header: str) -> tuple[str, bytes]:
    """Return name and secret: `Basic NAME:SECRET`, `Basic NAME:NAME.SECRET`, `Bearer NAME.SECRET`; else nothing."""
    scheme, _, value = header.partition(" ")
    value = value.strip()
    if len(value) > 2 * SECRET_SIZE_BYTES_MAX:
        return "", b""
    if scheme.lower() == "basic":
        try:
            name, _, token = base64.b64decode(value, validate=True).decode().partition(":")
        except ValueError:  # what is no base64, and what is no UTF-8
            return "", b""
        return name, token.removeprefix(f"{name}.").encode()
    if scheme.lower() == "bearer":
        name, _, secret = value.partition(".")
        return (name, secret.encode("utf-8", "replace")) if secret else ("", b"")
    return "", b""


def _verify(secret: bytes, kept: str) -> bool:
    return verify_password(secret, kept) if kept else verify_nothing(secret or b"-")
