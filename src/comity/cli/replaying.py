"""`comity warning replay`: a log or recorded launches, handed in again at any speed, never in realm `real`.

Intervals between reports stay what they were; only the wait between them is shorter (W58). With --shift-to-now the last
report is of the instant at which it is handed in, so that nothing is of the future and as little as possible is past.
"""

import asyncio
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
import msgspec

from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, SECOND_MS, Instant
from comity.base.names import REAL
from comity.cli.asking import find_realm_path, home_option, realm_option
from comity.cli.feed_door import DoorHand, get_class
from comity.cli.files import read_bounded
from comity.cli.sensing import lay_counts
from comity.cli.terminal import emit, is_json, json_option, print_line
from comity.cli.warning import warning
from comity.node.bell import read_clock
from comity.pact.track import TrackClass
from comity.rehearsal.launch_lines import list_launch_reports
from comity.sensors.registry import open_reader
from comity.warning.reports import ReportLine, encode_line

__all__ = ["plan_replay", "replay"]

LOG_SIZE_BYTES_MAX: Final = 256 * 1024 * 1024
BATCH_COUNT: Final = 500
BATCH_EVERY_MS: Final = 50
"""At most 10,000 reports a second are handed in: half of what a source may."""


@warning.command(help=say("Hand in a log of reports again, at any speed, in a realm other than real."))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--class", "class_", required=True, help=say("The class of tracks, by its clause."))
@click.option("--source", default="replay", help=say("What the source is called in counts."))
@click.option("--sensor", default="json", help=say("The plug-in that reads the log."))
@click.option("--speed", default="1x", help=say("How much faster than it was: 0.5x, 10x, or max."))
@click.option("--shift-to-now", is_flag=True, help=say("Shift all instants alike: the last is now when it comes."))
@click.option("--launches", type=click.IntRange(min=0), help=say("Not a log but recorded launches, by this seed."))
@click.option("--day", default="", help=say("Of the launches, those of this day (UTC), as 2024-05-29."))
@click.option("--party", default="", help=say("Of the launches, what this party's stand-in reports."))
@home_option
@realm_option
@json_option
def replay(
    file: Path | None, class_: str, source: str, sensor: str, speed: str, shift_to_now: bool,
    launches: int | None, day: str, party: str, home: Path, realm: str,
) -> int:  # fmt: skip
    """See `help` above. Exit status 1 where a report was not taken as it was."""
    folder = find_realm_path(home, realm)
    if folder.name == REAL:
        raise UsageError("warning.replay-real")
    if (file is None) == (launches is None):
        raise UsageError("warning.replay-what")
    row = asyncio.run(get_class(folder, class_))
    if file is not None:
        reports, counts = _read_log(file, sensor, row)
    else:
        reports, counts = list_launch_reports(row, seed=launches or 0, day=day, party=party), {}
    hand = DoorHand(folder, class_=class_, source=source, is_replay=True)
    asyncio.run(_hand_in(hand, reports, _read_speed(speed), is_shifted=shift_to_now))
    if is_json():
        emit({"read": counts, "counts": dict(hand.counts)})
    else:
        print_line("handed in: {counts}", counts=lay_counts(hand.counts))
    return 0 if set(hand.counts) <= {"taken"} else 1


def plan_replay(
    reports: Sequence[ReportLine], *, begins_at: Instant, speed: float, is_shifted: bool
) -> list[tuple[Instant, ReportLine]]:
    """Return each report with when to hand it in, in order; `speed` 0 is as fast as may be.

    Raises:
        UsageError: `warning.replay-past`; some of it would be more than a day old when it is handed in.
    """
    ordered = sorted(reports, key=lambda report: (report.at, report.track))
    if not ordered:
        return []
    first, last = ordered[0].at, ordered[-1].at
    due = [
        begins_at + (round((one.at - first) / speed) if speed else number // BATCH_COUNT * BATCH_EVERY_MS)
        for number, one in enumerate(ordered)
    ]
    shift = min(when - one.at for when, one in zip(due, ordered, strict=True)) if is_shifted else 0
    if any(when - one.at - shift > DAY_MS for when, one in zip(due, ordered, strict=True)):
        raise UsageError("warning.replay-past", length_s=(last - first) // SECOND_MS)
    return [(Instant(when), _shift(one, shift)) for when, one in zip(due, ordered, strict=True)]


def _shift(report: ReportLine, by_ms: int) -> ReportLine:
    guesses = {
        name: msgspec.structs.replace(guess, at=guess.at + by_ms)
        for name, guess in (("launch", report.launch), ("impact", report.impact))
        if guess is not None
    }
    return msgspec.structs.replace(report, at=report.at + by_ms, **guesses)


def _read_log(file: Path, sensor: str, row: TrackClass) -> tuple[list[ReportLine], dict[str, int]]:
    """Read a log by a plug-in; what it gives no instant of its own cannot be replayed and is counted.

    Raises:
        UsageError: `file.unreadable`; as `open_reader`.
        RemoteError: `bytes.too-large`, `sensor.stream`.
    """
    reader = open_reader(sensor, row)
    read = reader.feed(read_bounded(file, LOG_SIZE_BYTES_MAX), Instant(0)) + reader.finish(Instant(0))
    timed = [report for report in read if report.at > DAY_MS]
    return timed, {**reader.counts, **({"untimed": len(read) - len(timed)} if len(timed) < len(read) else {})}


def _read_speed(text: str) -> float:
    if text == "max":
        return 0
    try:
        speed = float(text.removesuffix("x"))
    except ValueError:
        speed = 0
    if not 0.01 <= speed <= 10_000:
        raise UsageError("warning.replay-speed", speed=text)
    return speed


async def _hand_in(hand: DoorHand, reports: Sequence[ReportLine], speed: float, *, is_shifted: bool) -> None:
    planned = plan_replay(reports, begins_at=read_clock(), speed=speed, is_shifted=is_shifted)
    async with hand.open():
        for slot, some in itertools.groupby(planned, key=lambda row: row[0] // BATCH_EVERY_MS):
            wait_ms = (slot + 1) * BATCH_EVERY_MS - read_clock()
            if wait_ms > 0:
                await asyncio.sleep(wait_ms / SECOND_MS)
            lines = [encode_line(report) for _, report in some]
            await hand.give(b"".join(lines), len(lines))
        await hand.finish()


COMMANDS = (warning,)
