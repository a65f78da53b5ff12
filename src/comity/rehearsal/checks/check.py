"""What every checker has: the run that it watches, hooks for what happens in it, and the violations that it found.

`name` is what a report and a canary call it. A hook is called when a thing is done, not when it is asked for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.machine.effect import Effect
from comity.procedure.entry import Entry
from comity.rehearsal.cast import Cast
from comity.rehearsal.crew import Crew
from comity.rehearsal.disk import Disk
from comity.rehearsal.evidence import Evidence, Reading
from comity.rehearsal.snapshot import Start
from comity.rehearsal.station import Station

__all__ = ["Check", "Trial", "Violation"]

VIOLATION_COUNT_MAX = 20
"""Kept of each checker in one run: the first ones tell the story."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must never be. `code` is the checker's name and what it saw; arguments are ids and names."""

    code: str
    at: Instant
    party: Party
    arguments: Mapping[str, object]


@dataclass(slots=True)
class Crimes:
    """What is known of forgers: see `stage.Stage`, which is one."""

    robbed: Party = ""
    forged: set[Digest] = field(default_factory=set)
    has_forgeries: bool = False
    has_replaced_key: bool = False


class CrimeScene(Protocol):
    """Who was robbed in a run, and which pages the thief made."""

    robbed: Party
    forged: set[Digest]
    has_forgeries: bool
    has_replaced_key: bool


@dataclass(slots=True)
class Trial:
    """A run as checkers see it."""

    cast: Cast
    evidence: Evidence
    stations: Mapping[Party, Station]
    now: Instant
    liars: frozenset[Party] = frozenset()
    """Parties that lie in this run: nobody is held to their word, nor they to any rule."""
    crimes: CrimeScene = field(default_factory=Crimes)
    violations: list[Violation] = field(default_factory=list)
    _written: set[bytes] = field(default_factory=set)

    @property
    def honest(self) -> tuple[Party, ...]:
        """The parties of which everything must hold."""
        return tuple(party for party in self.cast.parties if party not in self.liars)

    def is_honest(self, reading: Reading) -> bool:
        """Tell whether a page was written by a node that keeps all rules: it was durable there.

        Who is named as its author proves nothing: a page that waits for a certificate has been verified by nobody.
        """
        return reading.digest in self._written

    def was_written(self, digest: bytes) -> bool:
        """Tell whether a page of this digest was written by a node that keeps all rules."""
        return digest in self._written

    def note_written(self, party: Party, readings: Iterable[Reading]) -> None:
        """Take note of pages that have become durable at a party: its own are those that it wrote."""
        if party not in self.liars:
            own = (reading.digest for reading in readings if reading.header.journal.author == party)
            self._written.update(digest for digest in own if digest not in self.crimes.forged)

    def is_doubted(self, author: Party, incarnation: int) -> bool:
        """Tell whether a journal may hold what no honest node wrote: a liar's, or one whose key was stolen."""
        return author in self.liars or (author == self.crimes.robbed and incarnation == 0)

    def report(self, code: str, party: Party, **arguments: object) -> None:
        """Keep a violation."""
        self.violations.append(Violation(code, self.now, party, arguments))

    def find_disk(self, party: Party) -> Disk:
        """Return a party's disk."""
        return self.stations[party].disk

    def read_disk(self, party: Party) -> list[Reading]:
        """Return a party's durable pages, read from their bytes."""
        return [self.evidence.read(page.raw) for page in self.find_disk(party).pages]


class Check:
    """One thing that must hold."""

    name: ClassVar[str]

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self._count = 0

    def find(self, what: str, party: Party, **arguments: object) -> None:
        """Report a violation."""
        self._count += 1
        if self._count <= VIOLATION_COUNT_MAX:
            self.trial.report(f"{self.name}.{what}", party, **arguments)

    def on_effect(self, party: Party, effect: Effect) -> None:
        """See an effect carried out."""

    def on_said(self, party: Party, command: int, entries: tuple[Entry, ...], by: Crew) -> None:
        """See officers tell their node to state something."""

    def on_durable(self, party: Party, readings: tuple[Reading, ...]) -> None:
        """See pages become durable."""

    def on_arrived(self, party: Party, raw: bytes, delivery: int) -> None:
        """See bytes come in."""

    def on_start(self, party: Party, start: Start, at: Instant) -> None:
        """See a node start, by its own clock."""

    def on_quiet(self) -> None:
        """See the beginning of the last stretch, in which nobody says anything."""

    def finish(self) -> None:
        """Look at the end."""
