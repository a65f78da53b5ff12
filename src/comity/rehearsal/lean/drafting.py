"""A joint text in a run: put by the caller, under silence, held, broken, put anew (R67).

Whether a party's silence counts is asked of the very rule that a node asks before it signs (P19); what became of a
version is read from the folded text.
"""

from typing import TYPE_CHECKING, Final

from comity.base.instants import MINUTE_MS, SECOND_MS, Instant
from comity.base.names import Digest, Party
from comity.procedure.adoption import Round, TextState
from comity.procedure.entry import MarkedText, Marking, Translation
from comity.procedure.scope import Scope
from comity.procedure.silence import Consent, find_keep_refusal
from comity.procedure.stated import Stated
from comity.procedure.text import (
    BreakReason,
    HoldLifted,
    SilenceBroken,
    SilenceHeld,
    SilenceKept,
    SilenceProposed,
    TextAgreed,
    TextKind,
    TextOpened,
    TextReceived,
    TextVersionProposed,
    find_version_digest,
)
from comity.rehearsal.lean.people import OFFICER
from comity.rehearsal.scenario.model import Act, Trigger

if TYPE_CHECKING:
    from comity.rehearsal.lean.sitting import Say, Sitting

__all__ = ["Drafting", "mark_open"]

_WORDS: Final = "We have conferred on what happened, and we say this together. " * 8
"""As long as a short joint statement."""
_AFTER_MS: Final = 10 * MINUTE_MS
"""After S-time, until the penholder looks what became of it."""


