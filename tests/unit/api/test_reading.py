"""Readings of marked items: on the own record before anything is shown, and for whoever may look at them (P48)."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from comity.base.errors import OutageError
from comity.base.instants import HOUR_MS, Instant
from comity.journal.header import Feed
from comity.node.officers import OfficerBook
from comity.procedure.officer import ActedBy
from comity.procedure.reading import ItemRead, find_reads
from comity.procedure.stated import Stated
from kit.api import TOKEN, Apis


@pytest.fixture(scope="module")
def apis(apis_with_offices: Apis) -> Apis:
    """Three nodes under a pact that asks for officers, and for a record of who reads secrets."""
    return apis_with_offices


@pytest.fixture
def tokens(apis: Apis) -> Iterator[dict[str, str]]:
    """Officers of Japan, with their tokens; gone after the test."""
    node = apis.nodes["JPN"]
    book, at = OfficerBook(), Instant(node.now() - 1)
    roles = {"watch": "watch-officer", "release": "release-officer", "auditor": "auditor", "admin": "administrator",
             "director": "director"}  # fmt: skip
    found = {name: book.add(f"jpn-{name}", (role,), at=at) for name, role in roles.items()}
    node.officers = book
    yield found
    node.officers = OfficerBook()


def _share(apis: Apis, tokens: dict[str, str], level: str, *more: dict[str, Any]) -> str:
    marking = {"level": level, "topics": ["dprk-missile"], "caveats": []}
    said = {"text": "Track 7", "language": "en"}
    portions = [{**one, "marking": marking} for one in (said, *more)]
    response = apis.call(
        "POST", "/v1/items", party="JPN", token=tokens["release"], json={"to": ["USA"], "portions": portions}
    )
    assert response.status_code == 201, response.text
    item: str = response.json()["item"]
    return item


def _open(apis: Apis, item: str, token: str, more: str = "") -> httpx.Response:
    return apis.call("GET", f"/v1/items/{item}{more}", party="JPN", token=token)


def _read_by(apis: Apis, item: str, party: str = "JPN") -> list[tuple[str, str, tuple[int, ...]]]:
    rows = [read for _, read in _found(apis, party) if read.item.hex() == item]
    return [(read.reader, "".join(read.role), read.portion) for read in rows]


def _found(apis: Apis, party: str = "JPN") -> list[tuple[Stated, ItemRead]]:
    return list(find_reads(apis.nodes[party].machine.statements.find(ItemRead)))


def test_who_opens_a_secret_is_on_the_own_record(apis: Apis, tokens: dict[str, str]) -> None:
    """By name and role, once in an hour, told to nobody else and covered by nobody: it is the node's own word."""
    item = _share(apis, tokens, "JPN-HI")
    for token in (tokens["watch"], tokens["watch"], tokens["auditor"], TOKEN):
        assert _open(apis, item, token).json()["portions"][0]["text"] == "Track 7"
    assert _read_by(apis, item) == [
        ("jpn-watch", "watch-officer", ()), ("jpn-auditor", "auditor", ()), ("jpn-operator", "", ()),
    ]  # fmt: skip
    rows = [one for one, read in _found(apis) if read.item.hex() == item]
    assert {one.audience for one in rows} == {("JPN",)}
    covered = {one.page_digest for one in apis.nodes["JPN"].machine.statements.find(ActedBy)}
    assert not covered & {one.page_digest for one in rows}
    apis.wait_for_item(item, "USA")
    assert apis.nodes["USA"].machine.statements.find(ItemRead) == ()
    assert apis.get("/v1/status")["beyond_power"] == []


def test_no_other_list_of_what_was_stated_shows_readings(apis: Apis, tokens: dict[str, str]) -> None:
    """An officer who may not inspect learns of none from the timeline either, nor from a row of its own."""
    item = _share(apis, tokens, "JPN-HI")
    assert _open(apis, item, tokens["auditor"]).status_code == 200
    (reading,) = (one.id.hex() for one, read in _found(apis) if read.item.hex() == item)
    rows = apis.call("GET", "/v1/timeline", party="JPN", token=tokens["watch"]).json()
    assert {"timeline.item-shared", "timeline.item-read"} & {row["code"] for row in rows} == {"timeline.item-shared"}
    shown = apis.call("GET", f"/v1/timeline/{reading}", party="JPN", token=tokens["watch"])
    assert (shown.status_code, shown.json()["code"]) == (404, "cli.no-such-object")


