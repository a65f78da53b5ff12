"""How wrong the plain arc may be by itself: what it leaves out, as an uncertainty of its ends (W67).

Sized on flights integrated with an engine that burns for a while, a flattened earth and air, which keep to the recorded
ranges and apogees (docs/ballistics.md has the table). Nothing is shifted: the arc says where a thrown thing comes down,
and the flaw how far from there a real one may.

- The earth is no point: `DRIFT_M_S` for each second between the state and the end, whichever way.
- Air shortens a flat arc, and a missile that steers in it can lengthen it as much: along the way the arc comes down, by
  how low it stays and how flat it falls; and of what still climbs through thick air a share of the way to go.
- Low down it falls slower than the arc: `SLOWED_M` of height are what the time of the impact is unsure by.
- An engine burns for a while, about `BURN_S` and a second for every `PUSH_M_S2` of speed. So the launch was earlier
  than the arc says, and, of a flat arc, nearer.
"""

from typing import Final, NamedTuple

import numpy as np

from comity.warning.frames import Floats

__all__ = ["Way", "find_impact_flaw", "find_launch_flaw"]

DRIFT_M_S: Final = 2.0
AIR_M: Final = 8_700.0
AIR_TOP_M: Final = 44_000.0
CLIMB_SHARE: Final = 2.0
CLIMB_TOP_M: Final = 8_000.0
SHARE_MAX: Final = 0.5
SLOWED_M: Final = 17_000.0
BURN_S: Final = 10.0
PUSH_M_S2: Final = 42.0
BURN_SHARE: Final = 0.65
NEARER_SHARE: Final = 0.06
_FLAT: Final = 0.05  # of a slope, below which it is flat enough


class Way(NamedTuple):
    """The way between a state and one end of its arc.

    `velocity` at the end in east, north, up there; seconds and metres between state and end; the greatest height of the
    arc and that of the state; whether the state is still climbing.
    """

    velocity: Floats
    between_s: Floats
    between_m: Floats
    apogee_m: Floats
    height_m: Floats
    is_climbing: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def find_impact_flaw(way: Way) -> Floats:
    """Return `(…, 3, 3)` over east m, north m, seconds, to be added to what is said of an impact."""
    along, flatness = _face(way.velocity)
    low = AIR_M * np.exp(-np.maximum(way.apogee_m, 0) / AIR_TOP_M) * flatness**2
    climb = np.where(way.is_climbing, CLIMB_SHARE * np.exp(-np.maximum(way.height_m, 0) / CLIMB_TOP_M), 0.0)
    air_m = np.minimum(low + climb * way.between_m, SHARE_MAX * way.between_m)
    slowed_s = SLOWED_M / np.maximum(np.abs(way.velocity[..., 2]), 1.0)
    late_s = np.minimum(slowed_s, np.maximum(np.abs(way.between_s), 1.0))
    return _gather(along, air_m, DRIFT_M_S * np.abs(way.between_s), late_s)


def find_launch_flaw(way: Way) -> Floats:
    """Return the same of a launch."""
    along, flatness = _face(way.velocity)
    speed_m_s = np.linalg.norm(way.velocity, axis=-1)
    burn_s = BURN_S + speed_m_s / PUSH_M_S2
    nearer_m = NEARER_SHARE * flatness * speed_m_s * burn_s
    return _gather(along, nearer_m, DRIFT_M_S * np.abs(way.between_s), BURN_SHARE * burn_s)


def _face(velocity: Floats) -> tuple[Floats, Floats]:
    """Return the way it goes over the ground, and how many metres of ground a metre of height is worth."""
    level = np.hypot(velocity[..., 0], velocity[..., 1])
    along = velocity[..., :2] / np.maximum(level, 1e-9)[..., None]
    return along, level / np.maximum(np.abs(velocity[..., 2]), np.maximum(_FLAT * level, 1e-9))


def _gather(along: Floats, along_m: Floats, drift_m: Floats, late_s: Floats) -> Floats:
    flaw = np.zeros((*along_m.shape, 3, 3))
    flaw[..., :2, :2] = along_m[..., None, None] ** 2 * along[..., :, None] * along[..., None, :]
    flaw[..., 0, 0] += drift_m**2
    flaw[..., 1, 1] += drift_m**2
    flaw[..., 2, 2] = late_s**2
    return flaw
