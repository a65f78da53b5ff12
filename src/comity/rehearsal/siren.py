"""A node's alarm on virtual time: whom it calls while nobody answers, and what became of its call-outs (P90 to P92).

As the live node's errand: it looks now and then what alarms, notes the steps that are due, and then what came of each
means. What is noted stands in the party's own journal and nowhere else, so a node that crashed, or was put back, goes
on by what it finds there. Nothing here repeats a word that was not answered: it looks anew what alarms then.
"""

import random
from dataclasses import dataclass, field
from typing import Final

from comity.base.instants import MINUTE_MS, SECOND_MS
from comity.machine.waiting import Alert, find_alerts
from comity.procedure.alarm import NO_LOG, AlarmEscalated, AlarmLog, CalledOut, Outcome, find_due, fold_alarm_logs
from comity.procedure.entry import Entry
from comity.rehearsal.chance import spread
from comity.rehearsal.desk import Desk

__all__ = ["Siren"]

LOOK_MS: Final = 10 * SECOND_MS
WAITS_MS: Final = (0, MINUTE_MS, 4 * MINUTE_MS, 9 * MINUTE_MS)
MEANS: Final = ("mail", "pager")
FIRST_COMMAND: Final = 1_000_000_000
"""Nobody waits for the answers to these: officers count from one."""
Key = tuple[bytes, int, str]


@dataclass(slots=True)
class Siren:
    """One party's."""

    desk: Desk
    chance: random.Random
    _command: int = FIRST_COMMAND
    _life: int = 0
    _under_way: set[Key] = field(default_factory=set)

    def watch(self) -> None:
        """Look now and then, as long as the officers are there."""
        self.desk.stage.agenda.after(LOOK_MS, self._look)

    def _look(self) -> None:
        desk, station = self.desk, self.desk.station
        if not desk.is_open:
            return
        self.watch()
        if not station.is_up or not desk.machine.is_in_force:
            return
        if station.life != self._life:
            self._life = station.life
            self._under_way.clear()
        logs = fold_alarm_logs(row for row in desk.machine.statements.find(AlarmEscalated, CalledOut)
                               if row.author == desk.party)  # fmt: skip
        for alert in find_alerts(desk.machine, desk.now):
            if alert.sounds and station.is_up:
                self._escalate(alert, logs.get(alert.id, NO_LOG))

    def _escalate(self, alert: Alert, log: AlarmLog) -> None:
        roles = tuple(sorted(self.desk.machine.setup.pact.policy.acknowledge.roles))
        for step in find_due(WAITS_MS, log, at=self.desk.now):
            if (alert.id, step, "") not in self._under_way:
                self._under_way.add((alert.id, step, ""))
                self._note(AlarmEscalated(alert.id, step, roles[:64], ("duty-1",), self.desk.now))
        for taken in log.steps:
            for means in MEANS:
                if log.find_callout(taken.step, means) is None:
                    self._call_out((alert.id, taken.step, means))

    def _call_out(self, key: Key) -> None:
        if key in self._under_way:
            return
        self._under_way.add(key)
        outcome = self.chance.choice((Outcome.SENT, Outcome.SENT, Outcome.FAILED))
        count, delay_ms = self.chance.randint(1, 5), spread(self.chance, SECOND_MS, MINUTE_MS)
        life = self._life

        def end() -> None:
            station = self.desk.station
            if station.is_up and station.life == life and self.desk.is_open:
                self._note(CalledOut(*key, outcome, count, self.desk.now))

        self.desk.stage.agenda.after(delay_ms, end)

    def _note(self, entry: Entry) -> None:
        self._command += 1
        self.desk.station.say(self._command, (self.desk.party,), (entry,), by=())
