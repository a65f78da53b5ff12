"""The door for reports of the own party's sensors (docs/spec/warning.md, W10 to W12)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.instants import Instant
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.track import TrackClass
from comity.warning.classes import find_block_fault
from comity.warning.door import Door, DoorRules, Taken
from comity.warning.layout import NOT_NAMED, Flag
from comity.warning.reports import GUESS, REPORT, Reports
from comity.warning.rows import encode_block, find_fault, read_block
from comity.warning.tally import FLAGGED, Reason
from kit.loop import read_profile
from kit.reports import NOW, make_reports

PACT = parse_pact(read_profile("camp-david"))
NAN, INF = float("nan"), float("inf")


def _get_class(pact: Pact, domain: str) -> TrackClass:
    row = pact.find_track_class(f"policy.track.{domain}")
    assert row is not None
    return row


AIR, SHIPS = _get_class(PACT, "air"), _get_class(PACT, "surface")


def _open(*sources: str, next_track: int = 1, **rules: int) -> Door:
    door = Door(next_track=next_track)
    for source in sources or ("radar",):
        door.admit_source(source, DoorRules(**rules))
    return door


def _take(door: Door, *changes: Mapping[str, float], now: Instant = NOW, **more: Any) -> Taken:
    return door.take("radar", AIR, make_reports(*changes, **more), now)


REFUSED: tuple[tuple[Reason, dict[str, float]], ...] = (
    (Reason.NOT_FINITE, {"latitude": NAN}),
    (Reason.NOT_FINITE, {"longitude": -INF}),
    (Reason.NOT_FINITE, {"altitude": NAN}),
    (Reason.NOT_FINITE, {"velocity_up": INF}),
    (Reason.NOT_FINITE, {"sigma_velocity": NAN}),
    (Reason.NOT_FINITE, {"nu": NAN}),
    (Reason.FUTURE, {"at": NOW + 2_001}),
    (Reason.FUTURE, {"at": 2**63 - 1}),
    (Reason.PAST, {"at": NOW - 600_001}),
    (Reason.PAST, {"at": -(2**63)}),
    (Reason.POSITION, {"latitude": 90.1}),
    (Reason.POSITION, {"latitude": -1e300}),
    (Reason.POSITION, {"longitude": 180.1}),
    (Reason.POSITION, {"longitude": -180.1}),
    (Reason.FLAGS, {"flags": 3 + 32}),
    (Reason.FLAGS, {"track": 0, "flags": 3 + 8}),
    (Reason.ALTITUDE, {"altitude": -1_001.0}),
    (Reason.ALTITUDE, {"altitude": 35_001.0}),
    (Reason.ALTITUDE, {"altitude": 1e300}),
    (Reason.SPEED, {"velocity_east": 1_201.0}),
    (Reason.SPEED, {"velocity_east": 1_000.0, "velocity_north": -1_000.0}),
    (Reason.SPEED, {"velocity_up": -1e300}),
    (Reason.SPEED, {"sigma_velocity": 0.0}),
    (Reason.SPEED, {"sigma_velocity": -1.0}),
    (Reason.UNCERTAINTY, {"ee": 0.0}),
    (Reason.UNCERTAINTY, {"nn": -900.0}),
    (Reason.UNCERTAINTY, {"uu": 0.0}),
    (Reason.UNCERTAINTY, {"uu": 1e300}),
    (Reason.UNCERTAINTY, {"en": 900.0}),
    (Reason.UNCERTAINTY, {"en": -1_000.0}),
    (Reason.UNCERTAINTY, {"en": 800.0, "eu": 1_200.0, "nu": -1_200.0}),
    (Reason.KIND, {"kind": 7}),
    (Reason.KIND, {"confidence": 101}),
    (Reason.KIND, {"confidence": 300}),
    (Reason.KIND, {"kind": NOT_NAMED}),
    (Reason.SENSOR, {"sensor": 1}),
)


@pytest.mark.parametrize(("reason", "change"), REFUSED)
def test_what_cannot_be_is_refused_and_counted(reason: Reason, change: dict[str, float]) -> None:
    """By its reason, once; what came with it is taken."""
    door = _open()
    good = {"track": 8, "sensor": 0}
    taken = _take(door, good, change, sensors=("AN/TPY-2",))
    assert (taken.tally.taken, taken.tally.counts) == (1, {reason: 1})
    assert (taken.tally.refused, len(taken.block.rows)) == (1, 1)
    assert door.tallies["radar"].counts == {reason: 1}


@pytest.mark.parametrize(
    "change",
    [
        {"at": NOW + 2_000},
        {"at": NOW - 600_000},
        {"latitude": -90.0},
        {"longitude": 180.0},
        {"altitude": 35_000.0},
        {"velocity_east": 0.0, "velocity_north": -1_200.0},
        {"flags": Flag.VELOCITY, "altitude": NAN, "eu": INF, "nu": NAN, "uu": NAN},
        {"flags": Flag.ALTITUDE, "velocity_east": NAN, "sigma_velocity": -1.0},
        {"en": 899.999_999},
        {"en": 899.999_999, "eu": 1_499.999_99, "nu": 1_499.999_99, "uu": 2_500.0},
        {"ee": 1e-12, "en": 0.0},
        {"kind": NOT_NAMED, "confidence": 0},
        {"track": 2**64 - 1},
    ],
)
def test_what_can_be_is_taken(change: dict[str, float]) -> None:
    """On each bound; and what is not known is not looked at."""
    taken = _take(_open(), change)
    assert (taken.tally.taken, taken.tally.counts) == (1, {})
    assert find_block_fault(taken.block, PACT, "JPN") is None
    assert read_block(encode_block(taken.block)).rows.tobytes() == taken.block.rows.tobytes()


def test_nobody_becomes_surer_than_he_is() -> None:
    """Positions go to the nearest, deviations upwards, correlations are kept to a thousandth at worst."""
    row = _take(_open(), {"latitude": 35.123_456_78, "ee": 900.01, "nn": 1e-6, "en": 0.015}).block.rows[0]
    assert (row["latitude"], row["sigma_east"], row["sigma_north"]) == (351_234_568, 301, 1)
    assert row["rho_en"] == round(0.015 / np.sqrt(900.01 * 1e-6) * 32_767)
    sure = _take(_open(), {"en": 899.999_999}).block.rows[0]
    assert 32_767 * 0.999 < sure["rho_en"] < 32_767
    assert (sure["sigma_east"], sure["sigma_up"], sure["sigma_velocity"]) == (300, 500, 300)


_SPECIAL = st.sampled_from((NAN, INF, -INF, 0.0, -0.0, 1e-320, 1e300, -1e300, 90.0, -180.0, 180.0, 2.0**31))
_FLOAT = st.floats(-2_000, 2_000) | _SPECIAL | st.floats()
_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        **{name: _FLOAT for name in REPORT.names or () if REPORT[name].kind == "f"},
        "track": st.integers(0, 5) | st.integers(0, 2**64 - 1),
        "at": st.integers(NOW - 50, NOW + 50) | st.integers(-(2**63), 2**63 - 1),
        "flags": st.integers(0, 31) | st.integers(0, 2**16 - 1),
        **dict.fromkeys(("kind", "confidence", "sensor"), st.integers(0, 8) | st.integers(0, 2**16 - 1)),
    },
)
_GUESSED = st.fixed_dictionaries(
    {"row": st.integers(0, 9)},
    optional={
        **{name: _FLOAT for name in GUESS.names or () if GUESS[name].kind == "f"},
        "what": st.integers(0, 1) | st.integers(0, 2**32 - 1),
        "at": st.integers(NOW - 50, NOW + 50) | st.integers(-(2**63), 2**63 - 1),
    },
)


@given(st.lists(st.lists(_CHANGES, max_size=8), max_size=3), st.lists(_GUESSED, max_size=6))
def test_whatever_comes_a_block_keeps_every_bound(
    batches: list[list[dict[str, float]]], guesses: list[dict[str, float]]
) -> None:
    """Nothing raises, each report is taken or refused once, and every reader would take the block."""
    door = _open()
    for changes in batches:
        taken = _take(door, *changes, guesses=tuple(guesses), sensors=("S",))
        assert taken.tally.taken + taken.tally.refused == len(changes)
        assert find_fault(taken.block) is None
        assert find_block_fault(taken.block, PACT, "JPN") is None


def test_a_jump_is_flagged_counted_and_kept() -> None:
    """Away and back: each is farther than an aircraft flies in the time. A turn within reach is none."""
    door = _open()
    steps: tuple[dict[str, float], ...] = (
        {},
        {"at": NOW + 1_000, "latitude": 35.01},
        {"at": NOW + 2_000, "latitude": 36.0},
    )
    first = _take(door, *steps)
    assert first.tally.counts == {Reason.JUMP: 1}
    assert list(first.block.rows["flags"] & Flag.DECEPTION != 0) == [False, False, True]
    back = _take(
        door, {"at": NOW + 3_000, "latitude": 35.02}, {"at": NOW + 4_000, "latitude": 35.03}, now=Instant(NOW + 4_000)
    )
    assert (back.tally.taken, back.tally.counts) == (2, {Reason.JUMP: 1})
    assert list(back.block.rows["flags"] & Flag.DECEPTION != 0) == [True, False]
    assert set(FLAGGED) == {Reason.JUMP, Reason.REORDERED}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"longitude": 179.9999}, {"longitude": -179.9999}),
        ({"latitude": 89.9999, "longitude": 0.0}, {"latitude": 89.9999, "longitude": -180.0}),
        ({"ee": 1e8, "en": 0.0, "nn": 1e8}, {"latitude": 35.4, "ee": 1e8, "en": 0.0, "nn": 1e8}),
    ],
)
def test_what_is_near_is_no_jump(one: dict[str, float], other: dict[str, float]) -> None:
    """Over the antimeridian, over a pole, within what neither side knows."""
    assert _take(_open(), one, {"at": NOW + 1_000, **other}).tally.counts == {}


def test_the_same_update_again_is_refused() -> None:
    """In one batch, in the next, and behind seven later ones; another track of the same instant is another update."""
    door = _open()
    taken = _take(door, {}, {}, {"track": 8}, *({"at": NOW + step} for step in range(1, 8)))
    assert (taken.tally.taken, taken.tally.counts) == (9, {Reason.DUPLICATE: 1})
    again = _take(door, {}, {"at": NOW + 3}, {"track": 8})
    assert (again.tally.taken, again.tally.counts) == (0, {Reason.DUPLICATE: 3})


def test_updates_out_of_order_are_put_in_order_and_counted() -> None:
    """In one batch and behind it; numbers rise as they are told."""
    door = _open()
    taken = _take(door, {"at": NOW + 200}, {"at": NOW}, {"at": NOW + 300})
    assert taken.tally.counts == {Reason.REORDERED: 1}
    assert list(taken.block.rows["at"] - NOW) == [0, 200, 300]
    assert list(taken.block.rows["number"]) == [1, 2, 3]
    late = _take(door, {"at": NOW + 100}, {"at": NOW + 400})
    assert late.tally.counts == {Reason.REORDERED: 1}
    assert list(late.block.rows["number"]) == [4, 5]
    assert _take(door, {"at": NOW + 50}).tally.counts == {Reason.REORDERED: 1}
    assert _take(door, {"at": NOW + 350}).tally.counts == {Reason.REORDERED: 1}, "what came late is not the latest"


def test_track_numbers_are_given_once() -> None:
    """Over sources, classes and starts: the same id of two sources is two tracks."""
    door = _open("radar", "ship", next_track=41)
    of_radar = door.take("radar", AIR, make_reports({}, {"track": 9}), NOW).block.rows
    of_ship = door.take("ship", AIR, make_reports({}), NOW).block.rows
    slow = {"velocity_east": 5.0, "altitude": 0.0}
    of_class = door.take("radar", SHIPS, make_reports(slow), NOW).block.rows
    assert [*of_radar["track"], *of_ship["track"], *of_class["track"]] == [41, 42, 43, 44]
    assert door.next_track == 45
    again = door.take("radar", AIR, make_reports({"at": NOW + 1}), NOW).block.rows
    assert (list(again["track"]), list(again["number"])) == ([41], [2])


def test_an_observation_belongs_to_no_track() -> None:
    """It has number 0 and a count of its own, and nothing is a jump or a duplicate of it."""
    door = _open()
    taken = _take(door, {"track": 0}, {"track": 5}, {"track": 0, "latitude": 38.0})
    assert (taken.tally.counts, list(taken.block.rows["track"])) == ({}, [0, 0, 1])
    assert list(taken.block.rows["number"]) == [1, 2, 1]
    assert list(_take(door, {"track": 0}).block.rows["number"]) == [3]


def test_a_track_that_was_dropped_begins_anew_under_another_number() -> None:
    """The source may use its id again; nobody takes the new track for the old one."""
    door = _open()
    assert list(_take(door, {"flags": 3 | Flag.DROPPED}).block.rows["track"]) == [1]
    again = _take(door, {"at": NOW + 100, "latitude": 20.0})
    assert (list(again.block.rows["track"]), again.tally.counts) == ([2], {})


def test_a_flood_is_cut_off_and_costs_no_other_source_anything() -> None:
    """A hundred times what it may: the burst is taken, then what fills up; the other source has all of its own."""
    door = _open("radar", "ship", rate_per_s=100, burst=50)
    batch = make_reports(*({"track": 1 + number} for number in range(500)))
    counts = [door.take("radar", AIR, batch, NOW).tally.counts[Reason.FLOOD] for _ in range(10)]
    assert counts == [450, *[500] * 9]
    assert door.take("ship", AIR, make_reports({}), NOW).tally.taken == 1
    assert door.take("radar", AIR, batch, Instant(NOW + 100)).tally.counts[Reason.FLOOD] == 490
    assert door.take("radar", AIR, batch, Instant(NOW - 60_000)).tally.counts[Reason.FLOOD] == 500
    assert door.tallies["radar"].taken + door.tallies["radar"].refused == 6_000


def test_a_source_has_only_so_many_tracks() -> None:
    """New ones beyond that are refused until old ones are gone; those that are there go on."""
    door = _open(track_count_max=3, past_ms_max=10**8)
    taken = _take(door, *({"track": number} for number in range(1, 6)))
    assert (taken.tally.taken, taken.tally.counts) == (3, {Reason.TRACKS: 2})
    assert _take(door, {"track": 2, "at": NOW + 1}, {"track": 9}).tally.counts == {Reason.TRACKS: 1}
    later = Instant(NOW + AIR.dropped_after_ms + 2)
    assert _take(door, {"track": 9, "at": later}, now=later).tally.counts == {}


_STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2_000), st.floats(34, 36)), max_size=12, unique_by=lambda row: row[:2]
)


@given(_STEPS, st.integers(0, 12))
def test_how_a_source_cuts_its_batches_changes_nothing(steps: list[tuple[int, int, float]], cut: int) -> None:
    """What comes in order of time is numbered, flagged and counted alike in one batch and in two."""
    changes = [
        {"track": track, "at": NOW + after, "latitude": latitude}
        for track, after, latitude in sorted(steps, key=lambda row: row[1])
    ]
    whole, halves = _open(), _open()
    together = _take(whole, *changes).block.rows
    apart = [_take(halves, *part).block.rows for part in (changes[:cut], changes[cut:])]
    assert whole.tallies["radar"] == halves.tallies["radar"]
    # New tracks of one batch are numbered by the source's id, of two as they come: all but that number.
    found = [sorted(row.item()[1:] for row in rows) for rows in (together, np.concatenate(apart))]
    assert found[0] == found[1]


def test_estimates_go_with_their_rows() -> None:
    """To the place that the row has in the block; a bad one is counted and left out, and its row stays."""
    guesses: tuple[dict[str, float], ...] = (
        {"row": 0, "what": 1, "latitude": NAN},
        {"row": 2, "what": 1, "bearing": 359.999},
        {"row": 2, "what": 0},
        {"row": 2, "what": 0, "latitude": 1.0},
        {"row": 1},
        {"row": 7},
        {"row": 0, "what": 2},
        {"row": 0, "what": 0, "semi_minor": 5_000.0},
        {"row": 0, "what": 0, "sigma_at": -1.0},
        {"row": 0, "what": 0, "at": 0},
    )
    taken = _take(_open(), {"track": 9}, {"latitude": 91.0}, {"track": 3}, guesses=guesses)
    assert taken.tally.counts == {Reason.POSITION: 1, Reason.ESTIMATE: 6}
    assert (taken.tally.taken, taken.tally.refused) == (2, 1)
    estimates = taken.block.estimates
    assert [row.item() for row in estimates[["row", "what", "latitude", "bearing"]]] == [
        (0, 0, 390_000_000, 4_500),
        (0, 1, 390_000_000, 0),
    ]
    assert (estimates["semi_major"][0], estimates["semi_minor"][0]) == (40_000, 9_000)


def test_an_empty_batch_is_nothing() -> None:
    """No report, no row, no count."""
    empty = Reports(np.empty(0, REPORT), np.empty(0, GUESS))
    taken = _open().take("radar", AIR, empty, NOW)
    assert (len(taken.block.rows), taken.tally.taken, taken.tally.counts) == (0, 0, {})
