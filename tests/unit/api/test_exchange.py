"""Imports and exports over running nodes: each through the funnel, at the moment of asking."""

import json
from typing import Any

import msgspec
import pytest

from comity.api.showcase import Showcase
from kit.api import Apis
from kit.stix import TLP_2, bundle, check_by_library, make_object

IMPORT = "/v1/import/stix"


def take(apis: Apis, *objects: dict[str, Any], party: str = "USA", **asked: Any) -> dict[str, Any]:
    """Import objects."""
    asked = {"to": ["JPN", "KOR"], "topic": ["cyber"], **asked}
    response = apis.call("POST", IMPORT, party=party, content=bundle(*objects), params=asked)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def find_names(apis: Apis, name: str, party: str = "USA") -> list[str]:
    """Return the names of the campaigns that a consumer may have now."""
    response = apis.call("GET", f"/v1/export/stix/{name}", party=party)
    assert response.status_code == 200, response.text
    if not json.loads(response.content)["objects"]:
        return []
    return sorted(one["name"] for one in check_by_library(response.content) if one["type"] == "campaign")


def test_each_marking_becomes_an_item_for_those_who_may_have_it(apis: Apis) -> None:
    """Preview and import say the same; the recipients open the bytes that came."""
    objects = [
        make_object("mild", TLP_2["clear"]),
        make_object("near", TLP_2["green"]),
        make_object("own", TLP_2["red"]),
    ]
    preview = take(apis, *objects, preview="true")
    assert [row["item"] for row in preview["items"]] == [""] * 3
    done = take(apis, *objects)
    assert (done["object_count"], done["given_count"], done["refused"]) == (3, 2, [])
    by_level = {row["marking"]["level"]: row for row in done["items"]}
    assert by_level["USA-C"]["to"] == []
    (portion,) = apis.get(f"/v1/items/{by_level['USA-C']['item']}")["portions"]
    assert [one["name"] for one in json.loads(portion["text"])["objects"]] == ["own"]
    assert [(row["marking"], row["to"], row["decisions"]) for row in done["items"]] == [
        (row["marking"], row["to"], row["decisions"]) for row in preview["items"]
    ]
    for level, name in (("USA-U", "mild"), ("USA-CUI", "near")):
        assert by_level[level]["to"] == ["JPN", "KOR"]
        item = by_level[level]["item"]
        for party in ("JPN", "KOR"):
            apis.wait_for_item(item, party)
            (portion,) = apis.get(f"/v1/items/{item}", party=party)["portions"]
            assert [one["name"] for one in json.loads(portion["text"])["objects"]] == [name]


def test_an_import_to_nobody_is_to_nobody(apis: Apis) -> None:
    """Nobody named, or oneself: for the own party alone, never for everybody."""
    for to in ([], ["USA"]):
        (row,) = take(apis, make_object(f"alone-{len(to)}", TLP_2["clear"]), to=to)["items"]
        assert (row["to"], row["decisions"]["by_party"]) == ([], [])
        assert row["marking"]["caveats"] == ["NATIONAL EYES ONLY"]
        (given,) = [one for one in apis.get("/v1/items") if one["item"] == row["item"]]
        assert given["audience"] == ["USA"]


def test_what_the_pact_does_not_know_is_refused_before_anything_is_read(apis: Apis) -> None:
    """A stranger, no topic, another scheme's level, an unknown caveat."""
    cases: list[dict[str, Any]] = [
        {"to": ["FRA"]}, {"topic": []}, {"level": "X"}, {"caveat": ["BURN"]}
    ]  # fmt: skip
    for asked in cases:
        params = {"to": ["JPN"], "topic": ["cyber"], **asked}
        response = apis.call("POST", IMPORT, content=b"", params=params)
        assert (response.status_code, response.json()["code"]) == (400, "exchange.wish"), asked
    response = apis.call("POST", IMPORT, content=b"", params={"to": ["JPN"], "topic": ["cyber"]})
    assert response.json()["code"] == "stix.malformed"
    assert apis.call("POST", "/v1/import/csv", content=b"").json()["code"] == "api.no-path"


