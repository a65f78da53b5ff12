"""Two readings of E12 to E21 agree: the fold of the play, and the audit that shares no code with it."""

import random

from hypothesis import event, given
from hypothesis import strategies as st

from comity.audit.procedures.exercise import judge_exercise, view_exercise
from comity.audit.procedures.scope import group
from comity.procedure.correction import CorrectionReason, EntryWithdrawn
from comity.procedure.entry import Entry
from comity.procedure.exercise import (
    BreakoutDeclared,
    Direction,
    ExerciseEnded,
    ExerciseJoined,
    ExerciseJumped,
    ExerciseLeft,
    ExercisePaused,
    ExerciseProposed,
    ExerciseResumed,
    ExerciseStarted,
    InjectFired,
    InjectSkipped,
    InjectsShifted,
    SeatColour,
    SeatGiven,
    SeatWithdrawn,
)
from comity.procedure.measure import MeasureReason
from comity.procedure.observation import About, HotWashNoted, ObservationNoted, Rating, Sort
from comity.procedure.receipt import NO_LINKS
from comity.procedure.record import Record
from comity.procedure.stated import Standing
from comity.rehearsal.checks.shown import show_objects
from kit.playing import CONTROLLER, LIST
from kit.second_folds import Known, say_again
from kit.stating import POLICY, Room, minute, shuffled, words

KEYS = (b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)


class Played:
    """Parties agree, control, break out and are cut off, mostly in the right order; clocks differ."""

    def __init__(self, seed: int) -> None:
        self._draw = draw = random.Random(seed)
        self.room = room = Room(draw.choice((("JPN", "USA"), ("JPN", "KOR", "USA"))))
        controllers = draw.choice((("JPN", "USA"), ("USA",)))
        self.opened = room.say("JPN", ExerciseProposed("p", LIST, controllers, CONTROLLER[0]), minute(0)).id
        for party in room.audience[1:]:
            if draw.random() < 0.95:
                room.say(party, ExerciseJoined(self.opened, LIST), minute(1))
        for at in range(2, draw.randint(6, 40)):
            if draw.random() < 0.1:
                room.cut(draw.choice(room.audience))
            for party in tuple(room.cut_off):
                if draw.random() < 0.2:
                    room.mend(party)
            standing = draw.choice([Standing.GOOD] * 12 + [Standing.DISPUTED])
            skewed = minute(max(0, at + draw.choice((0, 0, 0, -7, 20))))
            room.say(draw.choice(room.audience), self._make(), skewed, standing=standing)

    def _list_unsaid(self) -> list[tuple[float, Entry]]:
        """Notes are withdrawn, at times by who did not write them."""
        notes = [said.id for said in self.room.said if isinstance(said.entry, ObservationNoted)]
        return [(0.5, EntryWithdrawn(self._draw.choice(notes), CorrectionReason.MISTAKE))] if notes else []

    def _make(self) -> Entry:
        draw, opened = self._draw, self.opened if self._draw.random() < 0.98 else b"\x09" * 32
        by = (draw.choice([CONTROLLER[0]] * 12 + ["watch-officer"]), "o1")
        number, seat = draw.choice("1234567"), draw.choice(("red", "press"))
        listed = draw.choice((LIST, LIST, LIST, b"\x00" * 32))
        numbers = tuple(sorted(draw.sample("1234567", draw.choice((1, 2)))))
        kinds: tuple[tuple[float, Entry], ...] = (
            (1, ExerciseJoined(opened, listed)),
            (0.3, ExerciseLeft(opened, MeasureReason.NOT_ABLE)),
            (4, ExerciseStarted(opened, listed, 0, *by)),
            (3, ExercisePaused(opened, *by)),
            (5, ExerciseResumed(opened, *by)),
            (2, ExerciseJumped(opened, draw.choice((0, 5, 30, 90)) * 60_000, *by)),
            (2, InjectsShifted(opened, numbers, draw.choice(tuple(Direction)), draw.choice((1, 60_000)), *by)),
            (4, InjectFired(opened, number, *by)),
            (1, InjectSkipped(opened, number, *by)),
            (1.5, BreakoutDeclared(opened)),
            (0.3, ExerciseEnded(opened, *by)),
            (0.5, ObservationNoted(opened, About.INJECT, number, (), Rating.UNABLE, words("late"), *by)),
            (0.5, HotWashNoted(opened, Sort.STRENGTH, words("calm"), *by)),
            *self._list_unsaid(),
            (1, SeatGiven(opened, seat, SeatColour.RED, draw.choice(KEYS), *by)),
            (0.7, SeatWithdrawn(opened, seat, *by)),
        )
        return draw.choices([entry for _, entry in kinds], [weight for weight, _ in kinds])[0]


@given(st.integers(0, 2**32))
def test_both_read_exercises_alike(seed: int) -> None:
    """Who agreed, which act counts and why another does not, what the clock shows, which injects were given."""
    played = Played(seed)
    record = Record(POLICY)
    record.take(shuffled(played.room.said, seed))
    shown = show_objects(record, POLICY, lambda _: NO_LINKS, as_of=minute(100))
    knows = Known(played.room.said)
    theirs = {
        scope: view_exercise(judge_exercise(scope, rows, knowing=knows))
        for scope, rows in group(say_again(played.room.said)).items()
    }
    assert {scope: view for scope, view in shown.items() if scope.kind == "exercise"} == theirs
    for view in theirs.values():
        event(view.state)
