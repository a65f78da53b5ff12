"""Aircraft that three parties report, each in its own way: what the figures of the picture and the feed are made of."""

from typing import Final

import numpy as np

from comity.warning.layout import ROW, Flag
from comity.warning.rows import Rows

__all__ = ["AIR", "SIGMA_M", "START", "Flown"]

AIR: Final = "policy.track.air"
START: Final = 1_795_000_000_000
SIGMA_M: Final = {"JPN": 80.0, "KOR": 120.0, "USA": 200.0}


class Flown:
    """Aircraft on straight courses, and what each party reports of them."""

    def __init__(self, count: int) -> None:
        self._draw = np.random.default_rng(2026)
        self._count = count
        self._place = self._draw.uniform((30, 124, 1_000), (42, 146, 12_000), (count, 3))
        self._speed = self._draw.normal(0, 150, (count, 2))

    def report(self, party: str, second: int) -> Rows:
        """Return a row of each aircraft at that second."""
        rows, sigma = np.zeros(self._count, ROW), SIGMA_M[party]
        off = self._draw.normal(0, sigma, (self._count, 3))
        north, east = self._speed[:, 1] * second + off[:, 1], self._speed[:, 0] * second + off[:, 0]
        rows["track"], rows["number"], rows["at"] = np.arange(self._count) + 1, second + 1, START + second * 1_000
        rows["latitude"] = np.rint((self._place[:, 0] + north / 111_000) * 1e7)
        across = 111_000 * np.cos(np.radians(self._place[:, 0]))
        rows["longitude"] = np.rint((self._place[:, 1] + east / across) * 1e7)
        rows["altitude"] = np.rint((self._place[:, 2] + off[:, 2]) * 10)
        for index, way in enumerate(("east", "north")):
            rows[f"velocity_{way}"] = np.rint((self._speed[:, index] + self._draw.normal(0, 5, self._count)) * 100)
        for way in ("east", "north", "up"):
            rows[f"sigma_{way}"] = round(sigma * 10)
        rows["sigma_velocity"], rows["flags"] = 500, Flag.ALTITUDE | Flag.VELOCITY
        return rows
