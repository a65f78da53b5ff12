"""What the page *Record* shows: statements as rows, one statement whole, who knew what when, journals and their heads.

Pure views over what the node holds. What may be seen is decided below: what is not in the index is nowhere here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from comity.api.desk import Desk
from comity.api.form import parse_id, simplify
from comity.api.knowledge import Knowledge, find_disclosures, judge_knowledge
from comity.api.record_index import RecordIndex
from comity.api.record_rows import Listed, list_rows
from comity.api.row_words import say_officers, say_row
from comity.api.signed_for import SignedFor
from comity.api.titles import Titles
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.console.marked import Marked, list_marked
from comity.journal.header import Page, parse_page
from comity.machine.machine import Machine
from comity.pact.zone import format_local
from comity.procedure.entry import Entry
from comity.procedure.reading import ItemRead
from comity.procedure.record import find_cited
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated

__all__ = ["CITING_COUNT_MAX", "Entered", "Line", "Room", "find_entered", "find_known", "find_related"]

SHOWN_SIZE_MAX: Final = 240
"""Characters of a text that a row shows; the whole of it stands on the entry's own page."""
CITING_COUNT_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One statement in a list. `by` names who acted; `known` is empty where no moment was asked for."""

    stated: Stated
    says: str
    by: str
    marked: tuple[Marked, ...]
    is_corrected: bool
    is_withdrawn: bool
    known: tuple[Knowledge, ...] = ()


@dataclass(frozen=True, slots=True)
class Entered:
    """One statement whole: what it says now, field by field, its page as it was signed, and who signed for it."""

    line: Line
    scope: Scope
    pact: str
    their_clock: str
    fields: dict[str, str]
    first: dict[str, str]
    corrected_by: str
    withdrawn_by: str
    page: Page | None
    known: tuple[Knowledge, ...]
    citing: tuple[Line, ...]
    cited: tuple[Line, ...]


class Room:
    """The record of one node, with what makes looking through it quick."""

    def __init__(self, desk: Desk, titles: Titles) -> None:
        self.desk = desk
        self.titles = titles
        self.index = RecordIndex(desk.node.machine)
        machine = desk.node.machine
        self.signed = SignedFor(machine.ledger, machine.setup.suite, self._read)

    @property
    def machine(self) -> Machine:
        """The node's own."""
        return self.desk.node.machine

    def _read(self, journal: Digest, number: int) -> Iterable[bytes]:
        return self.desk.node.store.read_range(journal, first=number, last=number, reader=self.machine.party)

    async def catch_up(self) -> None:
        """Take up what came since, with other work in between."""
        await self.index.catch_up()
        await self.signed.catch_up()

    def list_lines(self, chosen: Iterable[Stated], language: str) -> tuple[Line, ...]:
        """Return statements as rows, in the same order."""
        return tuple(_make_line(self, listed, language) for listed in list_rows(self.machine, self.index, chosen))


def find_related(machine: Machine, ref: str) -> frozenset[bytes]:
    """Return an object and, of a consultation, what was opened under it; what is no object narrows to nothing.

    A channel's day of tests is named by its own bytes, all others by the id of what opened them.
    """
    try:
        raw = bytes.fromhex(ref)
    except ValueError:
        return frozenset({b"?"})
    opener = machine.record.find_scope_of(raw)
    if opener is not None and opener.kind == "consultation":
        return frozenset(scope.ref for scope in machine.record.list_related(raw) if scope.ref)
    return frozenset({raw})


def find_known(room: Room, lines: Iterable[Line], parties: tuple[Party, ...], at: Instant) -> list[Line]:
    """Return rows with what is proved of each party at a moment."""
    disclosures = find_disclosures(room.machine)
    return [
        Line(
            line.stated, line.says, line.by, line.marked, line.is_corrected, line.is_withdrawn,
            judge_knowledge(line.stated, parties, signed=room.signed, disclosures=disclosures, at=at),
        )
        for line in lines
    ]  # fmt: skip


