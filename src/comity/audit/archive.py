"""Kept pages of the warning feed: strung together as far as they go, and held against the anchors of the record (W32).

Nobody owes anybody that he kept pages of this feed, so their absence is no fault of a holder and no page of it waits
for another: what lies here is proved by its author's signature, and by an anchor as what he told everybody in that
journal.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from comity.audit.chain import Journal
from comity.audit.claims import Claim
from comity.audit.finding import Finding, make_finding
from comity.audit.form import ENTRIES, JournalId
from comity.audit.pool import Sheet
from comity.audit.procedures.forms_warning import WarningAnchored
from comity.base.names import Audience, Party

__all__ = ["WARNING", "AnchorSaid", "ArchiveRow", "JudgedArchive", "KeptPage", "build_archive", "judge_archive"]

WARNING = "warning"
"""The feed that is judged here, and not as a chain without gaps."""

_Named = tuple[Party, Audience, int]


class AnchorSaid(NamedTuple):
    """An anchor: of a warning journal page `number` is `page`.

    It was said first in `record`, page `record_number`, at `said_at` by its author's clock.
    """

    author: Party
    audience: Audience
    incarnation: int
    number: int
    page: bytes
    said_at: int
    record: JournalId
    record_number: int


class KeptPage(NamedTuple):
    """A page that was kept, and the first anchor that covers it; None where none does."""

    journal: JournalId
    number: int
    digest: bytes
    written_at: int
    anchor: AnchorSaid | None


_Anchors = Mapping[_Named, Mapping[int, Mapping[bytes, AnchorSaid]]]


@dataclass(frozen=True, slots=True)
class ArchiveRow:
    """One warning journal as far as it was kept. `anchored_count` are pages that an anchor covers."""

    journal: JournalId
    first_number: int
    last_number: int
    page_count: int
    missing_count: int
    anchored_count: int
    opened_page_count: int = 0
    sealed_page_count: int = 0


@dataclass(frozen=True, slots=True)
class JudgedArchive:
    """Rows of the summary, what was found, every anchor of the record, and every page that was kept."""

    rows: tuple[ArchiveRow, ...]
    findings: tuple[Finding, ...]
    anchors: tuple[AnchorSaid, ...]
    pages: tuple[KeptPage, ...]


def build_archive(sheets: Iterable[Sheet]) -> tuple[dict[bytes, Journal], list[Finding]]:
    """Gather pages of the feed that nothing speaks against; return journals by digest, and what contradicts itself."""
    grouped: defaultdict[bytes, list[Sheet]] = defaultdict(list)
    for sheet in sheets:
        if sheet.code is None and sheet.header.number == 0 and sheet.header.previous != sheet.journal_digest:
            sheet.code = "page.previous"
        if sheet.code is None:
            grouped[sheet.journal_digest].append(sheet)
    journals: dict[bytes, Journal] = {}
    findings: list[Finding] = []
    for digest, own in sorted(grouped.items()):
        journal = journals[digest] = Journal(own[0].header.journal, digest)
        _gather(journal, own)
        findings += _find_forks(journal)
        findings += _announce_epochs(journal, own)
    return journals, findings


def _gather(journal: Journal, sheets: Iterable[Sheet]) -> None:
    """Put each page in its place, one header under two signatures once, and under the page that it follows."""
    by_digest: dict[bytes, Sheet] = {}
    for sheet in sorted(sheets, key=lambda sheet: (sheet.header.number, sheet.digest)):
        if sheet.digest in by_digest:
            continue
        by_digest[sheet.digest] = sheet
        journal.by_number.setdefault(sheet.header.number, []).append(sheet)
        parent = by_digest.get(sheet.header.previous)
        if parent is not None and parent.header.number == sheet.header.number - 1:
            journal.parents[sheet.digest] = parent


def _find_forks(journal: Journal) -> Iterator[Finding]:
    """Yield where its author signed two pages for one place: of one number, or one that another follows (W29)."""
    for number, rivals in sorted(journal.by_number.items()):
        followed = {sheet.header.previous for sheet in journal.by_number.get(number + 1, ())}
        digests = sorted({*followed, *(sheet.digest for sheet in rivals)})
        if len(digests) < 2:
            continue
        if journal.first_fork is None:
            journal.first_fork = number
        held = {sheet.digest: tuple(sorted(sheet.index_by_holder)) for sheet in rivals}
        held_by = tuple(held.get(digest, ()) for digest in digests)
        yield make_finding("page.forked", journal=journal.id, number=number, digests=tuple(digests), held_by=held_by)


def _announce_epochs(journal: Journal, sheets: Iterable[Sheet]) -> Iterator[Finding]:
    """Give each page the key that its epoch commits to; an epoch with two keys has none (S9)."""
    committed: defaultdict[int, set[bytes]] = defaultdict(set)
    first: dict[int, int] = {}
    for sheet in sorted(sheets, key=lambda sheet: sheet.header.number):
        if sheet.key_body is not None:
            committed[sheet.header.epoch].add(sheet.key_body.commitment)
            first.setdefault(sheet.header.epoch, sheet.header.number)
    for sheets_of_number in journal.by_number.values():
        for sheet in sheets_of_number:
            keys = committed.get(sheet.header.epoch, set())
            if sheet.header.kind == ENTRIES and len(keys) == 1:
                (sheet.commitment,) = keys
    for epoch, keys in sorted(committed.items()):
        if len(keys) > 1:
            yield make_finding("key.commitment", journal=journal.id, number=first[epoch], epoch=epoch)


def judge_archive(
    journals: Mapping[bytes, Journal], claims: Iterable[Claim], disowned: Collection[bytes] = ()
) -> JudgedArchive:
    """Hold every journal against what its author anchored in the record.

    `claims` are those that stand (J17), `disowned` the pages of these journals that a later incarnation leaves out.
    """
    anchors = _gather_anchors(claims)
    rows: list[ArchiveRow] = []
    findings: list[Finding] = []
    kept: list[KeptPage] = []
    for journal in sorted(journals.values(), key=lambda journal: journal.sort_key):
        named = (journal.id.author, journal.id.audience, journal.id.incarnation)
        found = anchors.get(named, {})
        findings += _find_anchor_faults(journal, found)
        findings += _find_unanchored_ends(journal, found, disowned)
        covered = _find_covered(journal, found)
        pages = [sheet for number in sorted(journal.by_number) for sheet in journal.by_number[number]]
        kept += (
            KeptPage(journal.id, sheet.header.number, sheet.digest, sheet.header.written_at, covered.get(sheet.digest))
            for sheet in pages
        )
        loose = [sheet.header.number for sheet in pages if sheet.digest not in covered]
        numbers = sorted(journal.by_number)
        missing = numbers[-1] - numbers[0] + 1 - len(numbers)
        if loose:
            findings.append(make_finding("warning.not-anchored", journal=journal.id, number=loose[0], count=len(loose)))
        if missing:
            first = next(number + 1 for number in numbers if number + 1 not in journal.by_number)
            findings.append(make_finding("warning.gap", journal=journal.id, number=first, count=missing))
        rows.append(ArchiveRow(journal.id, numbers[0], numbers[-1], len(pages), missing, len(pages) - len(loose)))
    said = (one for by_number in anchors.values() for pages in by_number.values() for one in pages.values())
    return JudgedArchive(tuple(rows), tuple(findings), tuple(sorted(said)), tuple(kept))


def _gather_anchors(claims: Iterable[Claim]) -> _Anchors:
    """Return what authors said of their own warning journals, each to exactly the readers of that journal (W30)."""
    found: dict[_Named, dict[int, dict[bytes, AnchorSaid]]] = {}
    for claim in claims:
        journal, entry = claim.sheet.header.journal, claim.entry
        if isinstance(entry, WarningAnchored) and entry.audience == journal.audience:
            named = (journal.author, entry.audience, entry.incarnation)
            header = claim.sheet.header
            said = AnchorSaid(*named, entry.number, entry.page, header.written_at, journal, header.number)
            pages = found.setdefault(named, {}).setdefault(entry.number, {})
            before = pages.get(entry.page)
            pages[entry.page] = said if before is None or said.record_number < before.record_number else before
    return found


def _find_anchor_faults(journal: Journal, anchors: Mapping[int, Mapping[bytes, AnchorSaid]]) -> Iterator[Finding]:
    for number, pages in sorted(anchors.items()):
        if len(pages) > 1:
            yield make_finding("warning.anchored-twice", journal=journal.id, number=number)
        held = {sheet.digest for sheet in journal.by_number.get(number, ())}
        if held and not held & pages.keys():
            yield make_finding("warning.anchor-differs", journal=journal.id, number=number)


def _find_unanchored_ends(
    journal: Journal, anchors: Mapping[int, Mapping[bytes, AnchorSaid]], disowned: Collection[bytes]
) -> Iterator[Finding]:
    """Yield where the root leaves out what its party's standing record says that it sent (W76)."""
    left_out = [
        number
        for number, pages in sorted(anchors.items())
        if any(sheet.digest in pages and sheet.digest in disowned for sheet in journal.by_number.get(number, ()))
    ]
    if left_out:
        yield make_finding("warning.anchor-disowned", journal=journal.id, number=left_out[0], count=len(left_out))


def _find_covered(journal: Journal, anchors: Mapping[int, Mapping[bytes, AnchorSaid]]) -> dict[bytes, AnchorSaid]:
    """Return the pages that are anchored, or lie before an anchored one with every page between them here: by which."""
    covered: dict[bytes, AnchorSaid] = {}
    for number, pages in sorted(anchors.items()):
        for sheet in journal.by_number.get(number, ()):
            node: Sheet | None = sheet if sheet.digest in pages else None
            while node is not None and node.digest not in covered:
                covered[node.digest] = pages[sheet.digest]
                node = journal.parents.get(node.digest)
    return covered
