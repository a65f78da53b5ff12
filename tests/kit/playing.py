"""An exercise that is proposed, agreed and controlled: what its tests share."""

from comity.base.names import Party
from comity.procedure.entry import Entry
from comity.procedure.exercise import (
    ExerciseJoined,
    ExercisePaused,
    ExerciseProposed,
    ExerciseResumed,
    ExerciseStarted,
    InjectFired,
)
from comity.procedure.play import ExerciseState, Fate, fold_exercise
from comity.procedure.scope import Scope
from comity.procedure.stated import Standing, Stated
from kit.stating import ALL, POLICY, Room, minute, shuffled

__all__ = ["CONTROLLER", "LIST", "Game"]

LIST = b"\x4c" * 32
CONTROLLER = ("exercise-controller", "ctl-1")


class Game:
    """Japan proposes an exercise that it and the United States control."""

    def __init__(self) -> None:
        self.room = Room()
        proposal = ExerciseProposed("spring", LIST, ("JPN", "USA"), CONTROLLER[0])
        self.opened = self.room.say("JPN", proposal, minute(0))

    def say(self, party: Party, entry: Entry, at: int, *, standing: Standing = Standing.GOOD) -> Stated:
        """State it, so many minutes after the proposal."""
        return self.room.say(party, entry, minute(at), standing=standing)

    def join(self, *parties: Party) -> None:
        """These parties join, at once."""
        for party in parties:
            self.say(party, ExerciseJoined(self.opened.id, LIST), 1)

    def start(self, party: Party = "USA", at: int = 10) -> Stated:
        """STARTEX."""
        return self.say(party, ExerciseStarted(self.opened.id, LIST, 0, *CONTROLLER), at)

    def begin(self) -> None:
        """All agree, and it begins at minute 10."""
        self.join("KOR", "USA")
        self.start()

    def pause(self, party: Party, at: int) -> Stated:
        """The clock stands."""
        return self.say(party, ExercisePaused(self.opened.id, *CONTROLLER), at)

    def resume(self, party: Party, at: int) -> Stated:
        """It goes on."""
        return self.say(party, ExerciseResumed(self.opened.id, *CONTROLLER), at)

    def fire(self, party: Party, number: str, at: int) -> Stated:
        """An inject is given."""
        return self.say(party, InjectFired(self.opened.id, number, *CONTROLLER), at)

    def fold(self) -> ExerciseState:
        """The exercise as every node has it: the same in any order of arrival."""
        scope = Scope("exercise", self.opened.id, ALL)
        state = fold_exercise(scope, self.room.said, POLICY)
        for seed in range(3):
            assert fold_exercise(scope, shuffled(self.room.said, seed), POLICY) == state
        return state

    def find_fate(self, stated: Stated) -> Fate:
        """What became of an act."""
        return next(act.fate for act in self.fold().acts if act.stated.id == stated.id)
