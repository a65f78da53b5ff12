"""After a whole run with faults the audit shows of every node's pages what that node shows."""

import pytest

from comity.rehearsal.canary import NO_CANARY
from comity.rehearsal.cast import read_profile
from comity.rehearsal.checks.second_look import find_differences
from comity.rehearsal.log import Log
from comity.rehearsal.play import DRAWN, get_play
from comity.rehearsal.run import Run, find_rates
from comity.rehearsal.stage import Stage


def run(seed: int) -> Stage:
    """The stage after a drawn play with that seed's faults."""
    play = get_play(DRAWN)
    held = Run(
        play, read_profile("camp-david"), seed, rates=find_rates(play, seed, NO_CANARY), canary=NO_CANARY, log=Log(None)
    )
    for _ in held.steps():
        pass
    return held._stage


@pytest.mark.parametrize("seed", range(3))
def test_the_audit_of_a_nodes_pages_shows_what_the_node_shows(seed: int) -> None:
    """Each object with its cells, each duty, each miss: on every node, from its own disk and keys alone."""
    stage = run(seed)
    for station in stage.stations.values():
        pages = [page.raw for page in station.disk.pages]
        assert list(find_differences(station.machine, pages, as_of=stage.now)) == []


def test_a_page_less_is_another_record() -> None:
    """The comparison sees what it compares: without one party's statements the two no longer agree."""
    stage = run(1)
    station = stage.stations[stage.cast.parties[0]]
    pages = [page.raw for page in station.disk.pages][:-40]
    assert list(find_differences(station.machine, pages, as_of=stage.now))
