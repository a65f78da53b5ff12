"""Gone: what a party certified as destroyed is not in its cabinet, neither blob nor key, then or ever after.

Looked at when the certificate becomes durable, and in the end; a cabinet that came up older may hold it again for as
long as its node has not read its own certificate. And who answered a recall with *destroyed* certified it before.
"""

from typing import ClassVar

from comity.base.names import Digest, Party, format_digest
from comity.rehearsal.checks.check import Check
from comity.rehearsal.evidence import Reading, Said

__all__ = ["GoneIsGone"]


class GoneIsGone(Check):
    """See the module."""

    name: ClassVar[str] = "gone"

    def on_durable(self, party: Party, readings: tuple[Reading, ...]) -> None:
        for reading in readings:
            is_own = reading.header.journal.author == party and self.trial.is_honest(reading)
            for said in reading.said if is_own and not self.trial.stations[party].cabinet.is_restored else ():
                if said.type == "ItemDestroyed":
                    self._look(party, said)

    def finish(self) -> None:
        for party in self.trial.honest:
            own = [
                said
                for reading in self.trial.read_disk(party)
                if reading.header.journal.author == party and self.trial.is_honest(reading)
                for said in reading.said
            ]
            certificates = [said for said in own if said.type == "ItemDestroyed"]
            for said in certificates:
                self._look(party, said)
            for said in own:
                if said.type == "RecallReplied" and said.fields[2] == "destroyed":
                    self._look_at_answer(party, said, certificates)

    def _look(self, party: Party, certificate: Said) -> None:
        cabinet = self.trial.stations[party].cabinet
        blobs = certificate.fields[1]
        assert isinstance(blobs, list)
        for blob in blobs:
            if cabinet.has_any_of(Digest(blob)):
                self.find("still-here", party, blob=format_digest(blob))

    def _look_at_answer(self, party: Party, answer: Said, certificates: list[Said]) -> None:
        """R48: it names a certificate of this item, stated before it in the same journal."""
        journal = answer.page.header.journal
        named = answer.fields[5]
        assert isinstance(named, list)
        good = [
            said
            for said in certificates
            if said.id in named
            and said.fields[0] == answer.fields[0]
            and said.page.header.journal.audience == journal.audience
            and (said.page.header.journal.incarnation, said.place) < (journal.incarnation, answer.place)
        ]
        if not good:
            self.find("no-certificate", party, entry=format_digest(answer.id))
