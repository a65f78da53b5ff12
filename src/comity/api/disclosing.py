"""Earlier statements that are disclosed to a newcomer: the act, its preview, and what was disclosed (R28)."""

from collections import Counter

from comity.api.form import format_place, parse_id, simplify
from comity.api.shape import Showing
from comity.api.views.basic import Decided, Ids
from comity.api.views.record import DisclosedStatement, Disclosure, Saying
from comity.api.views.standing import DisclosedCount
from comity.machine.disclosures import Disclosed, list_disclosed
from comity.machine.machine import Machine
from comity.node.disclosing import Disclosing
from comity.node.node import Node
from comity.procedure.entry import Entry
from comity.procedure.timeline import find_code, read_arguments

__all__ = ["count_disclosed", "disclose", "show_disclosed"]


async def disclose(node: Node, showing: Showing) -> Ids | Decided:
    """Disclose a statement, or only preview the decisions."""
    disclosing, id_ = Disclosing(node), parse_id(showing.entry)
    audience = tuple(sorted({*showing.to, node.machine.party}))
    if showing.preview:
        found: Decided = simplify(disclosing.preview(id_, audience=audience, at=node.now()))
        return found
    ids = await disclosing.disclose(id_, audience=audience, key=showing.key)
    return {"ids": [one.hex() for one in ids]}


def show_disclosed(machine: Machine) -> list[Disclosure]:
    """Return what was disclosed: who stated what when, who disclosed it to whom, and whether that is proved."""
    return [_show(row) for row in sorted(list_disclosed(machine), key=lambda row: row.stated.written_at)]


def count_disclosed(machine: Machine) -> DisclosedCount:
    """Return how many statements were disclosed to this party, and how many disclosures prove nothing, by code."""
    codes = Counter(row.code for row in list_disclosed(machine) if row.stated.author != machine.party)
    faults = {code: count for code, count in sorted(codes.items()) if code}
    return {"disclosed_count": codes[""], "disclosures_not_proved": faults}


def _show(row: Disclosed) -> Disclosure:
    header = row.header
    stated: DisclosedStatement | None = None
    if header is not None:
        journal = header.journal
        stated = {"author": journal.author, "audience": list(journal.audience), "written_at": header.written_at,
                  "feed": journal.feed.value, "incarnation": journal.incarnation, "page": header.number,
                  "index": row.index, "pact": header.pact.hex()}  # fmt: skip
    says: Saying | None = None
    if header is not None and isinstance(row.entry, Entry):
        arguments = {"party": header.journal.author, **read_arguments(row.entry)}
        says = {"party": header.journal.author, "code": find_code(row.entry), "arguments": simplify(arguments)}
    return {"disclosed": format_place(row.stated), "stated": stated, "entry": simplify(row.entry), "says": says,
            "is_proved": not row.code, "fault": row.code}  # fmt: skip
