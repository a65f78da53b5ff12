"""Blocks of the warning feed (docs/spec/warning.md, W1 to W6): one form, every bound, read as they were written."""

import msgspec
import numpy as np
import pytest
from hypothesis import given

from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.base.limits import ENTRY_SIZE_BYTES_MAX, INSTANT_MS_MAX
from comity.warning.bounds import RHO_ONE, ClassBounds, find_class_fault
from comity.warning.layout import ESTIMATE, NOT_NAMED, ROW, Flag
from comity.warning.rows import Block, Coarsening, Rows, encode_block, encode_blocks, read_block, read_sound_blocks
from kit.tracks import BLOCKS, make_estimates, make_rows

CLASS = "policy.track.ballistic"


def _columns(rows: Rows) -> bytes:
    return b"".join(rows[name].tobytes() for name in rows.dtype.names or ())


def _write(rows: Rows, estimates: Rows | None = None, sensors: tuple[str, ...] = ()) -> bytes:
    """Bytes of a block as a stranger may have made them: no bound is looked at."""
    told = np.empty(0, ESTIMATE) if estimates is None else estimates
    return encode(("TracksUpdated", CLASS, sensors, _columns(rows), _columns(told)))


def _refuse(raw: bytes) -> tuple[str, object]:
    with pytest.raises(RemoteError) as caught:
        read_block(raw)
    assert caught.value.evidence == raw
    return caught.value.code, caught.value.details.get("row")


@given(BLOCKS)
def test_what_is_read_is_what_was_written(block: Block) -> None:
    """Every value of every row and estimate, the sensors, the clause; and there is one way to write them."""
    raw = encode_block(block)
    read = read_block(raw)
    assert (read.class_, read.sensors, read.coarsening) == (block.class_, block.sensors, block.coarsening)
    assert np.array_equal(read.rows, block.rows)
    assert np.array_equal(read.estimates, block.estimates)
    assert encode_block(read) == raw


@given(BLOCKS, BLOCKS)
def test_blocks_together_are_what_each_is_alone(one: Block, other: Block) -> None:
    """Written and read together, the same bytes and rows; and where one is none, none is read so."""
    raws = encode_blocks([one, other])
    assert raws == [encode_block(one), encode_block(other)]
    found = read_sound_blocks(raws)
    assert found is not None
    for raw, block in zip(raws, found, strict=True):
        alone = read_block(raw)
        assert (block.class_, block.sensors, block.coarsening) == (alone.class_, alone.sensors, alone.coarsening)
        assert block.rows.tobytes() == alone.rows.tobytes()
        assert block.estimates.tobytes() == alone.estimates.tobytes()
    assert read_sound_blocks([raws[0], _write(make_rows({"confidence": 101}))]) is None
    assert read_sound_blocks([raws[0], _write(make_rows({"sensor": 0}))]) is None
    assert read_sound_blocks([raws[0], b"none"]) is None
    assert read_sound_blocks([]) is None


def test_the_layout_is_the_clauses() -> None:
    """69 and 35 bytes; a column is little-endian, and a negative number is its two's complement."""
    assert (ROW.itemsize, ESTIMATE.itemsize) == (69, 35)
    two = make_rows({"latitude": -2}, {"track": 0x01020304})
    name, class_, sensors, rows, estimates = msgspec.msgpack.decode(encode_block(Block.of_rows(CLASS, two)))
    assert (name, class_, sensors, estimates) == ("TracksUpdated", CLASS, [], b"")
    assert rows[:8] == b"\x2a\0\0\0\x04\x03\x02\x01"
    assert rows[2 * 16 : 2 * 16 + 4] == b"\xfe\xff\xff\xff"


def test_a_coarsened_block_says_under_which_clause() -> None:
    """Whoever is told less is told so, by a type of its own."""
    told = Coarsening("policy.track.coarse", 5_000, 60_000)
    raw = encode_block(Block(CLASS, (), make_rows({}), make_estimates(), told))
    assert msgspec.msgpack.decode(raw)[:5] == ["TracksCoarsened", CLASS, "policy.track.coarse", 5_000, 60_000]
    assert read_block(raw).coarsening == told


