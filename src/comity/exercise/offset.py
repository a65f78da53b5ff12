"""Exercise time as people write it: hours, minutes and perhaps seconds, `26:30`, since the start or since an inject."""

import re
from typing import Annotated, Final

from msgspec import Meta

from comity.base.instants import HOUR_MS, MINUTE_MS, SECOND_MS

__all__ = ["OFFSET_PATTERN", "Offset", "format_offset", "parse_offset"]

OFFSET_PATTERN: Final = r"(?:0?\d|[1-9]\d{1,3}):[0-5]\d(?::[0-5]\d)?"
"""Up to 9,999 hours: an exercise that lasts a year ends before."""

Offset = Annotated[str, Meta(pattern=OFFSET_PATTERN)]

_PARTS: Final = re.compile(r"(\d+):(\d\d)(?::(\d\d))?")


def parse_offset(text: str) -> int:
    """Return an exercise time that keeps the pattern in milliseconds."""
    parts = _PARTS.fullmatch(text)
    assert parts is not None, "an offset was read by its pattern"
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS


def format_offset(offset_ms: int) -> str:
    """Write milliseconds as exercise time, cut to whole seconds; those are left out where there are none."""
    minutes, seconds = divmod(offset_ms // SECOND_MS, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}" + (f":{seconds:02}" if seconds else "")
