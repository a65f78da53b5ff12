"""Which type of Cursor on Target says which kind of a track class, and back (docs/spec/exchange.md, X58).

A type of CoT is a path: `a` for what is there, an affiliation, a battle dimension, and functions of MIL-STD-2525B in
its order. What the picture knows is where something moves and of what kind it may be, and never whose side it is on;
so what goes out is `u`, unknown, and of what comes in the affiliation is not read.
"""

import re
from collections.abc import Mapping
from typing import Final

from comity.pact.track import TrackClass, TrackDomain
from comity.warning.layout import NOT_NAMED

__all__ = ["KINDS", "PLACES", "find_kind_of", "find_type", "is_atom", "is_type", "is_type_of"]

_TYPE: Final = re.compile(r"[a-z](-[A-Za-z0-9.]{1,16}){0,15}", re.ASCII)
_ATOM: Final = re.compile(r"a-[a-z.]-([A-Z](?:-[A-Za-z0-9]{1,16})*)", re.ASCII)

PLACES: Final[Mapping[TrackDomain, str]] = {
    TrackDomain.MISSILE: "A-W-M",
    TrackDomain.AIR: "A",
    TrackDomain.SURFACE: "S",
    TrackDomain.LAND: "G",
    TrackDomain.SPACE: "P",
    TrackDomain.CYBER: "G-I",
    TrackDomain.HEALTH: "G-I",
    TrackDomain.INFRASTRUCTURE: "G-I",
}
"""What is written where the kind is unknown, or the table has no row for it."""

_WITHIN: Final[Mapping[TrackDomain, tuple[str, ...]]] = {
    TrackDomain.MISSILE: ("A-W", "P-L"),
    TrackDomain.AIR: ("A",),
    TrackDomain.SURFACE: ("S",),
    TrackDomain.LAND: ("G",),
    TrackDomain.SPACE: ("P",),
    TrackDomain.CYBER: ("G-I",),
    TrackDomain.HEALTH: ("G-I",),
    TrackDomain.INFRASTRUCTURE: ("G-I",),
}
"""Below which places an event may be of a domain: a ship is never read as an aircraft."""

KINDS: Final[Mapping[tuple[TrackDomain, str], str]] = {
    (TrackDomain.MISSILE, "srbm"): "A-W-M-S-S",
    (TrackDomain.MISSILE, "mrbm"): "A-W-M-S-S",
    (TrackDomain.MISSILE, "irbm"): "A-W-M-S-S",
    (TrackDomain.MISSILE, "icbm"): "A-W-M-S-S",
    (TrackDomain.MISSILE, "glide"): "A-W-M-S-S",
    (TrackDomain.MISSILE, "cruise"): "A-W-M-S",
    (TrackDomain.MISSILE, "slbm"): "A-W-M-U",
    (TrackDomain.MISSILE, "launcher"): "P-L",
    (TrackDomain.AIR, "fighter"): "A-M-F-F",
    (TrackDomain.AIR, "bomber"): "A-M-F-B",
    (TrackDomain.AIR, "patrol"): "A-M-F-P",
    (TrackDomain.AIR, "transport"): "A-M-F-C",
    (TrackDomain.AIR, "airliner"): "A-C-F",
    (TrackDomain.AIR, "helicopter"): "A-M-H",
    (TrackDomain.AIR, "unmanned"): "A-M-F-Q",
    (TrackDomain.SURFACE, "warship"): "S-C",
    (TrackDomain.SURFACE, "coast-guard"): "S-X-L",
    (TrackDomain.SURFACE, "fishing"): "S-X-F",
    (TrackDomain.SURFACE, "cargo"): "S-X-M-C",
    (TrackDomain.SURFACE, "tanker"): "S-X-M-O",
    (TrackDomain.SURFACE, "passenger"): "S-X-M-P",
}
"""By domain and the id of a kind in the pact. A kind that is not here goes out as its domain alone."""


def is_type(text: str) -> bool:
    """Tell whether this has the form of a type."""
    return _TYPE.fullmatch(text) is not None


def is_atom(type_: str) -> bool:
    """Tell whether a type says that something is somewhere."""
    return _ATOM.fullmatch(type_) is not None


def find_type(row: TrackClass, kind: int) -> str:
    """Return the type of a kind of a class, by its place among the kinds."""
    name = "" if kind == NOT_NAMED else row.kinds[kind].id
    return f"a-u-{KINDS.get((row.domain, name), PLACES[row.domain])}"


def is_type_of(row: TrackClass, type_: str) -> bool:
    """Tell whether an event of this type may be of a class."""
    place = _read_place(type_)
    return any(_lies_below(place, above) for above in _WITHIN[row.domain])


def find_kind_of(row: TrackClass, type_: str) -> int:
    """Return the place of the one kind that a type says, or `NOT_NAMED` where it says none, or more than one.

    The longest row of the table that the type lies below speaks.
    """
    place = _read_place(type_)
    below = {
        number: written
        for number, kind in enumerate(row.kinds)
        if (written := KINDS.get((row.domain, kind.id))) is not None and _lies_below(place, written)
    }
    longest = max(map(len, below.values()), default=0)
    found = [number for number, written in below.items() if len(written) == longest]
    return found[0] if len(found) == 1 else NOT_NAMED


def _read_place(type_: str) -> str:
    match = _ATOM.fullmatch(type_)
    return match[1] if match else ""


def _lies_below(place: str, above: str) -> bool:
    return place == above or place.startswith(above + "-")
