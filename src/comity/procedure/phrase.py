"""Messages in standard phrases: sent as the phrase's clause and what fills its gaps, read by each in his own language.

Rules (docs/spec/procedure.md, P70 and P71)
- The words are the pact's. What is sent holds parties, instants and numbers only, so it is procedural and always goes.
- It opens a message as any other does: delivered, read, acknowledged and read back are facts of their own.
- A phrase is read back as a phrase; it matches if phrase and gaps are those that were sent.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final

import msgspec

from comity.pact.phrase import Phrase, count_gaps, list_versions
from comity.procedure.entry import Entry, EntryId, InstantField
from comity.procedure.fields import ClauseField, Level, OptionalCitation, PartyField, Precedence

__all__ = ["ENTRIES", "GAP_COUNT_MAX", "Filled", "PhraseReadBack", "PhraseSent", "fill", "has_gaps_of"]

GAP_COUNT_MAX: Final = 4
NUMBER_MAX: Final = 999_999_999


class Filled(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A phrase of the pact with its gaps filled, those of each kind in their order."""

    phrase: ClauseField
    parties: Annotated[tuple[PartyField, ...], msgspec.Meta(max_length=GAP_COUNT_MAX)]
    instants: Annotated[tuple[InstantField, ...], msgspec.Meta(max_length=GAP_COUNT_MAX)]
    numbers: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=0, le=NUMBER_MAX)], ...], msgspec.Meta(max_length=GAP_COUNT_MAX)
    ]


class PhraseSent(Entry, frozen=True):
    """Its author sends a standard phrase on `channel`, a hotline of the pact."""

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("message", "")
    channel: ClauseField
    level: Level
    precedence: Precedence
    consultation: OptionalCitation
    answers: OptionalCitation
    filled: Filled


class PhraseReadBack(Entry, frozen=True):
    """The receiver repeats the phrase as it was read."""

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("message", "message")
    message: EntryId
    filled: Filled


ENTRIES: tuple[type[Entry], ...] = (PhraseSent, PhraseReadBack)


def has_gaps_of(filled: Filled, phrase: Phrase) -> bool:
    """Tell whether as many gaps of each kind are filled as the phrase has."""
    counts = {"party": len(filled.parties), "at": len(filled.instants), "number": len(filled.numbers)}
    return counts == count_gaps(phrase)


def fill(phrase: Phrase, filled: Filled, *, instants: Mapping[int, str]) -> dict[str, str]:
    """Return the sentence in each language of the phrase; `instants` says how each instant is written."""
    gaps = {f"party_{number}": party for number, party in enumerate(filled.parties, 1)}
    gaps |= {f"at_{number}": instants[at] for number, at in enumerate(filled.instants, 1)}
    gaps |= {f"number_{number}": str(value) for number, value in enumerate(filled.numbers, 1)}
    return {language: text.format_map(gaps) for language, text in list_versions(phrase.words).items()}
