"""`comity warning listen`: what a sensor sends in its own format, handed in as reports for as long as it comes.

A plug-in (`comity.sensors`) reads; the warning process judges each report as it does any. The two counts are shown
apart: what the plug-in made of the messages, and what came of the reports.
"""

import asyncio
import contextlib
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import click
import msgspec

from comity.api.words import say
from comity.base.errors import RemoteError, UsageError
from comity.base.limits import SENSOR_NAME_PATTERN
from comity.cli.asking import find_realm_path, home_option, realm_option
from comity.cli.feed_door import DoorHand, get_class
from comity.cli.streams import Piece, open_pieces
from comity.cli.terminal import emit, is_json, json_option, print_line
from comity.cli.warning import warning
from comity.node.bell import read_clock
from comity.node.ending import end_tasks
from comity.pact.track import TrackClass
from comity.sensors.registry import find_names, open_reader
from comity.sensors.seam import REPORTED, SensorReader
from comity.warning.reports import ReportLine, encode_line

__all__ = ["listen"]

STREAM_COUNT_MAX: Final = 32
"""Readers kept at once."""


@warning.command(
    help=say("Hand in what a sensor sends in its own format, from a file, standard input or the network.")
    + "\n\n"
    + say(
        "WHERE is -, a file, tcp://HOST:PORT, tcp-listen://[HOST]:PORT or udp://[HOST]:PORT; loopback without a host."
    )
)
@click.argument("sensor")
@click.argument("where", default="-")
@click.option("--class", "class_", required=True, help=say("The class of tracks, by its clause."))
@click.option("--source", default="", help=say("What the source is called in counts; else as the plug-in."))
@click.option("--called", default="", help=say("The sensor's name as others may be told it; else none is named."))
@home_option
@realm_option
@json_option
def listen(sensor: str, where: str, class_: str, source: str, called: str, home: Path, realm: str) -> int:
    """See `help` above. Exit status 1 where a report was not taken as it was."""
    if called and not re.fullmatch(SENSOR_NAME_PATTERN, called):
        raise UsageError("sensor.called", called=called)
    if sensor not in find_names():
        raise UsageError("sensor.unknown", sensor=sensor, known=", ".join(find_names()))
    listener = _Listener(sensor, called)
    hand = DoorHand(find_realm_path(home, realm), class_=class_, source=source or sensor)
    asyncio.run(listener.run(find_realm_path(home, realm), where, class_, hand))
    if is_json():
        emit({"heard": dict(listener.counts), "counts": dict(hand.counts)})
    else:
        print_line("heard: {counts}", counts=lay_counts(listener.counts))
        print_line("handed in: {counts}", counts=lay_counts(hand.counts))
    return 0 if set(hand.counts) <= {"taken"} else 1


class _Listener:
    def __init__(self, sensor: str, called: str) -> None:
        self.counts: Counter[str] = Counter()
        self._sensor, self._called = sensor, called
        self._readers: dict[int, SensorReader] = {}

    async def run(self, folder: Path, where: str, class_: str, hand: DoorHand) -> None:
        """Listen until the stream ends or somebody interrupts.

        Raises:
            UsageError: as `get_class`, `open_reader` and `open_pieces`; `warning.not-reported`.
            OutageError: `warning.not-running`, at the start.
        """
        row = await get_class(folder, class_)
        open_reader(self._sensor, row)
        async with hand.open():
            async for piece in _until_stopped(open_pieces(where)):
                await self._give(self._take(piece, row), hand)
            for stream in list(self._readers):
                await self._give(self._take(Piece(stream, b""), row), hand)
            await hand.finish()

    async def _give(self, reports: list[ReportLine], hand: DoorHand) -> None:
        if self._called:
            reports = [msgspec.structs.replace(report, sensor=self._called) for report in reports]
        if reports:
            await hand.give(b"".join(map(encode_line, reports)), len(reports))

    def _take(self, piece: Piece, row: TrackClass) -> list[ReportLine]:
        """Return the reports of a piece; a stream that its reader gives up is read anew from there on."""
        now = read_clock()
        if piece.stream not in self._readers:
            if not piece.raw:
                return []
            while len(self._readers) >= STREAM_COUNT_MAX:
                self._end(next(iter(self._readers)))
            self._readers[piece.stream] = open_reader(self._sensor, row)
        reader = self._readers[piece.stream]
        try:
            return reader.feed(piece.raw, now) if piece.raw else self._end(piece.stream)
        except RemoteError as error:
            self.counts[error.code] += 1
            self._end(piece.stream)
            return []

    def _end(self, stream: int) -> list[ReportLine]:
        reader = self._readers.pop(stream)
        reports = reader.finish(read_clock())
        self.counts.update(reader.counts)
        return reports


async def _until_stopped(pieces: AsyncIterator[Piece]) -> AsyncIterator[Piece]:
    """Yield pieces until they end, or the command is interrupted or told to end."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(ValueError, RuntimeError):  # not in the main thread, as in tests
            loop.add_signal_handler(number, stop.set)
    stopping = loop.create_task(stop.wait())
    try:
        while True:
            coming = asyncio.ensure_future(anext(pieces, None))
            await asyncio.wait({coming, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                await end_tasks(coming)
                return
            piece = coming.result()
            if piece is None:
                return
            yield piece
    finally:
        await end_tasks(stopping)


def lay_counts(counts: Counter[str]) -> str:
    """Return counts as words, what was made first."""
    order = sorted(counts.items(), key=lambda row: (row[0] not in {REPORTED, "taken"}, row[0]))
    return ", ".join(f"{name} {count}" for name, count in order)


COMMANDS = (warning,)
