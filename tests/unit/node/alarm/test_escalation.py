"""A node that calls one officer after the other while nobody answers, on a clock that the test sets (P90 to P92)."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.base.errors import OutageError
from comity.base.instants import MINUTE_MS
from comity.node.alarm.escalation import Escalation, find_alarm_logs
from comity.node.alarm.notice import Notice
from comity.node.alarm.plan import ALARM_FILE, Callout, PlanBook
from comity.node.node import Node
from comity.procedure.alarm import AlarmEscalated, AlarmLog, CalledOut, Outcome
from comity.procedure.call import ConsultationCalled
from comity.procedure.correction import CorrectionReason, EntryWithdrawn
from comity.procedure.fields import Level, Precedence
from comity.procedure.hotline import MessageAcknowledged, MessageSent
from comity.procedure.threat import ThreatKind
from kit.nodes import AllAccepted, Nodes, play
from kit.patience import until
from kit.releasing import open_text

PLAN = """
[[step]]
after_s = 0
roles = ["watch-officer"]
callouts = ["pager"]
[[step]]
after_s = 120
roles = ["director"]
callouts = ["pager"]
[[callout]]
name = "pager"
kind = "command"
argv = ["/never/run"]
"""


def _flash(precedence: Precedence = Precedence.FLASH) -> MessageSent:
    return MessageSent("hotline.nsc", Level.WATCH, precedence, (), (), open_text("JPN"))


@pytest.fixture(scope="module")
def accepted(accepted_with_offices: AllAccepted) -> AllAccepted:
    """Parties under a pact that asks for officers."""
    return accepted_with_offices


class _Night:
    """One node's night: its clock is moved by hand, its pager is a list, which fails as often as is wished."""

    def __init__(self, nodes: Nodes, folder: Path) -> None:
        self.nodes = nodes
        self.folder = folder
        self.minutes = 0
        self.paged: list[Notice] = []
        self.failures = 0
        (folder / ALARM_FILE).write_text(PLAN)
        self.begin()

    @property
    def node(self) -> Node:
        return self.nodes["USA"]

    def begin(self) -> None:
        """Give the node that runs now its clock and its plan, and begin to escalate."""
        self.node._clock = lambda: time.time_ns() // 1_000_000 + self.minutes * MINUTE_MS
        self.node.alarm_plan = PlanBook(self.folder)
        self.escalation = Escalation(self.node, call=self._page, pauses_s=(0.0, 0.0))

    async def _page(self, row: Callout, notice: Notice, folder: Path) -> None:
        assert (row.name, folder) == ("pager", self.folder)
        if self.failures:
            self.failures -= 1
            raise OutageError("callout.failed", why="it is broken")
        self.paged.append(notice)

    async def look(self) -> None:
        """Look once, and let what was begun end."""
        await self.escalation.look()
        await asyncio.gather(*self.escalation._under_way.values(), return_exceptions=True)

    def find_log(self, id_: bytes) -> AlarmLog:
        return find_alarm_logs(self.node).get(id_, AlarmLog())

    def find_steps(self, id_: bytes) -> list[int]:
        return [step.step for step in self.find_log(id_).steps]


