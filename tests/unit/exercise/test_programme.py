"""A programme of several years: its gaps are found, and what contradicts itself is refused (E51, E52)."""

import datetime as dt
from importlib.resources import files

import pytest

from comity.exercise.lists import LIST_PACKAGE
from comity.exercise.programme import Gap, GapKind, ProgrammeRefused, find_gaps, parse_programme
from comity.pact.model import Pact

SHIPPED = (files(LIST_PACKAGE) / "freedom-edge.programme").read_text("utf-8")
DAY = dt.date(2026, 11, 27)
NEXT = """
[[exercise]]
id = "next"
title = { en = "Next" }
state = "planned"
begins = 2026-03-01
ends = 2026-03-05
host = "USA"
parties = ["JPN", "USA"]
domains = ["land"]
"""


def test_the_programme_that_ships_shows_what_is_open(camp_david: Pact) -> None:
    """No exercise in the years to come, none on land, and nobody named as host."""
    gaps = find_gaps(parse_programme(SHIPPED.encode(), camp_david), DAY)
    assert {Gap(GapKind.YEAR, "2026"), Gap(GapKind.YEAR, "2027"), Gap(GapKind.DOMAIN, "land")} <= set(gaps)
    assert [gap.about for gap in gaps if gap.kind is GapKind.HOST_UNKNOWN] == [f"freedom-edge-{n}" for n in (1, 2, 3)]


def test_a_planned_exercise_fills_gaps_and_has_some_of_its_own(camp_david: Pact) -> None:
    """Its day has passed, and one party does not train on land."""
    gaps = find_gaps(parse_programme((SHIPPED + NEXT).encode(), camp_david), DAY)
    assert {Gap(GapKind.OVERDUE, "next"), Gap(GapKind.DOMAIN_OF_PARTY, "land", "KOR")} <= set(gaps)
    assert not {Gap(GapKind.YEAR, "2026"), Gap(GapKind.DOMAIN, "land"), Gap(GapKind.HOST, "USA")} & set(gaps)


@pytest.mark.parametrize(
    ("told", "other"),
    [
        ('host = "USA"', 'host = "FRA"'),
        ('["land"]', '["moon"]'),
        ("2026-03-01", "2036-03-01"),
        ('"next"', '"freedom-edge-1"'),
    ],
)
def test_what_contradicts_the_pact_or_itself_is_refused(camp_david: Pact, told: str, other: str) -> None:
    """Each fault has its line and code."""
    with pytest.raises(ProgrammeRefused) as refused:
        parse_programme((SHIPPED + NEXT.replace(told, other)).encode(), camp_david)
    assert {finding.code for finding in refused.value.findings} == {"programme.row"}