def find_entered(room: Room, entry: str, language: str) -> Entered:
    """Return one statement whole.

    Raises:
        UsageError: `api.malformed`, `cli.no-such-object`.
    """
    machine, id_ = room.machine, parse_id(entry)
    stated, scope = machine.record.find_statement(id_), machine.record.find_scope_of(id_)
    if stated is None or scope is None or isinstance(stated.entry, ItemRead):
        raise UsageError("cli.no-such-object", beginning=entry[:16])
    (listed,) = list_rows(machine, room.index, (stated,))
    settled = listed.settled
    at, disclosures = room.desk.node.now(), find_disclosures(machine)
    signatory = machine.pact.find_party(stated.author)
    return Entered(
        line=_make_line(room, listed, language, is_whole=True),
        scope=scope,
        pact=stated.pact.hex(),
        their_clock="" if signatory is None else format_local(signatory.zone, stated.written_at),
        fields=_list_fields(settled.stated.entry),
        first=_list_fields(settled.first) if settled.corrected_by is not None else {},
        corrected_by="" if settled.corrected_by is None else settled.corrected_by.hex(),
        withdrawn_by="" if settled.withdrawn_by is None else settled.withdrawn_by.hex(),
        page=_read_page(room.desk, stated),
        known=judge_knowledge(stated, machine.parties, signed=room.signed, disclosures=disclosures, at=at),
        citing=room.list_lines(_find_citing(machine, stated, scope), language),
        cited=room.list_lines(_find_cited(machine, stated), language),
    )


def _find_citing(machine: Machine, stated: Stated, scope: Scope) -> list[Stated]:
    """Return what was said about a statement in its own object, the first of it; where there is no object, nothing."""
    if not scope.kind:
        return []
    rows = machine.record.list_statements(scope)
    return [row for row in rows if row.id != stated.id and stated.id in find_cited(row.entry)][:CITING_COUNT_MAX]


def _find_cited(machine: Machine, stated: Stated) -> list[Stated]:
    """Return the statements that a statement names and that are here."""
    found = (machine.record.find_statement(id_) for id_ in dict.fromkeys(find_cited(stated.entry)))
    return [one for one in found if one is not None and not isinstance(one.entry, ItemRead)][:CITING_COUNT_MAX]


def _list_fields(entry: Entry) -> dict[str, str]:
    fields = simplify(entry)
    assert isinstance(fields, dict), "an entry has fields"
    return {name: _write(value) for name, value in fields.items() if name != "type"}


def _write(value: Any) -> str:
    """Return a value as it is on the record: text as it is, everything else as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _read_page(desk: Desk, stated: Stated) -> Page | None:
    """Return the page that a statement stands in, as it lies in the store; None where it was lost and is refilled."""
    machine = desk.node.machine
    raws = desk.node.store.read_range(stated.journal, first=stated.page, last=stated.page, reader=machine.party)
    pages = (parse_page(raw, machine.setup.suite) for raw in raws)
    return next((page for page in pages if page.digest == stated.page_digest), None)


def _make_line(room: Room, listed: Listed, language: str, *, is_whole: bool = False) -> Line:
    row, stated = listed.row, listed.settled.stated
    marked = tuple(list_marked(room.titles, stated.entry, language))
    return Line(
        stated=stated,
        says=say_row({"code": row.code, "arguments": row.arguments, "party": row.party}, room.titles),
        by=say_officers([_name(one) for one in row.acted_by], room.titles),
        marked=marked if is_whole else tuple(map(_shorten, marked)),
        is_corrected=row.corrected_by is not None,
        is_withdrawn=row.withdrawn_by is not None,
    )


def _name(capacity: Any) -> dict[str, Any]:
    named: dict[str, Any] = simplify(capacity)
    return named


def _shorten(marked: Marked) -> Marked:
    """Return a text as a row shows it: the reader's version alone, and of that the beginning."""
    language, text = marked.versions[0] if marked.versions else ("", "")
    shown = text if len(text) <= SHOWN_SIZE_MAX else text[:SHOWN_SIZE_MAX].rstrip() + "…"
    return Marked(marked.originator, marked.mark, marked.topics, marked.caveats, ((language, shown),))
