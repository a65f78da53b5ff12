"""Copies, recalls and destructions over the API: one row for each copy, and *destroyed* only by destroying."""

from typing import Any

from kit.api import Apis

PORTION = {"marking": {"level": "JPN-HI", "topics": ["dprk-missile"]}, "text": "apogee"}
BY = {"role": "release-officer", "officers": ["duty-2", "duty-1"]}


def post(apis: Apis, path: str, body: dict[str, Any], *, party: str, status: int = 201) -> Any:
    """Do an act, which must end so."""
    answer = apis.call("POST", path, party=party, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_an_item_is_asked_back_destroyed_and_shown_so(apis: Apis) -> None:
    """Japan sees who holds what, asks, and reads the certificate; Korea reads nothing of it any more."""
    item = post(apis, "/v1/items", {"to": ["KOR"], "portions": [PORTION]}, party="JPN")["item"]
    (asked,) = post(apis, "/v1/recalls", {"item": item, "reason": "compromised", "answer_by_at": 10**13}, party="JPN")[
        "ids"
    ]
    apis.reaches(asked, "KOR")
    rows = {row["holder"]: row for row in apis.get("/v1/copies", party="KOR") if row["item"] == item}
    assert (rows["KOR"]["state"], rows["KOR"]["clause"], rows["KOR"]["path"]) == (
        "asked-back", "jpn-kor-gsomia", ["JPN", "KOR"],
    )  # fmt: skip
    answer = {"request": asked, "fate": "destroyed", "copies": "made-and-destroyed", **BY}
    (replied,) = post(apis, "/v1/recalls/answer", answer, party="KOR")["ids"]
    apis.reaches(replied, "JPN")
    (row,) = [row for row in apis.get("/v1/copies", party="JPN") if (row["item"], row["holder"]) == (item, "KOR")]
    assert row["state"] == "destroyed"
    certificate = apis.get(f"/v1/timeline/{row['certificate']}", party="JPN")
    assert certificate["arguments"]["officers"] == ["duty-1", "duty-2"]
    found = apis.get("/v1/recalls", party="JPN")
    (recall,) = [one for one in found["recalls"] if one["id"] == asked]
    assert (recall["state"], recall["copies"], recall["certificate"]) == (
        "destroyed", "made-and-destroyed", row["certificate"],
    )  # fmt: skip
    assert found["faults"] == []
    assert apis.call("GET", f"/v1/items/{item}", party="KOR").json()["code"] == "item.destroyed"


def test_no_officer_says_destroyed_and_nothing_is_destroyed_by_a_request_out_of_form(apis: Apis) -> None:
    """The generic door refuses the words; a role that is no name is refused before anything is gone."""
    item = post(apis, "/v1/items", {"to": ["KOR"], "portions": [PORTION]}, party="JPN")["item"]
    for name in ("RecallAnswered", "RecallReplied", "ItemDestroyed", "RecallRequested"):
        problem = post(apis, "/v1/statements", {"to": ["KOR"], "statements": [{"type": name}]}, party="JPN", status=403)
        assert problem["code"] == "statement.by-node"
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"role": "no name"}, "entry.unfit"),
        ({"officers": ["no name"]}, "entry.unfit"),
        ({"officers": [f"duty-{number}" for number in range(9)]}, "api.malformed"),
        ({"more": 1}, "api.malformed"),
    )
    for change, code in wrong:
        body = {"item": item, **BY, **change}
        assert post(apis, "/v1/items/destroy", body, party="JPN", status=400)["code"] == code
    assert apis.get(f"/v1/items/{item}", party="JPN")["portions"][0]["text"] == "apogee"
    assert (
        post(apis, "/v1/items/destroy", {"item": "00" * 32, **BY}, party="JPN", status=404)["code"] == "item.not-here"
    )
