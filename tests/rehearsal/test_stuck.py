"""Who is stuck on what: a word under a stolen key is not the word of the party that was robbed."""

from comity.rehearsal.canary import NO_CANARY
from comity.rehearsal.cast import read_profile
from comity.rehearsal.log import Log
from comity.rehearsal.play import DRAWN, get_play
from comity.rehearsal.run import Run, find_rates
from comity.rehearsal.stuck import find_stuck


def test_a_receipt_that_a_thief_signed_is_none() -> None:
    """The same run is looked at twice: the second time, all that JPN signed for, a thief signed for instead."""
    play = get_play(DRAWN)
    run = Run(
        play, read_profile("camp-david"), 1, rates=find_rates(play, 1, NO_CANARY), canary=NO_CANARY, log=Log(None)
    )
    for _ in run.steps():
        pass
    trial, desks = run._trial, run._desks
    assert find_stuck(trial, desks) == ()
    own = (page for page in trial.read_disk("JPN") if page.header.journal.author == "JPN")
    trial._written.difference_update(page.digest for page in own if page.header.seen)
    assert {(row.party, row.what) for row in find_stuck(trial, desks)} >= {("JPN", "receipt")}
