"""Recorded launches as three parties' noisy reports (docs/spec/warning.md, W68)."""

from functools import cache
from importlib.resources import files

import numpy as np

from comity.rehearsal.launch_eye import EYES
from comity.rehearsal.launch_replay import Replay, replay, retrace_launch
from comity.warning.end_rows import find_states
from comity.warning.facts import FACTS_PACKAGE, LAUNCHES
from comity.warning.frames import to_local, to_place
from comity.warning.launches import Launch, read_launches
from comity.warning.layout import NOT_NAMED, Flag
from comity.warning.rows import encode_block, read_block

CLASS = "policy.track.ballistic"
KINDS = ("srbm", "icbm")


@cache
def _launches() -> tuple[Launch, ...]:
    """Those of half a year: single ones, flat ones, salvos, one lofted for an hour, one without a distance."""
    raw = (files(FACTS_PACKAGE) / LAUNCHES).read_bytes()
    return tuple(launch for launch in read_launches(raw) if "2023-08-18" <= launch.date < "2024-03-18")[1:]


def _replay(*, seed: int = 1, launches: tuple[Launch, ...] | None = None) -> Replay:
    return replay(_launches() if launches is None else launches, seed=seed, class_=CLASS, kinds=KINDS)


def test_one_seed_is_one_replay() -> None:
    """Byte for byte, and another seed is another one."""
    few = _launches()[:3]
    one, again, other = (_replay(seed=seed, launches=few) for seed in (1, 1, 2))
    encoded = [[(r.told_at, r.party, encode_block(r.block)) for r in made.reports] for made in (one, again, other)]
    assert encoded[0] == encoded[1] != encoded[2]


def test_a_launch_more_changes_nothing_of_the_others() -> None:
    """But for the numbers that their tracks bear."""
    few, more = _replay(launches=_launches()[1:3]), _replay(launches=_launches()[:3])
    kept = {(track.party, track.launch): track.rows for track in more.tracks}
    for track in few.tracks:
        other = kept[track.party, track.launch]
        columns = [name for name in other.dtype.names or () if name != "track"]
        assert (other[columns] == track.rows[columns]).all()


def test_reports_are_blocks_that_every_reader_takes() -> None:
    """In the order in which they are told, each after what it tells; every row stands in one of them once."""
    made = _replay()
    told = [report.told_at for report in made.reports]
    assert told == sorted(told)
    for report in made.reports:
        block = read_block(encode_block(report.block))
        assert (block.rows["at"] < report.told_at).all()
    for eye in EYES:
        rows = np.concatenate([report.block.rows for report in made.reports if report.party == eye.party])
        tracks = [track.rows for track in made.tracks if track.party == eye.party]
        names = {(int(row["track"]), int(row["number"])) for row in rows}
        assert len(rows) == len(names) == sum(len(rows) for rows in tracks)


def test_errors_are_as_large_as_rows_say() -> None:
    """Position and velocity against the true flight, in standard deviations: three numbers and three."""
    launches = {launch.number: launch for launch in _launches()}
    position, speed = [], []
    for track in _replay().tracks:
        flight = retrace_launch(launches[track.launch])
        after_s = (track.rows["at"] - (launches[track.launch].at or 0)) / 1000
        point, velocity = flight.path.move(after_s)
        _, reported, fast, covariance = find_states(track.rows)
        off = np.stack([to_local(one, origin=place) for one, place in zip(reported, to_place(point), strict=True)])
        position.append(np.einsum("ni,nij,nj->n", off, np.linalg.inv(covariance[:, :3, :3]), off).mean())
        speed.append((((fast - velocity) ** 2).sum(axis=1) / covariance[:, 3, 3]).mean())
    assert len(position) > 25
    assert 2.2 < np.mean(position) < 3.9  # biases are drawn once for a track: that many tracks say so much
    assert 2.8 < np.mean(speed) < 3.2


def test_nobody_sees_through_the_earth() -> None:
    """The eye beyond the sea sees nothing of what stays low, and each says last that it is the last."""
    made = _replay()
    flat = next(launch for launch in _launches() if launch.distance_km == 350 and launch.apogee_km == 50)
    assert {track.party for track in made.tracks if track.launch == flat.number} == {"KOR", "USA"}
    eyes = {eye.party: eye for eye in EYES}
    for track in made.tracks:
        dropped = track.rows["flags"] & Flag.DROPPED != 0
        assert dropped.tolist() == [False] * (len(dropped) - 1) + [True]
        assert track.rows["altitude"].min() / 10 > eyes[track.party].floor_m - 10_000


def test_what_nobody_recorded_is_not_replayed() -> None:
    """And a kind that the table does not know is not named."""
    made = _replay()
    launches = {launch.number: launch for launch in _launches()}
    absent = set(launches) - {track.launch for track in made.tracks}
    assert absent == {number for number, launch in launches.items() if launch.distance_km is None}
    assert len(absent) == 1
    for track in made.tracks:
        expected = launches[track.launch].missile_type.lower()
        named = {int(kind) for kind in track.rows["kind"]}
        assert named == {KINDS.index(expected) if expected in KINDS else NOT_NAMED}
