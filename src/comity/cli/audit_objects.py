"""What an audit makes of the procedures, for people and as JSON: objects with their states, duties, agreements.

For people each object is one line: what it is, to whom, where it stands, and each party's part in it. JSON has every
cell with the entries that it rests on.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Final

from comity.api.terms import say_term
from comity.audit.procedures.duty import Duty, DutyVerdict
from comity.audit.procedures.judge import Procedures
from comity.audit.procedures.scope import ObjectKind
from comity.audit.procedures.view import ObjectView
from comity.base.instants import Instant, format_dtg
from comity.cli.audit_requests import lay_requests, print_requests
from comity.cli.terminal import print_heading, print_line, print_table
from comity.pact.duty import DutyKind
from comity.procedure.duty import DutyVerdict as ShownVerdict
from comity.procedure.matrix import FrictionKind
from comity.procedure.recalls import CopyState

__all__ = ["lay_procedures", "print_procedures"]

SHOWN_COUNT_MAX: Final = 50


def print_procedures(procedures: Procedures | None) -> None:
    """Print the objects, what is overdue, and the agreements; or that nothing was judged."""
    if procedures is None:
        print_line("Procedures were not judged: no key opened an entry, or no pact that can be read is at hand.")
        return
    _print_copies(procedures)
    print_requests(procedures)
    if not procedures.objects:
        return
    print_heading("Objects")
    print_line("as of {at}", at=format_dtg(Instant(procedures.as_of)))
    rows = map(_lay_object, procedures.objects[:SHOWN_COUNT_MAX])
    print_table(("object", "id", "audience", "state", "parties"), rows)
    if len(procedures.objects) > SHOWN_COUNT_MAX:
        print_line("and {count} more; --json lists them all", count=len(procedures.objects) - SHOWN_COUNT_MAX)
    _print_duties(procedures)
    if procedures.frictions:
        counted = Counter(FrictionKind(row.kind) for row in procedures.frictions)
        kinds = ", ".join(f"{say_term(kind)} {count}" for kind, count in sorted(counted.items()))
        print_line("Frictions: {kinds}", kinds=kinds)
    if procedures.gaps:
        print_line("Lines of activated plans that nothing meets: {count}", count=len(procedures.gaps))
    if procedures.pending_count:
        print_line(
            "Entries whose release could not be judged, for want of a page that their author had: {count}",
            count=procedures.pending_count,
        )


def _print_copies(procedures: Procedures) -> None:
    """Print how many copies of items there are in each state, and the certificates of those destroyed."""
    if not procedures.copies:
        return
    print_heading("Copies of items")
    counts = Counter(CopyState(row.state) for row in procedures.copies)
    print_line(
        "{states}", states=", ".join(f"{say_term(state)} {counts[state]}" for state in CopyState if counts[state])
    )
    gone = [row for row in procedures.copies if row.state == CopyState.DESTROYED.value]
    for row in gone[:SHOWN_COUNT_MAX]:
        print_line(
            "{holder} destroyed its copy of {item} [{certificate}]",
            holder=row.holder,
            item=row.item.hex()[:12],
            certificate=row.by.hex()[:12],
        )


def _lay_object(view: ObjectView) -> tuple[object, ...]:
    scope = view.scope
    name = scope.ref.decode() if scope.kind == ObjectKind.LINE.value else scope.ref[:8].hex()
    parts = ", ".join(_say_parts(view))
    return say_term(ObjectKind(scope.kind)), name, ", ".join(scope.audience), say_term(view.state), parts


def _say_parts(view: ObjectView) -> Iterator[str]:
    """Yield each party with what is shown of it, where that is a word."""
    for party, shown, *_ in view.cells:
        if isinstance(party, str) and isinstance(shown, str):
            yield f"{party} {say_term(shown) if shown else '–'}"


def _print_duties(procedures: Procedures) -> None:
    owed = [*procedures.duties, *procedures.owed_reports, *procedures.owed_meetings]
    counts = Counter(duty.verdict for duty in owed)
    if counts:
        verdicts = (verdict for verdict in DutyVerdict if counts[verdict])
        said = ", ".join(f"{say_term(ShownVerdict(verdict.value))} {counts[verdict]}" for verdict in verdicts)
        print_line("Duties: {verdicts}", verdicts=said)
    for duty in [duty for duty in owed if duty.verdict is DutyVerdict.OVERDUE][:SHOWN_COUNT_MAX]:
        _print_overdue(duty)


def _print_overdue(duty: Duty) -> None:
    print_line(
        "overdue: {party} owes {duty} since {due_at} [{clause}]",
        party=duty.party,
        duty=say_term(DutyKind(duty.kind)),
        due_at=format_dtg(Instant(duty.due_at)),
        clause=duty.clause,
    )


def lay_procedures(procedures: Procedures, simplify: Callable[[object], object]) -> dict[str, object]:
    """Return everything as plain JSON values."""
    return {
        "as_of": procedures.as_of,
        "objects": [
            {
                "kind": view.scope.kind,
                "ref": view.scope.ref.decode() if view.scope.kind == ObjectKind.LINE.value else view.scope.ref.hex(),
                "audience": list(view.scope.audience),
                "state": view.state,
                "cells": simplify(view.cells),
                "facts": simplify(view.facts),
            }
            for view in procedures.objects
        ],
        "duties": [
            {field.name: simplify(getattr(duty, field.name)) for field in fields(duty)}
            for duty in (*procedures.duties, *procedures.owed_reports, *procedures.owed_meetings)
        ],
        "copies": [
            {
                "item": row.item.hex(),
                "giving": row.giving.hex(),
                "holder": row.holder,
                "state": row.state,
                "by": row.by.hex(),
            }
            for row in procedures.copies
        ],
        "frictions": [{"kind": row.kind, "acts": simplify(row.acts)} for row in procedures.frictions],
        "gaps": [{"activation": row.activation.hex(), "line": row.line} for row in procedures.gaps],
        "agreements": {view.agreement: view.state for view in procedures.agreements},
        "release_pending_count": procedures.pending_count,
        **lay_requests(procedures, simplify),
    }
