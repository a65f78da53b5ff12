"""Files that an officer handed in and that are not given yet: cut, sealed at once, and forgotten with the process.

A file lies in the store as chunks under a key that is in memory alone, so that no plaintext is ever at rest and what a
node that stopped had taken can be read by nobody; the next start drops it. When an item is given its chunks are opened
one after the other and sealed anew (R41).
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from comity.base.errors import UsageError
from comity.base.limits import ATTACHMENT_CHUNK_SIZE_BYTES, ATTACHMENT_SIZE_BYTES_MAX
from comity.base.names import Digest
from comity.crypto.suite import KEY_SIZE, Ceremony
from comity.machine.machine import Machine
from comity.node.attachments import ReadChunk
from comity.node.shelf import Shelf
from comity.node.store import Store
from comity.procedure.attachment import Attachment, check_name, find_chunk_digest
from comity.procedure.blob import BlobContext, find_blob_id, open_blob, seal_blob

__all__ = ["Upload", "Uploads"]

UPLOAD_COUNT_MAX: Final = 32
"""Files waiting at once: two full items. The oldest makes room."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that was handed in."""

    id: bytes
    attachment: Attachment
    key: bytes
    blobs: tuple[Digest, ...]


class Uploads:
    """The files waiting at one node."""

    def __init__(self, machine: Machine, store: Store, shelf: Shelf, *, ceremony: Ceremony) -> None:
        self._machine = machine
        self._store = store
        self._shelf = shelf
        self._ceremony = ceremony
        self._suite = machine.setup.suite
        self._waiting: dict[bytes, Upload] = {}

    async def take(self, content: AsyncIterator[bytes], *, name: str) -> Upload:
        """Take a file as it comes, never more than a chunk of it in memory.

        Raises:
            UsageError: `attachment.name`, `attachment.size`.
            OutageError: `store.full`.
        """
        check_name(name)
        id_, key = self._ceremony.random(KEY_SIZE), self._ceremony.random(KEY_SIZE)
        digests: list[Digest] = []
        blobs: list[Digest] = []
        size_bytes = 0
        try:
            async for chunk in _cut(content):
                size_bytes += len(chunk)
                _check_size(size_bytes)
                digests.append(find_chunk_digest(self._suite, number=len(digests), content=chunk))
                blobs.append(self._keep(id_, key, chunk))
            _check_size(size_bytes)
        except BaseException:
            self._shelf.drop_drafts(blobs)
            raise
        while len(self._waiting) >= UPLOAD_COUNT_MAX:
            self.drop(next(iter(self._waiting)))
        upload = Upload(id_, Attachment(name, size_bytes, tuple(digests)), key, tuple(blobs))
        self._waiting[id_] = upload
        return upload

    def get(self, id_: bytes) -> Upload:
        """Return a file that waits.

        Raises:
            UsageError: `attachment.unknown`.
        """
        found = self._waiting.get(id_)
        if found is None:
            raise UsageError("attachment.unknown")
        return found

    def drop(self, id_: bytes) -> None:
        """Drop a file; what does not wait is dropped already."""
        upload = self._waiting.pop(id_, None)
        if upload is not None:
            self._shelf.drop_drafts(upload.blobs)

    def drop_all(self, uploads: Sequence[Upload]) -> None:
        """Drop these files: they were sealed anew for what they are attached to."""
        for upload in uploads:
            self.drop(upload.id)

    def reader_of(self, uploads: Sequence[Upload]) -> ReadChunk:
        """Return what reads the chunks of these files, for giving them."""
        by_content = {upload.attachment: upload for upload in uploads}

        async def read(attachment: Attachment, number: int) -> bytes:
            return self._open(by_content[attachment], number)

        return read

    def _keep(self, id_: bytes, key: bytes, chunk: bytes) -> Digest:
        salt = self._ceremony.random(KEY_SIZE)
        blob = seal_blob(self._suite, chunk, context=self._context(id_), key=key, salt=salt)
        blob_id = find_blob_id(self._suite, blob)
        self._store.blobs.keep_draft(blob_id, blob)
        return blob_id

    def _open(self, upload: Upload, number: int) -> bytes:
        held = self._shelf.find_own(upload.blobs[number])
        if held is None:
            raise UsageError("attachment.unknown")  # damaged on the disk since it was handed in
        return open_blob(
            self._suite, held[0], context=self._context(upload.id), key=upload.key, blob_id=upload.blobs[number]
        )

    def _context(self, id_: bytes) -> BlobContext:
        pins = self._machine.setup.pins
        return BlobContext(pins.lineage, pins.realm, id_)


def _check_size(size_bytes: int) -> None:
    if not 1 <= size_bytes <= ATTACHMENT_SIZE_BYTES_MAX:
        raise UsageError("attachment.size", size_bytes=size_bytes, size_bytes_max=ATTACHMENT_SIZE_BYTES_MAX)


async def _cut(content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield what comes in chunks of one size, the last one shorter."""
    held = bytearray()
    async for part in content:
        held += part
        while len(held) >= ATTACHMENT_CHUNK_SIZE_BYTES:
            yield bytes(held[:ATTACHMENT_CHUNK_SIZE_BYTES])
            del held[:ATTACHMENT_CHUNK_SIZE_BYTES]
    if held:
        yield bytes(held)
