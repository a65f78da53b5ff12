"""How a list goes: what is due, contingencies, shifts, and whether what was expected came (E22 to E25)."""

from collections.abc import Mapping

import msgspec

from comity.base.instants import MINUTE_MS
from comity.exercise.course import Course, Deed, InjectState, Outcome, Played, follow
from comity.exercise.msel import Cell, CellKind, Condition, Inject, Method, Msel
from comity.pact.offices import Act
from comity.pact.terms import Words

FIRST = Inject(
    number="1", at="0:20", from_="control", to=("KOR",), method=Method.TRACK, text=Words(en="launch"), act=Act.REPORT,
    by=("KOR",), within="0:05",
)  # fmt: skip
CALL = msgspec.structs.replace(FIRST, number="1.1", at="0:06", after="1", only_if=Condition.MISSED)
PRAISE = msgspec.structs.replace(FIRST, number="1.2", at="0:01", after="1", only_if=Condition.MET)
BRANCH = msgspec.structs.replace(FIRST, number="1.3", after="1", only_if=Condition.CHOSEN)
LATER = msgspec.structs.replace(FIRST, number="2", at="1:00", act=None, by=(), within=None)
BEHIND = msgspec.structs.replace(LATER, number="2.1", at="0:10", after="2")
MSEL = Msel(
    id="m", title=Words(en="m"), cells=(Cell(id="control", kind=CellKind.WHITE, title=Words(en="c")),),
    injects=(FIRST, CALL, PRAISE, BRANCH, LATER, BEHIND),
)  # fmt: skip


def go(
    now: int,
    fired: Mapping[str, int] | None = None,
    *deeds: Deed,
    skipped: tuple[str, ...] = (),
    shifts: Mapping[str, int] | None = None,
    is_over: bool = False,
) -> dict[str, Course]:
    """The list at a minute of the exercise."""
    fired_ms = {number: at * MINUTE_MS for number, at in (fired or {}).items()}
    shifts_ms = {number: by * MINUTE_MS for number, by in (shifts or {}).items()}
    played = Played(now * MINUTE_MS, is_over, fired_ms, frozenset(skipped), shifts_ms)
    return {course.inject.number: course for course in follow(MSEL, played, deeds)}


def deed(at: float, party: str = "KOR", act: str = "report") -> Deed:
    """Something done at a minute."""
    return Deed(act, party, int(at * MINUTE_MS), f"{at}")


def find_states(courses: Mapping[str, Course]) -> dict[str, str]:
    """Number and state of each."""
    return {number: course.state.value for number, course in courses.items()}


def test_an_inject_is_due_from_its_time_on_and_what_follows_it_waits() -> None:
    """Nothing behind it is due before it came, however late it is."""
    assert find_states(go(19))["1"] == "waiting"
    late = go(300)
    assert find_states(late) == {
        "1": "due", "1.1": "open", "1.2": "open", "1.3": "open", "2": "due", "2.1": "waiting",
    }  # fmt: skip
    assert late["2.1"].due_ms == 70 * MINUTE_MS


def test_a_contingency_comes_only_if_what_was_expected_did_not() -> None:
    """While its time runs nothing is decided; then one branch is due and the other is not used."""
    running = go(24, {"1": 20})
    assert [running[number].state for number in ("1.1", "1.2", "1.3")] == [InjectState.OPEN] * 3
    missed = go(26, {"1": 20}, deed(19), deed(22, "JPN"), deed(22, act="call"))
    assert [missed[number].state.value for number in ("1.1", "1.2", "1.3")] == ["due", "not-needed", "open"]
    assert missed["1"].came[0].outcome is Outcome.MISSED
    met = go(26, {"1": 20}, deed(24))
    assert [met[number].state.value for number in ("1.1", "1.2")] == ["not-needed", "due"]
    late = go(40, {"1": 20}, deed(26))
    assert late["1"].came[0][1:3] == (Outcome.LATE, 6 * MINUTE_MS)
    assert late["1.1"].state is InjectState.DUE


def test_what_was_expected_is_found_with_how_long_it_took() -> None:
    """The first of that act by that party since the inject came, counted in exercise time."""
    came = go(60, {"1": 20}, deed(24.5), deed(23)).get("1")
    assert came is not None
    assert came.came[0] == ("KOR", Outcome.IN_TIME, 3 * MINUTE_MS, deed(23))
    assert go(22, {"1": 20})["1"].came[0].outcome is Outcome.OPEN
    assert go(22, {"1": 20}, is_over=True)["1"].came[0].outcome is Outcome.CUT_SHORT


def test_a_shift_moves_an_inject_and_what_follows_it_and_no_other() -> None:
    """Offsets of all others stay; nothing comes before the start, or before what it follows."""
    shifted = go(0, shifts={"2": 15, "1": -40, "1.2": -9})
    dues = {number: course.due_ms for number, course in shifted.items()}
    assert {number: due_ms // MINUTE_MS for number, due_ms in dues.items() if due_ms is not None} == {
        "1": 0, "1.1": 6, "1.2": 0, "1.3": 20, "2": 75, "2.1": 85,
    }  # fmt: skip


def test_what_follows_an_inject_that_was_taken_out_is_not_used() -> None:
    """Unless control gives it all the same; after the end nothing is due."""
    states = find_states(go(400, {"1.1": 30}, skipped=("1", "2")))
    assert states == {
        "1": "skipped", "1.1": "fired", "1.2": "not-needed", "1.3": "not-needed", "2": "skipped", "2.1": "not-needed",
    }  # fmt: skip
    assert find_states(go(400, is_over=True))["1"] == "waiting"
