"""Acted: whoever acts for a party may, by the pact, and a node lets nobody act who must not.

Of every page that an honest node wrote: each statement that takes an act is covered by an `ActedBy` in front of it,
whose officers have the act, and are as many as it takes. And of all that officers told an honest node to say: what the
wrong officers said it did not take.
"""

from typing import Any, ClassVar, Final

import msgspec

from comity.base.names import Party, format_digest
from comity.machine.effect import Answer, Effect
from comity.procedure.entry import Entry
from comity.procedure.registry import encode_entry
from comity.rehearsal.checks.check import Check, Trial
from comity.rehearsal.checks.plain_offices import ACTS, Officer, read_plain_offices
from comity.rehearsal.crew import Crew
from comity.rehearsal.evidence import Reading, Said

__all__ = ["ActedRightly"]

_decode: Final = msgspec.msgpack.decode


class ActedRightly(Check):
    """See the module."""

    name: ClassVar[str] = "acted"

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self._offices = read_plain_offices(trial.cast.pact_raw)
        self._wrong: dict[tuple[Party, int], str] = {}

    def on_said(self, party: Party, command: int, entries: tuple[Entry, ...], by: Crew) -> None:
        if party not in self.trial.honest or self._offices is None:
            return
        officers = [Officer(*_decode(msgspec.msgpack.encode(one[0]))) for one in by]
        for entry in entries:
            type_, *fields = _decode(encode_entry(entry))
            if fault := self._offices.find_fault(*_find_effective(type_, fields), officers):
                self._wrong[party, command] = fault

    def on_effect(self, party: Party, effect: Effect) -> None:
        if isinstance(effect, Answer):
            fault = self._wrong.pop((party, effect.command), "")
            if fault and not effect.code:
                self.find("taken", party, fault=fault)

    def finish(self) -> None:
        if self._offices is None:
            return
        seen: dict[bytes, Reading] = {}
        for party in self.trial.honest:
            seen |= {reading.digest: reading for reading in self.trial.read_disk(party)}
        for reading in filter(self.trial.is_honest, seen.values()):
            self._look(reading)

    def _look(self, reading: Reading) -> None:
        assert self._offices is not None
        officers: list[Officer] = []
        last = -1
        for said in reading.said:
            if said.type == "ActedBy":
                officers = [Officer(*row) for row in _list(said.fields[0])]
                last = said.index + int(str(said.fields[1]))
                continue
            acting = officers if said.index <= last else []
            type_, fields = _read(said)
            fault = self._offices.find_fault(type_, fields, acting)
            if acting and type_ not in ACTS:
                fault = "of-no-act"  # this table lacks it, so nothing of it would be judged
            if fault:
                self.find(fault, said.author, type=said.type, entry=format_digest(said.id))


def _read(said: Said) -> tuple[str, list[object]]:
    return _find_effective(said.type, list(said.fields))


def _find_effective(type_: str, fields: list[object]) -> tuple[str, list[object]]:
    """P42: a correction is the act of the entry that it puts in place, where that is one that takes an act."""
    if type_ == "EntryCorrected":
        replacement = fields[2]
        assert isinstance(replacement, bytes)
        other, *rest = _decode(replacement)
        if other in ACTS:
            return other, rest
    return type_, fields


def _list(value: object) -> list[Any]:
    assert isinstance(value, list)
    return value
