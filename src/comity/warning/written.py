"""States back into the whole numbers of a row: place, velocity and uncertainty as the wire has them.

The place is found from a guess by steps that each end on the grid of 1e-7 degree, with sines of that grid alone: no
inverse of a sine is needed, and every node comes to the same numbers (W41).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from comity.warning.frames import ECCENTRICITY_SQUARED, SEMI_MAJOR_M
from comity.warning.layout import Flag
from comity.warning.linear import Floats, join, turn_covariance
from comity.warning.motion import Ints, States, find_axes, list_axes, to_point, turn_in

__all__ = ["find_place", "write_states"]

STEPS: Final = 4
"""From a guess that is a thousand kilometres off, the last step moves nothing by a unit."""

_HALF_TURN: Final = 1_800_000_000
_QUARTER_TURN: Final = 900_000_000
_PER_RADIAN: Final = 180 * 10_000_000 / 3.141592653589793
_COSINE_MIN: Final = 1e-6
"""Nearer to a pole than six metres a longitude says nothing."""


def write_states(
    rows: npt.NDArray[np.void], states: States, *, guess: npt.NDArray[np.void], axes: Floats | None = None
) -> None:
    """Write states into rows that have the columns of a place, a velocity and their uncertainty.

    `guess` are rows with places not far away, `axes` theirs, where they are known already. Bits are added to the flags.
    What nobody knows is 0, as on the wire.
    """
    latitude, longitude, altitude, axes = find_place(states.point, guess, axes)
    has_altitude, has_velocity = (states.knows & 4) != 0, (states.knows & 8) != 0
    rows["latitude"], rows["longitude"] = latitude, longitude
    rows["altitude"] = np.where(has_altitude, _whole(altitude * 10, -(2**31), 2**31 - 1), 0)
    for name, part in zip(("east", "north", "up"), turn_in(axes, states.velocity), strict=True):
        rows[f"velocity_{name}"] = np.where(has_velocity, _whole(part * 100, -(2**31), 2**31 - 1), 0)
    rows["sigma_velocity"] = np.where(has_velocity, _whole(np.sqrt(states.spread) * 100, 1, 2**32 - 1), 0)
    turn = join(list_axes(axes), list_axes(states.axes))
    ee, nn, uu, en, eu, nu = turn_covariance(turn, states.covariance)
    east, north, up = np.sqrt(ee), np.sqrt(nn), np.sqrt(uu)
    for name, sigma in (("east", east), ("north", north), ("up", up)):
        rows[f"sigma_{name}"] = _whole(sigma * 10, 1, 2**32 - 1)
    rows["rho_en"] = _whole(en / (east * north) * 32_767, -32_767, 32_767)
    rows["rho_eu"] = np.where(has_altitude, _whole(eu / (east * up) * 32_767, -32_767, 32_767), 0)
    rows["rho_nu"] = np.where(has_altitude, _whole(nu / (north * up) * 32_767, -32_767, 32_767), 0)
    rows["flags"] |= np.where(has_altitude, Flag.ALTITUDE, 0).astype(np.uint16)
    rows["flags"] |= np.where(has_velocity, Flag.VELOCITY, 0).astype(np.uint16)


def find_place(
    point: Floats, guess: npt.NDArray[np.void], axes: Floats | None = None
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return latitude and longitude in 1e-7 degree, altitude in metres, and the axes there.

    `axes` are those of the guess. They are found anew only for what a step has moved.
    """
    latitude, longitude = guess["latitude"].astype(np.int64), guess["longitude"].astype(np.int64)
    altitude = guess["altitude"] * 0.1
    axes = find_axes(latitude, longitude) if axes is None else axes.copy()
    for _ in range(STEPS):
        before = latitude, longitude
        east, north, up = turn_in(axes, point - to_point(axes, altitude))
        sin_lat, cos_lat = axes[0], np.maximum(axes[1], _COSINE_MIN)
        inverse = 1 - ECCENTRICITY_SQUARED * sin_lat * sin_lat
        across_m = SEMI_MAJOR_M / np.sqrt(inverse)
        along_m = across_m * (1 - ECCENTRICITY_SQUARED) / inverse
        # A straight line leaves the round: what is so far off to the side lies that much less far along, and higher.
        latitude = latitude + np.rint(north / (along_m + altitude + up) * _PER_RADIAN).astype(np.int64)
        longitude = longitude + np.rint(east / ((across_m + altitude + up) * cos_lat) * _PER_RADIAN).astype(np.int64)
        altitude = altitude + up + (east * east + north * north) / (2 * (across_m + altitude))
        latitude = np.clip(latitude, -_QUARTER_TURN, _QUARTER_TURN)
        longitude = (longitude + _HALF_TURN) % (2 * _HALF_TURN) - _HALF_TURN
        moved = np.flatnonzero((latitude != before[0]) | (longitude != before[1]))
        if len(moved):
            axes[:, moved] = find_axes(latitude[moved], longitude[moved])
    altitude = altitude + turn_in(axes, point - to_point(axes, altitude))[2]
    return latitude, longitude, altitude, axes


def _whole(value: Floats, least: int, most: int) -> Ints:
    return np.clip(np.rint(value), least, most).astype(np.int64)
