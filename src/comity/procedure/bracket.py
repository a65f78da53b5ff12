"""Bracketed passages: what a party has not agreed to in a version, and the words that it would put there.

Rules (docs/spec/procedure.md, P74 and P75)
- A bracket is of one version and names one passage in one or more of its languages, by its first character and its end.
- It breaks nothing and holds nothing: a party that needs that breaks or holds. It shows where the text is still open.
- It stands until its author lifts it, or consents to the version; others may propose words for it.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import msgspec

from comity.base.limits import LANGUAGE_COUNT_MAX
from comity.base.names import Bytes32, Digest, Party
from comity.procedure.adoption import TextState
from comity.procedure.entry import Entry, EntryId, MarkedText
from comity.procedure.fields import LanguageField, check_ascending, check_languages
from comity.procedure.own import by_author, own_order, shown_order
from comity.procedure.stated import Stated
from comity.procedure.text import SilenceKept, TextAgreed, TextVersionProposed

__all__ = [
    "ENTRIES",
    "Bracket",
    "BracketLifted",
    "Passage",
    "PassageBracketed",
    "PassageWorded",
    "list_brackets",
]

Place = Annotated[int, msgspec.Meta(ge=0, le=16_384)]


class Passage(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Characters (code points) of one language version, from `first` up to `end`, which is not in it."""

    language: LanguageField
    first: Place
    end: Place


class _OfBracket(Entry, frozen=True):
    """What the entries about brackets share; not a type of its own."""

    procedural: ClassVar[bool] = True
    binding: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("text", "text")


class PassageBracketed(_OfBracket, frozen=True):
    """Its author has not agreed to this passage of a version."""

    text: EntryId
    version: Bytes32
    passages: Annotated[tuple[Passage, ...], msgspec.Meta(min_length=1, max_length=LANGUAGE_COUNT_MAX)]

    def __post_init__(self) -> None:
        check_ascending(tuple(passage.language for passage in self.passages))
        if any(not passage.first < passage.end for passage in self.passages):
            raise ValueError("a passage ends before it begins")


class PassageWorded(_OfBracket, frozen=True):
    """Words that its author would put in place of a bracketed passage."""

    procedural: ClassVar[bool] = False
    text: EntryId
    bracket: EntryId
    wording: MarkedText

    def __post_init__(self) -> None:
        check_languages(self.wording)


class BracketLifted(_OfBracket, frozen=True):
    """Its author's bracket is gone: the passage can stand."""

    text: EntryId
    bracket: EntryId


ENTRIES: tuple[type[Entry], ...] = (PassageBracketed, PassageWorded, BracketLifted)


@dataclass(frozen=True, slots=True)
class Bracket:
    """One bracket that fits its version. `wordings`: the last of each party that proposed words, by party."""

    party: Party
    version: Digest
    passages: tuple[Passage, ...]
    stated: Stated
    is_lifted: bool
    wordings: tuple[Stated, ...]


def list_brackets(state: TextState) -> tuple[Bracket, ...]:
    """Return every bracket that fits, in the order in which statements are shown, those of versions left behind too."""
    if state.pen is None:
        return ()
    versions = {version.digest: version.proposed for version in state.pen.versions}
    good = [row for row in state.statements if row.counts]
    own = by_author(good)
    return tuple(
        _make_bracket(row, row.entry, own[row.author], good)
        for row in sorted(good, key=shown_order)
        if isinstance(row.entry, PassageBracketed) and _fits(row.entry, versions.get(Digest(row.entry.version)))
    )


def _fits(bracket: PassageBracketed, proposed: Stated | None) -> bool:
    """Tell whether every passage lies in its language version."""
    if proposed is None:
        return False
    assert isinstance(proposed.entry, TextVersionProposed)
    sizes = {row.language: len(row.text) for row in proposed.entry.body.translations}
    return all(passage.end <= sizes.get(passage.language, -1) for passage in bracket.passages)


def _make_bracket(row: Stated, bracket: PassageBracketed, own: Sequence[Stated], good: Sequence[Stated]) -> Bracket:
    later = itertools.dropwhile(lambda one: own_order(one) <= own_order(row), own)
    wordings: dict[Party, Stated] = {}
    for one in sorted(good, key=own_order):
        if isinstance(one.entry, PassageWorded) and one.entry.bracket == row.id:
            wordings[one.author] = one
    return Bracket(
        party=row.author,
        version=Digest(bracket.version),
        passages=bracket.passages,
        stated=row,
        is_lifted=any(_lifts(one.entry, row, bracket) for one in later),
        wordings=tuple(wordings[party] for party in sorted(wordings)),
    )


def _lifts(entry: Entry, row: Stated, bracket: PassageBracketed) -> bool:
    match entry:
        case BracketLifted(bracket=named):
            return named == row.id
        case TextAgreed(version=version) | SilenceKept(version=version):
            return version == bracket.version
        case _:
            return False
