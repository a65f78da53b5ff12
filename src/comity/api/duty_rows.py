"""Duties as rows of the API: put in order and cut to a page as they are judged, and shown only then."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from comity.api.form import simplify
from comity.api.views.floor import DutyShown
from comity.base.instants import Instant
from comity.base.names import Party
from comity.procedure.duty import Duty, DutyVerdict

__all__ = ["DutyRow", "show_duties"]

_ORDER = {DutyVerdict.OVERDUE: 0, DutyVerdict.OPEN: 1, DutyVerdict.EXCUSED: 2, DutyVerdict.MET: 3}


class DutyRow(NamedTuple):
    """What identifies a duty in its list, and the duty."""

    due_at: Instant
    party: Party
    rule: str
    subject: str
    clause: str
    policy: str | None
    duty: Duty


def show_duties(
    duties: Iterable[Duty], *, cut: Callable[[Sequence[DutyRow]], Sequence[DutyRow]] = lambda rows: rows
) -> list[DutyShown]:
    """Return these duties, overdue first; of them the rows that `cut` says."""
    found = sorted(duties, key=lambda duty: (_ORDER[duty.verdict], duty.due_at, duty.party))
    rows = [
        DutyRow(duty.due_at, duty.party, duty.rule, duty.subject.hex(), duty.clause, duty.policy, duty)
        for duty in found
    ]
    return [simplify(row.duty) for row in cut(rows)]
