"""Where opened entries go by: counted, checked for their form (J10), and kept where a procedure will read them.

Each page's entries come once, in no order across journals, with the page that they stand in. Root statements published
in genesis entries are judged here (S11). Entries of a type that docs/spec does not fix are counted and passed over.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from comity.audit.body import decode_entries, find_value, type_of_entry
from comity.audit.finding import Finding, make_finding
from comity.audit.form import GENESIS, OPEN
from comity.audit.pool import Sheet
from comity.audit.procedures.forms import Entry
from comity.audit.procedures.known import decode_entry, find_known, is_known
from comity.audit.root import Roots
from comity.base.errors import RemoteError

__all__ = ["Claim", "Claims", "iterate_published"]

_PUBLISHED: Final = "RootStatementPublished"


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


class Claim(NamedTuple):
    """One entry in form: the page that it stands in, its number there from 0, its id (its leaf, J10), what it says."""

    sheet: Sheet
    number: int
    id: bytes
    entry: Entry


class Claims:
    """Takes entries as they are opened; `kept` are those that the procedures are judged from."""

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self.counts: Counter[str] = Counter()
        self.findings: list[Finding] = []
        self.kept: list[Claim] = []

    def take(self, sheet: Sheet, entries: Sequence[bytes], leaves: Sequence[bytes]) -> None:
        """Take the entries of one accepted page, opened and proved to be those that were signed (S6)."""
        journal, number = sheet.header.journal, sheet.header.number
        for index, entry in enumerate(entries):
            type_ = find_known(entry)
            if type_ is not None:
                said = decode_entry(type_, entry)
                if said is None:
                    self.findings.append(make_finding("entry.malformed", journal=journal, number=number, index=index))
                    continue
                self.counts[type_] += 1
                self.kept.append(Claim(sheet, index, leaves[index], said))
                continue
            value = find_value(entry)
            if value is None or is_known(type_of_entry(value)):
                self.findings.append(make_finding("entry.malformed", journal=journal, number=number, index=index))
                continue
            self.counts[type_of_entry(value)] += 1
            code = self._judge_published(value) if journal.feed == GENESIS else None
            if code is not None:
                self.findings.append(make_finding(code, journal=journal, number=number, index=index))

    def _judge_published(self, value: list[object]) -> str | None:
        statement = _find_statement(value)
        code = None if statement is None else self._roots.code_of(statement)
        return None if code is None else _code_of_statement(code)


def _code_of_statement(code: str) -> str:
    """Size and form have codes of their own where pages are concerned; of a statement both mean malformed."""
    return code if code.startswith("statement.") else "statement.malformed"
