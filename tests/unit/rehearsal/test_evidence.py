"""Pages read once more from the spec alone."""

import pytest

from comity.base.names import Digest
from comity.rehearsal import read_profile
from comity.rehearsal.canary import NO_CANARY
from comity.rehearsal.chance import CALM
from comity.rehearsal.evidence import ENTRIES, KEYS, OPEN, Evidence
from comity.rehearsal.log import Log
from comity.rehearsal.play import get_play
from comity.rehearsal.run import Run
from comity.rehearsal.station import Station


@pytest.fixture(scope="module")
def played() -> tuple[Evidence, dict[str, Station]]:
    """A run at its end: what the checkers read, and the stations."""
    run = Run(get_play("drawn"), read_profile("camp-david"), 1, rates=CALM, canary=NO_CANARY, log=Log())
    for _ in run.steps():
        pass
    return run._watch.evidence, run._stage.stations


def test_the_second_reading_gives_the_entries_that_machines_show(
    played: tuple[Evidence, dict[str, Station]],
) -> None:
    """Ids, types, authors and audiences of every statement agree with those of each machine."""
    evidence, stations = played
    for station in stations.values():
        read = {
            (said.id, said.type, said.author, said.page.header.journal.audience)
            for page in station.disk.pages
            for said in evidence.read(page.raw).said
        }
        shown = {(row.id, type(row.entry).__name__, row.author, row.audience) for row in station.machine.statements.all}
        assert read == shown
        assert "ConsultationCalled" in {type_ for _, type_, _, _ in read}


def test_digests_and_places_are_those_of_the_ledger(played: tuple[Evidence, dict[str, Station]]) -> None:
    """A page's digest, journal, number and kind, derived a second time, are the ledger's."""
    evidence, stations = played
    for station in stations.values():
        for page in station.disk.pages:
            reading = evidence.read(page.raw)
            placed = station.machine.ledger.find_page(Digest(reading.digest))
            assert placed is not None
            assert (placed.journal, placed.header.number) == (reading.journal, reading.header.number)
            assert (reading.header.kind in (OPEN, ENTRIES)) is bool(reading.said)
            assert placed.header.kind != KEYS or reading.said == []
