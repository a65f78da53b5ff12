"""One body around the earth's centre: the ellipse that a thrown thing follows while nothing but gravity acts on it.

All anomalies are counted from the *apogee*, where a thrown thing's numbers are at their tamest: ascending they are
negative, descending positive, and no formula here divides by what vanishes in a steep flight. Frames are inertial and
the earth's mass is a point (W63). Points are `(…, 3)` in metres, velocities in m/s, many at once.
Not here: the earth's turning and where its ground is (`arc`).
"""

from typing import Final, NamedTuple

import numpy as np

from comity.warning.frames import GRAVITATION_M3_S2, Floats

__all__ = ["Ellipse", "find_anomaly", "find_crossing", "find_ellipse", "find_time", "move_along"]

_ROUNDS: Final = 60
_SETTLED_RAD: Final = 1e-13


class Ellipse(NamedTuple):
    """What a state says of the ellipse: its size and shape, and where on it the state is. NaN where there is none."""

    semi_major_m: Floats
    eccentricity: Floats
    anomaly: Floats
    rate_rad_s: Floats


def find_ellipse(point: Floats, velocity: Floats) -> Ellipse:
    """Return the ellipse through a state; NaN for what is as fast as it takes to leave the earth."""
    radius_m = np.linalg.norm(point, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        inverse = 2 / radius_m - np.sum(velocity**2, axis=-1) / GRAVITATION_M3_S2
        semi_major_m = np.where(inverse > 0, 1 / inverse, np.nan)
        outward = np.sum(point * velocity, axis=-1) / np.sqrt(GRAVITATION_M3_S2 * semi_major_m)
        high = radius_m / semi_major_m - 1
        rate_rad_s = np.sqrt(GRAVITATION_M3_S2 / semi_major_m**3)
    return Ellipse(semi_major_m, np.hypot(high, outward), np.arctan2(-outward, high), rate_rad_s)


def find_crossing(ellipse: Ellipse, radius_m: Floats) -> Floats:
    """Return the anomaly at which the ellipse comes down through this distance from the centre; NaN if it never does.

    On its way up it passed there at the same anomaly with the other sign.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = (radius_m / ellipse.semi_major_m - 1) / ellipse.eccentricity
    return np.arccos(np.where(np.abs(cosine) <= 1, cosine, np.nan))


def find_time(ellipse: Ellipse, anomaly: Floats) -> Floats:
    """Return the seconds from the state to the anomaly, negative where it lies before it."""
    passed = anomaly + ellipse.eccentricity * np.sin(anomaly)
    return (passed - _find_mean(ellipse)) / ellipse.rate_rad_s


def find_anomaly(ellipse: Ellipse, after_s: Floats) -> Floats:
    """Return the anomaly `after_s` seconds after the state, held between perigee before and perigee after.

    Newton on Kepler's equation. Counted from the apogee it begins on the near side of the root and the curve bends so
    that no step passes it: it settles for every ellipse.
    """
    mean = np.clip(_find_mean(ellipse) + ellipse.rate_rad_s * after_s, -np.pi, np.pi)
    eccentricity = ellipse.eccentricity
    anomaly = mean / (1 + eccentricity)
    for _ in range(_ROUNDS):
        with np.errstate(divide="ignore", invalid="ignore"):
            step = (mean - anomaly - eccentricity * np.sin(anomaly)) / (1 + eccentricity * np.cos(anomaly))
        anomaly = np.clip(anomaly + step, -np.pi, np.pi)
        if not np.any(np.abs(step) > _SETTLED_RAD):
            break
    return anomaly


def _find_mean(ellipse: Ellipse) -> Floats:
    return ellipse.anomaly + ellipse.eccentricity * np.sin(ellipse.anomaly)


def move_along(point: Floats, velocity: Floats, ellipse: Ellipse, anomaly: Floats) -> tuple[Floats, Floats]:
    """Return point and velocity at the anomaly, by Lagrange's coefficients: no plane or node is asked for."""
    turned = anomaly - ellipse.anomaly
    semi_major_m = ellipse.semi_major_m
    start_m = semi_major_m * (1 + ellipse.eccentricity * np.cos(ellipse.anomaly))
    radius_m = semi_major_m * (1 + ellipse.eccentricity * np.cos(anomaly))
    fallen = 1 - np.cos(turned)
    with np.errstate(divide="ignore", invalid="ignore"):
        f = 1 - semi_major_m / start_m * fallen
        g = find_time(ellipse, anomaly) - (turned - np.sin(turned)) / ellipse.rate_rad_s
        f_rate = -np.sqrt(GRAVITATION_M3_S2 * semi_major_m) / (radius_m * start_m) * np.sin(turned)
        g_rate = 1 - semi_major_m / radius_m * fallen
    return (
        f[..., None] * point + g[..., None] * velocity,
        f_rate[..., None] * point + g_rate[..., None] * velocity,
    )
