"""Each checker is made to fire by the deliberate break of one real rule."""

import pytest

from comity.rehearsal import CANARIES, read_profile, rehearse
from comity.rehearsal.canary import CANARY_SEEDS


@pytest.mark.parametrize("name", tuple(CANARIES))
def test_a_canary_makes_its_named_checker_fire(name: str) -> None:
    """In one of the first runs; others may fire too. Without the canary none of them does (see `test_seeds`)."""
    canary, profile = CANARIES[name], read_profile("camp-david")
    fired = (canary.check in rehearse(profile, seed, canary=canary).fired for seed in CANARY_SEEDS)
    assert any(fired), canary.story