def _play(accepted: AllAccepted, tmp_path: Path, scene: Callable[["_Night"], "asyncio.Future[None] | object"]) -> None:
    async def run(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await scene(_Night(nodes, tmp_path))  # type: ignore[misc]

    play(Nodes(accepted, tmp_path), run)


def test_it_climbs_until_somebody_answers(accepted: AllAccepted, tmp_path: Path) -> None:
    """At once, then after two minutes; an acknowledgement ends it. Every step stands in the party's own journal."""

    async def scene(night: _Night) -> None:
        (id_,) = await night.nodes.say("JPN", _flash())
        await night.nodes.reaches(id_, "USA")
        for minutes, steps in ((0, [1]), (1, [1]), (2, [1, 2]), (90, [1, 2])):
            night.minutes = minutes
            await night.look()
            assert night.find_steps(id_) == steps
        assert [step.roles for step in night.find_log(id_).steps] == [("watch-officer",), ("director",)]
        assert [notice.step for notice in night.paged] == [1, 2]
        assert {(row.outcome, row.attempt_count) for row in night.find_log(id_).callouts} == {(Outcome.SENT, 1)}
        for type_ in (AlarmEscalated, CalledOut):
            assert {row.audience for row in night.node.machine.statements.find(type_)} == {("USA",)}
            assert night.nodes["JPN"].machine.statements.find(type_) == ()
        (second,) = await night.nodes.say("JPN", _flash())
        await night.nodes.reaches(second, "USA")
        await night.look()
        await night.nodes.say("USA", MessageAcknowledged(second, "watch-officer", "USA-operator"))
        night.minutes = 180
        await night.look()
        assert night.find_steps(second) == [1]

    _play(accepted, tmp_path, scene)


def test_what_leaves_says_nothing_of_what_waits(accepted: AllAccepted, tmp_path: Path) -> None:
    """Party, realm, kind, hour, step; EXERCISE in three languages; no sender, no text, no name (law 2)."""

    async def scene(night: _Night) -> None:
        (id_,) = await night.nodes.say("JPN", _flash())
        await night.nodes.reaches(id_, "USA")
        await night.look()
        (notice,) = night.paged
        said = notice.encode(has_officers=False).decode()
        for word in ("EXERCISE EXERCISE EXERCISE", "演習", "연습", "USA", "exercise/nodes", "FLASH"):
            assert word in said
        for word in ("JPN", "played", "hotline", "watch-officer", id_.hex()):
            assert word not in said
        assert "watch-officer" in notice.encode(has_officers=True).decode()

    _play(accepted, tmp_path, scene)


def test_what_was_taken_back_or_is_less_wakes_nobody(accepted: AllAccepted, tmp_path: Path) -> None:
    """A FLASH withdrawn before the next step takes none; IMMEDIATE never does; a call does as a FLASH does."""

    async def scene(night: _Night) -> None:
        (lesser,) = await night.nodes.say("JPN", _flash(Precedence.IMMEDIATE))
        (wrong,) = await night.nodes.say("JPN", _flash())
        call = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
        (called,) = await night.nodes.say("JPN", call)
        await night.nodes.reaches(called, "USA")
        await night.look()
        (taken_back,) = await night.nodes.say("JPN", EntryWithdrawn(wrong, CorrectionReason.MISTAKE))
        await night.nodes.reaches(taken_back, "USA")
        night.minutes = 5
        await night.look()
        assert [night.find_steps(one) for one in (lesser, wrong, called)] == [[], [1], [1, 2]]
        assert [notice.kind for notice in night.paged] == ["flash", "call", "call"]

    _play(accepted, tmp_path, scene)


def test_a_new_start_goes_on_where_it_was(accepted: AllAccepted, tmp_path: Path) -> None:
    """What is noted is not done again; what was not noted is; what came due while the node was down is due at once."""

    async def scene(night: _Night) -> None:
        (id_,) = await night.nodes.say("JPN", _flash())
        await night.nodes.reaches(id_, "USA")
        await night.look()
        await night.nodes.stop("USA")
        await night.nodes.start("USA")
        night.begin()
        night.minutes = 1
        await night.look()
        assert (night.find_steps(id_), len(night.paged)) == ([1], 1)
        # Killed between the note of a step and its call-out: the step stands, and the call-out is made.
        step = AlarmEscalated(id_, 2, ("director",), (), night.node.now())
        await night.node.say(("USA",), (step,))
        await night.nodes.stop("USA")
        await night.nodes.start("USA")
        night.begin()
        await night.look()
        assert [notice.step for notice in night.paged] == [1, 2]
        (late,) = await night.nodes.say("JPN", _flash())
        await night.nodes.reaches(late, "USA")
        await night.look()
        await night.nodes.stop("USA")
        await night.nodes.start("USA")
        night.begin()
        night.minutes = 30
        await night.look()
        assert night.find_steps(late) == [1, 2]

    _play(accepted, tmp_path, scene)


@pytest.mark.parametrize(("failures", "outcome", "count"), [(2, Outcome.SENT, 3), (3, Outcome.FAILED, 3)])
def test_what_fails_is_tried_again_and_said(
    accepted: AllAccepted, tmp_path: Path, failures: int, outcome: Outcome, count: int
) -> None:
    """So often, then it is given up: noted, an alarm of the node, and the ladder goes on all the same."""

    async def scene(night: _Night) -> None:
        night.failures = failures
        (id_,) = await night.nodes.say("JPN", _flash())
        await night.nodes.reaches(id_, "USA")
        await night.look()
        (row,) = night.find_log(id_).callouts
        assert (row.outcome, row.attempt_count) == (outcome, count)
        raised = [alarm for alarm in night.node.alarms if alarm.code == "alarm.callout-failed"]
        assert [alarm.details["attempt"] for alarm in raised] == ([1] if outcome is Outcome.SENT else [1, 3])
        night.minutes = 2
        await night.look()
        assert night.find_steps(id_) == [1, 2]
        assert night.node.failure is None

    _play(accepted, tmp_path, scene)


def test_the_errand_lives_by_itself_and_no_fault_ends_it(accepted: AllAccepted, tmp_path: Path) -> None:
    """It looks when something comes; a damaged roster or plan delays it and stops no node."""

    async def scene(night: _Night) -> None:
        night.node.spawn(night.escalation.keep())
        (tmp_path / ALARM_FILE).write_text("broken =")
        (id_,) = await night.nodes.say("JPN", _flash())
        await until(lambda: night.find_steps(id_) == [1])
        assert night.node.failure is None
        assert [alarm.code for alarm in night.node.alarms].count("alarm.plan-malformed") == 1
        night.escalation.look = _fail  # type: ignore[method-assign]
        await asyncio.sleep(0)
        (other,) = await night.nodes.say("JPN", _flash())
        await night.nodes.reaches(other, "USA")
        assert night.node.failure is None

    _play(accepted, tmp_path, scene)


async def _fail() -> None:
    raise ZeroDivisionError
