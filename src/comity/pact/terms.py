"""The words of which every clause is made: ids, texts, how sure we are, and the value `unspecified`.

Rules
- A pact is often silent. `unspecified` is then written down; leaving a key out never means "unspecified".
- Whatever has a clause id is a `Rule`; a verdict cites clause ids and nothing else.
- What the parties agreed is a `SourcedRule`: it names where it was read and how surely. What a deployment adds is a
  plain `Rule` under `policy`, so that the two can't be mixed up.

Bounds stand in the types as `msgspec.Meta`; `shape` reads them from there.
"""

import enum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from comity.base.limits import PACT_ROW_COUNT_MAX, PACT_TEXT_SIZE_MAX
from comity.base.names import PARTY_PATTERN

__all__ = [
    "UNSPECIFIED",
    "ClauseId",
    "Clock",
    "Confidence",
    "Id",
    "Note",
    "PartyId",
    "Refs",
    "Rule",
    "Source",
    "SourcedRule",
    "Text",
    "Unspecified",
    "Words",
]

Id = Annotated[str, Meta(pattern=r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}")]
"""Names a row that others refer to: a topic, a body, a level, a source."""

ClauseId = Annotated[str, Meta(pattern=r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}(\.[A-Za-z0-9][A-Za-z0-9_-]{0,47}){0,3}")]
"""Names a rule, uniquely over the whole file: `C2`, `tisa-2014.hub`, `policy.acknowledge`."""

PartyId = Annotated[str, Meta(pattern=PARTY_PATTERN)]
Text = Annotated[str, Meta(min_length=1, max_length=PACT_TEXT_SIZE_MAX)]
Note = Annotated[str, Meta(max_length=PACT_TEXT_SIZE_MAX)]
"""A text that may be empty."""
Refs = Annotated[tuple[Id, ...], Meta(min_length=1, max_length=PACT_ROW_COUNT_MAX)]
"""At least one id: an empty list never means "all"."""

_DURATION_MS_MAX: Final = 3660 * 24 * 60 * 60 * 1000
Duration = Annotated[int, Meta(ge=1, le=_DURATION_MS_MAX)]
"""Milliseconds, from one to ten years."""


class Unspecified(enum.Enum):
    """The text is silent here, and says so."""

    UNSPECIFIED = "unspecified"


UNSPECIFIED: Final = Unspecified.UNSPECIFIED
Clock = Duration | Unspecified


class Confidence(enum.Enum):
    """How surely a row is known."""

    OK = "OK"
    """Read in the source named."""
    RECALL = "RECALL"
    """Known from the published text, but the passage was not read again: check before quoting."""
    UNCONFIRMED = "?"
    """Not confirmed."""


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """One name in the languages of the pact. English must be there; another language may be left empty."""

    en: Text
    ja: Note = ""
    ko: Note = ""

    def in_language(self, language: str) -> str:
        """Return the name in `language` (`en`, `ja`, `ko`), or in English where there is none."""
        return {"ja": self.ja, "ko": self.ko}.get(language) or self.en


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where something was read."""

    id: Id
    text: Text


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Anything with a clause id."""

    id: ClauseId
    text: Note = ""
    note: Note = ""


class SourcedRule(Rule, frozen=True, kw_only=True):
    """A rule that the parties made: where it was read, and how surely."""

    sources: Refs
    confidence: Confidence
