"""Terms of measures for tests."""

import msgspec

from comity.base.instants import NEVER
from comity.procedure.area import Area, Place, Shape, place
from comity.procedure.measure import Instrument, Terms
from kit.stating import minute, words


def box(south: int, west: int, north: int, east: int) -> Area:
    """A box in whole degrees."""

    def corner(latitude: int, longitude: int) -> Place:
        return place(latitude_udeg=latitude * 1_000_000, longitude_udeg=longitude * 1_000_000)

    corners = (corner(south, west), corner(south, east), corner(north, east), corner(north, west))
    return Area(Shape.POLYGON, corners, 0)


_PLAIN = Terms(
    instrument=Instrument.PATROL,
    actor="fleet-1",
    areas=(),
    starts_at=minute(60),
    ends_at=minute(120),
    announce_at=NEVER,
    target=(),
    depends_on=(),
    description=words(),
    caveats=(),
)


def terms(**changes: object) -> Terms:
    """A patrol by fleet-1 in the second hour, nowhere in particular, but for the fields given."""
    return msgspec.structs.replace(_PLAIN, **changes)
