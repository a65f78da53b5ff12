"""The disclosures in a record: each that proves nothing is a finding against whoever made it (R28)."""

from collections.abc import Iterable, Iterator, Sequence

from comity.audit.claims import Claim
from comity.audit.finding import Finding, make_finding
from comity.audit.procedures.disclosed import Proof, find_fault
from comity.audit.procedures.forms_release import EntryDisclosed
from comity.audit.record import Pins, Record
from comity.audit.root import Roots
from comity.audit.version import Line
from comity.base.names import Audience
from comity.crypto.suite import Suite
from comity.pact.findings import PactRefused
from comity.pact.parse import pact_digest, pact_lineage, parse_pact

__all__ = ["find_unproved"]


def find_unproved(
    claims: Iterable[Claim], records: Sequence[Record], roots: Roots, pins: Pins, suite: Suite, *, line: Line | None
) -> Iterator[Finding]:
    """Yield a finding for each disclosure that proves nothing; `line` has versions that were read before."""
    made = [(claim, claim.entry) for claim in claims if isinstance(claim.entry, EntryDisclosed)]
    if not made:
        return
    circles = {
        *_find_circles(records, pins, suite),
        *(() if line is None else (version.audience for version in line.all)),
    }
    proof = Proof(pins.lineage, pins.realm, circles, roots.node_keys(), roots.find_certificate, suite)
    for claim, entry in made:
        journal, number = claim.sheet.header.journal, claim.sheet.header.number
        code = find_fault(entry, proof, by=journal.author)
        if code is not None:
            yield make_finding(code, journal=journal, number=number, index=claim.number)


def _find_circles(records: Sequence[Record], pins: Pins, suite: Suite) -> Iterator[Audience]:
    """Yield the audiences of all parties, of each version of the pact at hand."""
    for raw in sorted({raw for record in records for raw in record.pacts}):
        try:
            pact = parse_pact(raw)
        except PactRefused:
            continue
        if pact_lineage(pact, pact_digest(raw, suite)) == pins.lineage:
            yield pact.audience
