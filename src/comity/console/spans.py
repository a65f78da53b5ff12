"""Lengths of time that are typed into a page and read from one: `2h`, `3d`, `90min`, `30s`."""

import re
from typing import Final

from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

__all__ = ["format_span", "parse_span"]

_UNITS: Final = (("d", DAY_MS), ("h", HOUR_MS), ("min", MINUTE_MS), ("s", SECOND_MS))
_SPAN: Final = re.compile(r"(\d{1,6}) ?(d|h|min|s)", re.ASCII)


def parse_span(text: str, *, field: str) -> int:
    """Return a length of time in milliseconds; nothing is 0.

    Raises:
        UsageError: `console.field-malformed`.
    """
    wished = text.strip().lower()
    if wished in ("", "0"):
        return 0
    match = _SPAN.fullmatch(wished)
    if match is None:
        raise UsageError("console.field-malformed", field=field)
    return int(match[1]) * dict(_UNITS)[match[2]]


def format_span(span_ms: int) -> str:
    """Return a length of time in its largest whole unit, as it is typed."""
    unit, size_ms = next(((unit, size) for unit, size in _UNITS if span_ms and span_ms % size == 0), ("s", SECOND_MS))
    return f"{span_ms // size_ms}{unit}"
