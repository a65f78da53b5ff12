"""Flights as the arc leaves them out: an engine that burns for a while, a flattened earth, air.

Not a model of any missile: a plausible stand-in, to see by how much the plain arc (`comity.warning.ballistic`) is off,
and to hold its stated uncertainty against. Fourth-order Runge-Kutta in an inertial frame, all flights at once, each
with its own step. The three unknowns of a flight (speed gained, elevation, azimuth) are sought so that it comes down at
the recorded distance along the recorded bearing and reaches the recorded apogee.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.warning.frames import (
    EARTH_RATE_RAD_S,
    FLATTENING,
    GRAVITATION_M3_S2,
    SEMI_MAJOR_M,
    Floats,
    to_local,
    to_place,
    to_point,
    turn_to_earth,
    turn_to_local,
)
from comity.warning.geodesic import find_end
from comity.warning.retrace import retrace

J2: Final = 1.08262982e-3  # of WGS-84, from its C20
AIR_KG_M3: Final = 1.225  # at sea level, and by e in each SCALE_M: an isothermal atmosphere
SCALE_M: Final = 7_200.0
BURNT: Final = 0.75  # of the mass at launch: the push grows as it goes
FIRST_S: Final = 5.0  # straight up
Slope = Callable[[Floats, Floats], Floats]
_SPIN: Final = np.array([0.0, 0.0, EARTH_RATE_RAD_S])
SETTLED_M: Final = 100.0
NUDGE: Final = np.array([1.0, 1e-3, 1e-3])
STEP_MAX: Final = np.array([400.0, 0.15, 0.15])
_STEPS_MAX: Final = 2_600
_ROUNDS: Final = 10


@dataclass(frozen=True)
class Sky:
    """What a flight meets: how long its engine burns, how little air slows it (kg/m²), whether the earth is flat at
    its poles.
    """

    burn_s: Floats
    heaviness_kg_m2: Floats
    flattened: bool = True


@dataclass
class Track:
    """States of all flights, by step: seconds after launch, earth-fixed points and velocities; NaN after the impact."""

    at_s: Floats
    point: Floats
    velocity: Floats
    impact: Floats
    impact_s: Floats
    apogee_m: Floats


def fly(launch: Floats, unknowns: Floats, sky: Sky) -> Track:
    """Integrate. `unknowns`: speed gained m/s, elevation after the turn and azimuth in radians; `(n, 3)` each."""
    point = to_point(launch)
    state = np.concatenate([point, np.cross(_SPIN, point)], axis=-1)
    gone_s, up = np.zeros(len(launch)), np.ones(len(launch), bool)
    apogee_m = np.full(len(launch), -np.inf)
    impact, impact_s = np.full((len(launch), 3), np.nan), np.full(len(launch), np.nan)
    steps: list[tuple[Floats, Floats]] = []
    height_m = launch[:, 2].copy()
    slope = partial(_slope, launch=launch, unknowns=unknowns, sky=sky)
    for _ in range(_STEPS_MAX):
        low = (gone_s < sky.burn_s) | (height_m < 120_000)
        step_s = np.where(low, 0.5, 4.0)
        step_s = np.where(gone_s < sky.burn_s, np.minimum(step_s, np.maximum(sky.burn_s - gone_s, 1e-3)), step_s)
        new = _runge(state, gone_s, step_s, slope)
        new_m = to_place(new[:, :3])[:, 2]
        landed = up & (new_m < 0) & (gone_s > 10)
        part = np.clip(height_m / np.maximum(height_m - new_m, 1e-9), 0, 1)
        at_s = gone_s + part * step_s
        crossed = state + part[:, None] * (new - state)
        impact[landed] = _earth_fixed(crossed, at_s)[0][landed]
        impact_s[landed] = at_s[landed]
        up &= ~landed
        steps.append((np.where(up, gone_s, np.nan), np.where(up[:, None], state, np.nan)))
        apogee_m = np.where(up, np.maximum(apogee_m, new_m), apogee_m)
        state, height_m, gone_s = np.where(up[:, None], new, state), np.where(up, new_m, height_m), gone_s + step_s
        if not up.any():
            break
    at = np.stack([step[0] for step in steps])
    fixed = _earth_fixed(np.stack([step[1] for step in steps]), at)
    return Track(at, fixed[0], fixed[1], impact, impact_s, apogee_m)


def _runge(state: Floats, gone_s: Floats, step_s: Floats, slope: Slope) -> Floats:
    half = step_s[:, None] / 2
    k1 = slope(state, gone_s)
    k2 = slope(state + half * k1, gone_s + step_s / 2)
    k3 = slope(state + half * k2, gone_s + step_s / 2)
    k4 = slope(state + 2 * half * k3, gone_s + step_s)
    return state + half / 3 * (k1 + 2 * k2 + 2 * k3 + k4)


def _slope(state: Floats, gone_s: Floats, launch: Floats, unknowns: Floats, sky: Sky) -> Floats:
    point, velocity = state[:, :3], state[:, 3:]
    radius_m = np.linalg.norm(point, axis=-1, keepdims=True)
    pull = -GRAVITATION_M3_S2 * point / radius_m**3
    if sky.flattened:
        sine = (point[:, 2:] / radius_m) ** 2
        factor = 1.5 * J2 * GRAVITATION_M3_S2 * SEMI_MAJOR_M**2 / radius_m**5
        pull = pull + factor * point * np.concatenate([5 * sine - 1, 5 * sine - 1, 5 * sine - 3], axis=-1)
    sine = point[:, 2] / radius_m[:, 0]
    height_m = radius_m[:, 0] - SEMI_MAJOR_M * (1 - FLATTENING * sine**2)  # near enough for the air
    air = AIR_KG_M3 * np.exp(-np.maximum(height_m, 0) / SCALE_M)
    through = velocity - np.cross(_SPIN, point)
    drag = (
        -0.5 * air[:, None] * np.linalg.norm(through, axis=-1, keepdims=True) * through / sky.heaviness_kg_m2[:, None]
    )
    return np.concatenate([velocity, pull + drag + _push(gone_s, launch, unknowns, sky)], axis=-1)


def _push(gone_s: Floats, launch: Floats, unknowns: Floats, sky: Sky) -> Floats:
    """Thrust per mass: up, then over to the elevation by the middle of the burn, and straight on."""
    gained, elevation, azimuth = unknowns.T
    burning = gone_s <= sky.burn_s
    rate = BURNT / (-np.log(1 - BURNT)) / sky.burn_s
    force = np.where(burning, gained * rate / (1 - BURNT * np.clip(gone_s / sky.burn_s, 0, 1)), 0.0)
    turned = np.clip((gone_s - FIRST_S) / (sky.burn_s / 2 - FIRST_S), 0, 1)
    steep = np.pi / 2 + (elevation - np.pi / 2) * turned
    aim = np.stack([np.cos(steep) * np.sin(azimuth), np.cos(steep) * np.cos(azimuth), np.sin(steep)], axis=-1)
    turn = EARTH_RATE_RAD_S * gone_s
    aim = turn_to_earth(aim, at=launch)
    carried = np.stack(
        [
            np.cos(turn) * aim[:, 0] - np.sin(turn) * aim[:, 1],
            np.sin(turn) * aim[:, 0] + np.cos(turn) * aim[:, 1],
            aim[:, 2],
        ],
        axis=-1,
    )
    return force[:, None] * carried


def _earth_fixed(state: Floats, at_s: Floats) -> tuple[Floats, Floats]:
    turn = EARTH_RATE_RAD_S * at_s
    cosine, sine = np.cos(turn), np.sin(turn)

    def back(vector: Floats) -> Floats:
        x, y = vector[..., 0], vector[..., 1]
        return np.stack([cosine * x + sine * y, cosine * y - sine * x, vector[..., 2]], axis=-1)

    point, velocity = state[..., :3], state[..., 3:]
    return back(point), back(velocity - np.cross(_SPIN, point))


def find_flights(
    launch: Floats, *, bearing_deg: Floats, distance_m: Floats, apogee_m: Floats, draw: np.random.Generator
) -> tuple[Track, Sky, npt.NDArray[np.bool_]]:
    """Return flights that keep to the record, and which of them were found (to 100 m)."""
    arc = retrace(launch, bearing_deg=bearing_deg, distance_m=distance_m, apogee_m=apogee_m)
    speed = turn_to_local(arc.velocity, at=launch)
    gained = np.linalg.norm(speed, axis=-1)
    sky = Sky(gained / draw.uniform(30, 55, len(launch)) + 10, 10 ** draw.uniform(3.5, 4.1, len(launch)))
    unknowns = np.stack(
        [
            gained * 1.1 + 5 * sky.burn_s,
            np.arctan2(speed[:, 2] + 5 * sky.burn_s, np.hypot(speed[:, 0], speed[:, 1])),
            np.arctan2(speed[:, 0], speed[:, 1]),
        ],
        axis=-1,
    )
    end = find_end(launch[:, 0], launch[:, 1], bearing_deg=bearing_deg, distance_m=distance_m)
    target = np.stack([end.latitude_deg, end.longitude_deg, 0 * distance_m], axis=-1)
    wanted_m = arc.apogee_m
    off = np.full((len(launch), 3), np.inf)
    for _ in range(_ROUNDS):
        some = np.flatnonzero(~(np.abs(off).max(axis=-1) < SETTLED_M))
        if not len(some):
            break
        here = Sky(sky.burn_s[some], sky.heaviness_kg_m2[some], sky.flattened)
        off[some], step = _step(launch[some], unknowns[some], here, target[some], wanted_m[some])
        unknowns[some] = np.where(
            np.abs(off[some]).max(axis=-1, keepdims=True) < SETTLED_M, unknowns[some], unknowns[some] - step
        )
    return fly(launch, unknowns, sky), sky, np.abs(off).max(axis=-1) < SETTLED_M


def _step(launch: Floats, unknowns: Floats, sky: Sky, target: Floats, apogee_m: Floats) -> tuple[Floats, Floats]:
    """Return by how much flights miss, and a bounded step of Newton's to be taken off what is unknown."""
    off = _miss(launch, unknowns, sky, target, apogee_m)
    nudged = [_miss(launch, unknowns + nudge, sky, target, apogee_m) for nudge in np.diag(NUDGE)]
    slope = np.stack([(one - off) / size for one, size in zip(nudged, NUDGE, strict=True)], axis=-1)
    sound = np.isfinite(slope).all(axis=(1, 2)) & np.isfinite(off).all(axis=1)
    slope[~sound] = np.eye(3)
    step = np.linalg.solve(slope, np.where(sound[:, None], off, 0)[..., None])[..., 0]
    return off, np.clip(step, -STEP_MAX, STEP_MAX)


def _miss(launch: Floats, unknowns: Floats, sky: Sky, target: Floats, apogee_m: Floats) -> Floats:
    track = fly(launch, unknowns, sky)
    across = to_local(track.impact, origin=target)
    return np.stack([across[:, 0], across[:, 1], track.apogee_m - apogee_m], axis=-1)
