"""Frames: what a map is sent of the picture, as columns that it lays straight into its buffers.

A frame is its length in four bytes and a body, all of it little-endian: a head, the words as JSON filled up with
blanks, then tables, column by column, each table's widest columns first and filled up to a multiple of four bytes:
marks that are new or no longer what they were, marks that moved, who reports the former, slots that are gone. A mark
has a slot for as long as it is there; slots that are gone are free before the frame's new marks take theirs.
`web/src/frames.ts` reads it.

Rules
- The first frame of a stream holds everything, and so does any that follows a frame that was not made for its reader.
  It has the number that the change after it goes on from.
- What did not change is not said again. Applied one after the other, frames leave what the last situation alone gives.
- A frame holds at most `MARK_COUNT_MAX` marks: who reports what moves now stands before what is stale or dropped; how
  many were left out is in its head.
"""

import enum
import heapq
import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from comity.warning.marks import MARK, MOVING, REPORT, Array, Marks, WordBook, make_marks
from comity.warning.situation import Situation

__all__ = [
    "FRAME_SIZE_BYTES_MAX",
    "HEAD",
    "MARK_COUNT_MAX",
    "TABLES",
    "FrameWriter",
    "What",
    "fill_up",
    "join_parts",
    "write_words",
]

VERSION: Final = 1
MARK_COUNT_MAX: Final = 50_000
REPORT_COUNT_MAX: Final = 4 * MARK_COUNT_MAX
FRAME_SIZE_BYTES_MAX: Final = 16 * 1024 * 1024
LENGTH_SIZE_BYTES: Final = 4
LIFE_MS: Final = 7 * 24 * 60 * 60 * 1000
"""How long a stream goes on before all is said again: instants are counted from its beginning."""


class What(enum.IntEnum):
    """Whether a frame holds everything."""

    WHOLE = 1
    CHANGE = 2


HEAD: Final[np.dtype[np.void]] = np.dtype(
    [
        ("version", "<u2"),
        ("what", "<u2"),
        ("number", "<u4"),  # of the frame in its stream, from 0
        ("at", "<i8"),  # the situation's instant
        ("since", "<i8"),  # what `seen` counts from
        ("word_size", "<u4"),
        ("new_count", "<u4"),
        ("moved_count", "<u4"),
        ("report_count", "<u4"),
        ("gone_count", "<u4"),
        ("left_out_count", "<u4"),
    ]
)
_MOVED: Final[np.dtype[np.void]] = np.dtype([("slot", "<u4"), *MOVING])
_NEW: Final[np.dtype[np.void]] = np.dtype([("slot", "<u4"), *MARK.descr])
_REPORT: Final[np.dtype[np.void]] = np.dtype([("slot", "<u4"), *REPORT.descr[1:]])
TABLES: Final = {"new": _NEW, "moved": _MOVED, "report": _REPORT, "gone": np.dtype([("slot", "<u4")])}
_MOVING: Final = [name for name, _ in MOVING]
_STAYING: Final = [name for name in MARK.names or () if name not in _MOVING]


class FrameWriter:
    """Writes the frames of one stream."""

    def __init__(self) -> None:
        self._book = WordBook()
        self._last: Array = np.zeros(1, HEAD)
        """The head of the last frame."""
        self._free: list[int] = []
        self._forget()

    def _forget(self) -> None:
        self._number, self._since, self._said_words = 0, 0, 0
        self._slots: dict[bytes, int] = {}
        self._rows = np.empty(0, MARK)
        """By slot."""
        self._reports: dict[bytes, bytes] = {}
        self._free.clear()

    def write(self, situation: Situation, *, is_whole: bool = False) -> bytes:
        """Return the next frame: what changed since the last one, or everything."""
        if is_whole or self._number == 0 or situation.at - self._since > LIFE_MS:
            self._forget()
            self._since = situation.at
        marks = make_marks(situation, self._book, since=self._since)
        left_out = max(0, len(marks.rows) - MARK_COUNT_MAX)
        rows = marks.rows[:MARK_COUNT_MAX]
        names = [name.tobytes() for name in marks.name()[:MARK_COUNT_MAX]]
        gone = sorted(self._free_slots(set(names)))
        is_known = np.array([name in self._slots for name in names], np.bool_)
        slots = np.array([self._find_slot(name) for name in names], np.intp)
        self._grow(len(slots) and int(slots.max()) + 1)
        reports = _split_reports(marks, names)
        is_told_anew = np.array([self._reports.get(name, b"") != reports.get(name, b"") for name in names], np.bool_)
        stays = is_known & ~is_told_anew & (self._rows[slots][_STAYING] == rows[_STAYING])
        moved = stays & (self._rows[slots][_MOVING] != rows[_MOVING])
        self._rows[slots], self._reports = rows, reports
        tables = {
            "new": _fill(_NEW, slots[~stays], rows[~stays]),
            "moved": _fill(_MOVED, slots[moved], rows[moved]),
            "report": _list_reports(reports, names, slots, ~stays),
            "gone": _fill(TABLES["gone"], np.array(gone, np.intp), np.empty(len(gone), MARK)),
        }
        return self._end(situation, tables, left_out)

    def repeat(self) -> bytes:
        """Return all that the frames so far have said, as one: whoever reads it goes on with the next change."""
        assert self._number > 0, "something was said"
        names = list(self._slots)
        slots = np.array(list(self._slots.values()), np.intp)
        tables = {
            "new": _fill(_NEW, slots, self._rows[slots]),
            "moved": np.empty(0, _MOVED),
            "report": _list_reports(self._reports, names, slots, np.ones(len(names), np.bool_)),
            "gone": np.empty(0, TABLES["gone"]),
        }
        return _put_together(self._last.copy(), What.WHOLE, _write_words(self._book), tables)

    def _free_slots(self, names: set[bytes]) -> list[int]:
        gone = [self._slots.pop(name) for name in [name for name in self._slots if name not in names]]
        for slot in gone:
            heapq.heappush(self._free, slot)
        return gone

    def _find_slot(self, name: bytes) -> int:
        slot = self._slots.get(name)
        if slot is None:
            slot = self._slots[name] = heapq.heappop(self._free) if self._free else len(self._slots)
        return slot

    def _grow(self, count: int) -> None:
        if count > len(self._rows):
            rows = np.zeros(max(count, 2 * len(self._rows)), MARK)
            rows[: len(self._rows)] = self._rows
            self._rows = rows

    def _end(self, situation: Situation, tables: dict[str, Array], left_out: int) -> bytes:
        words = b""
        if self._book.count != self._said_words or self._number == 0:
            self._said_words = self._book.count
            words = _write_words(self._book)
        head = np.zeros(1, HEAD)
        head["version"], head["number"] = VERSION, self._number
        head["at"], head["since"], head["left_out_count"] = situation.at, self._since, left_out
        self._last = head.copy()
        what = What.CHANGE if self._number else What.WHOLE
        self._number += 1
        return _put_together(head, what, words, tables)


