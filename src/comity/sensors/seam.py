"""What a plug-in for a sensor is: something with a name that opens readers, and a reader that makes reports of bytes.

Rules (docs/spec/exchange.md, X69)
- A plug-in reads no clock, opens nothing and draws nothing. Instants come from what the sensor says, or from `now`.
- A reader is for one connection or file. Where a piece ends means nothing: the same bytes give the same reports.
- Whatever comes, `feed` returns, or raises `RemoteError` where the rest of the stream cannot be understood either.
  Nothing else leaves it.
- Each message is counted once, as `reported` or under the code of what it was instead; what a reader keeps is bounded.
- What a report says is believed by nobody: the door refuses and flags (W11, W12), for every plug-in alike.
"""

from collections import Counter
from typing import Final, Protocol

from comity.base.instants import Instant
from comity.pact.track import TrackClass, TrackDomain
from comity.warning.reports import ReportLine

__all__ = ["GROUP", "REPORTED", "Sensor", "SensorReader"]

GROUP: Final = "comity.sensors"
"""The group of entry points under which other packages offer a `Sensor`."""

REPORTED: Final = "reported"
"""The code of a message of which a report was made."""


class SensorReader(Protocol):
    """Reads one stream of one sensor."""

    @property
    def counts(self) -> Counter[str]:
        """How many messages there were, by code: after `finish` each of them stands under exactly one."""
        ...

    def feed(self, chunk: bytes, now: Instant) -> list[ReportLine]:
        """Take the next bytes, which came at `now`; return the reports that are complete with them.

        Raises:
            RemoteError: `sensor.stream`; nothing after this can be understood.
        """
        ...

    def finish(self, now: Instant) -> list[ReportLine]:
        """Take the end of the stream; return what was complete but for that."""
        ...


class Sensor(Protocol):
    """A plug-in: offered in the group of entry points under its own name."""

    @property
    def name(self) -> str:
        """What commands call it: small letters, digits and hyphens."""
        ...

    @property
    def domains(self) -> frozenset[TrackDomain]:
        """For classes of which domains it can report."""
        ...

    def open(self, row: TrackClass) -> SensorReader:
        """Return a reader that reports for a class, whose kinds it may name."""
        ...
