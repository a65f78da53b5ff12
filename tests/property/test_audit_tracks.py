"""Two readings of a block, written apart, take the same bytes and name the same fault in the same row (W1 to W7)."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from comity.audit.tracks import block as second
from comity.audit.tracks.bounds import find_class_break
from comity.audit.tracks.grid import Grid
from comity.base.errors import RemoteError
from comity.warning import rows as first
from comity.warning.bounds import ClassBounds, find_class_fault
from comity.warning.coarsen import coarsen_block
from comity.warning.telling import Terms
from kit.tracks import BLOCKS

_Told = tuple[str, object] | None


def _read_first(raw: bytes) -> tuple[_Told, first.Block | None]:
    try:
        return None, first.read_block(raw)
    except RemoteError as error:
        return (error.code, error.details.get("row")), None


def _read_second(raw: bytes) -> tuple[_Told, second.Block | None]:
    try:
        return None, second.read_block(raw)
    except RemoteError as error:
        return (error.code, error.details.get("row")), None


def _check(raw: bytes) -> None:
    (told, ours), (told_too, theirs) = _read_first(raw), _read_second(raw)
    assert told == told_too
    if ours is not None and theirs is not None:
        assert {name: tuple(ours.rows[name].tolist()) for name in theirs.rows} == theirs.rows
        assert {name: tuple(ours.estimates[name].tolist()) for name in theirs.estimates} == theirs.estimates
        assert (ours.class_, ours.sensors) == (theirs.class_, theirs.sensors)


@given(BLOCKS)
def test_both_read_every_block_alike(block: first.Block) -> None:
    """What one writes both read, to the last number."""
    _check(first.encode_block(block))


@given(BLOCKS, st.data())
def test_both_find_the_same_fault_first(block: first.Block, data: st.DataObject) -> None:
    """Any bytes changed within the columns, or anywhere, are refused by both with one code and one row."""
    fields = msgspec.msgpack.decode(first.encode_block(block))
    for place in (-2, -1):
        raw = bytearray(fields[place])
        for _ in range(data.draw(st.integers(0, 3)) if raw else 0):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.sampled_from((0, 1, 127, 128, 255)))
        fields[place] = bytes(raw)
    whole = bytearray(msgspec.msgpack.encode(fields))
    if data.draw(st.booleans()):
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    _check(bytes(whole))


@given(BLOCKS, st.integers(0, 64), st.integers(-10_000, 2**30), st.integers(0, 2_000_000))
def test_both_hold_a_class_to_the_same_bounds(block: first.Block, kinds: int, high: int, fast: int) -> None:
    """W7: the same row breaks the same bound."""
    found = find_class_fault(block.rows, ClassBounds(kinds, fast, high))
    theirs = second.read_block(first.encode_block(block)).rows
    broken = find_class_break(theirs, kind_count=kinds, altitude_max_dm=high, speed_max_cm_s=fast)
    assert (found and (found.code, found.row)) == (broken and (broken.code, broken.row))


def _iterate(rows: first.Rows) -> Iterator[dict[str, int]]:
    names = rows.dtype.names or ()
    for row in rows.tolist():
        yield {name: value for name, value in zip(names, row, strict=True) if name != "sensor"}


@given(BLOCKS, st.integers(0, 1_000_000), st.data())
def test_what_a_clause_makes_of_a_block_is_what_the_audit_holds_it_to(
    block: first.Block, step_m: int, data: st.DataObject
) -> None:
    """W23: every row and estimate is on the grid and of the row told in full; moved off its cell, it is not."""
    full = replace(block, coarsening=None)
    told = coarsen_block(full, Terms("policy.x", coarsen_m=step_m, delay_ms=1))
    grid = Grid(step_m)
    for row, known in zip(_iterate(told.rows), _iterate(full.rows), strict=True):
        assert grid.is_on(row)
        assert grid.is_of(row, known)
        if step_m > 10:
            name = data.draw(st.sampled_from(("latitude", "longitude")))
            assert not grid.is_on({**row, name: row[name] + 3})
            assert not grid.is_on({**row, "sigma_north": 1})
        assert not grid.is_of({**row, "number": row["number"] ^ 1}, known)
    for one, known in zip(_iterate(told.estimates), _iterate(full.estimates), strict=True):
        assert grid.is_estimate_on(one)
        assert grid.is_estimate_on(one, known)
        assert not grid.is_estimate_on({**one, "at": one["at"] + 1}, known)
