"""What an officer has to know of another party's pages and statements, as alarms of the message catalogue.

Rules: an alarm names public things only (author, number, audience, clause, entry id), and what a liar can repeat at
will is said a bounded number of times, so that it cannot drown the rest.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from comity.base.limits import BRANCH_COUNT_MAX
from comity.journal.ledger import Judgement
from comity.machine.effect import Alarm
from comity.procedure.judgement import Flag

if TYPE_CHECKING:
    from comity.machine.machine import Machine

__all__ = ["find_alarms", "find_fork_alarm", "make_flag_alarm"]


def find_alarms(machine: "Machine") -> Iterator[Alarm]:
    """Yield what has come to light since this was last asked: of release, of officers, of versions of the pact."""
    yield from map(make_flag_alarm, machine.flags.find_new())
    yield from machine.offices.find_alarms()
    yield from machine.versions.find_alarms()


def find_fork_alarm(judgement: Judgement) -> Alarm | None:
    """Return the alarm for an accepted page that has rivals (J16): the last one says that it is a flood, then none."""
    page = judgement.page
    if page is None or not 0 < judgement.rival_count <= BRANCH_COUNT_MAX:
        return None
    journal = page.header.journal
    code = "alarm.flood" if judgement.rival_count == BRANCH_COUNT_MAX else "alarm.fork"
    return Alarm(code, {"author": journal.author, "number": page.header.number, "audience": journal.audience})


def make_flag_alarm(flag: Flag) -> Alarm:
    """Name the entry, who sent it, whom it should not have reached, and the clause that says so (R10)."""
    details: dict[str, object] = {"author": flag.author, "to": flag.party, "entry": flag.entry}
    return Alarm("alarm.should-not-have-come", details | {"clause": flag.decision.clause})
