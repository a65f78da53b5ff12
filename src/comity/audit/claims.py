"""Where opened entries go by: counted, checked for their form (J10), and kept where a procedure will read them.

Each page's entries come once, in no order across journals, with the page that they stand in. Root statements published
in genesis entries are judged here (S11). Entries of a type that docs/spec does not fix are counted and passed over.
A page under a version of the pact that is not at hand is not read at all (P37). A page of the warning feed holds blocks
and no statements (W1): whatever else stands there is counted.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Final

import msgspec

from comity.audit.body import decode_entries, find_value, type_of_entry
from comity.audit.finding import Finding, make_finding
from comity.audit.form import GENESIS, OPEN
from comity.audit.pool import Sheet
from comity.audit.procedures.forms import Entry
from comity.audit.procedures.forms_pact import RootStatementPublished
from comity.audit.procedures.known import decode_entry, find_known, is_known
from comity.audit.root import Roots
from comity.audit.tracks.block import BLOCK_TYPES
from comity.base.errors import RemoteError

__all__ = ["Claim", "Claims", "RawBlock", "iterate_published"]

_PUBLISHED: Final = "RootStatementPublished"
_WARNING: Final = "warning"


def iterate_published(sheets: Sequence[Sheet]) -> Iterator[bytes]:
    """Yield the root statements that open entries carry, before anything is judged: statements prove themselves (S11).

    Only the form of their page has been looked at.
    """
    for sheet in sheets:
        if sheet.header.kind != OPEN or sheet.code is not None:
            continue
        try:
            entries = decode_entries(sheet.body, count=sheet.header.entry_count)
        except RemoteError:
            continue
        values = filter(None, map(find_value, entries))
        yield from (statement for statement in map(_find_statement, values) if statement is not None)


def _find_statement(value: list[object]) -> bytes | None:
    if type_of_entry(value) != _PUBLISHED or len(value) != 2:
        return None
    statement = value[1]
    return statement if isinstance(statement, bytes) else None


class Claim(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One entry in form: the page that it stands in, its number there from 0, its id (its leaf, J10), what it says."""

    sheet: Sheet
    number: int
    id: bytes
    entry: Entry


class RawBlock(msgspec.Struct, frozen=True, eq=False, gc=False):
    """An entry of the warning feed that says it is a block (W1): its page, its place there from 0, itself."""

    sheet: Sheet
    number: int
    raw: bytes


class Claims:
    """Takes entries as they are opened; `kept` are those that the procedures are judged from."""

    def __init__(self, roots: Roots, versions: Collection[bytes] = ()) -> None:
        """Set up; with `versions` pages under any other version of the pact than these are passed over."""
        self._roots = roots
        self._versions = versions
        self.first_unread: dict[bytes, int] = {}
        """By journal digest, the first page that was not read."""
        self.counts: Counter[str] = Counter()
        self.findings: list[Finding] = []
        self.kept: list[Claim] = []
        self.blocks: list[RawBlock] = []
        """What pages of the warning feed tell: these are no statements of the record."""

    def take(self, sheet: Sheet, entries: Sequence[bytes], leaves: Sequence[bytes]) -> None:
        """Take the entries of one accepted page, opened and proved to be those that were signed (S6)."""
        journal, number = sheet.header.journal, sheet.header.number
        is_genesis = journal.feed == GENESIS
        if self._versions and sheet.header.pact not in self._versions:
            self.first_unread.setdefault(sheet.journal_digest, number)
            return
        is_warning = journal.feed == _WARNING
        for index, entry in enumerate(entries):
            type_ = None if is_warning else find_known(entry)
            if type_ is not None:
                said = decode_entry(type_, entry)
                if said is None:
                    self.findings.append(make_finding("entry.malformed", journal=journal, number=number, index=index))
                    continue
                self.counts[type_] += 1
                self.kept.append(Claim(sheet, index, leaves[index], said))
                if is_genesis and isinstance(said, RootStatementPublished):
                    self._judge_published(said, sheet, index)
                continue
            value = find_value(entry)
            if value is None or (is_known(type_of_entry(value)) and not is_warning):
                self.findings.append(make_finding("entry.malformed", journal=journal, number=number, index=index))
                continue
            self.counts[type_of_entry(value)] += 1
            if is_warning and type_of_entry(value) in BLOCK_TYPES:
                self.blocks.append(RawBlock(sheet, index, entry))

    def _judge_published(self, said: RootStatementPublished, sheet: Sheet, index: int) -> None:
        code = self._roots.code_of(said.statement)
        if code is not None:
            header = sheet.header
            named = _code_of_statement(code)
            self.findings.append(make_finding(named, journal=header.journal, number=header.number, index=index))


def _code_of_statement(code: str) -> str:
    """Size and form have codes of their own where pages are concerned; of a statement both mean malformed."""
    return code if code.startswith("statement.") else "statement.malformed"
