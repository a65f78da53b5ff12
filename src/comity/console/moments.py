"""Moments that are typed into a page and read from one: always Z, as a browser's own field writes them."""

from comity.base.errors import UsageError
from comity.base.instants import Instant, format_iso, parse_instant

__all__ = ["format_moment", "parse_moment"]


def parse_moment(text: str) -> Instant | None:
    """Return the instant that a field holds, a date-time group too; None for an empty one or for what is no instant."""
    wished = text.strip()
    if not wished:
        return None
    try:
        return parse_instant(wished if wished.endswith("Z") or "Z " in wished else wished + "Z")
    except UsageError:
        return None


def format_moment(at: int) -> str:
    """Return what a field of a moment holds."""
    return format_iso(Instant(at))[:19]
