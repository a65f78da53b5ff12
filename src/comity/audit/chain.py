"""Strings pages into chains and judges what needs the pages before (J11 steps 8 and 9).

Rules
- A journal is a tree: page 0 hangs on the journal digest, every other on the page whose digest it names. What hangs on
  an accepted page is accepted; what hangs on nothing here is *held*.
- Along each branch goes a `_Path`: epochs announced and heads named so far. It is handed on, not copied, until a
  branch parts; so a journal without forks costs one pass.

Invariant: the accepted pages of a journal form a tree rooted at its digest, so every accepted page has all pages
before it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from comity.audit.finding import Finding, make_finding
from comity.audit.form import ENTRIES, KEYS, Head, JournalId
from comity.audit.pool import Sheet
from comity.base.limits import BRANCH_COUNT_MAX, SEEN_COUNT_MAX

__all__ = ["Journal", "build_journals"]


@dataclass(slots=True, eq=False)
class Journal:
    """One journal as all records together have it."""

    id: JournalId
    digest: bytes
    by_number: dict[int, list[Sheet]] = field(default_factory=dict)
    """Accepted pages; more than one of a number is a fork."""
    held: list[Sheet] = field(default_factory=list)
    parents: dict[bytes, Sheet] = field(default_factory=dict)
    """From an accepted page's digest to the page before it."""
    first_fork: int | None = None
    gone_back: list[tuple[Sheet, tuple[Head, ...]]] = field(default_factory=list)
    """Accepted pages that name a page which lies before one of its journal that was named before; with those names."""

    @property
    def last_number(self) -> int | None:
        """The highest number of an accepted page."""
        return max(self.by_number, default=None)

    @property
    def sort_key(self) -> tuple[str, str, tuple[str, ...], int]:
        """The order in which reports name journals."""
        return self.id.author, self.id.feed, self.id.audience, self.id.incarnation


@dataclass(slots=True)
class _Path:
    epochs: dict[int, bytes] = field(default_factory=dict)
    heads: dict[bytes, int] = field(default_factory=dict)

    def copy(self) -> "_Path":
        return _Path(dict(self.epochs), dict(self.heads))


class _Odd:
    """Odd but lawful things along one journal: counted, so that a slow clock is one finding and not a thousand."""

    def __init__(self, journal: JournalId) -> None:
        self._journal = journal
        self._first: dict[str, tuple[Sheet, int]] = {}

    def note(self, code: str, sheet: Sheet) -> None:
        first, count = self._first.get(code, (sheet, 0))
        self._first[code] = (first, count + 1)

    def findings(self) -> list[Finding]:
        return [
            make_finding(code, journal=self._journal, number=sheet.header.number, count=count)
            for code, (sheet, count) in self._first.items()
        ]


def build_journals(sheets: Iterable[Sheet]) -> tuple[dict[bytes, Journal], list[Finding]]:
    """String all pages that nothing speaks against into journals, and set the code of those that do not fit.

    Returns the journals by digest and the findings along their chains.
    """
    pages = [sheet for sheet in sheets if sheet.code is None]
    grouped: defaultdict[bytes, list[Sheet]] = defaultdict(list)
    for sheet in pages:
        grouped[sheet.journal_digest].append(sheet)
    journals: dict[bytes, Journal] = {}
    findings: list[Finding] = []
    for digest, own in grouped.items():
        journal = journals[digest] = Journal(own[0].header.journal, digest)
        findings += _Walk(journal, own).run()
    _refuse_strays(journals)
    for journal in journals.values():
        findings += _find_backwards(journal, journals)
    return journals, findings


def _find_backwards(journal: Journal, journals: Mapping[bytes, Journal]) -> list[Finding]:
    """Tell of heads that go back. A writer that meets a rival names it, whatever its number (J12): that is no doubt."""
    odd = _Odd(journal.id)
    for sheet, heads in journal.gone_back:
        if not all(_is_rival(head, journals) for head in heads):
            odd.note("seen.backwards", sheet)
    return odd.findings()


