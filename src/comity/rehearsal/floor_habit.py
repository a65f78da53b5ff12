"""What drawn officers of a watch floor do about what they see: instructions, brackets, plans, meetings, phrases, calls.

As in `habit`, of which this is the part for what stands beside the main line: each reaction is drawn when a statement
is seen, from a purpose of its own, and carried out later by a cue.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from comity.base.instants import HOUR_MS, MINUTE_MS, SECOND_MS
from comity.procedure.appointment import (
    InvitationAnswer,
    InvitationAnswered,
    MeetingMoved,
    MeetingPlanned,
    PlannedMeetingHeld,
)
from comity.procedure.bracket import Passage, PassageBracketed, PassageWorded
from comity.procedure.call import Acknowledged, AcknowledgementWithdrawn, ConsultationCalled
from comity.procedure.entry import Entry
from comity.procedure.hotline import MessageAcknowledged, MessageSent
from comity.procedure.measure import MeasureReason
from comity.procedure.meeting import Attendance, MeetingAttended, MeetingHeld
from comity.procedure.phrase import PhraseReadBack, PhraseSent
from comity.procedure.plan import PlanAccepted, PlanDeclined, PlanVersionProposed
from comity.procedure.position import InstructionsAwaited, Position, PositionStated
from comity.procedure.reading import ItemRead, ReaderKind
from comity.procedure.sharing import ItemGiven, ItemShared
from comity.procedure.stated import Stated
from comity.procedure.text import TextAmendmentProposed, TextVersionProposed, find_version_digest
from comity.procedure.translation import MessageTranslated
from comity.procedure.voice import VoiceCallConfirmed, VoiceCallLogged, VoiceCheck
from comity.rehearsal.chance import spread
from comity.rehearsal.desk import Act, Cue, Desk, Wish
from comity.rehearsal.drawn_floor import OFFICER
from comity.rehearsal.floor_acts import lift_bracket
from comity.rehearsal.phrase import Phrases

__all__ = ["FloorHabits"]

BRACKETED_SIZE: Final = 6


@dataclass(slots=True)
class FloorHabits:
    """One party's officers, as far as they deal with what stands beside the main line."""

    chance: random.Random
    phrases: Phrases

    def react(self, desk: Desk, stated: Stated) -> None:
        """Draw what this party does about another's statement that it has just seen."""
        reaction = _REACTIONS.get(type(stated.entry))
        if reaction is not None and stated.author != desk.party:
            reaction(self, desk, stated, stated.entry)

    def _plan(self, desk: Desk, delay_ms: int, what: str, stated: Stated, act: Act) -> None:
        desk.plan(Cue(f"{what}/{stated.id.hex()[:16]}", desk.party, desk.stage.now + delay_ms, act))

    def _say(self, desk: Desk, delay_ms: int, what: str, stated: Stated, *entries: Entry) -> None:
        self._plan(desk, delay_ms, what, stated, lambda _: Wish(stated.audience, entries))

    def _soon(self, low_s: int = 5, high_s: int = 240) -> int:
        return spread(self.chance, low_s * SECOND_MS, high_s * SECOND_MS)

    def _role(self, desk: Desk) -> str:
        return self.chance.choice(desk.machine.setup.pact.policy.acknowledge.roles)

    def ask_capital(self, desk: Desk, stated: Stated, _entry: ConsultationCalled) -> None:
        """Once the call is acknowledged: ask for instructions, perhaps have none meanwhile, get them or not (P82)."""
        if self.chance.random() < 0.5:
            at, expected_ms = self._soon(), self.chance.randint(1, 30) * MINUTE_MS

            def say(delay_ms: int, what: str, make: Callable[[Desk], Entry]) -> None:
                self._plan(desk, delay_ms, what, stated, _once_acknowledged(stated, make))

            say(at, "ask-capital", lambda desk: InstructionsAwaited(stated.id, stated.id, desk.now + expected_ms))
            mood = self.chance.random()
            if mood < 0.4:
                none = PositionStated(stated.id, stated.id, Position.NO_INSTRUCTIONS, 0)
                say(at + self._soon(), "no-instructions", lambda _: none)
            if mood < 0.7:
                told = PositionStated(stated.id, stated.id, Position.SUPPORT, 0)
                say(at + 5 * MINUTE_MS + self._soon(), "instructed", lambda _: told)
        if self.chance.random() < 0.2:
            self._plan(desk, self._soon(120, 900), "think-again", stated, _take_back_acknowledgement(stated))

    def bracket(self, desk: Desk, stated: Stated, entry: TextVersionProposed) -> None:
        """Propose other words; put a passage in brackets, and perhaps lift them later."""
        if self.chance.random() < 0.25:
            body = self.phrases.open_text(desk.party, "Rather so.", to=stated.audience)
            amended = TextAmendmentProposed(entry.text, find_version_digest(entry), body)
            self._say(desk, self._soon(), "amend", stated, amended)
        if self.chance.random() < 0.35:
            language = entry.body.translations[0].language
            passage = Passage(language, 0, BRACKETED_SIZE)
            bracketed, at = PassageBracketed(entry.text, find_version_digest(entry), (passage,)), self._soon()
            self._say(desk, at, "bracket", stated, bracketed)
            if self.chance.random() < 0.6:
                lifted = lift_bracket(f"bracket/{stated.id.hex()[:16]}")
                self._plan(desk, at + self._soon(60, 600), "lift-bracket", stated, lifted)

    def word(self, desk: Desk, stated: Stated, entry: PassageBracketed) -> None:
        """Propose other words for a passage in brackets."""
        if self.chance.random() < 0.5:
            words = self.phrases.open_text(desk.party, "Our words.", to=stated.audience)
            self._say(desk, self._soon(), "word", stated, PassageWorded(entry.text, stated.id, words))

    def answer_plan(self, desk: Desk, stated: Stated, entry: PlanVersionProposed) -> None:
        """Accept a version of a plan, or not, or both one after the other."""
        mood = self.chance.random()
        accepted = PlanAccepted(entry.plan, stated.id)
        declined = PlanDeclined(entry.plan, stated.id, self.chance.choice(list(MeasureReason)))
        if mood < 0.9:
            self._say(desk, self._soon(), "answer-plan", stated, accepted if mood < 0.7 else declined)
        if mood < 0.1:
            self._say(desk, 5 * MINUTE_MS, "decline-plan", stated, declined)

    def attend(self, desk: Desk, stated: Stated, _entry: MeetingHeld) -> None:
        """Say whether this party was there."""
        mood = self.chance.random()
        if mood < 0.8:
            attendance = Attendance.ATTENDED if mood < 0.65 else Attendance.NOT_ATTENDED
            attended = MeetingAttended(stated.id, attendance, self._role(desk), OFFICER)
            self._say(desk, self._soon(), "attend", stated, attended)

    def answer_invitation(self, desk: Desk, stated: Stated, entry: MeetingPlanned | MeetingMoved) -> None:
        """Say for this party whether it will come to a meeting as it is planned now, or when it could."""
        mood = self.chance.random()
        if mood < 0.8:
            of = entry.appointment if isinstance(entry, MeetingMoved) else stated.id
            answer = self.chance.choice(list(InvitationAnswer))
            later = answer is InvitationAnswer.OTHER_TIME
            span = (entry.setting.ends_at, entry.setting.ends_at + HOUR_MS) if later else (0, 0)
            answered = InvitationAnswered(of, stated.id, answer, *span, self._role(desk), OFFICER)
            self._say(desk, self._soon(), "answer-invitation", stated, answered)

    def answer_phrase(self, desk: Desk, stated: Stated, entry: PhraseSent) -> None:
        """Acknowledge a phrase, and read it back rightly or not; or leave it, so that it alarms."""
        mood = self.chance.random()
        if mood < 0.6:
            acknowledged = MessageAcknowledged(stated.id, self._role(desk), OFFICER)
            self._say(desk, self._soon(5, 900), "acknowledge-phrase", stated, acknowledged)
        if mood < 0.4:
            self._say(desk, self._soon(), "read-phrase-back", stated, PhraseReadBack(stated.id, entry.filled))

    def translate(self, desk: Desk, stated: Stated, _entry: MessageSent) -> None:
        """Put a message into another language."""
        if self.chance.random() < 0.4:
            # Its words are this party's own, so its marking is, too.
            body = self.phrases.open_text(desk.party, "In our words.", to=stated.audience, languages=("ja",))
            translated = MessageTranslated(stated.id, self._role(desk), OFFICER, body)
            self._say(desk, self._soon(), "translate", stated, translated)

    def confirm_voice_call(self, desk: Desk, stated: Stated, entry: VoiceCallLogged) -> None:
        """Give this party's own account of a call by voice, as it was logged or otherwise."""
        mood = self.chance.random()
        if desk.party in entry.parties and mood < 0.8:
            check = (entry.check, entry.challenge, entry.reply) if mood < 0.6 else (VoiceCheck.NOT_ASKED, (), ())
            confirmed = VoiceCallConfirmed(stated.id, *check, self._role(desk), OFFICER)
            self._say(desk, self._soon(), "confirm-voice-call", stated, confirmed)

    def read(self, desk: Desk, stated: Stated, entry: ItemShared | ItemGiven) -> None:
        """Have the node note who opened an item (P48); it tells nobody else."""
        if self.chance.random() < 0.4:
            role = self._role(desk)
            noted: Act = lambda desk: Wish(  # noqa: E731
                (desk.party,), (ItemRead(entry.item, (), ReaderKind.OFFICER, OFFICER, (role,), desk.now),), by=()
            )
            self._plan(desk, self._soon(), "read-item", stated, noted)


