"""Acts that wait for a second officer: held as they were to be stated, until one approves, refuses, or time is over.

Rules (docs/adr/0040)
- What is approved is what is stated: the entries are held, not the wish, and their digest is shown to both officers.
- The same officer twice is one officer, and two who approve at once state it once. Whether the second may do the act
  is judged as for the first, by the machine.
- Held in memory alone, so many, so many of one officer, and so long: a node that starts anew has lost them, and whoever
  acted acts again.
- Each is stated under a key, that of whoever asked or one of its own: whoever did not hear the answer approves again,
  and nothing is stated twice.
- What is over or refused is let go of with what was sealed for it; not while its answer is still to come.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from comity.base.errors import UsageError
from comity.base.instants import HOUR_MS, Instant
from comity.base.names import Audience
from comity.crypto.label import label
from comity.journal.header import Feed
from comity.procedure.entry import Entry
from comity.procedure.registry import encode_entry

__all__ = ["Approvals", "Held", "find_digest"]

HELD_COUNT_MAX: Final = 64
HELD_COUNT_OF_ONE_MAX: Final = 16
"""Acts that one officer asked for: no one officer takes the room of the others (docs/adr/0069)."""
HELD_MS: Final = HOUR_MS


@dataclass(frozen=True, slots=True)
class Held:
    """One act. `officers` have acted so far; `clause` asks for more of them; `key` is that under which it is stated."""

    digest: str
    audience: Audience
    entries: tuple[Entry, ...]
    feed: Feed
    officers: tuple[str, ...]
    act: str
    clause: str
    until_at: Instant
    key: str = ""


class Approvals:
    """What waits at one node."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}
        self._stating: set[str] = set()
        """What is on its way to being stated: nobody else approves it meanwhile."""
        self._tried: set[str] = set()
        """What was approved once: it may be stated though nobody heard so."""

    def list(self, at: Instant) -> tuple[Held, ...]:
        """Return what waits now, the first to end first."""
        rows = (held for held in self._held.values() if held.until_at > at)
        return tuple(sorted(rows, key=lambda held: (held.until_at, held.digest)))

    def hold(
        self,
        audience: Audience,
        entries: tuple[Entry, ...],
        feed: Feed,
        *,
        officers: tuple[str, ...],
        refused: UsageError,
        at: Instant,
        key: str = "",
    ) -> UsageError:
        """Hold an act that was refused for want of another officer; return what to tell whoever wanted it.

        What is held already is held once, for whoever asked first: who asks for the same again has approved nothing.
        One more officer who approved it (`take`) is kept with it where the pact asks for a further one.
        """
        digest = find_digest(audience, entries, feed)
        known = next((held for held in self.list(at) if held.digest == digest), None)
        if known is None and (full := self._find_full(officers[:1], at)) is not None:
            return full
        details = {name: str(refused.details.get(name, "")) for name in ("act", "clause")}
        until_at = Instant(at + HELD_MS)
        held = known or Held(
            digest, audience, entries, feed, officers, details["act"], details["clause"], until_at, key
        )
        if set(held.officers) < set(officers):
            held = replace(held, officers=officers)
        self._held[digest] = held
        return UsageError("approval.awaited", digest=digest, until_at=held.until_at, **details)

    def _find_full(self, first: tuple[str, ...], at: Instant) -> UsageError | None:
        """Return why nothing more is held for the officer who asks first; None where there is room."""
        rows = self.list(at)
        if sum(held.officers[:1] == first for held in rows) >= HELD_COUNT_OF_ONE_MAX:
            return UsageError("approval.too-many-of-one", count_max=HELD_COUNT_OF_ONE_MAX)
        if len(rows) >= HELD_COUNT_MAX:
            return UsageError("approval.too-many", count_max=HELD_COUNT_MAX)
        return None

    @contextmanager
    def take(self, digest: str, *, by: str, at: Instant) -> Iterator[Held]:
        """Give an act with one more officer, and to nobody else meanwhile; it stays held until `drop`.

        Raises:
            UsageError: `approval.none`, `approval.same-officer`, `approval.under-way`.
        """
        held = self.get(digest, at)
        if by in held.officers:
            raise UsageError("approval.same-officer", officer=by)
        if held.digest in self._stating:
            raise UsageError("approval.under-way", digest=digest[:16])
        self._stating.add(held.digest)
        self._tried.add(held.digest)
        try:
            yield replace(held, officers=(*held.officers, by))
        finally:
            self._stating.discard(held.digest)

    def get(self, digest: str, at: Instant) -> Held:
        """Return an act by its digest or the beginning of it.

        Raises:
            UsageError: `approval.none`.
        """
        found = [held for held in self.list(at) if digest and held.digest.startswith(digest)]
        if len(found) != 1:
            raise UsageError("approval.none", digest=digest[:16])
        return found[0]

    def is_tried(self, held: Held) -> bool:
        """Tell whether somebody approved it once: it may be stated, or on its way."""
        return held.digest in self._tried

    def is_taken(self, held: Held) -> bool:
        """Tell whether it is being stated just now."""
        return held.digest in self._stating

    def find_over(self, at: Instant) -> tuple[Held, ...]:
        """Return what waited until its time was over, and what was approved once and may be stated by now."""
        return tuple(
            held
            for held in self._held.values()
            if (held.until_at <= at or self.is_tried(held)) and held.digest not in self._stating
        )

    def drop(self, digest: str) -> None:
        """Hold an act no longer."""
        self._held.pop(digest, None)
        self._tried.discard(digest)


def find_digest(audience: Audience, entries: tuple[Entry, ...], feed: Feed) -> str:
    """Return the digest of exactly what would be stated: to whom, what, in which feed."""
    parts = [" ".join(audience).encode(), feed.value.encode(), *map(encode_entry, entries)]
    return hashlib.sha256(label("held-act") + b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
