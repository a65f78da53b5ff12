"""`comity exercise`: what docs/guide/exercise.md promises."""

from pathlib import Path

from comity.exercise.lists import LISTS
from kit.command import Json, Run


def test_a_list_is_checked_shown_and_carried_to_a_sheet_and_back(
    tmp_path: Path, comity: Run, comity_json: Json
) -> None:
    """What ships is sound; from its sheet comes the same list; nothing is written over."""
    sheet, again = tmp_path / "lost-line.xlsx", tmp_path / "again.toml"
    assert [comity("exercise", "check", name)[0] for name in LISTS] == [0] * len(LISTS)
    assert comity("exercise", "convert", "lost-line", sheet)[0] == 0
    assert comity("exercise", "convert", sheet, again)[0] == 0
    assert comity("exercise", "convert", sheet, again)[0] != 0
    status, out, _ = comity("exercise", "show", again)
    assert (status, "2 +0:06 (missed)" in " ".join(out.split())) == (0, True)
    assert comity_json("exercise", "show", again)[1]["injects"][1] == {"number": "2", "earliest_ms": 1_200_000}


def test_what_is_wrong_is_printed_with_its_place(comity: Run, comity_json: Json) -> None:
    """Under another pact the parties are others; exit status 1."""
    status, out, _ = comity("exercise", "check", "lost-line", "--pact", "harbour-aid")
    assert status == 1
    assert "[msel.row]" in out
    checked = comity_json("exercise", "check", "lost-line", "--pact", "harbour-aid")[1]
    assert (checked["is_sound"], checked["findings"][0]["code"]) == (False, "msel.row")
