"""What a row and an estimate may hold (W3, W4), and what the pact sets to its class (W7).

Of each bound the first row that breaks it is found; the first bound that is broken gives the code. A column alone is
looked through by its least and its greatest; only what takes several columns is gone through row by row.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from comity.audit.tracks.columns import NOT_NAMED, Columns
from comity.base.limits import INSTANT_MS_MAX

__all__ = ["Broken", "find_class_break", "find_estimate_break", "find_row_break"]

_POLE: Final = 900_000_000
_TURN_HALF: Final = 1_800_000_000
_ALTITUDE: Final = (-10_000, 1_000_000_000)
_SPEED_MAX: Final = 2_000_000
_SIGMA_MAX: Final = 200_000_000
_DAY_MS: Final = 86_400_000
_ONE: Final = 32_767
_IS_HIGH, _IS_MOVING, _COASTED, _DROPPED, _DECEPTION = 1, 2, 4, 8, 16
_FLAGS: Final = _IS_HIGH | _IS_MOVING | _COASTED | _DROPPED | _DECEPTION


class Broken(NamedTuple):
    """The bound that was broken, and the place from 0 of the first row or estimate that breaks it."""

    code: str
    row: int


def find_row_break(rows: Columns, *, sensor_count: int) -> Broken | None:
    """Return the first bound of W3 that rows break."""
    return _first(
        ("warning.instant", _outside(rows["at"], 0, INSTANT_MS_MAX)),
        ("warning.position", _nowhere(rows)),
        ("warning.flags", _odd_flags(rows)),
        ("warning.altitude", _odd_altitude(rows)),
        ("warning.speed", _odd_speed(rows)),
        ("warning.uncertainty", _odd_uncertainty(rows)),
        ("warning.kind", _odd_kind(rows)),
        ("warning.sensor", _strange(rows["sensor"], sensor_count)),
    )


def find_class_break(rows: Columns, *, kind_count: int, altitude_max_dm: int, speed_max_cm_s: int) -> Broken | None:
    """Return the first bound of W7 that rows break."""
    fastest = speed_max_cm_s**2
    moving = enumerate(_squared_speeds(rows))
    return _first(
        ("warning.kind", _strange(rows["kind"], kind_count)),
        ("warning.altitude", _outside(rows["altitude"], -(2**31), altitude_max_dm)),
        ("warning.speed", (place for place, squared in moving if squared > fastest)),
    )


def find_estimate_break(estimates: Columns, *, row_count: int) -> Broken | None:
    """Return the first bound of W4 that estimates break."""
    if not estimates["row"]:
        return None
    return _first(
        ("warning.estimate", _unplaced(estimates, row_count)),
        ("warning.instant", _outside(estimates["at"], 0, INSTANT_MS_MAX)),
        ("warning.position", _nowhere(estimates)),
        ("warning.uncertainty", _odd_ellipse(estimates)),
    )


def _first(*bounds: tuple[str, Iterable[int]]) -> Broken | None:
    for code, places in bounds:
        place = next(iter(places), None)
        if place is not None:
            return Broken(code, place)
    return None


def _either(*places: Iterable[int]) -> Iterator[int]:
    """Yield the least of the first places, if there is one."""
    firsts = [first for found in places if (first := next(iter(found), None)) is not None]
    yield from (min(firsts),) if firsts else ()


def _outside(column: Sequence[int], least: int, most: int) -> Iterable[int]:
    if min(column) >= least and max(column) <= most:
        return ()
    return (place for place, value in enumerate(column) if not least <= value <= most)


def _strange(column: Sequence[int], count: int) -> Iterable[int]:
    """Find places that name what is not there."""
    return (place for place, value in enumerate(column) if value >= count and value != NOT_NAMED)


def _nowhere(rows: Columns) -> Iterator[int]:
    return _either(_outside(rows["latitude"], -_POLE, _POLE), _outside(rows["longitude"], -_TURN_HALF, _TURN_HALF - 1))


def _odd_flags(rows: Columns) -> Iterable[int]:
    """Unknown ones; and coasted or dropped, which only a track can be."""
    both = zip(rows["flags"], rows["track"], strict=True)
    return (
        place
        for place, (flags, track) in enumerate(both)
        if flags > _FLAGS or (not track and flags & (_COASTED | _DROPPED))
    )


def _odd_altitude(rows: Columns) -> Iterator[int]:
    told = zip(rows["flags"], rows["altitude"], rows["rho_eu"], rows["rho_nu"], strict=True)
    untold = (place for place, (flags, *said) in enumerate(told) if not flags & _IS_HIGH and any(said))
    return _either(_outside(rows["altitude"], *_ALTITUDE), untold)


def _squared_speeds(rows: Columns) -> Iterator[int]:
    ways = zip(rows["velocity_east"], rows["velocity_north"], rows["velocity_up"], strict=True)
    return (east * east + north * north + up * up for east, north, up in ways)


def _odd_speed(rows: Columns) -> Iterable[int]:
    told = zip(rows["flags"], _squared_speeds(rows), rows["sigma_velocity"], strict=True)
    for place, (flags, squared, sigma) in enumerate(told):
        is_known = sigma >= 1 if flags & _IS_MOVING else not squared and not sigma
        if squared > _SPEED_MAX**2 or sigma > _SPEED_MAX or not is_known:
            yield place


def _odd_uncertainty(rows: Columns) -> Iterator[int]:
    sigmas = (_outside(rows[name], 1, _SIGMA_MAX) for name in ("sigma_east", "sigma_north", "sigma_up"))
    rhos = [rows[name] for name in ("rho_en", "rho_eu", "rho_nu")]
    if not any(map(any, rhos)):
        return _either(*sigmas)
    return _either(*sigmas, *(_outside(rho, -_ONE, _ONE) for rho in rhos), _impossible(rhos))


def _impossible(rhos: Sequence[Sequence[int]]) -> Iterator[int]:
    """Find correlations that no three quantities have, in whole numbers."""
    for place, (a, b, c) in enumerate(zip(*rhos, strict=True)):
        if _ONE**3 + 2 * a * b * c - _ONE * (a * a + b * b + c * c) <= 0:
            yield place


def _odd_kind(rows: Columns) -> Iterable[int]:
    both = zip(rows["confidence"], rows["kind"], strict=True)
    return (place for place, (percent, kind) in enumerate(both) if percent > 100 or (kind == NOT_NAMED and percent))


def _unplaced(estimates: Columns, row_count: int) -> Iterable[int]:
    before = (-1, -1)
    for place, of in enumerate(zip(estimates["row"], estimates["what"], strict=True)):
        row, what = of
        if of <= before or row >= row_count or what > 1:
            yield place
        before = of


def _odd_ellipse(estimates: Columns) -> Iterator[int]:
    axes = zip(estimates["semi_minor"], estimates["semi_major"], strict=True)
    return _either(
        (place for place, (minor, major) in enumerate(axes) if not 1 <= minor <= major <= _SIGMA_MAX),
        _outside(estimates["bearing"], 0, 17_999),
        _outside(estimates["sigma_at"], 0, _DAY_MS),
    )
