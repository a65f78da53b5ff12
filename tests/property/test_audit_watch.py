"""Two readings of P73 to P75, P79 to P81, P89 and P93 to P95 agree: voice calls, brackets, meetings, watches."""

import random

import msgspec
from hypothesis import event, given
from hypothesis import strategies as st

from comity.audit.procedures.adoption import judge_text
from comity.audit.procedures.appointment import find_meetings_held
from comity.audit.procedures.appointment import judge_appointment as judge_planned
from comity.audit.procedures.bracket import judge_brackets
from comity.audit.procedures.message import judge_voice
from comity.audit.procedures.scope import group
from comity.audit.procedures.view import view_appointment, view_meeting, view_shift, view_voice
from comity.audit.procedures.watch import judge_meeting, judge_shift
from comity.base.names import Digest
from comity.crypto.production import ProductionSuite
from comity.procedure.appointment import (
    InvitationAnswer,
    InvitationAnswered,
    MeetingCalledOff,
    MeetingMoved,
    MeetingPlanned,
    PlannedMeetingHeld,
    Setting,
)
from comity.procedure.call import Medium
from comity.procedure.correction import CorrectionReason, EntryCorrected, EntryWithdrawn
from comity.procedure.entry import Entry
from comity.procedure.fields import Level
from comity.procedure.measure import MeasureReason
from comity.procedure.meeting import Attendance, EvidenceForm, MeetingAttended, MeetingEvidenceGiven, MeetingHeld
from comity.procedure.receipt import NO_LINKS
from comity.procedure.record import Record
from comity.procedure.registry import encode_entry
from comity.procedure.shift import ShiftHandedOver, ShiftRelieved
from comity.procedure.stated import Standing, Stated
from comity.procedure.voice import VoiceCallConfirmed, VoiceCallLogged
from comity.rehearsal.checks.shown import show_objects
from kit.chatter import CHECKED
from kit.second_folds import Known, find_policy, say_again
from kit.stating import ALL, POLICY, ROLE, Room, minute, shuffled, words
from kit.text_play import ROUND, Move, Play

AUDIENCES = (ALL, ("JPN", "USA"), ("JPN",))


class Watch:
    """Parties meet, say so, deny it, correct it; officers come and go, now and then in the wrong room."""

    def __init__(self, seed: int) -> None:
        self._draw = draw = random.Random(seed)
        rooms = [Room(audience) for audience in AUDIENCES]
        for at in range(draw.randint(3, 40)):
            room = draw.choice(rooms)
            standing = draw.choice([Standing.GOOD] * 9 + [Standing.DISPUTED])
            stated = room.say(draw.choice(room.audience), self._make(room), minute(at), standing=standing)
            # One party's first pages in two rooms are two journals': their ids must not be one.
            mixed = Digest(bytes(a ^ len(room.audience) for a in stated.id))
            room.said[-1] = msgspec.structs.replace(stated, id=mixed)
        self.said: list[Stated] = [row for room in rooms for row in room.said]

    def _pick(self, room: Room, *types: type[Entry]) -> bytes:
        rows = [row.id for row in room.said if isinstance(row.entry, types)]
        return self._draw.choice(rows) if rows and self._draw.random() < 0.97 else b"\x09" * 32

    def _make(self, room: Room) -> Entry:
        draw = self._draw
        meeting, shift = self._pick(room, MeetingHeld), self._pick(room, ShiftHandedOver)
        attended = tuple(sorted(draw.sample(ALL, draw.choice((2, 2, 3)))))
        checked = draw.choice(CHECKED)
        word = draw.choice((*[Attendance.ATTENDED] * 4, Attendance.NOT_ATTENDED))
        wrong = self._pick(room, MeetingHeld, MeetingAttended, ShiftHandedOver)
        held = MeetingHeld("C4", (), Level.WATCH, Medium.VOICE, 1, 2, attended, ())
        kinds: tuple[tuple[float, Entry], ...] = (
            *self._plan(room, attended, wrong),
            (2, held),
            (6, MeetingAttended(meeting, word, ROLE, "o1")),
            (2, MeetingEvidenceGiven(meeting, EvidenceForm.AGENDA, 0, (), (), words("seen"))),
            (2, ShiftHandedOver(ROLE, draw.choice(("o1", "o2")), 0, (), (), (), (), ())),
            (3, ShiftRelieved(shift, ROLE, draw.choice(("o1", "o2")), ())),
            (2, VoiceCallLogged("line", Level.WATCH, attended, 1, 2, *checked, (), ROLE, "o1")),
            (5, VoiceCallConfirmed(self._pick(room, VoiceCallLogged), *checked, ROLE, "o2")),
            (1, EntryWithdrawn(wrong, CorrectionReason.MISTAKE)),
            (1, EntryCorrected(meeting, CorrectionReason.MISTAKE, encode_entry(held))),
        )
        return draw.choices([entry for _, entry in kinds], [weight for weight, _ in kinds])[0]

    def _plan(self, room: Room, invited: tuple[str, ...], wrong: bytes) -> tuple[tuple[float, Entry], ...]:
        draw, commitment = self._draw, self._draw.choice(("C4", "C4", "C4", "C5"))
        ends_at = minute(draw.choice((20, 60, 99, 100, 101, 200)))
        setting = Setting(1, ends_at, Medium.VIDEO, (), (), ())
        planned = self._pick(room, MeetingPlanned)
        named = self._pick(room, *draw.choice(((MeetingPlanned,), (MeetingPlanned, MeetingMoved))))
        came = PlannedMeetingHeld(commitment, (), Level.WATCH, Medium.VOICE, 1, 2, invited, (), planned)
        answer = draw.choice((*[InvitationAnswer.WILL_ATTEND] * 4, *InvitationAnswer))
        times = (5, 9) if answer is InvitationAnswer.OTHER_TIME else (0, 0)
        return (
            (2, MeetingPlanned("C4", (), Level.WATCH, draw.choice((invited, invited[:1])), (), setting)),
            (1, MeetingMoved(planned, setting)),
            (0.4, MeetingCalledOff(planned, MeasureReason.COLLIDES)),
            (7, InvitationAnswered(planned, named, answer, *times, ROLE, "o1")),
            (1.5, came),
            (0.5, EntryCorrected(wrong, CorrectionReason.MISTAKE, encode_entry(came))),
        )


