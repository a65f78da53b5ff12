"""A block as a clause has it told: on a grid, without its sensors (docs/spec/warning.md, W23).

Rules
- A position becomes the middle of its cell. Cells are as high as the clause says and at least as wide; which cells
  there are depends on the clause alone, so that two updates in one cell can't be told apart.
- The uncertainty grows by half a cell: by the largest error that the grid makes, and not by its mean, for the errors of
  one cell's updates are the same and no averaging takes them away. Correlations shrink so that covariances stay.
- Nothing else changes: numbers, instants, kinds, velocities, flags. A velocity tells over time how a track moved within
  its cells; what must not be known so well is given late, or not at all.
"""

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.warning.bounds import ALTITUDE_DM_MAX, ALTITUDE_DM_MIN, LATITUDE_MAX, RHO_ONE, SIGMA_DM_MAX
from comity.warning.layout import NOT_NAMED, Flag
from comity.warning.rows import Block, Coarsening, Rows
from comity.warning.telling import Terms

__all__ = ["coarsen_block"]

_Floats = npt.NDArray[np.float64]

METRES_PER_DEGREE: Final = 111_320.0
"""Of longitude on the equator; one of latitude has up to 0.4 % more near a pole, for which `GROWTH` allows."""
GROWTH: Final = 1.005
"""More than a degree can be longer than `METRES_PER_DEGREE`."""
PER_DEGREE: Final = 10_000_000
"""Units of a position on the wire in one degree."""
DM_PER_M: Final = 10
_PAIRS: Final = (("rho_en", "east", "north"), ("rho_eu", "east", "up"), ("rho_nu", "north", "up"))


def coarsen_block(block: Block, terms: Terms) -> Block:
    """Return the block as these terms have it told; the same block where they take nothing away."""
    if terms.is_full:
        return block
    told = Coarsening(terms.clause, terms.coarsen_m, terms.delay_ms)
    rows, estimates, sensors = block.rows, block.estimates, block.sensors
    if terms.coarsen_m:
        rows, estimates = _coarsen_rows(rows, terms.coarsen_m), _coarsen_estimates(estimates, terms.coarsen_m)
    if not terms.is_sensor_named:
        rows = rows.copy() if rows is block.rows else rows
        rows["sensor"], sensors = NOT_NAMED, ()
    return replace(block, rows=rows, estimates=estimates, sensors=sensors, coarsening=told)


def _coarsen_rows(rows: Rows, step_m: int) -> Rows:
    coarse = rows.copy()
    half_north, half_east = _snap(coarse, step_m)
    is_high = rows["flags"] & Flag.ALTITUDE != 0
    step_dm = step_m * DM_PER_M
    altitude = np.rint(rows["altitude"] / step_dm) * step_dm
    coarse["altitude"] = np.where(is_high, np.clip(altitude, ALTITUDE_DM_MIN, ALTITUDE_DM_MAX), rows["altitude"])
    half_up = np.where(is_high, step_dm / 2, 0.0)
    shares = {}
    for name, half in (("east", half_east), ("north", half_north), ("up", half_up)):
        sigma = rows[f"sigma_{name}"].astype(np.float64)
        wider = np.minimum(np.ceil(np.sqrt(sigma * sigma + half * half)), SIGMA_DM_MAX)
        coarse[f"sigma_{name}"] = wider
        shares[name] = sigma / wider
    for rho, one, other in _PAIRS:
        coarse[rho] = np.trunc(rows[rho] * shares[one] * shares[other])
    _mend(coarse)
    return coarse


def _mend(rows: Rows) -> None:
    """Where rounding left three correlations that no three quantities have, say none, and as much more uncertainty.

    A covariance is never more than three times its diagonal.
    """
    en, eu, nu = (rows[rho].astype(np.int64) for rho, *_ in _PAIRS)
    odd = RHO_ONE**3 + 2 * en * eu * nu - RHO_ONE * (en * en + eu * eu + nu * nu) <= 0
    if odd.any():
        for rho, *_ in _PAIRS:
            rows[rho][odd] = 0
        for name in ("sigma_east", "sigma_north", "sigma_up"):
            rows[name][odd] = np.minimum(np.ceil(rows[name][odd] * np.sqrt(3.0)), SIGMA_DM_MAX)


def _coarsen_estimates(estimates: Rows, step_m: int) -> Rows:
    coarse = estimates.copy()
    half_north, half_east = _snap(coarse, step_m)
    half = np.sqrt(half_north * half_north + half_east * half_east)
    for name in ("semi_major", "semi_minor"):
        axis = estimates[name].astype(np.float64)
        coarse[name] = np.minimum(np.ceil(np.sqrt(axis * axis + half * half)), SIGMA_DM_MAX)
    return coarse


def _snap(places: Rows, step_m: int) -> tuple[_Floats, _Floats]:
    """Move positions to the middle of their cells; return by how much at most, north and east, in decimetres.

    Rows of cells lie on the equator and go on to the poles; each has a whole number of cells around the earth.
    """
    step = step_m / METRES_PER_DEGREE * PER_DEGREE
    latitude = places["latitude"].astype(np.float64)
    snapped = np.clip(np.rint(np.rint(latitude / step) * step), -LATITUDE_MAX, LATITUDE_MAX)
    around = 360.0 * PER_DEGREE
    narrowing = np.cos(np.radians(snapped / PER_DEGREE))
    cells = np.maximum(np.floor(around * narrowing / step), 1.0)
    width = around / cells
    longitude = places["longitude"].astype(np.float64)
    index = np.floor((longitude + around / 2) / width)
    middle = np.rint((index + 0.5) * width - around / 2)
    places["latitude"] = snapped
    places["longitude"] = np.clip(middle, -around / 2, around / 2 - 1)
    per_unit = METRES_PER_DEGREE * DM_PER_M * GROWTH / PER_DEGREE
    widest = np.cos(np.radians(np.minimum(np.abs(latitude), np.abs(snapped)) / PER_DEGREE))
    return np.full(len(places), (step + 1) / 2 * per_unit), (width + 1) / 2 * per_unit * widest
