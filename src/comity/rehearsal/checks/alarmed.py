"""Alarmed: a node calls about what alarms and nothing else, and who was called is told to nobody else (P90 to P92).

Written from the clauses, over durable bytes. What a node calls about is a call or a FLASH of another party, which is
durable before the note of the step is. When it is told to note it, its own party has not answered, and its author has
not taken it back or put it right in a page before which none is missing. No step is taken twice once it is noted, no
means is said to have ended before its step is noted, and of all that honest nodes wrote nothing of it stands in a
journal that anybody else reads.

A node whose disk lost pages, or was put back, may have forgotten an answer: it is not asked until it starts anew.
"""

import tomllib
from typing import ClassVar, Final

import msgspec

from comity.base.instants import Instant
from comity.base.names import Party
from comity.procedure.entry import Entry
from comity.procedure.registry import encode_entry
from comity.rehearsal.checks.check import Check, Trial
from comity.rehearsal.crew import Crew
from comity.rehearsal.evidence import Reading, Said
from comity.rehearsal.snapshot import Start

__all__ = ["Alarmed"]

NOTES: Final = frozenset({"AlarmEscalated", "CalledOut"})
_PRECEDENCE: Final = 2
"""Where it stands in `MessageSent` and `PhraseSent` (P28, P71)."""
_ROLE: Final = 1
"""Where the role stands in `Acknowledged` and `MessageAcknowledged` (P8, P28)."""


class _Held:
    """What one party's disk holds, as far as the clauses ask."""

    def __init__(self) -> None:
        self.alerts: dict[bytes, Party] = {}
        self.answers: dict[bytes, bytes] = {}
        """Own answers by their id, each with what it answers."""
        self.undone: set[bytes] = set()
        """Own answers that were taken back."""
        self.settled: dict[bytes, list[Said]] = {}
        """What their authors said of alerts later: corrections and withdrawals, by alert."""
        self.numbers: dict[bytes, set[int]] = {}
        """The numbers of the pages held of each journal."""
        self.steps: set[tuple[bytes, int]] = set()

    def is_answered(self, alert: bytes) -> bool:
        return any(alert == about and id_ not in self.undone for id_, about in self.answers.items())

    def is_taken_back(self, alert: bytes) -> bool:
        said = (one for one in self.settled.get(alert, ()) if one.author == self.alerts.get(alert))
        return any(self._is_whole_before(one.page) for one in said)

    def _is_whole_before(self, page: Reading) -> bool:
        """Tell whether every page before one is held: till then it waits, and says nothing."""
        return self.numbers[page.journal] >= set(range(page.header.number))


class Alarmed(Check):
    """See the module."""

    name: ClassVar[str] = "alarmed"

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        policy = tomllib.loads(trial.cast.pact_raw.decode())["policy"]
        self._roles = frozenset(policy["acknowledge"]["roles"])
        self._held = {party: _Held() for party in trial.cast.parties}
        self._forgetful: set[Party] = set()

    def on_start(self, party: Party, start: Start, at: Instant) -> None:
        del at
        self._held[party] = _Held()
        is_whole = not start.lost and not start.may_be_old
        (self._forgetful.discard if is_whole else self._forgetful.add)(party)
        for reading in self.trial.read_disk(party):
            self._take(party, reading)

    def on_durable(self, party: Party, readings: tuple[Reading, ...]) -> None:
        for reading in readings:
            self._take(party, reading)
        if party in self._excused():
            return
        for said in (said for reading in readings if self.trial.is_honest(reading) for said in reading.said):
            alert = _bytes(said.fields[0]) if said.type == "AlarmEscalated" else b""
            if alert and said.author == party and alert not in self._held[party].alerts:
                self.find("of-nothing", party, alert=alert[:8].hex())

    def _excused(self) -> frozenset[Party]:
        """Return the parties that are held to nothing here."""
        return frozenset({*self.trial.liars, *self._forgetful, self.trial.crimes.robbed})

    def _take(self, party: Party, reading: Reading) -> None:
        held, author = self._held[party], reading.header.journal.author
        is_own = author == party and self.trial.is_honest(reading)
        held.numbers.setdefault(reading.journal, set()).add(reading.header.number)
        for said in reading.said:
            match said.type:
                case "ConsultationCalled" if author != party:
                    held.alerts[said.id] = author
                case "MessageSent" | "PhraseSent" if author != party and said.fields[_PRECEDENCE] == "flash":
                    held.alerts[said.id] = author
                case "Acknowledged" | "MessageAcknowledged" if is_own and said.fields[_ROLE] in self._roles:
                    held.answers[said.id] = _bytes(said.fields[0])
                case "CallDeclined" if is_own:
                    held.answers[said.id] = _bytes(said.fields[0])
                case "AcknowledgementWithdrawn" if is_own:
                    held.undone.add(_bytes(said.fields[1]))
                case "EntryCorrected" | "EntryWithdrawn":
                    self._settle(held, said, is_own=is_own)
                case "AlarmEscalated" if is_own:
                    held.steps.add((_bytes(said.fields[0]), int(str(said.fields[1]))))
                case _:
                    pass

    def _settle(self, held: _Held, said: Said, *, is_own: bool) -> None:
        about = _bytes(said.fields[0])
        if is_own:
            held.undone.add(about)
        elif self.trial.is_honest(said.page):
            held.settled.setdefault(about, []).append(said)

    def on_said(self, party: Party, command: int, entries: tuple[Entry, ...], by: Crew) -> None:
        del command
        if party in self._excused():
            return
        for entry in entries:
            type_, *fields = msgspec.msgpack.decode(encode_entry(entry))
            if type_ in NOTES:
                if by:
                    self.find("of-an-officer", party, type=type_)
                self._judge(party, type_, fields)

    def _judge(self, party: Party, type_: str, fields: list[object]) -> None:
        held, alert, step = self._held[party], _bytes(fields[0]), int(str(fields[1]))
        if type_ == "CalledOut":
            if (alert, step) not in held.steps:
                self.find("called-out-of-nothing", party, alert=alert[:8].hex(), step=step)
            return
        what = (
            "answered" if held.is_answered(alert)
            else "taken-back" if held.is_taken_back(alert)
            else "called-twice" if (alert, step) in held.steps
            else ""
        )  # fmt: skip
        if what:
            self.find(what, party, alert=alert[:8].hex(), step=step)

    def finish(self) -> None:
        seen: dict[bytes, Reading] = {}
        for party in self.trial.honest:
            seen |= {reading.digest: reading for reading in self.trial.read_disk(party)}
        for reading in filter(self.trial.is_honest, seen.values()):
            if len(reading.header.journal.audience) == 1:
                continue
            for said in reading.said:
                if said.type in NOTES:
                    self.find("told", said.author, type=said.type, readers=",".join(reading.header.journal.audience))


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes), "an id is bytes"
    return value
