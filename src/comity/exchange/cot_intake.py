"""What TAK clients report: their events become lines for the door of own sensors, counted by source (X60, X63, X67).

Rules
- An event is of the first class that its consumer reports and whose domain its type lies in.
- What waits for the door is bounded for each consumer by itself; one that is past it is not read from meanwhile.
- While the warning process is away nothing is kept for it: what is minutes old is no warning. It is counted.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Final

import msgspec
import numpy as np

from comity.base.errors import RemoteError
from comity.crypto.suite import Suite
from comity.exchange.consumer import Consumer
from comity.exchange.cot import Event
from comity.exchange.cot_link import WarningLink
from comity.exchange.cot_marking import Standard
from comity.exchange.cot_reports import CotSource, read_report
from comity.exchange.cot_types import is_atom, is_type_of
from comity.exchange.cot_views import Home
from comity.pact.track import TrackClass
from comity.warning.classes import make_marking
from comity.warning.layout import NOT_NAMED, Flag
from comity.warning.reports import Reports

__all__ = ["CotIntake", "format_line"]

WAITING_COUNT_MAX: Final = 1_000
BATCH_S: Final = 0.2
_TRACK_MASK: Final = 2**53 - 1
_TRIANGLE: Final = (("ee", "en", "eu"), ("en", "nn", "nu"), ("eu", "nu", "uu"))


class CotIntake:
    """Gathers what all connections say, and hands it in."""

    def __init__(self, link: WarningLink, suite: Suite, counts: dict[str, Counter[str]]) -> None:
        """`counts`: by consumer, where what came of its reports is added."""
        self._link = link
        self._suite = suite
        self._waiting: dict[tuple[str, str], list[bytes]] = {}
        self._came = asyncio.Event()
        self._counts = counts

    async def take(self, consumer: Consumer, event: Event, home: Home) -> None:
        """Take one event; it waits here while too much of its consumer's waits for the door.

        Raises:
            RemoteError: `cot.not-reporting`, and as `read_report`.
        """
        reporting = consumer.reporting
        if reporting is None:
            raise RemoteError("cot.not-reporting")
        row = _find_class(event, reporting.classes, home)
        marking = make_marking(home.pact, row, home.party)
        told = frozenset(one.to for one in home.releases.rulings if one.class_ == row.id and one.terms is not None)
        levels = {one.word: one.level for one in reporting.levels}
        source = CotSource(row, Standard(marking, told, levels), reporting.ce_m, reporting.le_m, reporting.speed_m_s)
        reports = read_report(event, source, pact=home.pact, realm=home.realm, suite=self._suite)
        lines = self._waiting.setdefault((consumer.name, row.id), [])
        while len(lines) >= WAITING_COUNT_MAX:
            await asyncio.sleep(BATCH_S)
            lines = self._waiting.setdefault((consumer.name, row.id), [])
        lines.append(format_line(reports, row))
        self._came.set()

    async def hand_in(self) -> None:
        """Hand in what waits, again and again, until cancelled."""
        while True:
            await self._came.wait()
            self._came.clear()
            waiting, self._waiting = self._waiting, {}
            for (name, class_), lines in waiting.items():
                try:
                    counts: Mapping[str, int] = await self._link.report(class_, f"cot/{name}", b"".join(lines))
                except OSError:
                    counts = {"warning.not-running": len(lines)}
                self._counts.setdefault(name, Counter()).update(counts)
            await asyncio.sleep(BATCH_S)


def _find_class(event: Event, classes: tuple[str, ...], home: Home) -> TrackClass:
    rows = [row for one in classes if (row := home.pact.find_track_class(one)) is not None]
    found = next((row for row in rows if is_type_of(row, event.type)), None)
    if found is None:
        code = "cot.other-class" if is_atom(event.type) else "cot.no-track"
        raise RemoteError(code, type=event.type[:64])
    return found


def format_line(reports: Reports, row: TrackClass) -> bytes:
    """Return one report as a line of JSON, as sources hand them in (W10)."""
    report = reports.rows[0]
    flags, kind = int(report["flags"]), int(report["kind"])
    size = 3 if flags & Flag.ALTITUDE else 2
    line: dict[str, object] = {
        "track": int(report["track"]) & _TRACK_MASK or 1,
        "at": int(report["at"]),
        "latitude": float(report["latitude"]),
        "longitude": float(report["longitude"]),
        "covariance": [[float(report[name]) for name in names[:size]] for names in _TRIANGLE[:size]],
        "confidence": int(report["confidence"]),
    }
    if flags & Flag.ALTITUDE:
        line["altitude"] = float(report["altitude"])
    if flags & Flag.VELOCITY:
        line["velocity"] = [float(np.float64(report[f"velocity_{way}"])) for way in ("east", "north", "up")]
        line["sigma_velocity"] = float(report["sigma_velocity"])
    if kind != NOT_NAMED:
        line["kind"] = row.kinds[kind].id
    return msgspec.json.encode(line) + b"\n"
