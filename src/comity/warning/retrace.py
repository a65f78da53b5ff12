"""A flight retraced from what was written down about it: where from, which way, how far and, if known, how high.

The arc is the one over the turning earth that begins at the place of launch, comes down at the recorded distance along
the recorded bearing, and whose greatest height is the recorded apogee. Where no apogee was recorded it is that of the
throw which reaches the distance with least energy over an earth that stands still (W65): a convention, and said to be
one wherever it is shown. For exercises, tests and comparison with the record; nothing here is fast or needs to be.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base.errors import UsageError
from comity.warning.ballistic import APOGEE_M_MAX, HEIGHT_M_MIN, Arc, find_arc, find_ends
from comity.warning.frames import (
    EARTH_RATE_RAD_S,
    GRAVITATION_M3_S2,
    Floats,
    to_local,
    to_place,
    to_point,
    turn_to_earth,
    turn_to_local,
)
from comity.warning.geodesic import find_end

__all__ = ["find_usual_apogee", "retrace"]

DISTANCE_M_MAX: Final = 20_000_000.0
_ROUNDS: Final = 25
_NUDGE_M_S: Final = 0.05
_SETTLED_M: Final = 0.01
_FLAT: Final = 1e-6

MALFORMED: Final = "warning.flight-malformed"
UNREACHABLE: Final = "warning.flight-unreachable"


def find_usual_apogee(distance_m: npt.ArrayLike, *, radius_m: npt.ArrayLike = 6_371_000.0) -> Floats:
    """Return the apogee of the throw that reaches a distance with least energy over a sphere that stands still."""
    half = np.asarray(distance_m, np.float64) / np.asarray(radius_m, np.float64) / 2
    usual_m: Floats = np.asarray(radius_m, np.float64) / 2 * (np.sin(half) + np.cos(half) - 1)
    return usual_m


def retrace(
    launch: npt.ArrayLike, *, bearing_deg: npt.ArrayLike, distance_m: npt.ArrayLike, apogee_m: npt.ArrayLike
) -> Arc:
    """Return the arc of each flight, whose state is that of its launch. An apogee that is NaN was not recorded.

    Refused is what is no number or out of bounds (`warning.flight-malformed`) and what no arc does
    (`warning.flight-unreachable`): all together, with how many.
    """
    launch = np.asarray(launch, np.float64)
    shape = np.broadcast_shapes(launch.shape[:-1], *(np.shape(part) for part in (bearing_deg, distance_m, apogee_m)))
    launch = np.broadcast_to(launch, (*shape, 3))
    bearing_deg, distance_m, apogee_m = (
        np.broadcast_to(np.asarray(part, np.float64), shape) for part in (bearing_deg, distance_m, apogee_m)
    )
    good = (
        np.isfinite(launch).all(axis=-1)
        & (np.abs(launch[..., 0]) <= 90)
        & (np.abs(launch[..., 1]) <= 360)
        & (launch[..., 2] >= HEIGHT_M_MIN)
        & np.isfinite(bearing_deg)
        & (distance_m > 0)
        & (distance_m <= DISTANCE_M_MAX)
        & (np.isnan(apogee_m) | ((apogee_m > launch[..., 2]) & (apogee_m > 0) & (apogee_m <= APOGEE_M_MAX)))
    )
    if not good.all():
        raise UsageError(MALFORMED, count=int((~good).sum()))
    point = to_point(launch)
    apogee_m = np.where(
        np.isnan(apogee_m), find_usual_apogee(distance_m, radius_m=np.linalg.norm(point, axis=-1)), apogee_m
    )
    end = find_end(launch[..., 0], launch[..., 1], bearing_deg=bearing_deg, distance_m=distance_m)
    target = np.stack([end.latitude_deg, end.longitude_deg, np.zeros(shape)], axis=-1)
    velocity = _settle(launch, point, target, apogee_m)
    return find_arc(point, turn_to_earth(velocity, at=launch))


def _settle(launch: Floats, point: Floats, target: Floats, apogee_m: Floats) -> Floats:
    """Return the velocity east, north, up: Newton on the place of impact and the height of the top."""
    velocity = _guess(launch, point, to_point(target), apogee_m)
    nudges = np.eye(3) * _NUDGE_M_S
    for _ in range(_ROUNDS):
        off = _miss(launch, point, target, apogee_m, velocity)
        if (np.abs(off) < _SETTLED_M).all():
            return velocity
        slopes = [(_miss(launch, point, target, apogee_m, velocity + nudge) - off) / _NUDGE_M_S for nudge in nudges]
        slope = np.stack(slopes, axis=-1)
        sound = np.asarray(np.isfinite(slope).all(axis=(-1, -2)) & np.isfinite(off).all(axis=-1))
        sound &= np.abs(np.linalg.det(np.where(sound[..., None, None], slope, 0.0))) > _FLAT
        slope = np.where(sound[..., None, None], slope, np.eye(3))
        step = np.linalg.solve(slope, np.where(sound[..., None], off, 0.0)[..., None])[..., 0]
        velocity = velocity - step
    off = _miss(launch, point, target, apogee_m, velocity)
    missed = ~(np.abs(off) < _SETTLED_M).all(axis=-1)
    if missed.any():
        raise UsageError(UNREACHABLE, count=int(missed.sum()))
    return velocity


def _miss(launch: Floats, point: Floats, target: Floats, apogee_m: Floats, velocity: Floats) -> Floats:
    """By how many metres east, north and of its top an arc misses what was recorded."""
    ends = find_ends(point, turn_to_earth(velocity, at=launch))
    across = to_local(ends.impact, origin=target)
    high = to_place(ends.apogee)[..., 2] - apogee_m
    return np.stack([across[..., 0], across[..., 1], high], axis=-1)


def _guess(launch: Floats, point: Floats, target: Floats, apogee_m: Floats) -> Floats:
    """Return the velocity of the symmetric arc to where the earth will have carried the target."""
    radius_m = np.linalg.norm(point, axis=-1)
    top_m = radius_m + apogee_m
    turned = target
    for _ in range(4):
        along = np.cross(np.cross(point, turned), point)
        angle = np.arctan2(np.linalg.norm(np.cross(point, turned), axis=-1), np.sum(point * turned, axis=-1))
        lift = 1 - np.cos(angle / 2)
        # 1 − e and 1 + e, each from what is small, so that steep arcs lose no digits.
        less = radius_m * lift / (apogee_m + radius_m * lift)
        semi_major_m = top_m / (2 - less)
        sideways = np.sqrt(GRAVITATION_M3_S2 * top_m * less) / radius_m
        upward = np.sqrt(np.maximum(GRAVITATION_M3_S2 * (2 / radius_m - 1 / semi_major_m) - sideways**2, 0))
        eccentricity = 1 - less
        down = np.arccos(np.clip((radius_m / semi_major_m - 1) / eccentricity, -1, 1))
        flight_s = 2 * (down + eccentricity * np.sin(down)) * np.sqrt(semi_major_m**3 / GRAVITATION_M3_S2)
        turn = EARTH_RATE_RAD_S * flight_s
        sine, cosine = np.sin(turn), np.cos(turn)
        turned = np.stack(
            [
                cosine * target[..., 0] - sine * target[..., 1],
                sine * target[..., 0] + cosine * target[..., 1],
                target[..., 2],
            ],
            axis=-1,
        )
    outward = point / radius_m[..., None]
    along = along / np.linalg.norm(along, axis=-1, keepdims=True)
    inertial = sideways[..., None] * along + upward[..., None] * outward
    spin = np.cross([0.0, 0.0, EARTH_RATE_RAD_S], point)
    return turn_to_local(inertial - spin, at=launch)
