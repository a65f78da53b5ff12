"""A block of the warning feed: many updates of tracks of one class, as columns on the wire and as rows in memory.

Rules
- On the wire (docs/spec/warning.md, W1 to W5) a block is an entry like any other, in its one permitted form; its
  numbers are whole, so that what is not a number can't be said.
- In memory the rows are one structured array of `ROW`: a fold sorts, selects and joins them without naming columns.
- What is read has been held against every bound (`bounds`). What is written has been too: a block that no reader would
  take is a bug of ours.
- Not here: what the pact says of the class (`bounds.find_class_fault`), and floats of a source (the door).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Self, TypeAlias, cast

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.limits import ENTRY_SIZE_BYTES_MAX, SENSOR_COUNT_MAX, SENSOR_NAME_PATTERN
from comity.warning.bounds import Fault, find_estimate_fault, find_row_fault
from comity.warning.columns import concatenate
from comity.warning.layout import ESTIMATE, ROW

__all__ = [
    "ESTIMATE",
    "ROW",
    "Block",
    "Coarsening",
    "Rows",
    "encode_block",
    "encode_blocks",
    "find_fault",
    "read_block",
    "read_sound_blocks",
]

Rows: TypeAlias = npt.NDArray[np.void]
"""A structured array of `ROW` or `ESTIMATE`."""

_CLAUSE: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,47}(\.[A-Za-z0-9][A-Za-z0-9_-]{0,47}){0,3}\Z"
_Clause = Annotated[str, Meta(pattern=_CLAUSE)]
_Sensors = Annotated[tuple[Annotated[str, Meta(pattern=SENSOR_NAME_PATTERN)], ...], Meta(max_length=SENSOR_COUNT_MAX)]
_Rows = Annotated[bytes, Meta(min_length=ROW.itemsize, max_length=ENTRY_SIZE_BYTES_MAX)]
_Estimates = Annotated[bytes, Meta(max_length=ENTRY_SIZE_BYTES_MAX)]
_COARSEN_M_MAX: Final = 1_000_000
_DELAY_MS_MAX: Final = 24 * 60 * 60 * 1000


class TracksUpdated(msgspec.Struct, frozen=True, array_like=True, tag=True, forbid_unknown_fields=True, gc=False):
    """Updates as their author has them (W1)."""

    class_: _Clause
    sensors: _Sensors
    rows: _Rows
    estimates: _Estimates


class TracksCoarsened(msgspec.Struct, frozen=True, array_like=True, tag=True, forbid_unknown_fields=True, gc=False):
    """Updates as a clause has its author tell them: on a grid, or late (W5)."""

    class_: _Clause
    clause: _Clause
    coarsen_m: Annotated[int, Meta(ge=0, le=_COARSEN_M_MAX)]
    delay_ms: Annotated[int, Meta(ge=0, le=_DELAY_MS_MAX)]
    sensors: _Sensors
    rows: _Rows
    estimates: _Estimates


_Entry = TracksUpdated | TracksCoarsened
_DECODER: Final[Decoder[_Entry]] = Decoder(
    cast("type[_Entry]", _Entry), size_max=ENTRY_SIZE_BYTES_MAX, code="warning.malformed"
)


@dataclass(frozen=True)
class Coarsening:
    """Under which clause of the pact a block tells less than its author knows: the grid in metres, the delay."""

    clause: str
    coarsen_m: int
    delay_ms: int


@dataclass(frozen=True, eq=False)
class Block:
    """Updates of one track class. `rows` are of `ROW`, `estimates` of `ESTIMATE` and name rows by their place.

    `sensors` are what the author calls what saw them; a row names one by its index. `coarsening` is None where the
    block says all that its author reports.
    """

    class_: str
    sensors: tuple[str, ...]
    rows: Rows
    estimates: Rows
    coarsening: Coarsening | None = None

    @classmethod
    def of_rows(cls, class_: str, rows: Rows, *, sensors: tuple[str, ...] = ()) -> Self:
        """Return a block without estimates."""
        return cls(class_, sensors, rows, np.empty(0, ESTIMATE))


def encode_block(block: Block) -> bytes:
    """Return the entry of a block. That it keeps every bound, its size too, is a promise of whoever made it."""
    (raw,) = encode_blocks([block])
    return raw


def encode_blocks(blocks: Sequence[Block], *, is_checked: bool = False) -> list[bytes]:
    """Return the entries of blocks, as `encode_block` does: many blocks are looked at as fast as one.

    `is_checked`: the caller's word that each row was held against its bounds where it came in, and goes to nobody else.
    """
    sizes = [len(block.rows) for block in blocks]
    joined = concatenate([block.rows for block in blocks], ROW)
    columns = {name: np.ascontiguousarray(joined[name]) for name in ROW.names or ()}
    if not is_checked:
        fault = _find_fault_of_all(columns, sizes, [len(block.sensors) for block in blocks])
        assert fault is None, f"a block of ours that no reader would take: {fault}"
    ends = np.cumsum(sizes).tolist()
    return [
        _encode(block, b"".join(column[end - size : end].tobytes() for column in columns.values()))
        for block, size, end in zip(blocks, sizes, ends, strict=True)
    ]


def _encode(block: Block, rows: bytes) -> bytes:
    fault = find_estimate_fault(block.estimates, row_count=len(block.rows))
    assert fault is None, f"a block of ours that no reader would take: {fault}"
    estimates = b"".join(_columns(block.estimates)) if len(block.estimates) else b""
    told = block.coarsening
    entry: _Entry
    if told is None:
        entry = TracksUpdated(block.class_, block.sensors, rows, estimates)
    else:
        form = (block.class_, told.clause, told.coarsen_m, told.delay_ms)
        entry = TracksCoarsened(*form, block.sensors, rows, estimates)
    raw = encode(entry)
    assert len(raw) <= ENTRY_SIZE_BYTES_MAX, f"a block of {len(raw)} bytes: the writer cuts it before"
    return raw


def read_block(raw: bytes) -> Block:
    """Return the block that an entry is, every bound checked.

    Raises `RemoteError`: `bytes.too-large`, `bytes.not-canonical`, `warning.malformed`, or the code of the bound that
    the first row or estimate broke, with its place (W6).
    """
    entry = _decode(raw)
    block = _make_block(entry, _read_columns(entry.rows, ROW))
    fault = find_fault(block)
    if fault is not None:
        raise RemoteError(fault.code, evidence=raw, row=fault.row)
    return block


def read_sound_blocks(raws: Sequence[bytes]) -> list[Block] | None:
    """Return the blocks that entries are; None where anything is wrong with any, which `read_block` then says.

    Many are looked at as fast as one: all columns are put end to end and held against the bounds together.
    """
    try:
        entries = [_decode(raw) for raw in raws]
    except RemoteError:
        return None
    if not entries:
        return None
    sizes = [len(entry.rows) // ROW.itemsize for entry in entries]
    columns = dict(_join_columns(entries, sizes))
    if _find_fault_of_all(columns, sizes, [len(entry.sensors) for entry in entries]) is not None:
        return None
    rows = np.empty(sum(sizes), ROW)
    for name, column in columns.items():
        rows[name] = column
    ends = np.cumsum(sizes).tolist()
    blocks = [_make_block(entry, rows[end - size : end]) for entry, size, end in zip(entries, sizes, ends, strict=True)]
    is_sound = all(find_estimate_fault(block.estimates, row_count=len(block.rows)) is None for block in blocks)
    return blocks if is_sound else None


def _decode(raw: bytes) -> _Entry:
    entry = _DECODER.decode(raw)
    if len(entry.rows) % ROW.itemsize or len(entry.estimates) % ESTIMATE.itemsize:
        raise RemoteError("warning.malformed", evidence=raw)
    if len(set(entry.sensors)) < len(entry.sensors):
        raise RemoteError("warning.sensor", evidence=raw)
    return entry


def _make_block(entry: _Entry, rows: Rows) -> Block:
    told = None
    if isinstance(entry, TracksCoarsened):
        told = Coarsening(entry.clause, entry.coarsen_m, entry.delay_ms)
    return Block(entry.class_, entry.sensors, rows, _read_columns(entry.estimates, ESTIMATE), told)


def _join_columns(entries: Sequence[_Entry], sizes: Sequence[int]) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Yield each column of all entries, of which there is one at least, end to end."""
    before = 0
    for name in ROW.names or ():
        assert ROW.fields is not None, "rows are structured"
        width = ROW.fields[name][0]
        parts = [
            np.frombuffer(entry.rows, width, size, before * size) for entry, size in zip(entries, sizes, strict=True)
        ]
        yield name, parts[0] if len(parts) == 1 else np.concatenate(parts)
        before += width.itemsize


