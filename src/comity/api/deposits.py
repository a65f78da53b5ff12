"""Deposits at one node: kept sealed until an officer takes or refuses them, each in a file of its own (X54).

Rules
- What was answered as waiting is on the disk before, and stays until an officer decides: a restart loses nothing.
- Nothing of it is at rest in clear: bytes and status are sealed to the node's own receiving key, like a bundle (J21).
- Bounded by consumer and in all: what would be too much is refused, and never pushes out what waits.
- A status is kept for the consumer that put in, the latest of them; what waits is not counted.
"""

import re
import uuid
from pathlib import Path
from typing import Any, Final

import msgspec

from comity.api.views.standing import DepositsWaiting
from comity.base.errors import OutageError, RemoteError, UsageError
from comity.crypto.production import ProductionCeremony
from comity.exchange.consumer import Adding, Consumer
from comity.exchange.deposit import DEPOSIT_ID, Deposit, DepositState
from comity.journal.bundle import seal_bundle, unseal_bundle
from comity.node.durable import make_folder, write_private
from comity.node.node import Node
from comity.node.room import is_no_room

__all__ = ["DEPOSITS_FOLDER", "Deposits"]

DEPOSITS_FOLDER: Final = "deposits"
WAITING_COUNT_MAX: Final = 64
WAITING_OF_ONE_COUNT_MAX: Final = 16
WAITING_SIZE_BYTES_MAX: Final = 256 * 1024 * 1024
CLOSED_COUNT_MAX: Final = 256
_HEAD_SIZE_BYTES_MAX: Final = 64 * 1024
_HEAD, _CONTENT, _STATUS = ".json", ".sealed", ".status"


