"""What `comity exercise adopt` joins, what it opens itself, and under which commitment."""

from typing import Any

import msgspec
import pytest

from comity.base.errors import UsageError
from comity.cli.adopting import check_commitment, find_same, make_adoption
from comity.cli.pact_source import read_pact_file
from comity.exercise.report import ImprovementRow, Report
from comity.pact.parse import parse_pact

_AUDIENCE = ("JPN", "KOR", "USA")


def _make_report(count: int) -> Report:
    rows = tuple(
        ImprovementRow(number=number, id="", party="USA", objective="", rests_on=(), finding={}, remedy={}, owner="JPN",
                       due_at=9, markings=())
        for number in range(1, count + 1)
    )  # fmt: skip
    return Report(
        exercise="00", name="spring", list="00", realm="exercise/kit", audience=_AUDIENCE, controllers=("USA",),
        status="ended", opens_at=0, started_at=1, ended_at=2, played_ms=1, moments=(), taken=(), typical=(),
        observations=(), hot_wash=(), improvements=rows,
    )  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        {"commitment": "C9"},
        {"report": "00" * 32},
        {"exercise": "autumn"},
        {"audience": ["JPN", "USA"]},
        {"actions": []},
        {"actions": [{"number": 1, "owner": "KOR", "due_at": 9}]},
        {"actions": [{"number": 1, "owner": "JPN", "due_at": 8}]},
        {"actions": [{"number": 1, "owner": "JPN", "due_at": 9}, {"number": 2, "owner": "KOR", "due_at": 9}]},
    ],
)
def test_an_adoption_that_says_anything_else_than_the_report_is_not_joined(other: dict[str, Any]) -> None:
    """Who joins is bound to what the opener wrote: another owner, date, action, commitment or audience is refused."""
    ours = make_adoption(_make_report(1), "C10")
    shown = [{**action, "verdict": "", "done": None} for action in ours["actions"]]
    same = {**ours, "actions": shown, "id": "ab", "audience": ["USA", "KOR", "JPN"]}
    assert find_same([same | other], ours, _AUDIENCE) is None
    assert find_same([same | other, same], ours, _AUDIENCE) is same


def test_of_more_actions_than_an_adoption_holds_the_first_by_number_are_adopted() -> None:
    """In whatever order the report has them; its digest is that of all."""
    report = _make_report(70)
    turned = msgspec.structs.replace(report, improvements=report.improvements[::-1])
    assert [row["number"] for row in make_adoption(turned, "C10")["actions"]] == list(range(1, 65))


def test_a_commitment_that_the_pact_does_not_have_is_refused_and_those_it_has_are_named() -> None:
    """C10 is Camp David's alone."""
    check_commitment(parse_pact(read_pact_file("camp-david")), "C10")
    with pytest.raises(UsageError) as caught:
        check_commitment(parse_pact(read_pact_file("csirt-aid")), "C10")
    assert (caught.value.code, caught.value.details["clauses"]) == ("report.no-commitment", "T1, T2")
