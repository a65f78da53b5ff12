"""Pacts with and without officers: the one place where tests choose.

Most tests are about something else, and play a pact that asks for no officer: `without_offices`. Under one that does,
`by` names who acts.
"""

import re
from typing import Final

from comity.procedure.officer import Capacity, Footing

__all__ = ["by", "without_offices"]

_TABLE: Final = re.compile(r"^\[+offices\b.*?(?=^\[+(?!offices\b)|^# |\Z)", re.MULTILINE | re.DOTALL)


def without_offices(raw: bytes) -> bytes:
    """A pact file without its table of officers: it keeps its meaning, and nobody has to say who acts."""
    return _TABLE.sub("", raw.decode()).encode()


def by(officer: str, *roles: str) -> tuple[Capacity, ...]:
    """One officer who holds these roles."""
    return tuple(Capacity(officer, role, Footing.OFFICE) for role in roles)
