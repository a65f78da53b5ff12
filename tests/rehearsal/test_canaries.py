"""Each checker is made to fire by the deliberate break of one real rule."""

import pytest

from comity.rehearsal import CANARIES, read_profile, rehearse

SEED = 2
"""One at which every break does harm: a thief has to speak where an honest page follows, an item to be asked back."""


@pytest.mark.parametrize("name", tuple(CANARIES))
def test_a_canary_makes_its_named_checker_fire(name: str) -> None:
    """Others may fire too; without the canary none of them does (see `test_seeds`)."""
    canary = CANARIES[name]
    outcome = rehearse(read_profile("camp-david"), SEED, canary=canary)
    assert canary.check in outcome.fired, (canary.story, outcome.violations[:3])


def test_without_a_canary_the_same_seed_is_clean() -> None:
    """The break is what makes them fire, and nothing else of that seed."""
    assert rehearse(read_profile("camp-david"), SEED).fired == frozenset()
