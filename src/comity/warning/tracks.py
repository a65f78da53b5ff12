"""The tracks that one source has of one class: the author's number of each, and where it was last.

Kept sorted by the source's own id, so that a whole batch is looked up at once; bounded, and what was not heard of for
as long as the class says is forgotten first.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base.instants import Instant
from comity.warning.rows import Rows

__all__ = ["RECENT_COUNT", "Tracks", "decode_tracks"]

RECENT_COUNT: Final = 8
"""Instants of each track that are remembered, so that an update that comes again is known by its own."""
NEVER: Final = -1

_HELD: Final = np.dtype(
    [
        ("id", "<u8"),
        ("number", "<u4"),
        ("count", "<u4"),
        ("at", "<i8"),
        ("latitude", "<i4"),
        ("longitude", "<i4"),
        ("sigma", "<u4"),
        ("recent", "<i8", (RECENT_COUNT,)),
    ]
)


class Tracks:
    """All tracks of a source and class."""

    def __init__(self, *, count_max: int) -> None:
        self.held: Rows = np.empty(0, _HELD)
        self._count_max = count_max

    def find(self, ids: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
        """Return the places of ids, and which of them are there."""
        places = np.searchsorted(self.held["id"], ids)
        inside = places < len(self.held)
        known = inside.copy()
        known[inside] = self.held["id"][places[inside]] == ids[inside]
        return places, known

    def admit(self, ids: npt.NDArray[np.uint64], *, first_number: int, gone_before: Instant) -> npt.NDArray[np.bool_]:
        """Begin tracks with these ids, none of which is there, ascending; return which of them found room.

        They are numbered from `first_number` on, in that order.
        """
        room = self._count_max - len(self.held)
        if len(ids) > room:
            self.held = self.held[self.held["at"] >= gone_before]
            room = self._count_max - len(self.held)
        found = np.arange(len(ids)) < room
        begun = np.zeros(int(found.sum()), _HELD)
        begun["id"] = ids[found]
        begun["number"] = first_number + np.arange(len(begun))
        begun["at"] = begun["recent"] = NEVER
        self._insert(begun)
        return found

    def put_back(self, ids: npt.NDArray[np.uint64], numbers: npt.NDArray[np.uint32]) -> None:
        """Have these ids the numbers that they were given before, with nothing known of them yet (W86)."""
        _, first = np.unique(ids[::-1], return_index=True)
        begun = np.zeros(len(first), _HELD)
        begun["id"], begun["number"] = ids[::-1][first], numbers[::-1][first]
        begun["at"] = begun["recent"] = NEVER
        self.end(begun["id"])
        self._insert(begun)

    def forget(self, gone_before: Instant) -> None:
        """Forget tracks that nothing was heard of since, and the oldest of those that have no room."""
        self.held = self.held[self.held["at"] >= gone_before]
        if len(self.held) > self._count_max:
            self.held = self.held[np.sort(np.argsort(self.held["at"], kind="stable")[-self._count_max :])]

    def encode(self) -> bytes:
        """Return all that is known of them, for `decode_tracks`."""
        return self.held.tobytes()

    def _insert(self, begun: Rows) -> None:
        """Take in tracks of ids that are not there, ascending."""
        self.held = np.insert(self.held, np.searchsorted(self.held["id"], begun["id"]), begun)

    def end(self, ids: npt.NDArray[np.uint64]) -> None:
        """Forget tracks: an update of such an id begins another one."""
        if len(ids):
            places, known = self.find(ids)
            self.held = np.delete(self.held, places[known])


def decode_tracks(raw: bytes, *, count_max: int) -> Tracks | None:
    """Return what `encode` said; None where another version did."""
    if len(raw) % _HELD.itemsize:
        return None
    tracks = Tracks(count_max=count_max)
    tracks.held = np.frombuffer(raw, _HELD).copy()
    return tracks
