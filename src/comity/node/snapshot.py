"""A node's snapshot: what it checked and opened of its stored pages, so that a start need not do it again.

Rules (docs/adr/0016)
- The store is the truth and this is not: deleted, it costs the time of one start, and nothing else.
- Each segment is sealed and authenticated under a key derived from this node's receiving secret and from all that a
  verdict may depend on: the program's version, the pact, its rules, the pins, the party, the realm. It names the one
  before it, and the store's row that it ends with. What does not open, does not follow or is not what the store has
  ends the snapshot: pages from there on are read from their bytes.
- Pages are only added, so segments are only added (`snapshot_keeper`).

What it vouches for is exactly: the author's signatures on accepted pages, and what those opened to.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import comity
from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.crypto.label import digest, label, u32, u64
from comity.crypto.suite import Ceremony
from comity.machine.machine import Setup
from comity.node.segment import (
    SEGMENT_SIZE_BYTES_MAX,
    Journals,
    Row,
    Segment,
    decode_segment,
    encode_segment,
    list_rows,
)
from comity.node.store import Store, StoredRow

__all__ = ["SNAPSHOT_FILE", "Snapshot"]

SNAPSHOT_FILE: Final = "snapshot"
FORMAT: Final = 1
MAGIC: Final = b"COMITYS1"
_SALT_SIZE: Final = 32


class Snapshot:
    """The file beside a store. `read` at the start, once and to its end; then `add`."""

    def __init__(self, path: Path, setup: Setup, *, ceremony: Ceremony) -> None:
        self.last_seq = 0
        """The last of the store's rows that the snapshot has."""
        self._path = path
        self._suite = setup.suite
        self._key = _derive_key(setup)
        self._ceremony = ceremony
        self._count = 0
        self._index = 0
        self._size = 0
        self._tail = digest(setup.suite, "snapshot", MAGIC)

    def read(self, store: Store) -> Iterator[Row]:
        """Yield the rows that hold, in the store's order; `last_seq` then says where the store goes on."""
        journals: Journals = {}
        try:
            file = self._path.open("rb")
        except OSError:
            return
        with file:
            if file.read(len(MAGIC)) != MAGIC:
                return
            self._size = len(MAGIC)
            while (frame := _read_frame(file.read)) is not None:
                segment = self._open(frame)
                if segment is None or not self._is_of(store, segment):
                    return
                self._note(frame, last_seq=segment.last_seq, count=segment.count)
                yield from list_rows(segment, self._suite, journals)

    def _is_of(self, store: Store, segment: Segment) -> bool:
        """Tell whether the store has what this segment says it read there."""
        count = self._count + store.count_rows(after=self.last_seq, last=segment.last_seq)
        return count == segment.count and store.find_digest_at(segment.last_seq) == segment.last_digest

    def _note(self, frame: bytes, *, last_seq: int, count: int) -> None:
        self.last_seq, self._count = last_seq, count
        self._index += 1
        self._size += 4 + len(frame)
        self._tail = digest(self._suite, "snapshot", self._tail + frame)

    def _open(self, frame: bytes) -> Segment | None:
        salt, sealed = frame[:_SALT_SIZE], frame[_SALT_SIZE:]
        raw = self._suite.open(key=self._find_key(salt), sealed=sealed, aad=self._tail)
        if raw is None:
            return None
        try:
            return decode_segment(raw)
        except RemoteError:
            return None

    def _find_key(self, salt: bytes) -> bytes:
        """Derive the key of one segment: the salt is drawn anew for each that is written, so that none serves twice."""
        return self._suite.expand(self._suite.extract(salt, self._key), label("snapshot-segment") + u64(self._index))

    def add(self, rows: Iterable[Row], *, last: StoredRow, count: int) -> None:
        """Add the store's next `count` rows, of which `last` is the last. May run in a thread of its own."""
        total = self._count + count
        raw = encode_segment(rows, last_seq=last.seq, count=total, last_digest=last.digest)
        salt = self._ceremony.random(_SALT_SIZE)
        frame = salt + self._suite.seal(key=self._find_key(salt), plaintext=raw, aad=self._tail)
        self._append(frame)
        self._note(frame, last_seq=last.seq, count=total)

    def _append(self, frame: bytes) -> None:
        """Write a segment after those that hold; what lay there and did not hold is gone."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            if self._size == 0:
                file.write(MAGIC)
                self._size = len(MAGIC)
            file.truncate(self._size)
            file.seek(self._size)
            file.write(u32(len(frame)) + frame)
            file.flush()
            os.fsync(file.fileno())


def _derive_key(setup: Setup) -> bytes:
    """Bind a snapshot to this node's secret and to all that what it vouches for depends on."""
    pins, identity, suite = setup.pins, setup.pact.identity, setup.suite
    roots = tuple((party, root.keys.find_digest(suite), root.next_root) for party, root in sorted(pins.roots.items()))
    versions = tuple(sorted(setup.find_lineage().digests))
    bound = (
        FORMAT, comity.__version__, pins.lineage, pins.realm, setup.party, setup.secrets.incarnation, setup.pact_digest,
        identity.rules, roots, versions,
    )  # fmt: skip
    return suite.expand(suite.extract(label("snapshot"), setup.secrets.receiving), label("snapshot") + encode(bound))


def _read_frame(read: Callable[[int], bytes]) -> bytes | None:
    """Return the next frame, or None where the file ends, or ends within one."""
    size = int.from_bytes(read(4), "big")
    frame = read(size) if _SALT_SIZE < size <= SEGMENT_SIZE_BYTES_MAX else b""
    return frame if len(frame) == size > 0 else None
