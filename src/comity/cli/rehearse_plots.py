"""Plots of rehearsed scenarios: how fast what was reached, and the figures beside each other (R72)."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from comity.api.words import say
from comity.cli.rehearse_words import FIGURES, MINUTE_TICKS, say_of, say_stage
from comity.rehearsal.lean.outcome import STAGES
from comity.rehearsal.lean.plot import Line, Panel, Point, draw_panels
from comity.rehearsal.lean.summary import list_reached

if TYPE_CHECKING:
    from comity.cli.rehearse_scenario import Column

__all__ = ["draw_plots"]

_POINT_COUNT: Final = 120
_SHOWN: Final = (
    ("median", "acknowledged"),
    ("median", "agreed"),
    ("median", "matched"),
    ("reached", "agreed"),
    ("reached", "matched"),
    ("late", "acknowledgement"),
    ("withheld", ""),
)


def draw_plots(columns: Sequence["Column"], folder: Path, *, is_swept: bool) -> tuple[str, ...]:
    """Write the plots into a folder; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {"reached.svg": _draw_reached(columns)}
    if len(columns) > 1:
        drawn["figures.svg"] = _draw_figures(columns, is_swept=is_swept)
    for name, text in drawn.items():
        (folder / name).write_text(text, encoding="utf-8")
    return tuple(str(folder / name) for name in drawn)


def _draw_reached(columns: Sequence["Column"]) -> str:
    """Draw for each stage the share of all consultations that had reached it, by the time since the occurrence."""
    panels = []
    for stage in STAGES:
        lines = []
        for column in columns:
            times = list_reached(column.outcomes, stage)
            total = sum(len(run.answers) for run in column.outcomes)
            every = max(1, len(times) // _POINT_COUNT)
            points = [Point(max(1.0, times[place]), (place + 1) / total) for place in range(0, len(times), every)]
            if points:
                end = Point(times[-1], len(times) / total)
                lines.append(Line(column.label, (Point(1.0, 0.0), *points, end)))
        panels.append(Panel(say_stage(stage), tuple(lines), MINUTE_TICKS, is_x_log=True, y_max=1.0, is_share=True))
    return draw_panels(panels, title=say("Share of consultations that got there, by time since the occurrence"))


def _draw_figures(columns: Sequence["Column"], *, is_swept: bool) -> str:
    """Draw chosen figures with their intervals: against the swept value, or one pact beside the other."""
    xs = [column.variant.value if is_swept else number for number, column in enumerate(columns, 1)]
    ticks = tuple((float(x), str(x)) for x in xs)
    panels = []
    for name, of in (*_SHOWN, ("messages", "") if is_swept else ("lapsed", "")):
        points, unit = [], ""
        for x, column in zip(xs, columns, strict=True):
            figure = next((one for one in column.figures if one[:2] == (name, of)), None)
            if figure is not None and figure.value is not None:
                points.append((f"{x}. {column.label}", Point(float(x), figure.value, figure.low, figure.high)))
                unit = figure.unit
        if is_swept:
            lines = [Line("", tuple(point for _, point in points), has_marks=True)] if points else []
        else:
            lines = [Line(label, (point,), has_marks=True) for label, point in points]
        title = say(FIGURES[name]) + (f": {say_of(of)}" if of else "") + (" (min)" if unit == "minutes" else "")
        panels.append(Panel(title, tuple(lines), ticks, is_x_log=is_swept, is_share=unit == "share"))
    return draw_panels(panels, title=say("Figures with their intervals"))
