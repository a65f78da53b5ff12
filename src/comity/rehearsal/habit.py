"""What drawn officers do when something appears on their screen: soon, late, in the wrong role, or never.

Each reaction is drawn when the statement is seen and carried out later by a cue, which looks again at what the machine
shows then. Nobody here knows what another party's machine holds.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from comity.base.instants import MINUTE_MS, SECOND_MS
from comity.pact.offices import Act as OfficeAct
from comity.procedure.adoption import TextState
from comity.procedure.call import Acknowledged, CallDeclined, ConsultationCalled, DeclineReason
from comity.procedure.entry import Entry
from comity.procedure.hotline import MessageAcknowledged, MessageRead, MessageReadBack, MessageSent
from comity.procedure.line import LineTestAnsweredByPerson, LineTestSent
from comity.procedure.measure import (
    MeasureAccepted,
    MeasureDeclined,
    MeasureDelivered,
    MeasureOffered,
    MeasureReason,
    MeasureStarted,
    MeasureState,
)
from comity.procedure.position import Position, PositionExplained, PositionStated
from comity.procedure.scope import find_scope
from comity.procedure.stated import Stated
from comity.procedure.text import (
    BreakReason,
    HoldLifted,
    PenHandedOver,
    PenTakenOver,
    SilenceBroken,
    SilenceExtended,
    SilenceHeld,
    SilenceProposed,
    TextAgreed,
)
from comity.rehearsal.chance import spread
from comity.rehearsal.desk import Act, Cue, Desk, Wish
from comity.rehearsal.floor_habit import FloorHabits
from comity.rehearsal.item_habit import ItemHabits
from comity.rehearsal.phrase import Phrases

__all__ = ["Habits"]

VISITOR: Final = "visitor"
"""A role that no pact has."""
OFFICER: Final = "duty-1"
_POSITIONS: Final = (Position.SUPPORT, Position.SUPPORT, Position.SUPPORT_WITH_RESERVE, Position.OBJECT)


@dataclass(slots=True)
class Habits:
    """One party's officers in a drawn play."""

    chance: random.Random
    phrases: Phrases
    items: ItemHabits | None = None
    """What they do about items; none: nothing."""
    floor: FloorHabits | None = None
    """What they do about what stands beside the main line; none: nothing."""

    def react(self, desk: Desk, stated: Stated) -> None:
        """Draw what this party does about a statement that it has just seen."""
        if self.items is not None:
            self.items.react(desk, stated)
        if self.floor is not None:
            self.floor.react(desk, stated)
        reaction = _REACTIONS.get(type(stated.entry))
        if reaction is not None and (stated.author != desk.party or type(stated.entry) in _TO_OWN):
            reaction(self, desk, stated, stated.entry)

    def _plan(self, desk: Desk, delay_ms: int, what: str, stated: Stated, act: Act) -> None:
        desk.plan(Cue(f"{what}/{stated.id.hex()[:16]}", desk.party, desk.stage.now + delay_ms, act))

    def _say(self, desk: Desk, delay_ms: int, what: str, stated: Stated, *entries: Entry) -> None:
        """Plan words whose content is settled now, to the audience of what they answer."""
        is_visitor = any(getattr(entry, "role", "") == VISITOR for entry in entries)
        is_refused = is_visitor and desk.machine.setup.pact.offices is not None
        refusals = ("officer.wrong-role",) if is_refused else ()
        self._plan(desk, delay_ms, what, stated, lambda _: Wish(stated.audience, entries, refusals))

    def _role(self, desk: Desk) -> str:
        roles = desk.machine.setup.pact.policy.acknowledge.roles
        return VISITOR if self.chance.random() < 0.06 else self.chance.choice(roles)

    def answer_call(self, desk: Desk, stated: Stated, _entry: ConsultationCalled) -> None:
        """Acknowledge soon, late or never; decline; take a position."""
        mood = self.chance.random()
        if mood < 0.12:
            desk.stage.log.count("officers-who-never-answer")
            return
        delay_ms = spread(self.chance, 2 * SECOND_MS, 22 * MINUTE_MS)
        if mood < 0.2:
            self._say(desk, delay_ms, "decline", stated, CallDeclined(stated.id, DeclineReason.NOT_STATED))
            return
        self._say(desk, delay_ms, "acknowledge", stated, Acknowledged(stated.id, self._role(desk), OFFICER))
        position = self.chance.choice(_POSITIONS)
        later_ms = delay_ms + spread(self.chance, 5 * SECOND_MS, 10 * MINUTE_MS)
        self._say(desk, later_ms, "position", stated, PositionStated(stated.id, stated.id, position, 0))
        if position is Position.SUPPORT_WITH_RESERVE:
            self._plan(desk, later_ms + 2 * SECOND_MS, "reserve", stated, self._explain(stated))

    def _explain(self, call: Stated) -> Act:
        def act(desk: Desk) -> Wish | None:
            own = next((row for row, _ in desk.find(PositionStated, author=desk.party)), None)
            if own is None:
                return None
            text = self.phrases.open_text(desk.party, "Our reserve.", to=call.audience)
            return Wish(call.audience, (PositionExplained(call.id, own.id, text),))

        return act

    def answer_silence(self, desk: Desk, stated: Stated, entry: SilenceProposed | SilenceExtended) -> None:
        """Let silence run, hold and perhaps lift, break, or agree aloud."""
        window_ms = max(1, entry.until_at - desk.now)
        mood, role = self.chance.random(), self.chance.choice(desk.machine.setup.pact.policy.acknowledge.roles)
        early_ms = int(window_ms * self.chance.uniform(0.02, 0.5))
        if mood < 0.12:
            broken = SilenceBroken(entry.text, entry.version, self.chance.choice(list(BreakReason)), role, OFFICER)
            self._say(desk, early_ms, "break", stated, broken)
        elif mood < 0.34:
            self._say(desk, early_ms, "hold", stated, SilenceHeld(entry.text, entry.version, role, OFFICER))
            if self.chance.random() < 0.7:
                lifted = HoldLifted(entry.text, entry.version, _find_binding(desk, role), OFFICER)
                self._say(desk, early_ms + window_ms // 4, "lift", stated, lifted)
        elif mood < 0.5 or not desk.machine.policy.silence_kept_by_machine:
            agreed = TextAgreed(entry.text, entry.version, _find_binding(desk, role), OFFICER)
            self._say(desk, early_ms, "agree", stated, agreed)
        elif mood < 0.8:
            agreed = TextAgreed(entry.text, entry.version, _find_binding(desk, role), OFFICER)
            self._plan(desk, window_ms + MINUTE_MS, "agree-late", stated, _agree_if_open(stated, agreed))

    def take_pen(self, desk: Desk, stated: Stated, entry: PenHandedOver) -> None:
        """Take a pen that is offered."""
        if entry.to == desk.party:
            self._say(desk, 20 * SECOND_MS, "take-pen", stated, PenTakenOver(entry.text, stated.id))

    def answer_measure(self, desk: Desk, stated: Stated, entry: MeasureOffered) -> None:
        """Accept, decline or leave an offer that names this party."""
        mood = self.chance.random()
        if desk.party not in entry.coordinated_with or mood < 0.1:
            return
        delay_ms = spread(self.chance, 5 * SECOND_MS, 8 * MINUTE_MS)
        answer: Entry = MeasureAccepted(stated.id, stated.id)
        if mood < 0.25:
            answer = MeasureDeclined(stated.id, stated.id, MeasureReason.COLLIDES)
        self._say(desk, delay_ms, "answer-measure", stated, answer)

    def carry_out(self, desk: Desk, stated: Stated, _entry: MeasureAccepted) -> None:
        """Begin and finish an own measure that all have accepted."""
        state = desk.machine.record.get_state(find_scope(stated))
        assert isinstance(state, MeasureState)
        if state.offered is None or state.offered.author != desk.party or not state.is_accepted:
            return
        if self.chance.random() < 0.6:
            self._say(desk, 30 * SECOND_MS, "start-measure", stated, MeasureStarted(state.offered.id))
            self._say(desk, 4 * MINUTE_MS, "deliver-measure", stated, MeasureDelivered(state.offered.id))

    def answer_line(self, desk: Desk, stated: Stated, entry: LineTestSent) -> None:
        """Answer a line test in person, if anybody is there."""
        if self.chance.random() < 0.4:
            answer = LineTestAnsweredByPerson(entry.channel, entry.slot_at, stated.id, self._role(desk), OFFICER)
            self._say(desk, spread(self.chance, SECOND_MS, 8 * MINUTE_MS), "answer-line", stated, answer)

    def answer_message(self, desk: Desk, stated: Stated, entry: MessageSent) -> None:
        """Read, acknowledge and perhaps read back a message."""
        delay_ms = spread(self.chance, SECOND_MS, 5 * MINUTE_MS)
        self._say(desk, delay_ms, "read", stated, MessageRead(stated.id, OFFICER))
        acknowledged = MessageAcknowledged(stated.id, self._role(desk), OFFICER)
        self._say(desk, 2 * delay_ms, "acknowledge-message", stated, acknowledged)
        if self.chance.random() < 0.4:
            # Its text is the author's own, so where a third party's consent is asked the funnel refuses it.
            self._say(desk, 3 * delay_ms, "read-back", stated, MessageReadBack(stated.id, entry.body))


def _find_binding(desk: Desk, role: str) -> str:
    """Return a role that may agree to a text in its party's name: this one, or the first that the pact lets do it."""
    offices = desk.machine.setup.pact.offices
    if offices is None:
        return role
    _, permitted = offices.find_permitted(OfficeAct.AGREE)
    return role if role in permitted else next(one.id for one in offices.roles if one.id in permitted)


def _agree_if_open(stated: Stated, agreed: TextAgreed) -> Act:
    """After S-time: where the node could not keep silence for its party, an officer says so in person."""

    def act(desk: Desk) -> Wish | None:
        if desk.machine.record.find_statement(stated.id) is None:
            # The node came up without it, and has not been sent it again yet.
            return None
        state = desk.machine.record.get_state(find_scope(stated))
        assert isinstance(state, TextState)
        current = state.current
        is_open = current is not None and current.opening.version == agreed.version
        if current is None or not is_open or current.cell(desk.party).outcome is not None:
            return None
        return Wish(stated.audience, (agreed,))

    return act


_REACTIONS: Final[Mapping[type[Entry], Callable[[Habits, Desk, Stated, Any], None]]] = {
    ConsultationCalled: Habits.answer_call,
    SilenceProposed: Habits.answer_silence,
    SilenceExtended: Habits.answer_silence,
    PenHandedOver: Habits.take_pen,
    MeasureOffered: Habits.answer_measure,
    MeasureAccepted: Habits.carry_out,
    LineTestSent: Habits.answer_line,
    MessageSent: Habits.answer_message,
}
_TO_OWN: Final = frozenset({SilenceProposed, SilenceExtended})
"""What a party reacts to even where it said it itself."""
