"""What each party sees with in a replay of launches: the noise floor, fixed beforehand (docs/ballistics.md).

No eye stands for a sensor that exists; places and numbers are chosen for their geometry and their order of size.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from comity.warning.frames import Floats, to_local

__all__ = ["EYES", "SHARED_BIAS_M", "Eye"]

SHARED_BIAS_M: Final = 100.0
"""One standard deviation, each axis, of the error that all eyes make alike on one launch."""

_ELEVATION_MIN: Final = np.sin(np.radians(1.0))


@dataclass(frozen=True, slots=True)
class Eye:
    """One party's sensor. Deviations are standard ones; `place` is None for one that looks down from above.

    `floor_m`: it sees nothing lower. `delay_s`: between the first sight and the first report, drawn evenly. `every_s`:
    between reports. `told_s`: from a measurement until it is told. `lost`: the share of reports that never come; `gap`:
    the chance that for 20 to 40 seconds none does. `noise_m`: east, north, up, drawn anew for each report; `bias_m` of
    each axis and `clock_s` drawn once for each launch.
    """

    party: str
    sensor: str
    place: tuple[float, float, float] | None
    reach_m: float
    floor_m: float
    delay_s: tuple[float, float]
    every_s: float
    told_s: float
    lost: float
    gap: float
    noise_m: tuple[float, float, float]
    bias_m: float
    clock_s: float
    velocity_m_s: float

    def sees(self, point: Floats, height_m: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Tell which points are high enough, near enough and a degree above the horizon: straight, through no air."""
        seen = np.asarray(height_m >= self.floor_m)
        if self.place is None:
            return seen
        across = to_local(point, origin=np.array(self.place))
        away_m = np.linalg.norm(across, axis=-1)
        return np.asarray(seen & (away_m <= self.reach_m) & (across[..., 2] >= _ELEVATION_MIN * away_m))


EYES: Final = (
    Eye(
        party="KOR",
        sensor="ground-west",
        place=(37.5, 127.0, 100.0),
        reach_m=3_000_000.0,
        floor_m=0.0,
        delay_s=(10.0, 20.0),
        every_s=2.0,
        told_s=1.0,
        lost=0.05,
        gap=0.1,
        noise_m=(150.0, 150.0, 300.0),
        bias_m=200.0,
        clock_s=0.05,
        velocity_m_s=15.0,
    ),
    Eye(
        party="JPN",
        sensor="ground-east",
        place=(37.0, 137.0, 100.0),
        reach_m=3_000_000.0,
        floor_m=0.0,
        delay_s=(15.0, 30.0),
        every_s=4.0,
        told_s=2.0,
        lost=0.08,
        gap=0.1,
        noise_m=(250.0, 250.0, 400.0),
        bias_m=300.0,
        clock_s=0.1,
        velocity_m_s=20.0,
    ),
    Eye(
        party="USA",
        sensor="above",
        place=None,
        reach_m=0.0,
        floor_m=10_000.0,
        delay_s=(30.0, 45.0),
        every_s=10.0,
        told_s=3.0,
        lost=0.03,
        gap=0.05,
        noise_m=(800.0, 800.0, 1_500.0),
        bias_m=500.0,
        clock_s=0.2,
        velocity_m_s=40.0,
    ),
)
"""Three eyes: a near one that is quick and sharp, a far one beyond the horizon at first, and one from above."""