def test_what_is_no_secret_is_read_without_a_record(apis: Apis, tokens: dict[str, str]) -> None:
    """At the rank itself and below it: the pact asks for what is above."""
    for level in ("JPN-OPEN", "JPN-BUNAI"):
        item = _share(apis, tokens, level)
        assert _open(apis, item, tokens["watch"]).status_code == 200
        assert _read_by(apis, item) == []


def test_the_next_hour_is_another_reading(apis: Apis, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """And what is on the record of this hour is known to a desk that has just begun."""
    item, node = _share(apis, tokens, "JPN-HI"), apis.nodes["JPN"]
    assert _open(apis, item, tokens["watch"]).status_code == 200
    fresh = apis.nodes.items("JPN").reads
    reads = _reads(apis)
    reads._hour, reads._known = fresh._hour, fresh._known
    assert _open(apis, item, tokens["watch"]).status_code == 200
    assert len(_read_by(apis, item)) == 1
    now = node.now
    monkeypatch.setattr(node, "now", lambda: Instant(now() + HOUR_MS))
    assert _open(apis, item, tokens["watch"]).status_code == 200
    assert len(_read_by(apis, item)) == 2


def _reads(apis: Apis) -> Any:
    return apis.desks["JPN"].items.reads


def test_saving_an_attachment_names_its_portion(apis: Apis, tokens: dict[str, str]) -> None:
    """The record says which file left the node."""
    handed = apis.call("POST", "/v1/attachments?name=track.csv", party="JPN", token=tokens["release"], content=b"1,2")
    attached = {"kind": "attachment", "attachment": handed.json()["attachment"], "media": "text/csv", "text": ""}
    item = _share(apis, tokens, "JPN-HI", attached)
    saved = _open(apis, item, tokens["watch"], "/attachments/2")
    assert (saved.status_code, saved.content) == (200, b"1,2")
    assert _read_by(apis, item) == [("jpn-watch", "watch-officer", (2,))]


def test_without_a_record_nothing_is_shown(apis: Apis, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that cannot store refuses by a code, names what stood in the way, and records once it can."""
    handed = apis.call("POST", "/v1/attachments?name=track.csv", party="JPN", token=tokens["release"], content=b"1,2")
    attached = {"kind": "attachment", "attachment": handed.json()["attachment"], "media": "text/csv", "text": ""}
    item, node = _share(apis, tokens, "JPN-HI", attached), apis.nodes["JPN"]

    async def refuse(*_: object, **__: object) -> None:
        raise OutageError("store.full")

    with monkeypatch.context() as patched:
        patched.setattr(node, "say", refuse)
        for more in ("", "/attachments/2"):
            refused = _open(apis, item, tokens["watch"], more)
            assert (refused.status_code, refused.json()["code"]) == (503, "item.read-unrecorded")
            assert refused.json()["details"] == {"because": "store.full"}
            assert "Track 7" not in refused.text
            assert "1,2" not in refused.text
    assert _open(apis, item, tokens["watch"]).status_code == 200
    assert _read_by(apis, item) == [("jpn-watch", "watch-officer", ())]


def test_whoever_audits_or_leads_may_look(apis: Apis, tokens: dict[str, str]) -> None:
    """Of one item or all, the latest first; nobody else, by the clause that says who."""
    item = _share(apis, tokens, "JPN-HI")
    for who in ("watch", "release"):
        assert _open(apis, item, tokens[who]).status_code == 200
    for who in ("auditor", "admin", "director"):
        shown = apis.call("GET", f"/v1/reads?item={item}", party="JPN", token=tokens[who]).json()
        assert [row["reader"] for row in shown["reads"]] == ["jpn-release", "jpn-watch"]
        assert shown["read_count"] == 2
    one = apis.call("GET", f"/v1/reads?item={item}&before=1", party="JPN", token=TOKEN).json()
    assert [row["reader"] for row in one["reads"]] == ["jpn-watch"]
    everything = apis.get("/v1/reads", party="JPN")
    assert everything["read_count"] == len(_found(apis))
    for who in ("watch", "release"):
        refused = apis.call("GET", "/v1/reads", party="JPN", token=tokens[who])
        assert (refused.status_code, refused.json()["code"]) == (403, "officer.wrong-role")
        assert refused.json()["details"]["clause"] == "policy.may.inspect"


def test_it_cannot_be_told_to_another_party(apis: Apis, tokens: dict[str, str]) -> None:
    """Not stated, by any officer or by the node itself; and not disclosed."""
    assert _open(apis, _share(apis, tokens, "JPN-HI"), tokens["watch"]).status_code == 200
    read, _ = _found(apis)[0]
    node = apis.nodes["JPN"]
    with pytest.raises(Exception, match=r"release\.withheld"):
        apis.run(node.say(("JPN", "USA"), (read.entry,), feed=Feed.RECORD))
    disclosed = apis.call(
        "POST", "/v1/disclosed", party="JPN", token=tokens["release"], json={"entry": read.id.hex(), "to": ["USA"]}
    )
    assert disclosed.json()["code"] == "disclosure.of-few", disclosed.text
    form = {"type": "ItemRead"}
    stated = apis.call(
        "POST", "/v1/statements", party="JPN", token=tokens["watch"], json={"to": ["JPN"], "statements": [form]}
    )
    assert stated.json()["code"] == "statement.by-node"


ALERT = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>A1</identifier><sender>met@example</sender>
<sent>2026-11-26T00:00:00-00:00</sent><status>Exercise</status><msgType>Alert</msgType><scope>Public</scope>
<info><category>Met</category><event>Typhoon</event><urgency>Immediate</urgency><severity>Severe</severity>
<certainty>Observed</certainty></info></alert>"""


def test_what_an_officer_exports_is_read_as_well(
    apis: Apis, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warning that lies in a secret: its list, its bytes, its acknowledgement; refused without a record."""
    body = {"alert": base64.b64encode(ALERT.encode()).decode(), "level": "JPN-HI", "topics": ["dprk-missile"]}
    taken = apis.call("POST", "/v1/alerts", party="JPN", token=tokens["release"], json=body)
    assert taken.status_code == 201, taken.text
    item, node = taken.json()["item"], apis.nodes["JPN"]
    paths = ("/v1/alerts", f"/v1/alerts/{item}", f"/v1/alerts/{item}/acknowledgement")

    async def refuse(*_: object, **__: object) -> None:
        raise OutageError("store.full")

    with monkeypatch.context() as patched:
        patched.setattr(node, "say", refuse)
        for path in paths:
            refused = apis.call("GET", path, party="JPN", token=tokens["watch"])
            assert refused.json()["code"] == "item.read-unrecorded", path
            assert "Typhoon" not in refused.text
    for who, path in zip(("watch", "auditor", "admin"), paths, strict=True):
        shown = apis.call("GET", path, party="JPN", token=tokens[who])
        assert shown.status_code == 200, shown.text
    assert [reader for reader, _, _ in _read_by(apis, item)] == ["jpn-watch", "jpn-auditor", "jpn-admin"]


def test_an_export_of_objects_reads_each_item(apis: Apis, tokens: dict[str, str]) -> None:
    """What holds no object of that format is not shown and not noted."""
    plain = _share(apis, tokens, "JPN-HI")
    apis.add_consumer("own-siem", party="JPN", level="JPN-HI", topics=["dprk-missile"])
    made = {"type": "indicator", "spec_version": "2.1", "id": "indicator--00000000-0000-4000-8000-000000000002",
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", "pattern": "[a:b = 1]",
            "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z"}  # fmt: skip
    bundle = {"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000001", "objects": [made]}
    raw = json.dumps(bundle).encode()
    taken = apis.call("POST", "/v1/import/stix?topic=dprk-missile&level=JPN-HI", party="JPN", token=tokens["release"],
                      content=raw)  # fmt: skip
    assert taken.status_code == 200, taken.text
    exported = apis.call("GET", "/v1/export/stix/own-siem", party="JPN", token=tokens["watch"])
    assert exported.status_code == 200, exported.text
    assert "indicator--" in exported.text
    assert "jpn-watch" in {read.reader for _, read in _found(apis) if read.item.hex() in taken.text}
    assert _read_by(apis, plain) == []
