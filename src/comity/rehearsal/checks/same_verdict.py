"""Same verdict: who holds the same pages shows the same record, to the last cell; and the audit finds no fault in it.

Every object of an audience is compared between all readers of that audience whose pages of it (and of all wider
audiences, which it may name) are the same. One node's record is folded again from its disk: a restart shows what was
shown before. Then the independent audit judges all disks together.
"""

import dataclasses
import enum
import hashlib
from collections.abc import Mapping
from typing import ClassVar

from comity.audit import Finding, Pins, Record, RootKeys, Severity, audit
from comity.base.instants import SECOND_MS
from comity.base.names import Audience, Digest, Party
from comity.machine.machine import Machine
from comity.machine.statements import Cut
from comity.procedure.record import Record as Statements
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated
from comity.rehearsal.checks.check import Check
from comity.rehearsal.checks.second_look import find_differences

__all__ = ["SameVerdict", "find_views"]

HARMLESS = frozenset({"clock.backwards", "clock.behind-heads", "checkpoint.forgets", "silence.clock-doubt"})
"""Doubts that are no faults here: clocks that are off; and a checkpoint whose vector was signed a moment before its
page was built, which so names pages that the vector does not."""
CLOCK_AHEAD_MS = 10 * SECOND_MS
"""Farther than the clocks of a run without a wrong one stand apart."""
KINDS = ("consultation", "line", "measure", "message", "national", "text", "threat")

Views = Mapping[Scope, str]


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
        pages = {party: self._list_pages(party) for party in views}
        for audience in sorted({scope.audience for shown in views.values() for scope in shown}):
            readers = [party for party in audience if party in views]
            first = readers[0] if readers else ""
            for other in readers[1:]:
                if self._find_ground(pages[first], audience) == self._find_ground(pages[other], audience):
                    self._compare_two(first, other, audience, views)

    def _compare_two(self, one: Party, other: Party, audience: Audience, views: Mapping[Party, Views]) -> None:
        for scope in sorted({*views[one], *views[other]}):
            if scope.audience == audience and views[one].get(scope) != views[other].get(scope):
                self.find("views-differ", other, other=one, kind=scope.kind, object=scope.ref[:8].hex())

    def _list_pages(self, party: Party) -> dict[Audience, set[bytes]]:
        """Return the pages of a disk that take part in anything: a liar's may wait for ever for one before them."""
        pages: dict[Audience, set[bytes]] = {}
        find_page = self.trial.stations[party].machine.ledger.find_page
        for reading in self.trial.read_disk(party):
            if self.trial.is_honest(reading) or find_page(Digest(reading.digest)) is not None:
                pages.setdefault(reading.header.journal.audience, set()).add(reading.digest)
        return pages

    @staticmethod
    def _find_ground(pages: Mapping[Audience, set[bytes]], audience: Audience) -> set[bytes]:
        """Return the pages of an audience, and of those that contain it."""
        readers = set(audience)
        return {digest for wider, digests in pages.items() if readers <= set(wider) for digest in digests}

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
            if _is_fault(finding) and not self._is_of_liar(finding) and not self._is_aged(finding):
                journal = finding.journal
                self.find("audit", finding.holder or "", finding=finding.code,
                          author=journal.author if journal else "", number=finding.number)  # fmt: skip

    def _is_aged(self, finding: Finding) -> bool:
        """Tell whether a basis ran out only by another's clock, far ahead in the author's cut, as R10 has it judged.

        The author decided by its own clock (R1), and at that instant it was right.
        """
        if finding.code != "release.unpermitted" or finding.journal is None:
            return False
        about = (finding.journal.author, finding.journal.audience, finding.journal.incarnation, finding.number)
        return any(
            (row.author, row.audience, row.incarnation, row.page) == about
            and isinstance(row.cut, Cut)
            and row.cut.latest_at > row.written_at + CLOCK_AHEAD_MS
            for party in self.trial.honest
            for row in self.trial.stations[party].machine.statements.all
        )

    def _look_twice(self) -> None:
        """Hold what the first party's node shows against the audit of its own pages: two readings of docs/spec."""
        party = self.trial.honest[0]
        station = self.trial.stations[party]
        pages = [page.raw for page in station.disk.pages]
        for found in find_differences(station.machine, pages, as_of=self.trial.now):
            self.find("audit-shows-another", party, kind=found.kind, object=found.about[:8].hex())

    def _is_of_liar(self, finding: Finding) -> bool:
        """Tell whether a finding is about a liar's pages, or rests on a name that a liar gave."""
        if self.trial.crimes.has_forgeries and finding.code == "page.stranger":
            return True  # its signature was never verified: anybody may have made it
        if finding.code == "seen.backwards" and finding.journal is not None:
            disk = self.trial.find_disk(finding.journal.author)
            if disk.aside or disk.is_restored:
                return True  # what a node had lost it could not name: that is what this doubt asks about
        named = [finding.journal, finding.witness.journal if finding.witness else None]
        return any(
            journal is not None and self.trial.is_doubted(journal.author, journal.incarnation) for journal in named
        )


def _is_fault(finding: Finding) -> bool:
    return finding.severity is not Severity.NOTE and finding.code not in HARMLESS


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
