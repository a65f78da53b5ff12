"""Columns of a block: what each is called, how wide it is, and in which order they lie (W2, W4)."""

import struct
from collections.abc import Mapping
from typing import Final

__all__ = ["ESTIMATE", "NOT_NAMED", "ROW", "Columns", "find_size_bytes", "read_columns"]

Columns = Mapping[str, tuple[int, ...]]
"""By its name each column, all of one length."""

ROW: Final[Mapping[str, str]] = {
    "track": "I",
    "number": "I",
    "at": "q",
    "latitude": "i",
    "longitude": "i",
    "altitude": "i",
    "velocity_east": "i",
    "velocity_north": "i",
    "velocity_up": "i",
    "sigma_east": "I",
    "sigma_north": "I",
    "sigma_up": "I",
    "rho_en": "h",
    "rho_eu": "h",
    "rho_nu": "h",
    "sigma_velocity": "I",
    "flags": "H",
    "kind": "H",
    "confidence": "B",
    "sensor": "H",
}
"""W2, in `struct`'s letters."""

ESTIMATE: Final[Mapping[str, str]] = {
    "row": "I",
    "what": "B",
    "at": "q",
    "sigma_at": "I",
    "latitude": "i",
    "longitude": "i",
    "semi_major": "I",
    "semi_minor": "I",
    "bearing": "H",
}
"""W4."""

NOT_NAMED: Final = 65_535
"""No kind, no sensor."""


def find_size_bytes(layout: Mapping[str, str]) -> int:
    """Return how many bytes one row takes."""
    return struct.calcsize("<" + "".join(layout.values()))


def read_columns(raw: bytes, layout: Mapping[str, str]) -> Columns:
    """Read columns that lie one after the other; the bytes are a whole number of rows."""
    count, offset = len(raw) // find_size_bytes(layout), 0
    found: dict[str, tuple[int, ...]] = {}
    for name, letter in layout.items():
        form = f"<{count}{letter}"
        found[name] = struct.unpack_from(form, raw, offset)
        offset += struct.calcsize(form)
    return found
