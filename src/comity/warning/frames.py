"""Frames of the earth: WGS-84 latitude, longitude and height; earth-fixed cartesian; local east, north, up.

What stands here decides nothing: it turns positions, vectors and covariances from one frame into another, many at
once (W60, W61). A *place* is an array `(…, 3)`: latitude and longitude in degrees, height above the ellipsoid in
metres. A *point* is `(…, 3)` in metres, fixed to the earth: x through 0° 0°, y through 0° 90° E, z through the north
pole. Longitudes come out in −180 ≤ λ < 180. Lines along the ellipsoid stand in `geodesic`.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = [
    "EARTH_RATE_RAD_S",
    "ECCENTRICITY_SQUARED",
    "FLATTENING",
    "GRAVITATION_M3_S2",
    "SEMI_MAJOR_M",
    "SEMI_MINOR_M",
    "Floats",
    "find_local_axes",
    "make_covariance",
    "to_local",
    "to_place",
    "to_point",
    "turn_covariance",
    "turn_to_earth",
    "turn_to_local",
    "wrap_longitude",
]

Floats = npt.NDArray[np.float64]

# The four that define WGS-84 (NGA.STND.0036, table 3.1); the others follow.
SEMI_MAJOR_M: Final = 6_378_137.0
FLATTENING: Final = 1 / 298.257223563
GRAVITATION_M3_S2: Final = 3.986004418e14
EARTH_RATE_RAD_S: Final = 7.292115e-5

SEMI_MINOR_M: Final = SEMI_MAJOR_M * (1 - FLATTENING)
ECCENTRICITY_SQUARED: Final = FLATTENING * (2 - FLATTENING)
_SECOND_SQUARED: Final = ECCENTRICITY_SQUARED / (1 - ECCENTRICITY_SQUARED)


def wrap_longitude(longitude_deg: npt.ArrayLike) -> Floats:
    """Return the same meridian in −180 ≤ λ < 180."""
    wrapped = np.mod(np.asarray(longitude_deg, np.float64) + 180, 360) - 180
    return np.where(wrapped >= 180, -180.0, wrapped)  # a hair below −180 rounds up to the whole turn


def to_point(place: npt.ArrayLike) -> Floats:
    """Turn places into earth-fixed points."""
    place = np.asarray(place, np.float64)
    latitude, longitude = np.radians(place[..., 0]), np.radians(place[..., 1])
    height_m = place[..., 2]
    sine, cosine = np.sin(latitude), np.cos(latitude)
    normal_m = SEMI_MAJOR_M / np.sqrt(1 - ECCENTRICITY_SQUARED * sine**2)
    across_m = (normal_m + height_m) * cosine
    up_m = (normal_m * (1 - ECCENTRICITY_SQUARED) + height_m) * sine
    return np.stack([across_m * np.cos(longitude), across_m * np.sin(longitude), up_m], axis=-1)


def to_place(point: npt.ArrayLike) -> Floats:
    """Turn earth-fixed points into places, right to a tenth of a millimetre from 50 km off the earth's centre outward.

    Bowring's iteration on the parametric latitude, three rounds. The height is taken along the normal, which has no
    weak spot at the poles.
    """
    point = np.asarray(point, np.float64)
    across_m = np.hypot(point[..., 0], point[..., 1])
    up_m = point[..., 2]
    radius_m = np.hypot(across_m, up_m)
    first = 1 + _SECOND_SQUARED * SEMI_MINOR_M / np.maximum(radius_m, 1.0)
    parametric = np.arctan2((1 - FLATTENING) * up_m * first, across_m)
    latitude = parametric
    for _ in range(3):
        sine, cosine = np.sin(parametric), np.cos(parametric)
        latitude = np.arctan2(
            up_m + _SECOND_SQUARED * SEMI_MINOR_M * sine**3,
            across_m - ECCENTRICITY_SQUARED * SEMI_MAJOR_M * cosine**3,
        )
        parametric = np.arctan2((1 - FLATTENING) * np.sin(latitude), np.cos(latitude))
    sine, cosine = np.sin(latitude), np.cos(latitude)
    surface_m = SEMI_MAJOR_M * np.sqrt(1 - ECCENTRICITY_SQUARED * sine**2)
    height_m = across_m * cosine + up_m * sine - surface_m
    longitude_deg = wrap_longitude(np.degrees(np.arctan2(point[..., 1], point[..., 0])))
    return np.stack([np.degrees(latitude), longitude_deg, height_m], axis=-1)


def find_local_axes(place: npt.ArrayLike) -> Floats:
    """Return `(…, 3, 3)`: the rows are east, north and up at each place, in earth-fixed components."""
    place = np.asarray(place, np.float64)
    latitude, longitude = np.radians(place[..., 0]), np.radians(place[..., 1])
    sin_lat, cos_lat = np.sin(latitude), np.cos(latitude)
    sin_lon, cos_lon = np.sin(longitude), np.cos(longitude)
    east = np.stack([-sin_lon, cos_lon, np.zeros_like(sin_lon)], axis=-1)
    north = np.stack([-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat], axis=-1)
    up = np.stack([cos_lat * cos_lon, cos_lat * sin_lon, sin_lat], axis=-1)
    return np.stack([east, north, up], axis=-2)


def turn_to_local(vector: npt.ArrayLike, *, at: npt.ArrayLike) -> Floats:
    """Turn vectors with earth-fixed components into east, north, up at the places `at`."""
    turned: Floats = np.einsum("...ij,...j->...i", find_local_axes(at), np.asarray(vector, np.float64))
    return turned


def turn_to_earth(vector: npt.ArrayLike, *, at: npt.ArrayLike) -> Floats:
    """Turn vectors in east, north, up at the places `at` into earth-fixed components."""
    turned: Floats = np.einsum("...ji,...j->...i", find_local_axes(at), np.asarray(vector, np.float64))
    return turned


def to_local(point: npt.ArrayLike, *, origin: npt.ArrayLike) -> Floats:
    """Turn earth-fixed points into metres east, north and up of the place `origin`."""
    return turn_to_local(np.asarray(point, np.float64) - to_point(origin), at=origin)


def turn_covariance(covariance: npt.ArrayLike, *, at: npt.ArrayLike, to: npt.ArrayLike | None = None) -> Floats:
    """Turn covariances `(…, 3, 3)` in east, north, up at `at` into the axes of the place `to`, or of the earth."""
    turn = np.swapaxes(find_local_axes(at), -1, -2)
    if to is not None:
        turn = find_local_axes(to) @ turn
    turned = turn @ np.asarray(covariance, np.float64) @ np.swapaxes(turn, -1, -2)
    return (turned + np.swapaxes(turned, -1, -2)) / 2


def make_covariance(sigma: npt.ArrayLike, rho: npt.ArrayLike) -> Floats:
    """Return `(…, 3, 3)` from the standard deviations east, north, up and the correlations en, eu, nu."""
    sigma, rho = np.asarray(sigma, np.float64), np.asarray(rho, np.float64)
    correlation = np.ones((*rho.shape[:-1], 3, 3))
    for index, (row, column) in enumerate(((0, 1), (0, 2), (1, 2))):
        correlation[..., row, column] = correlation[..., column, row] = rho[..., index]
    covariance: Floats = correlation * sigma[..., :, None] * sigma[..., None, :]
    return covariance
