"""A translation that an officer attaches to a message: his party's own word, and marked as such for ever.

Rules (docs/spec/procedure.md, P72)
- It is marked text of its own, decided by its own marking; it changes nothing in the message and no read-back.
- Of one party and language the last stands. In a language that the message has itself it is none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from comity.base.names import Party
from comity.procedure.entry import Entry, EntryId, MarkedText
from comity.procedure.fields import IdField, check_languages
from comity.procedure.phrase import Filled
from comity.procedure.stated import Stated

__all__ = ["ENTRIES", "MessageTranslated", "Translated", "list_translations"]


class MessageTranslated(Entry, frozen=True):
    """An officer in `role` puts the message into other languages, for whoever reads those better."""

    belongs_to: ClassVar[tuple[str, str]] = ("message", "message")
    message: EntryId
    role: IdField
    officer: IdField
    body: MarkedText

    def __post_init__(self) -> None:
        check_languages(self.body)


ENTRIES: tuple[type[Entry], ...] = (MessageTranslated,)


@dataclass(frozen=True, slots=True)
class Translated:
    """One party's translation into one language. `stated` says who, when, and under which marking."""

    party: Party
    language: str
    text: str
    stated: Stated


def list_translations(own: Mapping[Party, Sequence[Stated]], words: MarkedText | Filled) -> tuple[Translated, ...]:
    """Return the translations that stand, by party and language; `own` are good statements in their authors' order."""
    spoken = {row.language for row in words.translations} if isinstance(words, MarkedText) else set()
    found: dict[tuple[Party, str], Translated] = {}
    for party, rows in own.items():
        for row in rows:
            if isinstance(row.entry, MessageTranslated):
                for version in row.entry.body.translations:
                    if version.language not in spoken:
                        found[party, version.language] = Translated(party, version.language, version.text, row)
    return tuple(found[key] for key in sorted(found))
