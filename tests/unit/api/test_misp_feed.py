"""Events of MISP over running nodes: imported by the party's own table, given out as a feed of one consumer."""

import json
from pathlib import Path
from typing import Any

import pytest

from kit.api import TOKEN, Apis

ORG = "00000000-0000-4000-8000-000000000001"
GROUP = "10000000-0000-4000-8000-000000000001"
TABLE = f'[[organisation]]\nuuid = "{ORG}"\nparty = "JPN"\n[[group]]\nuuid = "{GROUP}"\nparties = ["JPN", "USA"]\n'


def make_event(number: int, **fields: Any) -> dict[str, Any]:
    """Return an event for the one group."""
    group = {"uuid": GROUP, "SharingGroupOrg": [{"Organisation": {"uuid": ORG}}]}
    uuid = f"20000000-0000-4000-8000-00000000000{number}"
    return {"Event": {"uuid": uuid, "info": f"条 {number}", "distribution": "4",
                      "SharingGroup": group, "Tag": [{"name": "tlp:green"}], "Attribute": [], **fields}}  # fmt: skip


def take(apis: Apis, *events: dict[str, Any], **asked: Any) -> dict[str, Any]:
    """Import events as the USA."""
    response = apis.call("POST", "/v1/import/misp", content=json.dumps(events).encode(),
                         params={"to": ["JPN", "KOR"], "topic": ["cyber"], **asked})  # fmt: skip
    found: dict[str, Any] = response.json()
    assert response.status_code == 200, found
    return found


@pytest.fixture
def table(apis: Apis) -> Path:
    """The party's own table."""
    path = apis.misp_table_path("USA")
    path.write_text(TABLE)
    return path


@pytest.mark.usefixtures("table")
def test_a_group_reaches_its_parties_and_nobody_else(apis: Apis) -> None:
    """KOR was named and is in no group: it is told no, and the others get the event whole."""
    (row,) = take(apis, make_event(1))["items"]
    assert (row["to"], row["marking"]["caveats"]) == (["JPN"], ["REL TO JPN, USA"])
    apis.wait_for_item(row["item"], "JPN")
    (portion,) = apis.get(f"/v1/items/{row['item']}", party="JPN")["portions"]
    assert json.loads(portion["text"]) == make_event(1)


def test_without_a_table_nothing_goes_anywhere(apis: Apis, table: Path) -> None:
    """No file is an empty one; a damaged one is refused with a code."""
    table.unlink()
    found = take(apis, make_event(2), make_event(3, distribution="3"))
    assert [row["code"] for row in found["refused"]] == ["misp.group-unknown", "misp.distribution"]
    table.write_text("x")
    response = apis.call("POST", "/v1/import/misp", content=b"[]", params={"to": ["JPN"], "topic": ["cyber"]})
    assert response.json()["code"] == "misp.table-malformed"


@pytest.mark.usefixtures("table")
def test_a_feed_holds_what_its_consumer_may_have(apis: Apis) -> None:
    """By manifest and event; another's, and what is hidden, is not there."""
    tokens = {
        name: apis.add_consumer(f"{name}-misp", reading_for=name.upper(), formats=["misp"]) for name in ("jpn", "kor")
    }
    take(apis, make_event(4))
    uuid = make_event(4)["Event"]["uuid"]

    def ask(name: str, file: str) -> Any:
        return apis.call("GET", f"/feeds/misp/{file}", token=tokens[name])

    manifest = ask("jpn", "manifest.json").json()
    assert manifest[uuid]["info"] == "条 4"
    event = ask("jpn", f"{uuid}.json").json()["Event"]
    assert (event["distribution"], "SharingGroup" in event) == ("0", False)
    assert "EXERCISE EXERCISE EXERCISE" in [tag["name"] for tag in event["Tag"]]
    assert uuid not in ask("kor", "manifest.json").json()
    hidden, missing = ask("kor", f"{uuid}.json"), ask("kor", "00000000-0000-4000-8000-000000000009.json")
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert apis.call("GET", "/taxii2/", token=tokens["jpn"]).status_code == 404
    assert apis.call("GET", "/feeds/misp/manifest.json", token=TOKEN).status_code == 401
