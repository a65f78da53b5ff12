"""The play of an exercise: agreed by all, one clock for all, contrary acts decided alike everywhere (E12 to E21)."""

import pytest

from comity.base.errors import RemoteError
from comity.base.instants import MINUTE_MS
from comity.procedure.exercise import (
    BreakoutDeclared,
    Direction,
    ExerciseEnded,
    ExerciseJoined,
    ExerciseJumped,
    ExerciseLeft,
    ExercisePaused,
    ExerciseStarted,
    InjectFired,
    InjectSkipped,
    InjectsShifted,
)
from comity.procedure.measure import MeasureReason
from comity.procedure.play import ExerciseStatus, Fate, fold_exercise
from comity.procedure.registry import decode_entry, encode_entry
from comity.procedure.scope import Scope
from comity.procedure.stated import Standing
from kit.playing import CONTROLLER, LIST, Game
from kit.stating import ALL, POLICY, minute


def test_a_start_counts_only_once_every_party_has_signed_and_its_author_knows() -> None:
    """Another list, a disputed signature, a party that left again: each leaves it without a start."""
    game = Game()
    game.join("KOR")
    early = game.start(at=2)
    game.say("USA", ExerciseJoined(game.opened.id, b"\x00" * 32), 3)
    game.say("USA", ExerciseJoined(game.opened.id, LIST), 3, standing=Standing.DISPUTED)
    assert (game.find_fate(early), game.fold().status) == (Fate.NOT_AGREED, ExerciseStatus.PROPOSED)
    game.join("USA")
    assert game.fold().status is ExerciseStatus.AGREED
    game.say("KOR", ExerciseLeft(game.opened.id, MeasureReason.NOT_ABLE), 4)
    assert (game.find_fate(game.start(at=5)), game.fold().status) == (Fate.NOT_AGREED, ExerciseStatus.PROPOSED)
    game.join("KOR")
    other = game.say("USA", ExerciseStarted(game.opened.id, b"\x00" * 32, 0, *CONTROLLER), 6)
    started = game.start(at=7)
    assert [game.find_fate(row) for row in (other, started)] == [Fate.OTHER_LIST, Fate.COUNTS]
    assert (game.fold().status, game.fold().started) == (ExerciseStatus.RUNNING, started)
    assert game.find_fate(game.start("JPN", at=8)) is Fate.ALREADY
    assert game.fold().find_time(minute(9)) == 2 * MINUTE_MS


def test_who_signs_while_cut_off_is_not_counted_by_a_start_that_did_not_know() -> None:
    """The signature arrives afterwards, with an earlier clock: the start stays without it."""
    game = Game()
    game.join("USA")
    game.room.cut("KOR")
    game.join("KOR")
    start = game.start()
    game.room.mend("KOR")
    assert (game.find_fate(start), game.fold().status) == (Fate.NOT_AGREED, ExerciseStatus.AGREED)


def test_only_the_parties_and_the_role_agreed_on_control_it() -> None:
    """Another party, another role: shown, and without effect."""
    game = Game()
    game.begin()
    assert game.find_fate(game.pause("KOR", 11)) is Fate.NOT_CONTROL
    watch = game.say("USA", ExercisePaused(game.opened.id, "watch-officer", "duty-1"), 12)
    assert (game.find_fate(watch), game.fold().status) == (Fate.OTHER_ROLE, ExerciseStatus.RUNNING)


def test_the_clock_stands_jumps_and_can_be_asked_both_ways() -> None:
    """From exercise time to real time and back, over a pause and over what was jumped."""
    game = Game()
    game.begin()
    game.pause("JPN", 15)
    game.resume("USA", 35)
    game.say("USA", ExerciseJumped(game.opened.id, 60 * MINUTE_MS, *CONTROLLER), 40)
    back = game.say("USA", ExerciseJumped(game.opened.id, 5 * MINUTE_MS, *CONTROLLER), 41)
    state = game.fold()
    assert game.find_fate(back) is Fate.BACKWARDS
    shown = {at: state.find_time(minute(at)) for at in (9, 10, 12, 15, 34, 35, 39, 40, 45)}
    wanted = {9: None, 10: 0, 12: 2, 15: 5, 34: 5, 35: 5, 39: 9, 40: 60, 45: 65}
    assert shown == {at: None if time is None else time * MINUTE_MS for at, time in wanted.items()}
    instants = [state.find_instant(time * MINUTE_MS) for time in (0, 3, 5, 7, 30, 60, 62)]
    assert instants == [minute(at) for at in (10, 13, 15, 37, 40, 40, 42)]
    game.say("USA", ExerciseEnded(game.opened.id, *CONTROLLER), 50)
    ended = game.fold()
    assert (ended.status, ended.find_time(minute(99))) == (ExerciseStatus.ENDED, 70 * MINUTE_MS)
    assert ended.find_instant(71 * MINUTE_MS) is None
    assert [game.find_fate(row) for row in (game.pause("USA", 51), game.fire("USA", "1", 52))] == [Fate.OVER] * 2


