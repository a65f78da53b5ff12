"""A list while it is written (docs/spec/exercise.md, E27)."""

import tomllib
from typing import Any

import pytest

from comity.base.errors import UsageError
from comity.base.limits import PACT_ROW_COUNT_MAX
from comity.exercise.draft import find_rows, get_row, judge_draft, move_row, put_row, remove_row
from comity.pact.model import Pact

CONTROL = {"id": "control", "kind": "white", "title": {"en": "Control"}}


def inject(number: str, at: str = "0:10", **more: Any) -> dict[str, Any]:
    """A row that is sound."""
    return {
        "number": number,
        "at": at,
        "from": "control",
        "to": ["JPN"],
        "method": "voice",
        "text": {"en": "A."},
        **more,
    }


BLANK: dict[str, Any] = {"id": "x", "title": {"en": "X"}}


def test_a_draft_grows_row_by_row_into_a_list(camp_david: Pact) -> None:
    """Each step says what is still wrong, by table, row and column; no step changes the draft that it was given."""
    msel, flaws = judge_draft(BLANK, camp_david)
    assert msel is None
    assert [(flaw.table, flaw.column, flaw.finding.code) for flaw in flaws] == [("", "inject", "pact.key-missing")]
    draft = put_row(BLANK, "inject", inject("1"))
    assert "inject" not in BLANK
    _, flaws = judge_draft(draft, camp_david)
    assert [(flaw.table, flaw.row, flaw.column) for flaw in flaws] == [("inject", 0, "from")]
    draft = put_row(draft, "cell", CONTROL)
    msel, flaws = judge_draft(draft, camp_david)
    assert flaws == ()
    assert msel is not None
    assert msel.injects[0].number == "1"


def test_flaws_name_row_and_column(camp_david: Pact) -> None:
    """What is missing in a row, what has no such form, what contradicts another row."""
    draft = {**BLANK, "cell": [CONTROL], "inject": [inject("1"), inject("2", "7"), {"number": "3"}]}
    _, flaws = judge_draft(draft, camp_david)
    assert [(flaw.table, flaw.row, flaw.column) for flaw in flaws] == [
        ("inject", 1, "at"), ("inject", 2, "at"), ("inject", 2, "from"), ("inject", 2, "method"), ("inject", 2, "text"),
        ("inject", 2, "to"),
    ]  # fmt: skip
    draft["inject"] = [inject("1", "0:10"), inject("1", "0:05")]
    _, flaws = judge_draft(draft, camp_david)
    assert [(flaw.row, flaw.column) for flaw in flaws] == [(1, "at"), (1, "number")]


def test_rows_are_changed_moved_and_taken_out() -> None:
    """A row stays within its table; what lies beyond is refused."""
    draft = {**BLANK, "inject": [inject("1"), inject("2"), inject("3")]}

    def numbers(tree: dict[str, Any]) -> list[str]:
        return [row["number"] for row in find_rows(tree, "inject")]

    assert numbers(move_row(draft, "inject", 0, by=1)) == ["2", "1", "3"]
    assert numbers(move_row(draft, "inject", 0, by=-1)) == ["1", "2", "3"]
    assert numbers(move_row(draft, "inject", 0, by=99)) == ["2", "3", "1"]
    assert numbers(remove_row(draft, "inject", 1)) == ["1", "3"]
    assert numbers(put_row(draft, "inject", inject("9"), index=2)) == ["1", "2", "9"]
    assert get_row(draft, "inject", 1)["number"] == "2"
    for table, index in (("inject", 3), ("inject", -1), ("cell", 0), ("id", 0)):
        with pytest.raises(UsageError) as caught:
            remove_row(draft, table, index)
        assert caught.value.code == "msel.no-row"
    with pytest.raises(UsageError):
        put_row(draft, "title", {})


def test_what_is_no_table_has_no_rows(camp_david: Pact) -> None:
    """A draft that somebody wrote by hand breaks nothing."""
    for tree in ({"inject": "x", "cell": [1], "objective": {}}, {}, tomllib.loads("id = 1")):
        msel, flaws = judge_draft(tree, camp_david)
        assert msel is None
        assert flaws
        assert find_rows(tree, "inject") == []


def test_a_draft_has_no_more_rows_than_a_list() -> None:
    """2,048, as E1 has it."""
    draft = {"inject": [inject("1")] * PACT_ROW_COUNT_MAX}
    with pytest.raises(UsageError) as caught:
        put_row(draft, "inject", inject("2"))
    assert caught.value.code == "msel.drafts-full"
