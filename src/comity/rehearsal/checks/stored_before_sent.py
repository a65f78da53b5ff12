"""Stored before sent: nothing is published, acknowledged, answered or signed for before it is durable."""

from typing import ClassVar

from comity.base.names import Party, format_digest
from comity.journal.ledger import Verdict
from comity.machine.effect import Acknowledge, Answer, Effect, Publish
from comity.rehearsal.checks.check import Check, Trial
from comity.rehearsal.evidence import Reading

__all__ = ["StoredBeforeSent"]


class StoredBeforeSent(Check):
    """See the module."""

    name: ClassVar[str] = "stored-before-sent"

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self._pages: dict[Party, set[bytes]] = {party: set() for party in trial.cast.parties}
        self._entries: dict[Party, set[bytes]] = {party: set() for party in trial.cast.parties}
        self._deliveries: dict[int, bytes] = {}

    def on_durable(self, party: Party, readings: tuple[Reading, ...]) -> None:
        for reading in readings:
            self._pages[party].add(reading.digest)
            self._entries[party].update(said.id for said in reading.said)

    def on_arrived(self, party: Party, raw: bytes, delivery: int) -> None:
        del party
        if delivery:
            self._deliveries[delivery] = self.trial.evidence.read(raw).digest

    def on_effect(self, party: Party, effect: Effect) -> None:
        durable = self._pages[party]
        if party in self.trial.liars:
            return
        match effect:
            case Publish():
                reading = self.trial.evidence.read(effect.raw)
                if reading.digest not in durable:
                    self.find("published", party, page=format_digest(reading.digest))
                # A robbed party sends the thief's pages on, and has not signed for what they name.
                is_forged = reading.digest in self.trial.crimes.forged
                for _, number, page in reading.header.seen if not is_forged else ():
                    if page not in durable:
                        self.find("signed-for", party, page=format_digest(page), number=number)
            case Acknowledge(verdict=Verdict.ACCEPTED | Verdict.DUPLICATE):
                page = self._deliveries[effect.delivery]
                if page not in durable:
                    self.find("acknowledged", party, page=format_digest(page), verdict=effect.verdict.value)
            case Answer():
                for id_ in effect.ids:
                    if id_ not in self._entries[party]:
                        self.find("answered", party, entry=format_digest(id_))
            case _:
                pass
