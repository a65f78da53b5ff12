"""Floats of a source as the whole numbers of the feed, column by column.

Rules (docs/spec/warning.md, W11)
- Rounded to the nearest; deviations upwards, so that nobody becomes surer than he is.
- Nothing is repaired: what lies out of bounds stays out of bounds, and `bounds` finds it. Numbers beyond the width of a
  column become its ends, which are out of bounds too.
- What is said not to be known is not looked at.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from comity.warning.bounds import LONGITUDE_MAX, RHO_ONE
from comity.warning.layout import ESTIMATE, ROW, Flag
from comity.warning.rows import Rows

__all__ = ["find_finite", "find_finite_guesses", "make_estimates", "make_rows"]

_Floats = npt.NDArray[np.float64]
_Mask = npt.NDArray[np.bool_]

PER_DEGREE: Final = 10_000_000
_PER_METRE: Final = 10
_CM_PER_M: Final = 100
_END_4: Final = 2.0**31 - 1
_SHRINK: Final = 1 - 2.0**-10
"""By how much correlations shrink that rounding would leave without a positive determinant: a thousandth."""
_UNASTONISHED: Final = np.errstate(all="ignore")
"""A number too large, or divided by nothing, becomes one that is out of bounds: nobody is told twice."""
_ALTITUDE: Final = int(Flag.ALTITUDE)
_VELOCITY: Final = int(Flag.VELOCITY)
_ALWAYS: Final = ("latitude", "longitude", "ee", "en", "nn")
_WITH_ALTITUDE: Final = ("altitude", "eu", "nu", "uu")
_WITH_VELOCITY: Final = ("velocity_east", "velocity_north", "velocity_up", "sigma_velocity")
_GUESSED: Final = ("sigma_at", "latitude", "longitude", "semi_major", "semi_minor", "bearing")


def find_finite(reports: Rows) -> _Mask:
    """Tell which reports have a finite number wherever they say that something is known."""
    flags = reports["flags"]
    unknown_altitude, unknown_velocity = flags & _ALTITUDE == 0, flags & _VELOCITY == 0
    found: _Mask = _are_finite(reports, _ALWAYS)
    found &= _are_finite(reports, _WITH_ALTITUDE) | unknown_altitude
    found &= _are_finite(reports, _WITH_VELOCITY) | unknown_velocity
    return found


def find_finite_guesses(guesses: Rows) -> _Mask:
    """Tell which guesses have finite numbers alone, and no deviation below nothing."""
    found: _Mask = _are_finite(guesses, _GUESSED) & (guesses["sigma_at"] >= 0)
    return found


def _are_finite(rows: Rows, names: tuple[str, ...]) -> _Mask:
    found: _Mask = np.isfinite(rows[names[0]])
    for name in names[1:]:
        found &= np.isfinite(rows[name])
    return found


@_UNASTONISHED
def make_rows(reports: Rows) -> Rows:
    """Return reports as rows of the feed, but for track and number. They are finite where something is known."""
    rows = np.zeros(len(reports), ROW)
    flags = reports["flags"]
    has_altitude, has_velocity = flags & _ALTITUDE != 0, flags & _VELOCITY != 0
    for name in ("at", "flags", "kind", "sensor"):
        rows[name] = reports[name]
    rows["confidence"] = np.minimum(reports["confidence"], 255)
    _place(rows, reports)
    rows["altitude"] = _round(np.where(has_altitude, reports["altitude"], 0.0) * _PER_METRE)
    for name in ("velocity_east", "velocity_north", "velocity_up"):
        rows[name] = _round(np.where(has_velocity, reports[name], 0.0) * _CM_PER_M)
    rows["sigma_velocity"] = _round_up(np.where(has_velocity, reports["sigma_velocity"], 0.0) * _CM_PER_M)
    _spread(rows, reports, has_altitude)
    return rows


@_UNASTONISHED
def make_estimates(guesses: Rows) -> Rows:
    """Return guesses as estimates of the feed."""
    estimates = np.zeros(len(guesses), ESTIMATE)
    for name in ("row", "at"):
        estimates[name] = guesses[name]
    estimates["what"] = np.minimum(guesses["what"], 255)
    _place(estimates, guesses)
    estimates["sigma_at"] = _round_up(guesses["sigma_at"])
    for name in ("semi_major", "semi_minor"):
        estimates[name] = _round_up(guesses[name] * _PER_METRE)
    estimates["bearing"] = np.rint(np.mod(guesses["bearing"], 180.0) * 100).astype(np.int64) % 18_000
    return estimates


def _place(rows: Rows, given: Rows) -> None:
    """Set positions. 180 degrees east are 180 degrees west."""
    rows["latitude"] = _round(given["latitude"] * PER_DEGREE)
    longitude = _round(given["longitude"] * PER_DEGREE)
    rows["longitude"] = np.where(longitude == LONGITUDE_MAX, -LONGITUDE_MAX, longitude)


def _spread(rows: Rows, reports: Rows, has_altitude: _Mask) -> None:
    """Set deviations and correlations; a matrix that is not positive definite leaves a deviation of nothing."""
    east, north = (np.sqrt(np.maximum(reports[name], 0.0)) for name in ("ee", "nn"))
    up = np.where(has_altitude, np.sqrt(np.maximum(reports["uu"], 0.0)), 0.1)
    en = reports["en"] / (east * north)
    eu = np.where(has_altitude, reports["eu"] / (east * up), 0.0)
    nu = np.where(has_altitude, reports["nu"] / (north * up), 0.0)
    determinant = 1 + 2 * en * eu * nu - en * en - eu * eu - nu * nu
    is_odd = ~((determinant > 0) & (np.abs(en) < 1) & (np.abs(eu) < 1) & (np.abs(nu) < 1))
    for name, deviation in (("sigma_east", east), ("sigma_north", north), ("sigma_up", up)):
        rows[name] = np.where(is_odd, 0, _round_up(deviation * _PER_METRE))
    rhos = [np.where(is_odd, 0.0, rho) for rho in (en, eu, nu)]
    whole = [np.rint(rho * RHO_ONE).astype(np.int64) for rho in rhos]
    a, b, c = whole
    lost = RHO_ONE**3 + 2 * a * b * c - RHO_ONE * (a * a + b * b + c * c) <= 0
    for name, rho, number in zip(("rho_en", "rho_eu", "rho_nu"), rhos, whole, strict=True):
        rows[name] = np.where(lost, np.trunc(rho * _SHRINK * RHO_ONE), number) if lost.any() else number


def _round(values: _Floats) -> npt.NDArray[np.int64]:
    return np.rint(np.minimum(np.maximum(values, -_END_4), _END_4)).astype(np.int64)


def _round_up(values: _Floats) -> npt.NDArray[np.int64]:
    """Round a deviation up; what is below zero becomes nothing, which is out of bounds."""
    return np.ceil(np.minimum(np.maximum(values, 0.0), _END_4)).astype(np.int64)
