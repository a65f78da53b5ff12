"""2019 to 2023, replayed: every cell of the table, and that page and picture are what the funnel answers."""

import importlib.util
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from comity.api.story_view import show_story
from comity.base.errors import UsageError
from comity.base.instants import parse_instant
from kit.releasing import camp_david_terms, profile_terms

SCENES = tomllib.loads(Path(__file__).with_name("release_story.toml").read_text("utf-8"))["scene"]
PICTURES = Path(__file__).parents[2] / "docs/pictures"
SECRET = ["dprk-missile", "maritime", "cyber", "defence"]
CIVIL = ["economic", "disinformation", "humanitarian", "public-message"]
PACT = camp_david_terms().pact


def read_story_module() -> ModuleType:
    """The program that writes the page and draws the picture."""
    spec = importlib.util.spec_from_file_location("story", PICTURES / "story.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def find_cells(scene: dict[str, Any], topic: str) -> tuple[list[str], list[str], list[list[str]]]:
    """Up to which level directly, by others, from which not at all; by which clauses; whose consents by others."""
    passage = next(row for row in scene["passages"] if topic in row["topics"])
    direct, others, stopped = passage["direct"], passage["by_others"], passage["stopped_from"]
    levels = ["" if way is None else way["level"]["level"] for way in (direct, others)]
    clauses = ["" if way is None else way["chain"]["steps"][-1]["clause"] for way in (direct, others)]
    consents = [] if others is None else [step["consents_of"] for step in others["chain"]["steps"]]
    return [*levels, "" if stopped is None else stopped["level"]], clauses, consents


@pytest.mark.parametrize("scene", SCENES, ids=[scene["at"] for scene in SCENES])
def test_every_cell(scene: dict[str, Any]) -> None:
    """State, what goes directly, by the hub with Seoul's consent, and not at all: as it was and had it run out."""
    view = show_story(
        PACT, agreement="jpn-kor-gsomia", giver="KOR", receiver="JPN", instants=[parse_instant(scene["at"])]
    )
    was, would = view["scenes"][0], view["if_notice_ran_out"][0]
    assert (was["standing"]["state"], was["standing"]["is_contested"]) == (
        scene["state"],
        scene.get("contested", False),
    )
    supposed = {**scene, **scene.get("ran_out", {})}
    assert would["standing"]["state"] == supposed["state"], scene["story"]
    for told, wanted in ((was, scene), (would, supposed)):
        for topic in SECRET:
            cells, clauses, consents = find_cells(told, topic)
            assert cells == wanted["secret"], (scene["story"], topic)
            assert clauses[1] == ("tisa-2014" if topic == "dprk-missile" else "usa-jpn-2007")
            assert consents == [[], ["KOR"]]
            if wanted["secret"][0] == "KOR-II":
                assert clauses[0] == "jpn-kor-gsomia"
        for topic in CIVIL:
            assert find_cells(told, topic)[0] == wanted["civil"], (scene["story"], topic)


def test_every_cell_has_its_source() -> None:
    """The numbers in the table are sources of the pact file, and those of the row of that day are among them."""
    agreement = PACT.find_agreement("jpn-kor-gsomia")
    assert agreement is not None
    known = {source.id for source in PACT.sources}
    for scene in SCENES:
        assert set(scene["source"]) <= known
        rows = [row for row in agreement.states if row.since.isoformat() <= scene["at"][:10]]
        assert not rows or set(rows[-1].sources) & set(scene["source"]), scene["at"]


def test_page_and_picture_are_what_the_funnel_answers() -> None:
    """The program beside the pictures would write neither of them otherwise."""
    story = read_story_module()
    assert story.PAGE.read_text("utf-8") == story.write_page(story.PAGE.read_text("utf-8"))
    assert story.PICTURE.read_text("utf-8") == story.draw()


def test_an_agreement_without_notice_has_no_other_story() -> None:
    """Where no row names an end there is nothing to suppose; and an agreement that is none has a code."""
    pact = profile_terms("harbour-aid").pact
    view = show_story(pact, agreement="ab-staff", giver="PORT-A", receiver="PORT-B")
    assert view["if_notice_ran_out"] is None
    assert [scene["standing"]["state"] for scene in view["scenes"]] == ["not-begun", "in-force"]
    with pytest.raises(UsageError) as caught:
        show_story(pact, agreement="none", giver="PORT-A", receiver="PORT-B")
    assert caught.value.code == "release.no-agreement"


def test_without_dates_it_is_told_at_the_turning_points() -> None:
    """The day before, each row's day, and the end of the notice."""
    view = show_story(PACT, agreement="jpn-kor-gsomia", giver="KOR", receiver="JPN")
    assert [scene["date"] for scene in view["scenes"]] == [
        "2016-11-22", "2016-11-23", "2019-08-22", "2019-11-22", "2019-11-22", "2023-03-21",
    ]  # fmt: skip
