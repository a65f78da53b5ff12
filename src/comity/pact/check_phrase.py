"""Checks the rows of standard phrases: words in each language of the parties, and the same gaps in all of them."""

import re
from typing import Final

from comity.pact.findings import Findings
from comity.pact.lines import KeyPath
from comity.pact.model import Pact
from comity.pact.phrase import GAP_KINDS, Phrase, find_gaps, list_versions

__all__ = ["check_phrases"]

_GAP: Final = re.compile(rf"({'|'.join(GAP_KINDS)})_([1-4])")


def check_phrases(pact: Pact, findings: Findings) -> None:
    """Note a language without words, braces that are no gap, gaps that differ or are not numbered from 1."""
    spoken = {language for party in pact.parties for language in party.languages}
    for index, row in enumerate(pact.phrases):
        at: KeyPath = ("phrase", index)
        if not row.id.startswith("policy."):
            findings.add((*at, "id"), "pact.value", found=row.id, permitted="policy.*")
        _check_words(row, (*at, "words"), spoken, findings)


def _check_words(row: Phrase, at: KeyPath, spoken: set[str], findings: Findings) -> None:
    versions = list_versions(row.words)
    gaps = find_gaps(row.words.en)
    matches = [_GAP.fullmatch(gap) for gap in gaps]
    numbers = {kind: {int(match[2]) for match in matches if match and match[1] == kind} for kind in GAP_KINDS}
    if not all(matches) or any(held != set(range(1, len(held) + 1)) for held in numbers.values()):
        findings.add((*at, "en"), "pact.phrase", why="gaps are party_1, at_1, number_1 and so on, to 4")
    for language in ("ja", "ko"):
        if language in spoken and language not in versions:
            findings.add(at, "pact.phrase", why="a language of a party has no words")
        elif language in versions and (
            find_gaps(versions[language]) != gaps or _strip(versions[language]) or _strip(row.words.en)
        ):
            findings.add((*at, language), "pact.phrase", why="each language has the same gaps")


def _strip(text: str) -> bool:
    """Tell whether a brace is left where all gaps are taken away."""
    return bool(re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", text)))
