"""Many runs of one plan, in the order of their numbers, on as many cores as there are (R70).

A run depends on the plan and its number alone, so the outcomes are the same on any number of workers.
"""

import functools
from collections.abc import Iterator, Sequence

import msgspec

from comity.base.garbage import collecting_rarely
from comity.base.instants import Instant
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.rehearsal.lean.course import run_course
from comity.rehearsal.lean.outcome import CourseOutcome
from comity.rehearsal.lean.variant import Variant, vary
from comity.rehearsal.scenario.model import Scenario
from comity.rehearsal.scenario.read import parse_scenario
from comity.rehearsal.scenario.tables import Recorded, read_catalogue
from comity.rehearsal.workers import run_each

__all__ = ["Plan", "run_plan"]


class Plan(msgspec.Struct, frozen=True):
    """What is run: files as bytes, so that every worker reads the same."""

    pacts: tuple[bytes, ...]
    scenario: bytes
    catalogue: bytes
    from_at: int
    seed: int = 0
    variant: Variant = Variant()


@functools.lru_cache(maxsize=4)
def _read(plan: Plan) -> tuple[tuple[Pact, ...], Scenario, tuple[Recorded, ...]]:
    pacts = tuple(vary(parse_pact(raw), plan.variant) for raw in plan.pacts)
    scenario = parse_scenario(plan.scenario, pacts)
    return pacts, scenario, read_catalogue(plan.catalogue) if plan.catalogue else ()


def run_plan(plan: Plan, runs: Sequence[int], *, workers: int = 1) -> Iterator[CourseOutcome]:
    """Yield the outcome of each run, in the order given.

    Raises:
        PactRefused, ScenarioRefused, UsageError: what is wrong with a file, before the first outcome; and
            `scenario.endless` with the first run in which more happens than the scenario permits.
    """
    _read(plan)
    one = functools.partial(_run_one, plan)
    yield from run_each(one, runs, workers=min(workers, len(runs)), together=1)


def _run_one(plan: Plan, run: int) -> CourseOutcome:
    pacts, scenario, recorded = _read(plan)
    with collecting_rarely():
        return run_course(pacts, scenario, recorded, from_at=Instant(plan.from_at), seed=plan.seed, run=run)
