"""What a map draws of a situation: marks, one of each estimate, and one of each report where there is no estimate.

Rules
- Reports that contradict each other, or cannot be told apart, are marks side by side: nothing is drawn in between.
- A mark has a name that stays: of what object, and of which report in it. Numbers of words are the book's, which only
  grows, so that a name says the same in every situation.
- Marks are in the order of what may be left out last: live, stale, dropped; in it that of the situation.
"""

import enum
from collections.abc import Iterable
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from comity.warning.rows import Coarsening
from comity.warning.situation import IN_FULL, Situation

__all__ = ["MARK", "MOVING", "NAME", "REPORT", "Marks", "Shape", "WordBook", "make_marks"]

Array = npt.NDArray[np.void]
Word = TypeVar("Word")


class Shape(enum.IntEnum):
    """What a mark is of."""

    ESTIMATE = 0
    REPORT = 1
    """One of several that contradict each other, or the last of what was dropped."""
    SALVO = 2
    """One of several that cannot be told apart."""


NAME: Final[np.dtype[np.void]] = np.dtype(
    [
        ("class_", "<u2"),
        ("author", "<u2"),
        ("track", "<u4"),
        ("number", "<u4"),
        ("of_author", "<u2"),  # of the report; the object's own for an estimate
        ("of_track", "<u4"),
        ("of_number", "<u4"),
        ("is_estimate", "u1"),
    ]
)
"""What names a mark for as long as it is there."""

MOVING: Final = (
    ("seen", "<i4"),  # ms from the stream's beginning to the instant of the latest report
    ("latitude", "<i4"),
    ("longitude", "<i4"),
    ("altitude", "<i4"),
    ("velocity_east", "<i4"),
    ("velocity_north", "<i4"),
    ("velocity_up", "<i4"),
    ("sigma_east", "<u4"),
    ("sigma_north", "<u4"),
    ("rho_en", "<i2"),
    ("flags", "<u2"),
    ("kind", "<u2"),
    ("standing", "u1"),
    ("confidence", "u1"),
)
"""What of a mark changes as it moves, in the units of a row."""

FIXED: Final = (
    ("track", "<u4"),  # of the object's name
    ("number", "<u4"),
    ("of_track", "<u4"),
    ("of_number", "<u4"),
    ("count", "<u4"),  # of a salvo, how many are unresolved
    ("class_", "<u2"),
    ("author", "<u2"),
    ("of_author", "<u2"),
    ("told", "<u2"),
    ("conflict", "u1"),
    ("shape", "u1"),
)

MARK: Final[np.dtype[np.void]] = np.dtype([*MOVING, *FIXED])
"""One mark, packed."""

REPORT: Final[np.dtype[np.void]] = np.dtype([("mark", "<u4"), ("author", "<u2"), ("told", "<u2")])
"""Who reports what is estimated from several reports, by the place of its mark."""


class WordBook:
    """Numbers of words, given as they come and never again."""

    def __init__(self) -> None:
        self.classes: dict[str, int] = {}
        self.authors: dict[str, int] = {}
        self.told: dict[Coarsening, int] = {}

    @property
    def count(self) -> int:
        """How many words there are."""
        return len(self.classes) + len(self.authors) + len(self.told)

    def number(self, situation: Situation) -> tuple[npt.NDArray[np.intp], ...]:
        """Return the numbers of a situation's classes, authors and coarsenings, each by its place there."""
        return (
            _number_words(situation.classes, self.classes),
            _number_words(situation.authors, self.authors),
            _number_words(situation.coarsenings, self.told),
        )


def _number_words(words: Iterable[Word], book: dict[Word, int]) -> npt.NDArray[np.intp]:
    return np.array([book.setdefault(word, len(book)) for word in words], np.intp)


class Marks:
    """The marks of one situation."""

    def __init__(self, rows: Array, reports: Array) -> None:
        self.rows = rows
        self.reports = reports

    def name(self) -> Array:
        """Return the names, one for each mark."""
        names = np.empty(len(self.rows), NAME)
        for of in ("class_", "author", "track", "number", "of_author", "of_track", "of_number"):
            names[of] = self.rows[of]
        names["is_estimate"] = self.rows["shape"] == Shape.ESTIMATE
        return names


