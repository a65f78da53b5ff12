"""Realm: no page of another realm, pact or lineage is ever stored or sent, though such pages come to the door."""

from typing import ClassVar

from comity.base.names import Party
from comity.machine.effect import Effect, Publish
from comity.rehearsal.checks.check import Check
from comity.rehearsal.evidence import Reading

__all__ = ["RealmApart"]


class RealmApart(Check):
    """See the module."""

    name: ClassVar[str] = "realm"

    def on_durable(self, party: Party, readings: tuple[Reading, ...]) -> None:
        for reading in readings:
            if not self.trial.crimes.has_forgeries or self.trial.is_honest(reading):
                self._look(party, reading, "stored")

    def on_effect(self, party: Party, effect: Effect) -> None:
        if isinstance(effect, Publish) and party in self.trial.honest:
            self._look(party, self.trial.evidence.read(effect.raw), "sent")

    def _look(self, party: Party, reading: Reading, what: str) -> None:
        pins, header = self.trial.cast.pins, reading.header
        named = (header.journal.realm, header.journal.lineage, header.pact)
        if named != (pins.realm, pins.lineage, self.trial.cast.digest):
            self.find(what, party, realm=header.journal.realm, author=header.journal.author)
