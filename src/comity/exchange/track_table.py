"""Blocks of the warning feed as a table of Parquet: a row for each row, in raw numbers and in SI units (W74).

Rows lie in the order of journal, page, entry and row. Raw columns are those of W2 by their names; beside them stand the
same in degrees, metres, metres a second and instants of UTC, empty where the row says that it does not know. What a
row's source estimated of launch and impact is a list in its row. In the file's metadata stand lineage, realm and days.

`find_difference` reads a table back and holds it against the blocks as the audit reads them: the one is written with
arrays, the other read without. pyarrow is needed for both and comes with `comity[parquet]` alone.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from comity.audit.claims import RawBlock
from comity.audit.tracks.block import Block, read_block
from comity.audit.tracks.columns import ESTIMATE, ROW
from comity.base.errors import UsageError
from comity.warning import rows as written
from comity.warning.layout import Flag

__all__ = ["Unlike", "find_difference", "write_table"]

BATCH_ROW_COUNT: Final = 65_536
_DEGREES, _METRES, _METRES_S, _ONE = 1e7, 10.0, 100.0, 32_767.0
_OF_PAGE: Final = ("author", "audience", "incarnation", "page", "page_digest", "entry", "class", "told_under",
                   "grid_m", "delay_ms")  # fmt: skip
_SI: Final[Mapping[str, tuple[str, float, int]]] = {
    "latitude_deg": ("latitude", _DEGREES, 0),
    "longitude_deg": ("longitude", _DEGREES, 0),
    "altitude_m": ("altitude", _METRES, Flag.ALTITUDE),
    "velocity_east_m_s": ("velocity_east", _METRES_S, Flag.VELOCITY),
    "velocity_north_m_s": ("velocity_north", _METRES_S, Flag.VELOCITY),
    "velocity_up_m_s": ("velocity_up", _METRES_S, Flag.VELOCITY),
    "sigma_east_m": ("sigma_east", _METRES, 0),
    "sigma_north_m": ("sigma_north", _METRES, 0),
    "sigma_up_m": ("sigma_up", _METRES, Flag.ALTITUDE),
    "correlation_east_north": ("rho_en", _ONE, 0),
    "correlation_east_up": ("rho_eu", _ONE, Flag.ALTITUDE),
    "correlation_north_up": ("rho_nu", _ONE, Flag.ALTITUDE),
    "sigma_velocity_m_s": ("sigma_velocity", _METRES_S, Flag.VELOCITY),
}
"""Each column in SI units: of which raw one it is made, how many units make one, and the flag that it needs."""
_WIDTHS: Final = {"I": "uint32", "i": "int32", "q": "int64", "h": "int16", "H": "uint16", "B": "uint8"}


class Unlike(NamedTuple):
    """The first row of a table, from 0, that is not that of the blocks; `column` is empty where one lacks it."""

    row: int
    column: str


def write_table(path: Path, blocks: Sequence[RawBlock], metadata: Mapping[str, str]) -> int:
    """Write blocks into a new file; return how many rows there are.

    Raises:
        UsageError: `parquet.not-installed`; `cli.file-there`.
    """
    arrow, parquet = _load()
    schema = _make_schema(arrow).with_metadata({f"comity.{name}": value for name, value in metadata.items()})
    if path.exists():
        raise UsageError("cli.file-there", path=str(path))
    count = 0
    try:
        with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
            waiting: list[Any] = []
            for raw in blocks:
                batch = _lay_block(arrow, schema, raw)
                count += batch.num_rows
                waiting.append(batch)
                if sum(one.num_rows for one in waiting) >= BATCH_ROW_COUNT:
                    writer.write_table(arrow.Table.from_batches(waiting))
                    waiting = []
            if waiting:
                writer.write_table(arrow.Table.from_batches(waiting))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return count


def find_difference(path: Path, blocks: Iterable[RawBlock]) -> tuple[int, Unlike | None]:
    """Hold a table against blocks, row by row; return how many rows were alike, and the first that was not.

    Raises:
        UsageError: `parquet.not-installed`; `parquet.malformed`.
    """
    expected = _expect(blocks)
    count = 0
    for given, due in itertools.zip_longest(_read_rows(path), expected):
        if given is None or due is None:
            return count, Unlike(count, "")
        for name, value in due.items():
            if name not in given or given[name] != value:
                return count, Unlike(count, name)
        count += 1
    return count, None


def _load() -> tuple[Any, Any]:
    try:
        import pyarrow as pa  # noqa: PLC0415 -- large, and wanted here alone
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise UsageError("parquet.not-installed") from error
    return pa, pq


def _make_schema(arrow: Any) -> Any:
    numbers = {name: getattr(arrow, _WIDTHS[letter])() for name, letter in ROW.items()}
    estimates = {name: getattr(arrow, _WIDTHS[letter])() for name, letter in ESTIMATE.items() if name != "row"}
    of_page = {"incarnation": arrow.int32(), "page": arrow.int64(), "page_digest": arrow.binary(32),
               "entry": arrow.int32(), "grid_m": arrow.int32(), "delay_ms": arrow.int32()}  # fmt: skip
    return arrow.schema(
        [
            *((name, of_page.get(name, arrow.string())) for name in _OF_PAGE),
            *numbers.items(),
            ("sensor_name", arrow.string()),
            ("at_utc", arrow.timestamp("ms", tz="UTC")),
            *((name, arrow.float64()) for name in _SI),
            ("estimates", arrow.list_(arrow.struct(list(estimates.items())))),
        ]
    )


def _describe(raw: RawBlock, class_: str, less: Any) -> dict[str, object]:
    header = raw.sheet.header
    journal = header.journal
    told = (None, 0, 0) if less is None else (less.clause, less.coarsen_m, less.delay_ms)
    page = (header.number, raw.sheet.digest, raw.number)
    values = (journal.author, ",".join(journal.audience), journal.incarnation, *page, class_, *told)
    return dict(zip(_OF_PAGE, values, strict=True))


def _lay_block(arrow: Any, schema: Any, raw: RawBlock) -> Any:
    """Return the rows of one block, column by column."""
    block = written.read_block(raw.raw)
    rows, count = block.rows, len(block.rows)
    columns: dict[str, Any] = {
        name: [value] * count for name, value in _describe(raw, block.class_, block.coarsening).items()
    }
    columns |= {name: rows[name].copy() for name in ROW}
    columns["sensor_name"] = [
        block.sensors[place] if place < len(block.sensors) else None for place in rows["sensor"].tolist()
    ]
    columns["at_utc"] = arrow.array(rows["at"].copy(), arrow.int64()).cast(arrow.timestamp("ms", tz="UTC"))
    for name, (source, units, flag) in _SI.items():
        unknown = (rows["flags"] & flag) == 0 if flag else None
        columns[name] = arrow.array(rows[source] / units, arrow.float64(), mask=unknown)
    estimates: list[list[dict[str, int]]] = [[] for _ in range(count)]
    names = [name for name in ESTIMATE if name != "row"]
    for one in block.estimates:
        estimates[int(one["row"])].append({name: int(one[name]) for name in names})
    columns["estimates"] = estimates
    arrays = [arrow.array(columns[field.name], field.type) for field in schema]
    return arrow.record_batch(arrays, schema=schema)


def _read_rows(path: Path) -> Iterator[dict[str, Any]]:
    arrow, parquet = _load()
    try:
        with parquet.ParquetFile(path) as file:
            for read in file.iter_batches(BATCH_ROW_COUNT):
                batch = read
                at = batch.schema.get_field_index("at_utc")
                if at >= 0:
                    batch = batch.set_column(at, "at_utc", batch.column(at).cast(arrow.int64()))
                yield from batch.to_pylist()
    except (arrow.ArrowException, OSError) as error:
        raise UsageError("parquet.malformed", file=str(path)) from error


def _expect(blocks: Iterable[RawBlock]) -> Iterator[dict[str, object]]:
    """Yield the rows as the audit reads them."""
    for raw in blocks:
        block = read_block(raw.raw)
        of_page, estimates = _describe(raw, block.class_, block.less), _list_estimates(block)
        for place, values in enumerate(zip(*block.rows.values(), strict=True)):
            row = dict(zip(block.rows, values, strict=True))
            si = {
                name: row[source] / units if not flag or row["flags"] & flag else None
                for name, (source, units, flag) in _SI.items()
            }
            named = block.find_sensor(place) or None
            yield {
                **of_page,
                **row,
                "sensor_name": named,
                "at_utc": row["at"],
                **si,
                "estimates": estimates.get(place, []),
            }


def _list_estimates(block: Block) -> Mapping[int, list[dict[str, int]]]:
    found: dict[int, list[dict[str, int]]] = {}
    for values in zip(*block.estimates.values(), strict=True):
        one = dict(zip(block.estimates, values, strict=True))
        found.setdefault(one.pop("row"), []).append(one)
    return found
