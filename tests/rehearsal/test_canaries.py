"""Each checker is made to fire by the deliberate break of one real rule."""

import pytest

from comity.rehearsal import CANARIES, read_profile, rehearse
from comity.rehearsal.checks import SAYS


@pytest.mark.parametrize("name", tuple(CANARIES))
def test_a_canary_makes_its_named_checker_fire(name: str) -> None:
    """Others may fire too; without the canary none of them does (see `test_seeds`)."""
    canary = CANARIES[name]
    outcome = rehearse(read_profile("camp-david"), 3, canary=canary)
    assert canary.check in outcome.fired, (canary.story, outcome.violations[:3])


def test_every_checker_has_a_canary_and_so_has_what_the_audit_shows_otherwise() -> None:
    """Whoever adds a checker has to show that it fires; `stuck` is the bound that all has to arrive within."""
    caught = {canary.check for canary in CANARIES.values()}
    assert {check.partition(".")[0] for check in caught} == {*SAYS, "stuck"}
    parts = {check for check in caught if check.startswith("same-verdict.")}
    assert parts == {f"same-verdict.{part}" for part in ("views-differ", "audit", "audit-shows-another")}


def test_without_a_canary_the_same_seed_is_clean() -> None:
    """The break is what makes them fire, and nothing else of that seed."""
    assert rehearse(read_profile("camp-david"), 3).fired == frozenset()
