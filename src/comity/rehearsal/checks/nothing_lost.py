"""Nothing lost: every entry that was answered as stored is on every reader's disk at the end, and on its screen."""

from typing import ClassVar

from comity.base.names import Party, format_digest
from comity.machine.effect import Answer, Effect
from comity.rehearsal.checks.check import Check, Trial
from comity.rehearsal.evidence import Said

__all__ = ["NothingLost"]


class NothingLost(Check):
    """See the module."""

    name: ClassVar[str] = "nothing-lost"

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self._answered: list[tuple[Party, bytes]] = []

    def on_effect(self, party: Party, effect: Effect) -> None:
        if isinstance(effect, Answer) and party in self.trial.honest:
            self._answered += [(party, id_) for id_ in effect.ids]

    def finish(self) -> None:
        held: dict[Party, dict[bytes, Said]] = {
            party: {said.id: said for reading in self.trial.read_disk(party) for said in reading.said}
            for party in self.trial.honest
        }
        shown = {
            party: {stated.id for stated in station.machine.statements.all}
            for party, station in self.trial.stations.items()
            if party in held
        }
        for author, id_ in self._answered:
            said = next((rows[id_] for rows in held.values() if id_ in rows), None)
            if said is None:
                self.find("nowhere", author, entry=format_digest(id_))
                continue
            for reader in said.page.header.journal.audience:
                if reader not in held:
                    continue
                if id_ not in held[reader]:
                    self.find("not-stored", reader, author=author, type=said.type, entry=format_digest(id_))
                elif id_ not in shown[reader]:
                    self.find("not-shown", reader, author=author, type=said.type, entry=format_digest(id_))
