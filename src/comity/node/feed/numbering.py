"""Which number each id of a source has, kept over a start: one thing has one number as long as it is tracked (W86).

Rules
- A new number is kept before the block that has it is said, and is durable before a page with it goes out.
- How far each track has come is kept once a minute, and follows for the rest from the own blocks said since.
- Sealed as own blocks are: a source's ids and places are nobody's but the party's.
- Bounded: at most as many sources as may hand in at once; what its class calls dropped by now is not brought back.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Final

import msgspec
import numpy as np

from comity.base.errors import OutageError
from comity.base.instants import Instant
from comity.node.feed.kept import FeedFile
from comity.node.feed.said import SaidBox
from comity.node.feed.sources import SOURCE_COUNT_MAX
from comity.pact.model import Pact
from comity.warning.door import Door, DoorRules, Taken
from comity.warning.rows import read_block
from comity.warning.succession import follow_said
from comity.warning.tracks import Tracks, decode_tracks

__all__ = ["Numbering"]

KEEP_S: Final = 60.0
COUNT_MAX: Final = DoorRules().track_count_max


class _Stood(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """The tracks of one source and class."""

    source: str
    class_: str
    tracks: bytes


class _Observed(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """The next number of a single observation, by class."""

    next: dict[str, int]


class _Begun(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Numbers that ids of one source were given."""

    source: str
    class_: str
    ids: bytes
    numbers: bytes


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final[msgspec.msgpack.Decoder[_Stood | _Observed | _Begun]] = msgspec.msgpack.Decoder(
    _Stood | _Observed | _Begun
)


class Numbering:
    """Keeps the numbers of one door in the file of its process."""

    def __init__(self, door: Door, file: FeedFile, box: SaidBox, *, clock: Callable[[], Instant]) -> None:
        self._door = door
        self._file = file
        self._box = box
        self._clock = clock
        self._has_news = False

    def note(self, source: str, taken: Taken) -> None:
        """Take note of what is about to be said; where there is no room for it, it is kept with the next minute."""
        self._has_news = True
        if len(taken.begun_ids):
            row = _Begun(source, taken.block.class_, taken.begun_ids.tobytes(), taken.begun_numbers.tobytes())
            with contextlib.suppress(OutageError):
                self._file.numbers.add(self._seal(row), at=self._clock())

    def keep(self) -> None:
        """Keep how all numbers stand, where anything was said since."""
        if self._has_news:
            with contextlib.suppress(OutageError):  # a full disk: what was kept before still serves
                self._file.numbers.replace(map(self._seal, self._list_standing()), at=self._clock())
                self._has_news = False

    async def keep_for_ever(self) -> None:
        """Keep how they stand once a minute."""
        while True:
            await asyncio.sleep(KEEP_S)
            self.keep()

    def restore(self, pact: Pact) -> None:
        """Have the door go on with the numbers that were given before, and begin to keep them from here."""
        tracks: dict[tuple[str, str], Tracks] = {}
        observed: dict[str, int] = {}
        for row in self._read(is_whole=True):
            if isinstance(row, _Observed):
                observed |= row.next
            elif isinstance(row, _Stood) and (held := decode_tracks(row.tracks, count_max=COUNT_MAX)) is not None:
                tracks[row.source, row.class_] = held
        for row in self._read(is_whole=False):
            if isinstance(row, _Begun):
                held = tracks.setdefault((row.source, row.class_), Tracks(count_max=COUNT_MAX))
                held.put_back(np.frombuffer(row.ids, np.uint64), np.frombuffer(row.numbers, np.uint32))
        self._go_on(tracks, observed)
        self._door.restore(_choose(tracks, pact, now=self._clock()), observed)
        self._has_news = True
        self.keep()

    def _go_on(self, tracks: dict[tuple[str, str], Tracks], observed: dict[str, int]) -> None:
        for sealed in self._file.numbers.read_said_since():
            raw = self._box.open(sealed)
            if raw is None:
                continue
            block = read_block(raw)
            lone = block.rows["number"][block.rows["track"] == 0]
            if len(lone):
                observed[block.class_] = max(observed.get(block.class_, 1), int(lone.max()) + 1) % 2**32
            for (_, class_), held in tracks.items():
                if class_ == block.class_:
                    follow_said(block.rows, held)

    def _list_standing(self) -> Iterator[_Stood | _Observed]:
        yield _Observed(dict(self._door.observed))
        for (source, class_), tracks in self._door.tracks.items():
            if len(tracks.held):
                yield _Stood(source, class_, tracks.encode())

    def _seal(self, row: _Stood | _Observed | _Begun) -> bytes:
        return self._box.seal(_ENCODER.encode(row))

    def _read(self, *, is_whole: bool) -> Iterator[_Stood | _Observed | _Begun]:
        """Yield what is kept; what another version or another key kept is passed over."""
        for sealed in self._file.numbers.read(is_whole=is_whole):
            raw = self._box.open(sealed)
            if raw is not None:
                with contextlib.suppress(msgspec.DecodeError):
                    yield _DECODER.decode(raw)


def _choose(tracks: dict[tuple[str, str], Tracks], pact: Pact, *, now: Instant) -> dict[tuple[str, str], Tracks]:
    """Return what is not dropped by now, of the sources that were heard of last."""
    for (_, class_), held in tracks.items():
        row = pact.find_track_class(class_)
        held.forget(Instant(now + 1 if row is None else now - row.dropped_after_ms))
    heard: dict[str, int] = {}
    for (source, _), held in tracks.items():
        if len(held.held):
            heard[source] = max(heard.get(source, 0), int(held.held["at"].max()))
    last = sorted(heard, key=lambda source: (-heard[source], source))[:SOURCE_COUNT_MAX]
    return {key: held for key, held in tracks.items() if key[0] in last and len(held.held)}
