"""What a source hands in: reports with numbers as it has them, in floats, before any of it is believed.

Two forms, one meaning (docs/spec/warning.md, W10): records of `REPORT` and `GUESS` as an array, for a source that has
thousands a second; and a line of JSON each, for whoever writes one by hand. What a line does not say is not known.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
import numpy as np
from msgspec import Meta

from comity.base.limits import REPORT_LINE_SIZE_BYTES_MAX, SENSOR_COUNT_MAX, SENSOR_NAME_PATTERN
from comity.pact.track import TrackClass
from comity.warning.layout import NOT_NAMED, Estimated, Flag
from comity.warning.rows import Rows
from comity.warning.tally import Reason, Tally

__all__ = ["GUESS", "REPORT", "GuessLine", "ReportLine", "Reports", "encode_line", "read_lines"]

REPORT: Final[np.dtype[np.void]] = np.dtype(
    [
        ("track", "<u8"),  # the source's own id of the track; 0: a single observation
        ("at", "<i8"),  # milliseconds, UTC
        ("latitude", "<f8"),  # degrees, WGS-84
        ("longitude", "<f8"),
        ("altitude", "<f8"),  # metres above the ellipsoid
        ("velocity_east", "<f8"),  # m/s in the local level
        ("velocity_north", "<f8"),
        ("velocity_up", "<f8"),
        ("sigma_velocity", "<f8"),  # m/s, of each component
        ("ee", "<f8"),  # the covariance of the position in square metres, its upper triangle
        ("en", "<f8"),
        ("eu", "<f8"),
        ("nn", "<f8"),
        ("nu", "<f8"),
        ("uu", "<f8"),
        ("flags", "<u2"),  # `Flag`: what of this is known, coasted, dropped, deception suspected
        ("kind", "<u2"),  # place among the kinds of the class
        ("confidence", "<u2"),  # percent
        ("sensor", "<u2"),  # place among the batch's sensors
    ]
)
"""One report: 128 bytes."""

GUESS: Final[np.dtype[np.void]] = np.dtype(
    [
        ("row", "<u4"),  # place of its report in the batch
        ("what", "<u4"),  # `Estimated`
        ("at", "<i8"),
        ("sigma_at", "<f8"),  # milliseconds
        ("latitude", "<f8"),
        ("longitude", "<f8"),
        ("semi_major", "<f8"),  # metres, one standard deviation
        ("semi_minor", "<f8"),
        ("bearing", "<f8"),  # degrees from north by east, of the major axis
    ]
)
"""Where and when the source takes something to have been launched, or to come down: 64 bytes."""


@dataclass(frozen=True, eq=False)
class Reports:
    """A batch of one source and class, in the order in which it came. `rows` are of `REPORT`, `guesses` of `GUESS`."""

    rows: Rows
    guesses: Rows
    sensors: tuple[str, ...] = ()


class GuessLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where and when something was launched or comes down, as a line says it."""

    at: int
    latitude: float
    longitude: float
    semi_major_m: float
    semi_minor_m: float
    bearing: float = 0.0
    sigma_at_ms: float = 0.0


_Triple = tuple[float, float, float]
_Line = Annotated[tuple[float, ...], Meta(max_length=3)]


class ReportLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line. `covariance` is 3 by 3, or 2 by 2 without an altitude; `velocity` has three components or two."""

    at: Annotated[int, Meta(ge=0, le=2**53)]
    latitude: float
    longitude: float
    covariance: Annotated[tuple[_Line, ...], Meta(min_length=2, max_length=3)]
    track: Annotated[int, Meta(ge=0, le=2**53)] = 0
    altitude: float | None = None
    velocity: Annotated[tuple[float, ...], Meta(min_length=2, max_length=3)] | None = None
    sigma_velocity: float = 0.0
    kind: Annotated[str, Meta(max_length=48)] = ""
    confidence: Annotated[int, Meta(ge=0, le=1000)] = 0
    sensor: Annotated[str, Meta(pattern=rf"^$|{SENSOR_NAME_PATTERN}")] = ""
    is_coasted: bool = False
    is_dropped: bool = False
    is_deception: bool = False
    launch: GuessLine | None = None
    impact: GuessLine | None = None


_DECODER: Final = msgspec.json.Decoder(ReportLine)
_ODD: Final = float("nan")
"""Written where a line contradicts itself: the door refuses what is not a number."""


def encode_line(report: ReportLine) -> bytes:
    """Return a report as a line of JSON, with its end; what is not known is left out."""
    return msgspec.json.encode(report) + b"\n"


def read_lines(raw: bytes, row: TrackClass) -> tuple[Reports, Tally]:
    """Return the reports of lines of JSON, and how many lines are none.

    A kind that the class does not have, or a sensor too many, is left for the door to count.
    """
    tally = Tally()
    kinds = {kind.id: place for place, kind in enumerate(row.kinds)}
    sensors: defaultdict[str, int] = defaultdict(lambda: min(len(sensors), NOT_NAMED - 1))
    rows: list[tuple[float, ...]] = []
    guesses: list[tuple[float, ...]] = []
    for report in _read_lines(raw, tally):
        kind = NOT_NAMED if not report.kind else kinds.get(report.kind, NOT_NAMED - 1)
        sensor = NOT_NAMED if not report.sensor else sensors[report.sensor]
        guesses += [(len(rows), *guess) for guess in _list_guesses(report)]
        rows.append(_flatten(report, kind, sensor))
    named = tuple(sensors)[:SENSOR_COUNT_MAX]
    return Reports(np.array(rows, REPORT), np.array(guesses, GUESS), named), tally


def _read_lines(raw: bytes, tally: Tally) -> Iterator[ReportLine]:
    for line in raw.splitlines():
        if not line.strip():
            continue
        if len(line) > REPORT_LINE_SIZE_BYTES_MAX:
            tally.count(Reason.MALFORMED, 1)
            continue
        try:
            yield _DECODER.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError):
            tally.count(Reason.MALFORMED, 1)


def _list_guesses(report: ReportLine) -> Iterable[tuple[float, ...]]:
    for what, guess in ((Estimated.LAUNCH, report.launch), (Estimated.IMPACT, report.impact)):
        if guess is not None:
            at = min(max(guess.at, -(2**63)), 2**63 - 1)
            axes = (guess.semi_major_m, guess.semi_minor_m, guess.bearing)
            yield (what, at, guess.sigma_at_ms, guess.latitude, guess.longitude, *axes)


def _flatten(report: ReportLine, kind: int, sensor: int) -> tuple[float, ...]:
    """Return a line as a record."""
    flags = (Flag.COASTED if report.is_coasted else 0) | (Flag.DROPPED if report.is_dropped else 0)
    flags |= Flag.DECEPTION if report.is_deception else 0
    flags |= (0 if report.altitude is None else Flag.ALTITUDE) | (0 if report.velocity is None else Flag.VELOCITY)
    east, north, *up = report.velocity or (0.0, 0.0)
    velocity: _Triple = (east, north, up[0] if up else 0.0)
    altitude = 0.0 if report.altitude is None else report.altitude
    place = (report.track, report.at, report.latitude, report.longitude, altitude)
    triangle = _find_triangle(report.covariance, has_altitude=report.altitude is not None)
    return (*place, *velocity, report.sigma_velocity, *triangle, int(flags), kind, report.confidence, sensor)


def _find_triangle(matrix: tuple[tuple[float, ...], ...], *, has_altitude: bool) -> tuple[float, ...]:
    """Return the upper triangle of a symmetric matrix; numbers that are none where it is not, or of another size."""
    size = len(matrix)
    if any(len(line) != size for line in matrix) or (has_altitude and size < 3):
        return (_ODD,) * 6
    if any(matrix[one][other] != matrix[other][one] for one in range(size) for other in range(one)):
        return (_ODD,) * 6
    (ee, en, *eu), (_, nn, *nu), *up = matrix
    return (ee, en, eu[0], nn, nu[0], up[0][2]) if size == 3 else (ee, en, 0.0, nn, 0.0, 0.0)
