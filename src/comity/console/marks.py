"""Markings on a page: as their originator wrote them, with the names that the pact gives to levels and topics.

A foreign marking is never rewritten. How it is handled here stands beside it, in the own scheme and the own script.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from comity.api.titles import Titles
from comity.base.names import Party
from comity.pact.model import Pact
from comity.pact.release import find_level

__all__ = ["LevelWritten", "Mark", "show_level", "show_mark"]


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
    )
