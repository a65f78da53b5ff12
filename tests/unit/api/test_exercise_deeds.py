"""Deeds of an exercise: what was stated while it was played: not before, not after ENDEX, none of its own acts."""

from types import SimpleNamespace
from typing import Any

import pytest

from comity.api import exercises
from comity.api.exercises import list_deeds
from comity.base.errors import UsageError
from comity.cli.playing_views import read_agreed
from comity.exercise.msel import Cell, CellKind, Inject, Method, Msel
from comity.exercise.write_msel import digest_msel
from comity.pact.terms import Words
from comity.procedure.exercise import ExerciseEnded
from comity.procedure.hotline import MessageRead
from kit.playing import CONTROLLER, Game


def test_what_was_done_before_the_start_or_after_the_end_is_no_deed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end itself still counts; what control states is none of it."""
    game = Game()
    early = game.say("KOR", MessageRead(b"\x01" * 32, "o1"), 5)
    game.begin()
    played = game.say("KOR", MessageRead(b"\x02" * 32, "o1"), 15)
    game.say("USA", ExerciseEnded(game.opened.id, *CONTROLLER), 20)
    last = game.say("JPN", MessageRead(b"\x03" * 32, "o1"), 20)
    game.say("KOR", MessageRead(b"\x04" * 32, "o1"), 21)
    monkeypatch.setattr(exercises, "find_exercise", lambda *_: game.fold())
    found = {row.id: row for row in game.room.said}
    machine: Any = SimpleNamespace(
        statements=SimpleNamespace(find=lambda *types: [row for row in found.values() if type(row.entry) in types])
    )
    deeds = list_deeds(machine, game.opened.id)
    assert [(row.id, row.act, row.time_ms) for row in deeds] == [
        (played.id.hex(), "acknowledge", 5 * 60_000), (last.id.hex(), "acknowledge", 10 * 60_000),
    ]  # fmt: skip
    assert early.id.hex() not in {row.id for row in deeds}


def test_another_list_than_the_agreed_one_is_refused() -> None:
    """One word more in an inject, and it is another list."""
    inject = Inject(
        number="1", at="0:10", from_="control", to=("KOR",), method=Method.VOICE, text=Words(en="A launch.")
    )
    cell = Cell(id="control", kind=CellKind.WHITE, title=Words(en="Control"))
    msel = Msel(id="m", title=Words(en="m"), cells=(cell,), injects=(inject,))
    row = {"list": digest_msel(msel).hex()}
    assert read_agreed(msel, row) is msel
    other = Msel(id="m", title=Words(en="m two"), cells=(cell,), injects=(inject,))
    with pytest.raises(UsageError) as caught:
        read_agreed(other, row)
    assert caught.value.code == "exercise.other-list"
