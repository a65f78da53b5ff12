"""One finding of the doctor: a code of the catalogue, its weight, and the numbers and names that go with it.

Details are this party's own: names of parties of its pact, counts, ages, files of its home. No text, no key, no id of
a statement; the list goes into tickets.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.base.errors import get_code

__all__ = ["Finding", "Weight", "is_sound"]


class Weight(enum.Enum):
    """How soon somebody has to do something."""

    FAULT = "fault"
    """Something does not work, or is not safe: now."""
    WARNING = "warning"
    """It works, and will not for ever."""
    NOTE = "note"
    """Chosen, or merely not looked at."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the doctor found."""

    code: str
    weight: Weight
    details: Mapping[str, int | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        get_code(self.code)


def is_sound(findings: "list[Finding]") -> bool:
    """Tell whether nothing but notes was found."""
    return all(finding.weight is Weight.NOTE for finding in findings)


def fault(code: str, **details: int | str) -> Finding:
    """Make a finding that somebody has to see to now."""
    return Finding(code, Weight.FAULT, details)


def warning(code: str, **details: int | str) -> Finding:
    """Make a finding that somebody has to see to soon."""
    return Finding(code, Weight.WARNING, details)


def remark(code: str, **details: int | str) -> Finding:
    """Make a finding that asks for nothing."""
    return Finding(code, Weight.NOTE, details)
