"""Requests that came under a key of their own, and the keys of the acts that each of them does (docs/adr/0059).

A request may state several things, each drawn and dated anew when it is repeated: so each act of it has a key made of
the request's own, of to whom it speaks and of which types. What is stored with the pages says, after any stop, which of
its acts were done and that no other request may have the key.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from comity.base.names import Audience
from comity.procedure.entry import Entry

__all__ = ["KEYED", "Keyed", "unkeyed"]


class Keyed:
    """One request under a key: `name` stands for the key and whose it is, `request` is the digest of what was asked.

    `is_strict`: an act of it that was done before with other content cannot be taken for the one that is meant now.
    """

    def __init__(self, name: str, request: bytes, *, is_strict: bool = False) -> None:
        self.name = name
        self.request = request
        self.is_strict = is_strict
        self.last_key = ""
        self._counts: Counter[str] = Counter()

    def find_key(self, audience: Audience, entries: Sequence[Entry]) -> str:
        """Return the key of the next act, and note it: whoever repeats the request comes to the same one."""
        said = " ".join((*audience, "", *(type(entry).__name__ for entry in entries)))
        shape = hashlib.sha256(said.encode()).hexdigest()[:16]
        self._counts[shape] += 1
        self.last_key = f"{self.name}/{shape}/{self._counts[shape]}"
        return self.last_key


KEYED: Final[ContextVar[Keyed | None]] = ContextVar("KEYED", default=None)
"""The key of this request; none where it came without one, or where there is no request."""


@contextmanager
def unkeyed() -> Iterator[None]:
    """State something that is no part of what the request is answered with."""
    token = KEYED.set(None)
    try:
        yield
    finally:
        KEYED.reset(token)
