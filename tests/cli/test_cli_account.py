"""`comity account`: what docs/guide/account.md promises."""

import re
from pathlib import Path
from typing import Any

import pytest

from comity.api.words import choose_language
from comity.cli.pact_source import read_pact_file, read_public_record
from comity.pact.parse import parse_pact
from kit.command import Json, Run

RECORD = read_public_record(parse_pact(read_pact_file()), None).decode()


def _row(answer: Any, commitment: str) -> Any:
    return next(row for row in answer["rows"] if row["commitment"]["id"] == commitment)


@pytest.mark.parametrize(
    ("as_of", "leaders", "exercise"),
    [("2026-11-23", "2024-11-15", "2025-09-19"), ("2024-10-01", "2023-08-18", "2024-06-29")],
)
def test_last_evidence_as_of_a_day(as_of: str, leaders: str, exercise: str, comity: Run, comity_json: Json) -> None:
    """The statement of 18 August 2024 is no meeting; the table and the JSON say the same."""
    status, answer = comity_json("account", "--as-of", as_of)
    assert status == 0
    for commitment, day in (("C2", leaders), ("C10", exercise)):
        last = _row(answer, commitment)["last"]
        assert (last["until"] or last["since"]) == day
    out = comity("account", "--as-of", as_of)[1]
    assert re.search(rf"C2 Leaders meet +{leaders} meeting", out)
    assert re.search(rf"C10 Annual named exercise +{exercise} exercise", out)


def test_the_day_is_that_of_the_search_and_said(comity: Run, comity_json: Json) -> None:
    """Without `--as-of` nothing depends on the clock of the machine."""
    assert "As of 2026-11-23, the day until which the record was searched" in comity("account")[1]
    answer = comity_json("account")[1]
    assert (answer["as_of"], answer["is_as_of_chosen"]) == ("2026-11-23", False)
    assert comity_json("account", "--as-of", "2026-11-23")[1]["rows"] == answer["rows"]


def test_removing_a_row_of_the_record_changes_the_answer(tmp_path: Path, comity_json: Json) -> None:
    """The answer rests on the file given, as the guide invites one to see."""
    pruned = re.sub(r'\[\[fact\]\]\nid = "freedom-edge-3"\n(?:.+\n)+\n', "", RECORD)
    assert pruned != RECORD
    (tmp_path / "record.toml").write_text(pruned)
    answer = comity_json("account", "--record", tmp_path / "record.toml")[1]
    assert _row(answer, "C10")["last"]["until"] == "2024-11-15"


def test_yearly_commitments_have_a_line_for_each_year(comity: Run) -> None:
    """Each with its own verdict: not owed, found, not found, not found yet."""
    rows = comity("account")[1].split("C2 Leaders meet")[1].splitlines()[1:5]
    found = [re.sub(r" {2,}", " | ", row.strip()) for row in rows]
    assert found == [
        "2023 | 2023-08-18 meeting | evidence found, not owed | [2]",
        "2024 | 2024-11-15 meeting | evidence found | [56][57]",
        "2025 | no evidence found, searched until 2025-12-31",
        "2026 | no evidence found yet, searched until 2026-11-23",
    ]


def test_every_source_cited_is_listed(comity: Run) -> None:
    """A number in the table leads to where it was read, and none is listed that is not cited."""
    table, sources = comity("account")[1].split("Sources\n")
    cited = set(re.findall(r"\[(\w+)\]", table))
    assert cited == set(re.findall(r"^\[(\w+)\]", sources, re.MULTILINE))


def test_it_never_says_that_something_did_not_happen(comity: Run) -> None:
    """In no language; unspecified stays unspecified."""
    out = comity("account")[1]
    assert re.search(r"C15 .*unspecified", out)
    assert "did not" not in out.lower()
    assert "Looked for by name and not found" in out
    for language, phrase in (("ja", "証拠は見つかっていません"), ("ko", "증거를 찾지 못했습니다")):
        choose_language(language)
        assert phrase in comity("account")[1]


def test_a_year_after_the_search_is_not_searched(comity: Run) -> None:
    """Not even absence is known of it."""
    assert re.search(r"2028 +not searched", comity("account", "--as-of", "2028-03-01")[1])


def test_a_record_with_faults_is_refused(tmp_path: Path, comity: Run) -> None:
    """With the line of the first of them."""
    (tmp_path / "record.toml").write_text(RECORD.replace('kind = "call"', 'kind = "rumour"', 1))
    status, out, err = comity("account", "--record", tmp_path / "record.toml")
    assert (status, out) == (2, "")
    assert "[record.refused]" in err
    assert re.search(r"line \d+", err)
