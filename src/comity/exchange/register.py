"""The register of consumers: one file in the realm's folder, for its owner alone.

It lies with the realm and not with the home, because a token of an exercise must open nothing that is real (law 5), and
not in the record, because which systems a party runs is nobody else's to know. It goes into a backup: it holds no
token, only what each is compared with.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import msgspec

from comity.base.errors import UsageError
from comity.exchange.consumer import CONSUMER_COUNT_MAX, Consumer
from comity.node.durable import write_private

__all__ = ["REGISTER_FILE", "Register"]

REGISTER_FILE: Final = "consumers.json"
REGISTER_SIZE_BYTES_MAX: Final = 4 * 1024 * 1024


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Annotated[int, msgspec.Meta(ge=1, le=1)]
    consumers: Annotated[tuple[Consumer, ...], msgspec.Meta(max_length=CONSUMER_COUNT_MAX)]


class Register:
    """The consumers of one realm. `path` None keeps them in memory alone."""

    def __init__(self, path: Path | None = None) -> None:
        """Read the register.

        Raises:
            UsageError: `consumer.register-malformed`: a damaged register lets nobody in, and is not written over.
        """
        self._path = path
        self.when_removed: list[Callable[[str], None]] = []
        """What forgets a consumer that is removed: of it nothing is kept, whoever removes it."""
        self._by_name: dict[str, Consumer] = {}
        self._stamp: tuple[int, int] | None = None
        if path is not None and path.exists():
            self._by_name = {consumer.name: consumer for consumer in _read(path)}

    def reread(self) -> None:
        """Read the file where it was written since, by the node that keeps it: for a process that only looks.

        Raises:
            UsageError: as at the beginning; then there is nobody in it.
        """
        assert self._path is not None, "what is in memory alone is nobody else's"
        found = self._path.stat() if self._path.exists() else None
        stamp = None if found is None else (found.st_mtime_ns, found.st_ino)
        if stamp != self._stamp:
            self._stamp, self._by_name = None, {}
            self._by_name = {consumer.name: consumer for consumer in (_read(self._path) if stamp else ())}
            self._stamp = stamp

    def list(self) -> tuple[Consumer, ...]:
        """Return every consumer, by name."""
        return tuple(consumer for _, consumer in sorted(self._by_name.items()))

    def find(self, name: str) -> Consumer | None:
        """Return the consumer of this name, or None."""
        return self._by_name.get(name)

    def add(self, consumer: Consumer) -> None:
        """Keep a new consumer.

        Raises:
            UsageError: `consumer.exists`, `consumer.too-many-kept`.
        """
        if consumer.name in self._by_name:
            raise UsageError("consumer.exists", name=consumer.name)
        if len(self._by_name) >= CONSUMER_COUNT_MAX:
            raise UsageError("consumer.too-many-kept", count=len(self._by_name))
        self._write({**self._by_name, consumer.name: consumer})

    def remove(self, name: str) -> None:
        """Let a consumer in no more, from now on.

        Raises:
            UsageError: `consumer.unknown`.
        """
        if name not in self._by_name:
            raise UsageError("consumer.unknown", name=name[:40])
        self._write({other: consumer for other, consumer in self._by_name.items() if other != name})
        for forget in self.when_removed:
            forget(name)

    def _write(self, consumers: dict[str, Consumer]) -> None:
        if self._path is not None:
            rows = tuple(consumer for _, consumer in sorted(consumers.items()))
            write_private(self._path, msgspec.json.format(msgspec.json.encode(_File(1, rows)), indent=2))
        self._by_name = consumers


def _read(path: Path) -> tuple[Consumer, ...]:
    try:
        raw = path.read_bytes()[: REGISTER_SIZE_BYTES_MAX + 1]  # what is cut off is no JSON any more
        return msgspec.json.decode(raw, type=_File).consumers
    except (ValueError, RecursionError) as error:
        raise UsageError("consumer.register-malformed") from error
