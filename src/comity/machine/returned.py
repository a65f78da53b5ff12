"""An own page that comes from outside: the store lacked it, so more was said than is here (journal.md, J22)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from comity.base.names import Digest
from comity.journal.header import Page
from comity.journal.ledger import Judgement, Verdict
from comity.machine.effect import Alarm
from comity.machine.reckoning import WAITING
from comity.machine.step import Step
from comity.procedure.registry import encode_entry
from comity.procedure.stated import Stated

if TYPE_CHECKING:
    from comity.machine.machine import Machine

__all__ = ["has_own_gap", "take_back", "take_held"]


def take_back(machine: "Machine", page: Page, said: Iterable[Stated], step: Step) -> None:
    """Take an accepted own page: let it out again, and begin to reckon where that is news."""
    if not _was_here(machine, page):
        machine.pen.take_back(page, {encode_entry(stated.entry) for stated in said}, step)
        _doubt(machine, page, step)
    elif page.digest in machine.departures.missed:  # if it was not out when it could not be read, it is not yet
        machine.departures.missed.discard(page.digest)
        machine.pen.let_out(page, step)


def take_held(machine: "Machine", judgement: Judgement, step: Step) -> None:
    """Begin to reckon, where that is news, with an own page that waits for one before it: both were written."""
    page = judgement.page
    if page is None or judgement.verdict is not Verdict.HELD or judgement.code not in WAITING:
        return
    if page.header.journal.author == machine.party and not _was_here(machine, page):
        _doubt(machine, page, step)


def has_own_gap(machine: "Machine") -> bool:
    """Tell whether the store lacks a page inside an own journal and does not know that it lost it (J22)."""
    numbers: dict[Digest, set[int]] = {}
    for page, code in machine.ledger.held():
        journal, present = page.header.journal, machine.setup.secrets.incarnation
        if (journal.author, journal.incarnation) == (machine.party, present) and code in WAITING:
            numbers.setdefault(page.journal, set()).add(page.header.number)
    for lost in machine.refill.lost.values():
        if lost.journal in numbers:
            numbers[lost.journal].add(lost.number)
    for digest, known in numbers.items():
        book = machine.ledger.find_book(digest)
        if not known.issuperset(range(len(book.by_number) if book else 0, max(known))):
            return True
    return False


def _was_here(machine: "Machine", page: Page) -> bool:
    """Whether a page was in the store all the while, or is known to be damaged there."""
    return machine.reckoning.was_stored(page.digest) or page.digest in machine.refill.lost


def _doubt(machine: "Machine", page: Page, step: Step) -> None:
    """Begin to reckon. A page of an earlier incarnation says nothing of this one: a thief may have written it today."""
    is_present = page.header.journal.incarnation == machine.setup.secrets.incarnation
    if is_present and machine.reckoning.doubt():
        step.after.append(Alarm("alarm.store-was-old", {"audience": page.header.journal.audience}))
