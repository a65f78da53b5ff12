"""The bytes that the warning feed keeps, in files that are only ever added to and go whole (docs/spec/warning.md, W87).

Rules
- What is kept is a frame: a head, a few words for an index, the bytes. Head and rest are checked by sums of their own.
- Frames that are to be durable are, with all before them, once `append` returns; the others a kill does not undo.
- A frame that was not written whole is cut off at the next start; nothing before it is touched.
- A file that is full, or an hour old, is closed and never written again. It goes as a whole, once nothing in it counts.
"""

import enum
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from comity.base.errors import OutageError
from comity.base.instants import HOUR_MS, Instant
from comity.base.limits import BULK_PAGE_SIZE_BYTES_MAX
from comity.node.durable import make_folder, sync_folder

__all__ = ["Frame", "FrameKind", "Place", "SegmentReader", "Segments", "find_segments"]

SEGMENT_SIZE_BYTES: Final = 64 * 1024 * 1024
SEGMENT_AGE_MS: Final = HOUR_MS
MAGIC: Final = b"CMTYWF1\n"
FRAME_SIZE_BYTES_MAX: Final = BULK_PAGE_SIZE_BYTES_MAX + 64 * 1024
PIECE_COUNT: Final = 512
"""Frames written in one call; the system takes at most 1,024 pieces."""

_HEAD: Final = struct.Struct("<BHIqI")
"""Kind, size of the words, size of the bytes, when it was kept, the sum of both; then the sum of these."""
_SUM: Final = struct.Struct("<I")
_HEAD_SIZE_BYTES: Final = _HEAD.size + _SUM.size


def find_segments(path: Path) -> Path:
    """Return the folder with the bytes of a feed's file."""
    return path.with_suffix(".pages")


class FrameKind(enum.IntEnum):
    """What a frame holds."""

    PAGE = 1
    SAID = 2
    APART = 3
    """A block that is in quarantine: words alone."""
    MARK = 4
    """The lowest number that no track was given: words alone."""


_KINDS: Final = frozenset(map(int, FrameKind))


class Frame(NamedTuple):
    """What is kept."""

    kind: FrameKind
    at: Instant
    words: bytes
    raw: bytes


class Place(NamedTuple):
    """Where a frame lies."""

    segment: int
    offset: int
    size_bytes: int


class _Opened(NamedTuple):
    frame: Frame
    is_sound: bool


def _encode(frame: Frame) -> tuple[bytes, bytes, bytes]:
    content_sum = zlib.crc32(frame.raw, zlib.crc32(frame.words))
    head = _HEAD.pack(frame.kind, len(frame.words), len(frame.raw), frame.at, content_sum)
    return head + _SUM.pack(zlib.crc32(head)), frame.words, frame.raw


def _find_size(head: bytes) -> int | None:
    """Return how large the frame is that bytes begin with; None where they begin with no head."""
    if len(head) < _HEAD_SIZE_BYTES or zlib.crc32(head[: _HEAD.size]) != _SUM.unpack_from(head, _HEAD.size)[0]:
        return None
    kind, words_size, raw_size, _, _ = _HEAD.unpack_from(head)
    size = _HEAD_SIZE_BYTES + int(words_size) + int(raw_size)
    return size if kind in _KINDS and size <= FRAME_SIZE_BYTES_MAX else None


def _decode(raw: bytes) -> _Opened | None:
    """Read the frame that bytes are; None where they are none, or not all of it."""
    if _find_size(raw) != len(raw):
        return None
    kind, words_size, _, at, content_sum = _HEAD.unpack_from(raw)
    start = _HEAD_SIZE_BYTES + words_size
    frame = Frame(FrameKind(kind), Instant(at), raw[_HEAD_SIZE_BYTES:start], raw[start:])
    return _Opened(frame, zlib.crc32(memoryview(raw)[_HEAD_SIZE_BYTES:]) == content_sum)


def _read_at(file: int, offset: int) -> _Opened | None:
    size = _find_size(os.pread(file, _HEAD_SIZE_BYTES, offset))
    return None if size is None else _decode(os.pread(file, size, offset))


