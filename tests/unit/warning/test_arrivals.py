"""A flood between two looks at a picture (docs/spec/warning.md, W40, W42): what lies between is not looked at."""

import numpy as np
import pytest

from bench.flying import AIR, SIGMA_M, START, Flown
from comity.base.instants import Instant
from comity.warning.domain import TrackTerms
from comity.warning.picture import Picture
from comity.warning.rows import Block, Rows

TERMS = TrackTerms(AIR, "air", 1_000, 20_000, 60_000)
TRACKS, UPDATES = 7, 60


def _flood(party: str) -> Rows:
    """Five updates a second of each track for twelve seconds, in an order that says nothing."""
    rows = np.repeat(Flown(TRACKS).report(party, 0), UPDATES)
    turn = np.tile(np.arange(UPDATES), TRACKS)
    rows["at"], rows["number"] = START + turn * 200, turn + 1
    rows["altitude"] += turn.astype(np.int32)
    return rows[np.random.default_rng(7).permutation(len(rows))]


@pytest.mark.parametrize("step_ms", [1_000, 7_000, 12_000])
def test_how_often_it_is_looked_at_changes_nothing(step_ms: int) -> None:
    """Each row taken up at once, or all of them together, some of them ahead: the same bytes."""
    picture, plain = Picture({AIR: TERMS}), Picture({AIR: TERMS})
    for party in SIGMA_M:
        rows = _flood(party)
        picture.take(party, Block.of_rows(AIR, rows, sensors=("S",)))
        for at in np.unique(rows["at"]):
            plain.take(party, Block.of_rows(AIR, rows[rows["at"] == at], sensors=("S",)))
    end = Instant(START + 12_000)
    for at in range(START, end, step_ms):
        picture.at(Instant(at))
    for at in range(START, end, 400):
        plain.at(Instant(at))
    assert picture.at(end).encode() == plain.at(end).encode()
    assert picture.at(end).count_objects(AIR) >= TRACKS
