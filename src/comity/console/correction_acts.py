"""Putting a statement of ours right, wherever the law allows it: the form, and what is signed by it (P3, P4).

Messages and meetings have forms of their own, with their phrases and parties; every other statement that does not bind
has the one made here from its fields. What was stated stays on the record, and every reader is shown both.
"""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.form import parse_id
from comity.api.titles import Titles
from comity.api.words import say
from comity.base.errors import UsageError
from comity.console.acts import Acts
from comity.console.corrected import find_standing, list_changes
from comity.console.fields import Fields
from comity.console.forms import list_terms, make_choice, read_one_of
from comity.console.hotline_forms import make_correction
from comity.console.pages import Pages
from comity.console.rewriting import check_officer, list_rewritable, read_rewritten
from comity.console.signing import Proposal, find_name
from comity.console.statement_acts import find_mending_path, may_take_back
from comity.console.visit import Visit, get_visit
from comity.console.writing import Offered, Speaker
from comity.machine.machine import Machine
from comity.pact.offices import Act
from comity.procedure.act import ACTS
from comity.procedure.correction import CorrectionReason, EntryCorrected, EntryWithdrawn, Settled
from comity.procedure.stated import Stated

__all__ = ["list_mends", "make_correction_acts"]


def list_mends(machine: Machine, stated: Stated) -> tuple[Offered, ...]:
    """Return what this party may do about a statement: correct it, take it back, undo a correction; else nothing."""
    if not may_take_back(machine, stated):
        return ()
    back = f"/statements/{stated.id.hex()}/write/withdraw"
    if isinstance(stated.entry, EntryCorrected):
        undone = stated.id in _list_withdrawn(machine, stated)
        return () if undone else (Offered(say("Undo this correction"), back, is_button=False, is_grave=True),)
    standing = find_standing(machine, stated.id)
    if standing is None or standing.withdrawn_by is not None:
        return ()
    withdraw = Offered(say("Take back"), back, is_button=False, is_grave=True)
    path = find_mending_path(stated)
    return (Offered(say("Correct"), path, is_button=False, is_grave=False), withdraw) if path else (withdraw,)


def _list_withdrawn(machine: Machine, correction: Stated) -> set[bytes]:
    """Return what the author of a correction has withdrawn from the same readers."""
    rows = machine.statements.find(EntryWithdrawn)
    own = [row for row in rows if (row.author, row.audience) == (correction.author, correction.audience)]
    return {row.entry.entry for row in own if isinstance(row.entry, EntryWithdrawn)}


def make_correction_acts(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return the form, and the act."""
    mending = Mending(desk, pages.titles)

    @get("/record/{entry:str}/correct")
    async def ask(request: Request[Any, Any, Any], entry: FromPath[str]) -> Response[Any]:
        standing, reasons = get_mendable(desk, entry), list_terms(CorrectionReason)
        old = standing.stated.entry
        check_officer(old, find_name(get_visit(request), desk.node.machine.party))
        fields = list_rewritable(desk, pages.titles, old)
        hint = say("What was stated stays on the record and is shown struck through, the correction beside it.")
        if not fields:
            hint = say("The role is what can be put right: choose it where you confirm.") + " " + hint
        return pages.render(
            request, "write.html", heading=say("Correct a statement"), page=f"/record/{entry}",
            path=f"/record/{entry}/correction", fields=[*fields, make_choice("reason", say("Reason"), reasons)],
            hint=hint,
        )  # fmt: skip

    path = "/record/{entry:str}/correction"
    return [ask, *acts.make(path, mending.correct, speaks_as=Act.CORRECT, want_roles=mending.want_roles)]


def get_mendable(desk: Desk, entry: str) -> Settled:
    """Return a statement of ours that may be put right by this form, as it stands.

    Raises:
        UsageError: `api.malformed`, `cli.no-such-object`.
    """
    machine, id_ = desk.node.machine, parse_id(entry)
    stated, standing = machine.record.find_statement(id_), find_standing(machine, id_)
    if stated is None or standing is None or standing.withdrawn_by is not None or not may_take_back(machine, stated):
        raise UsageError("cli.no-such-object", beginning=entry[:16])
    if not find_mending_path(stated).startswith("/record/"):
        raise UsageError("cli.no-such-object", beginning=entry[:16])
    return standing


class Mending:
    """What is signed."""

    def __init__(self, desk: Desk, titles: Titles) -> None:
        self._desk = desk
        self._titles = titles

    def want_roles(self, fields: Fields) -> frozenset[str]:
        """Return the roles that may say what is put right: a correction is the act of what it puts in place."""
        machine = self._desk.node.machine
        act = ACTS[type(get_mendable(self._desk, fields.place["entry"]).stated.entry)]
        offices = machine.versions.find_offices(machine.parties)
        return frozenset() if offices is None else frozenset(offices.offices.find_permitted(act)[1])

    def correct(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose how a statement of ours should have read, shown beside how it reads now."""
        desk = self._desk
        standing = get_mendable(desk, fields.place["entry"])
        old = standing.stated.entry
        reason = read_one_of(fields, "reason", list_terms(CorrectionReason))
        new = read_rewritten(desk, old, fields, Speaker(role, find_name(visit, desk.node.machine.party)))
        entry = make_correction(standing.stated.id, reason, new)
        changes = list_changes(desk, self._titles, old, new)
        return Proposal(
            standing.stated.audience, (entry,), template="correction_words.html", shown={"changes": changes}
        )