BROKEN_ROWS: tuple[tuple[str, dict[str, int]], ...] = (
    ("warning.instant", {"at": -1}),
    ("warning.instant", {"at": INSTANT_MS_MAX + 1}),
    ("warning.position", {"latitude": 900_000_001}),
    ("warning.position", {"latitude": -900_000_001}),
    ("warning.position", {"longitude": 1_800_000_000}),
    ("warning.position", {"longitude": -1_800_000_001}),
    ("warning.flags", {"flags": 32 | Flag.ALTITUDE | Flag.VELOCITY}),
    ("warning.flags", {"flags": Flag.ALTITUDE | Flag.VELOCITY | Flag.COASTED, "track": 0}),
    ("warning.flags", {"flags": Flag.ALTITUDE | Flag.VELOCITY | Flag.DROPPED, "track": 0}),
    ("warning.altitude", {"altitude": -10_001}),
    ("warning.altitude", {"altitude": 1_000_000_001}),
    ("warning.altitude", {"flags": Flag.VELOCITY, "altitude": 1}),
    ("warning.altitude", {"flags": Flag.VELOCITY, "altitude": 0, "rho_eu": 1}),
    ("warning.altitude", {"flags": Flag.VELOCITY, "altitude": 0, "rho_nu": 1}),
    ("warning.speed", {"velocity_east": 2_000_001}),
    ("warning.speed", {"velocity_east": 1_500_000, "velocity_north": -1_500_000}),
    ("warning.speed", {"velocity_up": -(2**31)}),
    ("warning.speed", {"sigma_velocity": 2_000_001}),
    ("warning.speed", {"sigma_velocity": 0}),
    ("warning.speed", {"flags": Flag.ALTITUDE}),
    ("warning.speed", {"flags": Flag.ALTITUDE, "velocity_east": 0}),
    ("warning.speed", {"flags": Flag.ALTITUDE, "sigma_velocity": 0}),
    ("warning.uncertainty", {"sigma_east": 0}),
    ("warning.uncertainty", {"sigma_north": 0}),
    ("warning.uncertainty", {"sigma_up": 0}),
    ("warning.uncertainty", {"sigma_up": 200_000_001}),
    ("warning.uncertainty", {"rho_en": RHO_ONE}),
    ("warning.uncertainty", {"rho_eu": -RHO_ONE}),
    ("warning.uncertainty", {"rho_nu": -RHO_ONE - 1}),
    ("warning.uncertainty", {"rho_en": 30_000, "rho_eu": 30_000, "rho_nu": -30_000}),
    ("warning.uncertainty", {"rho_en": -RHO_ONE - 1, "rho_eu": RHO_ONE, "rho_nu": -RHO_ONE}),
    ("warning.kind", {"kind": 0, "confidence": 101}),
    ("warning.kind", {"confidence": 1}),
    ("warning.sensor", {"sensor": 1}),
)


@pytest.mark.parametrize(("code", "change"), BROKEN_ROWS)
def test_a_row_that_breaks_a_bound_is_named(code: str, change: dict[str, int]) -> None:
    """Each bound of W3, by its code and the place of the row."""
    rows = make_rows({}, {"sensor": 0}, change, change)
    assert _refuse(_write(rows, sensors=("AN/TPY-2",))) == (code, 2)


KEPT_ROWS: tuple[dict[str, int], ...] = (
    {"at": 0, "latitude": 900_000_000, "longitude": -1_800_000_000, "altitude": -10_000},
    {"at": INSTANT_MS_MAX, "latitude": -900_000_000, "longitude": 1_799_999_999, "altitude": 1_000_000_000},
    {"velocity_east": 0, "velocity_north": -2_000_000, "sigma_velocity": 2_000_000, "sigma_up": 200_000_000},
    {"rho_en": RHO_ONE - 1, "rho_eu": 0, "rho_nu": 0},
    {"rho_en": 30_000, "rho_eu": 30_000, "rho_nu": 30_000},
    {"flags": 31, "kind": 65_534, "confidence": 100, "sensor": 0},
    {"flags": 0, "altitude": 0, "velocity_east": 0, "sigma_velocity": 0, "rho_en": 5, "sensor": NOT_NAMED},
    {"track": 0, "number": 2**32 - 1, "flags": 19},
)


@pytest.mark.parametrize("change", KEPT_ROWS)
def test_a_row_on_a_bound_is_taken(change: dict[str, int]) -> None:
    """The last value that each bound permits."""
    raw = _write(make_rows(change), sensors=("AN/TPY-2",))
    assert encode_block(read_block(raw)) == raw


