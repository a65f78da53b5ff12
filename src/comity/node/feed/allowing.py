"""What the others may tell this party in the feed, by the record of this party's node (docs/spec/warning.md, W75).

Rules
- Two answers for each author and class, made by the same decision as the author's own: on what this node's record holds
  now, and on what the author's statements here show it to have known.
- An answer that stands no more is kept until no stream holds a page written while it stood.
"""

from collections.abc import Iterable, Iterator

import msgspec

from comity.base.instants import Instant
from comity.base.limits import WARNING_RETENTION_MS
from comity.base.names import Digest, Party
from comity.machine.machine import Machine
from comity.pact.lineage import Version
from comity.procedure.agreement import AgreementStateStated, agreement_states
from comity.procedure.ground import Ground
from comity.procedure.stated import Stated, is_known_to
from comity.warning.quarantine import AllowedRow, make_allowed_row
from comity.warning.release import ReleaseBook

__all__ = ["Allowing"]


class Allowing:
    """One party's answers about the others."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._books: dict[tuple[Party, bool], ReleaseBook] = {}
        self._lasts: dict[Party, dict[Digest, Stated]] = {}
        """By author and journal the last statement that counts."""
        self._looked_at = (0, 0)
        """How many statements were looked at, and how often all were made anew by then."""
        self._standing: tuple[AllowedRow, ...] = ()
        self._past: list[AllowedRow] = []

    def find(self, at: Instant) -> tuple[AllowedRow, ...]:
        """Return what stands at an instant, and what stood before."""
        self._look()
        standing = tuple(dict.fromkeys(self._find_standing(at)))
        ended = [row for row in self._standing if row not in standing]
        self._past += [msgspec.structs.replace(row, until=at) for row in ended]
        self._past = [row for row in self._past if at - row.until < WARNING_RETENTION_MS]
        self._standing = standing
        return (*standing, *self._past)

    def _look(self) -> None:
        statements = self._machine.statements
        count, remade_count = self._looked_at
        new = statements.list_from(count)
        if statements.remade_count != remade_count:
            self._lasts, count, new = {}, 0, statements.all
        for one in new:
            if one.counts:
                of_author = self._lasts.setdefault(one.author, {})
                held = of_author.get(one.journal)
                if held is None or (held.page, held.index) < (one.page, one.index):
                    of_author[one.journal] = one
        self._looked_at = count + len(new), statements.remade_count

    def _find_standing(self, at: Instant) -> Iterator[AllowedRow]:
        machine = self._machine
        states = machine.statements.find(AgreementStateStated)
        now = machine.versions.current
        for author in sorted(now.pact.audience):
            if author == machine.party:
                continue
            yield from self._decide(author, now, states, at, is_own_knowledge=False)
            lasts = self._lasts.get(author, {}).values()
            if lasts:
                version = machine.versions.find_version(max(lasts, key=lambda one: one.order))
                known = [one for one in states if any(is_known_to(one, when_stating=last) for last in lasts)]
                yield from self._decide(author, version, known, at, is_own_knowledge=True)

    def _decide(
        self, author: Party, version: Version, states: Iterable[Stated], at: Instant, *, is_own_knowledge: bool
    ) -> Iterator[AllowedRow]:
        terms = self._machine.versions.read_terms(version)
        standings = agreement_states(terms.pact, states, as_of=at, circles=terms.circles)
        ground = Ground(terms, standings, (), at)
        book = self._books.setdefault((author, is_own_knowledge), ReleaseBook(author))
        releases = book.find(version.pact, digest=version.digest, ground=ground)
        for ruling in releases.rulings:
            if ruling.to == self._machine.party:
                yield make_allowed_row(author, ruling)
