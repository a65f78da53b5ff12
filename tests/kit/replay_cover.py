"""How often what is said of a launch or an impact holds what was so: ellipses and spans of nine in ten.

Of every track of a replay the first and the last row that can be on an arc are taken, for between them all others lie.
The truth of an impact is the recorded distance along the recorded bearing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from comity.rehearsal.launch_replay import Flight, Replay
from comity.warning.end_rows import find_states
from comity.warning.estimate import EndEstimate, find_axes, find_end_estimates
from comity.warning.frames import Floats, find_local_axes, to_point
from comity.warning.geodesic import find_end
from comity.warning.launches import Launch

WITHIN_90 = float(-2 * np.log(0.1))
"""A squared distance below which nine of ten draws of two numbers lie."""
SPAN_90 = 1.6449
"""The same of one number, in standard deviations."""


@dataclass
class Covers:
    """Of each question: the launch, whether it was held, half the length and half the width of the ellipse, km."""

    held: dict[str, list[tuple[int, bool, float, float]]]

    def add(self, made: Replay, launches: Sequence[Launch], flights: Mapping[int, Flight]) -> None:
        """Ask of every track of a replay."""
        by_number = {launch.number: launch for launch in launches}
        for when, place in (("first report", 0), ("last report", -1)):
            rows = np.array([track.rows[place] for track in made.tracks])
            own = [by_number[track.launch] for track in made.tracks]
            _, point, velocity, covariance = find_states(rows)
            whole = find_end_estimates(point, velocity, covariance)
            bare = find_end_estimates(point, velocity, covariance, with_flaw=False)
            at_s = (rows["at"] - np.array([launch.at or 0 for launch in own])) / 1000
            until_s = np.array([flights[launch.number].until_s for launch in own])
            truths = ((_launched(own), -at_s), (_fallen(own), until_s - at_s))
            for name, estimate, (place_, after_s) in zip(("launch", "impact"), whole, truths, strict=True):
                self._keep(f"{name}, {when}", own, estimate, place_)
                self._keep_span(f"{name}, {when}", own, estimate, after_s)
            self._keep(f"impact without flaw, {when}", own, bare[1], truths[1][0])

    def _keep(self, name: str, own: Sequence[Launch], estimate: EndEstimate, place: Floats) -> None:
        off = to_point(place) - to_point(estimate.place)
        across = np.einsum("nij,nj->ni", find_local_axes(estimate.place), off)[:, :2]
        squared = np.einsum("ni,nij,nj->n", across, _invert(estimate.covariance[:, :2, :2]), across)
        axes, factor = find_axes(estimate.covariance), np.sqrt(WITHIN_90) / 1000
        self.held.setdefault(name, []).extend(
            (launch.number, bool(square <= WITHIN_90), float(major * factor), float(minor * factor))
            for launch, square, major, minor in zip(own, squared, axes.semi_major_m, axes.semi_minor_m, strict=True)
            if np.isfinite(square)
        )

    def _keep_span(self, name: str, own: Sequence[Launch], estimate: EndEstimate, after_s: Floats) -> None:
        sigma = np.sqrt(estimate.covariance[:, 2, 2])
        off = np.abs(after_s - estimate.after_s)
        self.held.setdefault(f"time of {name}", []).extend(
            (launch.number, bool(away <= SPAN_90 * size), float(size * SPAN_90), 0.0)
            for launch, away, size in zip(own, off, sigma, strict=True)
            if np.isfinite(size)
        )

    def iterate(self, like: str) -> Iterator[tuple[str, list[tuple[int, bool, float, float]]]]:
        """Yield the questions whose names begin so."""
        yield from ((name, held) for name, held in sorted(self.held.items()) if name.startswith(like))


def _launched(own: Sequence[Launch]) -> Floats:
    return np.array([[launch.latitude_deg, launch.longitude_deg, 0.0] for launch in own])


def _fallen(own: Sequence[Launch]) -> Floats:
    start = _launched(own)
    bearing_deg = np.array([launch.bearing_deg or 0.0 for launch in own])
    distance_m = np.array([(launch.distance_km or 0.0) * 1e3 for launch in own])
    end = find_end(start[:, 0], start[:, 1], bearing_deg=bearing_deg, distance_m=distance_m)
    return np.stack([end.latitude_deg, end.longitude_deg, np.zeros(len(own))], axis=-1)


def _invert(covariance: Floats) -> Floats:
    """Inverses; of what is no number, one."""
    good = np.asarray(np.isfinite(covariance).all(axis=(-1, -2)))
    inverse = np.linalg.inv(np.where(good[:, None, None], covariance, np.eye(2)))
    return np.where(good[:, None, None], inverse, np.nan)
