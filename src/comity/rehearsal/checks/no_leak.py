"""No leak: nothing of an audience is at a party outside it: no page, no text, no name, no number.

Looked for in all that came to a party from outside, in what it stored and could open, and in what its machine
answered. Texts carry tags that name their readers (`phrase`); hidden journals, pages and entries are looked for by
their digests, as bytes.
"""

from collections.abc import Mapping
from typing import ClassVar

from comity.base.names import Party
from comity.machine.effect import Alarm, Answer, Effect
from comity.rehearsal.checks.check import Check, Trial
from comity.rehearsal.evidence import Reading
from comity.rehearsal.phrase import find_tags

__all__ = ["NoLeak"]


class NoLeak(Check):
    """See the module."""

    name: ClassVar[str] = "no-leak"

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self._known: dict[Party, dict[bytes, None]] = {party: {} for party in trial.cast.parties}

    def on_arrived(self, party: Party, raw: bytes, delivery: int) -> None:
        del delivery
        self._known[party][raw] = None

    def on_effect(self, party: Party, effect: Effect) -> None:
        if isinstance(effect, Answer | Alarm):
            self._known[party][repr(effect.details).encode()] = None

    def finish(self) -> None:
        everything = {reading.digest: reading for party in self._known for reading in self.trial.read_disk(party)}
        for party in self._known:
            self._find_pages_of_others(party, everything)
            own = self.trial.read_disk(party)
            known = [*self._known[party]]
            for reading in own:
                known.append(reading.raw)
                known += [said.raw for said in reading.said]
            haystack = b"\n".join(known)
            for tag, readers in find_tags(haystack):
                if party not in readers:
                    self.find("text", party, tag=tag.decode())
            for needle in _list_hidden(everything, party):
                if needle in haystack:
                    self.find("hidden-name", party, name=needle[:8].hex())
            for stated in self.trial.stations[party].machine.statements.all:
                if party not in stated.audience:
                    self.find("statement-of-others", party, author=stated.author)

    def _find_pages_of_others(self, party: Party, everything: Mapping[bytes, Reading]) -> None:
        """Look at the pages that came, as far as an honest author wrote them: others may be anything."""
        for raw in self._known[party]:
            digest = self.trial.evidence.find_digest(raw)
            reading = everything.get(digest) if digest is not None else None
            if reading is not None and party not in reading.header.journal.audience and self.trial.is_honest(reading):
                journal = reading.header.journal
                self.find("page-of-others", party, author=journal.author, audience=journal.audience)


def _list_hidden(everything: dict[bytes, Reading], party: Party) -> list[bytes]:
    """Return the names of what a party must never hear of: journals, pages and entries of other audiences."""
    hidden = [reading for reading in everything.values() if party not in reading.header.journal.audience]
    names: dict[bytes, None] = {}
    for reading in hidden:
        names |= {reading.journal: None, reading.digest: None}
        names |= {said.id: None for said in reading.said}
    return list(names)
