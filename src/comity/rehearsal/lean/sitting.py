"""One consultation under one pact: who says what, and when (R67).

The acts are drawn from the scenario; every one is an entry of the pact's own procedures, stated at an instant at which
its author's machine was up, about what had reached it by then. A text and measures are in `drafting` and `offers`.
"""

from typing import TYPE_CHECKING

from comity.base.instants import MINUTE_MS, NEVER, SECOND_MS, Instant
from comity.base.names import Party
from comity.procedure.call import (
    Acknowledged,
    CallDeclined,
    ConclusionStated,
    ConsultationCalled,
    ConsultationConvened,
    DeclineReason,
    Medium,
    Outcome,
)
from comity.procedure.entry import Entry
from comity.procedure.fields import Level
from comity.procedure.position import Position, PositionStated
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated
from comity.rehearsal.lean.drafting import Drafting
from comity.rehearsal.lean.forum import Forum
from comity.rehearsal.lean.offers import Offers
from comity.rehearsal.lean.people import OFFICER
from comity.rehearsal.scenario.history import Occurrence
from comity.rehearsal.scenario.model import Act, Habit, Trigger

if TYPE_CHECKING:
    from comity.rehearsal.lean.course import Course

__all__ = ["Sitting"]


class Sitting:
    """A consultation under way. `call` begins it."""

    def __init__(
        self, course: "Course", forum: Forum, occurrence: Occurrence, caller: Party, siblings: "list[Sitting]"
    ) -> None:
        """Note what it will be about; `siblings` are the consultations on it under all pacts, this one among them."""
        self.siblings = siblings
        self.course, self.forum, self.occurrence, self.caller = course, forum, occurrence, caller
        self.called: Stated | None = None
        self.drafting = Drafting(self)
        self.offers = Offers(self)
        self._awaited = set(forum.list_others(caller))
        """Whose acknowledgement the caller waits for before it convenes."""
        self._is_convening = self._is_closing = False

    @property
    def scope(self) -> Scope:
        """Return the scope of the call."""
        assert self.called is not None, "asked of what was called"
        return Scope("consultation", self.called.id, self.forum.parties)

    def habit(self, party: Party) -> Habit:
        """Return what a party's people tend to do."""
        return self.course.people.find_habit(party)

    def draws(self, percent: int, party: Party, what: str) -> bool:
        """Tell whether something with this chance comes about, for this occurrence and party."""
        return self.course.luck.happens(percent, self.occurrence.name, party, what)

    def plan(self, act: Act, party: Party, at: Instant, say: "Say", *, what: str = "", due_at: int = 0) -> None:
        """Put what a party will have done after its own time into the queue."""
        purpose = (self.occurrence.name, what) if what else (self.occurrence.name,)
        done_at, _ = self.course.people.take(act, party, at, *purpose, due_at=due_at)
        self.course.put(self.course.weather.find_up(party, done_at), say)

    def state(self, party: Party, entry: Entry, at: Instant) -> Stated:
        """Let a party say it."""
        return self.forum.state(party, entry, at)

    def reach(self, stated: Stated, party: Party, act: "Say") -> None:
        """Put into the queue what happens as soon as a statement is at a party."""
        self.course.put(self.forum.find_arrival(stated, party), act)

    def call(self, at: Instant) -> None:
        """Call for consultation."""
        pact, occurrence = self.forum.pact, self.occurrence
        threatened = (occurrence.threatened,) if occurrence.threatened in self.forum.parties else ()
        entry = ConsultationCalled(pact.consultation.id, Level.ADVISERS, occurrence.kind, (), threatened)
        self.called = self.state(self.caller, entry, at)
        for party in self.forum.list_others(self.caller):
            self.reach(self.called, party, self._for(self._hear, party))
        # Who convenes waits for everybody's acknowledgement, and no longer than the pact's clock for it.
        self.course.put(at + self.forum.policy.acknowledge_within_ms + SECOND_MS, self._convene_soon)
        self.course.trigger(Trigger.CALLED, occurrence.name, at)
        self._plan_position(self.caller, at)

    def _for(self, act: "ForParty", party: Party) -> "Say":
        return lambda at: act(party, at)

    def _hear(self, party: Party, at: Instant) -> None:
        """The call is at a party."""
        assert self.called is not None, "it was called"
        self.course.pass_on(self, party, at)
        if self.draws(self.habit(party).decline_percent, party, "decline"):
            self.plan(Act.ACKNOWLEDGE, party, at, self._for(self._decline, party))
            return
        due_at = self.called.written_at + self.forum.policy.acknowledge_within_ms
        at_hand = self.course.people.find_pace(Act.ACKNOWLEDGE, party, at).role
        role = at_hand if at_hand in self.forum.policy.acknowledge_roles else min(self.forum.policy.acknowledge_roles)
        self.plan(
            Act.ACKNOWLEDGE,
            party,
            at,
            lambda now: self._acknowledge(party, role, now),
            due_at=due_at,
        )

    def _acknowledge(self, party: Party, role: str, at: Instant) -> None:
        assert self.called is not None, "it was called"
        stated = self.state(party, Acknowledged(self.called.id, role, OFFICER), at)
        self.reach(stated, self.caller, self._for(self._note_answer, party))
        self._plan_position(party, at)

    def _decline(self, party: Party, at: Instant) -> None:
        assert self.called is not None, "it was called"
        stated = self.state(party, CallDeclined(self.called.id, DeclineReason.OWN_RESPONSE), at)
        self.reach(stated, self.caller, self._for(self._note_answer, party))

    def _note_answer(self, party: Party, at: Instant) -> None:
        self._awaited.discard(party)
        if not self._awaited:
            self._convene_soon(at)

    def _convene_soon(self, at: Instant) -> None:
        if not self._is_convening:
            self._is_convening = True
            self.plan(Act.CONVENE, self.caller, at, self._convene)

    def _convene(self, at: Instant) -> None:
        assert self.called is not None, "it was called"
        starts_at = Instant(at + 5 * MINUTE_MS)
        self.state(self.caller, ConsultationConvened(self.called.id, Level.ADVISERS, Medium.VOICE, starts_at), at)
        self.course.trigger(Trigger.CONVENED, self.occurrence.name, at)
        if not self.drafting.begin(at):
            self.close(at)

    def _plan_position(self, party: Party, at: Instant) -> None:
        assert self.called is not None, "it was called"
        due_at = self.called.written_at + self.forum.policy.position_within_ms
        self.plan(Act.POSITION, party, at, self._for(self._take_position, party), due_at=due_at)

    def _take_position(self, party: Party, at: Instant) -> None:
        if self.draws(self.habit(party).no_instructions_percent, party, "no-instructions"):
            self._say_position(party, Position.NO_INSTRUCTIONS, at)
            self.plan(Act.INSTRUCTIONS, party, at, self._for(self._take_instructed, party))
        else:
            self._take_instructed(party, at)

    def _take_instructed(self, party: Party, at: Instant) -> None:
        habit, position = self.habit(party), Position.SUPPORT
        if self.draws(habit.object_percent, party, "object"):
            position = Position.OBJECT
        elif self.draws(habit.reserve_percent, party, "reserve"):
            position = Position.SUPPORT_WITH_RESERVE
        self._say_position(party, position, at)
        if position is not Position.OBJECT:
            self.offers.plan(party, at)

    def _say_position(self, party: Party, position: Position, at: Instant) -> None:
        assert self.called is not None, "it was called"
        self.state(party, PositionStated(self.called.id, self.called.id, position, NEVER), at)

    def close(self, at: Instant) -> None:
        """Nothing is on the table any more: each party concludes in its own time, or forgets to."""
        if self._is_closing:
            return
        self._is_closing = True
        for party in self.forum.parties:
            if self.draws(self.habit(party).conclude_percent, party, "conclude"):
                self.plan(Act.CONCLUDE, party, at, self._for(self._conclude, party))

    def _conclude(self, party: Party, at: Instant) -> None:
        assert self.called is not None, "it was called"
        outcome = Outcome.RESPONSE_MATCHED if self.offers.is_matched else Outcome.VIEWS_EXCHANGED
        self.state(party, ConclusionStated(self.called.id, outcome), at)


if TYPE_CHECKING:
    from collections.abc import Callable

    Say = Callable[[Instant], None]
    ForParty = Callable[[Party, Instant], None]
