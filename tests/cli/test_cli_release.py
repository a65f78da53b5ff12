"""`comity release preview | graph` on a pact file alone: what docs/guide/release.md shows."""

from pathlib import Path

import pytest

from comity.api.words import choose_language
from kit.command import Json, Run

ROOT = Path(__file__).parents[2]
HUB = ("--pact", "camp-david", "--party", "KOR", "--level", "KOR-II", "--topic", "dprk-missile", "--at", "2026-11-23",
       "--caveat", "ONLY UNDER tisa-2014")  # fmt: skip


def test_the_guide_shows_what_is_printed(comity: Run) -> None:
    """The page's example is the output, line by line."""
    status, out, _ = comity("release", "preview", *HUB)
    assert status == 0
    page = (ROOT / "docs/guide/release.md").read_text("utf-8")
    assert out.strip() in page


def test_a_permit_names_the_receivers_own_level(comity_json: Json) -> None:
    """Direct and permitted: clause, path, and the level that Japan writes, in both scripts, language tagged."""
    _, found = comity_json("release", "preview", *HUB[:-2])
    japan = found["by_party"][0]
    assert (japan["party"], japan["answer"], japan["clause"], japan["path"]) == (
        "JPN", "permit", "jpn-kor-gsomia", ["KOR", "JPN"],
    )  # fmt: skip
    assert japan["handled_as"] == {
        "level": "JPN-GOKUHI", "scheme": "JPN", "local": "極秘", "romanised": "Gokuhi", "language": "ja",
    }  # fmt: skip


def test_what_nobody_may_have_says_what_stops_each_step(comity_json: Json) -> None:
    """The highest grade of Seoul goes to nobody, and every step that would bring it there is named with its clause."""
    _, found = comity_json("release", "preview", *HUB[:5], "KOR-I", *HUB[6:-2])
    assert [(row["party"], row["answer"], row["chain"]) for row in found["by_party"]] == [
        ("JPN", "withheld", None),
        ("USA", "withheld", None),
    ]
    assert found["by_party"][1]["barriers"] == [
        {"giver": "KOR", "answer": "withheld", "reason": "above-ceiling", "clause": "usa-kor-1987", "hub": ""}
    ]


@pytest.mark.parametrize(("language", "word"), [("ja", "ハブ経由に限る"), ("ko", "허브를 거쳐서만 가능")])
def test_a_reason_is_in_the_readers_language(language: str, word: str, comity: Run) -> None:
    """Reasons are words of the reader's language; levels stay as their party writes them."""
    choose_language(language)
    try:
        status, out, _ = comity("release", "preview", *HUB)
    finally:
        choose_language("en")
    assert status == 0
    assert word in out
    assert "군사II급비밀" in out


def test_the_graph_shows_law_state_and_routes(comity: Run, comity_json: Json) -> None:
    """In 2019, under notice: its end, the law behind each agreement, and the way by the hub."""
    _, found = comity_json("release", "graph", "--pact", "camp-david", "--party", "JPN", "--at", "2019-09-01")
    gsomia = next(row for row in found["agreements"] if row["agreement"] == "jpn-kor-gsomia")
    assert (gsomia["state"], gsomia["notice_ends_at"], gsomia["is_operative"]) == ("notice-given", 1574434800000, True)
    assert gsomia["legal_basis"] == "Agreement of 21 articles, Seoul, 23 November 2016."
    by_hub = [row for row in found["routes"] if row["path"] == "hub" and row["receiver"] == "KOR"]
    assert [(row["giver"], row["hub"], row["topics"], row["is_open"]) for row in by_hub] == [
        ("JPN", "USA", ["dprk-missile"], True)
    ]
    status, out, _ = comity("release", "graph", "--pact", "camp-david", "--party", "JPN", "--at", "2019-09-01")
    assert status == 0
    assert "notice given, ends 221500Z NOV 19" in out
    assert "binding under international law" in out


def test_a_stranger_cannot_look(comity: Run) -> None:
    """With `--pact`, `--as` names a party of that pact."""
    status, _, err = comity("release", "preview", "--pact", "harbour-aid", "--party", "KOR")
    assert status == 2
    assert "release.no-party" in err


def test_what_if_names_each_route_that_closes(comity: Run, comity_json: Json) -> None:
    """With the agreement suspended: what no longer goes directly, up to which level, what goes instead, what not."""
    asked = ("pact", "what-if", "camp-david", "--suspend", "jpn-kor-gsomia", "--at", "2026-11-23")
    status, out, _ = comity(*asked)
    assert status == 0
    assert "KOR → JPN  dprk-missile: KOR-II 군사II급비밀 (Gunsa II-geup Bimil) no longer goes directly" in out
    assert "instead: up to KOR-II 군사II급비밀 (Gunsa II-geup Bimil) by KOR → USA → JPN, with the consent of KOR" in out
    assert "not at all: from KOR-I 군사I급비밀 (Gunsa I-geup Bimil) on" in out
    _, found = comity_json(*asked)
    closing = [row for row in found["changes"] if row["is_closing"]]
    assert {(row["giver"], row["receiver"]) for row in closing} == {("JPN", "KOR"), ("KOR", "JPN")}


@pytest.mark.parametrize(
    ("option", "state"), [("--end", "ended"), ("--notice-ends", "ended"), ("--suspend", "suspended")]
)
def test_what_if_of_each_kind(option: str, state: str, comity_json: Json) -> None:
    """Suspended, ended, or notice that ends at that instant."""
    _, found = comity_json("pact", "what-if", "camp-david", option, "tisa-2014", "--at", "2026-11-23")
    assert found["after"]["state"] == state
    assert (found["after"]["notice_ends_at"] is not None) == (option == "--notice-ends")


def test_what_if_wants_one_agreement(comity: Run) -> None:
    """None and two are refused, and so is one that the pact does not have; each with its code."""
    for given, code in (
        ((), "release.one-supposition"),
        (("--suspend", "tisa-2014", "--end", "tisa-2014"), "release.one-supposition"),
        (("--suspend", "none"), "release.no-agreement"),
    ):
        status, _, err = comity("pact", "what-if", "camp-david", *given)
        assert status == 2
        assert code in err


def test_the_story_prints_what_was_and_what_might_have_been(comity: Run) -> None:
    """On 23 November 2019: open as it was, closed directly and open by the hub had the notice run out."""
    status, out, _ = comity("release", "story", "--at", "2019-11-23")
    assert status == 0
    was, _, would = out.partition("Had the notice run out")
    assert "directly: up to KOR-II" in was
    assert "230000Z NOV 19  ended" in would
    assert "directly: nothing (tisa-2014: only by way of the hub)" in would
    assert "by others: up to KOR-II" in would
