"""Where and when things were launched or come down, as each author says: the latest word of each track.

An estimate stands or falls with its row (W4): the latest is that of the latest row that had one, and it is shown as
long as the track is. Kept by the same rule as rows (`trackbook`): of what is kept and more, the latest of each.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from comity.warning.columns import concatenate
from comity.warning.layout import ESTIMATE, ROW
from comity.warning.motion import Ints

__all__ = ["ESTIMATED", "EstimateBook", "name_tracks"]

ESTIMATED: Final[np.dtype[np.void]] = np.dtype(
    [("estimate", ESTIMATE), ("author", "<i8"), ("track", "<u8"), ("number", "<u4"), ("at", "<i8")]
)
"""An estimate with the name of its track, and the number and instant of its row."""

Estimates = npt.NDArray[np.void]


class EstimateBook:
    """The estimates of one class."""

    def __init__(self) -> None:
        self._waiting: list[Estimates] = []
        self._kept: Estimates = np.empty(0, ESTIMATED)

    def take(self, author: int, rows: npt.NDArray[np.void], estimates: npt.NDArray[np.void]) -> None:
        """Take the estimates of a block's rows."""
        assert rows.dtype == ROW, "rows as they came"
        taken = np.empty(len(estimates), ESTIMATED)
        row = rows[estimates["row"]]
        taken["estimate"], taken["author"], taken["at"], taken["number"] = estimates, author, row["at"], row["number"]
        taken["estimate"]["row"] = 0
        taken["track"] = name_tracks(row)
        self._waiting.append(taken)

    def stand(self, instant: int, author: Ints, track: npt.NDArray[np.uint64], since: Ints) -> tuple[Estimates, Ints]:
        """Return the estimates of these tracks, and of which each is, in the order of tracks.

        `author` are numbers as taken, `since` the instant from which each track's life runs.
        """
        of = self.settle(instant, author, track)
        shown = np.flatnonzero(self._kept["at"] >= since[of])
        shown = shown[np.lexsort((self._kept["estimate"]["what"][shown], of[shown]))]
        return self._kept["estimate"][shown], of[shown]

    def settle(self, instant: int, author: Ints, track: npt.NDArray[np.uint64]) -> Ints:
        """Let go of all but the latest of these tracks, and of what is ahead; return of which each that is kept is."""
        held = concatenate([self._kept, *self._waiting], ESTIMATED)
        is_ahead = held["at"] > instant
        self._waiting = [held[is_ahead]] if is_ahead.any() else []
        held = held[~is_ahead]
        if not (len(held) and len(author)):
            self._kept = np.empty(0, ESTIMATED)
            return np.empty(0, np.int64)
        held = _keep_latest(held)
        of = _find_tracks(held, author, track)
        self._kept = held[of >= 0]
        return of[of >= 0]


def _keep_latest(held: Estimates) -> Estimates:
    """Keep the latest of each track and what is estimated; of copies and contradictions, the greater numbers."""
    said = held["estimate"]
    names = ("bearing", "semi_minor", "semi_major", "longitude", "latitude", "sigma_at", "at")
    order = np.lexsort(
        (*(said[name] for name in names), held["number"], held["at"], said["what"], held["track"], held["author"])
    )
    held = held[order]
    last = np.ones(len(held), np.bool_)
    last[:-1] = False
    for column in (held["author"], held["track"], held["estimate"]["what"]):
        last[:-1] |= column[1:] != column[:-1]
    return held[last]


def _find_tracks(held: Estimates, author: Ints, track: npt.NDArray[np.uint64]) -> Ints:
    """Return which of the tracks each estimate is of, or -1."""
    known, number = np.unique(track, return_inverse=True)
    key = author * len(known) + number
    order = np.argsort(key)
    place = np.minimum(np.searchsorted(known, held["track"]), len(known) - 1)
    wanted = held["author"] * len(known) + place
    found = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
    is_found = (known[place] == held["track"]) & (key[order][found] == wanted)
    return np.where(is_found, order[found], -1)


def name_tracks(rows: npt.NDArray[np.void]) -> npt.NDArray[np.uint64]:
    """Return one number for each row's track among its author's: of a single observation, the observation's own."""
    track = rows["track"].astype(np.uint64) << np.uint64(32)
    return np.where(track > 0, track, rows["number"])
