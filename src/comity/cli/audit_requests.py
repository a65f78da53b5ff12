"""What an audit makes of requests and incidents: passing on, information, what should not have come, losses.

For people each is one line: what it is, about which item or entry, whose, and where it stands. JSON has every field.
"""

from collections.abc import Callable, Iterator
from typing import Final

from comity.api.terms import say_term
from comity.api.words import say
from comity.audit.procedures.judge import Procedures
from comity.audit.procedures.quarantine import QuarantineShown
from comity.cli.terminal import print_heading, print_line, print_table
from comity.procedure.inquiry import InquiryState
from comity.procedure.onward import OnwardState
from comity.procedure.spillage import SpillageKind, SpillageResult

__all__ = ["lay_requests", "print_requests"]

SHOWN_COUNT_MAX: Final = 50
_Row = tuple[object, ...]


def print_requests(procedures: Procedures) -> None:
    """Print every request and incident with its state, if there is one."""
    rows = tuple(_list_rows(procedures))
    if not rows:
        return
    print_heading("Requests and incidents")
    print_table(("what", "about", "parties", "state"), rows[:SHOWN_COUNT_MAX])
    if len(rows) > SHOWN_COUNT_MAX:
        print_line("and {count} more; --json lists them all", count=len(rows) - SHOWN_COUNT_MAX)


def _list_rows(procedures: Procedures) -> Iterator[_Row]:
    for way in procedures.onward:
        parties = f"{way.holder} → {way.recipient}"
        yield say("request to pass on"), way.item[:8].hex(), parties, say_term(OnwardState(way.state))
    for asked in procedures.inquiries:
        shown = say_term(InquiryState(asked.state))
        items = ", ".join(item[:8].hex() for item in asked.items)
        state = f"{shown} ({items})" if items else shown
        yield say("request for information"), asked.request[:8].hex(), asked.party, state
    for kept in procedures.quarantine:
        parties = f"{kept.sender or '–'} → {kept.reader}"
        shown = say_term(QuarantineShown(kept.state))
        yield say("what should not have come"), kept.entry[:8].hex(), parties, f"{shown} [{kept.clause}]"
    for lost in procedures.spillages:
        result = say_term(SpillageResult(lost.result)) if lost.result else say("nothing concluded")
        state = f"{say_term(SpillageKind(lost.kind))}: {result}"
        yield say("spillage"), lost.item[:8].hex(), lost.holder, state


def lay_requests(procedures: Procedures, simplify: Callable[[object], object]) -> dict[str, object]:
    """Return them as plain JSON values, by what they are."""
    return {
        "onward_requests": simplify(procedures.onward),
        "information_requests": simplify(procedures.inquiries),
        "quarantine": simplify(procedures.quarantine),
        "spillages": simplify(procedures.spillages),
    }