def test_a_breakout_of_any_party_holds_the_clock_until_control_goes_on_in_knowledge_of_it() -> None:
    """It says nothing but which exercise; a going on that had not heard of it lifts other holds alone."""
    assert BreakoutDeclared.__struct_fields__ == ("exercise",)
    game = Game()
    assert game.find_fate(game.say("KOR", BreakoutDeclared(game.opened.id), 1)) is Fate.NOT_BEGUN
    game.begin()
    game.pause("JPN", 15)
    game.room.cut("KOR")
    breakout = game.say("KOR", BreakoutDeclared(game.opened.id), 16)
    unknowing = game.resume("USA", 20)
    game.room.mend("KOR")
    state = game.fold()
    assert game.find_fate(unknowing) is Fate.COUNTS
    assert (state.status, state.holds, state.find_time(minute(60))) == (
        ExerciseStatus.PAUSED, (breakout,), 5 * MINUTE_MS,
    )  # fmt: skip
    assert game.find_fate(game.resume("KOR", 21)) is Fate.NOT_CONTROL
    game.resume("USA", 22)
    assert game.fold().status is ExerciseStatus.RUNNING
    assert game.find_fate(game.resume("JPN", 23)) is Fate.NO_PAUSE


def test_of_two_controllers_contrary_acts_the_first_counts_on_every_node() -> None:
    """Cut off, one gives the inject that the other takes out: the earlier clock counts, the other act is shown."""
    game = Game()
    game.begin()
    game.room.cut("JPN")
    given = game.fire("USA", "4", 21)
    taken_out = game.say("JPN", InjectSkipped(game.opened.id, "4", *CONTROLLER), 20)
    game.room.mend("JPN")
    state = game.fold()
    assert [game.find_fate(row) for row in (taken_out, given)] == [Fate.COUNTS, Fate.ALREADY]
    assert (list(state.skipped), list(state.fired)) == (["4"], [])


def test_what_was_known_goes_before_whatever_the_clocks_say() -> None:
    """Japan's clock runs an hour ahead: what the others state in knowledge of its act still comes after it."""
    game = Game()
    game.begin()
    game.fire("JPN", "4", 80)
    late = game.fire("USA", "4", 21)
    assert game.find_fate(late) is Fate.ALREADY
    assert [act.stated.author for act in game.fold().acts] == ["USA", "JPN", "USA"]


def test_an_act_written_by_a_slow_clock_does_not_turn_the_play_clock_back() -> None:
    """It counts as made when the act before it was."""
    game = Game()
    game.begin()
    game.pause("JPN", 30)
    game.resume("USA", 25)
    state = game.fold()
    assert [span.from_at for span in state.spans] == [minute(10), minute(30), minute(30)]
    assert (state.find_now(minute(26)), state.find_now(minute(31))) == (20 * MINUTE_MS, 21 * MINUTE_MS)


def test_injects_are_shifted_as_one_and_not_once_they_were_given() -> None:
    """Shifts add up; one that names an inject that was given changes none of the others."""
    game = Game()
    game.begin()
    later = InjectsShifted(game.opened.id, ("2", "3"), Direction.LATER, 5 * MINUTE_MS, *CONTROLLER)
    earlier = InjectsShifted(game.opened.id, ("3",), Direction.EARLIER, 5 * MINUTE_MS, *CONTROLLER)
    game.say("USA", later, 11)
    game.say("JPN", earlier, 12)
    assert game.fold().shifts_ms == {"2": 5 * MINUTE_MS}
    game.fire("USA", "3", 13)
    assert game.find_fate(game.say("USA", later, 14)) is Fate.ALREADY
    assert (game.fold().shifts_ms, game.fold().fired["3"].time_ms) == ({"2": 5 * MINUTE_MS}, 3 * MINUTE_MS)


def test_an_inject_given_while_the_clock_stands_was_given() -> None:
    """At the time at which it stands."""
    game = Game()
    game.begin()
    game.pause("USA", 15)
    game.fire("USA", "9", 18)
    assert game.fold().fired["9"].time_ms == 5 * MINUTE_MS


def test_what_is_not_here_or_not_proposed_awaits() -> None:
    """Acts that came before the proposal wait for it."""
    game = Game()
    game.begin()
    game.room.said.pop(0)
    scope = Scope("exercise", game.opened.id, ALL)
    assert fold_exercise(scope, game.room.said, POLICY).status is ExerciseStatus.AWAITING


@pytest.mark.parametrize("number", ["", "x", "12345", "1.2.3.4", "7 "])
def test_a_number_has_no_room_for_words(number: str) -> None:
    """An inject is named by its number alone, so that no text passes by the release funnel."""
    raw = encode_entry(InjectFired(b"\x01" * 32, "7", *CONTROLLER))
    bad = raw.replace(b"\xa17", bytes([0xA0 + len(number)]) + number.encode())
    with pytest.raises(RemoteError):
        decode_entry(bad)
