"""The ballistic arc: where a thing goes that was thrown over the turning earth and that nothing but gravity holds.

For warning areas only: where it was launched, how high it goes, where and when it comes down. What is left out is said
here and weighed in docs/ballistics.md (W64): the engine burns for no time, at the place of launch; no air; the earth's
mass is a point; the ground lies at one height. What a missile does of its own will (a glide, a pull-up) is no arc.

A state is an earth-fixed point and the velocity relative to the turning earth. Many at once; what is no arc is refused
with a code before anything is computed from it (`judge_states`), and nothing here raises anything of numpy's.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from comity.base.errors import UsageError
from comity.warning.frames import EARTH_RATE_RAD_S, Floats, to_place, to_point
from comity.warning.kepler import Ellipse, find_anomaly, find_crossing, find_ellipse, find_time, move_along

__all__ = ["Arc", "Ends", "find_arc", "find_ends", "judge_states"]

HEIGHT_M_MIN: Final = -1_000.0
APOGEE_M_MAX: Final = 100_000_000.0
_SPIN: Final = np.array([0.0, 0.0, EARTH_RATE_RAD_S])
_FAR: Final = 1e12  # beyond it arithmetic itself runs over
_ROUNDS: Final = 40
_SETTLED_M: Final = 1e-4

NOT_A_NUMBER: Final = "warning.arc-not-a-number"
UNDERGROUND: Final = "warning.arc-underground"
ESCAPES: Final = "warning.arc-escapes"
STAYS_UP: Final = "warning.arc-stays-up"


class Ends(NamedTuple):
    """Both ends of an arc and its top: earth-fixed points, and seconds after the state."""

    launch: Floats
    launch_s: Floats
    apogee: Floats
    apogee_s: Floats
    impact: Floats
    impact_s: Floats


@dataclass(frozen=True, slots=True)
class Arc:
    """One arc or many of them, each through a state that was judged to be on one."""

    point: Floats
    velocity: Floats
    ends: Ends

    @property
    def apogee_m(self) -> Floats:
        """The greatest height above the ellipsoid."""
        return to_place(self.ends.apogee)[..., 2]

    def move(self, after_s: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Return earth-fixed point and velocity `after_s` seconds after the state.

        Before the launch it is where it was launched and after the impact where it came down: the clock stops there.
        Many instants of one arc are one call: `after_s` of shape `(n,)` for a state of shape `(3,)`.
        """
        after_s = np.clip(np.asarray(after_s, np.float64), self.ends.launch_s, self.ends.impact_s)
        inertial = self.velocity + np.cross(_SPIN, self.point)
        ellipse = find_ellipse(self.point, inertial)
        moved, velocity = move_along(self.point, inertial, ellipse, find_anomaly(ellipse, after_s))
        return turn_with_earth(moved, after_s), turn_with_earth(velocity - np.cross(_SPIN, moved), after_s)


def judge_states(point: npt.ArrayLike, velocity: npt.ArrayLike) -> npt.NDArray[np.str_]:
    """Return for each state the code of why it is on no arc, or an empty string."""
    point, velocity = np.asarray(point, np.float64), np.asarray(velocity, np.float64)
    finite = np.isfinite(point).all(axis=-1) & np.isfinite(velocity).all(axis=-1)
    near = (np.abs(point) <= _FAR).all(axis=-1) & (np.abs(velocity) <= _FAR).all(axis=-1)
    point = np.where((finite & near)[..., None], point, 1.0)
    velocity = np.where((finite & near)[..., None], velocity, 0.0)
    inertial = velocity + np.cross(_SPIN, point)
    ellipse = find_ellipse(point, inertial)
    height_m = to_place(point)[..., 2]
    highest_m = ellipse.semi_major_m * (1 + ellipse.eccentricity)
    crossing = find_crossing(ellipse, _find_ground(point, 0.0))
    return np.select(
        [~finite, ~near, height_m < HEIGHT_M_MIN, ~(highest_m < APOGEE_M_MAX), np.isnan(crossing)],
        [NOT_A_NUMBER, ESCAPES, UNDERGROUND, ESCAPES, STAYS_UP],
        "",
    )


def find_arc(point: npt.ArrayLike, velocity: npt.ArrayLike, *, ground_m: npt.ArrayLike = 0.0) -> Arc:
    """Return the arc through each state, between its launch and its impact on ground of this height.

    Refuses all of them with the code of the first that is on none, and how many are not.
    """
    point, velocity = np.broadcast_arrays(np.asarray(point, np.float64), np.asarray(velocity, np.float64))
    refused = judge_states(point, velocity)
    if (refused != "").any():
        raise UsageError(str(refused[refused != ""][0]), count=int((refused != "").sum()))
    arc = Arc(point, velocity, find_ends(point, velocity, ground_m=ground_m))
    lost = np.isnan(arc.ends.launch_s) | np.isnan(arc.ends.impact_s)
    if lost.any():  # grazing: by the ground below the state it passes, by that on its way it does not
        raise UsageError(STAYS_UP, count=int(lost.sum()))
    return arc


def find_ends(point: Floats, velocity: Floats, *, ground_m: npt.ArrayLike = 0.0) -> Ends:
    """Return launch, apogee and impact of states that were judged; NaN for one that is on no arc."""
    inertial = velocity + np.cross(_SPIN, point)
    ellipse = find_ellipse(point, inertial)
    down = _find_landing(point, inertial, ellipse, np.asarray(ground_m, np.float64), 1.0)
    up = _find_landing(point, inertial, ellipse, np.asarray(ground_m, np.float64), -1.0)
    ends: list[Floats] = []
    for anomaly in (up, np.zeros_like(up), down):
        after_s = find_time(ellipse, anomaly)
        ends += [turn_with_earth(move_along(point, inertial, ellipse, anomaly)[0], after_s), after_s]
    return Ends(*ends)


def turn_with_earth(vector: Floats, after_s: Floats) -> Floats:
    """Turn inertial components into those of the earth as it stands `after_s` seconds later."""
    angle = EARTH_RATE_RAD_S * after_s
    sine, cosine = np.sin(angle), np.cos(angle)
    east, north = vector[..., 0], vector[..., 1]
    return np.stack([cosine * east + sine * north, cosine * north - sine * east, vector[..., 2] + 0 * angle], axis=-1)


def _find_ground(point: Floats, ground_m: npt.ArrayLike) -> Floats:
    """How far from the centre the ground lies below a point: near enough to begin with, and to judge by."""
    place = to_place(point)
    place[..., 2] = ground_m
    return np.asarray(np.linalg.norm(to_point(place), axis=-1))


def _find_landing(point: Floats, velocity: Floats, ellipse: Ellipse, ground_m: Floats, side: float) -> Floats:
    """Return the anomaly at which it passes the ground: coming down (side 1) or going up (−1).

    The ellipsoid's distance from the centre differs from place to place, so it is sought: by how much the height there
    is off, the distance is moved. The earth's turning changes no height.
    """
    radius_m = _find_ground(point, ground_m)
    for _ in range(_ROUNDS):
        anomaly = side * find_crossing(ellipse, radius_m)
        off_m = to_place(move_along(point, velocity, ellipse, anomaly)[0])[..., 2] - ground_m
        radius_m = radius_m - off_m
        if not np.any(np.abs(off_m) > _SETTLED_M):
            break
    return anomaly
