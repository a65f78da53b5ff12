"""Reports of sources for tests: some that a door takes, changed one by one."""

from collections.abc import Mapping

import numpy as np

from comity.base.instants import Instant
from comity.warning.layout import NOT_NAMED, Flag
from comity.warning.reports import GUESS, REPORT, Reports

__all__ = ["NOW", "make_reports"]

NOW = Instant(1_795_000_000_000)
PLAIN: dict[str, float] = {
    "track": 7,
    "at": NOW,
    "latitude": 35.0,
    "longitude": 130.0,
    "altitude": 9_000.0,
    "velocity_east": 200.0,
    "sigma_velocity": 3.0,
    "ee": 900.0,
    "en": 300.0,
    "nn": 900.0,
    "uu": 2_500.0,
    "flags": Flag.ALTITUDE | Flag.VELOCITY,
    "kind": 1,
    "confidence": 80,
    "sensor": NOT_NAMED,
}
PLAIN_GUESS: dict[str, float] = {
    "at": NOW,
    "sigma_at": 5_000.0,
    "latitude": 39.0,
    "longitude": 127.0,
    "semi_major": 4_000.0,
    "semi_minor": 900.0,
    "bearing": 225.0,
}


def make_reports(
    *changes: Mapping[str, float], guesses: tuple[Mapping[str, float], ...] = (), sensors: tuple[str, ...] = ()
) -> Reports:
    """Return a report for each of `changes`: the plain one, changed so; and guesses in the same way."""
    rows, guessed = np.zeros(len(changes), REPORT), np.zeros(len(guesses), GUESS)
    for row, change in zip(rows, changes, strict=True):
        for name, value in {**PLAIN, **change}.items():
            row[name] = value
    for guess, change in zip(guessed, guesses, strict=True):
        for name, value in {**PLAIN_GUESS, **change}.items():
            guess[name] = value
    return Reports(rows, guessed, sensors)
