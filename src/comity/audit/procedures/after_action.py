"""Adopted reports, read a second time: who adopted, what is owed by whom, what was done (E49, E50)."""

from collections.abc import Iterator, Sequence

from comity.audit.procedures.duty import Duty, DutyVerdict
from comity.audit.procedures.forms_after_action import ActionCompleted, ReportAdopted, ReportAdoptionJoined
from comity.audit.procedures.said import Said
from comity.audit.procedures.scope import Scope
from comity.audit.procedures.text import order_own
from comity.audit.procedures.view import ObjectView

__all__ = ["list_corrective_actions", "view_after_action"]


def _find_words(scope: Scope, statements: Sequence[Said]) -> tuple[Said, dict[str, Said], dict[int, Said]] | None:
    """Return what opened it, each party's own adoption, and by number the owner's first word that it is done."""
    opener = next((said for said in statements if said.id == scope.ref), None)
    if opener is None or not isinstance(opener.entry, ReportAdopted):
        return None
    adopted: dict[str, Said] = {}
    done: dict[int, Said] = {}
    owners = {action.number: action.owner for action in opener.entry.actions}
    for party, rows in order_own([said for said in statements if said.is_good]).items():
        for said in rows:
            entry = said.entry
            same = isinstance(entry, ReportAdoptionJoined) and entry.report == opener.entry.report
            if (same or said.id == scope.ref) and party in scope.audience:
                adopted.setdefault(party, said)
            if isinstance(entry, ActionCompleted) and owners.get(entry.number) == party:
                done.setdefault(entry.number, said)
    return opener, adopted, done


def view_after_action(scope: Scope, statements: Sequence[Said]) -> ObjectView:
    """Cells: party, and its own adoption. Facts: number, and by what it was done."""
    found = _find_words(scope, statements)
    if found is None:
        return ObjectView(scope, "awaiting")
    _, adopted, done = found
    cells = tuple((party, adopted[party].id if party in adopted else b"") for party in sorted(scope.audience))
    state = "adopted" if set(scope.audience) <= set(adopted) else "proposed"
    return ObjectView(scope, state, cells, tuple((number, said.id) for number, said in sorted(done.items())))


def list_corrective_actions(scope: Scope, statements: Sequence[Said], *, as_of: int) -> Iterator[Duty]:
    """E50."""
    found = _find_words(scope, statements)
    if found is None:
        return
    opener, adopted, done = found
    assert isinstance(opener.entry, ReportAdopted)
    for action in opener.entry.actions:
        if action.owner in adopted:
            said = done.get(action.number)
            late = DutyVerdict.OVERDUE if as_of > action.due_at else DutyVerdict.OPEN
            yield Duty(
                kind="corrective-action",
                party=action.owner,
                subject=opener.id,
                due_at=action.due_at,
                verdict=DutyVerdict.MET if said is not None else late,
                met_by=b"" if said is None else said.id,
                clause=opener.entry.commitment,
            )
