"""Destroying the own copy of an item, and certifying it (docs/spec/release.md, R45, R50).

Rules
- First blob and key are gone from the store's files, then the certificate is signed: never the other way round. What
  was begun and not signed for is noted in the transaction that erases, and finished at the next start.
- A certificate goes to each audience to which the item was given by or to this party, and names only blobs that this
  whole audience was told of.
- What an own certificate names is erased again wherever it turns up: a store put back from a backup learns of its own
  certificates from readers (J22), and the look below follows.
"""

import asyncio
import contextlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from comity.base.errors import ComityError, OutageError, UsageError
from comity.base.instants import Instant
from comity.base.names import Audience, Digest
from comity.machine.input import Say
from comity.machine.permission import check_words
from comity.node.log import note
from comity.procedure.recall import ERASED, ItemDestroyed
from comity.procedure.registry import encode_entry
from comity.procedure.sharing import Giving
from comity.procedure.stated import Stated

if TYPE_CHECKING:
    from comity.node.node import Node

__all__ = ["Deciders", "Destruction"]

LOOK_S: Final = 0.5
"""Between two looks for what must be gone."""
_BEGUN: Final = "destroying/"


@dataclass(frozen=True, slots=True)
class Deciders:
    """Who destroys: the role, and the pseudonyms of the officers, ascending."""

    role: str
    officers: tuple[str, ...]