class Deposits:
    """What waits at one node, and what became of what did; `path` None keeps it in memory."""

    def __init__(self, node: Node, path: Path | None = None) -> None:
        self._node = node
        self._path = path
        self._memory: dict[str, bytes] = {}
        self._heads = {} if path is None else {one.id: one for one in _read_heads(path)}

    def list(self) -> tuple[Deposit, ...]:
        """Return every deposit that is known here, the oldest first."""
        return tuple(sorted(self._heads.values(), key=lambda one: (one.came_at, one.id)))

    def count_waiting(self) -> DepositsWaiting:
        """Return how much waits for an officer, and since when."""
        waiting = [one for one in self._heads.values() if one.state is DepositState.WAITING]
        return {"count": len(waiting), "object_count": sum(one.object_count for one in waiting),
                "since_at": min((one.came_at for one in waiting), default=0)}  # fmt: skip

    def get(self, beginning: str) -> Deposit:
        """Return a deposit by its id or the beginning of it.

        Raises:
            UsageError: `deposit.unknown`.
        """
        found = [one for id_, one in self._heads.items() if beginning and id_.startswith(beginning)]
        if len(found) != 1:
            raise UsageError("deposit.unknown", beginning=beginning[:40])
        return found[0]

    def put(self, consumer: Consumer, adding: Adding, raw: bytes, *, object_count: int) -> Deposit:
        """Keep what came. The status is to be written next; until then the consumer is told nothing.

        Raises:
            UsageError: `deposit.too-many`.
            OutageError: `store.full`.
        """
        waiting = [one for one in self._heads.values() if one.state is DepositState.WAITING]
        of_one = sum(one.consumer == consumer.name for one in waiting)
        size_bytes = sum(one.size_bytes for one in waiting) + len(raw)
        if (
            len(waiting) >= WAITING_COUNT_MAX
            or of_one >= WAITING_OF_ONE_COUNT_MAX
            or size_bytes > WAITING_SIZE_BYTES_MAX
        ):
            # Of other systems' deposits a consumer is told no number.
            raise UsageError("deposit.too-many")
        deposit = Deposit(
            id=str(uuid.uuid4()),
            consumer=consumer.name,
            came_at=self._node.now(),
            size_bytes=len(raw),
            object_count=object_count,
            adding=adding,
        )
        self._write(deposit.id + _CONTENT, self._seal(raw))
        self._keep(deposit)
        return deposit

    def read(self, deposit: Deposit) -> bytes:
        """Return what came in a deposit that waits.

        Raises:
            UsageError: `deposit.closed`.
            OutageError: `deposit.unreadable`.
        """
        if deposit.state is not DepositState.WAITING:
            raise UsageError("deposit.closed", state=deposit.state.value)
        raw = self._unseal(deposit.id + _CONTENT)
        if raw is None:
            raise OutageError("deposit.unreadable", id=deposit.id)
        return raw

    def close(self, deposit: Deposit, state: DepositState, *, officer: str) -> Deposit:
        """Note that an officer decided, and drop what came: what was taken is in the record."""
        closed = msgspec.structs.replace(deposit, state=state, officer=officer, closed_at=self._node.now())
        self._keep(closed)
        self._drop(deposit.id + _CONTENT)
        done = [one for one in self.list() if one.state is not DepositState.WAITING]
        for one in sorted(done, key=lambda one: one.closed_at)[:-CLOSED_COUNT_MAX]:
            self._forget(one)
        return closed

    def write_status(self, deposit: Deposit, status: bytes) -> None:
        """Keep what its consumer is told of a deposit."""
        self._write(deposit.id + _STATUS, self._seal(status))

    def find_status(self, consumer: Consumer, id_: str) -> bytes | None:
        """Return what a consumer is told of a deposit of its own; None for any other's."""
        deposit = self._heads.get(id_)
        if deposit is None or deposit.consumer != consumer.name:
            return None
        return self._unseal(id_ + _STATUS)

    def forget(self, consumer: str) -> None:
        """Drop what a consumer that was removed had put in: one of the same name is told nothing of it."""
        for one in [one for one in self._heads.values() if one.consumer == consumer]:
            self._forget(one)

    def _forget(self, deposit: Deposit) -> None:
        del self._heads[deposit.id]
        for ending in (_HEAD, _CONTENT, _STATUS):
            self._drop(deposit.id + ending)

    def _keep(self, deposit: Deposit) -> None:
        self._write(deposit.id + _HEAD, msgspec.json.encode(deposit))
        self._heads[deposit.id] = deposit

    def _seal(self, raw: bytes) -> bytes:
        machine = self._node.machine
        certificate = machine.ledger.trust.find_newest(machine.party)
        assert certificate is not None, "a running node has a certificate of its own"
        return seal_bundle(
            raw, public=certificate.receiving_key, suite=machine.setup.suite, ceremony=ProductionCeremony()
        )

    def _unseal(self, name: str) -> bytes | None:
        """Open a file of ours with the receiving key that it was sealed for, which may be a retired one."""
        sealed, setup = self._read(name), self._node.machine.setup
        for secret in setup.receiving_secrets if sealed is not None else ():
            try:
                return unseal_bundle(sealed or b"", secret=secret, suite=setup.suite)
            except RemoteError:
                continue
        return None

    def _write(self, name: str, raw: bytes) -> None:
        if self._path is None:
            self._memory[name] = raw
            return
        try:
            make_folder(self._path)
            write_private(self._path / name, raw)
        except OSError as error:
            if is_no_room(error):
                raise OutageError("store.full") from error
            raise

    def _read(self, name: str) -> bytes | None:
        if self._path is None:
            return self._memory.get(name)
        try:
            return (self._path / name).read_bytes()
        except OSError:
            return None

    def _drop(self, name: str) -> None:
        self._memory.pop(name, None)
        if self._path is not None:
            (self._path / name).unlink(missing_ok=True)


def _read_heads(path: Path) -> "list[Deposit]":
    """Return the deposits of a folder; a file that is none of ours, or is damaged, is passed over and left there."""
    found: list[Any] = []
    for file in sorted(path.glob(f"*{_HEAD}")):
        if re.fullmatch(DEPOSIT_ID, file.stem) is None or file.stat().st_size > _HEAD_SIZE_BYTES_MAX:
            continue
        try:
            deposit = msgspec.json.decode(file.read_bytes(), type=Deposit)
        except (msgspec.MsgspecError, ValueError):
            continue
        if deposit.id == file.stem:
            found.append(deposit)
    return found