def _find_fault_of_all(
    columns: Mapping[str, npt.NDArray[Any]], sizes: Sequence[int], sensor_counts: Sequence[int]
) -> Fault | None:
    """Return the first bound that the rows of several blocks break, laid end to end, or None."""
    return find_row_fault(columns, sensor_count=np.repeat(sensor_counts, sizes))


def find_fault(block: Block) -> Fault | None:
    """Return the first bound that a row or an estimate breaks, or None."""
    found = find_row_fault(block.rows, sensor_count=len(block.sensors))
    return found or find_estimate_fault(block.estimates, row_count=len(block.rows))


def _columns(rows: Rows) -> Iterator[bytes]:
    """Yield the columns of the wire, in its order: that of the fields."""
    for name in rows.dtype.names or ():
        yield rows[name].tobytes()


def _read_columns(raw: bytes, layout: np.dtype[np.void]) -> Rows:
    """Return the rows of which these are the columns."""
    count = len(raw) // layout.itemsize
    rows = np.empty(count, layout)
    if not count:
        return rows
    assert layout.fields is not None, "rows are structured"
    offset = 0
    for name in layout.names or ():
        width = layout.fields[name][0]
        rows[name] = np.frombuffer(raw, width, count, offset)
        offset += count * width.itemsize
    return rows
