"""Phrases of the audit in the reader's language: message ids with fields, phrases within phrases.

The audit is pure and formats nothing; `audit.wording` says which words, here they are translated and filled.
"""

from comity.api.words import say
from comity.audit.wording import Phrase
from comity.base.instants import SECOND_MS, Instant, format_dtg
from comity.base.names import format_digest

__all__ = ["say_phrase"]


def say_phrase(phrase: Phrase) -> str:
    """Return a phrase in the chosen language; instants are date-time groups, whose letters are the same everywhere."""
    return say(phrase.msgid, **{name: _say_field(name, value) for name, value in phrase.fields.items()})


def _say_field(name: str, value: object) -> str:
    if isinstance(value, Phrase):
        return say_phrase(value)
    if isinstance(value, tuple):
        joint = "; " if any(isinstance(part, Phrase) for part in value) else ", "
        return joint.join(_say_field("", part) for part in value)
    if isinstance(value, bytes):
        return format_digest(value)
    if name.endswith("_at") and isinstance(value, int):
        return format_dtg(Instant(value))
    if name.endswith("_ms") and isinstance(value, int):
        return say("{count} s", count=value // SECOND_MS)
    return str(value)
