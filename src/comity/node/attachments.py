"""Attachments at one node: sealed chunk by chunk for a giving, fetched chunk by chunk, read chunk by chunk (R40, R41).

Rules
- Never more than one chunk in memory, whatever the size of the file; between two chunks the node does its other work.
- A chunk is a blob, kept with the blobs and fetched like them. Which chunks belong to an item is read from its blob,
  once, and noted, so that a node that stopped goes on with what is missing.
- Nothing of a chunk is kept before it was opened and compared with what the originator signed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.base.errors import OutageError, RemoteError, UsageError
from comity.base.names import Digest, Party
from comity.crypto.suite import KEY_SIZE, Ceremony
from comity.node.log import note
from comity.node.openable import find_refusal
from comity.node.opening import Opened, Opener
from comity.procedure.attachment import Attachment, ChunkKeys, check_chunk
from comity.procedure.blob import BlobContext, find_blob_id, find_content_size, open_blob, seal_blob
from comity.procedure.entry import Marking
from comity.procedure.sharing import Giving, ItemGiven, ItemPassedOn
from comity.procedure.stated import Stated

if TYPE_CHECKING:
    from comity.node.node import Node

__all__ = ["Attachments", "Progress", "ReadChunk", "Readable", "list_chunks", "read_nothing"]

ReadChunk = Callable[[Attachment, int], Awaitable[bytes]]
"""Returns the content of one chunk of an attachment that is to be sealed, by its number from 0."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many chunks of the attachments of one giving are here, and how many bytes are in them.

    `total` is 0 until the item itself is here.
    """

    here: int
    total: int
    size_bytes: int
    here_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Readable:
    """An attachment, its media type, the banner of its item, and what reads its chunks, each checked before."""

    attachment: Attachment
    media: str
    banner: Marking
    read_chunk: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """How one chunk opens."""

    context: BlobContext
    key: bytes
    attachment: Attachment
    number: int


class Attachments:
    """The attachments of one node's items."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._store = node.store
        self._shelf = node.shelf
        self._suite = node.machine.setup.suite
        self.opener = Opener(node)
        self._noted: set[bytes] = set()
        """Blobs of items whose chunks are noted in the store."""
        self._whole: set[bytes] = set()
        """Those of which every chunk is here."""
        self._drop_count = 0
        self._missing: dict[bytes, _Chunk] = {}
        """How chunks that are not here yet open, of the items looked at since the start."""

    async def seal(
        self,
        item: bytes,
        attachments: Sequence[tuple[int, Attachment]],
        *,
        read: ReadChunk,
        ceremony: Ceremony,
    ) -> tuple[ChunkKeys, ...]:
        """Seal attachments for one giving, under new keys, and keep the chunks as drafts; if that fails, none is kept.

        Raises:
            OutageError: `attachment.not-here` where a chunk cannot be read; `store.full`.
        """
        kept: list[Digest] = []
        try:
            return tuple([await self._seal_one(item, *one, read, ceremony, kept) for one in attachments])
        except BaseException:
            self._shelf.drop_drafts(kept)
            raise

    async def _seal_one(  # noqa: PLR0917 -- what one attachment is sealed from, and where its chunks are noted
        self,
        item: bytes,
        portion: int,
        attachment: Attachment,
        read: ReadChunk,
        ceremony: Ceremony,
        kept: list[Digest],
    ) -> ChunkKeys:
        context, key, first = self.opener.find_context(item), ceremony.random(KEY_SIZE), len(kept)
        for number in range(len(attachment.chunks)):
            content = await read(attachment, number)
            check_chunk(self._suite, attachment, number=number, content=content)
            blob = seal_blob(self._suite, content, context=context, key=key, salt=ceremony.random(KEY_SIZE))
            kept.append(find_blob_id(self._suite, blob))
            self._store.blobs.keep_draft(kept[-1], blob)
            await asyncio.sleep(0)
        return ChunkKeys(portion, key, tuple(kept[first:]))

    def note_new(self) -> None:
        """Note the chunks of every item that came; one that is not what its giver stated is told when it is read."""
        for entry in list(self.find_unread()):
            try:
                self.note(entry)
            except RemoteError as error:
                note("blob.awaited", code=error.code)
                self._noted.add(entry.blob)
            except UsageError:
                continue  # its blob is damaged and is fetched anew

    def find_unread(self) -> Iterator[Giving]:
        """Yield the givings with attachments whose blob may be opened here and whose chunks are not noted yet."""
        for stated in self._shelf.find_givings():
            entry = _giving(stated)
            if not _find_size(entry) or entry.blob in self._noted:
                continue
            if self._store.blobs.find_attached(entry.blob):
                self._noted.add(entry.blob)
            elif self._shelf.has(entry.blob) and find_refusal(self._node, stated) is None:
                yield entry

    def note(self, entry: Giving) -> None:
        """Open the item of a giving and note which chunks belong to it.

        Raises:
            UsageError, RemoteError: as `Opener.open_giving`.
        """
        opened = self.opener.open_giving(entry)
        self._store.blobs.attach(entry.blob, list_chunks(opened.attached))
        self._noted.add(entry.blob)

    def find_wanted(self) -> Iterator[tuple[Party, Digest]]:
        """Yield whom to ask for every chunk that is not here, in the order of the attachments."""
        if self._drop_count != self._store.blobs.drop_count:
            self._drop_count = self._store.blobs.drop_count
            self._whole.clear()  # what is gone may be a chunk
        for stated in self._shelf.find_givings():
            blob_id = _giving(stated).blob
            if blob_id not in self._noted or blob_id in self._whole:
                continue
            missing = [row.chunk for row in self._store.blobs.find_attached(blob_id) if not row.is_here]
            if not missing:
                self._whole.add(blob_id)
            for holder in self._shelf.find_holders(stated):
                yield from ((holder, chunk) for chunk in missing)

    def keep_chunk(self, chunk: Digest, blob: bytes) -> None:
        """Keep a chunk that came, if it is the one that its item names and holds what the originator signed.

        Raises:
            RemoteError: `blob.other`, `blob.malformed`, `blob.not-opened`, `attachment.chunk`.
        """
        found = self._missing.get(chunk) or self._find_chunk(chunk)
        if found is None:
            return  # the item was dropped while its chunk was on its way
        content = open_blob(self._suite, blob, context=found.context, key=found.key, blob_id=chunk)
        check_chunk(self._suite, found.attachment, number=found.number, content=content)
        self._shelf.keep(chunk, blob, {})
        self._missing.pop(chunk, None)

    def find_progress(self, entry: Giving) -> Progress:
        """Return how much of a giving's attachments is here."""
        size_bytes = _find_size(entry)
        rows = self._store.blobs.find_attached(entry.blob) if size_bytes else ()
        here = [find_content_size(row.blob_size_bytes) for row in rows if row.is_here]
        return Progress(len(here), len(rows), size_bytes, sum(here))

    def find_arriving(self) -> Iterator[tuple[Stated, Progress]]:
        """Yield what was given to us with attachments that are not all here yet, and may be opened here."""
        for stated in self._shelf.find_givings():
            entry = _giving(stated)
            if stated.author == self._node.machine.party or not _find_size(entry) or entry.blob in self._whole:
                continue
            if find_refusal(self._node, stated) is None:
                progress = self.find_progress(entry)
                if progress.here < progress.total or not progress.total:
                    yield stated, progress

    def read(self, item: bytes, portion: int) -> Readable:
        """Return an attachment that can be read here.

        Raises:
            UsageError: `item.not-here`, `attachment.none` where that portion is no attachment.
            OutageError: `attachment.not-here` where a chunk of it is not.
        """
        entry, opened = self.opener.open(item)
        attachment = dict(opened.item.attachments).get(portion)
        if attachment is None:
            raise UsageError("attachment.none", portion=portion)
        keys = next(one for one in opened.attached if one.portion == portion)
        if not all(self._store.has_blob(blob_id) for blob_id in keys.blobs):
            raise OutageError("attachment.not-here")
        context, media = self.opener.find_context(entry.item), dict(opened.item.portions)[portion].media

        def read_chunk(number: int) -> bytes:
            return self._read_chunk(_Chunk(context, keys.key, attachment, number), keys.blobs[number])

        return Readable(attachment, media, opened.item.head.marking, read_chunk)

    def _read_chunk(self, chunk: _Chunk, blob_id: bytes) -> bytes:
        held = self._shelf.find_own(blob_id)
        if held is None:  # damaged, and dropped when it was read: it is fetched anew
            raise OutageError("attachment.not-here")
        content = open_blob(self._suite, held[0], context=chunk.context, key=chunk.key, blob_id=blob_id)
        check_chunk(self._suite, chunk.attachment, number=chunk.number, content=content)
        return content

    def reader_of(self, opened: Opened) -> ReadChunk:
        """Return what reads the chunks of an item that is here, for giving it on."""
        keys = {attachment: one for (_, attachment), one in zip(opened.item.attachments, opened.attached, strict=True)}
        context = self.opener.find_context(opened.item.digest)

        async def read(attachment: Attachment, number: int) -> bytes:
            one = keys[attachment]
            return self._read_chunk(_Chunk(context, one.key, attachment, number), one.blobs[number])

        return read

    def _find_chunk(self, chunk: bytes) -> _Chunk | None:
        """Return how a chunk opens, by opening the item that it belongs to; all its chunks are remembered."""
        parents = self._store.blobs.find_parents(chunk)
        for entry in map(_giving, self._shelf.find_givings()):
            if entry.blob in parents:
                self._remember(entry)
        return self._missing.get(chunk)

    def _remember(self, entry: Giving) -> None:
        opened = self.opener.open_giving(entry)
        context = self.opener.find_context(entry.item)
        for (_, attachment), one in zip(opened.item.attachments, opened.attached, strict=True):
            for number, blob_id in enumerate(one.blobs):
                if not self._store.has_blob(blob_id):
                    self._missing[blob_id] = _Chunk(context, one.key, attachment, number)


def _giving(stated: Stated) -> Giving:
    assert isinstance(stated.entry, Giving)
    return stated.entry


def _find_size(entry: Giving) -> int:
    return entry.attached_size_bytes if isinstance(entry, ItemGiven | ItemPassedOn) else 0


async def read_nothing(_attachment: Attachment, _number: int) -> bytes:
    """Read the chunks of an item without attachments: there are none."""
    raise AssertionError("an item with attachments is given with what reads them")


def list_chunks(attached: Sequence[ChunkKeys]) -> list[tuple[int, int, bytes]]:
    """Return the rows of chunks: portion, number, blob."""
    return [(one.portion, number, blob_id) for one in attached for number, blob_id in enumerate(one.blobs)]
