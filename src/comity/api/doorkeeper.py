"""Who lets consumers in: HTTP basic or bearer, with the token that was shown once (docs/spec/exchange.md, X5).

Whose a token is, and how often it may be guessed, says `comity.exchange.tokens`. Requests of one consumer are limited
here, each consumer by itself.
"""

import base64
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, NotFoundException

from comity.crypto.password import SECRET_SIZE_BYTES_MAX
from comity.exchange.consumer import Consumer, Format
from comity.exchange.register import Register
from comity.exchange.tokens import TokenBook, check_rate

__all__ = ["CONSUMER", "Doorkeeper", "get_consumer"]

CONSUMER: Final = "consumer"
"""The value of a route's option `access` that wants a consumer's token; its option `format` says what it serves."""

REQUEST_COUNT_MAX: Final = 3_000
"""Requests of one consumer in a window: fifty a second."""


class Doorkeeper:
    """Tells who a consumer is."""

    def __init__(self, register: Register, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.tokens = TokenBook(register, clock=clock)
        self._clock = clock
        self._requests: dict[str, deque[float]] = {}

    async def let_in(self, connection: ASGIConnection[Any, Any, Any, Any], format_: Format | None) -> None:
        """Find the consumer of a request and bind it to it.

        Raises:
            NotAuthorizedException: no token, or none of a consumer.
            NotFoundException: this consumer was not given this format; nothing tells it that there is one.
            UsageError: `consumer.too-often`.
        """
        name, secret = _read_credentials(connection.headers.get("authorization", ""))
        consumer = await self.tokens.find(name, secret)
        if consumer is None:
            raise NotAuthorizedException(headers={"WWW-Authenticate": 'Basic realm="comity", charset="UTF-8"'})
        self._count(self._requests.setdefault(consumer.name, deque()), REQUEST_COUNT_MAX)
        if format_ is not None and format_ not in consumer.formats:
            raise NotFoundException
        connection.scope["state"][CONSUMER] = consumer

    def _count(self, times: deque[float], count_max: int) -> None:
        check_rate(times, count_max, now_s=self._clock())
        times.append(self._clock())


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
