"""The errand that escalates: it looks what alarms, takes the steps that are due, notes them, and calls out.

Rules
- A step is noted in the party's journal to itself (P91) before anybody is called, and a call-out when it ended (P92).
  So a node that was started anew, killed, or put back goes on where it was: what is noted is not done again, what is
  not noted is.
- Nothing here stops a node or keeps it waiting: whatever fails is an alarm and a line in the log, and is tried again.
- The node's clock is the only one. Whoever answers ends it: no later step, no further attempt.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from comity.base.errors import ComityError, OutageError
from comity.base.instants import Instant
from comity.machine.waiting import Alert, AlertKind
from comity.node.alarm.ladder import Rung, find_called, find_ladder
from comity.node.alarm.lookout import AlertLookout
from comity.node.alarm.notice import Notice
from comity.node.alarm.plan import Callout
from comity.node.alarm.ways import make_call
from comity.node.log import note
from comity.pact.offices import Offices
from comity.procedure.alarm import (
    NO_LOG,
    AlarmEscalated,
    AlarmLog,
    CalledOut,
    Outcome,
    find_due,
    fold_alarm_logs,
)
from comity.procedure.entry import Entry

if TYPE_CHECKING:
    from comity.node.node import Node

__all__ = ["Escalation", "find_alarm_logs", "find_ladder_now"]

PAUSES_S: Final = (2.0, 5.0, 15.0, 45.0, 120.0)
"""Between one attempt and the next; after the last it is given up, and said."""
AT_ONCE: Final = 8
"""Call-outs under way at the same time."""
PAUSE_S: Final = 0.1
"""Between two looks at least: a node that takes in a whole record is not asked at each page."""
LOOK_S: Final = 1.0
"""Between two looks where nothing changed: time alone makes a step due."""

Call = Callable[[Callout, Notice, Path], Awaitable[None]]
Key = tuple[bytes, int, str]


def find_alarm_logs(node: "Node") -> dict[bytes, AlarmLog]:
    """Return what this party's node has noted about each alert."""
    found = node.machine.statements.find(AlarmEscalated, CalledOut)
    return dict(fold_alarm_logs(row for row in found if row.author == node.machine.party))


def find_ladder_now(node: "Node") -> tuple[Rung, ...]:
    """Return the steps by which this node goes now."""
    machine = node.machine
    roles = machine.versions.read_policy(machine.versions.current).acknowledge_roles
    return find_ladder(node.alarm_plan.read(), find_offices(node), roles)


def find_offices(node: "Node") -> Offices | None:
    """Return the pact's table of offices, or None where it has none."""
    terms = node.machine.versions.find_offices(node.machine.parties)
    return None if terms is None else terms.offices


