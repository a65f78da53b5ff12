"""What a row and an estimate may hold: every bound of docs/spec/warning.md, W3 and W4, over whole columns at once.

Each check is one expression over the columns; what is found is the first row that breaks the first bound in the order
of the clause, so that every reader names the same code for the same bytes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from comity.base.limits import INSTANT_MS_MAX
from comity.warning.layout import NOT_NAMED, Estimated, Flag

__all__ = [
    "Check", "ClassBounds", "Fault", "find_class_checks", "find_class_fault", "find_estimate_checks",
    "find_estimate_fault", "find_row_checks", "find_row_fault",
]  # fmt: skip

_Rows = npt.NDArray[np.void] | Mapping[str, npt.NDArray[Any]]
"""Rows, or their columns by name."""
_Mask = npt.NDArray[np.bool_]

LATITUDE_MAX: Final = 900_000_000
"""1e-7 degree: a pole."""
LONGITUDE_MAX: Final = 1_800_000_000
"""1e-7 degree: the antimeridian, which is written as -180 degrees."""
ALTITUDE_DM_MIN: Final = -10_000
"""One kilometre below the ellipsoid: no land lies lower."""
ALTITUDE_DM_MAX: Final = 1_000_000_000
"""100,000 km: beyond every orbit that a warning is about."""
SPEED_CM_S_MAX: Final = 2_000_000
"""20 km/s: faster than anything that falls back to earth or was launched from it."""
SIGMA_DM_MAX: Final = 200_000_000
"""20,000 km, half way round: whoever knows less knows nothing."""
SIGMA_AT_MS_MAX: Final = 24 * 60 * 60 * 1000
"""A day."""
RHO_ONE: Final = 32_767
"""A correlation of one."""
BEARING_MAX: Final = 18_000
"""0.01 degree. An axis points both ways: half a turn says all."""
CONFIDENCE_MAX: Final = 100
_FLAGS: Final = int(sum(Flag))
_ALTITUDE: Final = int(Flag.ALTITUDE)
_VELOCITY: Final = int(Flag.VELOCITY)
_OF_A_TRACK: Final = int(Flag.COASTED | Flag.DROPPED)
"""Plain numbers: an enum's member is looked up and converted each time, which a block of one row pays in full."""


@dataclass(frozen=True)
class Fault:
    """The code of the bound that was broken, and the place of the first row or estimate that broke it."""

    code: str
    row: int


@dataclass(frozen=True, slots=True)
class ClassBounds:
    """What the pact sets to a class, in the units of a row (W7)."""

    kind_count: int
    speed_max_cm_s: int
    altitude_max_dm: int


Check = tuple[str, Callable[[_Rows], _Mask]]
"""A code, and what tells of each row whether it breaks the bound of that code."""


def find_row_checks(*, sensor_count: int | npt.NDArray[np.int64]) -> tuple[Check, ...]:
    """Return the bounds of W3 in their order, for a block that names so many sensors: one number, or one a row."""

    def is_of_strange_sensor(rows: _Rows) -> _Mask:
        return _both(rows["sensor"] >= sensor_count, rows["sensor"] != NOT_NAMED)

    return (*_ROW_CHECKS, ("warning.sensor", is_of_strange_sensor))


def find_class_checks(of: ClassBounds) -> tuple[Check, ...]:
    """Return the bounds of W7 in their order, for a class that has these."""

    def is_of_strange_kind(rows: _Rows) -> _Mask:
        return _both(rows["kind"] >= of.kind_count, rows["kind"] != NOT_NAMED)

    return (
        ("warning.kind", is_of_strange_kind),
        ("warning.altitude", lambda rows: rows["altitude"] > of.altitude_max_dm),
        ("warning.speed", lambda rows: _squared_speed(rows) > of.speed_max_cm_s**2),
    )


def find_estimate_checks(*, row_count: int) -> tuple[Check, ...]:
    """Return the bounds of W4 in their order, but for the order of estimates, for a block of so many rows."""

    def is_of_strange_row(estimates: _Rows) -> _Mask:
        return _either(estimates["row"] >= row_count, estimates["what"] > max(Estimated))

    return (("warning.estimate", is_of_strange_row), *_ESTIMATE_CHECKS)


def find_row_fault(rows: _Rows, *, sensor_count: int | npt.NDArray[np.int64]) -> Fault | None:
    """Return the first bound of W3 that rows break, or None."""
    return _find(rows, find_row_checks(sensor_count=sensor_count))


def find_estimate_fault(estimates: _Rows, *, row_count: int) -> Fault | None:
    """Return the first bound of W4 that estimates break, or None."""
    if not len(estimates):
        return None
    places = estimates["row"].astype(np.int64) * 256 + estimates["what"]
    unordered = _first("warning.estimate", np.diff(places, prepend=-1) <= 0)
    strange, *others = find_estimate_checks(row_count=row_count)
    found = _find(estimates, (strange,))
    if unordered is not None and (found is None or unordered.row < found.row):
        return unordered
    return found or _find(estimates, tuple(others))


