"""What evaluators note of an exercise: E43 and E44."""

import pytest

from comity.procedure.correction import CorrectionReason, EntryWithdrawn
from comity.procedure.observation import About, HotWashNoted, ImprovementProposed, ObservationNoted, Rating, Sort
from comity.procedure.stated import Standing
from kit.playing import CONTROLLER, Game
from kit.stating import words

EVALUATOR = ("watch-officer", "eva-1")


def test_notes_of_whoever_takes_part_stand_beside_the_play_and_move_nothing() -> None:
    """Before, during and after it; the clock and the injects are as without them."""
    game = Game()
    game.begin()
    alone = game.fold()
    seen = game.say("KOR", ObservationNoted(game.opened.id, About.TASK, "alert.answer", ("JPN",), Rating.UNABLE,
                                            words("nobody answered"), *EVALUATOR), 20)  # fmt: skip
    said = game.say("JPN", HotWashNoted(game.opened.id, Sort.STRENGTH, words("calm"), *EVALUATOR), 30)
    state = game.fold()
    assert [note.id for note in state.notes] == [seen.id, said.id]
    assert (state.spans, state.fired, state.acts) == (alone.spans, alone.fired, alone.acts)


def test_a_note_is_taken_back_by_its_author_alone_and_counts_only_if_good() -> None:
    """Another party's withdrawal has no effect; a note in a disputed page is none."""
    game = Game()
    note = ObservationNoted(game.opened.id, About.INJECT, "2", (), Rating.PERFORMED, words(), *EVALUATOR)
    first, second = game.say("USA", note, 3), game.say("USA", note, 4)
    game.say("USA", note, 5, standing=Standing.DISPUTED)
    game.say("KOR", EntryWithdrawn(first.id, CorrectionReason.MISTAKE), 6)
    game.say("USA", EntryWithdrawn(second.id, CorrectionReason.MISTAKE), 7)
    assert [row.id for row in game.fold().notes] == [first.id]


def test_sets_ascend_and_a_text_has_a_language() -> None:
    """What has no one form is refused."""
    with pytest.raises(ValueError, match="ascending"):
        ObservationNoted(b"\x01" * 32, About.INJECT, "2", ("USA", "JPN"), Rating.UNABLE, words(), *EVALUATOR)
    with pytest.raises(ValueError, match="ascending"):
        ImprovementProposed(b"\x01" * 32, (), (b"\x02" * 32, b"\x01" * 32), words(), words(), "JPN", 1, *CONTROLLER)
