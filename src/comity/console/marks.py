"""Markings on a page: as their originator wrote them, with the names that the pact gives to levels and topics.

A foreign marking is never rewritten. How it is handled here stands beside it, in the own scheme and the own script.

Each marking on a page tells in its element whose it is, its level and how high that is, and its caveats: the sheet that
the page is printed on bears the highest of them (`comity.console.paper`).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from markupsafe import Markup

from comity.api.titles import Titles
from comity.base.names import Party
from comity.pact.model import Pact
from comity.pact.release import find_level
from comity.procedure.entry import Marking

__all__ = ["LevelWritten", "Mark", "Written", "format_mark", "read_mark", "show_level", "show_mark", "write_level"]


class Written(str):
    """A marking in words. A page has it in an element that tells what it is."""

    __slots__ = ("told",)
    told: Markup

    @classmethod
    def make(cls, words: str, told: Markup) -> Self:
        """Write a marking in words."""
        made = cls(words)
        made.told = told
        return made

    def say_after(self, words: str) -> Self:
        """Return it with words before it."""
        return self.make(f"{words}{self}", self.told)

    def __html__(self) -> str:
        return Markup("<span {}>{}</span>").format(self.told, str(self))


def _tell(titles: Titles, originator: Party, level: str, caveats: tuple[str, ...]) -> Markup:
    """Return the attributes of an element that holds a marking."""
    form = 'data-rank="{}" data-of="{}" data-level="{}" data-caveats="{}"'
    words = titles.title_of("level", level)
    return Markup(form).format(titles.rank_of(level), originator, words, "|".join(caveats))  # noqa: S704 -- escaped as it is filled in


def write_level(titles: Titles, marking: Marking) -> Written:
    """Return originator and level as the originator writes it."""
    words = f"{marking.originator} · {titles.title_of('level', marking.level)}"
    return Written.make(words, _tell(titles, marking.originator, marking.level, marking.caveats))


def format_mark(titles: Titles, marking: Marking) -> Written:
    """Return a marking as its originator writes it, with its topics and caveats."""
    topics = [titles.title_of("topic", topic) for topic in marking.topics]
    parts = [marking.originator, titles.title_of("level", marking.level), ", ".join(topics), *marking.caveats]
    told = _tell(titles, marking.originator, marking.level, marking.caveats)
    return Written.make(" · ".join(part for part in parts if part), told)


def read_mark(marking: Mapping[str, Any]) -> Marking:
    """Return a marking of which a view has the JSON form."""
    return Marking(
        marking["originator"], marking["scheme"], marking["level"], tuple(marking["topics"]), tuple(marking["caveats"])
    )


class LevelWritten(NamedTuple):
    """A level as its party writes it; `romanised` is empty where it is written in Latin letters anyway."""

    id: str
    local: str
    romanised: str
    language: str


class Mark(NamedTuple):
    """A marking for people. `topics` are titles in the reader's language, `caveats` as they were written."""

    originator: Party
    level: LevelWritten
    topics: tuple[str, ...]
    caveats: tuple[str, ...]
    told: Markup


def show_level(pact: Pact, level_id: str) -> LevelWritten:
    """Return a level in its own words; an id that the pact does not have stands alone."""
    found = find_level(pact, level_id)
    if found is None:
        return LevelWritten(level_id, level_id, "", "")
    level = found[1]
    return LevelWritten(
        level.id, level.local, "" if level.local == level.romanised else level.romanised, level.language
    )


def show_mark(pact: Pact, marking: Mapping[str, Any], titles: Titles) -> Mark:
    """Return a marking, as the API shows it, for people."""
    return Mark(
        marking["originator"],
        show_level(pact, marking["level"]),
        tuple(titles.title_of("topic", topic) for topic in marking["topics"]),
        tuple(marking["caveats"]),
        _tell(titles, marking["originator"], marking["level"], tuple(marking["caveats"])),
    )