class Drafting:
    """The text of one sitting."""

    def __init__(self, sitting: "Sitting") -> None:
        """Nothing is drafted yet."""
        self._sitting = sitting
        self._text: Stated | None = None
        self._version: Digest | None = None
        self._until_at = 0
        self._is_agreed = False
        """Whether it has been noted that all consented to a version."""
        self.version_count = 0

    def find_state(self) -> TextState | None:
        """Return what the text folds to, or None while there is none."""
        if self._text is None:
            return None
        forum = self._sitting.forum
        state = forum.record.get_state(Scope("text", self._text.id, forum.parties))
        assert isinstance(state, TextState), "a text's scope folds to a text"
        return state

    def begin(self, at: Instant) -> bool:
        """Let the caller draft a text, if texts are drafted and one may be put before all."""
        sitting = self._sitting
        if not sitting.course.scenario.drafting.version_count_max:
            return False
        if not sitting.course.releasing.may_put(sitting.forum, self._mark(), at):
            return False
        sitting.plan(Act.DRAFT, sitting.caller, at, self._open)
        return True

    def _mark(self) -> Marking:
        return mark_open(self._sitting, self._sitting.caller)

    def _open(self, at: Instant) -> None:
        sitting = self._sitting
        assert sitting.called is not None, "a text is drafted once the sitting is convened"
        languages = tuple(sorted({one for party in sitting.forum.pact.parties for one in party.languages}))
        entry = TextOpened((sitting.called.id,), TextKind.JOINT_STATEMENT, languages)
        self._text = sitting.state(sitting.caller, entry, at)
        self._put(languages, at)

    def _put(self, languages: tuple[str, ...], at: Instant) -> None:
        """Put a version, and ask for silence on it."""
        sitting, forum = self._sitting, self._sitting.forum
        assert self._text is not None, "it was opened"
        follows = () if self._version is None else (self._version,)
        words = tuple(Translation(language, _WORDS) for language in languages)
        entry = TextVersionProposed(self._text.id, follows, MarkedText(self._mark(), words))
        sitting.state(sitting.caller, entry, at)
        self.version_count += 1
        self._version = find_version_digest(entry)
        margin_ms = sitting.course.scenario.drafting.margin_ms
        self._until_at = Instant(at + forum.policy.silence_window_ms_min + margin_ms)
        asked = sitting.state(sitting.caller, SilenceProposed(self._text.id, self._version, self._until_at, 0), at)
        for party in forum.parties:
            self._sitting.reach(asked, party, self._make_receiving(party, self._version, self._until_at))
        kept_at = self._until_at + forum.policy.silence_skew_ms_max + SECOND_MS
        sitting.course.put(kept_at, self._keep)
        sitting.course.put(kept_at + _AFTER_MS, lambda now: self._look(languages, now))

    def _make_receiving(self, party: Party, version: Digest, until_at: int) -> "Say":
        return lambda at: self._receive(party, version, until_at, at)

    def _receive(self, party: Party, version: Digest, until_at: int, at: Instant) -> None:
        """The node signs that the text is there; the officers look at it, each in their own time."""
        sitting = self._sitting
        assert self._text is not None, "it was opened"
        sitting.state(party, TextReceived(self._text.id, version, until_at), at)
        if party == sitting.caller or version != self._version:
            return
        number, habit = self.version_count, sitting.habit(party)
        if sitting.draws(habit.hold_percent, party, f"hold/{number}"):
            sitting.plan(Act.REVIEW, party, at, lambda now: self._hold(party, number, now), what=f"text/{number}")
        elif sitting.draws(habit.break_percent, party, f"break/{number}"):
            sitting.plan(Act.REVIEW, party, at, lambda now: self._break(party, number, now), what=f"text/{number}")

    def _is_open(self, number: int, at: Instant) -> bool:
        return number == self.version_count and at <= self._until_at

    def _hold(self, party: Party, number: int, at: Instant) -> None:
        sitting = self._sitting
        if not self._is_open(number, at):
            return
        sitting.state(party, SilenceHeld(*self._get_version(), self._role(), OFFICER), at)
        breaks = sitting.draws(sitting.habit(party).hold_break_percent, party, f"hold-breaks/{number}")
        then = self._break if breaks else self._lift
        sitting.plan(Act.SETTLE, party, at, lambda now: then(party, number, now), what=f"hold/{number}")

    def _lift(self, party: Party, number: int, at: Instant) -> None:
        if self._is_open(number, at):
            self._sitting.state(party, HoldLifted(*self._get_version(), self._role(), OFFICER), at)

    def _break(self, party: Party, number: int, at: Instant) -> None:
        if self._is_open(number, at):
            broken = SilenceBroken(*self._get_version(), BreakReason.AMENDMENT, self._role(), OFFICER)
            self._sitting.state(party, broken, at)

    def _get_version(self) -> tuple[Digest, Digest]:
        """Return the ids of the text and of the version that is on the table."""
        assert self._text is not None, "it was opened"
        assert self._version is not None, "a version is on the table"
        return self._text.id, self._version

    def _role(self) -> str:
        return min(self._sitting.forum.policy.acknowledge_roles)

    def _find_round(self) -> Round:
        state = self.find_state()
        assert state is not None, "it was opened"
        assert state.current is not None, "a version is on the table"
        return state.current

    def _keep(self, at: Instant) -> None:
        """Every node that is up asks itself whether its party kept silence, and signs so if it did."""
        sitting, weather = self._sitting, self._sitting.course.weather
        current = self._find_round()
        for cell in current.cells:
            party = cell.party
            if cell.outcome is not None or cell.held_by is not None:
                continue
            asked = current.opening.asked
            assert asked is not None, "silence was asked for"
            assert current.opening.until_at is not None, "silence was asked for"
            # Who is down now, or does not know yet, can look as soon as neither is so.
            ready_at = weather.find_up(party, max(at, sitting.forum.find_arrival(asked, party)))
            up_since_at = weather.find_up_since(party, at)
            refusal = find_keep_refusal(
                cell, current.opening, sitting.forum.policy, now=at, up_since_at=up_since_at, knows=ready_at == at
            )
            assert self._text is not None, "it was opened"
            if refusal is None:
                until_at = current.opening.until_at
                sitting.state(party, SilenceKept(self._text.id, current.opening.version, until_at, up_since_at), at)
            else:
                sitting.plan(Act.REVIEW, party, ready_at, self._make_agreeing(party, self.version_count), what="late")

    def _make_agreeing(self, party: Party, number: int) -> "Say":
        return lambda at: self._agree(party, number, at)

    def _agree(self, party: Party, number: int, at: Instant) -> None:
        """Where the node could not keep silence for its party, an officer agrees in person."""
        current = self._find_round()
        if number == self.version_count and current.cell(party).outcome is None:
            assert self._text is not None, "it was opened"
            version = current.opening.version
            self._sitting.state(party, TextAgreed(self._text.id, version, self._role(), OFFICER), at)
            self._note_agreed(at)

    def _note_agreed(self, at: Instant) -> bool:
        """Tell whether all have consented to the version; what follows from it follows once, however late."""
        if not all(cell.has_consented for cell in self._find_round().cells):
            return False
        if not self._is_agreed:
            self._is_agreed = True
            self._sitting.course.trigger(Trigger.AGREED, self._sitting.occurrence.name, at)
            self._sitting.close(at)
        return True

    def _look(self, languages: tuple[str, ...], at: Instant, *, is_last: bool = False) -> None:
        """The penholder looks: adopted, or broken and put anew, or given up; who is silent yet is waited for once."""
        if self._note_agreed(at):
            return
        sitting, current = self._sitting, self._find_round()
        name = sitting.occurrence.name
        if any(cell.outcome is Consent.BROKEN or cell.held_by is not None for cell in current.cells):
            sitting.course.trigger(Trigger.BROKEN, name, at)
            if self.version_count < sitting.course.scenario.drafting.version_count_max:
                number = str(self.version_count)
                sitting.plan(Act.DRAFT, sitting.caller, at, lambda now: self._put(languages, now), what=number)
            else:
                sitting.close(at)
        elif is_last:
            sitting.close(at)
        else:
            wait_ms = sitting.forum.policy.silence_window_ms_min
            sitting.course.put(at + wait_ms, lambda now: self._look(languages, now, is_last=True))


def mark_open(sitting: "Sitting", party: Party) -> Marking:
    """Return the marking of what is not protected, on the topic of the occurrence."""
    scheme = next(one for one in sitting.forum.pact.schemes if one.party == party)
    level = min(scheme.levels, key=lambda one: one.rank).id
    return Marking(party, party, level, (sitting.occurrence.topic,), ())
