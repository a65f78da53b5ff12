"""Trails: where tracks that are shown were before, thinned alike however their rows came (W39)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from comity.base.instants import Instant
from comity.warning import trails
from comity.warning.domain import TrackTerms
from comity.warning.picture import make_situation
from comity.warning.rows import Block
from comity.warning.trails import TRAIL_HEAD, TrailBook
from kit.scripts import run_script
from kit.tracks import make_rows

READER = Path(__file__).parents[2] / "scripts" / "read_trails.ts"
START = 1_795_000_000_000
AIR = "policy.track.air"
TERMS = {AIR: TrackTerms(AIR, "air", 1_200.0, 600_000, 600_000)}
MINUTES_MS = 600_000


def _report(author: str, track: int, second: int) -> tuple[str, Block]:
    at = START + second * 1_000
    row = {"at": at, "track": track, "number": second + 1, "latitude": 300_000_000 + track * 1_000_000 + second}
    return author, Block.of_rows(AIR, make_rows(row))


def _read(raw: bytes) -> tuple[Any, dict[str, list[tuple[int, int]]]]:
    """The head, and by name the instants and latitudes of each trail."""
    assert int.from_bytes(raw[:4], "little") == len(raw) - 4
    head = np.frombuffer(raw[4 : 4 + TRAIL_HEAD.itemsize], TRAIL_HEAD)[0]
    place = 4 + TRAIL_HEAD.itemsize
    words = json.loads(raw[place : place + int(head["word_size"])])
    place += int(head["word_size"])

    def take(width: str, count: int) -> list[int]:
        nonlocal place
        column: list[int] = np.frombuffer(raw, width, count, place).tolist()
        size = np.dtype(width).itemsize * count
        place += size + -size % 4
        return column

    counts = (int(head["trail_count"]), int(head["point_count"]))
    track, size, class_, author = (take(width, counts[0]) for width in ("<u4", "<u4", "<u2", "<u2"))
    seen, latitude, _ = (take("<i4", counts[1]) for _ in range(3))
    assert place == len(raw)
    found, first = {}, 0
    for one in range(counts[0]):
        assert words["classes"][class_[one]] == AIR
        points = [(int(head["since"]) + seen[at], latitude[at]) for at in range(first, first + size[one])]
        found[f"{words['authors'][author[one]]}-{track[one]}"] = points
        first += size[one]
    return head, found


def _write(said: list[tuple[str, Block]], *, at: int = START + MINUTES_MS) -> bytes:
    book = TrailBook(make_situation(TERMS, said, Instant(at)), since=at - MINUTES_MS)
    for author, block in said:
        book.take(author, block)
    return book.write()


def test_a_trail_has_the_last_place_of_each_step() -> None:
    """Ten minutes in steps of five seconds; rows in any order, and twice, are the same bytes."""
    said = [_report(author, track, second) for second in range(0, 600, 2) for author, track in (("JPN", 1), ("USA", 7))]
    raw = _write(said)
    head, found = _read(raw)
    assert (head["step_ms"], sorted(found)) == (5_000, ["JPN-1", "USA-7"])
    steps = [at // 5_000 for at, _ in found["JPN-1"]]
    assert steps == sorted(set(steps))
    assert len(steps) == 120
    last = {(START + second * 1_000) // 5_000: second for second in range(0, 600, 2)}
    assert [latitude - 301_000_000 for _, latitude in found["JPN-1"]] == [last[step] for step in steps]
    assert _write([*reversed(said), *said[:50]]) == raw


def test_many_points_are_thinned_alike_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The step is doubled for all trails until there is room."""
    monkeypatch.setattr(trails, "POINT_COUNT_MAX", 70)
    said = [_report("JPN", track, second) for second in range(0, 600, 2) for track in (1, 2)]
    head, found = _read(_write(said))
    assert head["step_ms"] == 20_000
    assert {len(points) for points in found.values()} == {30}


def test_nothing_shown_is_no_trail() -> None:
    """Of an empty picture the frame is empty, and reads as such."""
    head, found = _read(_write([]))
    assert (head["point_count"], found) == (0, {})


def test_the_page_reads_trails_as_they_were_written() -> None:
    """Names, places and order; the same frame twice adds nothing; what is cut off or changed in it is left out."""
    said = []
    for second in range(0, 600, 20):
        for author, track in (("JPN", 1), ("USA", 12_345)):
            row = {"at": START + second * 1_000, "track": track, "number": second + 1,
                   "latitude": 300_000_000 + second * 20_000, "longitude": 1_799_000_000 + second * 3_000}  # fmt: skip
            said.append((author, Block.of_rows(AIR, make_rows(row))))
    told = run_script(READER, _write(said))
    assert told["since"] == START
    assert sorted(told["trails"]) == ["JPN-0001", "USA-12345"]
    pieces = told["trails"]["JPN-0001"]
    assert len(pieces) == len(said) // 2 - 1
    for (latitude, longitude, *_), place in zip(pieces, range(0, 600, 20), strict=False):
        assert latitude == pytest.approx(30 + place * 0.002, abs=1e-4)
        assert longitude == pytest.approx(179.9 + place * 0.0003, abs=1e-4)
    assert [piece[2:4] for piece in pieces[:-1]] == [piece[:2] for piece in pieces[1:]]
    ages = [piece[4] for piece in pieces]
    assert ages == sorted(ages)
    assert told["isTwiceTheSame"]
    assert told["areCutsLeftOut"]
    assert told["areChangesBorne"]


def test_labels_of_a_crowded_salvo_can_be_read() -> None:
    """One stack for what lies together, with the count first; no label lies over another, and a far one has a line."""
    told = run_script(READER, _write([_report("JPN", 1, 0)]))
    stack, apart = told["groups"]
    assert stack == ["n = 3", *(f"JPN-020{number}" for number in range(5)), "+3"]
    assert apart == ["n = 3", "KOR-0001"]
    assert told["written"] == 8
    assert told["areApart"]
    assert told["leads"][0] is False
    assert any(told["leads"])
    assert told["hasNoRoom"]
