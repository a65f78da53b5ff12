"""The guide to a first consultation, read for what it names: buttons, fields, headings, choices, keys."""

import re
from pathlib import Path
from typing import Final

__all__ = ["Guide"]

GUIDE: Final = Path(__file__).parents[2] / "docs" / "guide" / "first-consultation.md"
NAMED: Final = re.compile(r"\*\*([^*]+)\*\*|\*([^*]+)\*|`([A-Z])`")


class Guide:
    """What its sections from one number to another name in bold or italics, and every key; what was met is taken off.

    `left_out` are names of what the steps as they are walked never lead to; each must be named.
    """

    def __init__(self, first: int, last: int, *, left_out: frozenset[str]) -> None:
        sections = re.split(r"^## (\d+)\. ", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)
        text = " ".join(
            words for number, words in zip(sections[1::2], sections[2::2], strict=True) if first <= int(number) <= last
        )
        self.named = {" ".join("".join(found).split()) for found in NAMED.findall(text)}
        assert left_out <= self.named, f"the guide does not name {left_out - self.named}"
        self.left = self.named - left_out

    def meet(self, words: str) -> None:
        """Take a name off: it was found on a page. One that the guide does not name may be met too."""
        self.left.discard(words)
