"""Rehearses a pact: one seed, many seeds, or one case whose timeline somebody follows.

One seed, one run: the outcome's digest is the same in every process, and another for every other seed.
"""

import dataclasses
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial

from comity.base.garbage import collecting_rarely
from comity.rehearsal.canary import NO_CANARY, Canary
from comity.rehearsal.cast import Cast
from comity.rehearsal.checks import Violation
from comity.rehearsal.log import Log, Row
from comity.rehearsal.outcome import Outcome, make_broken_outcome
from comity.rehearsal.play import CAMP_DAVID, DRAWN, get_play
from comity.rehearsal.run import Run, find_rates
from comity.rehearsal.twin import NAME as NOTHING_SHOWS
from comity.rehearsal.twin import compare_twins
from comity.rehearsal.workers import run_each

__all__ = ["play_case", "rehearse", "rehearse_many"]


def rehearse(
    profile: bytes,
    seed: int,
    *,
    play: str = DRAWN,
    canary: Canary = NO_CANARY,
    trace: Callable[[str], None] | None = None,
) -> Outcome:
    """Run one rehearsal of a pact and return what it came to.

    `profile` are the bytes of a pact file without roots; the cast gets roots of its own. `trace` gets one line per
    event.

    Raises:
        PactRefused, UsageError: the profile has findings; `rehearsal.play-unknown`; `rehearsal.play-unfit` where the
            play is written for other parties.
    """
    chosen = get_play(play)
    rates = find_rates(chosen, seed, canary)
    run = Run(chosen, profile, seed, rates=rates, canary=canary, log=Log(trace))
    with collecting_rarely():
        for _ in run.steps():
            pass
        assert run.outcome is not None
        return _look_for_what_shows(run.outcome, chosen.make_cast(profile), canary) if rates.has_twin else run.outcome


def _look_for_what_shows(outcome: Outcome, cast: Cast, canary: Canary) -> Outcome:
    """Play the seed twice more; add what somebody could see that was hidden from it."""
    found = tuple(
        Violation(f"{NOTHING_SHOWS}.differs", outcome.ended_at, party, told)
        for party, told in compare_twins(cast, outcome.seed, canary)
    )
    counts = {**outcome.counts, "twins-compared": 1}
    return dataclasses.replace(outcome, violations=(*outcome.violations, *found), counts=counts)


def rehearse_many(profile: bytes, seeds: Iterable[int], *, play: str = DRAWN, workers: int = 1) -> Iterator[Outcome]:
    """Yield the outcome of each seed, in the order of the seeds; with several workers, from processes of their own.

    A seed at which the rehearsal itself breaks down has an outcome too, which says where.

    Raises:
        PactRefused, UsageError: as `rehearse`, before the first outcome.
    """
    get_play(play).make_cast(profile)
    run = partial(_rehearse_one, profile, play=play)
    yield from run_each(run, seeds, workers=workers, together=4)


def _rehearse_one(profile: bytes, seed: int, *, play: str) -> Outcome:
    try:
        return rehearse(profile, seed, play=play)
    except Exception as error:  # noqa: BLE001 -- one seed of thousands must not end the others
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} in {frame.name}, line {frame.lineno}"
        return make_broken_outcome(seed, play, where)


def play_case(
    profile: bytes,
    *,
    play: str = CAMP_DAVID,
    seed: int | None = None,
    trace: Callable[[str], None] | None = None,
) -> Generator[Row, None, Outcome]:
    """Yield the rows of a case's timeline as it is played; the generator's value is the outcome.

    Virtual time runs as fast as it can: whoever shows the rows decides how long to wait between them. Without a seed
    nothing goes wrong; with one, the faults are that seed's.

    Raises:
        PactRefused, UsageError: as `rehearse`.
    """
    rows: deque[Row] = deque()
    chosen = get_play(play)
    rates = find_rates(chosen, seed, NO_CANARY)
    run = Run(chosen, profile, seed or 0, rates=rates, canary=NO_CANARY, log=Log(trace, rows.append))
    for _ in run.steps():
        while rows:
            yield rows.popleft()
    yield from rows
    assert run.outcome is not None
    return run.outcome
