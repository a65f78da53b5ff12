"""Whether rows lie on the grid on which a clause has them told, and are no surer than it lets them be (W23).

The corners of cells come from a cosine, and two machines may differ in its last digit. So a place may be one unit of
W2 off, and where the number of cells around the earth lies within a millionth of a whole number, both are right.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Final

__all__ = ["Grid"]

_POLE: Final = 900_000_000
_AROUND: Final = 3_600_000_000
_UNITS: Final = 10_000_000
_METRES: Final = 111_320
_ENDS_DM: Final = (-10_000, 1_000_000_000)
"""The lowest and the highest altitude that is told: no grid leads beyond (W3)."""
_SIGMA_MAX: Final = 200_000_000
_SAME: Final = ("track", "number", "at", "velocity_east", "velocity_north", "velocity_up", "sigma_velocity")
_SAME_TOO: Final = ("flags", "kind", "confidence")
_IS_HIGH: Final = 1

Row = Mapping[str, int]


class Grid:
    """One grid; of 0 metres it changes nothing."""

    def __init__(self, coarsen_m: int) -> None:
        self._step_m = coarsen_m
        self._step = coarsen_m * _UNITS / _METRES

    def is_on(self, row: Row) -> bool:
        """Tell whether a row lies on the grid, and is as unsure as its cell is wide."""
        if not self._step_m:
            return True
        is_high = bool(row["flags"] & _IS_HIGH)
        return (
            self._is_place(row["latitude"], row["longitude"])
            and (not is_high or row["altitude"] in _ENDS_DM or row["altitude"] % (self._step_m * 10) == 0)
            and self._is_unsure(row, {})
        )

    def is_estimate_on(self, estimate: Row, full: Row | None = None) -> bool:
        """Tell whether an estimate lies on the grid, and both its axes have grown by half a cell's diagonal."""
        if not self._step_m:
            return full is None or all(estimate[name] == full[name] for name in full if name != "row")
        if not self._is_place(estimate["latitude"], estimate["longitude"]):
            return False
        half = math.hypot(*self._find_halves(estimate["latitude"]))
        for name in ("semi_major", "semi_minor"):
            known = 0 if full is None else full[name]
            if estimate[name] + 1 < min(math.hypot(known, half), _SIGMA_MAX):
                return False
        same = ("what", "at", "sigma_at", "bearing")
        return full is None or all(estimate[name] == full[name] for name in same)

    def is_of(self, row: Row, full: Row) -> bool:
        """Tell whether a row is what this grid makes of the same row told in full."""
        if any(row[name] != full[name] for name in (*_SAME, *_SAME_TOO)):
            return False
        if not self._step_m:
            return all(row[name] == full[name] for name in full if name != "sensor")
        return self._is_near(row, full) and self._is_unsure(row, full) and _has_shrunk(row, full)

    def _is_near(self, row: Row, full: Row) -> bool:
        north = abs(row["latitude"] - full["latitude"])
        east = abs(row["longitude"] - full["longitude"])
        widest = max(_AROUND / count for count in self._count_cells(row["latitude"]))
        up = abs(row["altitude"] - full["altitude"])
        is_at_end = row["altitude"] in _ENDS_DM
        return north <= self._step / 2 + 1 and east <= widest / 2 + 1 and (up <= self._step_m * 5 or is_at_end)

    def _is_unsure(self, row: Row, full: Row) -> bool:
        half_north, half_east = self._find_halves(row["latitude"])
        half_up = self._step_m * 5 if row["flags"] & _IS_HIGH else 0
        for name, half in (("sigma_east", half_east), ("sigma_north", half_north), ("sigma_up", half_up)):
            if row[name] + 1 < min(math.hypot(full.get(name, 0), half), _SIGMA_MAX):
                return False
        return True

    def _find_halves(self, latitude: int) -> tuple[float, float]:
        """Return half a cell's extent north and east, in decimetres."""
        per_unit = _METRES * 10 / _UNITS
        width = min(_AROUND / count for count in self._count_cells(latitude))
        return self._step_m * 5, width / 2 * per_unit * math.cos(math.radians(latitude / _UNITS))

    def _count_cells(self, latitude: int) -> Iterator[int]:
        """Yield how many cells go round the earth at a latitude: one number, or two where it is a near thing."""
        exact = _AROUND * math.cos(math.radians(latitude / _UNITS)) / self._step
        yield from sorted({max(1, math.floor(exact - 1e-6)), max(1, math.floor(exact + 1e-6))})

    def _is_place(self, latitude: int, longitude: int) -> bool:
        row = round(latitude / self._step) * self._step
        if abs(latitude - max(-_POLE, min(_POLE, row))) > 1 and abs(latitude) != _POLE:
            return False
        for count in self._count_cells(latitude):
            width = _AROUND / count
            cell = math.floor((longitude + _AROUND / 2) / width)
            for at in (cell - 1, cell, cell + 1):
                if abs(longitude - ((at + 0.5) * width - _AROUND / 2)) <= 1:
                    return True
        return False


def _has_shrunk(row: Row, full: Row) -> bool:
    """Tell whether no correlation grew or turned."""
    return all(
        abs(row[name]) <= abs(full[name]) and row[name] * full[name] >= 0 for name in ("rho_en", "rho_eu", "rho_nu")
    )
