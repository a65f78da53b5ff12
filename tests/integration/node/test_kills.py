"""Twenty random kills of nodes and their servers while a client states things: nothing that was answered is lost."""

import random
import time

import pytest

from comity.cli.audit import is_clean, judge_realms
from comity.cli.demo.stage import Stage
from kit.stage import Teller, kill_server, read_ids, wait

pytestmark = pytest.mark.server

KILL_COUNT = 20
SEED = 23
BETWEEN_KILLS_S = (0.1, 1.2)
ANSWERED_COUNT_MIN = 3
"""Statements answered between two kills, however busy the machine."""
AUDIENCES = ((), (), ("JPN", "KOR"), ("KOR", "USA"), ("JPN", "USA"))


def _tell_for(teller: Teller, chance: random.Random, span_s: float) -> None:
    """State things at whichever node answers, to all or to a pair, for a while, and until some were answered."""
    until, owed_count = time.monotonic() + span_s, len(teller.answered) + ANSWERED_COUNT_MIN
    while time.monotonic() < until or len(teller.answered) < owed_count:
        party = chance.choice(teller.stage.parties)
        audience = chance.choice(AUDIENCES)
        if audience and party not in audience:
            continue
        if not teller.state(party, *audience):
            time.sleep(0.02)


def _kill_one(stage: Stage, chance: random.Random) -> str:
    """Kill a node, which is started again at once, or a server, which its node starts again by itself.

    One in four dies whatever it is doing, be it half-way through its start; the others are let come up first.
    """
    party = chance.choice(stage.parties)
    if chance.random() < 0.75:
        stage.connect(party).close()
    if chance.random() < 0.5 and kill_server(stage, party):
        return f"server of {party}"
    stage.kill(party)
    stage.start(party)
    return f"node of {party}"


def test_every_statement_that_was_answered_is_in_every_readers_home(stage: Stage) -> None:
    """Nodes and servers die at any instant, of their birth too; each answered id is found in the stores afterwards."""
    chance = random.Random(SEED)
    teller, killed = Teller(stage), []
    with stage.running():
        for _ in range(KILL_COUNT):
            _tell_for(teller, chance, chance.uniform(*BETWEEN_KILLS_S))
            killed.append(_kill_one(stage, chance))
        assert min(sum(what.startswith(kind) for what in killed) for kind in ("server", "node")) > 3, killed
        for party in stage.parties:
            teller.insist(party)
        for party in stage.parties:
            owed = [id_ for id_, _, readers in teller.answered if party in readers]
            wait(lambda party=party, owed=owed: teller.is_at(party, *owed), within_s=30)  # type: ignore[misc]
            assert teller.status(party)["stopped_by"] == ""
        time.sleep(2.5)  # every reader signs the last heads
    assert len(teller.answered) >= KILL_COUNT * ANSWERED_COUNT_MIN
    assert teller.outage_count > 0, "no kill was ever noticed"
    for party in stage.parties:
        promised = {id_ for id_, _, readers in teller.answered if party in readers}
        hidden = {id_ for id_, _, readers in teller.answered if party not in readers}
        held = read_ids(stage, party)
        assert promised <= held, f"{party} lacks {len(promised - held)} statements after {killed}"
        assert not hidden & held
    report, _ = judge_realms([stage.realm_path(party) for party in stage.parties], is_open=True)
    assert is_clean(report), [finding.code for finding in report.findings]
