"""Trails: where tracks that are shown were before, so that a map that opens has them (docs/spec/warning.md, W39).

Of each track the last row of each step of time, counted from 1970; the step is a hundred-and-twentieth of the time
asked for, at least a second, and is doubled for all until there are no more than `POINT_COUNT_MAX` points. So the same
rows give the same bytes, whenever they came.

A trail frame is its length in four bytes and a body, all of it little-endian: a head (`TRAIL_HEAD`); words as JSON,
`{"classes": […], "authors": […]}`, filled up with blanks to a multiple of four bytes; the trails, column by column:
track u4, point_count u4, class u2, author u2, each filled up to a multiple of four bytes; the points of all trails, one
trail after the other and each by time, column by column: seen i4 (ms from the head's `since`), latitude i4, longitude
i4 (1e-7 degree). Class and author are places among the words; track is the author's number.
"""

import itertools
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base.instants import SECOND_MS
from comity.warning.frame import fill_up, join_parts, write_words
from comity.warning.rows import Block
from comity.warning.situation import Situation

__all__ = ["POINT_COUNT_MAX", "TRAIL_HEAD", "TrailBook"]

VERSION: Final = 1
STEP_COUNT: Final = 120
POINT_COUNT_MAX: Final = 250_000
"""Three megabytes."""
FRESH_ROW_COUNT: Final = 100_000
"""Rows after which what came is thinned."""

TRAIL_HEAD: Final[np.dtype[np.void]] = np.dtype(
    [
        ("version", "<u2"),
        ("unused", "<u2"),
        ("step_ms", "<u4"),
        ("at", "<i8"),
        ("since", "<i8"),
        ("word_size", "<u4"),
        ("trail_count", "<u4"),
        ("point_count", "<u4"),
        ("unused_too", "<u4"),
    ]
)
_POINT: Final[np.dtype[np.void]] = np.dtype(
    [("trail", "<i8"), ("at", "<i8"), ("number", "<i8"), ("is_full", "<i8"), ("latitude", "<i4"), ("longitude", "<i4")]
)
_Points = npt.NDArray[np.void]


class TrailBook:
    """The trails of the tracks of one situation, over the time before it."""

    def __init__(self, situation: Situation, *, since: int) -> None:
        self._at, self._since = situation.at, since
        self._step_ms = max(SECOND_MS, (situation.at - since) // STEP_COUNT)
        self._situation = situation
        names = sorted(
            {
                (situation.classes[class_], situation.authors[author], int(track))
                for class_, author, track in zip(
                    situation.objects["class_"][situation.members["object"]].tolist(),
                    situation.members["author"].tolist(),
                    situation.members["row"]["track"].tolist(),
                    strict=True,
                )
                if track
            }
        )
        self._names = names
        self._tracks: dict[tuple[str, str], tuple[npt.NDArray[np.int64], int]] = {}
        """Of each class and author the numbers of tracks, sorted, and the place of the first among the trails."""
        first = 0
        for (class_, author), of in itertools.groupby(names, key=lambda name: name[:2]):
            tracks = np.array([track for _, _, track in of], np.int64)
            self._tracks[class_, author] = tracks, first
            first += len(tracks)
        self._fresh: list[_Points] = []
        self._fresh_row_count = 0
        self._kept: _Points = np.empty(0, _POINT)

    def take(self, author: str, block: Block) -> None:
        """Take the rows of a block that are of tracks that are shown."""
        known = self._tracks.get((block.class_, author))
        if known is None:
            return
        tracks, first = known
        rows = block.rows
        track = rows["track"].astype(np.int64)
        place = np.minimum(np.searchsorted(tracks, track), len(tracks) - 1)
        is_shown = (tracks[place] == track) & (rows["at"] >= self._since) & (rows["at"] <= self._at)
        points = np.empty(int(is_shown.sum()), _POINT)
        points["trail"] = place[is_shown] + first
        points["is_full"] = block.coarsening is None
        for name in ("at", "number", "latitude", "longitude"):
            points[name] = rows[name][is_shown]
        self._fresh.append(points)
        self._fresh_row_count += len(points)
        if self._fresh_row_count > FRESH_ROW_COUNT:
            self._settle()

    def _settle(self) -> None:
        held = np.concatenate([self._kept, *self._fresh])
        self._fresh, self._fresh_row_count = [], 0
        order = np.lexsort(
            (held["longitude"], held["latitude"], held["is_full"], held["number"], held["at"], held["trail"])
        )
        held = held[order]
        while True:
            held = held[_find_last(held, self._step_ms)]
            if len(held) <= POINT_COUNT_MAX or self._step_ms >= 2 * (self._at - self._since):
                break
            self._step_ms *= 2
        self._kept = held

    def write(self) -> bytes:
        """Return the trails as a frame; a track that said nothing in that time has one of no points."""
        self._settle()
        places: dict[str, list[str]] = {
            "classes": sorted({class_ for class_, _, _ in self._names}),
            "authors": sorted({author for _, author, _ in self._names}),
        }
        words = write_words(places)
        head = np.zeros(1, TRAIL_HEAD)
        head["version"], head["step_ms"], head["at"], head["since"] = VERSION, self._step_ms, self._at, self._since
        head["word_size"], head["trail_count"], head["point_count"] = len(words), len(self._names), len(self._kept)
        counts = np.bincount(self._kept["trail"], minlength=len(self._names))
        columns = (
            np.array([track for _, _, track in self._names], "<u4"),
            counts.astype("<u4"),
            np.array([places["classes"].index(class_) for class_, _, _ in self._names], "<u2"),
            np.array([places["authors"].index(author) for _, author, _ in self._names], "<u2"),
            (self._kept["at"] - self._since).astype("<i4"),
            self._kept["latitude"],
            self._kept["longitude"],
        )
        return join_parts(head.tobytes(), words, *(fill_up(np.ascontiguousarray(one).tobytes()) for one in columns))


def _find_last(held: _Points, step_ms: int) -> npt.NDArray[np.bool_]:
    """Return which points are the last of their trail and step."""
    step = held["at"] // step_ms
    is_last = np.ones(len(held), np.bool_)
    is_last[:-1] = (held["trail"][1:] != held["trail"][:-1]) | (step[1:] != step[:-1])
    return is_last
