"""Where and when something was launched and comes down, from one state of it, with how sure that is.

Rules (W66, W67)
- Twelve states, each off by √6 standard deviations along one axis of the state's uncertainty, are each followed to both
  ends (the unscented transform with equal weights): their mean is the estimate, their spread its covariance. What bends
  on the way (a long shallow arc) is in it, which a slope at one point would miss.
- What the arc leaves out (`flaw`) is added to the covariance, never taken from the place.
- If one of the twelve is on no arc, the state is too vague for an estimate and gets none: no ellipse is better than one
  that lies.
- What falls below 60 km has been slowed by air and tells no launch any more: an earlier state did.
- Not here: a search for the best state from many reports; a source's own filter has done that, or the picture has.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from comity.base.errors import UsageError
from comity.warning.ballistic import Arc, find_ends, judge_states
from comity.warning.flaw import Way, find_impact_flaw, find_launch_flaw
from comity.warning.frames import Floats, find_local_axes, to_local, to_place, to_point, turn_to_local

__all__ = ["Axes", "EndEstimate", "find_axes", "find_end_estimates"]

MALFORMED: Final = "warning.covariance-malformed"
_SAFE: Final = to_point(np.array([0.0, 0.0, 0.0]))
_SIZE: Final = 6
SLOWED_M: Final = 60_000.0
_SLACK: Final = 1e-9
_LARGEST: Final = 1e18


class EndEstimate(NamedTuple):
    """One end of each arc: `place` with height 0, seconds after the state, covariance over east m, north m, seconds."""

    place: Floats
    after_s: Floats
    covariance: Floats


class Axes(NamedTuple):
    """The ellipse of one standard deviation. The bearing is that of its long axis, in 0 ≤ β < 180."""

    semi_major_m: Floats
    semi_minor_m: Floats
    bearing_deg: Floats


def find_end_estimates(
    point: npt.ArrayLike, velocity: npt.ArrayLike, covariance: npt.ArrayLike, *, with_flaw: bool = True
) -> tuple[EndEstimate, EndEstimate]:
    """Return the estimates of launch and of impact of each state; NaN for a state that has none.

    `covariance` is `(…, 6, 6)` over east, north, up at the state's place, in metres and then in metres a second. What
    is no covariance is refused (`warning.covariance-malformed`), with how many. Without the flaw it is what the state
    alone tells, for comparison.
    """
    point, velocity = np.asarray(point, np.float64), np.asarray(velocity, np.float64)
    root = _find_root(np.asarray(covariance, np.float64))
    is_on_arc = judge_states(point, velocity) == ""
    point = np.where(is_on_arc[..., None], point, _SAFE)
    velocity = np.where(is_on_arc[..., None], velocity, 0.0)
    points, velocities = _spread(point, velocity, root)
    is_lost = (judge_states(points, velocities) != "").any(axis=0) | ~is_on_arc
    points = np.where(is_lost[..., None], _SAFE, points)
    ends = find_ends(points, np.where(is_lost[..., None], 0.0, velocities))
    launch = _gather(ends.launch, ends.launch_s, is_lost | _is_slowed(point, velocity))
    impact = _gather(ends.impact, ends.impact_s, is_lost)
    if not with_flaw:
        return launch, impact
    to_launch, to_impact = _find_ways(point, velocity)
    return (
        launch._replace(covariance=launch.covariance + find_launch_flaw(to_launch)),
        impact._replace(covariance=impact.covariance + find_impact_flaw(to_impact)),
    )


def find_axes(covariance: Floats) -> Axes:
    """Return the ellipses of covariances `(…, 2, 2)`, or of the first two of three: east and north."""
    east, north, both = covariance[..., 0, 0], covariance[..., 1, 1], covariance[..., 0, 1]
    middle, half = (east + north) / 2, np.hypot((east - north) / 2, both)
    bearing_deg = np.degrees(np.arctan2(2 * both, north - east)) / 2
    return Axes(np.sqrt(middle + half), np.sqrt(np.maximum(middle - half, 0)), np.mod(bearing_deg, 180))


def _find_root(covariance: Floats) -> Floats:
    """Return the matrices whose squares these are, by their axes: one of them may be known exactly."""
    good = np.asarray(np.isfinite(covariance).all(axis=(-1, -2)))
    safe = np.where(good[..., None, None], covariance, np.eye(_SIZE))
    values, axes = np.linalg.eigh((safe + np.swapaxes(safe, -1, -2)) / 2)
    largest = values[..., -1]
    is_even = np.abs(safe - np.swapaxes(safe, -1, -2)).max(axis=(-1, -2)) <= _SLACK * largest
    good &= (values[..., 0] >= -_SLACK * largest) & (largest <= _LARGEST) & is_even
    if not good.all():
        raise UsageError(MALFORMED, count=int((~good).sum()))
    root: Floats = axes * np.sqrt(np.maximum(values, 0))[..., None, :]
    return root


def _spread(point: Floats, velocity: Floats, root: Floats) -> tuple[Floats, Floats]:
    """Return the twelve states around each, the twelve first."""
    turn = np.swapaxes(find_local_axes(to_place(point)), -1, -2)
    off = np.moveaxis(root, -1, 0) * np.sqrt(_SIZE)
    off = np.concatenate([off, -off])
    moved = np.einsum("...ij,k...j->k...i", turn, off[..., :3])
    faster = np.einsum("...ij,k...j->k...i", turn, off[..., 3:])
    return point + moved, velocity + faster


def _gather(end: Floats, after_s: Floats, is_lost: npt.NDArray[np.bool_]) -> EndEstimate:
    """Return mean and covariance of the twelve, around the place of their mean."""
    middle = to_place(end.mean(axis=0)) * [1, 1, 0]
    parts = to_local(end, origin=middle)
    parts[..., 2] = after_s
    parts = parts - parts.mean(axis=0)
    covariance = np.einsum("k...i,k...j->...ij", parts, parts) / len(parts)
    lost = np.where(is_lost, np.nan, 0.0)
    return EndEstimate(middle + lost[..., None], after_s.mean(axis=0) + lost, covariance + lost[..., None, None])


def _is_slowed(point: Floats, velocity: Floats) -> npt.NDArray[np.bool_]:
    """Tell which states fall so low that air has taken from what they tell of their launch."""
    place = to_place(point)
    return np.asarray((place[..., 2] < SLOWED_M) & (turn_to_local(velocity, at=place)[..., 2] < 0))


def _find_ways(point: Floats, velocity: Floats) -> tuple[Way, Way]:
    """Return the ways from each state to its launch and to its impact."""
    arc = Arc(point, velocity, find_ends(point, velocity))
    height_m = to_place(point)[..., 2]
    is_climbing = arc.ends.apogee_s > 0
    ways = []
    for end, after_s in ((arc.ends.launch, arc.ends.launch_s), (arc.ends.impact, arc.ends.impact_s)):
        speed = turn_to_local(arc.move(after_s)[1], at=to_place(end))
        between_m = np.linalg.norm(end - point, axis=-1)
        ways.append(Way(speed, after_s, between_m, arc.apogee_m, height_m, is_climbing))
    return ways[0], ways[1]
