"""What an act of control would come to is foreseen as it is then judged (docs/spec/exercise.md, E29)."""

import pytest

from comity.base.names import Party
from comity.machine.exercises import foresee_fate
from comity.procedure.entry import Entry
from comity.procedure.exercise import (
    BreakoutDeclared,
    Direction,
    ExerciseEnded,
    ExerciseJumped,
    ExercisePaused,
    ExerciseResumed,
    ExerciseStarted,
    InjectFired,
    InjectSkipped,
    InjectsShifted,
)
from comity.procedure.play import Fate
from kit.playing import CONTROLLER, LIST, Game
from kit.stating import minute

OTHER_ROLE = ("watch-officer", "duty-1")


def list_acts(id_: bytes) -> list[Entry]:
    """Every kind of act, and some that contradict others."""
    return [
        ExerciseStarted(id_, LIST, 0, *CONTROLLER),
        ExerciseStarted(id_, b"\x01" * 32, 0, *CONTROLLER),
        ExercisePaused(id_, *CONTROLLER),
        ExercisePaused(id_, *OTHER_ROLE),
        ExerciseResumed(id_, *CONTROLLER),
        ExerciseJumped(id_, 1, *CONTROLLER),
        ExerciseJumped(id_, 3_600_000, *CONTROLLER),
        InjectsShifted(id_, ("1", "2"), Direction.LATER, 60_000, *CONTROLLER),
        InjectFired(id_, "1", *CONTROLLER),
        InjectSkipped(id_, "2", *CONTROLLER),
        InjectFired(id_, "3", *CONTROLLER),
        ExerciseEnded(id_, *CONTROLLER),
        BreakoutDeclared(id_),
    ]


def play(stage: str) -> Game:
    """An exercise that has come so far."""
    game = Game()
    if stage == "proposed":
        return game
    game.join("KOR", "USA")
    if stage != "agreed":
        game.start()
    if stage in ("given", "ended"):
        game.fire("USA", "1", 11)
        game.say("USA", InjectSkipped(game.opened.id, "2", *CONTROLLER), 12)
    if stage == "paused":
        game.pause("JPN", 11)
    if stage == "ended":
        game.say("USA", ExerciseEnded(game.opened.id, *CONTROLLER), 13)
    return game


@pytest.mark.parametrize("stage", ["proposed", "agreed", "running", "given", "paused", "ended"])
@pytest.mark.parametrize("author", ["KOR", "USA"])
def test_what_is_foreseen_is_what_becomes_of_it(stage: str, author: Party) -> None:
    """For every act at every stage, by who controls and by who does not."""
    for number in range(len(list_acts(b"\0" * 32))):
        game = play(stage)
        entry = list_acts(game.opened.id)[number]
        seen = foresee_fate(game.fold(), entry, author=author, as_of=minute(20))
        assert seen is game.find_fate(game.say(author, entry, 20)), (stage, author, entry)


def test_every_reason_is_foreseen() -> None:
    """None is left out of the stages above."""
    stages = ("proposed", "agreed", "running", "given", "paused", "ended")
    games = [play(stage) for stage in stages]
    found = {
        foresee_fate(game.fold(), entry, author=author, as_of=minute(20))
        for game in games
        for author in ("KOR", "USA")
        for entry in list_acts(game.opened.id)
    }
    assert found == set(Fate)
