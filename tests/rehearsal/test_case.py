"""The written case: from the launch of 17 December 2023 to a matched response."""

from collections import Counter

import pytest

from comity.procedure.timeline import SAYS as STATEMENTS_SAY
from comity.rehearsal import Outcome, play_case, read_profile
from comity.rehearsal.log import SAYS as ROWS_SAY
from comity.rehearsal.log import Row


def _play(seed: int | None = None) -> tuple[list[Row], Outcome]:
    rows, case = [], play_case(read_profile("camp-david"), seed=seed)
    while True:
        try:
            rows.append(next(case))
        except StopIteration as end:
            return rows, end.value


@pytest.fixture(scope="module")
def played() -> tuple[list[Row], Outcome]:
    """The case without faults."""
    return _play()


def test_the_case_runs_from_three_reports_to_a_conclusion_by_all(played: tuple[list[Row], Outcome]) -> None:
    """Everything that the case is to show happens, once each."""
    rows, outcome = played
    said = Counter(row.code for row in rows)
    assert {code: said[f"timeline.{code}"] for code in (
        "threat-reported", "consultation-called", "acknowledged", "consultation-convened", "text-opened",
        "text-version-proposed", "silence-held", "hold-lifted", "silence-kept", "text-adoption-seen",
        "item-shared", "consent-given", "passed-on", "measure-offered", "measure-amended", "conclusion-stated",
        "pass-on-granted", "recall-requested", "recall-passed-on", "recall-replied", "recall-reported",
    )} == {
        "threat-reported": 3, "consultation-called": 1, "acknowledged": 2, "consultation-convened": 1, "text-opened": 1,
        "text-version-proposed": 2, "silence-held": 1, "hold-lifted": 1, "silence-kept": 3, "text-adoption-seen": 3,
        "item-shared": 2, "consent-given": 1, "passed-on": 1, "measure-offered": 3, "measure-amended": 1,
        "conclusion-stated": 3, "pass-on-granted": 1, "recall-requested": 1, "recall-passed-on": 1,
        "recall-replied": 2, "recall-reported": 1,
    }  # fmt: skip
    assert said["timeline.item-destroyed"] == 3  # each by whom it was given: the hub has two to tell
    assert said["rehearsal.collision-found"] == 1
    assert said["rehearsal.refused"] == 0
    assert outcome.is_clean


def test_the_text_is_adopted_after_one_restart_and_all_measures_are_matched(
    played: tuple[list[Row], Outcome],
) -> None:
    """The outcome's counts say what came of it."""
    counts = played[1].counts
    wanted = ("texts-adopted", "texts-restarted", "measures-matched", "consultations-concluded", "collisions-found")
    assert [counts[name] for name in wanted] == [1, 1, 3, 1, 1]


def test_rows_come_in_the_order_of_virtual_time_with_codes_that_have_wordings(
    played: tuple[list[Row], Outcome],
) -> None:
    """Whoever prints them needs no prose from here."""
    rows, _ = played
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    known = set(ROWS_SAY) | set(STATEMENTS_SAY) | {
        f"timeline.{name}" for name in ("item-shared", "pass-on-requested", "consent-given", "passed-on",
                                        "pass-on-reported", "pact-accepted")
    }  # fmt: skip
    assert {row.code for row in rows} <= known


def test_the_case_ends_alike_with_faults_of_a_seed() -> None:
    """Links, disks and nodes may fail on the way; the text is adopted or not, and nothing is violated."""
    rows, outcome = _play(seed=4)
    assert outcome.is_clean
    assert outcome.counts["consultations-concluded"] == 1
    assert any(row.code.startswith("rehearsal.") for row in rows)
