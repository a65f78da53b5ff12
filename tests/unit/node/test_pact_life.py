"""Real nodes amend a number of the policy while a consultation runs, and one of them gives notice."""

import dataclasses
import time
from pathlib import Path

from comity.api.pact_view import find_policy, find_version_of, show_versions
from comity.base.instants import Instant
from comity.base.names import Digest
from comity.machine.machine import Machine
from comity.node.ceremony import accept_pact, amend_for
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from comity.procedure.withdrawal import WithdrawalNotified, WithdrawalReason
from kit.amending import set_number
from kit.nodes import CEREMONY, PARTIES, REALM, SUITE, Nodes, accept_all, make_homes, play, until

NUMBER = 61_000


def _now() -> Instant:
    return Instant(time.time_ns() // 1_000_000)


def _call(case: str) -> ConsultationCalled:
    return ConsultationCalled(case, Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("KOR", "USA"))


def _judge(machine: Machine) -> dict[Digest, tuple[int, int]]:
    """The version and its time to acknowledge, by consultation."""
    scopes = {Digest(scope.ref): scope for scope in machine.record.list_scopes("consultation")}
    return {
        ref: (find_version_of(machine, scope).number, find_policy(machine, scope).acknowledge_within_ms)
        for ref, scope in scopes.items()
    }


def test_a_pact_is_amended_while_a_consultation_runs(tmp_path: Path) -> None:
    """One node after the other starts with the new file: what was called before stays under the old number."""
    homes = make_homes(tmp_path / "homes")
    nodes = Nodes(accept_all(homes), tmp_path)
    for party in PARTIES:
        (tmp_path / party).mkdir()

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        before = nodes["JPN"].machine.policy.acknowledge_within_ms
        assert before != NUMBER
        (first,) = await nodes.say("JPN", _call("C1"))
        await nodes.reaches(first, *PARTIES)
        text = nodes.accepted["JPN"].pact_raw.decode()
        edited = set_number("policy.acknowledge.within_ms", NUMBER)(text).encode()
        raw = amend_for(homes["JPN"], edited, realm=REALM, suite=SUITE)
        for party in PARTIES:
            await nodes.stop(party)
            held = accept_pact(homes[party], raw, realm=REALM, at=_now(), suite=SUITE, ceremony=CEREMONY)
            nodes.accepted[party] = dataclasses.replace(held, path=nodes.accepted[party].path)
            await nodes.start(party)
        await until(lambda: all(node.machine.versions.current.number == 2 for node in nodes.nodes.values()))
        (second,) = await nodes.say("JPN", _call("C2"))
        await nodes.reaches(second, *PARTIES)
        for node in nodes.nodes.values():
            assert _judge(node.machine) == {first: (1, before), second: (2, NUMBER)}
        (notice,) = await nodes.say("KOR", WithdrawalNotified(WithdrawalReason.UNSTATED, _now()))
        await nodes.reaches(notice, *PARTIES)
        for node in nodes.nodes.values():
            shown = show_versions(node.machine, _now())["withdrawals"]
            assert [(row["party"], row["id"]) for row in shown] == [("KOR", notice.hex())]

    play(nodes, scene)
