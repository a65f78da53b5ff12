"""A drawing as a list of shapes, and the same drawing as SVG; `pdf` sets these shapes on paper.

Lengths are points, from the left upper corner down. Texts are escaped; nothing refers to anything outside.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import escape

__all__ = ["Anchor", "Bar", "Drawing", "Line", "Shape", "Word", "write_svg"]

Anchor = str
"""`start`, `middle` or `end`."""


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    ink: str
    width: float = 0.75


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    ink: str


@dataclass(frozen=True, slots=True)
class Word:
    """A line of text; `y` is its baseline."""

    x: float
    y: float
    text: str
    anchor: Anchor = "start"
    size: float = 8
    ink: str = "#1b1b1b"


Shape = Line | Bar | Word


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing with what it shows in words."""

    width: float
    height: float
    shapes: Sequence[Shape]
    title: str


def write_svg(drawing: Drawing) -> str:
    """Write a drawing as an `svg` element that grows with the page."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(drawing.title)}" '
        f'viewBox="0 0 {_plain(drawing.width)} {_plain(drawing.height)}">' + "".join(_write(drawing.shapes)) + "</svg>"
    )


def _write(shapes: Sequence[Shape]) -> Iterator[str]:
    for shape in shapes:
        match shape:
            case Line(x1, y1, x2, y2, ink, width):
                yield (
                    f'<line x1="{_plain(x1)}" y1="{_plain(y1)}" x2="{_plain(x2)}" y2="{_plain(y2)}" '
                    f'stroke="{ink}" stroke-width="{_plain(width)}"/>'
                )
            case Bar(x, y, width, height, ink):
                yield (
                    f'<rect x="{_plain(x)}" y="{_plain(y)}" width="{_plain(width)}" height="{_plain(height)}" '
                    f'fill="{ink}"/>'
                )
            case Word(x, y, text, anchor, size, ink):
                yield (
                    f'<text x="{_plain(x)}" y="{_plain(y)}" text-anchor="{anchor}" font-size="{_plain(size)}" '
                    f'fill="{ink}">{escape(text)}</text>'
                )


_DECIMALS: Final = 2


def _plain(length: float) -> str:
    return f"{round(length, _DECIMALS):g}"
