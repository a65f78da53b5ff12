"""Acts with a key: whoever did not hear the answer repeats the act, and it is not done twice.

The key is drawn by the caller. With the pages of an act its key is stored, what was asked, and the ids of what was
stated, in one transaction: there is no instant at which one is durable and the other is not. The same key with the same
act gives the answer that it had; with another act it is refused. The last keys are kept, so many that no caller who
still repeats is forgotten.

A request under a key (`keyed`) gives each of its acts one, and is stored with them. An act that it did before is taken
for the one that is meant now, though what was drawn or dated for it differs: audience and types are the same.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Iterable
from typing import Final

from comity.base.errors import OutageError, UsageError, make_error
from comity.base.names import Audience, Digest
from comity.crypto.label import label
from comity.machine.effect import Answer
from comity.machine.outgoing import OwnJournal
from comity.node.keyed import Keyed
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
        self._keyed: dict[int, tuple[Act, ...]] = {}
        """What is stored with the pages of each: the act under its key, then what says of which request it was."""

    async def do(
        self,
        give: Callable[[int], None],
        *,
        audience: Audience,
        entries: tuple[Entry, ...],
        key: str = "",
        keyed: Keyed | None = None,
    ) -> tuple[Digest, ...]:
        """Have an act done, unless its key says that it was; return the ids of what it stated once that is stored.

        Raises:
            UsageError: `statement.key-taken`, `statement.key-too-large`, `statement.key-damaged`, `api.answer-lost`.
            OutageError: `node.not-yet`.
            ComityError: as the machine refuses, in the family of its code.
        """
        rows = self._make_rows(audience, entries, key, keyed)
        done = self._store.find_act(rows[0].key) if rows else None
        command = next((number for number, acts in self._keyed.items() if rows and acts[0].key == rows[0].key), 0)
        before = done or (self._keyed[command][0] if command else None)
        if before is not None:
            _check_same(before, rows[0], keyed=None if key else keyed)
        if done is not None:
            return done.ids
        if command:
            return await self._wait(self._answers[command])
        self._command += 1
        answer = self._answers[self._command] = asyncio.get_running_loop().create_future()
        if rows and rows[0].asked:
            self._keyed[self._command] = rows
        elif rows:
            self._store.keep_acts(rows)  # before it is done: nobody could find out afterwards how much of it was
        give(self._command)
        return await self._wait(answer)

    @staticmethod
    def _make_rows(audience: Audience, entries: tuple[Entry, ...], key: str, keyed: Keyed | None) -> tuple[Act, ...]:
        """Return what is to be stored of an act, its own row first; `asked` is empty where it fits no one page."""
        if not key and keyed is None:
            return ()
        asked = b""
        with contextlib.nullcontext() if key else contextlib.suppress(UsageError):
            asked = _describe(audience, entries)
        own = (Act(key, asked, ()),) if key else ()
        if keyed is None:
            return own
        of_request = (Act(keyed.find_key(audience, entries), asked, ()), Act(keyed.name, keyed.request, ()))
        return (*own, *of_request)

    def is_under_way(self, key: str) -> bool:
        """Tell whether an act with this key was given to the machine, and its answer is still to come."""
        return any(acts[0].key == key for acts in self._keyed.values())

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
        return tuple(act._replace(ids=answer.ids) for answer in answers for act in self._keyed.get(answer.command, ()))

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


def _check_same(before: Act, now: Act, *, keyed: Keyed | None) -> None:
    """Return if what was done under a key may stand for what is meant now; `keyed` where a request gave the key.

    Raises:
        UsageError: `statement.key-taken`, `api.answer-lost`.
    """
    if keyed is None and before.asked != now.asked:
        raise UsageError("statement.key-taken")
    if keyed is not None and (not before.asked or (keyed.is_strict and before.asked != now.asked)):
        raise UsageError("api.answer-lost")


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
