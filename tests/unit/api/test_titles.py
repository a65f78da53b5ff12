"""Titles in the reader's language."""

import pytest

from comity.api.row_words import say_officers, say_row
from comity.api.titles import PactTitles, Titles
from comity.api.words import choose_language
from kit.api import Apis


@pytest.fixture(scope="module")
def apis(apis_with_offices: Apis) -> Apis:
    """Three nodes under a pact that names its roles."""
    return apis_with_offices


def test_each_is_called_by_its_title_in_the_readers_language(apis: Apis) -> None:
    """A role and a body may share an id, so the kind is said; what nobody titled is called by its id."""
    titles = PactTitles(apis.nodes["USA"].machine)
    found: list[tuple[str, ...]] = []
    for language in ("en", "ja", "ko"):
        choose_language(language)
        found.append((titles.title_of("role", "director"), titles.title_of("channel", "hotline.nsc"),
                      titles.cite("commitment", "C1")))  # fmt: skip
    assert found == [
        ("Director of the watch", "NSC line", "Consult (C1)"),
        ("当直責任者", "NSC回線", "協議 (C1)"),
        ("상황실장", "NSC 회선", "협의 (C1)"),
    ]
    assert (titles.title_of("role", "C1"), titles.cite("role", "nobody")) == ("C1", "nobody")


def test_what_the_api_lists_names_the_same(apis: Apis) -> None:
    """A client with the rows of `/v1/titles` calls each thing what the node's own pages call it."""
    rows = apis.call("GET", "/v1/titles", party="JPN").json()
    listed, own = Titles(rows), PactTitles(apis.nodes["JPN"].machine)
    assert len(rows) > 90
    assert [
        row for row in rows if listed.title_of(row["kind"], row["id"]) != own.title_of(row["kind"], row["id"])
    ] == []


def test_where_a_title_is_missing_the_english_one_stands() -> None:
    """And without any row everything is called by its id."""
    choose_language("ko")
    titles = Titles([{"kind": "role", "id": "r", "title": {"en": "Relay", "ja": "", "ko": ""}}])
    assert (titles.title_of("role", "r"), Titles().title_of("role", "r")) == ("Relay", "r")


@pytest.mark.parametrize(("language", "expected"), [
    ("en", "KOR called for consultation under Consult (C1), at the level of advisers"),
    ("ja", "協議 (C1)"),
])  # fmt: skip
def test_a_row_is_said_with_titles(apis: Apis, language: str, expected: str) -> None:
    """A commitment is cited with its clause; an officer is named with his role's title."""
    choose_language(language)
    titles = PactTitles(apis.nodes["USA"].machine)
    arguments = {"party": "KOR", "commitment": "C1", "level": "advisers"}
    assert expected in say_row({"code": "timeline.consultation-called", "party": "KOR", "arguments": arguments}, titles)
    acted = {"officer": "kor-1", "role": "watch-officer", "footing": "deputy", "stands_for": ["director"]}
    choose_language("en")
    assert say_officers([acted], titles) == "kor-1, Watch officer, as deputy of Director of the watch"
    assert say_officers([acted]) == "kor-1, watch-officer, as deputy of director"
