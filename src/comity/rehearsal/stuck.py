"""Who is stuck on what, once nothing is broken any more: a page, a key, a receipt, a blob, a command, the own outbox.

Looked at after the heal and the bound. Pages and receipts are read from durable bytes; the machine is asked the rest.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from comity.base.names import Audience, Party
from comity.rehearsal.checks.check import Trial
from comity.rehearsal.custody import answer, list_wanted
from comity.rehearsal.desk import Desk
from comity.rehearsal.evidence import ENTRIES, Reading
from comity.rehearsal.station import Station

__all__ = ["Stuck", "find_stuck"]


@dataclass(frozen=True, slots=True, order=True)
class Stuck:
    """`party` waits for `what`; `of` and `audience` name whose word is missing, `number` the first page of it."""

    party: Party
    what: str
    of: Party = ""
    audience: Audience = ()
    number: int = 0

    @property
    def about(self) -> tuple[Party, str, Party, Audience]:
        """What does not change while it lasts: more pages may come behind the first."""
        return self.party, self.what, self.of, self.audience


def find_stuck(trial: Trial, desks: Mapping[Party, Desk]) -> tuple[Stuck, ...]:
    """Return everything that anybody still waits for, sorted."""
    found = {*_find_missing_pages(trial), *_find_missing_receipts(trial)}
    for party in trial.honest:
        station = trial.stations[party]
        if not station.is_up:
            found.add(Stuck(party, "down"))
        if station.disk.pending:
            found.add(Stuck(party, "disk"))
        if station.disk.find_unpublished(party):
            found.add(Stuck(party, "outbox"))
        unopened = (page.header.journal for page in station.machine.statements.list_unopened())
        if any(not trial.is_doubted(journal.author, journal.incarnation) for journal in unopened):
            found.add(Stuck(party, "key"))
        # Whatever a liar names may be nowhere: what it named and an honest party holds is looked for among the pages.
        if not trial.crimes.has_forgeries and station.machine.refill.find_holes():
            found.add(Stuck(party, "hole"))
        found |= {
            Stuck(party, "journal", party, own.id.audience)
            for own in station.machine.pen.outgoing.all()
            if own.queue or own.key_bodies or own.in_flight is not None
        }
        if desks[party].waiting:
            found.add(Stuck(party, "command"))
        found |= set(_find_missing_blobs(trial, station))
    return tuple(sorted(found))


def _find_missing_pages(trial: Trial) -> Iterator[Stuck]:
    """Each reader is owed what honest authors wrote to it; of a liar's pages, what honest readers signed for."""
    held = {party: {reading.digest for reading in trial.read_disk(party)} for party in trial.honest}
    for author in trial.honest:
        for reading in filter(trial.is_honest, trial.read_disk(author)):
            journal = reading.header.journal
            for reader in journal.audience if journal.author == author else ():
                if reader in held and reading.digest not in held[reader]:
                    yield Stuck(reader, "page", author, journal.audience, reading.header.number)
    yield from _find_missing_of_liars(trial, held)


def _find_missing_of_liars(trial: Trial, held: Mapping[Party, set[bytes]]) -> Iterator[Stuck]:
    """Yield a liar's pages that an honest reader named to others who may read them, or that stand before such a one.

    What only a thief names, in a page that he wrote under the stolen key, he may have shown to nobody.
    """
    pages = {
        reading.digest: reading
        for party in trial.honest
        for reading in trial.read_disk(party)
        if not trial.is_honest(reading)
    }
    for party in trial.honest:
        for witness in trial.read_disk(party) if pages else ():
            if witness.header.journal.author != party or not trial.is_honest(witness):
                continue
            for _, _, digest in witness.header.seen:
                for reading in _walk_back(digest, pages):
                    journal = reading.header.journal
                    for reader in set(witness.header.journal.audience) & set(journal.audience) & held.keys():
                        if reading.digest not in held[reader]:
                            yield Stuck(reader, "page", journal.author, journal.audience, reading.header.number)


def _find_missing_blobs(trial: Trial, station: Station) -> Iterator[Stuck]:
    """Yield whose blobs a party lacks though it was given them, has not destroyed them, and could be sent them now."""
    for holder, blob in list_wanted(station):
        if holder in trial.honest and answer(trial.stations[holder], blob, station.party) is not None:
            yield Stuck(station.party, "blob", holder)


def _walk_back(digest: bytes, pages: Mapping[bytes, Reading]) -> Iterator[Reading]:
    while digest in pages:
        yield pages[digest]
        digest = pages[digest].header.previous


def _find_missing_receipts(trial: Trial) -> Iterator[Stuck]:
    """A reader owes signed heads for pages of kinds 0, 1 and 2 (J15)."""
    signed = _find_signed(trial)
    owed: dict[tuple[bytes, Party], Reading] = {}
    for author in trial.honest:
        for reading in filter(trial.is_honest, trial.read_disk(author)):
            journal = reading.header.journal
            if journal.author == author and reading.header.kind <= ENTRIES:
                owed |= {
                    (reading.journal, reader): reading
                    for reader in journal.audience
                    if reader not in (author, *trial.liars)
                }
    for (journal_digest, reader), reading in owed.items():
        if signed.get((journal_digest, reader), -1) < reading.header.number:
            journal = reading.header.journal
            yield Stuck(reader, "receipt", journal.author, journal.audience, reading.header.number)


def _find_signed(trial: Trial) -> Mapping[tuple[bytes, Party], int]:
    """Return, per journal and reader, the highest page that the reader itself names, in pages durable there."""
    signed: dict[tuple[bytes, Party], int] = {}
    for party in trial.cast.parties:
        for reading in trial.read_disk(party):
            if reading.header.journal.author == party and trial.is_honest(reading):
                for journal, number, _ in reading.header.seen:
                    signed[journal, party] = max(signed.get((journal, party), -1), number)
    return signed