class SegmentReader:
    """Reads frames, beside who writes them too; used by one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[int, int] = {}

    def hold(self, segment: int) -> bool:
        """Open a file, which can be read from then on though it go; tell whether it is there."""
        if segment not in self._open:
            try:
                self._open[segment] = os.open(_find_path(self._folder, segment), os.O_RDONLY)
            except FileNotFoundError:
                return False
        return True

    def read(self, place: Place) -> Frame | None:
        """Return a frame; None where its file has gone, or where it is not as it was written."""
        if not self.hold(place.segment):
            return None
        found = _decode(os.pread(self._open[place.segment], place.size_bytes, place.offset))
        return None if found is None or not found.is_sound else found.frame

    def forget(self, segment: int) -> None:
        """Let go of a file."""
        if segment in self._open:
            os.close(self._open.pop(segment))

    def close(self) -> None:
        """Let go of all files."""
        while self._open:
            os.close(self._open.popitem()[1])


def _find_path(folder: Path, number: int) -> Path:
    return folder / f"{number:08d}"


class Segments:
    """Written by the one process that holds the feed's file."""

    def __init__(self, folder: Path, *, named: int = 0) -> None:
        """Open the last file, or make one: `named` is the highest number that is known, though its file be lost."""
        make_folder(folder)
        self._folder = folder
        self._sizes = {
            int(path.name): path.stat().st_size for path in folder.iterdir() if path.name.isdecimal() and path.is_file()
        }
        last = max(self._sizes, default=0)
        self.number = max(last, named)
        self._began_at: Instant | None = None
        self._is_broken = False
        self._file = -1
        if last and last == self.number:
            self._file = os.open(_find_path(folder, last), os.O_RDWR)
        else:
            self.roll()

    @property
    def size_bytes(self) -> int:
        """What all files take."""
        return sum(self._sizes.values())

    def list_numbers(self) -> list[int]:
        """Return the files that are there, ascending."""
        return sorted(self._sizes)

    def find_size(self, number: int) -> int:
        """Return the size of a file; of one that is not there, 0."""
        return self._sizes.get(number, 0)

    def is_over(self, at: Instant) -> bool:
        """Tell whether the file that is written is full, or old."""
        is_old = self._began_at is not None and at - self._began_at >= SEGMENT_AGE_MS
        return is_old or self._sizes[self.number] >= SEGMENT_SIZE_BYTES

    def append(self, frames: Sequence[Frame], *, is_durable: bool) -> list[Place]:
        """Write frames one after the other, and return where they lie.

        Raises:
            OutageError: `store.full`; none of them was kept.
        """
        number, before = self.number, self._sizes[self.number]
        places: list[Place] = []
        pieces: list[bytes] = []
        end = before
        for frame in frames:
            encoded = _encode(frame)
            size = sum(map(len, encoded))
            assert size <= FRAME_SIZE_BYTES_MAX, f"a frame of {size} bytes"
            places.append(Place(number, end, size))
            pieces += encoded
            end += size
        try:
            self._write(pieces, before)
            if is_durable:
                os.fdatasync(self._file)
        except OSError as error:
            self._is_broken = True  # whatever of it is there is cut off, here or at the next start
            raise OutageError("store.full") from error
        self._sizes[number] = end
        if frames and self._began_at is None:
            self._began_at = frames[0].at
        return places

    def _write(self, pieces: Sequence[bytes], offset: int) -> None:
        if self._is_broken:
            os.ftruncate(self._file, offset)
            self._is_broken = False
        for first in range(0, len(pieces), PIECE_COUNT):
            some = pieces[first : first + PIECE_COUNT]
            size = sum(map(len, some))
            if os.pwritev(self._file, some, offset) != size:
                raise OSError("no room for all of it")
            offset += size

    def roll(self) -> None:
        """Close the file that is written, durably, and begin the next.

        Raises:
            OutageError: `store.full`; the one before is still written.
        """
        number, file = self.number + 1, -1
        path = _find_path(self._folder, number)
        try:
            if self._file >= 0:
                os.fsync(self._file)
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            os.pwrite(file, MAGIC, 0)
            sync_folder(self._folder)
        except OSError as error:
            if file >= 0:
                os.close(file)
            raise OutageError("store.full") from error
        if self._file >= 0:
            os.close(self._file)
        self._file, self.number, self._began_at, self._is_broken = file, number, None, False
        self._sizes[number] = len(MAGIC)

    def scan(self, *, since: tuple[int, int]) -> Iterator[tuple[Frame, Place]]:
        """Yield the frames from a place on; what was not written whole at the very end is cut off.

        A frame that is not as it was written is passed over; of an older file nothing is read beyond a broken head.
        """
        last = self.number
        for number in self.list_numbers():
            if number < since[0]:
                continue
            with _find_path(self._folder, number).open("rb", buffering=0) as file:
                offset = since[1] if number == since[0] else 0
                is_ours = file.read(len(MAGIC)) == MAGIC
                offset = max(offset, len(MAGIC))
                while is_ours and (found := _read_at(file.fileno(), offset)) is not None:
                    size = sum(map(len, found.frame[2:])) + _HEAD_SIZE_BYTES
                    if found.is_sound:
                        yield found.frame, Place(number, offset, size)
                    offset += size
            if number == last and is_ours:
                os.ftruncate(self._file, offset)
                self._sizes[number] = offset
            elif number == last:
                self.roll()

    def drop(self, number: int) -> None:
        """Remove a file that is not written any more."""
        assert number != self.number, "the file that is written stays"
        _find_path(self._folder, number).unlink(missing_ok=True)
        del self._sizes[number]

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)
