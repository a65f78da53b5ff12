"""Three parties say things of every kind but texts: rightly, wrongly, of the wrong object, in pages of any standing."""

import random
from collections.abc import Callable

import msgspec

from comity.base.instants import DAY_MS, HOUR_MS, Instant
from comity.base.names import Party
from comity.procedure.call import (
    Acknowledged,
    AcknowledgementWithdrawn,
    CallDeclined,
    ConclusionStated,
    ConsultationCalled,
    ConsultationConvened,
    DeclineReason,
    Medium,
    Outcome,
)
from comity.procedure.correction import CorrectionReason, EntryCorrected, EntryWithdrawn
from comity.procedure.entry import Entry
from comity.procedure.fields import Level
from comity.procedure.hotline import MessageAcknowledged, MessageRead, MessageReadBack, MessageSent, Precedence
from comity.procedure.indicator import IndicatorReported
from comity.procedure.line import LineTestAnsweredByMachine, LineTestAnsweredByPerson, LineTestSent
from comity.procedure.measure import (
    Instrument,
    MeasureAccepted,
    MeasureAmended,
    MeasureDeclined,
    MeasureDelivered,
    MeasureOffered,
    MeasureReason,
    MeasureStarted,
    MeasureWithdrawn,
)
from comity.procedure.national import ActionStage, NationalActionEnded, NationalActionStated
from comity.procedure.phrase import Filled, PhraseReadBack, PhraseSent
from comity.procedure.plan import (
    Line,
    PlanAccepted,
    PlanActivated,
    PlanDeclined,
    PlanOpened,
    PlanRetired,
    PlanStoodDown,
    PlanVersionProposed,
)
from comity.procedure.position import InstructionsAwaited, Position, PositionExplained, PositionStated
from comity.procedure.registry import encode_entry
from comity.procedure.stated import Standing, Stated
from comity.procedure.threat import ThreatKind, ThreatReported
from comity.procedure.translation import MessageTranslated
from comity.procedure.voice import VoiceCallConfirmed, VoiceCallLogged, VoiceCheck
from kit.measuring import terms
from kit.stating import ALL, BEGIN, ROLE, Room, minute, words

__all__ = ["CHECKED", "Chatter"]

_STANDINGS = [Standing.GOOD] * 8 + [Standing.DISPUTED, Standing.DISOWNED]
_DAY = BEGIN - BEGIN % DAY_MS
_WHY = CorrectionReason.MISTAKE


INDICATORS = ("policy.indicator.chip-lead-time", "policy.indicator.customs-refusals", "policy.indicator.none")
NUMBERS = ("0", "2.5", "26", "-0.000000001", "999999999999999.999999999")


CHECKED: tuple[tuple[VoiceCheck, tuple[str, ...], tuple[str, ...]], ...] = (
    (VoiceCheck.PROVED, ("K7",), ("P2",)),
    (VoiceCheck.FAILED, ("K7",), ()),
    (VoiceCheck.NOT_ASKED, (), ()),
)


def at_random(draw: random.Random) -> int:
    """An instant of observation, which need not be near the page's."""
    return draw.choice((0, BEGIN, BEGIN + DAY_MS))


