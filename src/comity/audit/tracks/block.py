"""One block of the warning feed, read from its bytes (W1 to W5)."""

from dataclasses import dataclass
from typing import Annotated, Final, NamedTuple, cast

import msgspec
from msgspec import Meta

from comity.audit.tracks.bounds import find_estimate_break, find_row_break
from comity.audit.tracks.columns import ESTIMATE, ROW, Columns, find_size_bytes, read_columns
from comity.base.encoding import Decoder
from comity.base.errors import RemoteError
from comity.base.limits import ENTRY_SIZE_BYTES_MAX, SENSOR_COUNT_MAX, SENSOR_NAME_PATTERN

__all__ = ["BLOCK_TYPES", "Block", "Less", "read_block"]

_PART: Final = "[A-Za-z0-9][A-Za-z0-9_-]{0,47}"
_Clause = Annotated[str, Meta(pattern=rf"\A{_PART}(\.{_PART}){{0,3}}\Z")]
_Sensor = Annotated[str, Meta(pattern=SENSOR_NAME_PATTERN)]
_Sensors = Annotated[tuple[_Sensor, ...], Meta(max_length=SENSOR_COUNT_MAX)]


class _Shape(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False, tag=True):
    """An entry whose first element is its type."""


class TracksUpdated(_Shape, frozen=True):
    """W1."""

    class_: _Clause
    sensors: _Sensors
    rows: bytes
    estimates: bytes


class TracksCoarsened(_Shape, frozen=True):
    """W5."""

    class_: _Clause
    clause: _Clause
    coarsen_m: Annotated[int, Meta(ge=0, le=1_000_000)]
    delay_ms: Annotated[int, Meta(ge=0, le=86_400_000)]
    sensors: _Sensors
    rows: bytes
    estimates: bytes


BLOCK_TYPES: Final = frozenset({"TracksUpdated", "TracksCoarsened"})
_Entry = TracksUpdated | TracksCoarsened
_DECODER: Final[Decoder[_Entry]] = Decoder(
    cast("type[_Entry]", _Entry), size_max=ENTRY_SIZE_BYTES_MAX, code="warning.malformed"
)
_ROW_SIZE_BYTES: Final = find_size_bytes(ROW)
_ESTIMATE_SIZE_BYTES: Final = find_size_bytes(ESTIMATE)


class Less(NamedTuple):
    """Under which clause a block tells less: the grid in metres, and how late."""

    clause: str
    coarsen_m: int
    delay_ms: int


@dataclass(frozen=True, slots=True)
class Block:
    """A block that keeps W1 to W5; `less` is None where its author tells all that it reports."""

    class_: str
    sensors: tuple[str, ...]
    rows: Columns
    estimates: Columns
    less: Less | None

    @property
    def row_count(self) -> int:
        """How many rows it has."""
        return len(self.rows["track"])

    def find_sensor(self, row: int) -> str:
        """Return what its author calls the sensor of a row; nothing where it names none."""
        place = self.rows["sensor"][row]
        return self.sensors[place] if place < len(self.sensors) else ""


def read_block(raw: bytes) -> Block:
    """Read an entry as a block, with all its bounds.

    Raises:
        RemoteError: `bytes.too-large`, `bytes.not-canonical`, `warning.malformed`, or the code of the first bound that
            is broken, with `row`, the place of what breaks it.
    """
    entry = _DECODER.decode(raw)
    row_count, rest = divmod(len(entry.rows), _ROW_SIZE_BYTES)
    if not row_count or rest or len(entry.estimates) % _ESTIMATE_SIZE_BYTES:
        raise RemoteError("warning.malformed", evidence=raw)
    if len(set(entry.sensors)) < len(entry.sensors):
        raise RemoteError("warning.sensor", evidence=raw)
    less = Less(entry.clause, entry.coarsen_m, entry.delay_ms) if isinstance(entry, TracksCoarsened) else None
    rows, estimates = read_columns(entry.rows, ROW), read_columns(entry.estimates, ESTIMATE)
    broken = find_row_break(rows, sensor_count=len(entry.sensors)) or find_estimate_break(
        estimates, row_count=row_count
    )
    if broken is not None:
        raise RemoteError(broken.code, evidence=raw, row=broken.row)
    return Block(entry.class_, entry.sensors, rows, estimates, less)
