"""Twenty random kills of nodes and their servers while a client states things: nothing that was answered is lost."""

import random
import time

import pytest

from comity.base.names import Party
from comity.cli.audit import is_clean, judge_realms
from comity.cli.demo.stage import Stage
from kit.patience import wait
from kit.stage import Teller, kill_server, read_ids

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


def _draw_kills(chance: random.Random, parties: tuple[Party, ...]) -> list[tuple[Party, bool, bool]]:
    """Draw whose turn it is, whether a server's, as often as a node's, and whether it is let come up first.

    One in four dies whatever it is doing, be it half-way through its start. All is drawn before anything runs: how
    often the machine lets something be stated must not decide what is killed.
    """
    half, quarter = KILL_COUNT // 2, KILL_COUNT // 4
    kinds, is_let_come = [True] * half + [False] * half, [False] * quarter + [True] * (KILL_COUNT - quarter)
    chance.shuffle(kinds)
    chance.shuffle(is_let_come)
    return [(chance.choice(parties), *row) for row in zip(kinds, is_let_come, strict=True)]


def _kill_one(stage: Stage, party: Party, *, is_server: bool, is_let_come: bool) -> str:
    """Kill a node, which is started again at once, or a server, if there is one, which its node starts by itself."""
    if is_let_come:
        stage.connect(party).close()
        if is_server:
            wait(lambda: kill_server(stage, party))
            return f"server of {party}"
    elif is_server and kill_server(stage, party):
        return f"server of {party}"
    stage.kill(party)
    stage.start(party)
    return f"node of {party}"


def test_every_statement_that_was_answered_is_in_every_readers_home(stage: Stage) -> None:
    """Nodes and servers die at any instant, of their birth too; each answered id is found in the stores afterwards."""
    chance = random.Random(SEED)
    teller, killed = Teller(stage), []
    with stage.running():
        for party, is_server, is_let_come in _draw_kills(random.Random(SEED), stage.parties):
            _tell_for(teller, chance, chance.uniform(*BETWEEN_KILLS_S))
            killed.append(_kill_one(stage, party, is_server=is_server, is_let_come=is_let_come))
        assert min(sum(what.startswith(kind) for what in killed) for kind in ("server", "node")) > 3, killed
        for party in stage.parties:
            teller.insist(party)
        for party in stage.parties:
            owed = [id_ for id_, _, readers in teller.answered if party in readers]
            wait(lambda party=party, owed=owed: teller.is_at(party, *owed))  # type: ignore[misc]
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
