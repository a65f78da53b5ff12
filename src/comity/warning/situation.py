"""What a picture shows at one instant: objects, who reports each, and one digest of it all.

Rules
- Columns of whole numbers, in the order of class, author, track: two nodes that folded the same rows hold the same
  bytes, and compare 32 of them (W50).
- Every report stands beside the object that it was given to, as its author said it. Where reports contradict each
  other, or cannot be told apart, there is no estimate of the object, and they stand side by side.
- When a report came is shown and stands in no digest: it differs from node to node.
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base.encoding import encode
from comity.base.names import Digest
from comity.crypto.suite import Suite
from comity.warning.layout import ESTIMATE, NOT_NAMED, ROW
from comity.warning.rows import Coarsening

__all__ = ["IN_FULL", "MEMBER", "OBJECT", "Conflict", "Delay", "Situation", "Stand", "TrackName"]


class Stand(enum.IntEnum):
    """How a track stands: heard of lately, not lately, or given up."""

    LIVE = 0
    STALE = 1
    DROPPED = 2


class Conflict(enum.IntFlag):
    """In what reports of one object contradict each other."""

    PLACE = 1
    KIND = 2


OBJECT: Final[np.dtype[np.void]] = np.dtype(
    [
        ("class_", "<u2"),  # index into the situation's classes
        ("author", "<u2"),  # of the first member, index into its authors
        ("track", "<u4"),
        ("number", "<u4"),  # of a single observation; 0 for a track
        ("standing", "u1"),
        ("conflict", "u1"),
        ("count", "<u4"),  # 1; of a salvo, how many are unresolved
        ("first_member", "<u4"),
        ("member_count", "<u4"),
        ("is_estimated", "u1"),  # whether the rest of the columns say anything
        ("latitude", "<i4"),
        ("longitude", "<i4"),
        ("altitude", "<i4"),
        ("velocity_east", "<i4"),
        ("velocity_north", "<i4"),
        ("velocity_up", "<i4"),
        ("sigma_east", "<u4"),
        ("sigma_north", "<u4"),
        ("sigma_up", "<u4"),
        ("rho_en", "<i2"),
        ("rho_eu", "<i2"),
        ("rho_nu", "<i2"),
        ("sigma_velocity", "<u4"),
        ("flags", "<u2"),
        ("kind", "<u2"),
        ("confidence", "u1"),
    ]
)
"""One object or salvo. The estimate holds at the situation's instant, in the units of a row."""

IN_FULL: Final = 0xFFFF
"""No coarsening."""

MEMBER: Final[np.dtype[np.void]] = np.dtype(
    [
        ("object", "<u4"),
        ("author", "<u2"),
        ("standing", "u1"),
        ("continues", "<u4"),  # the author's earlier track that this one goes on with; 0: none
        ("told", "<u2"),  # index into the situation's coarsenings, or IN_FULL
        ("row", ROW),  # as reported last; its sensor is an index into the situation's sensors
    ]
)
"""One report of an object."""


@dataclass(frozen=True, slots=True, order=True)
class TrackName:
    """The name of a track, or of a single observation by its number."""

    author: str
    track: int
    number: int = 0

    def __str__(self) -> str:
        return f"{self.author}-{self.track:04}" if self.track else f"{self.author}-0/{self.number}"


@dataclass(frozen=True, slots=True)
class Delay:
    """How long reports of one author took from their instant until they were here, in milliseconds.

    Of the last report of each track that is counted: the latest of all, the middle one, the longest. `late_count` are
    those that were stale when they came.
    """

    author: str
    latest_ms: int
    median_ms: int
    longest_ms: int
    late_count: int


@dataclass(frozen=True, eq=False)
class Situation:
    """The picture at an instant. Arrays are of `OBJECT`, `MEMBER` and `ESTIMATE`, whose `row` is a place in members.

    `received_at` has the instant of each member's last report here, `delays` what comes of it; neither is in a digest.
    """

    at: int
    classes: tuple[str, ...]
    authors: tuple[str, ...]
    sensors: tuple[str, ...]
    coarsenings: tuple[Coarsening, ...]
    objects: npt.NDArray[np.void]
    members: npt.NDArray[np.void]
    estimates: npt.NDArray[np.void]
    received_at: npt.NDArray[np.int64]
    delays: tuple[Delay, ...]

    def encode(self) -> bytes:
        """Return the bytes that are the same at every node with the same rows (W50)."""
        told = [(one.clause, one.coarsen_m, one.delay_ms) for one in self.coarsenings]
        arrays = [of.tobytes() for of in (self.objects, self.members, self.estimates)]
        return encode(("Situation", self.at, self.classes, self.authors, self.sensors, told, *arrays))

    def digest(self, suite: Suite) -> Digest:
        """Return the hash of those bytes."""
        return Digest(suite.hash(self.encode()))

    def name_object(self, place: int) -> TrackName:
        """Return the name of an object: that of its first member."""
        row = self.objects[place]
        return TrackName(self.authors[row["author"]], int(row["track"]), int(row["number"]))

    def name_member(self, place: int) -> TrackName:
        """Return the name of a member's track."""
        member = self.members[place]
        track = int(member["row"]["track"])
        return TrackName(self.authors[member["author"]], track, 0 if track else int(member["row"]["number"]))

    def find_told(self, place: int) -> Coarsening | None:
        """Return under which terms a member's author tells less than it knows; None where it tells all."""
        told = int(self.members[place]["told"])
        return None if told == IN_FULL else self.coarsenings[told]

    def find_sensor(self, place: int) -> str | None:
        """Return what saw a member's last report, if its author says so."""
        sensor = int(self.members[place]["row"]["sensor"])
        return None if sensor == NOT_NAMED else self.sensors[sensor]

    def iterate_members(self, place: int) -> Iterator[int]:
        """Yield the places of an object's members."""
        first = int(self.objects[place]["first_member"])
        yield from range(first, first + int(self.objects[place]["member_count"]))

    def count_objects(self, class_: str) -> int:
        """Return how many objects of a class there are that nobody has given up, salvos with all that are in them."""
        if class_ not in self.classes:
            return 0
        is_counted = self.objects["class_"] == self.classes.index(class_)
        is_counted &= self.objects["standing"] != Stand.DROPPED
        return int(self.objects["count"][is_counted].sum())


assert ESTIMATE.names is not None, "an estimate is structured"
assert ESTIMATE.names[0] == "row", "of which member it is stands first"
