"""Joins pages and procedures: from what the keys opened to a verdict on every object, duty and giving.

Judged is what the record shows, under the pact that it holds, as of one instant. Where no pact is at hand or no page
was opened, nothing is judged, and the report says so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from comity.audit.chain import Journal
from comity.audit.claims import Claim, Claims
from comity.audit.finding import Finding, make_finding
from comity.audit.form import JournalId
from comity.audit.pool import Sheet
from comity.audit.procedures.consent import Consents
from comity.audit.procedures.judge import Procedures, judge_release, judge_statements
from comity.audit.procedures.knowledge import Knowledge
from comity.audit.procedures.said import DISOWNED, DISPUTED, GOOD, Place, Said, Spot, keep_one_each
from comity.audit.record import Pins, Record
from comity.audit.seal import Seals
from comity.audit.trace import Derived, derive
from comity.crypto.suite import Suite
from comity.pact.duty import compile_duties
from comity.pact.findings import PactRefused
from comity.pact.model import Pact
from comity.pact.parse import pact_digest, pact_lineage, parse_pact

__all__ = ["find_faults", "find_pact", "find_procedures", "judge_procedures"]


def judge_procedures(
    records: Sequence[Record], pins: Pins, suite: Suite, *, pact: Pact | None = None, as_of: int | None = None
) -> Procedures | None:
    """Judge what records show of every procedure; None where no pact of theirs can be read.

    `pact` is the pact as it was read before, else the newest version in the records is read. `as_of` is the instant for
    which states are shown, by default the latest clock in the record. For the same pages every node must show the same.
    """
    derived = derive(records, pins, suite)
    claims = Claims(derived.roots)
    seals = Seals(suite, claims)
    seals.gather_keys(records, derived.journals)
    for journal in derived.ordered:
        seals.open_journal(journal, lambda: None)
    pact = pact or find_pact(records, pins, suite)
    return None if pact is None else find_procedures(derived, seals, pact, pins, suite, as_of=as_of)


def find_pact(records: Iterable[Record], pins: Pins, suite: Suite) -> Pact | None:
    """Return the newest version of the pins' pact that the records hold."""
    versions: list[tuple[int, bytes, Pact]] = []
    for raw in sorted({raw for record in records for raw in record.pacts}):
        try:
            pact = parse_pact(raw)
        except PactRefused:
            continue
        if pact_lineage(pact, pact_digest(raw, suite)) == pins.lineage:
            versions.append((pact.identity.version, raw, pact))
    return max(versions, key=lambda row: row[:2])[2] if versions else None


def find_procedures(
    derived: Derived, seals: Seals, pact: Pact, pins: Pins, suite: Suite, *, as_of: int | None = None
) -> Procedures:
    """Judge all procedures of an audit's own pages."""
    knowledge = Knowledge(derived.journals, derived.heads, derived.disowned, seals.first_sealed)
    statements = keep_one_each(_say(claim, derived) for claim in seals.claims.kept)
    latest_at = max((sheet.header.written_at for sheet in derived.sheets if sheet.code is None), default=0)
    procedures = judge_statements(
        statements,
        policy=pact.policy,
        rules=compile_duties(pact),
        knowing=knowledge,
        suite=suite,
        as_of=latest_at if as_of is None else as_of,
    )
    consents = Consents(
        statements,
        lineage=pins.lineage,
        realm=pins.realm,
        node_keys=derived.roots.node_keys(),
        valid_ms_max=pact.policy.consent.valid_ms_max,
        suite=suite,
    )
    return judge_release(procedures, statements, pact=pact, consents=consents, reach=knowledge)


def find_faults(procedures: Procedures, journals: Mapping[bytes, Journal]) -> Iterator[Finding]:
    """Yield what procedures show to be wrong or odd, each against the statement that shows it."""
    for doubt in procedures.clock_doubts:
        yield make_finding(
            "silence.clock-doubt",
            journal=journals[doubt.other.spot.journal].id,
            number=doubt.other.place.number,
            party=doubt.kept.author,
            early_ms=doubt.early_ms,
        )
    for miss in procedures.misses:
        yield make_finding(
            "line.missed",
            party=miss.party,
            channel=miss.channel,
            audience=miss.audience,
            count=len(miss.slots_at),
            from_at=miss.slots_at[0],
            until_at=miss.slots_at[-1],
        )
    for said, named in procedures.hidden:
        yield make_finding(
            "entry.cites-hidden",
            journal=journals[said.spot.journal].id,
            number=said.place.number,
            index=said.place.entry_index,
            readers=tuple(sorted(set(said.audience) - set(named.audience))),
        )
    for found in procedures.unpermitted:
        yield make_finding(
            "release.unpermitted",
            journal=journals[found.said.spot.journal].id,
            number=found.said.place.number,
            index=found.said.place.entry_index,
            party=found.to,
            clause=found.clause,
            says=found.says.value,
        )


def _say(claim: Claim, derived: Derived) -> Said:
    sheet = claim.sheet
    journal: JournalId = sheet.header.journal
    return Said(
        claim.entry,
        claim.id,
        journal.author,
        journal.audience,
        Place(journal.incarnation, sheet.header.number, claim.number),
        Spot(sheet.journal_digest, sheet.digest),
        sheet.header.written_at,
        _find_standing(sheet, derived),
    )


def _find_standing(sheet: Sheet, derived: Derived) -> int:
    if sheet.digest in derived.disowned:
        return DISOWNED
    return DISPUTED if sheet.digest in derived.disputed else GOOD
