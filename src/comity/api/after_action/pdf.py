"""The report as a PDF of A4 sheets, each with the realm's frame and every marking (docs/adr/0094).

Scripts of Japan and Korea are set in fonts that readers of PDF have by name and no file carries, so nothing has to be
fetched and none is embedded. The same report gives the same bytes.
"""

import io
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from markupsafe import escape
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as Grid

from comity.api.after_action.shapes import Bar, Drawing, Line, Shape, Word
from comity.api.after_action.sheet import Block, Heading, Remark, Sheet, Table, lay_out, read_frame
from comity.exercise.report import Report

__all__ = ["write_pdf"]

_LATIN: Final = "Helvetica"
_JAPANESE: Final = "HeiseiKakuGo-W5"
_KOREAN: Final = "HYGothic-Medium"
_HANGUL: Final = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]+")
_LATIN_1: Final = re.compile("[\u0000-\u00ff\u2013\u2014\u2018-\u201d\u2022\u2026\u20ac]+")
_WIDE: Final = re.compile("[\u1100-\uffff]")
_WEIGHT_MAX: Final = 40
_MARGIN: Final = 42.0
_HEAD: Final = 40.0
_TALL_MAX: Final = 620.0


def write_pdf(report: Report, earlier: Sequence[Report], language: str) -> bytes:
    """Write a report in a language, with earlier ones beside it in its plots."""
    for name in (_JAPANESE, _KOREAN):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    sheet, frame = lay_out(report, earlier, language), read_frame(report)
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN + _HEAD, bottomMargin=_MARGIN + 24,
        title=sheet.title, author="Comity", lang=language, invariant=1,
    )  # fmt: skip
    story = [_set(sheet.title, 17), Spacer(1, 8)]
    for block, after in itertools.zip_longest(sheet.blocks, sheet.blocks[1:]):
        story += _list_flowables(block, document.width, is_title=isinstance(after, Drawing))
    draw = _make_frame(sheet, frame)
    document.build(story, onFirstPage=draw, onLaterPages=draw)
    return out.getvalue()


def _make_frame(sheet: Sheet, frame: str) -> Callable[[Canvas, SimpleDocTemplate], None]:
    def draw(canvas: Canvas, document: SimpleDocTemplate) -> None:
        width, height = A4
        for top in (height - 22, 30):
            canvas.setFillColor(HexColor("#f5b82e"))
            canvas.rect(0, top - 8, width, 20, stroke=0, fill=1)
            canvas.setFillColor(HexColor("#1c1300"))
            _write_line(canvas, Word(width / 2, top - 1, frame, "middle", 9))
        canvas.setFillColor(HexColor("#1b1b1b"))
        _write_line(canvas, Word(width / 2, height - 44, sheet.banner[:160], "middle"))
        _write_line(canvas, Word(width - _MARGIN, 8, str(document.page), "end"))

    return draw


def _list_flowables(block: Block, width: float, *, is_title: bool) -> Iterator[Flowable]:
    match block:
        case Heading(text):
            yield Spacer(1, 10)
            yield _set(text, 12.5, keep_with_next=True)
        case Remark(text):
            yield _set(text, 9, keep_with_next=is_title)
        case Drawing():
            yield _Picture(block, width)
        case Table(headings, rows):
            if rows:
                yield _make_grid([headings, *rows] if headings else rows, width, is_list=not headings)


def _make_grid(rows: Sequence[Sequence[str]], width: float, *, is_list: bool) -> Grid:
    cells = [[_set(cell, 7.5) for cell in row] for row in rows]
    widths = [width * 0.3, width * 0.7] if is_list else _share_out(rows, width)
    grid = Grid(
        cells, colWidths=widths, repeatRows=0 if is_list else 1, hAlign="LEFT", spaceBefore=4, spaceAfter=6,
        splitInRow=1,
    )  # fmt: skip
    rules: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor("#d5d8dc")),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
    if not is_list:
        rules.append(("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor("#1b1b1b")))
    grid.setStyle(rules)
    return grid


def _share_out(rows: Sequence[Sequence[str]], width: float) -> list[float]:
    """Return the widths of columns: by their longest cells, none of which takes more than a long line does."""
    weights = [
        4 + min(_WEIGHT_MAX, max(len(cell) + len(_WIDE.findall(cell)) for cell in column))
        for column in zip(*rows, strict=True)
    ]
    return [width * weight / sum(weights) for weight in weights]


def _set(text: str, size: float, *, keep_with_next: bool = False) -> Paragraph:
    style = ParagraphStyle(
        "text", fontName=_LATIN, fontSize=size, leading=size * 1.35, spaceAfter=3, keepWithNext=keep_with_next,
        wordWrap=None if _LATIN_1.fullmatch(text) else "CJK",
    )  # fmt: skip
    runs = (f'<font name="{font}">{escape(run)}</font>' for font, run in _list_runs(text))
    return Paragraph("".join(runs), style)


def _list_runs(text: str) -> Iterator[tuple[str, str]]:
    """Yield pieces of a text with the font that has them."""
    for piece in re.split(f"({_HANGUL.pattern}|{_LATIN_1.pattern})", text):
        if piece:
            yield _LATIN if _LATIN_1.match(piece) else _KOREAN if _HANGUL.match(piece) else _JAPANESE, piece


def _write_line(canvas: Canvas, word: Word) -> None:
    """Write a line of text; its height counts from below."""
    runs, x, size = list(_list_runs(word.text)), word.x, word.size
    width = sum(pdfmetrics.stringWidth(run, font, size) for font, run in runs)
    x -= {"start": 0.0, "middle": width / 2, "end": width}[word.anchor]
    for font, run in runs:
        canvas.setFont(font, size)
        canvas.drawString(x, word.y, run)
        x += pdfmetrics.stringWidth(run, font, size)


class _Picture(Flowable):  # type: ignore[misc]
    """A drawing, as wide as the text and no taller than a sheet."""

    def __init__(self, drawing: Drawing, width: float) -> None:
        super().__init__()
        self._drawing, self._scale = drawing, min(1.0, width / drawing.width, _TALL_MAX / drawing.height)
        self.width, self.height = drawing.width * self._scale, drawing.height * self._scale + 6

    def draw(self) -> None:
        """Set each shape; on paper heights count from below."""
        self.canv.scale(self._scale, self._scale)
        for shape in self._drawing.shapes:
            _draw_shape(self.canv, shape, self._drawing.height)


def _draw_shape(canvas: Canvas, shape: Shape, height: float) -> None:
    match shape:
        case Line(x1, y1, x2, y2, ink, width):
            canvas.setStrokeColor(HexColor(ink))
            canvas.setLineWidth(width)
            canvas.line(x1, height - y1, x2, height - y2)
        case Bar(x, y, width, tall, ink):
            canvas.setFillColor(HexColor(ink))
            canvas.rect(x, height - y - tall, width, tall, stroke=0, fill=1)
        case Word(ink=ink):
            canvas.setFillColor(HexColor(ink))
            _write_line(canvas, replace(shape, y=height - shape.y))
