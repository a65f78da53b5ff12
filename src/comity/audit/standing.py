"""Which accepted pages are disputed or disowned (J16, J17).

A disputed or disowned page still binds its author; it never counts as consent (J18).
"""

from collections import defaultdict
from collections.abc import Mapping

from comity.audit.chain import Journal
from comity.audit.finding import Finding, make_finding
from comity.audit.heads import Heads
from comity.audit.pool import Sheet
from comity.audit.root import Roots
from comity.audit.statement import Closure

__all__ = ["find_disowned", "find_disputed"]


def find_disputed(journal: Journal, heads: Heads) -> tuple[set[bytes], list[Finding]]:
    """Return the disputed pages, and a finding for each branch whose rival another author's signed heads name (J16).

    Two passes over a forked journal only: from the tips down, which subtrees are named by others; from the root up,
    which branches have a sibling in such a subtree. Siblings are enough: of two pages with one number on two
    branches, the branches part somewhere before, and it is there that they are siblings.
    """
    if journal.first_fork is None:
        return set(), []
    numbers = sorted(journal.by_number)
    is_named: set[bytes] = set()
    for number in reversed(numbers):
        for sheet in journal.by_number[number]:
            if sheet.digest in is_named or sheet.digest in heads.named_by_others:
                is_named.add(sheet.digest)
                if sheet.digest in journal.parents:
                    is_named.add(journal.parents[sheet.digest].digest)
    disputed: set[bytes] = set()
    sizes: defaultdict[bytes, int] = defaultdict(int)
    heads_of_branch: dict[bytes, Sheet] = {}
    branch_of: dict[bytes, bytes] = {}
    for number in numbers:
        named = [sheet.digest for sheet in journal.by_number[number] if sheet.digest in is_named]
        for sheet in journal.by_number[number]:
            parent = journal.parents.get(sheet.digest)
            if parent is not None and parent.digest in disputed:
                branch = branch_of[parent.digest]
            elif named and named != [sheet.digest]:  # some other page of this number is named
                branch = sheet.digest
                heads_of_branch[branch] = sheet
            else:
                continue
            disputed.add(sheet.digest)
            branch_of[sheet.digest] = branch
            sizes[branch] += 1
    return disputed, [
        make_finding(
            "page.disputed", journal=journal.id, number=sheet.header.number, digest=branch, count=sizes[branch]
        )
        for branch, sheet in heads_of_branch.items()
    ]


def find_disowned(
    journals: Mapping[bytes, Journal], roots: Roots
) -> tuple[dict[bytes, frozenset[bytes]], list[Finding]]:
    """Return the disowned pages (J17), each with the journals whose page 0 leaves it out, and a finding for each chain.

    Where the last good page that a closure names is not here, the pages up to its number are left standing: nothing
    here shows them to be on another branch.
    """
    families: defaultdict[tuple[object, ...], list[Journal]] = defaultdict(list)
    for journal in journals.values():
        families[journal.id.feed, journal.id.author, journal.id.audience].append(journal)
    openers: defaultdict[bytes, set[bytes]] = defaultdict(set)
    findings: list[Finding] = []
    for family in families.values():
        for later in family:
            for opener in later.by_number.get(0, ()):
                for earlier in family:
                    if earlier.id.incarnation < later.id.incarnation:
                        left_out = _left_out(earlier, opener, roots)
                        findings += _report(earlier, [one for one in left_out if one.digest not in openers], opener)
                        for sheet in left_out:
                            openers[sheet.digest].add(later.digest)
    return {page: frozenset(by) for page, by in openers.items()}, findings


def _left_out(earlier: Journal, opener: Sheet, roots: Roots) -> list[Sheet]:
    """Return the accepted pages of an earlier incarnation that a later page 0 does not stand by."""
    rows: tuple[tuple[int, int, bytes], ...] = ()
    for raw in opener.header.opening:
        statement = roots.find_statement(raw)
        if statement is not None and isinstance(statement.body, Closure):
            rows = statement.body.closed
    row = next((row for row in rows if row[0] == earlier.id.incarnation), None)
    pages = [sheet for number in sorted(earlier.by_number) for sheet in earlier.by_number[number]]
    if row is None:
        return pages
    _, last_number, last_digest = row
    last = next((sheet for sheet in earlier.by_number.get(last_number, ()) if sheet.digest == last_digest), None)
    if last is None:
        return [sheet for sheet in pages if sheet.header.number > last_number]
    kept, known_from = set[bytes](), last_number
    while last is not None:
        kept.add(last.digest)
        known_from = last.header.number - 1  # which page is the one before, it says itself, here or not (W76)
        last = earlier.parents.get(last.digest)
    return [sheet for sheet in pages if sheet.digest not in kept and sheet.header.number >= known_from]


def _report(earlier: Journal, lost: list[Sheet], opener: Sheet) -> list[Finding]:
    if not lost:
        return []
    first = lost[0]
    return [
        make_finding(
            "page.disowned",
            journal=earlier.id,
            number=first.header.number,
            witness=opener.witness,
            count=len(lost),
        )
    ]
