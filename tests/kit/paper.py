"""Pages as they are printed: what stands on each sheet of a PDF, and how high."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page
from pypdf import PageObject as PdfPage
from pypdf import PdfReader

__all__ = ["Line", "Printed", "print_page"]

READ_COUNT_MAX = 4
"""Reading takes longer than printing."""


@dataclass(frozen=True)
class Line:
    """Words that stand at one height of a sheet, without their blanks: fonts of the East are set letter by letter."""

    height: float
    words: str


@dataclass(frozen=True)
class Printed:
    """The lines of each sheet by its number, from head to foot; of a long print the first sheets and the last."""

    count: int
    sheets: dict[int, list[Line]]


def print_page(page: Page) -> Printed:
    """Print a page, as it is now, on A4."""
    found = PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    numbers = sorted({*range(1, len(found) + 1)[: READ_COUNT_MAX - 1], len(found)})
    return Printed(
        len(found), {at: sorted(_read_lines(found[at - 1]), key=lambda line: -line.height) for at in numbers}
    )


def _read_lines(sheet: PdfPage) -> Iterator[Line]:
    found: dict[float, list[str]] = {}

    def see(text: str, around: list[float], within: list[float], *_: Any) -> None:
        if text.strip():
            found.setdefault(round(within[5] * around[3] + around[5]), []).append(re.sub(r"\s", "", text))

    sheet.extract_text(visitor_text=see)
    for height, words in found.items():
        yield Line(height, "".join(words))
