"""What consumers put in by TAXII: imported like an officer's file, under the marking that was set with the consumer.

Where officers act for the party nothing is imported without one of them: what comes waits as a deposit, its status says
*pending*, and whoever takes it imports it by his own act (docs/spec/exchange.md, X22 and X54). Else it is imported at
once. The status says of each object whether it came in, and by which code not; that of what was imported at once is
kept for a while, in memory.
"""

import asyncio
import uuid
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from comity.api.deposits import Deposits
from comity.api.desk import Desk
from comity.api.importing import Imported, Importer
from comity.api.views.exchange import DepositTaken
from comity.base.errors import UsageError
from comity.exchange.consumer import Adding, Consumer
from comity.exchange.deposit import Deposit, DepositState, Outcome, make_status
from comity.exchange.marker import Wish
from comity.exchange.stix_read import read_bundle
from comity.node.operator import name_operator
from comity.node.powers import ACTING

__all__ = ["Receptions"]

ADDING_COUNT_MAX: Final = 4
"""Envelopes of one consumer that are read at once: each may have 16 MiB, and waits for its turn in memory."""
KEPT_COUNT_MAX: Final = 256
KEPT_SIZE_BYTES_MAX: Final = 32 * 1024 * 1024
"""Of all statuses together, but for the last one: a status has a row for each object."""


class Receptions:
    """What was put in lately."""

    def __init__(self, desk: Desk, importer: Importer, deposits: Deposits | None = None) -> None:
        self._desk = desk
        self._importer = importer
        self.deposits = Deposits(desk.node) if deposits is None else deposits
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._turn = asyncio.Lock()
        self._adding: Counter[str] = Counter()

    @contextmanager
    def admit(self, consumer: Consumer) -> Iterator[None]:
        """Let a consumer send an envelope, before any of it is read.

        Raises:
            UsageError: `consumer.may-not-add`, `consumer.too-often`.
        """
        if consumer.adding is None:
            raise UsageError("consumer.may-not-add")
        if self._adding[consumer.name] >= ADDING_COUNT_MAX:
            raise UsageError("consumer.too-often", window_s=1)
        self._adding[consumer.name] += 1
        try:
            yield
        finally:
            self._adding[consumer.name] -= 1
            self._adding += Counter()  # forgets whoever sends nothing

    async def take(self, consumer: Consumer, raw: bytes) -> bytes:
        """Import an envelope, or keep it for an officer; return its status resource as JSON.

        Raises:
            UsageError: `consumer.may-not-add`, `deposit.too-many`; what an import raises.
            RemoteError: what an import refuses whole.
        """
        adding = consumer.adding
        if adding is None:
            raise UsageError("consumer.may-not-add")
        if self._waits_for_officer(adding):
            return await self._keep(consumer, adding, raw)
        at = self._desk.node.now()
        done = await self._bring_in(raw, adding, is_preview=False)
        id_ = str(uuid.uuid4())
        status = self._kept[consumer.name, id_] = make_status(id_, _list_outcomes(done), came_at=at)
        while len(self._kept) > 1 and (len(self._kept) > KEPT_COUNT_MAX or self._count_bytes() > KEPT_SIZE_BYTES_MAX):
            self._kept.popitem(last=False)
        return status

    def _waits_for_officer(self, adding: Adding) -> bool:
        """Tell whether the pact asks for an officer who gives, and this party has officers."""
        node = self._desk.node
        audience = tuple(sorted({*adding.to, node.machine.party}))
        asks = node.machine.versions.find_offices(audience) is not None
        return asks and bool(node.officers.read().officers)

    async def _keep(self, consumer: Consumer, adding: Adding, raw: bytes) -> bytes:
        found, refused = await asyncio.to_thread(read_bundle, raw)
        outcomes = [Outcome(one.id, "", one.code) for one in refused]
        outcomes += [Outcome(one.object.id, one.object.version, is_waiting=True) for one in found]
        if not found:
            id_ = str(uuid.uuid4())
            status = self._kept[consumer.name, id_] = make_status(id_, outcomes, came_at=self._desk.node.now())
            return status
        async with self._turn:
            deposit = await asyncio.to_thread(self.deposits.put, consumer, adding, raw, object_count=len(found))
            status = make_status(deposit.id, outcomes, came_at=deposit.came_at)
            await asyncio.to_thread(self.deposits.write_status, deposit, status)
        return status

    async def import_deposit(self, beginning: str, *, is_preview: bool) -> DepositTaken:
        """Import what waits, by the officer of this request; or only show what would become of it.

        What waits for a second officer, or was not stored, leaves the deposit waiting: taking it again goes on.

        Raises:
            UsageError: `deposit.unknown`, `deposit.closed`; what an import raises.
            OutageError: `deposit.unreadable`.
        """
        async with self._turn:
            deposit = self.deposits.get(beginning)
            raw = await asyncio.to_thread(self.deposits.read, deposit)
            done = await self._bring_in(raw, deposit.adding, is_preview=is_preview)
            is_over = not any(one.awaits or one.code for one in done.fates)
            if not is_preview:
                await self._settle(deposit, _list_outcomes(done, waits=True), DepositState.TAKEN if is_over else None)
            return {"deposit": deposit.id, **done.show()}

    async def refuse(self, beginning: str) -> Deposit:
        """Refuse what waits, by the officer of this request: nothing of it is kept, and its status says so.

        Raises:
            UsageError: `deposit.unknown`, `deposit.closed`.
            OutageError: `deposit.unreadable`.
        """
        async with self._turn:
            deposit = self.deposits.get(beginning)
            raw = await asyncio.to_thread(self.deposits.read, deposit)
            found, refused = await asyncio.to_thread(read_bundle, raw)
            outcomes = [Outcome(one.id, "", one.code) for one in refused]
            outcomes += [Outcome(one.object.id, one.object.version, "deposit.refused") for one in found]
            return await self._settle(deposit, outcomes, DepositState.REFUSED)

    async def _settle(self, deposit: Deposit, outcomes: list[Outcome], state: DepositState | None) -> Deposit:
        status = make_status(deposit.id, outcomes, came_at=deposit.came_at)
        await asyncio.to_thread(self.deposits.write_status, deposit, status)
        if state is None:
            return deposit
        officer = next(iter(ACTING.get()), name_operator(self._desk.node.machine.party))
        return await asyncio.to_thread(self.deposits.close, deposit, state, officer=officer)

    async def _bring_in(self, raw: bytes, adding: Adding, *, is_preview: bool) -> Imported:
        wish = Wish(adding.topics, adding.level, adding.caveats)
        return await self._importer.bring_in(raw, format_="stix", to=adding.to, wish=wish, is_preview=is_preview)

    def _count_bytes(self) -> int:
        return sum(map(len, self._kept.values()))

    def find(self, consumer: Consumer, id_: str) -> bytes | None:
        """Return the status of what this consumer put in; None for any other's."""
        return self._kept.get((consumer.name, id_)) or self.deposits.find_status(consumer, id_)

    def forget(self, name: str) -> None:
        """Forget what a consumer that was removed had put in."""
        for key in [key for key in self._kept if key[0] == name]:
            del self._kept[key]
        self.deposits.forget(name)


def _list_outcomes(done: Imported, *, waits: bool = False) -> list[Outcome]:
    """Return what became of each object; with `waits`, what was not stored may still be, and waits."""
    outcomes = [Outcome(row.id, "", row.code) for row in done.refused]
    for object_, awaits, code in done.fates:
        is_waiting = bool(awaits) or (waits and bool(code))
        outcomes.append(Outcome(object_.id, object_.version, "" if is_waiting else code, is_waiting))
    return outcomes
