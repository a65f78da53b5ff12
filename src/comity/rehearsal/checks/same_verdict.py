"""Same verdict: who holds the same pages shows the same record, to the last cell; and the audit finds no fault in it.

Every object of an audience is compared between all readers of that audience whose pages of it (and of all wider
audiences, which it may name) are the same, and who know the same rivals of forked journals to be named: that decides
which of them counts (J16), and it may stand in a journal that only one of them reads. One node's record is folded again
from its disk: a restart shows what was shown before. Then the independent audit judges all disks together; what of its
findings is no fault, `excused` says.
"""

import dataclasses
import enum
import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import ClassVar

from comity.audit import Pins, Record, RootKeys, audit
from comity.base.names import Audience, Digest, Party
from comity.machine.machine import Machine
from comity.procedure.record import Record as Statements
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated
from comity.rehearsal.checks.check import Check
from comity.rehearsal.checks.excused import is_excused
from comity.rehearsal.checks.second_look import find_differences
from comity.rehearsal.checks.shown import KINDS

__all__ = ["SameVerdict", "find_views"]

Views = Mapping[Scope, str]
SeenName = tuple[bytes, int, bytes]
"""A page as others name it: its journal, its number, its digest."""
Ground = Mapping[Audience, set[bytes | SeenName]]
"""What verdicts on the objects of an audience rest on."""


class SameVerdict(Check):
    """See the module."""

    name: ClassVar[str] = "same-verdict"

    def on_quiet(self) -> None:
        self._compare()

    def finish(self) -> None:
        self._compare()
        self._restart()
        self._audit()
        self._look_twice()

    def _compare(self) -> None:
        views = {party: find_views(self.trial.stations[party].machine.record) for party in self.trial.honest}
        grounds = {party: self._list_pages(party) for party in views}
        for audience in sorted({scope.audience for shown in views.values() for scope in shown}):
            readers = [party for party in audience if party in views]
            first = readers[0] if readers else ""
            for other in readers[1:]:
                if self._find_ground(grounds[first], audience) == self._find_ground(grounds[other], audience):
                    self._compare_two(first, other, audience, views)

    def _compare_two(self, one: Party, other: Party, audience: Audience, views: Mapping[Party, Views]) -> None:
        for scope in sorted({*views[one], *views[other]}):
            if scope.audience == audience and views[one].get(scope) != views[other].get(scope):
                self.find("views-differ", other, other=one, kind=scope.kind, object=scope.ref[:8].hex())

    def _list_pages(self, party: Party) -> Ground:
        """Return the pages of a disk that take part in anything: a liar's may wait for ever for one before them.

        With them goes what they name of rival pages, in a journal of that audience.
        """
        find_page = self.trial.stations[party].machine.ledger.find_page
        readings = [
            reading
            for reading in self.trial.read_disk(party)
            if self.trial.is_honest(reading) or find_page(Digest(reading.digest)) is not None
        ]
        ground: dict[Audience, set[bytes | SeenName]] = {}
        places = Counter((reading.journal, reading.header.number) for reading in readings)
        forked = {journal for (journal, _), count in places.items() if count > 1}
        journals = {reading.journal: reading.header.journal for reading in readings if reading.journal in forked}
        for reading in readings:
            ground.setdefault(reading.header.journal.audience, set()).add(reading.digest)
            for journal, number, page in reading.header.seen if forked else ():
                named = journals.get(journal)
                if named is not None and named.author != reading.header.journal.author:
                    ground.setdefault(named.audience, set()).add((journal, number, page))
        return ground

    @staticmethod
    def _find_ground(ground: Ground, audience: Audience) -> set[bytes | SeenName]:
        """Return the pages of an audience, and of those that contain it."""
        readers = set(audience)
        return {row for wider, rows in ground.items() if readers <= set(wider) for row in rows}

    def _restart(self) -> None:
        """Fold the last party's disk anew; a restart has to show what was shown before."""
        party = self.trial.honest[-1]
        station = self.trial.stations[party]
        fresh = Machine(station.machine.setup)
        fresh.restore(page.raw for page in station.disk.pages)
        shown, again = find_views(station.machine.record), find_views(fresh.record)
        for scope in sorted({*shown, *again}):
            if shown.get(scope) != again.get(scope):
                self.find("restart-differs", party, kind=scope.kind, object=scope.ref[:8].hex())

    def _audit(self) -> None:
        cast = self.trial.cast
        pins = Pins(
            cast.pins.lineage,
            cast.pins.realm,
            {
                party: RootKeys(root.keys.ed25519, root.keys.mldsa, root.next_root)
                for party, root in cast.pins.roots.items()
            },
        )
        records = [
            Record(
                holder=party,
                lineage=pins.lineage,
                realm=pins.realm,
                pages=tuple(page.raw for page in self.trial.find_disk(party).pages),
                pacts=(cast.pact_raw,),
                receiving_secrets=self.trial.stations[party].setup.receiving_secrets,
            )
            for party in self.trial.honest
        ]
        setup = cast.setups[cast.parties[0]]
        for finding in audit(records, pins, setup.suite, pact=setup.pact).findings:
            if not is_excused(self.trial, finding):
                journal = finding.journal
                self.find("audit", finding.holder or "", finding=finding.code,
                          author=journal.author if journal else "", number=finding.number)  # fmt: skip

    def _look_twice(self) -> None:
        """Hold what the first party's node shows against the audit of its own pages: two readings of docs/spec."""
        party = self.trial.honest[0]
        station = self.trial.stations[party]
        pages = [page.raw for page in station.disk.pages]
        for found in find_differences(station.machine, pages, as_of=self.trial.now):
            self.find("audit-shows-another", party, kind=found.kind, object=found.about[:8].hex())


def find_views(record: Statements) -> Views:
    """Return what a node shows of every object, as a digest of everything in it."""
    return {
        scope: hashlib.sha256(repr(_freeze(record.get_state(scope))).encode()).hexdigest()
        for kind in KINDS
        for scope in record.list_scopes(kind)
    }


def _freeze(value: object) -> object:
    """Return a value that prints the same wherever it is shown: statements by id and standing, sets in order."""
    if isinstance(value, Stated):
        return (value.id, value.standing.value)
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return tuple(_freeze(getattr(value, field.name)) for field in dataclasses.fields(value))
    if isinstance(value, frozenset | set):
        return sorted(map(repr, map(_freeze, value)))
    if isinstance(value, tuple | list):
        return tuple(map(_freeze, value))
    return value
