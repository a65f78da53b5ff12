"""The sealed file of a backup: a head that says which keys open it, then chunks that are authenticated one by one.

    COMITYK1 ‖ u32 length ‖ head ‖ (u32 length ‖ chunk)*

docs/spec/backup.md, B1 to B5, says each part. A chunk that is altered, missing, doubled or moved does not open, and
neither does one under another head. The format number grows when any of this changes; what was released is read always.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import ComityError, RemoteError, UsageError
from comity.base.names import Uint
from comity.crypto.label import digest, label, u32, u64
from comity.crypto.suite import AEAD_TAG_SIZE, KEY_SIZE, Ceremony, Suite
from comity.crypto.vault import open_vault, seal_vault
from comity.journal.keypage import find_key_id

__all__ = ["BACKUP_FORMAT", "Keys", "Lock", "lock_with_passphrase", "lock_with_recovery", "read_sealed", "write_sealed"]

MAGIC: Final = b"COMITYK1"
BACKUP_FORMAT: Final = 1
CHUNK_SIZE_BYTES: Final = 64 * 1024
HEAD_SIZE_BYTES_MAX: Final = 256 * 1024
LOCK_COUNT_MAX: Final = 64
_PASSPHRASE: Final = "passphrase"  # noqa: S105 -- the name of a kind of lock
_RECOVERY: Final = "recovery"
_NAME: Final = "backup"


class Lock(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One way to the file's key. `key_id` names the recovery key; empty for a passphrase."""

    kind: Annotated[str, msgspec.Meta(max_length=16)]
    key_id: Annotated[bytes, msgspec.Meta(max_length=32)]
    wrapped: Annotated[bytes, msgspec.Meta(max_length=4096)]


class _Head(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    format: Uint
    locks: Annotated[tuple[Lock, ...], msgspec.Meta(min_length=1, max_length=LOCK_COUNT_MAX)]


_HEAD: Final = Decoder(_Head, size_max=HEAD_SIZE_BYTES_MAX, code="backup.malformed")
_FIELDS: Final = msgspec.msgpack.Decoder(list[msgspec.Raw])
_UINT: Final = msgspec.msgpack.Decoder(Uint)


class Keys(msgspec.Struct, frozen=True):
    """What somebody who wants to open a backup holds: a passphrase, recovery secrets, or both."""

    passphrase: bytes = b""
    recovery: tuple[bytes, ...] = ()

    def __repr__(self) -> str:
        return f"Keys(recovery_count={len(self.recovery)})"


def lock_with_passphrase(key: bytes, passphrase: bytes) -> Lock:
    """Lock a file's key with a passphrase."""
    return Lock(_PASSPHRASE, b"", seal_vault({_NAME: key}, passphrase=passphrase))


def lock_with_recovery(key: bytes, public: bytes, *, suite: Suite, ceremony: Ceremony) -> Lock:
    """Lock a file's key so that the holder of a recovery secret, which is offline with the root, can open it."""
    wrapped = ceremony.wrap(public=public, plaintext=key, info=label("backup"))
    return Lock(_RECOVERY, find_key_id(suite, public), wrapped)


def write_sealed(file: BinaryIO, content: Iterable[bytes], *, key: bytes, locks: Iterable[Lock], suite: Suite) -> None:
    """Write a sealed file; `content` may come in pieces of any size."""
    head = encode(_Head(BACKUP_FORMAT, tuple(locks)))
    file.write(MAGIC + u32(len(head)) + head)
    aad = digest(suite, "backup", head)

    def seal(index: int, piece: bytes, *, is_last: bool) -> None:
        chunk_key = suite.expand(key, label("backup-chunk") + u64(index) + bytes([is_last]))
        sealed = suite.seal(key=chunk_key, plaintext=piece, aad=aad)
        file.write(u32(len(sealed)) + sealed)

    index, waiting = 0, b""
    for given in content:
        waiting += given
        while len(waiting) > CHUNK_SIZE_BYTES:
            seal(index, waiting[:CHUNK_SIZE_BYTES], is_last=False)
            index, waiting = index + 1, waiting[CHUNK_SIZE_BYTES:]
    seal(index, waiting, is_last=True)


def read_sealed(
    path: Path, keys: Keys, *, suite: Suite, step: Callable[[int], None] = lambda _: None
) -> Iterator[bytes]:
    """Yield the content piece by piece; each was authenticated. `step` hears how many bytes of the file are read.

    Raises:
        RemoteError: `backup.malformed`, `backup.format-unknown`, `backup.damaged`.
        UsageError: `backup.not-opened` where none of the keys opens any lock; `file.unreadable`.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise UsageError("file.unreadable", file=str(path)) from error
    with file:
        head_raw = _read_head(file)
        head = _parse_head(head_raw)
        key = _find_key(head.locks, keys, suite)
        aad = digest(suite, "backup", head_raw)
        index, sealed = 0, _read_frame(file)
        while sealed is not None:
            following = _read_frame(file)
            chunk_key = suite.expand(key, label("backup-chunk") + u64(index) + bytes([following is None]))
            piece = suite.open(key=chunk_key, sealed=sealed, aad=aad)
            if piece is None:
                raise RemoteError("backup.damaged", chunk=index)
            step(file.tell())
            yield piece
            index, sealed = index + 1, following
        if index == 0:
            raise RemoteError("backup.damaged", chunk=0)


def _read_head(file: BinaryIO) -> bytes:
    if file.read(len(MAGIC)) != MAGIC:
        raise RemoteError("backup.malformed")
    size = int.from_bytes(file.read(4), "big")
    if size > HEAD_SIZE_BYTES_MAX:
        raise RemoteError("backup.malformed")
    return file.read(size)


def _parse_head(raw: bytes) -> _Head:
    """Tell a newer format from damaged bytes: look at the first field before the shape of the rest."""
    try:
        format_ = _UINT.decode(_FIELDS.decode(raw)[0])
    except (msgspec.DecodeError, IndexError, RecursionError, UnicodeDecodeError) as error:
        raise RemoteError("backup.malformed") from error
    if format_ != BACKUP_FORMAT:
        raise RemoteError("backup.format-unknown", format=format_)
    return _HEAD.decode(raw)


def _read_frame(file: BinaryIO) -> bytes | None:
    """Return the next chunk, or None at the end of the file; one that is cut short does not open later."""
    length = file.read(4)
    if not length:
        return None
    size = int.from_bytes(length, "big")
    if len(length) < 4 or size > CHUNK_SIZE_BYTES + AEAD_TAG_SIZE:
        raise RemoteError("backup.damaged")
    return file.read(size)


def _find_key(locks: Iterable[Lock], keys: Keys, suite: Suite) -> bytes:
    by_id: Mapping[bytes, bytes] = {
        find_key_id(suite, suite.public_of_receiving(secret)): secret for secret in keys.recovery
    }
    for lock in locks:
        found: bytes | None = None
        if lock.kind == _PASSPHRASE and keys.passphrase:
            try:
                found = open_vault(lock.wrapped, passphrase=keys.passphrase).get(_NAME)
            except ComityError:
                continue
        elif lock.kind == _RECOVERY and lock.key_id in by_id:
            found = suite.unwrap(secret=by_id[lock.key_id], sealed=lock.wrapped, info=label("backup"))
        if found is not None and len(found) == KEY_SIZE:
            return found
    raise UsageError("backup.not-opened")
