"""Officers' words that something came before: they were taken when they were said, and go on a page only now.

Words wait while a page of their journal is in flight: for hours, where the own outbox is down. What an officer might
say then he may not say any more once an agreement is suspended, a consent is over, or another version of the pact is in
force; and a page is judged by what its author knew when it was built (R10, P36, P43). So every word is decided again as
it goes on its page, on the ground of that page, and what may not go is refused as if it were said now.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from comity.base.errors import UsageError
from comity.machine.effect import Answer
from comity.machine.funnel import decode_known
from comity.machine.outgoing import OwnJournal, Waiting
from comity.machine.step import Step
from comity.procedure.entry import Entry
from comity.procedure.officer import ActedBy

if TYPE_CHECKING:
    from comity.machine.machine import Machine

__all__ = ["take_batch"]


def take_batch(machine: "Machine", own: OwnJournal, step: Step) -> list[Waiting]:
    """Take what goes on the next page of an own journal, all of which may be said now; refuse what may not.

    A command of which a part was said on an earlier page is refused for the rest.
    """
    if not machine.versions.is_single and machine.versions.find_offices(own.id.audience) is None:
        own.keep([waiting._replace(acting=()) for waiting in own.queue])  # nobody is asked for any more, or named
    while own.queue:
        batch = own.take_batch()
        refused = {answer.command: answer for answer in _find_refused(machine, own, batch, step)}
        if not refused:
            return batch
        said = [waiting for waiting in batch if waiting.command or not waiting.acting]
        kept = [waiting for waiting in (*said, *own.queue) if waiting.command not in refused]
        machine.pen.keep_words(own, kept, tuple(refused.values()), step)
    return []


def _find_refused(machine: "Machine", own: OwnJournal, batch: Sequence[Waiting], step: Step) -> Iterator[Answer]:
    """Yield the answer to each command with words in a batch that may not be said to these readers now."""
    words: dict[int, list[Waiting]] = {}
    for waiting in batch:
        if waiting.command:  # what a node says by itself is no officer's, and has no marking
            words.setdefault(waiting.command, []).append(waiting)
    for command, some in words.items():
        entries = tuple(waiting.entry for waiting in some if waiting.entry is not None)
        try:
            machine.funnel.check(entries, audience=own.id.audience, at=step.at)
            if not machine.versions.is_single:
                _check_officers(machine, own, some)
        except UsageError as error:
            yield Answer(command, code=error.code, details=error.details)


def _check_officers(machine: "Machine", own: OwnJournal, words: Sequence[Waiting]) -> None:
    """Return if the officers who were named may say these words under the version that governs them now.

    Raises:
        UsageError: as `acting.choose_acting`.
    """
    terms = machine.versions.find_offices(own.id.audience)
    for waiting in words if terms is not None else ():
        entry: Entry | None = waiting.entry
        assert entry is not None, "an officer's words were read when they were taken"
        acted = ActedBy(waiting.acting, 1) if waiting.acting else None
        fault = terms.judge(entry, acted, decode_known) if terms is not None else None
        if fault is not None:
            raise UsageError(fault.code, act=fault.act.value, clause=fault.clause)
