"""Pacts with and without officers: the one place where tests choose.

Most tests are about something else, and play a pact that asks for no officer: `without_offices`. What is said under a
pact that does, `somebody` says: one officer for each role of the pact.
"""

import re
from typing import Final

__all__ = ["without_offices"]

_TABLE: Final = re.compile(r"^\[+offices\b.*?(?=^\[+(?!offices\b)|^# |\Z)", re.MULTILINE | re.DOTALL)


def without_offices(raw: bytes) -> bytes:
    """A pact file without its table of officers: it keeps its meaning, and nobody has to say who acts."""
    return _TABLE.sub("", raw.decode()).encode()
