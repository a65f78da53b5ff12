"""Rows and the one verdict, from what was derived.

Rules
- "Agree up to an instant" is said of the clock of the last agreed page that was written before the first page in
  doubt, in whatever journal that one is. So an agreed journal cannot cover for a damaged one.
- A reader has not confirmed if its signed heads do not reach the last page of kind 0, 1 or 2 (J15); "since" is the
  reader's own clock at its last confirmation there. Pages that were disowned ask for no receipt.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from comity.audit.chain import Journal
from comity.audit.finding import Finding, Severity
from comity.audit.form import ENTRIES, JournalId
from comity.audit.heads import Heads
from comity.audit.holding import Holdings
from comity.audit.pool import Sheet
from comity.audit.report import Row, Unconfirmed, Verdict, VerdictCode
from comity.audit.seal import Seals

__all__ = ["build_rows", "decide_verdict"]


def build_rows(journals: Iterable[Journal], holdings: Holdings, heads: Heads, seals: Seals) -> list[Row]:
    """Return one row for each journal, in the order given."""
    return [_build_row(journal, holdings, heads, seals) for journal in journals]


def _build_row(journal: Journal, holdings: Holdings, heads: Heads, seals: Seals) -> Row:
    agreed = holdings.agreed_count(journal) - 1
    last = journal.last_number
    return Row(
        journal=journal.id,
        page_count=sum(map(len, journal.by_number.values())),
        last_number=last,
        last_at=None if last is None else journal.by_number[last][0].header.written_at,
        agreed_number=agreed if agreed >= 0 else None,
        agreed_at=journal.by_number[agreed][0].header.written_at if agreed >= 0 else None,
        held_by=tuple((holder, holdings.last_held(journal, holder)) for holder in holdings.should_hold(journal.id)),
        confirmations=tuple(
            heads.confirmation(journal, reader) for reader in journal.id.audience if reader != journal.id.author
        ),
        opened_page_count=seals.opened[journal.digest],
        sealed_page_count=seals.sealed[journal.digest],
    )


def decide_verdict(
    holders: Sequence[str],
    journals: Mapping[bytes, Journal],
    rows: Sequence[Row],
    findings: Sequence[Finding],
    disowned: Collection[bytes],
) -> Verdict:
    """Return the verdict; see `VerdictCode` for the order in which it is decided."""
    if not any(row.page_count for row in rows):
        first_bad = next(iter(findings), None)
        return Verdict(VerdictCode.NOTHING, tuple(holders), finding=first_bad)
    by_id = {journal.id: journal for journal in journals.values()}
    doubts = [(_doubted_at(finding, by_id), finding) for finding in findings if _ends_agreement(finding)]
    agreed_at = _agreed_at(by_id, rows, min((at for at, _ in doubts if at is not None), default=None))
    breaches = [finding for finding in findings if finding.severity is Severity.BREACH]
    code, finding = _decide_code(doubts, breaches)
    unconfirmed = _find_unconfirmed(by_id, rows, disowned)
    if code is None:
        code = VerdictCode.AGREED
        if len(holders) < 2:
            code = VerdictCode.UNWITNESSED
        elif unconfirmed:
            code = VerdictCode.UNCONFIRMED
    return Verdict(
        code=code,
        holders=tuple(holders),
        agreed_at=agreed_at,
        finding=finding,
        breach_count=len(breaches),
        unconfirmed=tuple(unconfirmed),
        unwitnessed=_find_unwitnessed(rows),
    )


def _decide_code(
    doubts: Sequence[tuple[int | None, Finding]], breaches: Sequence[Finding]
) -> tuple[VerdictCode | None, Finding | None]:
    """Return what is wrong, and the first page of it: of proofs before mere absence, then by clock."""
    grave = [(at, finding) for at, finding in doubts if finding.severity is Severity.BREACH]
    if grave:
        return VerdictCode.DISAGREEMENT, _first(grave)
    if breaches:
        return VerdictCode.BREACH, breaches[0]
    if doubts:
        return VerdictCode.INCOMPLETE, _first(doubts)
    return None, None


def _ends_agreement(finding: Finding) -> bool:
    """Tell whether a page is in doubt. What is wrong with a statement or key ends agreement where it refused a page."""
    refused_a_page = finding.holder is not None and finding.journal is not None and finding.number is not None
    return finding.kind.ends_agreement or (refused_a_page and finding.code.startswith(("statement.", "key.")))


def _first(doubts: Sequence[tuple[int | None, Finding]]) -> Finding:
    """Return the earliest; what names its page goes before what has none, and findings are in a fixed order."""
    ranked = sorted(
        enumerate(doubts), key=lambda row: (row[1][1].journal is None, row[1][0] is None, row[1][0] or 0, row[0])
    )
    return ranked[0][1][1]


def _doubted_at(finding: Finding, by_id: Mapping[JournalId, Journal]) -> int | None:
    """Return an instant from which on nothing is agreed because of this finding: the page's clock if it is known.

    A page that nobody has was written after the page before it, and before the page that names it.
    """
    journal = None if finding.journal is None else by_id.get(finding.journal)
    if journal is not None and finding.number is not None:
        own = journal.by_number.get(finding.number)
        if own:
            return min(sheet.header.written_at for sheet in own)
        before = _last_before(journal, finding.number)
        if before is not None:
            return before.header.written_at + 1
    return None if finding.witness is None else finding.witness.written_at


def _last_before(journal: Journal, number: int) -> Sheet | None:
    last = journal.last_number
    if last is None or number == 0:
        return None
    # Accepted numbers have no holes: a page is accepted only after the one before it.
    return journal.by_number[min(last, number - 1)][0]


def _agreed_at(by_id: Mapping[JournalId, Journal], rows: Sequence[Row], bound: int | None) -> int | None:
    """Return the latest clock of an agreed page that lies before `bound`."""
    best: int | None = None
    for row in rows:
        journal = by_id[row.journal]
        for number in range(row.agreed_number if row.agreed_number is not None else -1, -1, -1):
            at = journal.by_number[number][0].header.written_at
            if bound is None or at < bound:
                best = at if best is None else max(best, at)
                break
    return best


def _find_unconfirmed(
    by_id: Mapping[JournalId, Journal], rows: Sequence[Row], disowned: Collection[bytes]
) -> list[Unconfirmed]:
    """Return, for each party, where it has been silent the longest."""
    worst: dict[str, Unconfirmed] = {}
    for row in rows:
        due = _last_due(by_id[row.journal], disowned)
        for reader, number, at in row.confirmations:
            if due is None or (number is not None and number >= due):
                continue
            candidate = Unconfirmed(reader, at, row.journal, number)
            held = worst.get(reader)
            if held is None or _silent_since(candidate) < _silent_since(held):
                worst[reader] = candidate
    return [worst[party] for party in sorted(worst)]


def _silent_since(unconfirmed: Unconfirmed) -> int:
    return -1 if unconfirmed.confirmed_at is None else unconfirmed.confirmed_at


def _last_due(journal: Journal, disowned: Collection[bytes]) -> int | None:
    """Return the last page that obliges a receipt (J15)."""
    for number in range(-1 if journal.last_number is None else journal.last_number, -1, -1):
        for sheet in journal.by_number[number]:
            if sheet.header.kind <= ENTRIES and sheet.digest not in disowned:
                return number
    return None


def _find_unwitnessed(rows: Sequence[Row]) -> tuple[JournalId, int] | None:
    """Return the journal whose last page is the latest of all: where a cut would show least."""
    latest = max((row for row in rows if row.last_number is not None), key=lambda row: row.last_at or 0, default=None)
    return None if latest is None or latest.last_number is None else (latest.journal, latest.last_number)
