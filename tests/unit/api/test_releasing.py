"""Releases over a running node: preview of what is not made yet and of what is held, the graph, what if."""

from typing import Any

from kit.api import Apis

PORTION = {"marking": {"level": "JPN-GOKUHI", "topics": ["dprk-missile"], "caveats": ["ONLY UNDER tisa-2014"]},
           "text": "a reading", "language": "en"}  # fmt: skip


def preview(apis: Apis, *, party: str, **wish: object) -> dict[str, Any]:
    """What the parties would be told, by party."""
    response = apis.call("POST", "/v1/release/preview", party=party, json=wish)
    assert response.status_code == 200, response.text
    return {row["party"]: row for row in response.json()["by_party"]}


def test_what_is_not_made_yet(apis: Apis) -> None:
    """A marking of our own: by way of the hub alone, and with whose consent it could go on from there."""
    found = preview(apis, party="JPN", level="JPN-GOKUHI", topics=["dprk-missile"], caveats=["ONLY UNDER tisa-2014"])
    assert (found["USA"]["answer"], found["USA"]["handled_as"]["level"]) == ("permit", "USA-S")
    assert (found["KOR"]["answer"], found["KOR"]["reason"], found["KOR"]["hub"]) == ("withheld", "only-by-hub", "USA")
    assert found["KOR"]["chain"]["path"] == ["JPN", "USA", "KOR"]
    assert found["KOR"]["chain"]["steps"][1]["consents_of"] == ["JPN"]


def test_what_is_held_and_what_has_crossed(apis: Apis) -> None:
    """For an item that was given: who has it, whose consent a further step needs, and that it stays protected."""
    given = apis.call("POST", "/v1/items", party="JPN", json={"to": ["USA"], "portions": [PORTION]}).json()["item"]
    shared = apis.get("/v1/items", party="JPN")[-1]
    assert shared["item"] == given
    apis.settle("JPN")
    mine = preview(apis, party="JPN", item=given)
    assert (mine["USA"]["is_holder"], mine["KOR"]["is_holder"]) == (True, False)
    assert mine["KOR"]["chain"]["path"] == ["USA", "KOR"]
    supposed = apis.call(
        "POST", "/v1/release/what-if", party="JPN", json={"agreement": "usa-jpn-2007", "state": "suspended"}
    ).json()
    assert [(row["item"], row["recipient"], row["clause"]) for row in supposed["crossed"]] == [
        (given, "USA", "tisa-2014")
    ]
    other = {"agreement": "jpn-kor-gsomia", "state": "ended"}
    assert apis.call("POST", "/v1/release/what-if", party="JPN", json=other).json()["crossed"] == []


def test_the_graph_of_this_party(apis: Apis) -> None:
    """Only agreements and routes that this party is an end of."""
    found = apis.get("/v1/release/graph", party="KOR")
    assert {row["agreement"] for row in found["agreements"]} == {
        "tisa-2014", "jpn-kor-gsomia", "usa-kor-1987", "policy.open-text",
    }  # fmt: skip
    assert all("KOR" in (row["giver"], row["receiver"]) for row in found["routes"])
    assert apis.get("/v1/release/graph?party=JPN", party="KOR")["party"] == "JPN"
    assert apis.call("GET", "/v1/release/graph?party=XXX").json()["code"] == "release.no-party"


def test_refusals_have_codes(apis: Apis) -> None:
    """An item that is not here, an agreement that the pact does not have, a body that is no request."""
    for path, body, code in (
        ("preview", {"item": "00" * 32}, "item.not-here"),
        ("preview", {"item": "00"}, "api.malformed"),
        ("preview", {"level": 7}, "api.malformed"),
        ("what-if", {"agreement": "none", "state": "ended"}, "release.no-agreement"),
        ("what-if", {"agreement": "tisa-2014", "state": "odd"}, "api.malformed"),
    ):
        assert apis.call("POST", f"/v1/release/{path}", json=body).json()["code"] == code
