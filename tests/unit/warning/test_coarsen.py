"""What a clause makes of a block (docs/spec/warning.md, W23), held against a second reading of it, row by row."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.audit.tracks.grid import Grid
from comity.warning.bounds import ALTITUDE_DM_MAX, ALTITUDE_DM_MIN
from comity.warning.coarsen import coarsen_block
from comity.warning.layout import NOT_NAMED, Flag
from comity.warning.rows import Block, Coarsening, encode_block, read_block
from comity.warning.telling import Terms
from kit.feed import make_block
from kit.tracks import BLOCKS, make_estimates, make_rows

CLAUSE = "policy.track.coarse"
GRIDS = st.integers(1, 1_000_000)
DEGREE = 10_000_000
METRES = 111_320.0
PLACES = st.tuples(st.integers(-900_000_000, 900_000_000), st.integers(-1_800_000_000, 1_799_999_999))


def _coarsen(block: Block, step_m: int) -> Block:
    return coarsen_block(replace(block, coarsening=None), Terms(CLAUSE, coarsen_m=step_m))


def _find_middle(latitude: int, longitude: int, step_m: int) -> tuple[float, float]:
    """Read W23 for one place: the middle of its cell, in units of the wire."""
    step = step_m / METRES * DEGREE
    north = min(max(round(round(latitude / step) * step), -90 * DEGREE), 90 * DEGREE)
    cells = max(math.floor(360 * DEGREE * math.cos(math.radians(north / DEGREE)) / step), 1)
    width = 360 * DEGREE / cells
    index = math.floor((longitude + 180 * DEGREE) / width)
    return north, round((index + 0.5) * width - 180 * DEGREE)


@settings(deadline=None)
@given(BLOCKS, GRIDS)
def test_whatever_is_coarsened_is_a_block_that_every_reader_takes(block: Block, step_m: int) -> None:
    """Every bound holds afterwards, and what is told says under which clause, and how coarse."""
    told = _coarsen(block, step_m)
    read = read_block(encode_block(told))
    assert read.coarsening == Coarsening(CLAUSE, step_m, 0)
    assert read.rows.tobytes() == told.rows.tobytes()


@given(PLACES, GRIDS)
@example((0, 0), 1)
@example((900_000_000, 1_799_999_999), 1_000_000)
@example((-900_000_000, -1_800_000_000), 999_999)
def test_a_position_becomes_the_middle_of_its_cell(place: tuple[int, int], step_m: int) -> None:
    """As the clause says, worked out a second time; one unit of the wire, a centimetre, is rounding."""
    latitude, longitude = place
    told = _coarsen(Block.of_rows("policy.track.x", make_rows({"latitude": latitude, "longitude": longitude})), step_m)
    north, east = _find_middle(latitude, longitude, step_m)
    assert abs(int(told.rows["latitude"][0]) - north) <= 1
    assert abs(int(told.rows["longitude"][0]) - min(east, 180 * DEGREE - 1)) <= 1


@given(PLACES, GRIDS)
def test_the_uncertainty_holds_the_true_place(place: tuple[int, int], step_m: int) -> None:
    """The way from what is told to what is known is never longer than one standard deviation that is told."""
    latitude, longitude = place
    rows = make_rows({"latitude": latitude, "longitude": longitude, "altitude": 123_456})
    for name in ("sigma_east", "sigma_north", "sigma_up"):
        rows[name] = 1
    told = _coarsen(Block.of_rows("policy.track.x", rows), step_m).rows[0]
    radius = 6_378_137.0
    north_m = abs(int(told["latitude"]) - latitude) / DEGREE * math.pi / 180 * radius
    turn = abs(int(told["longitude"]) - longitude) / DEGREE
    east_m = min(turn, 360 - turn) * math.pi / 180 * radius * math.cos(math.radians(latitude / DEGREE))
    assert north_m * 10 <= int(told["sigma_north"])
    assert east_m * 10 <= int(told["sigma_east"])
    assert abs(int(told["altitude"]) - 123_456) <= int(told["sigma_up"])


@given(st.lists(PLACES, min_size=2, max_size=40), st.integers(1000, 1_000_000))
def test_a_middle_is_the_middle_of_its_own_cell(places: list[tuple[int, int]], step_m: int) -> None:
    """To coarsen what was coarsened moves nothing: cells do not depend on what lies in them."""
    changes = [{"latitude": latitude, "longitude": longitude} for latitude, longitude in places]
    told = _coarsen(Block.of_rows("policy.track.x", make_rows(*changes)), step_m).rows
    again = told.copy()
    rows = _coarsen(Block.of_rows("policy.track.x", again), step_m).rows
    assert np.abs(rows["latitude"].astype(np.int64) - told["latitude"]).max() <= 1
    assert np.abs(rows["longitude"].astype(np.int64) - told["longitude"]).max() <= 1


@pytest.mark.parametrize("latitude", [0, 390_000_000, -600_000_000, 850_000_000])
def test_a_cell_is_at_least_as_large_as_the_clause_says(latitude: int) -> None:
    """Along a parallel and a meridian no more places are told than cells of that size have room for."""
    span, step_m = 20_000_000, 5000
    along = [{"latitude": latitude, "longitude": offset} for offset in range(0, span, 50_000)]
    across = [{"latitude": latitude - offset, "longitude": 0} for offset in range(0, span, 50_000)]
    for changes, name, metres in (
        (along, "longitude", METRES * math.cos(math.radians(latitude / DEGREE))),
        (across, "latitude", METRES),
    ):
        told = _coarsen(Block.of_rows("policy.track.x", make_rows(*changes)), step_m).rows[name]
        assert len(set(told.tolist())) <= span / DEGREE * metres / step_m + 2


@given(BLOCKS, GRIDS)
def test_covariances_stay_as_they_were(block: Block, step_m: int) -> None:
    """What grows is the variance alone: a correlation shrinks by as much as its deviations grew, towards zero."""
    told = _coarsen(block, step_m).rows
    for rho, one, other in (("rho_en", "east", "north"), ("rho_eu", "east", "up"), ("rho_nu", "north", "up")):
        grown = (told[f"sigma_{one}"] / block.rows[f"sigma_{one}"]) * (
            told[f"sigma_{other}"] / block.rows[f"sigma_{other}"]
        )
        kept = np.abs(told[rho] * grown - block.rows[rho]) <= grown * 1.001
        assert (kept | (told[rho] == 0)).all()
        assert (np.abs(told[rho]) <= np.abs(block.rows[rho])).all()
    assert (told["sigma_up"] >= block.rows["sigma_up"]).all()


def test_correlations_at_the_edge_stay_those_of_something() -> None:
    """Where rounding alone would leave three that no three quantities have, none is told, and more uncertainty."""
    near = {"rho_en": 32_766, "rho_eu": 32_766, "rho_nu": 32_766, "sigma_east": 1_000_000, "sigma_north": 900_001}
    for sigma_up in range(900_000, 900_300):
        block = Block.of_rows("policy.track.x", make_rows({**near, "sigma_up": sigma_up}))
        encode_block(_coarsen(block, 30))


def test_an_altitude_that_is_not_known_is_not_told() -> None:
    """A height of nothing stays nothing; one that is known is told in steps."""
    rows = make_rows({"flags": 0, "altitude": 0, "velocity_east": 0, "sigma_velocity": 0}, {"altitude": 123_456})
    told = _coarsen(Block.of_rows("policy.track.x", rows), 5000).rows
    assert told["altitude"].tolist() == [0, 100_000]
    assert told["sigma_up"][0] == rows["sigma_up"][0]


@pytest.mark.parametrize("altitude", [ALTITUDE_DM_MIN, ALTITUDE_DM_MAX])
@pytest.mark.parametrize("step_m", [7, 5000, 777_777])
def test_no_step_leads_beyond_what_an_altitude_may_be(altitude: int, step_m: int) -> None:
    """At either end of it every reader takes what is told, and an audit finds it on the grid."""
    told = _coarsen(Block.of_rows("policy.track.x", make_rows({"altitude": altitude})), step_m)
    encode_block(told)
    row = {name: int(told.rows[name][0]) for name in told.rows.dtype.names or ()}
    assert Grid(step_m).is_on(row)


def test_the_axes_of_an_estimate_grow_by_the_largest_error() -> None:
    """Launch and impact lie on the same grid."""
    block = replace(make_block(1), estimates=make_estimates({"row": 0, "what": 0}, {"row": 0, "what": 1}))
    told = _coarsen(block, 10_000).estimates
    assert (told["semi_minor"] > block.estimates["semi_minor"]).all()
    assert (told["semi_major"] - block.estimates["semi_major"] > 0).all()
    assert told["at"].tolist() == block.estimates["at"].tolist()
    assert told["latitude"][0] != block.estimates["latitude"][0]


def test_sensors_that_may_not_be_named_are_not() -> None:
    """Neither the names nor that two rows come from one sensor."""
    rows = make_rows({"sensor": 0}, {"sensor": 1}, {"sensor": 0})
    block = Block("policy.track.x", ("A/RDR-1", "B/RDR-2"), rows, make_estimates())
    told = coarsen_block(block, Terms(CLAUSE, is_sensor_named=False))
    assert (told.sensors, told.rows["sensor"].tolist()) == ((), [NOT_NAMED] * 3)
    assert told.rows["latitude"].tolist() == rows["latitude"].tolist()
    assert block.rows["sensor"].tolist() == [0, 1, 0], "what is known is not touched"


def test_in_full_is_the_block_itself() -> None:
    """Nothing is copied, and nothing says coarse."""
    block = make_block(2)
    assert coarsen_block(block, Terms(CLAUSE)) is block
    assert coarsen_block(block, Terms(CLAUSE, delay_ms=5)).coarsening == Coarsening(CLAUSE, 0, 5)
    assert int(block.rows["flags"][0]) == Flag.ALTITUDE
