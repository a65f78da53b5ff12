"""Held: nobody ever holds an item, or a portion of one, that no clause and no consent let it have.

Looked for in every blob that ever lay in a party's cabinet with a wrap for that party, and in every rendition that was
opened there, read from their bytes. Whoever gave it stated so in a page that the receiver has: what that page's author
knew, by its own pages and by the heads that they name, is held against the pact file (`plain_release`). Texts of
portions are tagged with the only parties that their markings let read them, which asks for no opinion at all.

What a liar gives may come, and lie there; opened it may be only if it could be given.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

import msgspec

from comity.base.names import Party, format_digest
from comity.crypto.label import label
from comity.rehearsal.checks.check import Check, Trial
from comity.rehearsal.checks.plain_release import AgreementWord, Mark, read_plain_release
from comity.rehearsal.evidence import Reading, Said
from comity.rehearsal.phrase import find_tags

__all__ = ["HeldRightly"]

GIVING: Final = ("ItemShared", "ItemGiven", "PassedOn", "ItemPassedOn")
PASSING: Final = ("PassedOn", "ItemPassedOn")
ENDING: Final = ("ConsentRefused", "ConsentWithdrawn", "RecallRequested")
_decode: Final = msgspec.msgpack.decode


class HeldRightly(Check):
    """See the module."""

    name: ClassVar[str] = "held"

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial)
        self._release = read_plain_release(trial.cast.pact_raw)

    def finish(self) -> None:
        everything = {
            reading.digest: reading for party in self.trial.cast.parties for reading in self.trial.read_disk(party)
        }
        givings: dict[bytes, list[Said]] = {}
        for reading in everything.values():
            for said in reading.said:
                if said.type in GIVING:
                    givings.setdefault(_bytes(said.fields[2]), []).append(said)
        for party in self.trial.honest:
            self._look(party, givings, everything)

    def _look(self, party: Party, givings: Mapping[bytes, list[Said]], everything: Mapping[bytes, Reading]) -> None:
        cabinet = self.trial.stations[party].cabinet
        for blob, kept in cabinet.ever.items():
            about = givings.get(blob, [])
            if any(said.author == party for said in about) or party not in kept.wraps:
                continue
            honest = [said for said in about if self.trial.is_honest(said.page)]
            if honest and not any(self._may(said, party, everything) for said in honest):
                self.find("given-without-clause", party, giver=honest[0].author, blob=format_digest(blob))
            if not any(party in said.page.header.journal.audience for said in about) and honest:
                self.find("not-given", party, blob=format_digest(blob))
        for blob, rendition in cabinet.opened.items():
            about = [said for said in givings.get(blob, ()) if said.author != party]
            for tag, readers in find_tags(rendition):
                if party not in readers:
                    self.find("portion-of-others", party, tag=tag.decode())
            may = [said for said in about if self._may(said, party, everything, marks=list(_read_marks(rendition)))]
            if about and not may and not _is_released(party, about, everything):
                self.find("opened-without-clause", party, giver=about[0].author, blob=format_digest(blob))

    def _may(
        self, said: Said, to: Party, everything: Mapping[bytes, Reading], *, marks: list[Mark] | None = None
    ) -> bool:
        """Tell whether the author of a giving could give it to a party, by what it provably knew then."""
        marks = [Mark(*row) for row in _list(said.fields[1])] if marks is None else marks
        known = list(_list_known(said, everything))
        at = said.page.header.written_at
        words = [
            AgreementWord(row.author, str(row.fields[0]), str(row.fields[1]), int(str(row.fields[2])))
            for row in sorted(known, key=lambda row: row.place)
            if row.type == "AgreementStateStated"
        ]
        operative = self._release.find_operative(words, at=at)
        consented = said.type in PASSING and self._is_consented(said, to, known, at)
        if said.type in ("ItemGiven", "ItemPassedOn"):
            ends = _list(said.fields[6])
            if any(at >= int(str(end)) for end in ends):
                return False
        return bool(marks) and all(
            self._release.may_go(mark, said.author, to, operative=operative, is_consented=consented) for mark in marks
        )

    def _is_consented(self, said: Said, to: Party, known: list[Said], at: int) -> bool:
        """R25, R26, R58: an enclosed consent of the originator's runs, and was not taken back as far as was known."""
        originator = str(_list(_list(said.fields[1])[0])[0])
        for raw, signature in _list(said.fields[-1]):
            consent = _decode(raw)
            wanted = [originator, said.fields[0], said.author, to]
            if consent[2:6] == wanted and at < consent[7] and self._is_signed(originator, raw, signature):
                ends = [
                    row
                    for row in known
                    if row.type in ENDING
                    and (row.author, row.fields[0]) == (originator, said.fields[0])
                    and (row.type == "RecallRequested" or row.fields[1] == to)
                    and said.author in row.page.header.journal.audience
                ]
                given = [row for row in known if row.type == "ConsentGiven" and _list(row.fields[1])[0] == raw]
                if not any(_is_after(end, given) for end in ends):
                    return True
        return False

    def _is_signed(self, originator: Party, raw: bytes, signature: bytes) -> bool:
        setups = (self.trial.cast.setups[originator], self.trial.stations[originator].setup)
        return any(
            setup.suite.verify(
                public=setup.suite.public_of_signing(setup.secrets.node),
                message=label("consent") + raw,
                signature=signature,
            )
            for setup in setups
        )


def _is_after(end: Said, given: list[Said]) -> bool:
    """Tell whether an end of consents came after every giving of one, in their author's order (P2)."""
    of = end.page.header.journal
    return bool(given) and all(
        row.page.header.journal.audience == of.audience
        and (of.incarnation, end.place) > (row.page.header.journal.incarnation, row.place)
        for row in given
    )


def _is_released(party: Party, about: list[Said], everything: Mapping[bytes, Reading]) -> bool:
    """Tell whether the party's officers let one of these out of quarantine."""
    ids = {said.id for said in about}
    return any(
        said.type == "QuarantineReleased" and said.author == party and said.fields[0] in ids
        for reading in everything.values()
        for said in reading.said
    )


def _list_known(said: Said, everything: Mapping[bytes, Reading]) -> Iterator[Said]:
    """Yield what the author of a statement provably knew: its journal up to it, and all that this names (J12)."""
    named: dict[bytes, int] = {}
    for reading in everything.values():
        if reading.journal == said.page.journal and reading.header.number <= said.page.header.number:
            for journal, number, _ in reading.header.seen:
                named[journal] = max(number, named.get(journal, -1))
    for reading in everything.values():
        is_own = reading.journal == said.page.journal and reading.header.number <= said.page.header.number
        if is_own or reading.header.number <= named.get(reading.journal, -1):
            yield from reading.said


def _read_marks(rendition: bytes) -> Iterator[Mark]:
    """R16, R17: yield the marking of each portion that a rendition holds; leaf 0 is the head."""
    for index, _, content, _ in _list(_decode(rendition)[1]):
        if index:
            yield Mark(*_decode(content)[0])


def _list(value: object) -> list[Any]:
    assert isinstance(value, list)
    return value


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value
