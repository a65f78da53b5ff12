"""Role players' seats: given by control, heard in their exercise alone and only as their seat (E33 to E35)."""

import msgspec
import pytest

from comity.base.names import Audience, Party
from comity.crypto.production import ProductionSuite
from comity.procedure.exercise import ExerciseEnded, SeatColour, SeatGiven, SeatWithdrawn
from comity.procedure.play import Fate
from comity.procedure.role_play import (
    Heard,
    InjectTold,
    SeatSpoke,
    SpeechVerdict,
    ToldVerdict,
    judge_speech,
    judge_told,
    make_unsigned,
    make_verify,
    sign_speech,
)
from comity.procedure.stated import Stated
from kit.playing import CONTROLLER, Game
from kit.stating import words

SUITE = ProductionSuite()
SECRET, OTHER = b"\x07" * 32, b"\x08" * 32
REALM = "exercise/spring"


def give(game: Game, seat: str = "red", *, secret: bytes = SECRET, by: Party = "USA", at: int = 2) -> Stated:
    """Control gives a seat."""
    key = SUITE.public_of_signing(secret)
    return game.say(by, SeatGiven(game.opened.id, seat, SeatColour.RED, key, *CONTROLLER), at)


def speak(game: Game, *, seat: str = "red", secret: bytes = SECRET, realm: str = REALM) -> SeatSpoke:
    """The seat says something to two parties."""
    said = make_unsigned(game.opened.id, seat, ("JPN", "KOR"), said_at=7, number="1", body=words())
    return sign_speech(SUITE, said, secret=secret, realm=realm)


def judge(
    game: Game, spoke: SeatSpoke, *, audience: Audience = ("JPN", "KOR", "USA"), has_heard: bool = True
) -> SpeechVerdict:
    """What is made of it when Washington carries it."""
    verify = make_verify(SUITE, realm=REALM)
    return judge_speech(spoke, Heard("USA", audience), game.fold(), verify, lambda _: has_heard)


def test_a_seat_is_given_by_control_before_the_start_or_after_it_until_the_end() -> None:
    """Nobody else gives one; a second holder, or a key that had a seat, comes to nothing."""
    game = Game()
    given = [give(game), give(game, by="KOR", at=3), give(game, secret=OTHER, at=4), give(game, "press", at=5)]
    assert list(map(game.find_fate, given)) == [Fate.COUNTS, Fate.NOT_CONTROL, Fate.ALREADY, Fate.ALREADY]
    taken = [game.say("JPN", SeatWithdrawn(game.opened.id, "red", *CONTROLLER), at) for at in (6, 7)]
    assert list(map(game.find_fate, taken)) == [Fate.COUNTS, Fate.ALREADY]
    assert game.find_fate(give(game, secret=OTHER, at=8)) is Fate.COUNTS
    game.begin()
    assert game.find_fate(give(game, "press", secret=b"\x09" * 32, at=11)) is Fate.COUNTS
    game.say("JPN", ExerciseEnded(game.opened.id, *CONTROLLER), 12)
    assert game.find_fate(give(game, "late", secret=b"\x0a" * 32, at=13)) is Fate.OVER
    seats = [(seat.terms.seat, seat.withdrawn is not None) for seat in game.fold().seats]
    assert seats == [("red", True), ("red", False), ("press", False)]


def test_a_seat_speaks_under_its_own_key_in_its_exercise_alone_and_only_as_itself() -> None:
    """Of every crossing the reason: no seat, another key, another realm, another seat, other words, other readers."""
    game = Game()
    assert judge(game, speak(game)) is SpeechVerdict.NO_SEAT
    give(game)
    give(game, "press", secret=OTHER, at=3)
    spoke = speak(game)
    assert judge(game, spoke) is SpeechVerdict.AUTHENTIC
    crossings = (
        speak(game, secret=OTHER),
        speak(game, realm="real"),
        speak(game, realm="exercise/autumn"),
        msgspec.structs.replace(spoke, seat="press"),
        msgspec.structs.replace(spoke, body=words("other words")),
        msgspec.structs.replace(spoke, to=("KOR",)),
        msgspec.structs.replace(spoke, number=()),
        msgspec.structs.replace(spoke, said_at=8),
    )
    assert {judge(game, crossing) for crossing in crossings} == {SpeechVerdict.SIGNATURE}
    assert judge(game, spoke, audience=("KOR", "USA")) is SpeechVerdict.OTHER_READERS


def test_what_a_withdrawn_seat_says_holds_only_from_who_had_not_heard_of_it() -> None:
    """A carrier that was cut off did nothing wrong."""
    game = Game()
    give(game)
    game.say("JPN", SeatWithdrawn(game.opened.id, "red", *CONTROLLER), 4)
    assert judge(game, speak(game)) is SpeechVerdict.WITHDRAWN
    assert judge(game, speak(game), has_heard=False) is SpeechVerdict.AUTHENTIC


@pytest.mark.parametrize(("author", "number", "role", "verdict"), [
    ("USA", "1", CONTROLLER[0], ToldVerdict.GIVEN),
    ("USA", "2", CONTROLLER[0], ToldVerdict.NOT_GIVEN),
    ("KOR", "1", CONTROLLER[0], ToldVerdict.NOT_CONTROL),
    ("USA", "1", "watch-officer", ToldVerdict.NOT_CONTROL),
])  # fmt: skip
def test_the_text_of_an_inject_is_controls_and_comes_once_it_is_given(
    author: Party, number: str, role: str, verdict: ToldVerdict
) -> None:
    """Not before, not by others."""
    game = Game()
    game.begin()
    game.fire("USA", "1", 11)
    told = InjectTold(game.opened.id, number, "red", words(), role, "ctl-1")
    assert judge_told(told, author, game.fold(), lambda _: True) is verdict
    assert judge_told(told, author, game.fold(), lambda _: False) is not ToldVerdict.GIVEN
    assert judge_told(told, author, None, lambda _: True) is ToldVerdict.NOT_CONTROL
