"""Tokens of consumers, as they are shown at whatever door: over HTTP, or by a TAK client (X5).

A check of argon2id takes as long as it must, so one that held is remembered for a day after it was last shown. It is
remembered by a keyed hash, in memory alone, and forgotten with the consumer.

Rules
- A wrong token, no token, a name that nobody has: one answer, after as much work.
- Wrong tokens are counted by name and together; past the limit nobody's are looked at for a while, but for those that
  are remembered. So guessing costs this machine a bounded amount, however many guess at once, and polling goes on.
"""

import asyncio
import hmac
import secrets
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from comity.base.errors import UsageError
from comity.crypto.password import verify_nothing, verify_password
from comity.exchange.consumer import Consumer
from comity.exchange.register import Register

__all__ = ["WINDOW_S", "TokenBook", "check_rate"]

REMEMBERED_S: Final = 86_400.0
REMEMBERED_COUNT_MAX: Final = 1024
WINDOW_S: Final = 60.0
WRONG_COUNT_MAX: Final = 20
"""Wrong tokens for one name in a window."""
WRONG_COUNT_ALL_MAX: Final = 200
CHECKS_AT_ONCE: Final = 2


class TokenBook:
    """Tells whose token it is."""

    def __init__(self, register: Register, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._register = register
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._remembered: dict[bytes, tuple[str, float]] = {}
        self._wrong: dict[str, deque[float]] = {}
        self._wrong_all: deque[float] = deque()
        self._checks = asyncio.Semaphore(CHECKS_AT_ONCE)

    async def find(self, name: str, secret: bytes) -> Consumer | None:
        """Return the consumer of this name if it is its token; None where it is not, or there is none.

        Raises:
            UsageError: `consumer.too-often`.
        """
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
            # Others may have been right, or wrong, while this one waited for its turn.
            kept, until_s = self._remembered.get(mark, ("", 0.0))
            if consumer is not None and kept == consumer.kept and self._clock() < until_s:
                return consumer if self._register.find(name) == consumer else None
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

    def _check_rate(self, times: deque[float], count_max: int) -> None:
        check_rate(times, count_max, now_s=self._clock())


def check_rate(times: deque[float], count_max: int, *, now_s: float) -> None:
    """Forget what is older than the window, and return if there is room in it for one more.

    Raises:
        UsageError: `consumer.too-often`.
    """
    while times and times[0] <= now_s - WINDOW_S:
        times.popleft()
    if len(times) >= count_max:
        raise UsageError("consumer.too-often", window_s=int(WINDOW_S))


def _verify(secret: bytes, kept: str) -> bool:
    return verify_password(secret, kept) if kept else verify_nothing(secret or b"-")