BROKEN_ESTIMATES: tuple[tuple[str, int, list[dict[str, int]]], ...] = (
    ("warning.estimate", 1, [{}, {"row": 2}]),
    ("warning.estimate", 1, [{}, {"row": 1, "what": 2}]),
    ("warning.estimate", 1, [{"row": 1}, {"row": 0}]),
    ("warning.estimate", 1, [{"what": 1}, {"what": 0}]),
    ("warning.estimate", 1, [{"what": 1}, {"what": 1}]),
    ("warning.instant", 0, [{"at": -1}]),
    ("warning.position", 0, [{"latitude": 900_000_001}]),
    ("warning.uncertainty", 0, [{"sigma_at": 24 * 60 * 60 * 1000 + 1}]),
    ("warning.uncertainty", 0, [{"semi_minor": 0}]),
    ("warning.uncertainty", 0, [{"semi_minor": 200_001}]),
    ("warning.uncertainty", 0, [{"semi_major": 200_000_001}]),
    ("warning.uncertainty", 0, [{"bearing": 18_000}]),
)


@pytest.mark.parametrize(("code", "place", "changes"), BROKEN_ESTIMATES)
def test_an_estimate_that_breaks_a_bound_is_named(code: str, place: int, changes: list[dict[str, int]]) -> None:
    """Each bound of W4; the place is that of the estimate."""
    assert _refuse(_write(make_rows({}, {}), make_estimates(*changes))) == (code, place)


def test_bytes_of_another_shape_are_refused() -> None:
    """No row, half a row, half an estimate, a class that is no clause, a type that is none, too much."""
    rows, one = _columns(make_rows({})), _columns(make_estimates({}))
    malformed = (
        ("TracksUpdated", CLASS, (), b"", b""),
        ("TracksUpdated", CLASS, (), rows[:-1], b""),
        ("TracksUpdated", CLASS, (), rows, one[:-1]),
        ("TracksUpdated", "no clause", (), rows, b""),
        ("TracksUpdated", CLASS, ("bad\u202ename",), rows, b""),
        ("TracksUpdated", CLASS, ("",), rows, b""),
        ("TracksUpdated", CLASS, tuple(f"S{number}" for number in range(65)), rows, b""),
        ("TracksUpdated", CLASS, (), rows),
        ("TracksUpdated", CLASS, (), rows, b"", 0),
        ("TracksShown", CLASS, (), rows, b""),
        ("TracksCoarsened", CLASS, "C2", 1_000_001, 0, (), rows, b""),
        ("TracksCoarsened", CLASS, "C2", 0, 86_400_001, (), rows, b""),
    )
    assert {_refuse(encode(form))[0] for form in malformed} == {"warning.malformed"}
    assert _refuse(encode(("TracksUpdated", CLASS, ("S", "S"), rows, b"")))[0] == "warning.sensor"
    assert _refuse(_write(make_rows({})).replace(b"\x95", b"\xdc\x00\x05", 1))[0] == "bytes.not-canonical"
    with pytest.raises(RemoteError, match=r"bytes\.too-large"):
        read_block(_write(make_rows(*[{}] * (ENTRY_SIZE_BYTES_MAX // ROW.itemsize))))


def test_a_block_that_no_reader_would_take_is_not_written() -> None:
    """What a writer hands over is its own promise: it is held before anything is signed."""
    with pytest.raises(AssertionError, match=r"warning\.position"):
        encode_block(Block.of_rows(CLASS, make_rows({}, {"latitude": 2**31 - 1})))
    with pytest.raises(AssertionError, match="cuts it"):
        encode_block(Block.of_rows(CLASS, make_rows(*[{}] * (ENTRY_SIZE_BYTES_MAX // ROW.itemsize))))


def test_a_class_has_bounds_of_its_own() -> None:
    """A ship is no faster than ships are, and a kind that the pact's row does not have is none."""
    limits = ClassBounds(kind_count=3, speed_max_cm_s=5_000, altitude_max_dm=1_000)
    kept = {"altitude": 1_000, "velocity_east": 3_000, "velocity_north": -4_000, "kind": 2}
    assert find_class_fault(make_rows(kept, {**kept, "kind": NOT_NAMED}), limits) is None
    for code, change in (
        ("warning.kind", {"kind": 3}),
        ("warning.altitude", {"altitude": 1_001}),
        ("warning.speed", {"velocity_up": 1}),
    ):
        fault = find_class_fault(make_rows(kept, {**kept, **change}), limits)
        assert fault is not None
        assert (fault.code, fault.row) == (code, 1)
