"""Real nodes amend a number of the policy while a consultation runs; one gives notice, and the others go on."""

import dataclasses
import time
from pathlib import Path

import pytest

from comity.api.pact_view import find_policy, find_version_of, show_versions
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Digest
from comity.machine.machine import Machine
from comity.node.ceremony import accept_pact, amend_for
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from comity.procedure.withdrawal import WithdrawalNotified, WithdrawalReason
from kit.amending import FOUNDERS, THREE, remove_port_d, set_number
from kit.nodes import CEREMONY, PARTIES, REALM, SUITE, Nodes, accept_all, make_homes, play
from kit.patience import until
from kit.ports import CALL, Ports, amend, make_port_homes

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


def test_the_others_go_on_without_a_party_whose_notice_has_ended(tmp_path: Path) -> None:
    """Without its word. Before the notice ends nothing happens; afterwards nothing is said to it."""
    homes = make_port_homes(tmp_path / "homes")
    ports = Ports(homes, tmp_path)

    async def scene(ports: Ports) -> None:
        await ports.be_in_force()
        (before,) = await ports.say("PORT-A", CALL, to=FOUNDERS)
        await ports.reaches(before, *FOUNDERS)
        await ports.take_version(amend(homes["PORT-A"], remove_port_d), *THREE)
        (heard,) = await ports.say("PORT-A", CALL, to=FOUNDERS)
        await ports.reaches(heard, *FOUNDERS)
        assert {ports[party].machine.versions.current.number for party in FOUNDERS} == {1}
        ends_at = Instant(_now() + 1_000)
        leaves = WithdrawalNotified(WithdrawalReason.NATIONAL_DECISION, ends_at)
        (notice,) = await ports.say("PORT-D", leaves, to=FOUNDERS)
        await ports.reaches(notice, *FOUNDERS)
        await ports.is_in_force(2, *THREE)  # each accepts by itself once the notice has ended by its own clock
        (after,) = await ports.say("PORT-B", CALL, to=THREE)
        await ports.reaches(after, *THREE)
        with pytest.raises(UsageError, match=r"pact\.party-left"):
            await ports.say("PORT-A", CALL, to=FOUNDERS)
        assert not ports.knows("PORT-D", after)
        assert ports.find_standing("PORT-D", before) == "good"
        shown = show_versions(ports["PORT-C"].machine, _now())
        assert [row["waits_for"] for row in shown["versions"]] == [[], []]
        await ports.settle()
        await ports.start()
        await ports.is_in_force(2, *THREE)
        assert not [node.failure for node in ports.nodes.values() if node.failure]

    play(ports, scene)
