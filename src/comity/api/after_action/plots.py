"""The plots of an after-action report: the course of the play, and what each party took, beside earlier exercises."""

from collections.abc import Iterator, Sequence
from typing import Final

from comity.api.after_action.shapes import Bar, Drawing, Line, Shape, Word
from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import HOUR_MS, MINUTE_MS
from comity.exercise.course import Outcome
from comity.exercise.offset import format_offset
from comity.exercise.report import Report
from comity.exercise.times import Measured, Typical

__all__ = ["draw_course", "draw_times"]

WIDTH: Final = 520.0
_LEFT: Final = 92.0
_RIGHT: Final = 64.0
_ROW: Final = 20.0
_TOP: Final = 16.0
_GREY: Final = "#9aa0a6"
_PALE: Final = "#d5d8dc"
_INK: Final = "#1f4e79"
_OUTCOMES: Final = {
    Outcome.IN_TIME.value: "#2e7d4f",
    Outcome.LATE.value: "#b3541e",
    Outcome.MISSED.value: "#b3261e",
}
_STEPS_MS: Final = tuple(
    step * unit for unit, steps in ((MINUTE_MS, (1, 2, 5, 10, 30)), (HOUR_MS, (1, 2, 6, 12, 24, 72, 168)))
    for step in steps
)  # fmt: skip
_TICK_COUNT_MAX: Final = 8


def draw_course(report: Report) -> Drawing:
    """Draw exercise time from left to right: control, injects, and for each party what it was expected to do."""
    end_ms = max([report.played_ms, MINUTE_MS, *(row.time_ms for row in report.moments)])
    scale = _Scale(end_ms)
    rows = [say("Control"), say("Injects"), *report.audience]
    bottom = _TOP + _ROW * len(rows)
    shapes: list[Shape] = list(_draw_axis(scale, bottom))
    for index, name in enumerate(rows):
        y = _TOP + _ROW * index + _ROW / 2
        shapes += [Line(_LEFT, y, WIDTH - _RIGHT, y, _PALE), Word(_LEFT - 6, y + 3, name, "end")]
    for moment in report.moments:
        is_inject = bool(moment.number)
        x, y = scale.place(moment.time_ms), _TOP + _ROW * (1 if is_inject else 0)
        if moment.type == "BreakoutDeclared":
            shapes.append(Line(x, _TOP, x, bottom, _OUTCOMES[Outcome.MISSED.value], 1.25))
        shapes.append(Bar(x - 1, y + 4, 2, _ROW - 8, _INK if is_inject else "#000000"))
        if is_inject:
            shapes.append(Word(x + 2, y + 8, moment.number, size=6))
    for inject in report.injects:
        for came in inject.came:
            since_ms = inject.fired_ms
            until_ms = since_ms + max(came.after_ms, 0)
            y = _TOP + _ROW * rows.index(came.party) + 6 if came.party in rows else bottom
            ink = _OUTCOMES.get(came.outcome, _GREY)
            x = scale.place(since_ms)
            shapes.append(Bar(x, y, max(scale.place(until_ms) - x, 3), _ROW - 12, ink))
    return Drawing(WIDTH, bottom + 18, shapes, say("The course of the exercise, by exercise time"))


def draw_times(report: Report, earlier: Sequence[Report]) -> list[Drawing]:
    """Draw for each kind of time one bar a party, its median, and below it those of earlier exercises."""
    found = []
    for measured in Measured:
        rows = [row for row in report.typical if row.measured is measured]
        if rows:
            found.append(_draw_bars(measured, rows, earlier))
    return found


def _draw_bars(measured: Measured, rows: Sequence[Typical], earlier: Sequence[Report]) -> Drawing:
    bars: list[tuple[Typical, str, str]] = []
    for row in rows:
        bars.append((row, row.party, _INK))
        for report in earlier:
            bars += [(old, report.name, _GREY) for old in report.typical
                     if (old.measured, old.party) == (row.measured, row.party)]  # fmt: skip
    scale = _Scale(max([row.median_ms for row, _, _ in bars] + [MINUTE_MS]))
    bottom = _TOP + 14.0 * len(bars)
    shapes: list[Shape] = list(_draw_axis(scale, bottom))
    for index, (row, name, ink) in enumerate(bars):
        y = _TOP + 14.0 * index
        shapes.append(Word(_LEFT - 6, y + 9, name, "end", ink="#1b1b1b" if ink == _INK else "#5f6368"))
        if row.median_ms < 0:
            shapes.append(Word(_LEFT + 3, y + 9, say("not found"), ink=_OUTCOMES[Outcome.MISSED.value]))
            continue
        shapes.append(Bar(_LEFT, y + 2, max(scale.place(row.median_ms) - _LEFT, 1), 9, ink))
        shapes.append(Word(scale.place(row.median_ms) + 3, y + 9, format_offset(row.median_ms), size=7))
    return Drawing(WIDTH, bottom + 18, shapes, say_term(measured))


class _Scale:
    """Where an exercise time stands, and at which times the axis has marks."""

    def __init__(self, end_ms: int) -> None:
        self.end_ms = end_ms

    def place(self, time_ms: int) -> float:
        """Return how far from the left a time stands."""
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * min(time_ms, self.end_ms) / self.end_ms

    def list_marks(self) -> range:
        """Return the times that are marked: at most eight, in round steps."""
        step = next((step for step in _STEPS_MS if self.end_ms // step <= _TICK_COUNT_MAX), self.end_ms)
        return range(0, self.end_ms + 1, step)


def _draw_axis(scale: _Scale, bottom: float) -> Iterator[Shape]:
    for time_ms in scale.list_marks():
        x = scale.place(time_ms)
        yield Line(x, _TOP - 4, x, bottom, _PALE, 0.5)
        yield Word(x, bottom + 11, format_offset(time_ms), "middle", 7)
