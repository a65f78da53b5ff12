"""What was disclosed to this party, and whether it is proved (docs/spec/journal.md, J34; release.md, R28).

A view over the statements: a disclosure is proved or not by its own bytes and by certificates that the author's root
signed, in whatever order they came. What is not proved stays on the record as a finding against whoever disclosed it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.base.errors import RemoteError
from comity.journal.disclosure import check_disclosure, parse_disclosure
from comity.journal.header import Header
from comity.journal.statement import Certificate, parse_statement
from comity.procedure.disclosed import EntryDisclosed
from comity.procedure.entry import Entry
from comity.procedure.registry import Unknown, decode_entry
from comity.procedure.stated import Stated

if TYPE_CHECKING:
    from comity.machine.machine import Machine

__all__ = ["Disclosed", "list_disclosed"]


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A disclosure; `code` says why it proves nothing, and is empty where it does.

    `header` says whose statement it was, to whom and when, by its author's clock. That the page stood (J16, J17) is the
    word of the party that disclosed it.
    """

    stated: Stated
    header: Header | None
    index: int
    entry: Entry | Unknown | None
    code: str


def list_disclosed(machine: "Machine") -> tuple[Disclosed, ...]:
    """Return every disclosure that this party can read, by author and place."""
    return tuple(_judge(machine, stated, stated.entry) for stated in machine.statements.find(EntryDisclosed)
                 if isinstance(stated.entry, EntryDisclosed))  # fmt: skip


def _judge(machine: "Machine", stated: Stated, entry: EntryDisclosed) -> Disclosed:
    header, index = None, 0
    try:
        claimed = parse_disclosure(entry.disclosure)
        header, index = claimed.header, claimed.index
        keys = (*machine.ledger.trust.find_node_keys(header.journal.author), *_find_enclosed(machine, header, entry))
        _, raw = check_disclosure(entry.disclosure, node_keys=keys, suite=machine.setup.suite)
        _check_scope(machine, header, by=stated)
        return Disclosed(stated, header, index, decode_entry(raw), "")
    except RemoteError as error:
        return Disclosed(stated, header, index, None, error.code)


def _check_scope(machine: "Machine", header: Header, *, by: Stated) -> None:
    """Return if a header is of this pact and realm, and of a journal to all parties of a version, its discloser one.

    Raises:
        RemoteError: `disclosure.other-pact`, `disclosure.not-to-all`.
    """
    journal, pins = header.journal, machine.setup.pins
    if (journal.lineage, journal.realm) != (pins.lineage, pins.realm):
        raise RemoteError("disclosure.other-pact")
    circles = {version.audience for version in machine.versions.lineage.placed}
    if journal.audience not in circles or by.author not in journal.audience:
        raise RemoteError("disclosure.not-to-all")


def _find_enclosed(machine: "Machine", header: Header, entry: EntryDisclosed) -> Iterable[bytes]:
    """Yield the node key in an enclosed certificate, if it is of the author's incarnation and counts (S10)."""
    for raw in entry.certificates:
        statement = parse_statement(raw)
        body = statement.body
        is_of_author = isinstance(body, Certificate) and (body.party, body.incarnation) == (
            header.journal.author,
            header.journal.incarnation,
        )
        if is_of_author and isinstance(body, Certificate) and machine.ledger.trust.is_believed(statement):
            yield body.node_key
