"""Challenges that a browser answers with a passkey: made without being kept, good once, for a few minutes.

A challenge carries its hour and a seal over it and over the browser that it was made for, so that whoever loads the
entrance a million times fills no memory here. Only one that was answered rightly is kept, until its time is over.
"""

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from comity.base.errors import UsageError

__all__ = ["Challenges"]

GOOD_S: Final = 300
_HOUR_SIZE: Final = 8
_DRAWN_SIZE: Final = 16


class Challenges:
    """The challenges of one run of a node."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._spent: OrderedDict[bytes, float] = OrderedDict()

    def make(self, browser: str) -> bytes:
        """Make a challenge for a browser."""
        head = int(self._clock()).to_bytes(_HOUR_SIZE) + secrets.token_bytes(_DRAWN_SIZE)
        return head + self._seal(head, browser)

    def check(self, given: str, browser: str) -> bytes:
        """Return a challenge that is good for a browser.

        Raises:
            UsageError: `passkey.refused`.
        """
        try:
            challenge = bytes.fromhex(given)
        except ValueError as error:
            raise UsageError("passkey.refused") from error
        head, seal = challenge[: _HOUR_SIZE + _DRAWN_SIZE], challenge[_HOUR_SIZE + _DRAWN_SIZE :]
        age_s = self._clock() - int.from_bytes(head[:_HOUR_SIZE])
        is_ours = hmac.compare_digest(seal, self._seal(head, browser))
        if not is_ours or age_s >= GOOD_S or challenge in self._spent:
            raise UsageError("passkey.refused")
        return challenge

    def spend(self, challenge: bytes) -> None:
        """Let a challenge be good no more."""
        while self._spent and next(iter(self._spent.values())) <= self._clock() - GOOD_S:
            self._spent.popitem(last=False)
        self._spent[challenge] = self._clock()

    def _seal(self, head: bytes, browser: str) -> bytes:
        return hmac.digest(self._key, head + browser.encode("utf-8", "replace"), "sha256")
