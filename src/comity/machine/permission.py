"""Whether an officer's words are taken: the pact in force, the release funnel, what they cite, where they would stand.

A refusal never depends on what another party says of it: only on this party's own record and on the pact.
"""

from typing import TYPE_CHECKING

from comity.base.errors import ComityError, OutageError, UsageError
from comity.journal.header import Feed
from comity.machine.acting import choose_acting, name_acting
from comity.machine.effect import Answer
from comity.machine.exercises import check_realm
from comity.machine.input import Say
from comity.machine.outgoing import Waiting
from comity.machine.phrasing import check_phrases
from comity.machine.role_play import check_role_play
from comity.machine.step import Step
from comity.machine.watchkeeping import check_watch
from comity.procedure.registry import prove_entry

if TYPE_CHECKING:
    from comity.machine.machine import Machine

__all__ = ["check_words", "take_words"]


def take_words(machine: "Machine", say: Say, step: Step) -> None:
    """Queue an officer's statement, or answer why not; what it is refused for never depends on another party."""
    try:
        words = check_words(machine, say)
    except ComityError as error:
        step.after.append(Answer(say.command, code=error.code, details=error.details))
        return
    machine.pen.queue_words(say.feed, say.audience, words)


def check_words(machine: "Machine", say: Say) -> list[Waiting]:
    """Return these words as they wait for their page, or raise.

    Raises:
        UsageError: `pact.not-in-force`, `pact.party-left`; `release.withheld`, `release.needs-consent`;
            `entry.cites-hidden`; `shift.not-own`; as `check_realm`,
            `check_role_play`; `phrase.unknown`, `phrase.gaps`;
            `key.superseded`, `journal.forked`, `journal.reckoning`; `standby.not-promoted`;
            as `choose_acting`, after all else; `entry.unfit`.
        OutageError: `store.refilling`.
    """
    if say.feed is not Feed.GENESIS:
        if not machine.is_in_force and machine.refill.lost:
            raise OutageError("store.refilling")
        machine.versions.check_may_say(say.audience)
    check_watch(machine, say)
    check_realm(machine, say)
    check_role_play(machine, say)
    machine.funnel.check(say.entries, audience=say.audience, at=say.at)
    for entry in say.entries:
        # An entry may cite only what its whole audience may read (DESIGN, section 3; law 2).
        if machine.record.find_hidden_citation(entry, say.audience) is not None:
            raise UsageError("entry.cites-hidden", type=type(entry).__name__)
    check_phrases(machine, say)
    _check_open(machine, say)
    proved = [prove_entry(entry) for entry in say.entries]
    chosen = choose_acting(machine.versions.find_offices(say.audience), say)
    machine.funnel.check(tuple(name_acting(chosen)), audience=say.audience, at=say.at)
    return [Waiting(raw, say.command, entry, acting) for (raw, entry), acting in zip(proved, chosen, strict=True)]


def _check_open(machine: "Machine", say: Say) -> None:
    """Refuse an officer's words where they could be a second history; what the node says by itself waits (J22)."""
    if machine.is_mute:
        raise UsageError("standby.not-promoted")
    own = machine.pen.get_journal(say.feed, say.audience)
    if machine.pen.is_superseded:
        raise UsageError("key.superseded")
    if machine.pen.is_forked(own):
        raise UsageError("journal.forked")
    if say.command and machine.reckoning.is_reckoning and machine.reckoning.is_closed(own.id):
        raise UsageError("journal.reckoning", parties=machine.reckoning.find_unanswered(own.id))
