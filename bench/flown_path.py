"""Integrated flights of `flown` as paths that a replay can follow, one for each launch that one could be found for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicHermiteSpline

from bench.flown import Track, find_flights
from comity.rehearsal.launch_replay import Flight
from comity.warning.frames import Floats
from comity.warning.launches import Launch

__all__ = ["fly_launches"]


@dataclass(frozen=True)
class FlownPath:
    """The states of one flight, joined by cubics that have its velocities."""

    spline: CubicHermiteSpline
    until_s: float

    def move(self, after_s: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Return points and velocities; the clock stops at both ends."""
        after_s = np.clip(np.asarray(after_s, np.float64), 0, self.until_s)
        return self.spline(after_s), self.spline(after_s, 1)


def fly_launches(launches: Sequence[Launch], *, seed: int) -> tuple[dict[int, Flight], list[Launch]]:
    """Return flights by number of the launch, and the launches for which none was found."""
    forms: dict[tuple[float | None, ...], list[Launch]] = {}
    for launch in launches:
        form = (launch.latitude_deg, launch.longitude_deg, launch.bearing_deg, launch.distance_km, launch.apogee_km)
        forms.setdefault(form, []).append(launch)
    firsts = [of[0] for of in forms.values()]
    track, sky, is_found = find_flights(
        np.array([[of.latitude_deg, of.longitude_deg, 0.0] for of in firsts]),
        bearing_deg=np.array([of.bearing_deg or 0.0 for of in firsts]),
        distance_m=np.array([(of.distance_km or 0.0) * 1e3 for of in firsts]),
        apogee_m=np.array([np.nan if of.apogee_km is None else of.apogee_km * 1e3 for of in firsts]),
        draw=np.random.default_rng(seed),
    )
    flights: dict[int, Flight] = {}
    absent: list[Launch] = []
    for place, of in enumerate(forms.values()):
        if is_found[place]:
            flight = Flight(_make_path(track, place), float(track.impact_s[place]), float(sky.burn_s[place]))
            flights |= {launch.number: flight for launch in of}
        else:
            absent += of
    return flights, absent


def _make_path(track: Track, place: int) -> FlownPath:
    at_s = track.at_s[:, place]
    is_up = np.isfinite(at_s)
    at_s, point, velocity = at_s[is_up], track.point[is_up, place], track.velocity[is_up, place]
    end_s = float(track.impact_s[place])
    at_s, point = np.append(at_s, end_s), np.concatenate([point, track.impact[None, place]])
    velocity = np.concatenate([velocity, velocity[-1:]])
    is_new = np.append(np.diff(at_s) > 1e-6, True)
    return FlownPath(CubicHermiteSpline(at_s[is_new], point[is_new], velocity[is_new]), end_s)
