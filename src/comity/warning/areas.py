"""Whether something lies in an area of the pact, and how probably (docs/spec/warning.md, W13).

Rules
- A ring is as P26 has it: straight in latitude and longitude, the shorter way round, even-odd inside, its edge its own.
  Positions are compared in whole 1e-7 degrees, so that inside is inside at every node.
- How probable it is follows from 512 points of equal weight, always the same, on the ellipse of the estimate: good to
  half a percent for areas that are not much smaller than the ellipse, and the same for the same numbers.
- The ellipse is laid along shortest lines on the ellipsoid, so that it holds near a pole and over the antimeridian.
"""

import itertools
import math
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.pact.area import WarningArea
from comity.warning.geodesic import find_end

__all__ = ["POINT_COUNT", "Ring", "find_probability"]

_Ints = npt.NDArray[np.int64]
_Mask = npt.NDArray[np.bool_]
_Floats = npt.NDArray[np.float64]

PER_DEGREE: Final = 10_000_000
_PER_UDEG: Final = 10
_TURN: Final = 360 * PER_DEGREE
_HALF_TURN: Final = _TURN // 2
_DM_PER_M: Final = 10
RING_COUNT: Final = 16
SPOKE_COUNT: Final = 32
POINT_COUNT: Final = RING_COUNT * SPOKE_COUNT


class Ring:
    """An area as numbers: corners unrolled to the east of the first, in 1e-7 degree."""

    def __init__(self, area: WarningArea) -> None:
        corners = [(east * _PER_UDEG, north * _PER_UDEG) for east, north in area.polygon]
        east = [corners[0][0]]
        for (before, _), (after, _) in itertools.pairwise(corners):
            east.append(east[-1] + (after - before + _HALF_TURN) % _TURN - _HALF_TURN)
        self._east = np.array(east, np.int64)
        self._north = np.array([north for _, north in corners], np.int64)

    def holds(self, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> _Mask:
        """Tell which places lie in it, given in 1e-7 degree."""
        north = np.atleast_1d(np.asarray(latitude, np.int64))
        # Brought to the turn that begins at the ring's western end: only there can it lie inside.
        west = int(self._east.min())
        east = west + (np.atleast_1d(np.asarray(longitude, np.int64)) - west) % _TURN
        found: _Mask = np.zeros(len(north), np.bool_)
        near = np.flatnonzero((east <= self._east.max()) & (north >= self._north.min()) & (north <= self._north.max()))
        found[near] = self._is_inside(east[near], north[near])
        return found

    def _is_inside(self, east: _Ints, north: _Ints) -> _Mask:
        """Even-odd: count the edges that the ray to the east crosses; half-open in north, so no corner counts twice.

        The sides are products of differences below 2**33 and 2**31: they fit 64 bits, and are compared, not subtracted.
        """
        inside: _Mask = np.zeros(len(east), np.bool_)
        on_edge: _Mask = np.zeros(len(east), np.bool_)
        for a_east, a_north, b_east, b_north in zip(
            self._east, self._north, np.roll(self._east, -1), np.roll(self._north, -1), strict=True
        ):
            along, across = (b_east - a_east) * (north - a_north), (b_north - a_north) * (east - a_east)
            is_between = (north >= min(a_north, b_north)) & (north <= max(a_north, b_north))
            is_beside = (east >= min(a_east, b_east)) & (east <= max(a_east, b_east))
            on_edge |= (along == across) & is_between & is_beside
            crosses = (a_north > north) != (b_north > north)
            inside ^= crosses & ((along > across) if b_north > a_north else (along < across))
        return inside | on_edge


def _make_points() -> tuple[_Floats, _Floats]:
    """Return points of equal weight of the standard normal distribution in the plane, ring by ring."""
    rings = (np.arange(RING_COUNT) + 0.5) / RING_COUNT
    radius = np.sqrt(-2 * np.log(1 - rings))
    turn = (np.arange(SPOKE_COUNT)[None, :] + 0.5 * (np.arange(RING_COUNT)[:, None] % 2)) * (2 * math.pi / SPOKE_COUNT)
    return (radius[:, None] * np.cos(turn)).ravel(), (radius[:, None] * np.sin(turn)).ravel()


_ALONG, _ACROSS = _make_points()


def find_probability(
    ring: Ring, *, latitude: int, longitude: int, semi_major_dm: int, semi_minor_dm: int, bearing: int
) -> float:
    """Return how probably what is estimated so lies in a ring, from 0 to 1. Units are those of W4."""
    along, across = _ALONG * semi_major_dm / _DM_PER_M, _ACROSS * semi_minor_dm / _DM_PER_M
    distance_m = np.minimum(np.hypot(along, across), 2e7)
    turned = bearing / 100 + np.degrees(np.arctan2(across, along))
    end = find_end(latitude / PER_DEGREE, longitude / PER_DEGREE, bearing_deg=turned, distance_m=distance_m)
    held = ring.holds(np.rint(end.latitude_deg * PER_DEGREE), np.rint(end.longitude_deg * PER_DEGREE))
    return float(np.count_nonzero(held)) / POINT_COUNT
