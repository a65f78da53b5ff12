"""Seeds: real machines, everything that can go wrong, and nothing that must not happen.

`COMITY_REHEARSAL_SEEDS` sets how many seeds of the default pact are run; `make rehearse` runs 200.
"""

import itertools
import os

import pytest

from comity.rehearsal import Outcome, find_absent, read_profile, rehearse, rehearse_many, total
from comity.rehearsal.chance import draw_rates
from comity.rehearsal.outcome import RARE

SEED_COUNT = int(os.environ.get("COMITY_REHEARSAL_SEEDS", "48"))


def _tell(outcome: Outcome) -> str:
    rows = [f"{row.code} {row.party} {dict(row.arguments)}" for row in outcome.violations[:5]]
    return "\n".join([f"seed {outcome.seed}", *rows, *map(str, outcome.stuck[:5])])


@pytest.fixture(scope="module")
def outcomes() -> tuple[Outcome, ...]:
    """The first seeds of the default pact."""
    return tuple(rehearse_many(read_profile("camp-david"), range(SEED_COUNT)))


def test_no_seed_of_three_parties_violates_anything_or_leaves_anybody_stuck(outcomes: tuple[Outcome, ...]) -> None:
    """Whatever breaks, every checker is silent; once it is healed, everything arrives and is signed for."""
    assert not [_tell(outcome) for outcome in outcomes if not outcome.is_clean]


def test_every_fault_and_every_outcome_occurs(outcomes: tuple[Outcome, ...]) -> None:
    """What never happened in a rehearsal was not rehearsed."""
    assert find_absent(total(outcomes)) == ()


def test_no_two_seeds_are_one_run(outcomes: tuple[Outcome, ...]) -> None:
    """The digest is over all that was stored and done."""
    assert len({outcome.digest for outcome in outcomes}) == len(outcomes)


def test_a_party_that_was_away_for_days_catches_up_with_nobodys_help() -> None:
    """Seeds that are rare have a test of their own: days pass, epoch keys are renewed, the others go on."""
    seed = next(seed for seed in itertools.count() if 0 < draw_rates(seed).away_days < 8 and not draw_rates(seed).lies)
    outcome = rehearse(read_profile("camp-david"), seed)
    assert outcome.is_clean, _tell(outcome)
    assert [outcome.counts[name] for name in RARE] == [1, draw_rates(seed).away_days]


def test_no_seed_of_four_parties_violates_anything_or_leaves_anybody_stuck() -> None:
    """Nothing is wired to three parties: audiences of three among four are announced and followed."""
    found = [_tell(outcome) for outcome in rehearse_many(read_profile("harbour-aid"), range(6)) if not outcome.is_clean]
    assert not found


def test_several_workers_give_the_same_outcomes_in_the_same_order() -> None:
    """A process of its own changes nothing."""
    profile = read_profile("harbour-aid")
    assert tuple(rehearse_many(profile, range(3), workers=2)) == tuple(rehearse(profile, seed) for seed in range(3))