def _is_rival(head: Head, journals: Mapping[bytes, Journal]) -> bool:
    """Tell whether another page of that number is accepted than the one that this head names."""
    digest, number, page = head
    held = journals[digest].by_number.get(number, []) if digest in journals else []
    return any(sheet.digest != page for sheet in held)


def _refuse_strays(journals: Mapping[bytes, Journal]) -> None:
    """Refuse held pages whose predecessor is accepted after all, in another journal (J11 step 8)."""
    accepted = {sheet.digest for journal in journals.values() for row in journal.by_number.values() for sheet in row}
    for journal in journals.values():
        strays = [sheet for sheet in journal.held if sheet.header.previous in accepted]
        for sheet in strays:
            sheet.code, sheet.is_held = "page.previous", False
        journal.held = [sheet for sheet in journal.held if sheet.is_held]


class _Walk:
    def __init__(self, journal: Journal, sheets: list[Sheet]) -> None:
        self._journal = journal
        self._sheets = sheets
        self._odd = _Odd(journal.id)
        self._findings: list[Finding] = []
        self._children: defaultdict[bytes, list[Sheet]] = defaultdict(list)
        self._twins: defaultdict[bytes, list[Sheet]] = defaultdict(list)

    def run(self) -> list[Finding]:
        for sheet in self._sheets:
            self._sort_in(sheet)
        self._accept()
        self._hold_the_rest()
        for number in sorted(self._journal.by_number):
            if len(self._journal.by_number[number]) > BRANCH_COUNT_MAX:
                self._find("page.branch-limit", number, {"count": len(self._journal.by_number[number])})
                break
        return self._findings + self._odd.findings()

    def _find(self, code: str, number: int, arguments: Mapping[str, object]) -> None:
        self._findings.append(Finding(code, journal=self._journal.id, number=number, arguments=arguments))

    def _sort_in(self, sheet: Sheet) -> None:
        """Put a page under the one that it names; refuse a first page that does not name its journal (J11 step 8)."""
        header = sheet.header
        if header.number == 0 and header.previous != self._journal.digest:
            sheet.code = "page.previous"
            return
        if sheet.digest not in self._twins:
            self._children[header.previous].append(sheet)
        # One header under two signatures is one page, whose holders hold different bytes.
        self._twins[sheet.digest].append(sheet)

    def _accept(self) -> None:
        waiting: list[tuple[Sheet | None, bytes, _Path]] = [(None, self._journal.digest, _Path())]
        while waiting:
            parent, digest, path = waiting.pop()
            children = self._pick(self._children.pop(digest, []), parent, digest)
            if len(children) > 1:
                children = self._part(children, path)
            for index, child in enumerate(children):
                own_path = path if index == len(children) - 1 else path.copy()
                if self._take(child, parent, own_path):
                    waiting.append((child, child.digest, own_path))

    def _pick(self, children: list[Sheet], parent: Sheet | None, digest: bytes) -> list[Sheet]:
        """Return those that have the next number; of the others, refuse what names an accepted page (J11 step 8)."""
        number = 0 if parent is None else parent.header.number + 1
        rest = [child for child in children if child.header.number != number]
        if parent is None and rest:
            self._children[digest] = rest  # they name no page at all
        elif parent is not None:
            for child in rest:
                for twin in self._twins[child.digest]:
                    twin.code = "page.previous"
        return [child for child in children if child.header.number == number]

    def _part(self, children: list[Sheet], path: _Path) -> list[Sheet]:
        """Report a fork if more than one of the children stands (J16)."""
        standing = sorted(
            (child for child in children if self._code_in_chain(child, path) is None), key=lambda child: child.digest
        )
        if len(standing) > 1:
            number = standing[0].header.number
            first = self._journal.first_fork
            self._journal.first_fork = number if first is None else min(first, number)
            self._find(
                "page.forked",
                number,
                {
                    "digests": tuple(child.digest for child in standing),
                    "held_by": tuple(tuple(sorted(self._holders(child))) for child in standing),
                },
            )
        return sorted(children, key=lambda child: child.digest)

    def _holders(self, sheet: Sheet) -> set[str]:
        return {holder for twin in self._twins[sheet.digest] for holder in twin.index_by_holder}

    def _take(self, sheet: Sheet, parent: Sheet | None, path: _Path) -> bool:
        code = self._code_in_chain(sheet, path)
        twins = self._twins[sheet.digest]
        if code is not None:
            for twin in twins:
                twin.code = code
            return False
        if len(twins) > 1:
            self._find("page.bytes-differ", sheet.header.number, {"held_by": tuple(sorted(self._holders(sheet)))})
            for twin in twins[1:]:
                for holder, index in twin.index_by_holder.items():
                    sheet.index_by_holder.setdefault(holder, index)
        self._journal.by_number.setdefault(sheet.header.number, []).append(sheet)
        if parent is not None:
            self._journal.parents[sheet.digest] = parent
        self._follow(sheet, parent, path)
        return True

    def _code_in_chain(self, sheet: Sheet, path: _Path) -> str | None:
        """Judge what needs the chain before (J11 step 9): kind 2 of J9, S9, J13."""
        header = sheet.header
        if header.kind == ENTRIES and header.epoch not in path.epochs:
            return "page.kind"
        if sheet.key_body is not None and path.epochs.get(header.epoch, sheet.key_body.commitment) != (
            sheet.key_body.commitment
        ):
            return "key.commitment"
        if sheet.checkpoint is not None:
            statement = sheet.checkpoint[1]
            if (statement.number, statement.digest) != (header.number - 1, header.previous):
                return "page.checkpoint"
        return None

    def _follow(self, sheet: Sheet, parent: Sheet | None, path: _Path) -> None:
        """Carry the path on over an accepted page and note what is odd on the way."""
        header = sheet.header
        if header.kind == KEYS and sheet.key_body is not None:
            path.epochs[header.epoch] = sheet.key_body.commitment
        if header.kind == ENTRIES:
            sheet.commitment = path.epochs[header.epoch]
        if parent is not None and header.written_at < parent.header.written_at:
            self._odd.note("clock.backwards", sheet)
        # Before the page's own heads are taken in: a checkpoint is signed a moment before its page names what came
        # meanwhile, a checkpoint of another own journal above all.
        if sheet.checkpoint is not None and _forgets(sheet.checkpoint[1].seen, path.heads):
            self._odd.note("checkpoint.forgets", sheet)
        if backwards := _find_going_back(header.seen, path.heads):
            self._journal.gone_back.append((sheet, backwards))

    def _hold_the_rest(self) -> None:
        """Give a code to what hangs on nothing that was accepted (J11 step 8)."""
        for sheet in sorted(self._sheets, key=lambda sheet: sheet.header.number):
            header = sheet.header
            if sheet.code is None and header.number > 0 and header.previous in self._children:
                sheet.is_held = True
                sheet.code = "page.previous" if header.number - 1 in self._journal.by_number else "page.gap"
                self._journal.held.append(sheet)


def _find_going_back(seen: tuple[Head, ...], heads: dict[bytes, int]) -> tuple[Head, ...]:
    """Take the heads into the path; return those that lie before one that the author had named."""
    before = {journal: heads.get(journal, 0) for journal, _, _ in seen}
    for journal, number, _ in seen:
        heads[journal] = max(number, heads.get(journal, 0))
    return tuple(head for head in seen if head[1] < before[head[0]])


def _forgets(vector: tuple[Head, ...], heads: dict[bytes, int]) -> bool:
    """Tell whether a checkpoint's full vector leaves out what its author named before, then take it in."""
    if len(vector) == SEEN_COUNT_MAX:
        return False
    stated: dict[bytes, int] = {}
    for journal, number, _ in vector:
        stated[journal] = max(number, stated.get(journal, 0))
    forgot = any(stated.get(journal, -1) < number for journal, number in heads.items())
    heads.update(stated)
    return forgot
