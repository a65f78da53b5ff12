"""What waits for a page of the warning feed (docs/spec/warning.md, W24, W25)."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.base.instants import Instant
from comity.base.limits import ENTRY_SIZE_BYTES_MAX
from comity.warning.layout import ESTIMATE
from comity.warning.rows import Block, Coarsening, encode_block
from comity.warning.waiting import ENTRY_FRAME_SIZE_BYTES, Waiting, cut_block, find_entry_size
from kit.feed import BALLISTIC, SHIPS, make_block
from kit.tracks import BLOCKS, make_estimates
from kit.world import T0

PAGE = 500_000


def _numbers(blocks: list[Block]) -> list[int]:
    return [int(number) for block in blocks for number in block.rows["number"]]


def _estimated(block: Block) -> list[tuple[int, int]]:
    """Each estimate as what it belongs to: the number of its row, and what it is of."""
    return [(int(block.rows["number"][one["row"]]), int(one["what"])) for one in block.estimates]


@given(BLOCKS)
def test_an_entry_is_never_larger_than_was_reckoned(block: Block) -> None:
    """Pages are filled by what their entries take at most."""
    assert len(encode_block(block)) + ENTRY_FRAME_SIZE_BYTES <= find_entry_size(block) + ENTRY_FRAME_SIZE_BYTES


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 3000), st.sets(st.integers(0, 2999), max_size=400))
def test_a_block_is_cut_into_entries_and_nothing_is_lost(count: int, estimated: set[int]) -> None:
    """Each piece fits an entry; rows and their estimates come in order, each once, each estimate with its row."""
    whole = make_block(count)
    places = sorted(place for place in estimated if place < count)
    whole = replace(whole, estimates=make_estimates(*({"row": p, "what": w} for p in places for w in (0, 1))))
    pieces = list(cut_block(whole))
    assert all(len(encode_block(piece)) <= ENTRY_SIZE_BYTES_MAX for piece in pieces)
    assert _numbers(pieces) == list(range(1, count + 1))
    assert [one for piece in pieces for one in _estimated(piece)] == _estimated(whole)


def test_what_waits_leaves_together() -> None:
    """Small blocks of one class and the same sensors become one entry, their estimates still with their rows."""
    waiting = Waiting()
    for first in (1, 4, 7):
        block = replace(make_block(3, first=first), estimates=make_estimates({"row": 2}))
        waiting.put(block, ready_at=T0)
    (joined,) = waiting.take(T0, size_bytes=PAGE)
    assert _numbers([joined]) == list(range(1, 10))
    assert _estimated(joined) == [(3, 0), (6, 0), (9, 0)]
    assert (waiting.row_count, waiting.find_ready_at()) == (0, None)


def test_other_sensors_and_other_terms_are_other_entries() -> None:
    """What an entry says of all its rows is true of all of them."""
    waiting = Waiting()
    told = Coarsening("policy.track.coarse", 5000, 0)
    blocks = [
        make_block(1, first=1),
        replace(make_block(1, first=2), sensors=("RADAR-1",)),
        replace(make_block(1, first=3), coarsening=told),
    ]
    for block in blocks:
        waiting.put(block, ready_at=T0)
    taken = waiting.take(T0, size_bytes=PAGE)
    said = sorted((_numbers([block]), block.sensors, block.coarsening) for block in taken)
    assert said == [([1], (), None), ([2], ("RADAR-1",), None), ([3], (), told)]


def test_a_page_is_filled_to_its_bound_and_the_rest_waits_in_order() -> None:
    """Entries, each with its length, stay within what the page has room for."""
    waiting = Waiting()
    waiting.put(make_block(10_000), ready_at=T0)
    numbers: list[int] = []
    while blocks := waiting.take(T0, size_bytes=PAGE):
        assert sum(len(encode_block(block)) + ENTRY_FRAME_SIZE_BYTES for block in blocks) <= PAGE
        numbers += _numbers(blocks)
    assert numbers == list(range(1, 10_001))


def test_a_flood_of_one_class_costs_no_other_class_a_row() -> None:
    """Where room ends the oldest rows of the class with most waiting go; how many is known."""
    waiting = Waiting(row_count_max=1000)
    waiting.put(make_block(50, class_=BALLISTIC), ready_at=T0)
    for turn in range(100):
        waiting.put(make_block(100, class_=SHIPS, first=1 + 100 * turn), ready_at=T0)
    assert waiting.row_count <= 1000
    assert waiting.dropped == {SHIPS: 100 * 100 - (waiting.row_count - 50)}
    taken = waiting.take(T0, size_bytes=PAGE)
    by_class = {block.class_: _numbers([block]) for block in taken}
    assert by_class[BALLISTIC] == list(range(1, 51))
    assert by_class[SHIPS][-1] == 100 * 100, "the newest stay"


def test_a_page_is_shared_out_among_the_classes_that_wait() -> None:
    """A class with little waiting goes whole, however much of another waits."""
    waiting = Waiting()
    waiting.put(make_block(20_000, class_=SHIPS), ready_at=T0)
    waiting.put(make_block(300, class_=BALLISTIC), ready_at=T0)
    taken = waiting.take(T0, size_bytes=PAGE)
    assert len(_numbers([block for block in taken if block.class_ == BALLISTIC])) == 300
    assert len(_numbers([block for block in taken if block.class_ == SHIPS])) > 5000


def test_a_delayed_block_waits_for_its_instant() -> None:
    """And what follows it in its class behind it; another class does not."""
    waiting = Waiting()
    later = Instant(T0 + 60_000)
    waiting.put(make_block(1, first=1), ready_at=later)
    waiting.put(make_block(1, first=2), ready_at=T0)
    waiting.put(make_block(1, first=3, class_=SHIPS), ready_at=T0)
    assert _numbers(waiting.take(T0, size_bytes=PAGE)) == [3]
    assert waiting.take(Instant(later - 1), size_bytes=PAGE) == []
    assert waiting.find_ready_at() == later
    assert _numbers(waiting.take(later, size_bytes=PAGE)) == [1, 2]


@pytest.mark.parametrize("is_kept", [True, False])
def test_what_may_not_be_told_any_more_is_let_go_of(is_kept: bool) -> None:
    """A lane whose release ended is emptied, and its rows are counted."""
    waiting = Waiting()
    waiting.put(make_block(5), ready_at=T0)
    waiting.keep(lambda lane: is_kept and lane == (BALLISTIC, None))
    assert (waiting.row_count, waiting.withdrawn[BALLISTIC]) == ((5, 0) if is_kept else (0, 5))


def test_an_estimate_of_every_row_is_cut_as_well() -> None:
    """Rows with both estimates take twice as much; the cut looks at what each takes."""
    block = make_block(2000)
    rows = np.repeat(np.arange(2000), 2)
    estimates = np.zeros(4000, ESTIMATE)
    estimates["row"], estimates["what"] = rows, np.tile([0, 1], 2000)
    estimates["semi_major"] = estimates["semi_minor"] = 1
    pieces = list(cut_block(replace(block, estimates=estimates)))
    assert all(ENTRY_SIZE_BYTES_MAX // 2 < len(encode_block(piece)) <= ENTRY_SIZE_BYTES_MAX for piece in pieces[:-1])
    assert sum(len(piece.estimates) for piece in pieces) == 4000
