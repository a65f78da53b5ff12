"""Runs an audit: from records and pins to a report. The order of the steps is the whole of what is decided here.

1. Every distinct page is read once, whoever holds it (`pool`).
2. Root statements are gathered from everywhere and judged (`root`), then each page by itself (`acceptance`).
3. Pages are strung into chains (`chain`); what pages say of one another is gathered (`heads`, `standing`).
   So far `trace`.
4. What the keys open is opened and checked, and its entries go by (`seal`, `claims`).
5. What they come to is judged, where a pact is at hand (`opinion`, `procedures`).
6. What was kept of the warning feed is held against its anchors (`archive`), and what it tells against its clauses
   (`tracks`).
7. Holders are compared (`holding`); rows and the verdict follow (`verdict`).

Independent of order: two audits of the same bytes give the same report, in whatever order records and pages come, but
for the places (`index`) at which a record's pages lay.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from comity.audit.archive import ArchiveRow, JudgedArchive, judge_archive
from comity.audit.chain import Journal
from comity.audit.claims import Claims
from comity.audit.disclosure import find_unproved
from comity.audit.finding import Finding, Severity, make_finding
from comity.audit.heads import name_unknown
from comity.audit.holding import Holdings, find_held, find_refused
from comity.audit.opinion import Opinion, find_faults, find_line, find_opinion
from comity.audit.record import Pins, Record
from comity.audit.report import Coverage, Report, Row
from comity.audit.seal import Seals
from comity.audit.trace import Derived, derive
from comity.audit.tracks.ledger import JudgedBlocks, judge_blocks
from comity.audit.verdict import build_rows, decide_verdict
from comity.audit.version import Line, Version, grow_pins
from comity.crypto.suite import Suite
from comity.pact.model import Pact

__all__ = ["audit"]

Progress = Callable[[int, int], None]
"""Called with pages done and pages in all, each page counted once for its chain and once for its seal."""

_PROGRESS_STEP = 256


class _Ticker:
    def __init__(self, total: int, progress: Progress | None) -> None:
        self._done = 0
        self._total = total
        self._progress = progress

    def end(self) -> None:
        """Tell that all is done."""
        if self._progress is not None:
            self._progress(self._total, self._total)

    def __call__(self) -> None:
        self._done += 1
        if self._progress is not None and self._done % _PROGRESS_STEP == 0:
            self._progress(self._done, self._total)


def audit(
    records: Sequence[Record],
    pins: Pins,
    suite: Suite,
    progress: Progress | None = None,
    *,
    pact: Pact | None = None,
    versions: Iterable[Version] = (),
    known: Collection[bytes] = (),
    as_of: int | None = None,
) -> Report:
    """Judge what one or several holders stored, against nothing but the bytes, the pins and the spec.

    Never raises for what is in pages, statements or disclosed keys; all that is a finding. Records of another lineage
    or realm are named and left out. `versions` are versions of the pact as they were read before; those that records
    hold are read besides, and each page is judged under the one that its cut supports (P36). With `pact` everything is
    judged under that one alone. `known` are digests of versions that the caller knows otherwise than from the records
    (J35): the report says on what each version is believed. `as_of` is the instant for which the states of objects and
    duties are shown, by default the latest clock in the records.

    Raises:
        RemoteError: `key.malformed` for a receiving secret of the caller's that is no key.
    """
    findings: list[Finding] = []
    judged = [record for record in records if _belongs(record, pins, findings)]
    page_count = len({raw for record in judged for raw in record.pages})
    tick = _Ticker(2 * page_count, progress)
    line = find_line(judged, pins, suite, pact=pact, versions=versions, known=known)
    pins = grow_pins(pins, line)
    derived = derive(judged, pins, suite, tick)
    journals, heads, ordered = derived.journals, derived.heads, derived.ordered
    every = (*ordered, *derived.archive.values())
    seals = _open_all(judged, derived, pins, suite, tick)
    claims = seals.claims
    findings += [*derived.findings, *seals.findings, *claims.findings]
    findings += [*_find_misfits(line), *find_unproved(claims.kept, judged, derived.roots, pins, suite, line=line)]
    holders = sorted({record.holder for record in judged})
    opinion = _judge_opened(derived, seals, line, pins, suite, holders=holders, as_of=as_of)
    findings += find_faults(opinion.procedures, journals)
    findings += _find_of_holders(derived, holdings := Holdings(holders, journals, derived.sheets, heads), pins, suite)
    archive, told = _judge_feed(derived, claims, opinion)
    findings += [*archive.findings, *told.findings]
    findings += _find_notes(judged, every, pins, seals, _find_at_hand(judged, line, suite))
    findings.sort(key=_rank)
    rows = build_rows(ordered, holdings, heads, seals)
    tick.end()
    return Report(
        verdict=decide_verdict(holders, journals, rows, findings, derived.disowned),
        findings=tuple(findings),
        rows=tuple(rows),
        coverage=_cover(page_count, rows, seals, claims),
        procedures=opinion.procedures,
        versions=opinion.versions,
        archive=tuple(_count_opened(archive.rows, derived, seals)),
        anchors=archive.anchors,
        kept=archive.pages,
        tracks=told.rows,
        blocks=told.blocks,
        basis=opinion.basis,
    )


def _open_all(records: Sequence[Record], derived: Derived, pins: Pins, suite: Suite, tick: Callable[[], None]) -> Seals:
    """Open what the keys open, and show the entries to the claims."""
    seals = Seals(suite, Claims(derived.roots, pins.versions))
    seals.gather_keys(records, {**derived.journals, **derived.archive})
    for journal in (*derived.ordered, *derived.archive.values()):
        seals.open_journal(journal, tick)
    return seals


def _judge_opened(
    derived: Derived,
    seals: Seals,
    line: Line | None,
    pins: Pins,
    suite: Suite,
    *,
    holders: Iterable[str],
    as_of: int | None,
) -> Opinion:
    if line is None:
        return Opinion(None, ())
    return find_opinion(derived, seals, line, pins, suite, holders=holders, as_of=as_of)


def _judge_feed(derived: Derived, claims: Claims, opinion: Opinion) -> tuple[JudgedArchive, JudgedBlocks]:
    """Judge the warning feed by what stands: anchors that no root disowns, blocks that none leaves out (W76)."""
    standing = (claim for claim in claims.kept if claim.sheet.digest not in derived.disowned)
    read = (raw for raw in claims.blocks if raw.sheet.digest not in derived.unread)
    return judge_archive(derived.archive, standing, derived.unread), judge_blocks(read, opinion.basis)


def _count_opened(rows: Iterable[ArchiveRow], derived: Derived, seals: Seals) -> Iterable[ArchiveRow]:
    digests = {journal.id: digest for digest, journal in derived.archive.items()}
    for row in rows:
        digest = digests[row.journal]
        yield replace(row, opened_page_count=seals.opened[digest], sealed_page_count=seals.sealed[digest])


def _find_of_holders(derived: Derived, holdings: Holdings, pins: Pins, suite: Suite) -> Iterable[Finding]:
    """Yield what is wrong with what each holder stored, and what it lacks."""
    yield from find_refused(derived.sheets, derived.pool.unread, pins.parties)
    yield from find_held(derived.sheets)
    for journal in derived.ordered:
        yield from holdings.find_missing(journal)
    unknown = {journal_digest for journal_digest, _ in derived.heads.highest} - set(derived.journals)
    yield from holdings.find_unknown(name_unknown(unknown, derived.sheets, suite))


def _belongs(record: Record, pins: Pins, findings: list[Finding]) -> bool:
    if record.lineage != pins.lineage:
        findings.append(make_finding("record.other-lineage", holder=record.holder))
    elif record.realm != pins.realm:
        findings.append(make_finding("record.other-realm", holder=record.holder, realm=record.realm))
    else:
        return True
    return False


def _find_at_hand(records: Iterable[Record], line: Line | None, suite: Suite) -> frozenset[bytes]:
    held = frozenset(suite.hash(raw) for record in records for raw in record.pacts)
    return held if line is None else held | line.held


def _find_notes(
    records: Sequence[Record], journals: Iterable[Journal], pins: Pins, seals: Seals, at_hand: Collection[bytes]
) -> Iterable[Finding]:
    """Yield what could not be judged: holders outside the pact, pact versions not at hand, journals without keys."""
    for holder in sorted({record.holder for record in records} - set(pins.parties)):
        yield make_finding("holder.not-party", holder=holder)
    for journal in journals:
        first: dict[bytes, int] = {}
        for number in sorted(journal.by_number):
            for sheet in journal.by_number[number]:
                first.setdefault(sheet.header.pact, number)
        for digest in sorted(set(first) - set(at_hand), key=first.__getitem__):
            yield make_finding("pact.not-held", journal=journal.id, number=first[digest], digest=digest)
        if (count := seals.sealed[journal.digest]) > 0:
            yield make_finding("seal.no-key", journal=journal.id, count=count)


def _find_misfits(line: Line | None) -> Iterable[Finding]:
    """Yield the versions at hand that do not fit (P33)."""
    for version in () if line is None else line.all:
        if line is not None and line.find(version.digest) is None:
            yield make_finding("pact.not-fitting", digest=version.digest, version=version.number)


_WEIGHT = {severity: index for index, severity in enumerate(Severity)}


def _rank(finding: Finding) -> tuple[object, ...]:
    """Order findings by weight, journal, page: by nothing that depends on how the records were read."""
    journal = finding.journal
    place: tuple[str, str, tuple[str, ...], int] = ("", "", (), 0)
    if journal is not None:
        place = (journal.author, journal.feed, journal.audience, journal.incarnation)
    return _WEIGHT[finding.severity], place, finding.number or 0, finding.code, finding.holder or "", str(finding)


def _cover(page_count: int, rows: Sequence[Row], seals: Seals, claims: Claims) -> Coverage:
    return Coverage(
        page_count=page_count,
        accepted_page_count=sum(row.page_count for row in rows),
        opened_page_count=sum(row.opened_page_count for row in rows),
        sealed_page_count=sum(row.sealed_page_count for row in rows),
        entry_count=seals.entry_count,
        entry_counts=dict(sorted(claims.counts.items())),
        journals_without_keys=tuple(row.journal for row in rows if row.sealed_page_count),
    )
