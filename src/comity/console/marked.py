"""Marked texts of an entry: the marking as its originator writes it, and its versions, the reader's first."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from comity.api.titles import Titles
from comity.base.names import Party
from comity.console.marks import Written, write_level
from comity.procedure.entry import MarkedText

__all__ = ["Marked", "list_marked"]


@dataclass(frozen=True, slots=True)
class Marked:
    """One text. `mark` is originator and level; `topics` and `caveats` in words; `versions` by language."""

    originator: Party
    mark: Written
    topics: tuple[str, ...]
    caveats: tuple[str, ...]
    versions: tuple[tuple[str, str], ...]


def list_marked(titles: Titles, value: object, language: str) -> Iterator[Marked]:
    """Yield every marked text within an entry, in the order of its fields."""
    if isinstance(value, MarkedText):
        yield _show(titles, value, language)
    elif isinstance(value, tuple):
        for element in value:
            yield from list_marked(titles, element, language)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from list_marked(titles, getattr(value, name), language)


def _show(titles: Titles, text: MarkedText, language: str) -> Marked:
    marking = text.marking
    rows = sorted(text.translations, key=lambda row: (row.language != language, row.language))
    return Marked(
        marking.originator,
        write_level(titles, marking),
        tuple(titles.title_of("topic", topic) for topic in marking.topics),
        marking.caveats,
        tuple((row.language, row.text) for row in rows),
    )
