"""What many runs came to: figures, each with its interval of confidence (R71).

Runs are independent of each other; what happens within a run is not. So whole runs are drawn again, with repetition,
and the interval holds 95 of 100 of what is found then. Where a share is none or all in every run, that says nothing;
then the interval is the exact one of a share of runs (Clopper and Pearson). One run has no interval.
"""

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from scipy.stats import binomtest

from comity.base.instants import MINUTE_MS
from comity.rehearsal.lean.outcome import STAGES, CourseOutcome

__all__ = ["Figure", "list_reached", "summarise"]

_DRAW_COUNT: Final = 400
_ENDS: Final = (0.025, 0.975)
Array = Any


class Figure(NamedTuple):
    """One figure. `of` is a stage, a kind of duty, or a clause; times are in minutes, shares from 0 to 1."""

    name: str
    of: str
    unit: str
    value: float | None
    """None where there was nothing to take it of."""
    low: float | None = None
    high: float | None = None


def summarise(outcomes: Sequence[CourseOutcome]) -> tuple[Figure, ...]:
    """Return all figures, in the order of the table."""
    again = _draw_again(len(outcomes))
    called = [len(run.answers) for run in outcomes]
    figures: list[Figure] = [_mean("consultations", "", "count", called, again)]
    for stage in STAGES:
        figures += _list_stage(stage, outcomes, called, again)
    concluded = [sum(set(answer.phases) == {"concluded"} for answer in run.answers) for run in outcomes]
    lapsed = [sum("lapsed" in answer.phases for answer in run.answers) for run in outcomes]
    figures += [_share("concluded", "", concluded, called, again), _share("lapsed", "", lapsed, called, again)]
    figures += _list_duties(outcomes, again)
    figures += _list_withheld(outcomes, again)
    for name, counts, unit in (
        ("statements", [run.statement_count for run in outcomes], "count"),
        ("messages", [run.page_count for run in outcomes], "count"),
        ("bytes", [run.size_bytes for run in outcomes], "bytes"),
    ):
        figures.append(_mean(name, "", unit, counts, again))
    delays, pages = [run.delay_ms / 1000 for run in outcomes], [run.page_count for run in outcomes]
    figures.append(_ratio(("delay", "", "seconds"), delays, pages, again))
    return tuple(figures)


def list_reached(outcomes: Sequence[CourseOutcome], stage: str) -> list[float]:
    """Return, ascending, the minutes in which a stage was reached, of all consultations in all runs that did."""
    return sorted(minutes for run in outcomes for minutes in _list_minutes(run, stage))


def _list_minutes(run: CourseOutcome, stage: str) -> list[float]:
    return [answer.reached_ms[stage] / MINUTE_MS for answer in run.answers if stage in answer.reached_ms]


def _list_stage(stage: str, outcomes: Sequence[CourseOutcome], called: Sequence[int], again: Array) -> list[Figure]:
    reached = [_list_minutes(run, stage) for run in outcomes]
    return [
        _quantile("median", stage, reached, 0.5, again),
        _quantile("ninth-tenth", stage, reached, 0.9, again),
        _share("reached", stage, [len(times) for times in reached], called, again),
    ]


def _list_duties(outcomes: Sequence[CourseOutcome], again: Array) -> list[Figure]:
    kinds = sorted({key.partition("/")[0] for run in outcomes for key in run.duties})
    figures = []
    for kind in kinds:
        owed = [sum(n for key, n in run.duties.items() if key.startswith(f"{kind}/")) for run in outcomes]
        for verdict in ("late", "overdue", "excused"):
            held = [run.duties.get(f"{kind}/{verdict}", 0) for run in outcomes]
            figures.append(_share(verdict, kind, held, owed, again))
    return figures


def _list_withheld(outcomes: Sequence[CourseOutcome], again: Array) -> list[Figure]:
    asked = [run.asked_count for run in outcomes]
    figures = [_share("withheld", "", [sum(run.withheld.values()) for run in outcomes], asked, again)]
    held = {"withheld": [run.withheld for run in outcomes], "text-withheld": [run.texts_withheld for run in outcomes]}
    for name, counts in held.items():
        total = Counter[str]()
        for count in counts:
            total.update(count)
        for clause, _ in total.most_common(40):
            figures.append(_mean(name, clause, "count", [count.get(clause, 0) for count in counts], again))
    return figures


def _draw_again(count: int) -> Array:
    """Return how often each run is drawn in each draw of as many runs as there are; none for a single run."""
    if count < 2:
        return None
    chance = random.Random(count)  # noqa: S311 -- the same for the same number of runs; no key comes from here
    rows = [np.bincount(chance.choices(range(count), k=count), minlength=count) for _ in range(_DRAW_COUNT)]
    return np.array(rows, dtype=np.float64)


def _mean(name: str, of: str, unit: str, values: Sequence[float], again: Array) -> Figure:
    return _ratio((name, of, unit), values, [1] * len(values), again)


def _ratio(what: tuple[str, str, str], parts: Sequence[float], wholes: Sequence[float], again: Array) -> Figure:
    """Return the parts over the wholes of all runs; `what` are the figure's name, what it is of, and its unit."""
    if not sum(wholes):
        return Figure(*what, None)
    value = sum(parts) / sum(wholes)
    if again is None:
        return Figure(*what, value)
    below = again @ np.array(wholes, dtype=np.float64)
    above = again @ np.array(parts, dtype=np.float64)
    found = above[below > 0] / below[below > 0]
    low, high = np.quantile(found, _ENDS)
    return Figure(*what, value, float(low), float(high))


def _share(name: str, of: str, parts: Sequence[int], wholes: Sequence[int], again: Array) -> Figure:
    figure = _ratio((name, of, "share"), parts, wholes, again)
    if again is None or figure.value not in (0.0, 1.0):
        return figure
    runs = sum(1 for whole in wholes if whole)
    ends = binomtest(runs if figure.value else 0, runs).proportion_ci(method="exact")
    return figure._replace(low=float(ends.low), high=float(ends.high))


def _quantile(name: str, of: str, values: Sequence[Sequence[float]], share: float, again: Array) -> Figure:
    """Return a quantile of all values of all runs; drawn again, a run's values come as often as the run."""
    pairs = sorted((value, run) for run, held in enumerate(values) for value in held)
    if not pairs:
        return Figure(name, of, "minutes", None)
    sorted_values = np.array([value for value, _ in pairs])
    runs = np.array([run for _, run in pairs])

    def find(weights: Array) -> float:
        return _find_weighted(sorted_values, weights[runs], share)

    value = find(np.ones(len(values)))
    if again is None:
        return Figure(name, of, "minutes", value)
    found = [find(weights) for weights in again if weights[runs].any()]
    low, high = np.quantile(found, _ENDS)
    return Figure(name, of, "minutes", value, float(low), float(high))


def _find_weighted(values: Array, weights: Array, share: float) -> float:
    total = np.cumsum(weights)
    return float(values[min(int(np.searchsorted(total, share * total[-1])), len(values) - 1)])
