"""The plug-in `json`: lines of JSON as the door reads them itself (W10), for what already writes those."""

from collections import Counter
from typing import Final

import msgspec

from comity.base.instants import Instant
from comity.base.limits import REPORT_LINE_SIZE_BYTES_MAX
from comity.pact.track import TrackClass, TrackDomain
from comity.sensors.lines import LineCutter
from comity.sensors.seam import REPORTED, SensorReader
from comity.warning.reports import ReportLine

__all__ = ["JsonLines"]

_MALFORMED: Final = "malformed"
_DECODER: Final = msgspec.json.Decoder(ReportLine)


class JsonLines:
    """The plug-in."""

    name = "json"
    domains = frozenset(TrackDomain)

    def open(self, row: TrackClass) -> SensorReader:  # noqa: ARG002 -- a line names its own kind; the door looks
        """Return a reader of lines."""
        return _Reader()


class _Reader:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._lines = LineCutter(size_bytes_max=REPORT_LINE_SIZE_BYTES_MAX)

    def feed(self, chunk: bytes, now: Instant) -> list[ReportLine]:  # noqa: ARG002 -- a line has its own instant
        return [report for line in self._lines.cut(chunk) if (report := self._read(line)) is not None]

    def finish(self, now: Instant) -> list[ReportLine]:  # noqa: ARG002
        return [report for line in self._lines.finish() if (report := self._read(line)) is not None]

    def _read(self, line: bytes | None) -> ReportLine | None:
        report = None
        if line is not None:
            try:
                report = _DECODER.decode(line)
            except (msgspec.DecodeError, RecursionError, ValueError):
                report = None
        self.counts[_MALFORMED if report is None else REPORTED] += 1
        return report
