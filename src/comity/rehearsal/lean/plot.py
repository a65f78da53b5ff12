"""Plots as SVG text: lines with their intervals, in panels side by side (R72).

The same figures give the same bytes. Colours can be told apart by those who see few, and each line has its own dashes.
Text is text, so that a reader's own fonts show every language.
"""

import html
import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

__all__ = ["Line", "Panel", "Point", "draw_panels"]

INK: Final = ("#1f4e79", "#b3541e", "#2f6b3c", "#6b3f87", "#8a6d00", "#444444")
DASHES: Final = ("", "7 3", "2 3", "9 3 2 3", "4 2", "1 2")
_WIDTH: Final = 440
_HEIGHT: Final = 270
_LEFT: Final = 56
_RIGHT: Final = 16
_TOP: Final = 34
_BOTTOM: Final = 42
_LEGEND_ROW: Final = 17


class Point(NamedTuple):
    """Where a line goes, and the interval of the value."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


class Line(NamedTuple):
    """One line; with `has_marks` each point is marked."""

    label: str
    points: tuple[Point, ...]
    has_marks: bool = False


class Panel(NamedTuple):
    """One plot. Ticks are drawn where they lie within what is shown; without any, they are chosen."""

    title: str
    lines: tuple[Line, ...]
    x_ticks: tuple[tuple[float, str], ...] = ()
    is_x_log: bool = False
    y_max: float | None = None
    is_share: bool = False


def draw_panels(panels: Sequence[Panel], *, title: str, columns: int = 2) -> str:
    """Return the panels as one SVG, with one legend below."""
    columns = min(columns, len(panels))
    rows = math.ceil(len(panels) / columns)
    labels = list(dict.fromkeys(line.label for panel in panels for line in panel.lines))
    legend = _LEGEND_ROW * len(labels) + 10 if any(labels) else 0
    width, height = columns * _WIDTH, rows * _HEIGHT + legend
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"',
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
        f"<title>{html.escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for place, panel in enumerate(panels):
        x, y = place % columns * _WIDTH, place // columns * _HEIGHT
        parts.append(f'<g transform="translate({x} {y})">{_draw_panel(panel, labels)}</g>')
    for place, label in enumerate(labels if legend else ()):
        y = rows * _HEIGHT + place * _LEGEND_ROW + 8
        parts.append(f'<path d="M{_LEFT} {y}h34"{_stroke(place)}/>')
        parts.append(f'<text x="{_LEFT + 44}" y="{y + 4}" fill="#222222">{html.escape(label)}</text>')
    return "\n".join((*parts, "</svg>", ""))


def _stroke(place: int) -> str:
    dashes = DASHES[place % len(DASHES)]
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f' fill="none" stroke="{INK[place % len(INK)]}" stroke-width="2"{dashed}'


def _draw_panel(panel: Panel, labels: list[str]) -> str:
    points = [point for line in panel.lines for point in line.points]
    parts = [f'<text x="{_LEFT}" y="20" font-weight="bold" fill="#222222">{html.escape(panel.title)}</text>']
    if not points:
        return parts[0]
    xs = [point.x for point in points]
    top = panel.y_max or max(max(point.high or 0, point.y) for point in points) * 1.08 or 1.0
    place_x = _make_scale(min(xs), max(xs), is_log=panel.is_x_log)
    across, down = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def at(x: float, y: float) -> tuple[float, float]:
        return round(_LEFT + place_x(x) * across, 1), round(_TOP + (1 - min(y, top) / top) * down, 1)

    for value in _list_ticks(top):
        _, y = at(min(xs), value)
        said = f"{value:.0%}" if panel.is_share else f"{value:g}"
        parts.append(f'<path d="M{_LEFT} {y}h{across}" stroke="#dddddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end" fill="#444444">{said}</text>')
    for value, said in panel.x_ticks:
        if min(xs) <= value <= max(xs):
            x, _ = at(value, 0)
            parts.append(f'<path d="M{x} {_TOP}v{down}" stroke="#eeeeee"/>')
            y = _TOP + down + 16
            parts.append(f'<text x="{x}" y="{y}" text-anchor="middle" fill="#444444">{html.escape(said)}</text>')
    parts.append(f'<path d="M{_LEFT} {_TOP}v{down}h{across}" fill="none" stroke="#666666"/>')
    for line in panel.lines:
        parts += _draw_line(line, labels.index(line.label), at)
    return "".join(parts)


def _draw_line(line: Line, place: int, at: Callable[[float, float], tuple[float, float]]) -> list[str]:
    ink = INK[place % len(INK)]
    path = "L".join(f"{x} {y}" for x, y in (at(point.x, point.y) for point in line.points))
    parts = [f'<path d="M{path}"{_stroke(place)}/>'] if len(line.points) > 1 else []
    for point in line.points:
        x, y = at(point.x, point.y)
        if point.low is not None and point.high is not None:
            _, low = at(point.x, point.low)
            _, high = at(point.x, point.high)
            parts.append(f'<path d="M{x} {low}V{high}M{x - 4} {low}h8M{x - 4} {high}h8" stroke="{ink}"/>')
        if line.has_marks:
            parts.append(f'<circle cx="{x}" cy="{y}" r="3.5" fill="{ink}"/>')
    return parts


def _make_scale(low: float, high: float, *, is_log: bool) -> Callable[[float], float]:
    """Return where between 0 and 1 a value lies; a little room is left at both ends where there are few values."""
    if high <= low:
        return lambda _: 0.5
    if is_log:
        low = max(low, 1e-9)
        span = math.log(high / low)
        return lambda x: 0.03 + 0.94 * math.log(max(x, low) / low) / span
    return lambda x: 0.03 + 0.94 * (x - low) / (high - low)


def _list_ticks(top: float) -> list[float]:
    step = 10 ** math.floor(math.log10(top))
    for part in (0.2, 0.5, 1.0, 2.0):
        if top / (step * part) <= 6:
            step *= part
            break
    return [round(step * n, 10) for n in range(int(top / step) + 1)]
