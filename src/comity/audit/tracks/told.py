"""Who may be told a class of tracks, and how much of it, re-derived by the audit's own funnel (W8, W20, W21).

A page of this feed names no heads, so it does not say what its author knew. Two statements of his do: his last one
before the page, by his own clock, and his first one after it. A block is at fault only where both answers are against
it: between the two he may have learned what permits it, or what forbids it.
"""

import bisect
from collections.abc import Sequence
from typing import NamedTuple

from comity.audit.procedures.forms import Marking
from comity.audit.procedures.funnel import Ground, Says
from comity.audit.procedures.received import Reach
from comity.audit.procedures.said import Said
from comity.audit.procedures.terms import Funnels
from comity.audit.tracks.block import Less
from comity.audit.version import Line, Version
from comity.base.names import Party
from comity.pact.release import find_level
from comity.pact.track import TrackClass

__all__ = ["Basis", "Ruling"]


class Ruling(NamedTuple):
    """What one party may be told of a class; `clause` permits, coarsens or withholds."""

    is_told: bool
    clause: str
    coarsen_m: int = 0
    delay_ms: int = 0
    is_sensor_named: bool = True

    @property
    def is_full(self) -> bool:
        """Whether it is all that the author reports."""
        return self.is_told and not self.coarsen_m and not self.delay_ms and self.is_sensor_named

    @property
    def less(self) -> Less | None:
        """What a block told on these terms says of them."""
        return None if self.is_full else Less(self.clause, self.coarsen_m, self.delay_ms)


class Basis:
    """The statements, versions and funnels of one record, asked at an instant of an author's clock."""

    def __init__(self, line: Line, funnels: Funnels, statements: Sequence[Said], reach: Reach) -> None:
        self._line = line
        self._funnels = funnels
        self._reach = reach
        self._by_author: dict[Party, list[Said]] = {}
        for said in sorted(statements, key=lambda said: (said.at, said.place, said.id)):
            if said.is_good:
                self._by_author.setdefault(said.author, []).append(said)

    def find_version(self, digest: bytes) -> Version | None:
        """Return the version of the pact that a page names, if it is at hand and fits."""
        if self._line.is_single and not self._line.held:
            return self._line.first  # everything is judged under this one
        return self._line.find(digest)

    def find_ruling_version(self, author: Party, at: int) -> Version:
        """Return the version that governed what an author said last before an instant."""
        before, after = self._find_around(author, at)
        said = before or after
        return self._line.first if said is None else self._funnels.force.find_version(said)

    def find_rulings(
        self, version: Version, row: TrackClass, author: Party, to: Party, *, at: int
    ) -> tuple[Ruling | None, Ruling | None]:
        """Return what the author's last statement before an instant permits, and his first one after; None: not known.

        Not known is what rests on a page that is not here or not opened.
        """
        before, after = self._find_around(author, at)
        return self._rule(before, version, row, to, at), self._rule(after, version, row, to, at)

    def _find_around(self, author: Party, at: int) -> tuple[Said | None, Said | None]:
        own = self._by_author.get(author, [])
        place = bisect.bisect_right(own, at, key=lambda said: said.at)
        return (own[place - 1] if place else None), (own[place] if place < len(own) else None)

    def _rule(self, said: Said | None, version: Version, row: TrackClass, to: Party, at: int) -> Ruling | None:
        if said is None or self._reach.find_latest_at(said) is None:
            return None
        author, pact = said.author, version.pact
        funnel = self._funnels.find_of(version)
        found = [level for id_ in row.levels if (level := find_level(pact, id_)) is not None and level[0] == author]
        if author not in row.reported_by or len(found) != 1:
            return Ruling(is_told=False, clause=funnel.refusal.clause)
        marking = Marking(author, author, found[0][1].id, (row.topic,), tuple(sorted(set(row.caveats))))
        ground = Ground(at, lambda other: self._reach.knows(said, other))
        answer = funnel.decide((marking,), item=None, holder=author, to=to, ground=ground)
        if answer.says is not Says.PERMIT:
            return Ruling(is_told=False, clause=funnel.find_barrier(marking, to=to, ground=ground))
        basis = {answer.clause, *answer.rests_on}
        terms = [
            term
            for term in pact.track_terms
            if (term.track_class, term.giver, term.recipient) == (row.id, author, to) and term.agreement in basis
        ]
        if not terms:
            return Ruling(is_told=True, clause=answer.clause)
        return Ruling(
            is_told=True,
            clause=terms[0].id,
            coarsen_m=max(term.coarsen_m for term in terms),
            delay_ms=max(term.delay_ms for term in terms),
            is_sensor_named=all(term.is_sensor_named for term in terms),
        )
