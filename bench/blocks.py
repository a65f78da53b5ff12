"""(l) Blocks of the warning feed: reports taken in by the door, rows written and read with every bound checked.

The floor of each is the same numbers copied once by numpy, without a look at them. Beside it the same rows as a struct
each, read by msgspec: the form that the record has. Processor time of one core; the best of some runs.
"""

import time
from collections.abc import Callable
from types import GenericAlias
from typing import Final

import msgspec
import numpy as np

from bench.figure import Figure, Row, tell
from comity.base.instants import Instant
from comity.node.feed.memory import hold_memory
from comity.pact.parse import parse_pact
from comity.rehearsal.cast import read_profile
from comity.warning.door import Door, DoorRules
from comity.warning.layout import ROW, Flag
from comity.warning.reports import GUESS, REPORT, Reports
from comity.warning.rows import Block, Rows, encode_block, read_block

__all__ = ["measure_blocks"]

NOW: Final = Instant(1_795_000_000_000)
TRACKS: Final = 5_000
BATCH: Final = 10_000
"""Reports that a source hands in at once: a fiftieth of a second of the flow that is aimed at."""
BLOCK: Final = 680
"""Rows of a full block."""
REPEATS: Final = 5


def measure_blocks(*, row_count: int) -> Figure:
    """Measure figure (l)."""
    figure = Figure(
        "l",
        "Blocks of the warning feed",
        f"{row_count} reports of {TRACKS} aircraft with position, covariance and velocity, in batches of {BATCH}; what "
        f"the door lets in, in blocks of {BLOCK} rows. Measured is the door (every check, tracks numbered, jumps "
        "looked for), `encode_block` and `read_block`. Floor: the same numbers copied once by numpy; for the last row "
        "each row as a struct of msgspec, read and nothing checked. Processor time of one core, in a process that "
        "holds back memory as the warning process does.",
    )
    hold_memory()
    tell(f"    {row_count} reports")
    batches = [_make_batch(first, min(BATCH, row_count - first)) for first in range(0, row_count, BATCH)]
    row = parse_pact(read_profile("camp-david")).find_track_class("policy.track.air")
    assert row is not None
    taken: list[Rows] = []

    def take() -> None:
        door = Door()
        door.admit_source("radar", DoorRules(rate_per_s=10**9, burst=10**9, past_ms_max=10**9))
        taken[:] = [door.take("radar", row, batch, NOW).block.rows for batch in batches]

    door = _rate(row_count, take)
    rows = np.concatenate(taken)
    assert len(rows) == row_count, "the door lets all of it in"
    blocks = [Block.of_rows(row.id, rows[at : at + BLOCK], sensors=("S",)) for at in range(0, row_count, BLOCK)]
    raws = [encode_block(block) for block in blocks]
    structs = msgspec.msgpack.encode([tuple(one) for one in rows.tolist()])
    decoder = msgspec.msgpack.Decoder(GenericAlias(list, (_as_struct(),)))
    written, read = _rate(row_count, lambda: [encode_block(b) for b in blocks]), _rate(row_count, lambda: _read(raws))
    copied = _rate(row_count, lambda: [np.frombuffer(block.rows.tobytes(), ROW).copy() for block in blocks])
    handed = _rate(row_count, lambda: [np.frombuffer(one.rows.tobytes(), REPORT).copy() for one in batches])
    figure.rows += [
        Row("reports through the door", door, "/s", handed, "at least 1,000,000 /s", door >= 1_000_000),
        Row("rows written", written, "/s", copied, "at least 2,000,000 /s", written >= 2_000_000),
        Row("rows read", read, "/s", copied, "at least 2,000,000 /s", read >= 2_000_000),
        Row("rows read, beside a struct each", read, "/s", _rate(row_count, lambda: decoder.decode(structs))),
    ]
    return figure


def _read(raws: list[bytes]) -> None:
    for raw in raws:
        read_block(raw)


def _make_batch(first: int, count: int) -> Reports:
    """Aircraft that fly their own ways, each a step farther in every round of all."""
    draw = np.random.default_rng(first)
    place = first + np.arange(count)
    track, step = place % TRACKS, place // TRACKS
    rows = np.zeros(count, REPORT)
    rows["track"], rows["at"] = track + 1, NOW - 100_000 + step * 100
    rows["latitude"], rows["longitude"] = 30 + track * 2e-3 + step * 1e-4, 130 + step * 1e-4
    rows["altitude"], rows["velocity_east"], rows["sigma_velocity"] = 9_000, draw.uniform(-300, 300, count), 3
    rows["ee"], rows["nn"], rows["uu"] = draw.uniform(400, 2_500, (3, count))
    rows["en"] = draw.uniform(-200, 200, count)
    rows["flags"], rows["kind"], rows["confidence"] = Flag.ALTITUDE | Flag.VELOCITY, track % 7, 80
    return Reports(rows, np.empty(0, GUESS), ("S",))


def _as_struct() -> type[msgspec.Struct]:
    """A row as the record would have it: a struct of whole numbers."""
    fields = [(name, int) for name in ROW.names or ()]
    return msgspec.defstruct("RowOfRecord", fields, array_like=True, frozen=True, gc=False)


def _rate(count: int, work: Callable[[], object]) -> float:
    """Return how many a second of processor time, the best of some runs."""
    best = float("inf")
    for _ in range(REPEATS):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return count / max(best, 1e-9)