def make_marks(situation: Situation, book: WordBook, *, since: int) -> Marks:
    """Return the marks of a situation; `since` is the instant that the stream counts from."""
    classes, authors, told = book.number(situation)
    objects, members = situation.objects, situation.members
    is_estimated = objects["is_estimated"] == 1
    alone = np.flatnonzero(is_estimated)
    apart = np.flatnonzero(~is_estimated[members["object"]]) if len(members) else np.empty(0, np.intp)
    of_apart = members["object"][apart].astype(np.intp)
    rows = np.zeros(len(alone) + len(apart), MARK)
    estimates, reports = rows[: len(alone)], rows[len(alone) :]
    _copy_object(estimates, objects[alone], classes, authors)
    _copy_object(reports, objects[of_apart], classes, authors)
    firsts = objects["first_member"][alone].astype(np.intp)
    _copy_moving(estimates, objects[alone])
    estimates["seen"] = _clip(_find_latest(situation)[alone] - since)
    estimates["standing"] = objects["standing"][alone]
    estimates["told"] = _number_told(members["told"][firsts], told)
    estimates["of_author"], estimates["of_track"] = estimates["author"], estimates["track"]
    estimates["of_number"], estimates["shape"] = estimates["number"], Shape.ESTIMATE
    own = members[apart]
    _copy_moving(reports, own["row"])
    reports["seen"], reports["standing"] = _clip(own["row"]["at"] - since), own["standing"]
    reports["told"] = _number_told(own["told"], told)
    reports["of_author"], reports["of_track"] = authors[own["author"]], own["row"]["track"]
    reports["of_number"] = np.where(own["row"]["track"] == 0, own["row"]["number"], 0)
    reports["shape"] = np.where(objects["count"][of_apart] > 1, Shape.SALVO, Shape.REPORT)
    order = np.argsort(rows["standing"], kind="stable")
    return Marks(rows[order], _list_reports(situation, alone, np.argsort(order), authors, told))


def _copy_object(rows: Array, objects: Array, classes: npt.NDArray[np.intp], authors: npt.NDArray[np.intp]) -> None:
    rows["class_"], rows["author"] = classes[objects["class_"]], authors[objects["author"]]
    for name in ("track", "number", "count", "conflict"):
        rows[name] = objects[name]


def _copy_moving(rows: Array, of: Array) -> None:
    for name, _ in MOVING:
        if name not in ("seen", "standing"):
            rows[name] = of[name]


def _find_latest(situation: Situation) -> npt.NDArray[np.int64]:
    """Return of each object the instant of its latest report."""
    latest = np.zeros(len(situation.objects), np.int64)
    np.maximum.at(latest, situation.members["object"], situation.members["row"]["at"])
    return latest


def _list_reports(
    situation: Situation,
    alone: npt.NDArray[np.intp],
    places: npt.NDArray[np.intp],
    authors: npt.NDArray[np.intp],
    told: npt.NDArray[np.intp],
) -> Array:
    """Return who reports each estimate that rests on several reports."""
    mark_of = np.full(len(situation.objects), -1, np.int64)
    mark_of[alone] = places[: len(alone)]
    mark_of[situation.objects["member_count"] < 2] = -1  # one report is the mark's own
    of = situation.members[mark_of[situation.members["object"]] >= 0]
    found = np.empty(len(of), REPORT)
    found["mark"], found["author"] = mark_of[of["object"]], authors[of["author"]]
    found["told"] = _number_told(of["told"], told)
    in_order: Array = found[np.argsort(found["mark"], kind="stable")]
    return in_order


def _number_told(places: npt.NDArray[np.integer], told: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    is_full = places == IN_FULL
    known = np.array([*told, IN_FULL], np.intp)
    return known[np.where(is_full, len(told), places)]


def _clip(ms: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    limits = np.iinfo(np.int32)
    clipped: npt.NDArray[np.int64] = np.clip(ms, limits.min, limits.max)
    return clipped
