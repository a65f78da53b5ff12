"""What is wrong with a file, in the reader's language: the words of a finding, for a terminal or a page."""

from typing import Final

from comity.api.words import say
from comity.pact.findings import Finding

__all__ = ["say_finding"]

_TRANSLATED: Final = ("why", "what", "wanted", "permitted")
"""Arguments of findings that are message ids of their own (`pact.findings`)."""


def say_finding(finding: Finding) -> str:
    """Return what is wrong, in the chosen language."""
    translated = {*_TRANSLATED, "found"} if finding.code == "pact.type" else _TRANSLATED
    fields = {
        name: say(value) if name in translated and isinstance(value, str) else value
        for name, value in finding.arguments.items()
    }
    return say(finding.message, **fields)