def _put_together(head: Array, what: What, words: bytes, tables: dict[str, Array]) -> bytes:
    head["what"], head["word_size"] = what, len(words)
    for name, table in tables.items():
        head[f"{name}_count"] = len(table)
    frame = join_parts(head.tobytes(), words, *map(_write_columns, tables.values()))
    assert len(frame) <= FRAME_SIZE_BYTES_MAX + LENGTH_SIZE_BYTES, "marks, reports and words are bounded"
    return frame


def _fill(layout: "np.dtype[np.void]", slots: npt.NDArray[np.intp], rows: Array) -> Array:
    table = np.empty(len(slots), layout)
    table["slot"] = slots
    for name in (layout.names or ())[1:]:
        table[name] = rows[name]
    return table


def _split_reports(marks: Marks, names: list[bytes]) -> dict[bytes, bytes]:
    """Return of each mark with several reports who reports it, as packed author and coarsening."""
    found: dict[bytes, bytes] = {}
    reports = marks.reports[:REPORT_COUNT_MAX]
    plain = np.ascontiguousarray(reports[["author", "told"]].astype([("author", "<u2"), ("told", "<u2")]))
    places, firsts = np.unique(reports["mark"], return_index=True)
    ends = np.append(firsts[1:], len(reports))[: len(firsts)]
    for place, first, end in zip(places, firsts, ends, strict=True):
        if place < len(names):
            found[names[place]] = plain[first:end].tobytes()
    return found


def _list_reports(
    reports: dict[bytes, bytes], names: list[bytes], slots: npt.NDArray[np.intp], is_new: npt.NDArray[np.bool_]
) -> Array:
    parts = []
    for place in np.flatnonzero(is_new):
        if (told := reports.get(names[place])) is not None:
            rows = np.frombuffer(told, [("author", "<u2"), ("told", "<u2")])
            part = np.empty(len(rows), _REPORT)
            part["slot"], part["author"], part["told"] = slots[place], rows["author"], rows["told"]
            parts.append(part)
    return np.concatenate(parts) if parts else np.empty(0, _REPORT)


def _write_words(book: WordBook) -> bytes:
    told = [[one.clause, one.coarsen_m, one.delay_ms] for one in book.told]
    return write_words({"classes": [*book.classes], "authors": [*book.authors], "told": told})


def _write_columns(table: Array) -> bytes:
    """Return a table's columns, the widest first, so that each lies where its width asks for it."""
    names = table.dtype.names or ()
    ordered = sorted(names, key=lambda name: -table.dtype[name].itemsize)
    return fill_up(b"".join(np.ascontiguousarray(table[name]).tobytes() for name in ordered))


def write_words(words: Mapping[str, Any]) -> bytes:
    """Return the words of a frame: JSON, filled up."""
    return fill_up(json.dumps(words, separators=(",", ":")).encode(), b" ")


def fill_up(raw: bytes, filler: bytes = b"\0") -> bytes:
    """Return bytes filled up to a multiple of four, so that what comes after lies where its width asks for it."""
    return raw + filler * (-len(raw) % 4)


def join_parts(*parts: bytes) -> bytes:
    """Return a frame of these parts: its length, then they."""
    body = b"".join(parts)
    return len(body).to_bytes(LENGTH_SIZE_BYTES, "little") + body
