"""What every plug-in for a sensor must keep, as one call: shipped, so that a plug-in of another package is held to it.

`check_sensor` raises AssertionError with the rule that is broken (X69). It draws nothing: what it feeds is the
plug-in's own sample, cut, turned over, damaged and repeated, and bytes that a hash makes.
"""

import hashlib
import re
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from comity.base.errors import RemoteError
from comity.base.instants import Instant
from comity.base.limits import REPORT_LINE_SIZE_BYTES_MAX
from comity.pact.track import TrackClass
from comity.sensors.seam import REPORTED, Sensor, SensorReader
from comity.warning.reports import ReportLine, encode_line, read_lines

__all__ = ["HELD_SIZE_BYTES_MAX", "check_sensor"]

HELD_SIZE_BYTES_MAX: Final = 8 * 1024 * 1024
"""What a reader may come to hold, whatever it is fed."""
CODE_COUNT_MAX: Final = 64
STREAM_CODE: Final = "sensor.stream"

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_PIECE_SIZE_BYTES: Final = 64 * 1024
_FLOOD_PIECES: Final = 160
_DAMAGED_COUNT: Final = 64
_SAMPLE_SIZE_BYTES_MAX: Final = 256 * 1024

_Came = tuple[list[ReportLine], Counter[str]]


def check_sensor(sensor: Sensor, row: TrackClass, sample: bytes, *, now: Instant) -> None:
    """Hold a plug-in to the seam, for a class it reports.

    `sample` is a stream of its format that ends where a message ends, with at least two reports in it, of up to
    256 KiB.

    Raises:
        AssertionError: with the rule.
    """
    assert _NAME.fullmatch(sensor.name), "a name is small letters, digits and hyphens"
    assert row.domain in sensor.domains, "a plug-in says for which domains it reports"
    assert len(sample) <= _SAMPLE_SIZE_BYTES_MAX, "a sample is small"
    came = _read(sensor, row, [sample], now)
    assert len(came[0]) >= 2, "a sample has two reports at least"
    assert came == _read(sensor, row, [sample], now), "the same bytes and instants give the same reports"
    for size in (1, 7, 1000):
        assert came == _read(sensor, row, _cut(sample, size), now), "where a piece ends means nothing"
    _check_lines(came[0], row)
    _check_counts(sensor, row, sample, came, now)
    for garbled in _garble(sample):
        _check_came(_read(sensor, row, _cut(garbled, _PIECE_SIZE_BYTES), now))
    for make in (_make_noise, _make_endless, lambda: _repeat(sample)):
        _check_held(sensor.open(row), make, now)


def _read(sensor: Sensor, row: TrackClass, pieces: Iterable[bytes], now: Instant) -> _Came:
    """Return what a new reader makes of a stream; a stream that it gives up ends there."""
    reader = sensor.open(row)
    reports: list[ReportLine] = []
    try:
        for piece in pieces:
            reports += reader.feed(piece, now)
    except RemoteError as error:
        _check_fault(error)
    try:
        reports += reader.finish(now)
    except RemoteError as error:
        raise AssertionError("finish raises nothing") from error
    return reports, reader.counts


def _check_lines(reports: list[ReportLine], row: TrackClass) -> None:
    lines = [encode_line(report) for report in reports]
    assert all(len(line) <= REPORT_LINE_SIZE_BYTES_MAX for line in lines), "a report is a line that the door reads"
    _, tally = read_lines(b"".join(lines), row)
    assert not tally.counts, "a report is of the form that the door reads"


def _check_counts(sensor: Sensor, row: TrackClass, sample: bytes, came: _Came, now: Instant) -> None:
    """What comes twice is two messages, in whatever order, and each message is counted once."""
    _check_came(came)
    once = came[1].total()
    twice, ended = (_read(sensor, row, pieces, now)[1].total() for pieces in ([sample, sample], [sample, b""]))
    assert twice == 2 * once, "a message is counted once, and a message that comes again is another"
    assert ended == once, "an empty piece is no message"


def _check_fault(error: RemoteError) -> None:
    assert error.code == STREAM_CODE, f"a reader raises {STREAM_CODE} and nothing else"


def _check_came(came: _Came) -> None:
    reports, counts = came
    assert counts[REPORTED] == len(reports), f"a report is counted under {REPORTED}"
    assert len(counts) <= CODE_COUNT_MAX, "there are a few codes, whatever comes"
    assert all(_NAME.fullmatch(code) and count >= 0 for code, count in counts.items()), "a code is a word"


def _check_held(reader: SensorReader, make: Callable[[], Iterator[bytes]], now: Instant) -> None:
    """Feed a flood; what is held meanwhile is bounded."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        try:
            for piece in make():
                reader.feed(piece, now)
        except RemoteError as error:
            _check_fault(error)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held - before < HELD_SIZE_BYTES_MAX, "what a reader keeps is bounded"


def _cut(raw: bytes, size: int) -> Iterator[bytes]:
    yield from (raw[start : start + size] for start in range(0, len(raw), size))


def _garble(sample: bytes) -> Iterator[bytes]:
    """Yield the sample cut short, damaged, turned over, with other ends of lines, and what is nothing at all."""
    yield from (b"", b"\n" * 1000, b"\0" * 1000, bytes(range(256)) * 16, sample[::-1])
    yield b"\n".join(reversed(sample.split(b"\n")))
    yield sample.replace(b"\n", b"\r\n")
    yield sample + sample[: len(sample) // 2]
    for number in range(_DAMAGED_COUNT):
        drawn = int.from_bytes(hashlib.sha256(bytes([number])).digest()[:8], "big")
        place, bit = drawn % len(sample), 1 << drawn % 8
        short = sample[:2000]
        yield short[:place]
        yield sample[:place][-500:] + bytes([sample[place] ^ bit]) + sample[place + 1 :][:500]


def _make_noise() -> Iterator[bytes]:
    for number in range(_FLOOD_PIECES // 16):
        yield hashlib.shake_128(bytes([number])).digest(_PIECE_SIZE_BYTES)


def _make_endless() -> Iterator[bytes]:
    """One message without an end."""
    yield from (b"{" * _PIECE_SIZE_BYTES for _ in range(_FLOOD_PIECES))


def _repeat(sample: bytes) -> Iterator[bytes]:
    yield from (sample for _ in range(max(2, min(_FLOOD_PIECES, 4 * _PIECE_SIZE_BYTES // len(sample)))))
