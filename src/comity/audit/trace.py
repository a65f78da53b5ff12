"""What the pages alone decide, whoever holds them: from bytes to chains, heads and standings.

The first three steps of an audit (`judge` has the list): pages are read, root statements gathered and judged, pages
judged and strung into chains, and what they say of one another is gathered.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from comity.audit.acceptance import Acceptance
from comity.audit.archive import WARNING, build_archive
from comity.audit.chain import Journal, build_journals
from comity.audit.claims import iterate_published
from comity.audit.finding import Finding, make_finding
from comity.audit.heads import Heads
from comity.audit.pool import Pool, Sheet
from comity.audit.record import Pins, Record
from comity.audit.root import Roots
from comity.audit.standing import find_disowned, find_disputed
from comity.crypto.suite import Suite

__all__ = ["Derived", "derive"]


@dataclass(frozen=True, slots=True)
class Derived:
    """What the pages alone decide, whoever holds them: steps 1 to 3."""

    pool: Pool
    sheets: Sequence[Sheet]
    roots: Roots
    journals: Mapping[bytes, Journal]
    heads: Heads
    disputed: frozenset[bytes]
    disowned: Mapping[bytes, frozenset[bytes]]
    """From a disowned page's digest to the journals whose page 0 leaves it out."""
    findings: Sequence[Finding]
    archive: Mapping[bytes, Journal]
    """Journals of the warning feed, as far as they were kept: no chains of the record, and not agreed on (W32)."""
    unread: frozenset[bytes]
    """Pages of these that a later incarnation leaves out: their blocks count for nothing (W76)."""

    @property
    def ordered(self) -> Sequence[Journal]:
        """The journals in the order in which reports name them."""
        return sorted(self.journals.values(), key=lambda journal: journal.sort_key)


def derive(records: Sequence[Record], pins: Pins, suite: Suite, tick: Callable[[], None] = lambda: None) -> Derived:
    """Judge every page of these records, which are of one pact and realm, and what the pages say of one another.

    `tick` is called once a page.
    """
    findings: list[Finding] = []
    pool = Pool(suite)
    for record in records:
        pool.add(record)
    sheets = sorted(pool.sheets, key=lambda sheet: (sheet.digest, sheet.signature, sheet.body))
    roots = _gather_roots(records, sheets, pins, suite, findings)
    acceptance = Acceptance(pins, roots, suite)
    for sheet in sheets:
        acceptance.judge(sheet)
        tick()
    archive, of_archive = build_archive(sheet for sheet in sheets if sheet.header.journal.feed == WARNING)
    journals, along_chains = build_journals(sheet for sheet in sheets if sheet.header.journal.feed != WARNING)
    heads = Heads(journals)
    disowned, of_disowned = find_disowned(journals, roots)
    unread, of_unread = find_disowned(archive, roots)
    findings += [*pool.findings, *of_archive, *along_chains, *heads.findings, *of_disowned, *of_unread]
    disputed: set[bytes] = set()
    for journal in sorted(journals.values(), key=lambda journal: journal.sort_key):
        pages, of_disputed = find_disputed(journal, heads)
        disputed |= pages
        findings += of_disputed
    return Derived(
        pool, sheets, roots, journals, heads, frozenset(disputed), disowned, findings, archive, frozenset(unread)
    )


def _gather_roots(
    records: Iterable[Record], sheets: Sequence[Sheet], pins: Pins, suite: Suite, findings: list[Finding]
) -> Roots:
    """Judge all root statements; say what is wrong with those that records carry beside their pages."""
    raws = {raw for sheet in sheets if sheet.code is None for raw in sheet.header.opening}
    raws.update(iterate_published(sheets))
    raws.update(raw for record in records for raw in record.statements)
    roots = Roots(sorted(raws), pins, suite)
    findings += roots.equivocations()
    for record in records:
        for index, raw in enumerate(record.statements):
            code = roots.code_of(raw)
            if code is not None:
                named = code if code.startswith("statement.") else "statement.malformed"
                findings.append(make_finding(named, holder=record.holder, index=index))
    return roots