@given(st.integers(0, 2**32))
def test_both_read_meetings_calls_and_changes_of_watch_alike(seed: int) -> None:
    """Who says that it was there, what shows it, who took the watch; corrections and withdrawals included."""
    played = Watch(seed)
    record = Record(POLICY)
    record.take(shuffled(played.said, seed))
    shown = show_objects(record, POLICY, lambda _: NO_LINKS, as_of=minute(100))
    ours = {scope: view for scope, view in shown.items() if scope.kind in ("meeting", "shift", "voice", "appointment")}
    theirs, meetings, planned = {}, [], []
    for scope, rows in group(say_again(played.said)).items():
        if scope.kind == "meeting":
            meetings.append(judge_meeting(scope, rows))
            theirs[scope] = view_meeting(meetings[-1])
        elif scope.kind == "appointment":
            planned.append(judge_planned(scope, rows))
        elif scope.kind == "voice":
            theirs[scope] = view_voice(judge_voice(scope, rows))
        elif scope.kind == "shift":
            theirs[scope] = view_shift(judge_shift(scope, rows))
    for state in planned:
        theirs[state.scope] = view_appointment(state, find_meetings_held(state, meetings), as_of=minute(100))
    assert ours == theirs
    for scope, view in ours.items():
        event(f"{scope.kind} {view.state}")


VERBS = ("bracket", "bracket", "bracket", "unbracket", "word", "agree")


@given(st.integers(0, 2**32))
def test_both_read_brackets_alike(seed: int) -> None:
    """Which fit their version, which were lifted by whom, which words stand; also where pages are in dispute."""
    draw = random.Random(seed)
    moves = [
        Move(draw.choice(ALL), draw.choice(VERBS), draw.randint(0, 5), draw.randint(0, 100))
        for _ in range(draw.randint(3, 20))
    ]
    play = Play((*ROUND, *moves))
    for row in draw.sample(play.room.said, draw.randint(0, 2)):
        if row.id != play.opened.id:
            play.room.dispute(row)
    record = Record(POLICY)
    record.take(shuffled(play.room.said, seed))
    ours = next(iter(show_objects(record, POLICY, lambda _: NO_LINKS, as_of=minute(30)).values())).facts[3]
    said = say_again(play.room.said)
    ((scope, rows),) = group(said).items()
    silence = find_policy(POLICY)[0]
    state = judge_text(scope, rows, policy=silence, knowing=Known(play.room.said), suite=ProductionSuite())
    theirs = judge_brackets(state)
    assert ours == tuple(
        (one.said.id, int(one.is_lifted), tuple(sorted(row.id for row in one.wordings.values()))) for one in theirs
    )
    for one in theirs:
        event("lifted" if one.is_lifted else "stands")
