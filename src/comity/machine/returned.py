"""An own page that comes from outside: the store lacked it, so more was said than is here (journal.md, J22)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from comity.journal.header import Page
from comity.machine.effect import Alarm
from comity.machine.step import Step
from comity.procedure.registry import encode_entry
from comity.procedure.stated import Stated

if TYPE_CHECKING:
    from comity.machine.machine import Machine

__all__ = ["take_back"]


def take_back(machine: "Machine", page: Page, said: Iterable[Stated], step: Step) -> None:
    """Take an accepted own page: let it out again, and begin to reckon where that is news.

    A page of an earlier incarnation says nothing about the present one: a thief may have written it yesterday.
    """
    if machine.reckoning.was_stored(page.digest) or page.digest in machine.refill.lost:
        # In the store all the while, or known to be damaged there; if it was not out then, it is not yet.
        if page.digest in machine.departures.missed:
            machine.departures.missed.discard(page.digest)
            machine.pen.let_out(page, step)
        return
    machine.pen.take_back(page, {encode_entry(stated.entry) for stated in said}, step)
    is_present = page.header.journal.incarnation == machine.setup.secrets.incarnation
    if is_present and machine.reckoning.find_came_back():
        step.after.append(Alarm("alarm.store-was-old", {"audience": page.header.journal.audience}))
