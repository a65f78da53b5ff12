"""Rows of the warning feed for tests: some that keep every bound, of any values within them."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from comity.base.limits import INSTANT_MS_MAX
from comity.warning.bounds import (
    ALTITUDE_DM_MAX,
    ALTITUDE_DM_MIN,
    BEARING_MAX,
    LATITUDE_MAX,
    LONGITUDE_MAX,
    SIGMA_AT_MS_MAX,
    SIGMA_DM_MAX,
    SPEED_CM_S_MAX,
)
from comity.warning.layout import ESTIMATE, NOT_NAMED, ROW, Flag
from comity.warning.rows import Block, Coarsening, Rows

__all__ = ["BLOCKS", "make_estimates", "make_rows"]

PLAIN_ROW: dict[str, int] = {
    "track": 42,
    "number": 1,
    "at": 1_795_000_000_000,
    "latitude": 391_000_000,
    "longitude": 1_271_000_000,
    "altitude": 100_000,
    "velocity_east": 10_000,
    "sigma_east": 300,
    "sigma_north": 300,
    "sigma_up": 900,
    "sigma_velocity": 500,
    "flags": Flag.ALTITUDE | Flag.VELOCITY,
    "kind": NOT_NAMED,
    "sensor": NOT_NAMED,
}
PLAIN_ESTIMATE: dict[str, int] = {
    "at": 1_795_000_300_000,
    "sigma_at": 5_000,
    "latitude": 400_000_000,
    "longitude": 1_350_000_000,
    "semi_major": 200_000,
    "semi_minor": 90_000,
    "bearing": 4_500,
}


def make_rows(*changes: dict[str, int]) -> Rows:
    """Return a row for each of `changes`: the plain row, changed so."""
    return _make(ROW, PLAIN_ROW, changes)


def make_estimates(*changes: dict[str, int]) -> Rows:
    """Return an estimate for each of `changes`: the plain one, changed so."""
    return _make(ESTIMATE, PLAIN_ESTIMATE, changes)


def _make(layout: "np.dtype[np.void]", plain: dict[str, int], changes: tuple[dict[str, int], ...]) -> Rows:
    rows = np.zeros(len(changes), layout)
    for row, change in zip(rows, changes, strict=True):
        for name, value in {**plain, **change}.items():
            row[name] = value
    return rows


_U4 = st.integers(0, 2**32 - 1)
_SIGMA = st.integers(1, SIGMA_DM_MAX)
_AXIS_SPEED = st.integers(-SPEED_CM_S_MAX // 2, SPEED_CM_S_MAX // 2)
_RHO = st.integers(-16_000, 16_000)
_POSITION = {
    "at": st.integers(0, INSTANT_MS_MAX),
    "latitude": st.integers(-LATITUDE_MAX, LATITUDE_MAX),
    "longitude": st.integers(-LONGITUDE_MAX, LONGITUDE_MAX - 1),
}


@st.composite
def _rows(draw: st.DrawFn, sensor_count: int) -> dict[str, int]:
    """Any row that keeps the bounds (correlations under a half are always those of something)."""
    track, has_altitude, has_velocity = draw(_U4), draw(st.booleans()), draw(st.booleans())
    of_track = st.sampled_from((0, Flag.COASTED, Flag.DROPPED, Flag.COASTED | Flag.DROPPED)) if track else st.just(0)
    kind = draw(st.integers(0, NOT_NAMED))
    row: dict[str, st.SearchStrategy[int]] = {
        **_POSITION,
        "track": st.just(track),
        "number": _U4,
        "altitude": st.integers(ALTITUDE_DM_MIN, ALTITUDE_DM_MAX) if has_altitude else st.just(0),
        **{f"velocity_{way}": _AXIS_SPEED if has_velocity else st.just(0) for way in ("east", "north", "up")},
        **{f"sigma_{way}": _SIGMA for way in ("east", "north", "up")},
        "rho_en": _RHO,
        **{name: _RHO if has_altitude else st.just(0) for name in ("rho_eu", "rho_nu")},
        "sigma_velocity": st.integers(1, SPEED_CM_S_MAX) if has_velocity else st.just(0),
        "flags": of_track.map(lambda flags: flags | has_altitude | has_velocity * Flag.VELOCITY),
        "kind": st.just(kind),
        "confidence": st.just(0) if kind == NOT_NAMED else st.integers(0, 100),
        "sensor": st.sampled_from([*range(sensor_count), NOT_NAMED]),
    }
    return draw(st.fixed_dictionaries(row))


@st.composite
def _estimates(draw: st.DrawFn, row_count: int) -> Rows:
    places = draw(st.lists(st.integers(0, 2 * row_count - 1), unique=True, max_size=6).map(sorted))
    found: list[dict[str, Any]] = []
    for place in places:
        major = draw(_SIGMA)
        form: dict[str, st.SearchStrategy[int]] = {
            **_POSITION,
            "sigma_at": st.integers(0, SIGMA_AT_MS_MAX),
            "semi_minor": st.integers(1, major),
            "bearing": st.integers(0, BEARING_MAX - 1),
        }
        rest = draw(st.fixed_dictionaries(form))
        found.append({"row": place // 2, "what": place % 2, "semi_major": major, **rest})
    return make_estimates(*found)


@st.composite
def _blocks(draw: st.DrawFn) -> Block:
    sensors = draw(st.lists(st.from_regex(r"[A-Z]{2}/[A-Z]{3}-[0-9]", fullmatch=True), unique=True, max_size=3))
    rows = make_rows(*draw(st.lists(_rows(len(sensors)), min_size=1, max_size=8)))
    told = st.builds(Coarsening, st.just("policy.track.coarse"), st.integers(0, 1_000_000), st.integers(0, 86_400_000))
    estimates = draw(_estimates(len(rows)))
    return Block("policy.track.ballistic", tuple(sensors), rows, estimates, draw(st.none() | told))


BLOCKS = _blocks()
"""Any block that keeps every bound."""