def test_what_cannot_be_marked_is_listed_and_not_stored(apis: Apis) -> None:
    """With its id and its code."""
    unmarked = make_object("unmarked")
    done = take(apis, unmarked)
    assert (done["items"], done["refused"]) == (
        [], [{"index": 0, "id": unmarked["id"], "code": "exchange.no-marking"}])  # fmt: skip


def test_a_consumer_gets_what_its_party_may_have_and_no_more(apis: Apis) -> None:
    """By party, by the caveats of each item, and within its own ceiling."""
    for name, party in (("tokyo", "JPN"), ("seoul", "KOR")):
        apis.add_consumer(name, reading_for=party)
    apis.add_consumer("soc", level="USA-U", topics=["cyber"])
    apis.add_consumer("wide", level="USA-TS", topics=["cyber", "defence"])
    before = {name: find_names(apis, name) for name in ("tokyo", "seoul", "soc", "wide")}
    take(apis, make_object("both", TLP_2["green"]))
    take(apis, make_object("tokyo-only", TLP_2["clear"]), to=["JPN"])
    take(apis, make_object("nobody", TLP_2["clear"]), to=[])
    take(apis, make_object("defence", TLP_2["clear"]), topic=["defence"])
    new = {name: sorted(set(find_names(apis, name)) - set(old)) for name, old in before.items()}
    assert new == {
        "tokyo": ["both", "defence", "tokyo-only"],
        "seoul": ["both", "defence"],
        "soc": ["nobody", "tokyo-only"],
        "wide": ["both", "defence", "nobody", "tokyo-only"],
    }


def test_what_another_party_gave_goes_to_the_own_system_and_not_to_a_third(apis: Apis) -> None:
    """KOR's item at the USA: its own analysts may have it, JPN's system not without KOR's consent."""
    item = take(apis, make_object("korean", TLP_2["amber"]), party="KOR", to=["USA"])["items"][0]["item"]
    apis.wait_for_item(item, "USA")
    apis.add_consumer("own-soc", level="USA-CUI", topics=["cyber"])
    apis.add_consumer("jpn-soc", reading_for="JPN")
    assert "korean" in find_names(apis, "own-soc")
    assert "korean" not in find_names(apis, "jpn-soc")


def test_the_same_view_is_written_once(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was opened for a consumer is kept while it may have the same; what is new is opened and nothing else."""
    apis.add_consumer("often", level="USA-TS", topics=["cyber"])
    take(apis, make_object("first", TLP_2["clear"]))
    find_names(apis, "often")
    opened: list[object] = []
    real = Showcase._find_opened

    def count(self: Showcase, item: Any) -> Any:
        opened.append(item)
        return real(self, item)

    monkeypatch.setattr(Showcase, "_find_opened", count)
    find_names(apis, "often")
    assert opened == []
    done = take(apis, make_object("second", TLP_2["clear"]))
    assert "second" in find_names(apis, "often")
    assert [bytes(item).hex() for item in opened] == [done["items"][0]["item"]]  # type: ignore[call-overload]


def test_play_says_so_in_all_that_goes_out(apis: Apis) -> None:
    """These nodes run in an exercise: no object leaves without the word, and none comes into another realm."""
    apis.add_consumer("player", level="USA-TS", topics=["cyber"])
    take(apis, make_object("played", TLP_2["clear"]))
    raw = apis.call("GET", "/v1/export/stix/player").content
    marked = {one["id"] for one in json.loads(raw)["objects"] if "EXERCISE" in str(one.get("definition"))}
    assert marked
    for one in msgspec.json.decode(raw)["objects"]:
        assert one["type"] == "marking-definition" or marked & set(one["object_marking_refs"])


def test_a_consumer_that_is_not_there_has_no_export(apis: Apis) -> None:
    """A code like any other."""
    assert apis.call("GET", "/v1/export/stix/nobody").json()["code"] == "consumer.unknown"