class Chatter:
    """Plays one seed in the room of all, and in the room of two of them. `ends_at` is after the last word."""

    def __init__(self, seed: int, *, channel: str) -> None:
        self._draw = random.Random(seed)
        self._channel = channel
        self.room = Room()
        self._pair = Room(("JPN", "USA"))
        at = 0
        for _ in range(self._draw.randint(3, 60)):
            at = max(0, at + self._draw.choice((-5, 0, 1, 3, 20, 60)))
            self._act(minute(at))
        self.ends_at = minute(at)

    @property
    def said(self) -> list[Stated]:
        """Everything."""
        return self.room.said + self._pair.said

    def pick_instant(self) -> Instant:
        """An instant to look at: soon after the end, or long after."""
        return Instant(self.ends_at + self._draw.choice((0, 5, 60, 200, 60 * 24 * 20)) * 60_000)

    def _act(self, at: Instant) -> None:
        draw, room = self._draw, self._draw.choice((self.room,) * 9 + (self._pair,))
        party = draw.choice(room.audience)
        if draw.random() < 0.05:
            (room.cut if draw.random() < 0.5 else room.mend)(party)
            return
        entry = self._make(room)
        author = self._find_author(room, entry) or party
        # Two rooms are two journals: a page of one is no page of the other.
        stated = room.say(author, entry, at, standing=draw.choice(_STANDINGS))
        if room is self._pair:
            room.said[-1] = msgspec.structs.replace(stated, id=type(stated.id)(stated.id[::-1]))

    def _find_author(self, room: Room, entry: Entry) -> Party | None:
        """Whoever said it corrects it, mostly."""
        if isinstance(entry, EntryCorrected | EntryWithdrawn) and self._draw.random() < 0.85:
            return next((row.author for row in room.said if row.id == entry.entry), None)
        return None

    def _pick(self, room: Room, *types: type[Entry]) -> bytes:
        """One of what is there, of these types mostly; now and then of nothing."""
        fitting = [row for row in room.said if isinstance(row.entry, types)]
        if not fitting or self._draw.random() < 0.05:
            fitting = room.said
        return self._draw.choice(fitting).id if fitting and self._draw.random() < 0.98 else b"\x09" * 32

    def _make(self, room: Room) -> Entry:
        makers = (
            *(self._of_call, self._of_call, self._of_measure, self._of_line, self._of_message),
            *(self._of_correction, self._of_plan),
        )
        return self._draw.choice(makers)(room)

    def _of_plan(self, room: Room) -> Entry:
        draw = self._draw
        plan, version = self._pick(room, PlanOpened), self._pick(room, PlanVersionProposed)
        wanted = draw.choice((Instrument.PATROL, Instrument.SANCTIONS))
        by, target = draw.choice(((), ("JPN",))), draw.choice(((), (), ("strait",)))
        line = Line("one", wanted, by, target, draw.choice((0, HOUR_MS)), 1)
        call = self._pick(room, ConsultationCalled)
        makers: tuple[Callable[[], Entry], ...] = (
            lambda: PlanOpened("storm", ThreatKind.OTHER),
            lambda: PlanVersionProposed(plan, (line,), words("plan")),
            lambda: PlanVersionProposed(plan, (line, Line("two", wanted, (), (), 0, DAY_MS)), words("plan")),
            lambda: PlanAccepted(plan, version),
            lambda: PlanAccepted(plan, version),
            lambda: PlanAccepted(plan, version),
            lambda: PlanDeclined(plan, version, MeasureReason.NOT_ABLE),
            lambda: PlanActivated(plan, version, call, draw.choice((0, BEGIN))),
            lambda: PlanActivated(plan, version, call, BEGIN),
            lambda: PlanStoodDown(plan, self._pick(room, PlanActivated)),
            lambda: PlanRetired(plan),
        )
        return draw.choice(makers)()

    def _of_call(self, room: Room) -> Entry:
        draw = self._draw
        call = self._pick(room, ConsultationCalled)
        position = draw.choice(tuple(Position))
        confirm_by_at = 5 if position is Position.ACCEPT_AD_REFERENDUM else 0
        makers: tuple[Callable[[], Entry], ...] = (
            lambda: ConsultationCalled("C1", Level.WATCH, ThreatKind.OTHER, (), ()),
            lambda: Acknowledged(call, draw.choice((ROLE, ROLE, "duty-officer", "clerk")), "o1"),
            lambda: AcknowledgementWithdrawn(call, self._pick(room, Acknowledged)),
            lambda: CallDeclined(call, DeclineReason.NOT_STATED),
            lambda: ConsultationConvened(call, Level.WATCH, Medium.VOICE, 0),
            lambda: PositionStated(call, self._pick(room), position, confirm_by_at),
            lambda: PositionExplained(call, self._pick(room, PositionStated), words("why")),
            lambda: InstructionsAwaited(call, self._pick(room), at_random(draw)),
            lambda: ConclusionStated(call, Outcome.NO_ACTION),
            lambda: ThreatReported(ThreatKind.OTHER, 0, (), (), words("seen")),
            lambda: IndicatorReported(draw.choice(INDICATORS), at_random(draw), draw.choice(NUMBERS), words("counted")),
        )
        return draw.choice(makers)()

    def _of_measure(self, room: Room) -> Entry:
        draw = self._draw
        under = draw.choice(((), (self._pick(room, ConsultationCalled),)))
        measure, stated = self._pick(room, MeasureOffered), self._pick(room, MeasureOffered, MeasureAmended)
        makers: tuple[Callable[[], Entry], ...] = (
            lambda: MeasureOffered(under, tuple(sorted(draw.sample(ALL, draw.randint(0, 3)))), terms()),
            lambda: MeasureAccepted(measure, stated),
            lambda: MeasureDeclined(measure, stated, MeasureReason.NOT_ABLE),
            lambda: MeasureAmended(measure, terms(actor=draw.choice(("fleet-1", "fleet-2")))),
            lambda: draw.choice((MeasureStarted, MeasureDelivered))(measure),
            lambda: MeasureWithdrawn(measure, MeasureReason.NOT_NEEDED),
            lambda: NationalActionStated(under, ActionStage.DONE, terms()),
            lambda: NationalActionEnded(self._pick(room, NationalActionStated)),
        )
        return draw.choice(makers)()

    def _of_line(self, room: Room) -> Entry:
        draw = self._draw
        channel, slot_at = draw.choice((self._channel, "line-2")), _DAY + draw.randint(22, 27) * HOUR_MS
        if draw.random() < 0.4:
            return LineTestSent(channel, slot_at)
        test = self._pick(room, LineTestSent)
        sent = next((row.entry for row in room.said if row.id == test), None)
        if isinstance(sent, LineTestSent) and draw.random() < 0.9:
            channel, slot_at = sent.channel, sent.slot_at
        if draw.random() < 0.5:
            return LineTestAnsweredByMachine(channel, slot_at, test)
        return LineTestAnsweredByPerson(channel, slot_at, test, ROLE, "o1")

    def _of_message(self, room: Room) -> Entry:
        draw = self._draw
        message = self._pick(room, MessageSent, PhraseSent)
        body = words(draw.choice("ab"), *draw.choice((("en",), ("en", "ja"))))
        filled = Filled(draw.choice(("policy.phrase.a", "policy.phrase.b")), draw.choice(((), ("JPN",))), (9,), (1,))
        checked = draw.choice(CHECKED)
        with_ = tuple(sorted(draw.sample(ALL, draw.randint(1, 3))))
        makers: tuple[Callable[[], Entry], ...] = (
            lambda: MessageSent(self._channel, Level.WATCH, Precedence.FLASH, (), (), body),
            lambda: MessageRead(message, "o1"),
            lambda: MessageAcknowledged(message, draw.choice((ROLE, "clerk")), "o1"),
            lambda: MessageReadBack(message, body),
            lambda: MessageTranslated(message, ROLE, "o1", body),
            lambda: PhraseSent(self._channel, Level.WATCH, Precedence.FLASH, (), (), filled),
            lambda: PhraseReadBack(message, filled),
            lambda: VoiceCallLogged(self._channel, Level.WATCH, with_, 1, 2, *checked, (), ROLE, "o1"),
            lambda: VoiceCallConfirmed(self._pick(room, VoiceCallLogged), *checked, ROLE, "o2"),
        )
        return draw.choice(makers)()

    def _of_correction(self, room: Room) -> Entry:
        draw = self._draw
        if draw.random() < 0.4 or not room.said:
            return EntryWithdrawn(self._pick(room, *draw.choice(((Entry,), (EntryCorrected, EntryWithdrawn)))), _WHY)
        row = draw.choice(room.said)
        entry = row.entry
        if isinstance(entry, Acknowledged):
            entry = Acknowledged(entry.consultation, draw.choice((ROLE, "clerk")), "o2")
        elif isinstance(entry, PositionStated):
            entry = PositionStated(entry.consultation, entry.subject, Position.OBJECT, 0)
        elif isinstance(entry, MessageSent):
            entry = MessageSent(entry.channel, entry.level, entry.precedence, (), (), words("corrected"))
        elif draw.random() < 0.3:
            return EntryCorrected(row.id, _WHY, b"not an entry")
        return EntryCorrected(row.id, _WHY, encode_entry(entry))
