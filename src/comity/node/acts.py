"""Acts with a key: whoever did not hear the answer repeats the act, and it is not done twice.

The key is drawn by the caller. With the pages of an act its key is stored, what was asked, and the ids of what was
stated, in one transaction: there is no instant at which one is durable and the other is not. The same key with the same
act gives the answer that it had; with another act it is refused. The last keys are kept, so many that no caller who
still repeats is forgotten.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from typing import Final

from comity.base.errors import OutageError, UsageError, make_error
from comity.base.names import Audience, Digest
from comity.crypto.label import label
from comity.machine.effect import Answer
from comity.machine.outgoing import OwnJournal
from comity.node.store import Act, Store
from comity.procedure.entry import Entry
from comity.procedure.registry import encode_entry

__all__ = ["Acts"]

ANSWER_WITHIN_S: Final = 30.0
"""How long a caller waits to hear that its statement is stored, before it is told that it may still come."""


class Acts:
    """The acts under way, by the number of their command; those with a key that are done lie in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._command = 0
        self._answers: dict[int, asyncio.Future[Answer]] = {}
        self._keyed: dict[int, Act] = {}

    async def do(
        self, give: Callable[[int], None], *, audience: Audience, entries: tuple[Entry, ...], key: str = ""
    ) -> tuple[Digest, ...]:
        """Have an act done, unless its key says that it was; return the ids of what it stated once that is stored.

        Raises:
            UsageError: `statement.key-taken`, `statement.key-too-large`, `statement.key-damaged`.
            OutageError: `node.not-yet`.
            ComityError: as the machine refuses, in the family of its code.
        """
        asked = _describe(audience, entries) if key else b""
        done = self._store.find_act(key) if key else None
        command = next((number for number, act in self._keyed.items() if act.key == key), 0) if key else 0
        before = done or self._keyed.get(command)
        if before is not None and before.asked != asked:
            raise UsageError("statement.key-taken")
        if done is not None:
            return done.ids
        if command:
            return await self._wait(self._answers[command])
        self._command += 1
        answer = self._answers[self._command] = asyncio.get_running_loop().create_future()
        if key:
            self._keyed[self._command] = Act(key, asked, ())
        give(self._command)
        return await self._wait(answer)

    def is_under_way(self, key: str) -> bool:
        """Tell whether an act with this key was given to the machine, and its answer is still to come."""
        return any(act.key == key for act in self._keyed.values())

    async def _wait(self, answer: "asyncio.Future[Answer]") -> tuple[Digest, ...]:
        # Not wait_for: it would end the answer for whoever else waits for it.
        await asyncio.wait({answer}, timeout=ANSWER_WITHIN_S)
        if not answer.done():
            raise OutageError("node.not-yet")
        found = answer.result()
        if found.code:
            raise make_error(found.code, **found.details)
        return found.ids

    def find_stored(self, answers: Iterable[Answer]) -> tuple[Act, ...]:
        """Return what has to be stored together with the pages that these answers are about."""
        return tuple(
            self._keyed[answer.command]._replace(ids=answer.ids) for answer in answers if answer.command in self._keyed
        )

    def end(self, answer: Answer) -> None:
        """Hand an answer to whoever waits for it. An act with a key is in the store by now, or was refused."""
        self._keyed.pop(answer.command, None)
        future = self._answers.pop(answer.command, None)
        if future is not None and not future.done():
            future.set_result(answer)

    def break_off(self, error: OutageError) -> None:
        """Tell all who wait that no answer will come."""
        for future in self._answers.values():
            if not future.done():
                future.set_exception(error)
                future.exception()  # whoever waited may have given up: then nobody else asks for it


def _describe(audience: Audience, entries: Iterable[Entry]) -> bytes:
    """Return a digest of what an act asks for.

    Raises:
        UsageError: `statement.key-too-large` where it does not fit on one page, for then it is not stored at one time.
    """
    raws = [encode_entry(entry) for entry in entries]
    if not OwnJournal.fits_one_page(raws):
        raise UsageError("statement.key-too-large")
    parts = [" ".join(audience).encode(), *raws]
    return hashlib.sha256(label("act") + b"".join(hashlib.sha256(part).digest() for part in parts)).digest()
