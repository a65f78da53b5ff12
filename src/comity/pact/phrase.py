"""Standard phrases of the hotline: sentences that stand in the pact in every language of its parties.

Rules
- A phrase is sent as its clause id and what fills its gaps, so each reader reads it in his own language, at once.
- A gap holds a party, an instant or a whole number, never words: what goes to every party can carry no text.
- Each language has the same gaps, numbered from 1 for each kind: `{party_1}`, `{at_1}`, `{number_1}`.
"""

import re
from collections.abc import Mapping
from typing import Final

from comity.pact.terms import Rule, Words

__all__ = ["GAP_KINDS", "Phrase", "count_gaps", "find_gaps", "list_versions"]

GAP_KINDS: Final = ("party", "at", "number")
_BRACE: Final = re.compile(r"\{([^{}]*)\}")
_LANGUAGES: Final = ("en", "ja", "ko")


class Phrase(Rule, frozen=True, kw_only=True):
    """One sentence, in the languages of the pact. What a deployment adds, so its id begins with `policy.`."""

    words: Words


def find_gaps(text: str) -> frozenset[str]:
    """Return the names of all gaps in one language version, whether or not they are permitted."""
    return frozenset(_BRACE.findall(text))


def count_gaps(phrase: Phrase) -> Mapping[str, int]:
    """Return how many gaps of each kind a phrase has, by its English words."""
    gaps = find_gaps(phrase.words.en)
    return {kind: sum(gap.startswith(f"{kind}_") for gap in gaps) for kind in GAP_KINDS}


def list_versions(words: Words) -> Mapping[str, str]:
    """Return each language version that has words."""
    return {language: text for language in _LANGUAGES if (text := getattr(words, language))}
