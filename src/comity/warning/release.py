"""Who is told which class of tracks, and how much of it: decided once per class, never per update (W20, W21).

Rules
- A class is decided as a marked text of its author's would be: by `release.decide`, on the same ground. What another
  party originated is not passed on in this feed, so that no consent is ever asked for.
- A permit says under which agreement. Where a row of the pact's `track_term` speaks of that agreement, class, author
  and recipient, they are told on its terms; else in full. Of several such rows the strictest of each term rules.
- Decided again as soon as anything changes that a decision looks at, and at no other time (`ReleaseBook`).
"""

from comity.base.names import Digest, Party
from comity.pact.model import Pact
from comity.pact.track import TrackTerm
from comity.procedure.ground import Ground
from comity.procedure.release import decide
from comity.procedure.verdict import Decision, Permit, Subject
from comity.warning.classes import make_marking
from comity.warning.telling import Releases, Ruling, Terms

__all__ = ["ReleaseBook", "decide_releases"]


def decide_releases(pact: Pact, *, digest: Digest, author: Party, ground: Ground) -> Releases:
    """Decide every class that this author reports, for every other party of the pact."""
    rulings = []
    for row in pact.track_classes:
        if author not in row.reported_by:
            continue
        subject = Subject((make_marking(pact, row, author),))
        for to in pact.audience:
            if to != author:
                decision = decide(subject, holder=author, to=to, ground=ground)
                rulings.append(Ruling(row.id, to, decision, _find_terms(pact, row.id, author, to, decision)))
    return Releases(digest, author, tuple(rulings))


def _find_terms(pact: Pact, class_: str, author: Party, to: Party, decision: Decision) -> Terms | None:
    if not isinstance(decision, Permit):
        return None
    basis = (decision.clause, *decision.rests_on)
    rows = [row for row in pact.track_terms if _speaks_of(row, class_, author, to) and row.agreement in basis]
    if not rows:
        return Terms(decision.clause)
    return Terms(
        rows[0].id,
        max(row.coarsen_m for row in rows),
        max(row.delay_ms for row in rows),
        all(row.is_sensor_named for row in rows),
    )


def _speaks_of(row: TrackTerm, class_: str, author: Party, to: Party) -> bool:
    return (row.track_class, row.giver, row.recipient) == (class_, author, to)


class ReleaseBook:
    """Keeps what was decided last, and decides again only where the answer may be another.

    Of a marked text of the author's own, `decide` looks at the pact and at which agreements are operative: that is what
    is compared, whatever else was stated meanwhile.
    """

    def __init__(self, author: Party) -> None:
        self._author = author
        self._stood_on: tuple[Digest, frozenset[str]] | None = None
        self._releases: Releases | None = None

    def find(self, pact: Pact, *, digest: Digest, ground: Ground) -> Releases:
        """Return the releases on this ground: the same object for as long as nothing changed."""
        stands_on = (digest, ground.operative)
        if self._releases is None or stands_on != self._stood_on:
            self._releases = decide_releases(pact, digest=digest, author=self._author, ground=ground)
            self._stood_on = stands_on
        return self._releases
