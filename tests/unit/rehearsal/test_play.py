"""Which plays and canaries there are, and how one asks for them."""

import pytest

from comity.base.errors import UsageError
from comity.procedure.timeline import SAYS as STATEMENTS_SAY
from comity.rehearsal.canary import CANARIES, get_canary
from comity.rehearsal.cast import read_profile
from comity.rehearsal.checks import CHECKS, SAYS
from comity.rehearsal.log import SAYS as ROWS_SAY
from comity.rehearsal.play import PLAYS, get_play
from comity.rehearsal.rehearse import rehearse
from comity.rehearsal.twin import NAME as NOTHING_SHOWS


def test_unknown_names_are_refused_with_codes_that_name_what_there_is() -> None:
    """A typing mistake costs one look at the hint."""
    with pytest.raises(UsageError) as play:
        get_play("camp-davd")
    with pytest.raises(UsageError) as canary:
        get_canary("ping")
    assert (play.value.code, canary.value.code) == ("rehearsal.play-unknown", "rehearsal.canary-unknown")
    assert play.value.details["known"] == ",".join(PLAYS)
    assert canary.value.details["known"] == ",".join(CANARIES)


def test_a_written_play_is_refused_to_other_parties() -> None:
    """It names its parties; `drawn` fits any pact."""
    with pytest.raises(UsageError) as caught:
        rehearse(read_profile("harbour-aid"), 1, play="camp-david")
    assert caught.value.code == "rehearsal.play-unfit"


def test_every_checker_has_its_canary_and_its_sentence() -> None:
    """A checker that nothing can make fire proves nothing; `stuck` is the bound that all has to arrive within."""
    names = {NOTHING_SHOWS, *(check.name for check in CHECKS)}
    caught = {canary.check for canary in CANARIES.values()}
    assert {check.partition(".")[0] for check in caught} == {*names, "stuck"}
    parts = ("views-differ", "audit", "audit-shows-another")
    assert {check for check in caught if "." in check} == {f"same-verdict.{part}" for part in parts}
    assert set(SAYS) == names
    assert all(canary.story for canary in CANARIES.values())


def test_rows_of_statements_and_of_faults_have_wordings_of_their_own() -> None:
    """No code stands in both catalogues."""
    assert not set(ROWS_SAY) & set(STATEMENTS_SAY)
    assert all(code.startswith("rehearsal.") for code in ROWS_SAY)


def test_a_play_that_can_be_shortened_is_short_in_many_seeds_and_whole_in_others() -> None:
    """A written play is always played whole."""
    shares = {get_play("drawn").draw_share(seed) for seed in range(40)}
    assert 1.0 in shares
    assert min(shares) < 0.5
    assert {get_play("camp-david").draw_share(seed) for seed in range(40)} == {1.0}
