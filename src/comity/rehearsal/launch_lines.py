"""Recorded launches as one party's lines of reports: what `comity warning replay --launches` hands in (W68)."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from comity.base.errors import UsageError
from comity.pact.track import TrackClass
from comity.rehearsal.launch_eye import EYES
from comity.rehearsal.launch_replay import replay
from comity.warning.bounds import RHO_ONE
from comity.warning.facts import FACTS_PACKAGE, LAUNCHES
from comity.warning.launches import read_launches
from comity.warning.layout import NOT_NAMED, Estimated, Flag
from comity.warning.reports import GuessLine, ReportLine
from comity.warning.rows import Block, Rows

__all__ = ["list_launch_reports"]

_DEGREE: Final = 10_000_000


def list_launch_reports(row: TrackClass, *, seed: int, day: str, party: str) -> list[ReportLine]:
    """Return what the stand-in of a party reports of the launches of a day, in the order in which it tells them.

    All parties that use one seed report the same flights.

    Raises:
        UsageError: `warning.replay-launches`; there is no stand-in of that party, or nothing to replay of that day.
    """
    table = read_launches(files(FACTS_PACKAGE).joinpath(LAUNCHES).read_bytes())
    some = [launch for launch in table if launch.date == day and launch.is_retraceable]
    if not some or party not in {eye.party for eye in EYES}:
        raise UsageError("warning.replay-launches", day=day, party=party)
    played = replay(some, seed=seed, class_=row.id, kinds=[kind.id for kind in row.kinds])
    return [line for told in played.reports if told.party == party for line in _list_lines(told.block, row)]


def _list_lines(block: Block, row: TrackClass) -> Iterator[ReportLine]:
    guesses: dict[tuple[int, int], GuessLine] = {}
    for one in block.estimates:
        guesses[int(one["row"]), int(one["what"])] = GuessLine(
            at=int(one["at"]),
            latitude=int(one["latitude"]) / _DEGREE,
            longitude=int(one["longitude"]) / _DEGREE,
            semi_major_m=int(one["semi_major"]) / 10,
            semi_minor_m=int(one["semi_minor"]) / 10,
            bearing=int(one["bearing"]) / 100,
            sigma_at_ms=float(one["sigma_at"]),
        )
    for place, one in enumerate(block.rows):
        kind = int(one["kind"])
        yield ReportLine(
            at=int(one["at"]),
            latitude=int(one["latitude"]) / _DEGREE,
            longitude=int(one["longitude"]) / _DEGREE,
            covariance=_find_covariance(one),
            track=int(one["track"]),
            altitude=int(one["altitude"]) / 10,
            velocity=tuple(int(one[f"velocity_{axis}"]) / 100 for axis in ("east", "north", "up")),
            sigma_velocity=int(one["sigma_velocity"]) / 100,
            kind="" if kind == NOT_NAMED else row.kinds[kind].id,
            confidence=int(one["confidence"]),
            sensor=block.sensors[0],
            is_dropped=bool(one["flags"] & Flag.DROPPED),
            launch=guesses.get((place, Estimated.LAUNCH)),
            impact=guesses.get((place, Estimated.IMPACT)),
        )


def _find_covariance(row: Rows) -> tuple[tuple[float, ...], ...]:
    """Return the covariance of a row of a stand-in, which knows all three axes, in square metres."""
    east, north, up = (int(row[f"sigma_{axis}"]) / 10 for axis in ("east", "north", "up"))
    en, eu, nu = (
        int(row[f"rho_{pair}"]) / RHO_ONE * one * other
        for pair, one, other in (("en", east, north), ("eu", east, up), ("nu", north, up))
    )
    return ((east**2, en, eu), (en, north**2, nu), (eu, nu, up**2))
