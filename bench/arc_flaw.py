"""By how much the plain arc errs: held against flights integrated with an engine, a flattened earth and air.

    make arc-flaw LOG=docs/pictures

Prints the table of docs/ballistics.md; with a folder, draws its two plots there. Some minutes.
"""

import argparse
from importlib.resources import files
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas

from bench.flown import Sky, Track, find_flights
from comity.warning.ballistic import find_arc, judge_states
from comity.warning.facts import FACTS_PACKAGE, LAUNCHES
from comity.warning.flaw import Way, find_impact_flaw
from comity.warning.frames import Floats, to_local, to_place, to_point, turn_to_local
from comity.warning.geodesic import find_line
from comity.warning.launches import Launch, read_launches
from comity.warning.retrace import retrace

SHARE: Final = 0.25
"""Of the way from the end of the burn to the impact, where the state is taken."""
LOW_M: Final = 30_000.0
BANDS_KM: Final = ((0, 60), (60, 110), (110, 200), (200, 1_000), (1_000, 100_000))
INK: Final = ("#1f4e79", "#b3541e", "#3d7a4a", "#7a3d6a", "#555555")


def main() -> None:
    """Measure, print, and draw."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--log", type=Path)
    asked = given.parse_args()
    launches = _list_forms()
    place, bearing_deg, distance_m, apogee_m = _read(launches)
    if asked.log is not None:
        _set_up()
        _draw_flights(launches, asked.log / "arc-flights.svg")
    track, sky, is_found = find_flights(
        place, bearing_deg=bearing_deg, distance_m=distance_m, apogee_m=apogee_m, draw=np.random.default_rng(7)
    )
    errors = find_errors(track, sky, is_found, place)
    print(f"{is_found.sum()} of {len(launches)}")
    print("\n".join(say_errors(errors)))
    if asked.log is not None:
        _draw_errors(errors, asked.log / "arc-flaw.svg")


def find_errors(track: Track, sky: Sky, is_found: npt.NDArray[np.bool_], launch: Floats) -> Floats:
    """Return of each flight its apogee and by how much the arc errs.

    Of the impact along its way, across (km) and in time (s), of the launch the same; last what is said of the impact
    along its way, one standard deviation in km.
    """
    errors = []
    for place in np.flatnonzero(is_found):
        at_s, burn_s, end_s = track.at_s[:, place], sky.burn_s[place], track.impact_s[place]
        is_late = np.nan_to_num(at_s, nan=-1.0) > burn_s + 0.5
        step = int(np.argmin(np.where(is_late, np.abs(at_s - burn_s - SHARE * (end_s - burn_s)), np.inf)))
        point, velocity = track.point[step, place], track.velocity[step, place]
        if to_place(point)[2] < LOW_M or judge_states(point, velocity) != "":
            continue
        arc = find_arc(point, velocity)
        gone = at_s[step]
        impact, along = _face(arc.ends.impact, arc.move(arc.ends.impact_s)[1])
        start, back = _face(arc.ends.launch, arc.move(arc.ends.launch_s)[1])
        off, behind = to_local(track.impact[place], origin=impact), to_local(to_point(launch[place]), origin=start)
        way = Way(
            turn_to_local(arc.move(arc.ends.impact_s)[1], at=impact),
            arc.ends.impact_s,
            np.asarray(np.linalg.norm(arc.ends.impact - point)),
            arc.apogee_m,
            to_place(point)[2],
            np.asarray(arc.ends.apogee_s > 0),
        )
        said = float(np.sqrt(along @ find_impact_flaw(way)[:2, :2] @ along))
        errors.append(
            [
                track.apogee_m[place] / 1e3,
                off[:2] @ along / 1e3,
                (off[1] * along[0] - off[0] * along[1]) / 1e3,
                end_s - gone - arc.ends.impact_s,
                behind[:2] @ back / 1e3,
                (behind[1] * back[0] - behind[0] * back[1]) / 1e3,
                -gone - arc.ends.launch_s,
                said / 1e3,
            ]
        )
    return np.array(errors)


def say_errors(errors: Floats) -> list[str]:
    """Return the rows of the table: root mean squares by apogee."""
    rows = []
    for low, high in BANDS_KM:
        own = errors[(errors[:, 0] >= low) & (errors[:, 0] < high)]
        along, across, late, start, beside, early = np.sqrt((own[:, 1:7] ** 2).mean(axis=0))
        rows.append(
            f"| {low} to {high} km | {len(own)} | {along:.1f} km | {across:.1f} km | {late:.1f} s |"
            f" {start:.1f} km | {beside:.1f} km | {early:.0f} s |"
        )
    return rows


def _list_forms() -> list[Launch]:
    """Return the first launch of each combination of site, range, apogee and bearing."""
    forms: dict[tuple[object, ...], Launch] = {}
    for launch in read_launches((files(FACTS_PACKAGE) / LAUNCHES).read_bytes()):
        if launch.distance_km and launch.bearing_deg is not None:
            forms.setdefault((launch.site, launch.apogee_km, launch.distance_km, launch.bearing_deg), launch)
    return list(forms.values())


def _read(launches: list[Launch]) -> tuple[Floats, Floats, Floats, Floats]:
    return (
        np.array([[of.latitude_deg, of.longitude_deg, 0.0] for of in launches]),
        np.array([of.bearing_deg or 0.0 for of in launches]),
        np.array([(of.distance_km or 0.0) * 1e3 for of in launches]),
        np.array([np.nan if of.apogee_km is None else of.apogee_km * 1e3 for of in launches]),
    )


def _face(end: Floats, velocity: Floats) -> tuple[Floats, Floats]:
    """Return an end on the ground, and which way the arc goes over it."""
    place = to_place(end)
    level = turn_to_local(velocity, at=place)[:2]
    return place, level / np.linalg.norm(level)


def _set_up() -> None:
    mpl.rcParams.update({"svg.hashsalt": "comity", "svg.fonttype": "none", "font.size": 9})


def _draw_flights(launches: list[Launch], path: Path) -> None:
    """Draw height over distance of the arcs since Camp David: all of them, and the low ones alone."""
    canvas = Canvas(figsize=(9, 3.2))
    whole, low = canvas.subplots(1, 2)
    for launch in (of for of in launches if of.date >= "2023-08-18"):
        place, bearing_deg, distance_m, apogee_m = _read([launch])
        arc = retrace(place[0], bearing_deg=bearing_deg[0], distance_m=distance_m[0], apogee_m=apogee_m[0])
        points = to_place(arc.move(np.linspace(0, float(arc.ends.impact_s), 60))[0])
        line = find_line(place[0, 0], place[0, 1], points[:, 0], points[:, 1])
        style = "--" if launch.apogee_km is None else "-"
        for axes in (whole, low):
            axes.plot(line.distance_m / 1e3, points[:, 2] / 1e3, style, color=INK[0], lw=0.8, alpha=0.7)
    low.set_ylim(0, 160)
    low.set_xlim(0, 1_150)
    for axes in (whole, low):
        axes.set_xlabel("km along the ground")
        axes.set_ylabel("km above it")
        axes.grid(visible=True, alpha=0.3)
    canvas.tight_layout()
    canvas.savefig(path, metadata={"Date": None}, bbox_inches="tight")


def _draw_errors(errors: Floats, path: Path) -> None:
    """Draw how far from the arc's own answer integrated flights fell, beside what is said of it."""
    canvas = Canvas(figsize=(6, 3.4))
    axes = canvas.subplots()
    for (low, high), ink in zip(BANDS_KM, INK, strict=True):
        own = errors[(errors[:, 0] >= low) & (errors[:, 0] < high)]
        axes.plot(own[:, 7], np.abs(own[:, 1]), "o", ms=3, color=ink, label=f"apogee {low:,} to {high:,} km")
    most = [0.3, 300]
    axes.plot(most, most, color="#888888", lw=0.8)
    axes.plot(most, np.array(most) * 2.146, color="#888888", lw=0.8, ls="--")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("what the arc says it may err along its way, one deviation, km")
    axes.set_ylabel("what it errs, km")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize=7)
    canvas.savefig(path, metadata={"Date": None}, bbox_inches="tight")


if __name__ == "__main__":
    main()
