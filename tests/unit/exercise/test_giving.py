"""What control's program does next: gives what is due, delivers what it gave, and never twice (E37 to E39)."""

import pytest

from comity.exercise.course import Course, InjectState
from comity.exercise.giving import STANDBY_MS, Control, find_players, plan_giving
from comity.exercise.msel import Inject, Method
from comity.pact.terms import Words


def make(number: str, state: InjectState, due_ms: int = 0) -> Course:
    """An inject in this state."""
    inject = Inject(number=number, at="0:00", from_="red", to=("KOR", "red"), method=Method.CAP, text=Words(en="x"))
    return Course(inject, state, due_ms, 0, ())


COURSES = (make("1", InjectState.DUE), make("2", InjectState.WAITING), make("3", InjectState.FIRED),
           make("4", InjectState.FIRED), make("5", InjectState.FIRED))  # fmt: skip
CONTROL = Control("JPN", ("USA", "JPN"), {"3": "JPN", "4": "USA", "5": "JPN"}, {"5"})


@pytest.mark.parametrize(("control", "now_ms", "is_running", "give", "deliver"), [
    (CONTROL, 0, True, ["1"], ["3"]),
    (CONTROL, 0, False, [], ["3"]),
    (CONTROL._replace(party="USA"), STANDBY_MS - 1, True, [], ["4"]),
    (CONTROL._replace(party="USA"), STANDBY_MS, True, ["1"], ["4"]),
    (CONTROL._replace(party="KOR"), STANDBY_MS * 9, True, [], []),
    (CONTROL._replace(delivered={"3", "5"}), 0, True, ["1"], []),
])  # fmt: skip
def test_what_is_due_is_given_by_one_and_delivered_by_who_gave_it(
    control: Control, now_ms: int, is_running: bool, give: list[str], deliver: list[str]
) -> None:
    """The second controller waits; nothing is given while the clock stands; who does not control does nothing."""
    plan = plan_giving(COURSES, now_ms, control, is_running=is_running)
    assert ([one.number for one in plan.give], [one.number for one in plan.deliver]) == (give, deliver)


def test_an_inject_is_for_the_parties_among_its_addressees() -> None:
    """A cell's role player has the list already."""
    inject = COURSES[0].inject
    assert find_players(inject, ("JPN", "KOR", "USA")) == ("KOR",)
