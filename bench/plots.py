"""Draws the plots: SVG that is the same bytes for the same figures, with text as text."""

from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from bench.figure import Figure

__all__ = ["draw"]

INK: Final = ("#1f4e79", "#b3541e", "#3d7a4a")


def draw(figures: dict[str, Figure], folder: Path) -> list[str]:
    """Draw what has points; return the names of the files."""
    mpl.rcParams.update({"svg.hashsalt": "comity", "svg.fonttype": "none", "font.size": 9})
    drawn = []
    if "a" in figures:
        drawn.append(_draw_there(figures["a"], folder / "bench-statement.svg"))
    if "g" in figures:
        drawn.append(_draw_growth(figures["g"], folder / "bench-growth.svg"))
    return drawn


def _save(canvas: Canvas, path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas.savefig(path, metadata={"Date": None}, bbox_inches="tight")
    return path.name


def _draw_there(figure: Figure, path: Path) -> str:
    canvas = Canvas(figsize=(6, 3))
    axes = canvas.subplots()
    for (name, points), ink in zip(sorted(figure.points.items()), INK, strict=False):
        axes.plot([value for _, value in points], [share for share, _ in points], label=name, color=ink)
    axes.set_xlabel("milliseconds until it is there at both")
    axes.set_ylabel("share of statements")
    axes.set_xlim(left=0)
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    return _save(canvas, path)


def _draw_growth(figure: Figure, path: Path) -> str:
    canvas = Canvas(figsize=(9, 3))
    parts = canvas.subplots(1, 3)
    _plot(parts[0], figure, {"ms": "rehearsed, all machines", "real ms": "real nodes, p50"}, "ms for a statement")
    _plot(parts[1], figure, {"bytes": "statement", "bulk bytes": "entry of an import"}, "bytes on the wire")
    _plot(parts[2], figure, {"bulk ms": "rehearsed, all machines"}, "ms for an entry of an import")
    canvas.tight_layout()
    return _save(canvas, path)


def _plot(axes: Axes, figure: Figure, names: dict[str, str], title: str) -> None:
    for (name, label), ink in zip(names.items(), INK, strict=False):
        points = figure.points.get(name, [])
        axes.plot([count for count, _ in points], [value for _, value in points], marker="o", label=label, color=ink)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("parties")
    axes.set_title(title)
    axes.grid(visible=True, which="both", alpha=0.2)
    axes.legend()
