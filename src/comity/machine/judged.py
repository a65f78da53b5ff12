"""What of a judged page the driver keeps: accepted pages, held ones of others, refused bytes as evidence (J11)."""

from comity.base.limits import GARBAGE_SIZE_BYTES_MAX
from comity.base.names import Party
from comity.journal.ledger import Judgement, Verdict
from comity.machine.alarm import find_fork_alarm
from comity.machine.effect import Alarm, Refusal
from comity.machine.step import Step

__all__ = ["keep_judged"]


def keep_judged(judgement: Judgement, party: Party, step: Step) -> None:
    """Keep a page or a refusal that came in to `party`, and what an officer has to know of it."""
    page = judgement.page
    if judgement.verdict is Verdict.REFUSED:
        raw = judgement.raw if page is not None else judgement.raw[:GARBAGE_SIZE_BYTES_MAX]
        step.refusals.append(Refusal(raw, judgement.code))
        step.after.append(Alarm("alarm.page-refused", {"code": judgement.code}))
    if judgement.verdict is Verdict.HELD and page is not None and page.header.journal.author != party:
        # Kept as bytes: once acknowledged it does not come again. An own page does, and is stored in order.
        step.pages.append(page)
    if judgement.verdict is not Verdict.ACCEPTED or page is None:
        return
    step.pages.append(page)
    alarm = find_fork_alarm(judgement)
    step.after.extend(() if alarm is None else (alarm,))
