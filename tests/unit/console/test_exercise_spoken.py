"""What role players said, on the page of an exercise: the latest, and each signature checked once, not at each look."""

import dataclasses
from types import SimpleNamespace
from typing import Any

import pytest

from comity.console import exercise_pages
from comity.console.exercise_pages import SPOKEN_COUNT_MAX, list_spoken
from comity.crypto.production import ProductionSuite
from comity.machine.role_play import judge_role_play
from comity.procedure.exercise import SeatColour, SeatGiven, SeatWithdrawn
from comity.procedure.role_play import SeatSpoke, SpeechVerdict, make_unsigned, sign_speech
from kit.playing import CONTROLLER, Game
from kit.stating import words

SUITE = ProductionSuite()
SECRETS = (b"\x07" * 32, b"\x08" * 32)
REALM = "exercise/spring"
FLOOD_COUNT = 10_000


@dataclasses.dataclass
class CountingSuite:
    """Checks as the suite does, and counts how often."""

    count: int = 0

    def verify(self, **given: Any) -> bool:
        """Check, and count it."""
        self.count += 1
        return SUITE.verify(**given)


def give(game: Game, secret: bytes, at: int) -> None:
    """Control gives the seat of the adversary to whoever has this secret."""
    key = SUITE.public_of_signing(secret)
    game.say("USA", SeatGiven(game.opened.id, "red", SeatColour.RED, key, *CONTROLLER), at)


def speak(game: Game, secret: bytes) -> SeatSpoke:
    """The adversary's seat says something to two parties."""
    said = make_unsigned(game.opened.id, "red", ("JPN", "KOR"), said_at=7, number="", body=words())
    return sign_speech(SUITE, said, secret=secret, realm=REALM)


def test_words_are_checked_once_under_each_key_of_their_seat_and_judged_anew() -> None:
    """However often they are looked at; what control does with the seat later still changes the verdict."""
    game, suite = Game(), CountingSuite()
    give(game, SECRETS[0], 2)
    stated = game.say("USA", speak(game, SECRETS[1]), 3)
    machine: Any = SimpleNamespace(setup=SimpleNamespace(suite=suite, pins=SimpleNamespace(realm=REALM)), checked={})
    for _ in range(3):
        assert judge_role_play(machine, stated, game.fold()) is SpeechVerdict.SIGNATURE
    assert suite.count == 1
    game.say("JPN", SeatWithdrawn(game.opened.id, "red", *CONTROLLER), 4)
    give(game, SECRETS[1], 5)
    for _ in range(3):
        assert judge_role_play(machine, stated, game.fold()) is SpeechVerdict.AUTHENTIC
    assert suite.count == 2


def test_of_a_flood_of_words_the_page_judges_and_shows_the_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says how many there are."""
    game, judged = Game(), []
    give(game, SECRETS[0], 2)
    first, last = (game.say("USA", speak(game, SECRETS[0]), at) for at in (3, 4))
    monkeypatch.setattr(exercise_pages, "list_role_play", lambda *_: [first] * (FLOOD_COUNT - 1) + [last])
    monkeypatch.setattr(exercise_pages, "judge_role_play", lambda _, stated, __: judged.append(stated))
    monkeypatch.setattr(exercise_pages, "list_marked", lambda *_: [])
    desk: Any = SimpleNamespace(node=SimpleNamespace(machine=None))
    pages: Any = SimpleNamespace(titles=None)
    found = list_spoken(pages, desk, SimpleNamespace(state=game.fold()))  # type: ignore[arg-type]
    assert (len(found["spoken"]), found["spoken_count"], len(judged)) == (SPOKEN_COUNT_MAX, FLOOD_COUNT, 100)
    assert found["spoken"][0]["stated"] is last
