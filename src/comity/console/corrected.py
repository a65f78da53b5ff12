"""What a correction changed: field by field, as it was stated at first and as it reads now (P3).

Read from the record at the moment of showing, for whatever is shown: what was corrected stands struck through with the
correction beside it wherever a page shows the statement.
"""

from dataclasses import dataclass

from comity.api.desk import Desk
from comity.api.titles import Titles
from comity.base.names import Digest
from comity.console.marks import Written
from comity.console.shown import Row, show_entry
from comity.machine.machine import Machine
from comity.procedure.correction import Settled, find_settled
from comity.procedure.entry import Entry

__all__ = ["Change", "find_changes", "find_standing", "list_changes"]

_NONE = (("", "—"),)


@dataclass(frozen=True, slots=True)
class Change:
    """One field that reads otherwise. Lines are as `shown.Row` has them."""

    title: str
    was: tuple[tuple[str, str], ...]
    now: tuple[tuple[str, str], ...]


def find_standing(machine: Machine, id_: Digest) -> Settled | None:
    """Return how a statement stands now; None where it is not here, or is itself a correction."""
    scope = machine.record.find_scope_of(id_)
    return None if scope is None else find_settled(machine.record.list_statements(scope), id_)


def find_changes(desk: Desk, titles: Titles, id_: str) -> tuple[Change, ...]:
    """Return what a statement's author corrected in it, by its id in hexadecimal; nothing where he did not."""
    standing = find_standing(desk.node.machine, Digest(bytes.fromhex(id_)))
    if standing is None or standing.corrected_by is None:
        return ()
    return list_changes(desk, titles, standing.first, standing.stated.entry)


def list_changes(desk: Desk, titles: Titles, first: Entry, now: Entry) -> tuple[Change, ...]:
    """Return the fields in which two entries of one type differ."""
    rows = zip(show_entry(desk, first, titles).rows, show_entry(desk, now, titles).rows, strict=True)
    names = first.__struct_fields__
    return tuple(
        Change(was.title, _only(was, now_), _only(now_, was))
        for name, (was, now_) in zip(names, rows, strict=True)
        if getattr(first, name) != getattr(now, name)
    )


def _only(row: Row, other: Row) -> tuple[tuple[str, str], ...]:
    """Return the lines that the other does not have, and the marking that they stand under, changed or not.

    A text that is struck through is still a text: its marking counts for the sheet that the page is printed on.
    """
    return tuple(line for line in row.lines if isinstance(line[1], Written) or line not in other.lines) or _NONE
