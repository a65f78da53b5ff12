"""Field types that the entries share, and the checks that no type can express.

Rules: an id has no room for prose (so that a procedural entry can't carry free text past the release funnel); a set
is written sorted and without repetition, so that it has one form; "none" is an empty tuple or, for an instant, `NEVER`.
"""

import enum
import itertools
from collections.abc import Sequence
from typing import Annotated

import msgspec

from comity.base.limits import AUDIENCE_COUNT_MAX, CITATION_COUNT_MAX, LANGUAGE_COUNT_MAX
from comity.base.names import PARTY_PATTERN, Party
from comity.procedure.entry import EntryId, MarkedText

__all__ = [
    "Citations",
    "ClauseField",
    "IdField",
    "LanguageField",
    "Languages",
    "Level",
    "OptionalCitation",
    "Parties",
    "PartyField",
    "Precedence",
    "check_ascending",
    "check_languages",
    "check_window",
]

IdField = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,47}\Z")]
"""An id that the pact or a deployment defines: a role, an officer's pseudonym, a channel, a target."""

ClauseField = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,47}(\.[A-Za-z0-9][A-Za-z0-9_-]{0,47}){0,3}\Z")
]
"""A clause id of the pact."""

PartyField = Annotated[Party, msgspec.Meta(pattern=rf"^{PARTY_PATTERN}\Z")]
Parties = Annotated[tuple[PartyField, ...], msgspec.Meta(max_length=AUDIENCE_COUNT_MAX)]
Citations = Annotated[tuple[EntryId, ...], msgspec.Meta(max_length=CITATION_COUNT_MAX)]
OptionalCitation = Annotated[tuple[EntryId, ...], msgspec.Meta(max_length=1)]
LanguageField = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}\Z")]
Languages = Annotated[tuple[LanguageField, ...], msgspec.Meta(min_length=1, max_length=LANGUAGE_COUNT_MAX)]
"""BCP 47 tags, ascending."""


class Level(enum.StrEnum):
    """At which level of government parties speak; highest first."""

    LEADERS = "leaders"
    MINISTERS = "ministers"
    ADVISERS = "advisers"
    SENIOR_OFFICIALS = "senior-officials"
    WORKING = "working"
    WATCH = "watch"


class Precedence(enum.StrEnum):
    """Order of handling of a message; highest first."""

    FLASH = "flash"
    IMMEDIATE = "immediate"
    PRIORITY = "priority"
    ROUTINE = "routine"


def check_ascending(*sets: Sequence[str] | Sequence[bytes]) -> None:
    """Refuse sets that are not sorted without repetition; raises ValueError, which decoding turns into its code."""
    for values in sets:
        if any(not a < b for a, b in itertools.pairwise(values)):  # type: ignore[operator]
            raise ValueError("a set is not in ascending order")


def check_languages(text: MarkedText) -> None:
    """Refuse a text without a language version, or with two in one language."""
    languages = tuple(version.language for version in text.translations)
    msgspec.convert(languages, Languages)
    check_ascending(languages)


def check_window(*, starts_at: int, ends_at: int) -> None:
    """Refuse a window that ends before it starts. `starts_at` is inside, `ends_at` is not."""
    if not starts_at < ends_at:
        raise ValueError("a window ends before it starts")
