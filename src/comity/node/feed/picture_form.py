"""What the picture reads as in a table and for programs: the shape of its rows (docs/spec/warning.md, W37).

Numbers are in plain units: degrees, metres, metres a second, milliseconds. What nobody knows is None.
"""

from typing import TypedDict

__all__ = ["EndRow", "MemberRow", "ObjectRow", "PartyDelay", "PictureRows", "PlaceRow"]


class PlaceRow(TypedDict):
    """Where something is and how it moves, as one reports it or as it is estimated. Sigmas are one deviation."""

    latitude: float
    longitude: float
    altitude_m: float | None
    sigma_m: float
    """Of the position over ground, the larger of east and north."""
    speed_m_s: float | None
    course_deg: float | None
    """Over ground, from north by east."""
    kind: str
    """Id of a kind of the class; empty: unknown."""
    confidence: int
    is_coasted: bool
    is_deception_suspected: bool


class EndRow(TypedDict):
    """An estimate of a launch or an impact."""

    what: str
    """`launch` or `impact`."""
    at: int
    sigma_at_ms: int
    latitude: float
    longitude: float
    semi_major_m: float
    semi_minor_m: float
    bearing_deg: float


class MemberRow(TypedDict):
    """One report of an object, as its author tells it."""

    name: str
    author: str
    standing: str
    """`live`, `stale` or `dropped`."""
    at: int
    received_at: int
    number: int
    continues: str
    """Name of the author's earlier track that this one goes on with; empty: none."""
    clause: str
    """Under which its author tells less than it knows; empty: tells all."""
    coarsen_m: int
    delay_ms: int
    sensor: str
    place: PlaceRow
    ends: list[EndRow]


class ObjectRow(TypedDict):
    """One object, or one salvo."""

    name: str
    class_: str
    standing: str
    count: int
    """Of a salvo, how many are unresolved; else 1."""
    conflicts: list[str]
    """Of `place` and `kind`."""
    estimate: PlaceRow | None
    members: list[MemberRow]


class PartyDelay(TypedDict):
    """How long one party's reports take from their instant until they are here (W51)."""

    author: str
    latest_ms: int
    median_ms: int
    longest_ms: int
    late_count: int


class PictureRows(TypedDict):
    """The picture at one instant."""

    at: int
    digest: str
    """SHA-256 of the situation's bytes (W50), in hexadecimal."""
    object_count: int
    left_out_count: int
    objects: list[ObjectRow]
    delays: list[PartyDelay]