class Destruction:
    """The destructions of one node. `destroy` is the act; `keep` looks after the rest while the node runs."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._store = node.store
        self._is_signing: set[str] = set()

    async def destroy(self, item: Digest, *, by: Deciders, tell: Iterable[Audience] = ()) -> dict[Audience, Digest]:
        """Destroy every copy of an item that is here, and return the certificate stated to each audience.

        `tell` are further audiences that know of the item.

        Raises:
            UsageError: `item.not-here` where no giving of it is known; `item.destroyed-already`; `entry.unfit`; as
                `check_words`: then nothing is gone.
            OutageError: `store.not-erased`; as `Node.say`: then it is gone, and signed for as soon as it can be.
        """
        self._node.check_running()
        givings = [row for row in self._node.shelf.find_givings() if _get_giving(row).item == item]
        if not givings:
            raise UsageError("item.not-here")
        blobs, told = {_get_giving(row).blob for row in givings}, self._list_own(item)
        if all(map(self._node.shelf.is_gone, blobs)):
            # Those who were not shown that it is gone are shown it now, and nobody else again.
            audiences = {*tell} - {row.audience for row in told}
            at = min((_get_instant(row) for row in told), default=self._node.now())
        else:
            audiences = {*(row.audience for row in givings), *tell}
            at = self._node.now()
        if not audiences:
            raise UsageError("item.destroyed-already")
        begun = self._check(_Begun(item, at, by, {one: _list_named(givings, one) for one in sorted(audiences)}))
        self._store.erase_blobs(blobs, mark=(begun.name, begun.format()))
        return await self._sign(begun)

    def _check(self, begun: "_Begun") -> "_Begun":
        """Return what can be certified, or raise before anything is gone.

        An audience with a party that has left the pact is told nothing more; where no other is left, the own log is.
        """
        machine, named = self._node.machine, {}
        for audience, blobs in begun.named.items():
            entry = begun.make_entry(blobs)
            encode_entry(entry)
            try:
                check_words(machine, Say(self._node.now(), self._node.draw_salt(), 0, audience, (entry,)))
            except UsageError as error:
                if error.code != "pact.party-left":
                    raise
            else:
                named[audience] = blobs
        every = tuple(sorted({blob for blobs in begun.named.values() for blob in blobs}))
        return replace(begun, named=named or {(machine.party,): every})

    async def _sign(self, begun: "_Begun") -> dict[Audience, Digest]:
        """State the certificates of a destruction that are not stated yet, then forget that it was begun."""
        if begun.name in self._is_signing:
            return {}
        self._is_signing.add(begun.name)
        stated: dict[Audience, Digest] = {}
        fault: ComityError | None = None
        try:
            for audience, blobs in begun.named.items():
                entry = begun.make_entry(blobs)
                try:
                    stated[audience] = self._find_own(audience, entry) or (await self._node.say(audience, (entry,)))[0]
                except ComityError as error:
                    fault = error  # one journal that is closed holds up no other
            if fault is not None:
                raise fault
            self._store.set_mark(begun.name, "")
        finally:
            self._is_signing.discard(begun.name)
        return stated

    def _find_own(self, audience: Audience, entry: ItemDestroyed) -> Digest | None:
        told = self._list_own(Digest(entry.item))
        return next((row.id for row in told if (row.audience, row.entry) == (audience, entry)), None)

    def _list_own(self, item: Digest) -> list[Stated]:
        """Return the certificates that this party stated of an item."""
        return [
            row
            for row in self._node.machine.statements.find(ItemDestroyed)
            if isinstance(row.entry, ItemDestroyed) and (row.author, row.entry.item) == (self._node.machine.party, item)
        ]

    async def keep(self) -> None:
        """For ever: finish what was begun, and erase what an own certificate names and is here all the same."""
        self._store.drop_stale_copy()
        while self._node.failure is None:
            try:
                self.sweep()
                await self._finish()
            except OutageError as error:
                note("item.not-erased", code=error.code)
            await asyncio.sleep(LOOK_S)

    def sweep(self) -> None:
        """Erase what must be gone and was not erased in this store: it came back with a backup."""
        new = self._node.shelf.find_certified() - set(self._store.list_gone())
        if new:
            self._store.erase_blobs(sorted(new))
            note("item.erased-again", count=len(new))

    async def _finish(self) -> None:
        for _, text in self._store.find_marks(_BEGUN):
            begun = _Begun.parse(text)
            if begun is None or begun.name in self._is_signing:
                continue
            self._store.erase_blobs({blob for blobs in begun.named.values() for blob in blobs})
            # Where its journal is closed just now it is signed for at a later look.
            with contextlib.suppress(ComityError):
                await self._sign(begun)


@dataclass(frozen=True, slots=True)
class _Begun:
    """A destruction between its two steps, as the store notes it."""

    item: Digest
    at: int
    by: Deciders
    named: dict[Audience, tuple[bytes, ...]]

    @property
    def name(self) -> str:
        """The name of the mark."""
        return _BEGUN + self.item.hex()

    def make_entry(self, blobs: tuple[bytes, ...]) -> ItemDestroyed:
        """Return the certificate of these blobs.

        Raises:
            UsageError: `entry.unfit` where role or officers are no names.
        """
        try:
            return ItemDestroyed(self.item, blobs, self.at, ERASED, self.by.role, self.by.officers)
        except ValueError as error:
            raise UsageError("entry.unfit", type=ItemDestroyed.__name__) from error

    def format(self) -> str:
        """Write it as text."""
        named = [[list(audience), [blob.hex() for blob in blobs]] for audience, blobs in self.named.items()]
        fields = {"item": self.item.hex(), "at": self.at, "role": self.by.role, "officers": list(self.by.officers)}
        return json.dumps({**fields, "named": named})

    @classmethod
    def parse(cls, text: str) -> "_Begun | None":
        """Read it back; None for what damage left there."""
        try:
            read: dict[str, Any] = json.loads(text)
            named = {
                tuple(str(party) for party in audience): tuple(bytes.fromhex(blob) for blob in blobs)
                for audience, blobs in read["named"]
            }
            by = Deciders(str(read["role"]), tuple(map(str, read["officers"])))
            return cls(Digest(bytes.fromhex(read["item"])), int(read["at"]), by, named)
        except (ValueError, KeyError, TypeError):
            return None


def _list_named(givings: Iterable[Stated], audience: Audience) -> tuple[bytes, ...]:
    """Return the blobs of which a whole audience was told (R45)."""
    return tuple(sorted({_get_giving(row).blob for row in givings if set(audience) <= set(row.audience)}))


def _get_giving(row: Stated) -> Giving:
    assert isinstance(row.entry, Giving)
    return row.entry


def _get_instant(row: Stated) -> Instant:
    assert isinstance(row.entry, ItemDestroyed)
    return Instant(row.entry.destroyed_at)
