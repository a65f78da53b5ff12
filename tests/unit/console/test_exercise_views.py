"""What the pages *Exercises* make of what controllers said: dates that can be written, the list for control alone."""

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from comity.base.instants import Instant, format_dtg
from comity.base.limits import INSTANT_MS_MAX
from comity.cli.pact_source import read_pact_file
from comity.cli.playing_views import print_status
from comity.console import exercises, lists
from comity.console.exercises import Exercise, find_exercise, is_control, may_write
from comity.console.lists import Lists
from comity.exercise.check_msel import parse_msel
from comity.exercise.lists import LISTS
from comity.exercise.msel import Cell, CellKind, Inject, Method, Msel
from comity.exercise.write_msel import digest_msel
from comity.node.msel_shelf import MselShelf
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.terms import Words
from comity.procedure.exercise import Direction, ExerciseJumped, ExerciseStarted, InjectsShifted
from kit.playing import CONTROLLER, LIST, Game
from kit.stating import minute

NOW = minute(20)
INJECT = Inject(number="1", at="9999:00", from_="control", to=("KOR",), method=Method.VOICE, text=Words(en="Late."))
CONTROL = Cell(id="control", kind=CellKind.WHITE, title=Words(en="Control"))
MSEL = Msel(id="m", title=Words(en="m"), cells=(CONTROL,), injects=(INJECT,))


def make_desk(*, roles: tuple[str, ...] = (), has_role: bool = True, as_of: Instant = NOW) -> Any:
    """A desk at Japan with one officer in these roles; the pact has the role of control or has it not."""
    officer = SimpleNamespace(roles=roles)
    officers = SimpleNamespace(find=lambda name: officer if name == "o1" else None)
    offices = SimpleNamespace(find_role=lambda _: SimpleNamespace() if has_role else None)
    versions = SimpleNamespace(find_offices=lambda _: SimpleNamespace(offices=offices))
    statements = SimpleNamespace(find=lambda *_: ())
    machine = SimpleNamespace(party="JPN", parties=("JPN", "KOR", "USA"), versions=versions, statements=statements)
    return SimpleNamespace(
        node=SimpleNamespace(machine=machine, now=lambda: as_of, officers=SimpleNamespace(read=lambda: officers))
    )


def look(monkeypatch: pytest.MonkeyPatch, game: Game, *, officer: str = "", **more: Any) -> Exercise:
    """The exercise as an officer of Japan sees it, or whoever holds the realm's token."""
    monkeypatch.setattr("comity.machine.exercises.list_exercises", lambda _: [game.fold()])
    monkeypatch.setattr(exercises, "list_deeds", lambda *_: [])
    visit, held = SimpleNamespace(officer=officer), SimpleNamespace(find=lambda _: MSEL)
    shown: Any = find_exercise(make_desk(**more), visit, held, game.opened.id.hex())  # type: ignore[arg-type]
    assert isinstance(shown, Exercise)
    return shown


def test_a_clock_set_past_all_years_is_shown_and_breaks_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """A jump to the last millisecond of year 9999, or a calendar that begins there, is shown as its last minute."""
    game = Game()
    game.join("KOR", "USA")
    game.say("USA", ExerciseStarted(game.opened.id, LIST, INSTANT_MS_MAX - 1, *CONTROLLER), 10)
    shown = look(monkeypatch, game, as_of=Instant(INSTANT_MS_MAX - 5))
    assert format_dtg(shown.shows_at) == "312359Z DEC 99"
    shown = look(monkeypatch, game)
    assert format_dtg(shown.shows_at) == "312359Z DEC 99"
    game.say("USA", ExerciseJumped(game.opened.id, INSTANT_MS_MAX, *CONTROLLER), 15)
    assert format_dtg(look(monkeypatch, game).shows_at) == "312359Z DEC 99"


def test_a_real_time_foreseen_past_all_years_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often control shifted it later."""
    game = Game()
    game.begin()
    game.say("USA", InjectsShifted(game.opened.id, ("1",), Direction.LATER, INSTANT_MS_MAX, *CONTROLLER), 11)
    (line,) = look(monkeypatch, game).lines
    assert format_dtg(Instant(line.real_at)) == "312359Z DEC 99"


def test_a_list_that_is_not_here_is_looked_for_without_reading_those_that_ship_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They are read once, and anew under another version of the pact."""
    read: list[bytes] = []

    def note(raw: bytes, pact: Pact) -> Msel:
        read.append(raw)
        return parse_msel(raw, pact)

    monkeypatch.setattr(lists, "parse_msel", note)
    camp_david = parse_pact(read_pact_file("camp-david"))
    machine = SimpleNamespace(pact=camp_david)
    found = Lists(SimpleNamespace(machine=machine), MselShelf())  # type: ignore[arg-type]
    for _ in range(3):
        assert found.find(LIST) is None
    shipped = found.list_sound()["lost-line"]
    assert (found.find(digest_msel(shipped)), len(read)) == (shipped, len(LISTS))
    machine.pact = msgspec.structs.replace(camp_david)
    assert found.find(digest_msel(shipped)) == shipped
    assert len(read) == 2 * len(LISTS)


def test_status_prints_a_clock_set_past_all_years(capsys: pytest.CaptureFixture[str]) -> None:
    """The command does not break where the page does not."""
    row = {"name": "spring", "status": "running", "id": "ab" * 32, "as_of": minute(20), "time_ms": INSTANT_MS_MAX,
           "opens_at": INSTANT_MS_MAX, "controllers": ["JPN"], "role": CONTROLLER[0], "cells": [], "holds": [],
           "acts": []}  # fmt: skip
    print_status(row)
    assert "312359Z DEC 99" in capsys.readouterr().out


def test_a_role_that_the_pact_does_not_have_opens_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another party names the role of its proposal: whoever does not hold it sees no inject, whatever it is."""
    game = Game()
    game.begin()
    assert look(monkeypatch, game).lines
    assert look(monkeypatch, game, officer="o1", roles=(CONTROLLER[0],)).lines
    for officer, has_role in (("o1", True), ("o1", False), ("gone", False)):
        shown = look(monkeypatch, game, officer=officer, roles=("watch-officer",), has_role=has_role)
        assert (shown.is_control, shown.lines) == (False, ())


@pytest.mark.parametrize(
    ("roles", "has_role", "may"),
    [(("watch-officer",), True, False), (("watch-officer",), False, True), (("exercise-controller",), True, True)],
)
def test_own_lists_are_written_by_any_officer_where_the_pact_has_no_role_for_it(
    roles: tuple[str, ...], has_role: bool, may: bool
) -> None:
    """Before there is a proposal; who is no officer any more writes none."""
    desk, officer, gone = make_desk(roles=roles, has_role=has_role), SimpleNamespace(officer="o1"), "gone"
    assert may_write(desk, officer) is may  # type: ignore[arg-type]
    assert not may_write(desk, SimpleNamespace(officer=gone))  # type: ignore[arg-type]
    assert not is_control(desk, officer, "other-role")  # type: ignore[arg-type]
