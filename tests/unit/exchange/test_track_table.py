"""A day of the warning feed as a table of Parquet (docs/spec/warning.md, W74), read with pyarrow alone."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comity.audit.claims import RawBlock
from comity.audit.form import ENTRIES, Header, JournalId
from comity.audit.pool import Sheet
from comity.base.errors import UsageError
from comity.exchange.track_table import Unlike, find_difference, write_table
from comity.warning.rows import Block, Coarsening, encode_block
from kit.tracks import make_estimates, make_rows

ALL = ("JPN", "KOR", "USA")
AT = 1_795_000_000_000


def _keep(block: Block, number: int) -> RawBlock:
    journal = JournalId(bytes(32), "exercise/x", "warning", "JPN", ALL, 0)
    header = Header(
        1, 1, ENTRIES, bytes(32), journal, number, bytes(32), AT, bytes(32), 1, 1, bytes(32), bytes(32), (), ()
    )
    return RawBlock(Sheet(header, b"", b"", b"", bytes([number]) * 32, bytes(32)), 0, encode_block(block))


def _blocks() -> list[RawBlock]:
    rows = make_rows({"track": 1, "sensor": 0}, {"track": 2, "flags": 0, "altitude": 0, "velocity_east": 0,
                                                 "sigma_velocity": 0})  # fmt: skip
    estimates = make_estimates({"row": 0, "what": 1})
    coarse = Block("policy.x", (), make_rows({"track": 3}), make_estimates(), Coarsening("policy.term", 5000, 30_000))
    return [_keep(Block("policy.x", ("J/FPS-5",), rows, estimates), 4), _keep(coarse, 5)]


def test_every_row_is_there_in_raw_numbers_and_in_si_units(tmp_path: Path) -> None:
    """A plain reader of Parquet finds each row with its page, class, clause, units and estimates, and whose it is."""
    blocks, path = _blocks(), tmp_path / "day.parquet"
    assert write_table(path, blocks, {"realm": "exercise/x", "exercise": "yes"}) == 3
    table = pq.read_table(path)
    assert table.schema.metadata[b"comity.exercise"] == b"yes"
    first, second, third = table.to_pylist()
    assert (first["author"], first["page"], first["page_digest"], first["class"]) == (
        "JPN",
        4,
        bytes([4]) * 32,
        "policy.x",
    )
    assert (first["latitude"], first["latitude_deg"], first["altitude_m"]) == (391_000_000, 39.1, 10_000.0)
    assert (first["sensor_name"], first["estimates"][0]["semi_major"]) == ("J/FPS-5", 200_000)
    assert first["at_utc"].timestamp() * 1000 == first["at"] == AT
    assert (second["altitude_m"], second["velocity_east_m_s"], second["sensor_name"]) == (None, None, None)
    assert (third["told_under"], third["grid_m"], third["delay_ms"]) == ("policy.term", 5000, 30_000)
    assert find_difference(path, blocks) == (3, None)
    with pytest.raises(UsageError, match=r"cli\.file-there"):
        write_table(path, blocks, {})


@pytest.mark.parametrize("column", ["latitude", "latitude_deg", "told_under", "page", "at_utc"])
def test_one_number_that_is_another_is_found_in_its_row(tmp_path: Path, column: str) -> None:
    """And so is a row that is missing, or one too many."""
    blocks, path, other = _blocks(), tmp_path / "day.parquet", tmp_path / "other.parquet"
    write_table(path, blocks, {})
    table = pq.read_table(path)
    values = table[column].to_pylist()
    values[1] = values[0] if column == "at_utc" else {"told_under": "policy.other"}.get(column, 7)
    if column == "at_utc":
        values[1] = values[0].replace(year=2020)
    at = table.schema.get_field_index(column)
    pq.write_table(table.set_column(at, column, pa.array(values, table.schema.field(at).type)), other)
    assert find_difference(other, blocks) == (1, Unlike(1, column))
    assert find_difference(path, blocks[:1]) == (2, Unlike(2, ""))
    assert find_difference(path, [*blocks, blocks[0]]) == (3, Unlike(3, ""))


def test_what_is_no_table_is_said_to_be_none(tmp_path: Path) -> None:
    """Whatever the bytes are."""
    path = tmp_path / "odd.parquet"
    path.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(UsageError, match=r"parquet\.malformed"):
        find_difference(path, ())