def find_class_fault(rows: _Rows, of: ClassBounds) -> Fault | None:
    """Return the first bound that the pact sets to a class and that rows break, or None (W7)."""
    return _find(rows, find_class_checks(of))


def _find(rows: _Rows, checks: tuple[Check, ...]) -> Fault | None:
    for code, is_broken in checks:
        found = _first(code, is_broken(rows))
        if found is not None:
            return found
    return None


def _first(code: str, broken: _Mask) -> Fault | None:
    return Fault(code, int(broken.argmax())) if broken.any() else None


def _either(*broken: _Mask) -> _Mask:
    """Tell for each row whether one of these holds."""
    found, *others = broken
    for one in others:
        found = found | one
    return found


def _both(one: _Mask, other: _Mask) -> _Mask:
    return one & other


def _is_odd_instant(rows: _Rows) -> _Mask:
    at = rows["at"]
    return _either(at < 0, at > INSTANT_MS_MAX)


def _is_nowhere(rows: _Rows) -> _Mask:
    latitude, longitude = rows["latitude"], rows["longitude"]
    return _either(
        latitude > LATITUDE_MAX,
        latitude < -LATITUDE_MAX,
        longitude >= LONGITUDE_MAX,
        longitude < -LONGITUDE_MAX,
    )


def _is_odd_in_flags(rows: _Rows) -> _Mask:
    """A flag that nobody defined; and a single observation was neither predicted nor dropped."""
    flags = rows["flags"]
    lone = (flags & _OF_A_TRACK != 0) & (rows["track"] == 0)
    return _either(flags > _FLAGS, lone)


def _is_at_odd_altitude(rows: _Rows) -> _Mask:
    """Out of bounds; or one that is said not to be known, and yet told, in itself or in a correlation."""
    altitude = rows["altitude"]
    told = _either(altitude != 0, rows["rho_eu"] != 0, rows["rho_nu"] != 0)
    unknown = rows["flags"] & _ALTITUDE == 0
    return _either(altitude < ALTITUDE_DM_MIN, altitude > ALTITUDE_DM_MAX, told & unknown)


def _squared_speed(rows: _Rows) -> npt.NDArray[np.float64]:
    """In floats, exact for every speed within bounds, and never overflowing."""
    east, north, up = (rows[name].astype(np.float64) for name in ("velocity_east", "velocity_north", "velocity_up"))
    squared: npt.NDArray[np.float64] = east * east + north * north + up * up
    return squared


def _is_at_odd_speed(rows: _Rows) -> _Mask:
    """Too fast; or a velocity that is said not to be known, and yet told."""
    squared, sigma = _squared_speed(rows), rows["sigma_velocity"]
    known = rows["flags"] & _VELOCITY != 0
    untold = (squared == 0) & (sigma == 0)
    return _either(squared > SPEED_CM_S_MAX**2, sigma > SPEED_CM_S_MAX, np.where(known, sigma == 0, ~untold))


def _is_oddly_sure(rows: _Rows) -> _Mask:
    """A standard deviation out of bounds, or correlations that no three quantities have.

    Of correlations none over one, a positive determinant is enough: if one of them were one, it would be zero at most.
    In whole numbers, for a reader must not depend on how another rounds.
    """
    odd: _Mask = np.zeros(len(rows["flags"]), np.bool_)
    for name in ("sigma_east", "sigma_north", "sigma_up"):
        sigma = rows[name]
        odd |= _either(sigma < 1, sigma > SIGMA_DM_MAX)
    en, eu, nu = (rows[name].astype(np.int64) for name in ("rho_en", "rho_eu", "rho_nu"))
    squares = en * en + eu * eu + nu * nu
    if not squares.any():
        return odd
    determinant = RHO_ONE**3 + 2 * en * eu * nu - RHO_ONE * squares
    return _either(odd, determinant <= 0, np.minimum(np.minimum(en, eu), nu) < -RHO_ONE)


def _is_oddly_named(rows: _Rows) -> _Mask:
    """A confidence over 100 percent, or one in a kind that is not known."""
    confidence = rows["confidence"]
    return _either(confidence > CONFIDENCE_MAX, (rows["kind"] == NOT_NAMED) & (confidence > 0))


def _is_odd_ellipse(estimates: _Rows) -> _Mask:
    major, minor = estimates["semi_major"], estimates["semi_minor"]
    size = _either(minor < 1, minor > major, major > SIGMA_DM_MAX)
    return _either(size, estimates["bearing"] >= BEARING_MAX, estimates["sigma_at"] > SIGMA_AT_MS_MAX)


_ROW_CHECKS: Final[tuple[Check, ...]] = (
    ("warning.instant", _is_odd_instant),
    ("warning.position", _is_nowhere),
    ("warning.flags", _is_odd_in_flags),
    ("warning.altitude", _is_at_odd_altitude),
    ("warning.speed", _is_at_odd_speed),
    ("warning.uncertainty", _is_oddly_sure),
    ("warning.kind", _is_oddly_named),
)
_ESTIMATE_CHECKS: Final[tuple[Check, ...]] = (
    ("warning.instant", _is_odd_instant),
    ("warning.position", _is_nowhere),
    ("warning.uncertainty", _is_odd_ellipse),
)
