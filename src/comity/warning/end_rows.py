"""Estimates of launch and impact for rows of a block, in the whole numbers of the wire (docs/spec/warning.md, W4, W66).

For a source that sees a missile and says nothing of its ends, and for a replay. A row gets estimates only if it says
its altitude and velocity and is on an arc; what is too vague, or runs over the bounds of W4, gets none.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base.limits import INSTANT_MS_MAX
from comity.warning.bounds import BEARING_MAX, RHO_ONE, SIGMA_AT_MS_MAX, SIGMA_DM_MAX
from comity.warning.estimate import EndEstimate, find_axes, find_end_estimates
from comity.warning.frames import Floats, make_covariance, to_point, turn_to_earth, wrap_longitude
from comity.warning.layout import ESTIMATE, Estimated, Flag
from comity.warning.rows import Rows

__all__ = ["estimate_rows", "find_states", "round_degrees"]

_DEGREE: Final = 10_000_000
_KNOWN: Final = Flag.ALTITUDE | Flag.VELOCITY


def estimate_rows(rows: Rows) -> Rows:
    """Return the estimates that rows have, each naming its row by its place: launch and impact, in the order of W4."""
    place, point, velocity, covariance = find_states(rows)
    if not len(place):
        return np.empty(0, ESTIMATE)
    made = [
        _make(rows, place, what, estimate)
        for what, estimate in zip(Estimated, find_end_estimates(point, velocity, covariance), strict=True)
    ]
    estimates = np.concatenate(made)
    return estimates[np.lexsort((estimates["what"], estimates["row"]))]


def find_states(rows: Rows) -> tuple[npt.NDArray[np.int64], Floats, Floats, Floats]:
    """Return places of the rows that know altitude and velocity, points, velocities and covariances `(n, 6, 6)`."""
    place = np.flatnonzero(rows["flags"] & _KNOWN == _KNOWN)
    known = rows[place]
    where = np.stack([known["latitude"] / _DEGREE, known["longitude"] / _DEGREE, known["altitude"] / 10], axis=-1)
    local = np.stack([known[f"velocity_{axis}"] / 100 for axis in ("east", "north", "up")], axis=-1)
    sigma = np.stack([known[f"sigma_{axis}"] / 10 for axis in ("east", "north", "up")], axis=-1)
    rho = np.stack([known[f"rho_{pair}"] / RHO_ONE for pair in ("en", "eu", "nu")], axis=-1)
    covariance = np.zeros((len(place), 6, 6))
    covariance[:, :3, :3] = make_covariance(sigma, rho)
    covariance[:, 3:, 3:] = np.eye(3) * (known["sigma_velocity"] / 100)[:, None, None] ** 2
    return place, to_point(where), turn_to_earth(local, at=where), covariance


def round_degrees(place: Floats) -> tuple[Floats, Floats]:
    """Return latitude and longitude in 1e-7 degree; what rounds to 180° E is 180° W."""
    longitude = np.rint(wrap_longitude(place[..., 1]) * _DEGREE)
    return np.rint(place[..., 0] * _DEGREE), np.where(longitude >= 180 * _DEGREE, -180 * _DEGREE, longitude)


def _make(rows: Rows, place: npt.NDArray[np.int64], what: Estimated, estimate: EndEstimate) -> Rows:
    """Return the estimates of one end that keep the bounds."""
    axes = find_axes(estimate.covariance)
    with np.errstate(invalid="ignore"):
        at = rows["at"][place] + np.rint(estimate.after_s * 1000)
        sigma_at = np.rint(np.sqrt(estimate.covariance[..., 2, 2]) * 1000)
        is_good = (at >= 0) & (at <= INSTANT_MS_MAX) & (sigma_at <= SIGMA_AT_MS_MAX)
        is_good &= axes.semi_major_m * 10 <= SIGMA_DM_MAX
    estimates = np.zeros(int(is_good.sum()), ESTIMATE)
    latitude, longitude = round_degrees(estimate.place[is_good])
    estimates["row"], estimates["what"] = place[is_good], what
    estimates["at"], estimates["sigma_at"] = at[is_good], sigma_at[is_good]
    estimates["latitude"], estimates["longitude"] = latitude, longitude
    estimates["semi_minor"] = np.maximum(np.rint(axes.semi_minor_m[is_good] * 10), 1)
    estimates["semi_major"] = np.maximum(np.rint(axes.semi_major_m[is_good] * 10), estimates["semi_minor"])
    estimates["bearing"] = np.mod(np.rint(axes.bearing_deg[is_good] * 100), BEARING_MAX)
    return estimates
