"""What a row and an estimate of the warning feed are made of: names, widths and order (docs/spec/warning.md, W2, W4).

Both are packed and little-endian. The order of the fields is that of the columns on the wire; a changed layout is a new
type of entry.
"""

import enum
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["ESTIMATE", "NOT_NAMED", "ROW", "Estimated", "Flag", "pick"]

ROW: Final[np.dtype[np.void]] = np.dtype(
    [
        ("track", "<u4"),
        ("number", "<u4"),
        ("at", "<i8"),  # milliseconds, UTC
        ("latitude", "<i4"),  # 1e-7 degree, WGS-84
        ("longitude", "<i4"),
        ("altitude", "<i4"),  # decimetres above the ellipsoid
        ("velocity_east", "<i4"),  # cm/s in the local level
        ("velocity_north", "<i4"),
        ("velocity_up", "<i4"),
        ("sigma_east", "<u4"),  # decimetres, one standard deviation
        ("sigma_north", "<u4"),
        ("sigma_up", "<u4"),
        ("rho_en", "<i2"),  # correlation in 1/32767
        ("rho_eu", "<i2"),
        ("rho_nu", "<i2"),
        ("sigma_velocity", "<u4"),  # cm/s, of each component
        ("flags", "<u2"),
        ("kind", "<u2"),
        ("confidence", "u1"),  # percent
        ("sensor", "<u2"),
    ]
)
"""One update of a track, or one observation: 69 bytes."""

ESTIMATE: Final[np.dtype[np.void]] = np.dtype(
    [
        ("row", "<u4"),
        ("what", "u1"),
        ("at", "<i8"),
        ("sigma_at", "<u4"),  # milliseconds
        ("latitude", "<i4"),
        ("longitude", "<i4"),
        ("semi_major", "<u4"),  # decimetres, one standard deviation
        ("semi_minor", "<u4"),
        ("bearing", "<u2"),  # 0.01 degree from north by east, of the major axis
    ]
)
"""Where and when something was launched or comes down, as far as a row's source knows: 35 bytes."""

NOT_NAMED: Final = 0xFFFF
"""No kind, no sensor."""


class Flag(enum.IntFlag):
    """What a row says of itself."""

    ALTITUDE = 1
    """Its altitude is known."""
    VELOCITY = 2
    """Its velocity is known."""
    COASTED = 4
    """Predicted: nothing new was detected."""
    DROPPED = 8
    """The last update of its track."""
    DECEPTION = 16
    """Deception is suspected, by the source or because it cannot have moved so far."""


class Estimated(enum.IntEnum):
    """What an estimate is of."""

    LAUNCH = 0
    IMPACT = 1


def pick(rows: npt.NDArray[np.void], places: npt.NDArray[np.intp]) -> npt.NDArray[np.void]:
    """Return a copy of the rows at these places: as whole records, which is thirty times as fast as field by field."""
    plain = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.dtype.itemsize)))
    found: npt.NDArray[np.void] = plain.take(places).view(rows.dtype)
    return found