def _once_acknowledged(call: Stated, make: Callable[[Desk], Entry]) -> Act:
    """Say what belongs to a call once it is acknowledged from here; who never answers it says nothing of it at all."""

    def act(desk: Desk) -> Wish | None:
        rows = desk.find(Acknowledged, author=desk.party)
        is_acknowledged = any(entry.consultation == call.id for _, entry in rows)
        return Wish(call.audience, (make(desk),)) if is_acknowledged else None

    return act


def _take_back_acknowledgement(call: Stated) -> Act:
    def act(desk: Desk) -> Wish | None:
        rows = desk.find(Acknowledged, author=desk.party)
        own = next((row for row, entry in rows if entry.consultation == call.id), None)
        return None if own is None else Wish(call.audience, (AcknowledgementWithdrawn(call.id, own.id),))

    return act


_REACTIONS: Final[Mapping[type[Entry], Callable[[FloorHabits, Desk, Stated, Any], None]]] = {
    ConsultationCalled: FloorHabits.ask_capital,
    TextVersionProposed: FloorHabits.bracket,
    PassageBracketed: FloorHabits.word,
    PlanVersionProposed: FloorHabits.answer_plan,
    MeetingHeld: FloorHabits.attend,
    MeetingPlanned: FloorHabits.answer_invitation,
    MeetingMoved: FloorHabits.answer_invitation,
    PlannedMeetingHeld: FloorHabits.attend,
    PhraseSent: FloorHabits.answer_phrase,
    MessageSent: FloorHabits.translate,
    VoiceCallLogged: FloorHabits.confirm_voice_call,
    ItemShared: FloorHabits.read,
    ItemGiven: FloorHabits.read,
}
