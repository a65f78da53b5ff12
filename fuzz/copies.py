"""Copies of a store: what a standby is answered, a snapshot beside a store, a sealed backup."""

import hashlib
import io
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import msgspec

from comity.base.encoding import encode
from comity.base.names import Digest
from comity.crypto import vault
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.crypto.suite import KEY_SIZE
from comity.machine.machine import Setup
from comity.node.backup.sealed_file import Keys, lock_with_passphrase, lock_with_recovery, read_sealed, write_sealed
from comity.node.blob_answer import cut_blob
from comity.node.segment import decode_segment, encode_segment, list_rows
from comity.node.snapshot import Snapshot
from comity.node.standby_answer import join_acts, join_ids, join_rows, join_whole_blob
from comity.node.store import StoredRow
from fuzz.change import change_blindly
from fuzz.door import Door
from fuzz.links import find_messages
from fuzz.vectors import find_seeds
from kit.loop import Loop

__all__ = ["DOORS"]

SUITE, CEREMONY = ProductionSuite(), ProductionCeremony()
RECOVERY = bytes(64) + bytes(range(32))


def _find_row_answers() -> list[bytes]:
    pages = find_seeds("page")[:3]
    named = tuple((seq, bytes(32)) for seq, _ in enumerate(pages, start=1))
    return [
        msgspec.msgpack.encode([encode((b"", len(pages), named)), *pages]),
        msgspec.msgpack.encode([encode((bytes(32), 0, ()))]),
    ]


def _find_blob_answers() -> list[bytes]:
    wraps = encode(((("JPN", b"wrap"), ("USA", b"other")),))
    return [msgspec.msgpack.encode(list(cut_blob((b"blob", (wraps,))))), msgspec.msgpack.encode([])]


@cache
def _find_setup() -> Setup:
    return Loop().machines["USA"].setup


class _Store(SimpleNamespace):
    """A store that has whatever a snapshot says that it has."""

    def count_rows(self, **given: int) -> int:
        return given["last"] - given["after"]

    def find_digest_at(self, _seq: int) -> Digest:
        return Digest(bytes(32))


def _with_file(raw: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="comity-fuzz-") as folder:
        path = Path(folder) / "file"
        path.write_bytes(raw)
        yield path


def _read_snapshot(raw: bytes) -> None:
    """A snapshot never raises: what does not hold ends it."""
    store: Any = _Store()
    for path in _with_file(raw):
        rows = list(Snapshot(path, _find_setup(), ceremony=CEREMONY).read(store))
        assert all(isinstance(row, bytes) or row.page for row in rows)


@cache
def _find_snapshots() -> list[bytes]:
    with tempfile.TemporaryDirectory(prefix="comity-fuzz-") as folder:
        path = Path(folder) / "file"
        snapshot = Snapshot(path, _find_setup(), ceremony=CEREMONY)
        for seq in (1, 2):
            last = StoredRow(seq, Digest(bytes(32)), True, b"")
            snapshot.add([b"a page"], last=last, count=1)
        return [path.read_bytes()]


def _read_segment(raw: bytes) -> None:
    """The content of a snapshot, as if its seal had been opened."""
    list(list_rows(decode_segment(raw), SUITE, {}))


def _find_segments() -> list[bytes]:
    return [encode_segment([b"a page", b"another"], last_seq=2, count=2, last_digest=Digest(bytes(32)))]


def _derive(passphrase: bytes, salt: bytes) -> bytes:
    return hashlib.sha256(passphrase + salt).digest()


def _read_backup(raw: bytes) -> None:
    """A sealed backup, by passphrase or recovery key, with a derivation that costs nothing."""
    keys = Keys(b"words", (RECOVERY,))
    with mock.patch.object(vault, "_derive", _derive):
        for path in _with_file(raw):
            for piece in read_sealed(path, keys, suite=SUITE):
                assert piece is not None


@cache
def _find_backups() -> list[bytes]:
    key = bytes(KEY_SIZE)
    with mock.patch.object(vault, "_derive", _derive):
        locks = [
            lock_with_passphrase(key, b"words"),
            lock_with_recovery(key, SUITE.public_of_receiving(RECOVERY), suite=SUITE, ceremony=CEREMONY),
        ]
    found: list[bytes] = []
    for content in (b"", b"some content", bytes(100_000)):
        for lock in locks:
            file = io.BytesIO()
            write_sealed(file, [content], key=key, locks=[lock], suite=SUITE)
            found.append(file.getvalue())
    return found


DOORS = (
    Door("standby-rows", lambda raw: join_rows(find_messages(raw)), _find_row_answers),
    Door("standby-acts", lambda raw: join_acts(find_messages(raw)),
         lambda: [msgspec.msgpack.encode([encode((1, "key", b"asked", (bytes(32),)))])]),
    Door("standby-ids", lambda raw: join_ids(find_messages(raw)), lambda: [msgspec.msgpack.encode([bytes(32)] * 2)]),
    Door("standby-blob", lambda raw: join_whole_blob(find_messages(raw)), _find_blob_answers),
    Door("snapshot", _read_snapshot, _find_snapshots, change_blindly),
    Door("segment", _read_segment, _find_segments),
    Door("backup", _read_backup, _find_backups, change_blindly, size_bytes_max=1 << 18),
)  # fmt: skip
