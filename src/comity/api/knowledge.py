"""Who knew what when: of a statement and a moment, what is proved of each party.

Rules
- *Known* is said only on proof: the party's own signature under a page that names the statement's page or a later one,
  dated by its own clock. It may have known earlier.
- Without proof by the moment nothing is said of what it knew: *not proved*, with since when it is, if ever.
- A party that is not in the audience was *not told* in this way. Where the statement was disclosed to it later, with
  proof that its author made it, it knows by that disclosure.
- Before its author's own clock nobody had it: *not said yet*.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from comity.api.signed_for import SignedFor
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.journal.branch import Placed
from comity.machine.disclosures import list_disclosed
from comity.machine.machine import Machine
from comity.procedure.stated import Stated

__all__ = ["Disclosures", "Knowing", "Knowledge", "find_disclosures", "judge_knowledge"]


class Knowing(enum.StrEnum):
    """What is proved of one party and one statement at one moment."""

    SAID = "said"
    """It is its own."""
    KNOWN = "known"
    NOT_PROVED = "not-proved"
    NOT_TOLD = "not-told"
    NOT_YET = "not-yet"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """One party's. `by` is the page that proves it, now if not at the moment; `shown` a disclosure that it came by."""

    party: Party
    knowing: Knowing
    since_at: Instant
    by: Placed | None
    shown: Stated | None = None


Disclosures = Mapping[tuple[Digest, int, int], tuple[Stated, ...]]
"""By journal, page and place in it: the statements that disclosed an entry, with proof."""


def find_disclosures(machine: Machine) -> Disclosures:
    """Return what was disclosed, by the place of what was disclosed; only what is proved."""
    found: dict[tuple[Digest, int, int], tuple[Stated, ...]] = {}
    suite = machine.setup.suite
    for row in list_disclosed(machine):
        if row.header is not None and not row.code:
            place = (row.header.journal.find_digest(suite), row.header.number, row.index)
            found[place] = (*found.get(place, ()), row.stated)
    return found


def judge_knowledge(
    stated: Stated, parties: Iterable[Party], *, signed: SignedFor, disclosures: Disclosures, at: Instant
) -> tuple[Knowledge, ...]:
    """Return what is proved of each party at a moment."""
    shown = disclosures.get((stated.journal, stated.page, stated.index), ())
    return tuple(_judge(stated, party, signed, shown, at) for party in parties)


def _judge(stated: Stated, party: Party, signed: SignedFor, shown: tuple[Stated, ...], at: Instant) -> Knowledge:
    if stated.written_at > at:
        return Knowledge(party, Knowing.NOT_YET, stated.written_at, None)
    if party == stated.author:
        return Knowledge(party, Knowing.SAID, stated.written_at, signed.find_first(stated, party))
    if party in stated.audience:
        return _judge_by(party, signed.find_first(stated, party), at)
    told = [one for one in shown if party in one.audience and one.written_at <= at]
    if not told:
        return Knowledge(party, Knowing.NOT_TOLD, Instant(0), None)
    proofs = [(found, one) for one in told if (found := signed.find_first(one, party)) is not None]
    first, by = min(proofs, key=lambda row: row[0].header.written_at, default=(None, told[0]))
    known = _judge_by(party, first, at)
    return Knowledge(party, known.knowing, known.since_at, first, by)


def _judge_by(party: Party, first: Placed | None, at: Instant) -> Knowledge:
    if first is None:
        return Knowledge(party, Knowing.NOT_PROVED, Instant(0), None)
    since_at = Instant(first.header.written_at)
    return Knowledge(party, Knowing.KNOWN if since_at <= at else Knowing.NOT_PROVED, since_at, first)