class Escalation:
    """The escalation of one node. `keep` runs as long as the node; `look` is one look."""

    def __init__(self, node: "Node", *, call: Call = make_call, pauses_s: tuple[float, ...] = PAUSES_S) -> None:
        self._node = node
        self._call = call
        self._pauses_s = pauses_s
        self._under_way: dict[Key, asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)
        self._lookout = AlertLookout(node)
        self._complaint = ""
        node.alarm_plan.complain = self._complain

    async def keep(self) -> None:
        """Look at every change and every second, until the node stops."""
        try:
            while self._node.failure is None:
                changed = self._node.changed
                await self._look_safely()
                await asyncio.sleep(PAUSE_S)
                try:
                    async with asyncio.timeout(LOOK_S):
                        await changed.wait()
                except TimeoutError:
                    continue
        finally:
            for task in self._under_way.values():
                task.cancel()

    async def _look_safely(self) -> None:
        try:
            await self.look()
            self._complaint = ""
        except ComityError as error:
            # The disk is full, the pact is not in force yet, the officers' file is damaged: looked at again.
            if error.code != self._complaint:
                self._complaint = error.code
                note("alarm.not-escalated", code=error.code)
        except Exception as error:  # noqa: BLE001 -- an alarm that fails stops no node
            if type(error).__name__ != self._complaint:
                self._complaint = type(error).__name__
                note("alarm.not-escalated", error)

    async def look(self) -> None:
        """Take the steps that are due, and make the call-outs that are not noted.

        Raises:
            ComityError: where a step cannot be noted now.
        """
        node, at = self._node, self._node.now()
        alerts = [alert for alert in self._lookout.read() if alert.sounds]
        self._stop_all_but({alert.id for alert in alerts})
        if not alerts:
            return
        ladder, logs = find_ladder_now(node), find_alarm_logs(node)
        for alert in alerts:
            log = logs.get(alert.id, NO_LOG)
            due = find_due([rung.wait_ms for rung in ladder], log, at=at)
            taken = [self._take_step(alert, ladder[number - 1], number, at) for number in due]
            if taken:
                await node.say((node.machine.party,), tuple(taken))
            for step in (*log.steps, *taken):
                self._call_out(alert, step, log, ladder)

    def _take_step(self, alert: Alert, rung: Rung, number: int, at: Instant) -> AlarmEscalated:
        officers = find_called(rung, self._node.officers.read(), find_offices(self._node), at=at)
        return AlarmEscalated(alert.id, number, rung.roles, officers, at)

    def _call_out(self, alert: Alert, step: AlarmEscalated, log: AlarmLog, ladder: tuple[Rung, ...]) -> None:
        plan, folder = self._node.alarm_plan.read(), self._node.alarm_plan.folder
        callouts = ladder[step.step - 1].callouts if step.step <= len(ladder) else ()
        for name in callouts:
            key, row = (bytes(alert.id), step.step, name), plan.find_callout(name)
            if row is None or folder is None or key in self._under_way or log.find_callout(step.step, name):
                continue
            notice = self._make_notice(alert, step)
            self._under_way[key] = asyncio.get_running_loop().create_task(self._try(row, notice, folder, key))

    def _make_notice(self, alert: Alert, step: AlarmEscalated) -> Notice:
        machine, kind = self._node.machine, "call" if alert.kind is AlertKind.CALL else "flash"
        key = f"{alert.id.hex()[:16]}-{step.step}"
        return Notice(machine.party, machine.setup.pins.realm, kind, Instant(step.called_at), step.step, key,
                      step.roles, step.officers)  # fmt: skip

    async def _try(self, row: Callout, notice: Notice, folder: Path, key: Key) -> None:
        """Call out until it is taken or given up; what came of it is noted."""
        outcome, count = Outcome.FAILED, 0
        for pause_s in (*self._pauses_s, None):
            count += 1
            try:
                async with self._room:
                    await self._call(row, notice, folder)
            except OutageError as error:
                note("callout.failed", callout=row.name, why=str(error.details.get("why", ""))[:120], attempt=count)
            except Exception as error:  # noqa: BLE001 -- whatever a way does, it stops no node
                note("callout.failed", error, callout=row.name, attempt=count)
            else:
                outcome = Outcome.SENT
                break
            if count == 1 or pause_s is None:
                self._node.raise_alarm("alarm.callout-failed", {"callout": row.name, "attempt": count})
            if pause_s is not None:
                await asyncio.sleep(pause_s)
        await self._note(CalledOut(key[0], key[1], key[2], outcome, count, self._node.now()))

    async def _note(self, entry: Entry) -> None:
        """State what became of a call-out; where that cannot be stored now, as soon as it can."""
        while self._node.failure is None:
            try:
                await self._node.say((self._node.machine.party,), (entry,))
            except ComityError as error:
                note("alarm.not-noted", code=error.code)
                await asyncio.sleep(LOOK_S)
            else:
                return

    def _stop_all_but(self, alerts: set[bytes]) -> None:
        """Forget what was answered: no further attempt. What is done stays known until its note can be read."""
        for key, task in list(self._under_way.items()):
            if key[0] in alerts:
                continue
            task.cancel()
            del self._under_way[key]

    def _complain(self, why: str) -> None:
        note("callout.plan-malformed")
        self._node.raise_alarm("alarm.plan-malformed", {"why": why[:120]})
