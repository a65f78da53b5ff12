"""What comes again is known, what is newer says whose place it takes, and what was not stored is told (X52, X53)."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comity.base.errors import OutageError, UsageError
from comity.exchange.imported import Came, ImportLog
from comity.node.items import Items
from kit.api import Apis
from kit.stix import TLP_2, bundle, make_object
from unit.exchange.test_cap_read import make_usual

ALERT = make_usual(more="<headline>Tsunami</headline>").replace(b"Actual", b"Exercise")
UUID = "20000000-0000-4000-8000-0000000000aa"


def take(apis: Apis, *objects: dict[str, Any], **asked: Any) -> dict[str, Any]:
    """Import objects as the USA."""
    asked = {"to": ["JPN"], "topic": ["cyber"], **asked}
    response = apis.call("POST", "/v1/import/stix", content=bundle(*objects), params=asked)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def count_items(apis: Apis) -> int:
    """Count the items that the USA has."""
    return len({row["item"] for row in apis.get("/v1/items")})


def test_the_same_bytes_are_the_same_item(apis: Apis) -> None:
    """The answer to a repeated import is that to the first, and says that it was known; one more object is one more."""
    objects = [make_object("twice", TLP_2["clear"]), make_object("twice-near", TLP_2["green"])]
    first = take(apis, *objects)
    before = count_items(apis)
    again, seen = take(apis, *objects), take(apis, *objects, preview="true")
    assert count_items(apis) == before
    for other in (again, seen):
        assert [row["is_known"] for row in other["items"]] == [True, True]
        keys = ("item", "to", "marking", "object_count")
        rows = [[{key: row[key] for key in keys} for row in found["items"]] for found in (first, other)]
        assert rows[0] == rows[1]
        assert (other["given_count"], other["object_count"], other["known_count"]) == (2, 2, 2)
    more = take(apis, *objects, make_object("third", TLP_2["clear"]))
    assert count_items(apis) == before + 1
    assert sorted((row["is_known"], row["object_count"]) for row in more["items"]) == [(False, 1), (True, 1), (True, 1)]
    (row,) = [row for row in more["items"] if not row["is_known"]]
    (portion,) = apis.get(f"/v1/items/{row['item']}")["portions"]
    assert [one["name"] for one in json.loads(portion["text"])["objects"] if one["type"] == "campaign"] == ["third"]


def test_for_others_or_under_another_marking_it_is_another_item(apis: Apis) -> None:
    """What is known is known for those readers and that marking; twice in one file is one object as ever."""
    one = make_object("elsewhere", TLP_2["clear"])
    asked: tuple[dict[str, Any], ...] = ({}, {"to": []}, {"to": ["KOR"]}, {"caveat": ["ORCON"]})
    items = {take(apis, one, **some)["items"][0]["item"] for some in asked}
    assert len(items) == 4


def test_what_stands_no_more_comes_in_anew(apis: Apis) -> None:
    """Destroyed here, or asked back: the same file makes a new item."""
    for number, path in enumerate(("/v1/items/destroy", "/v1/recalls")):
        one = make_object(f"gone-{number}", TLP_2["clear"])
        (row,) = take(apis, one)["items"]
        by = {"role": "release-officer", "officers": ["duty-1"]}
        asked = {"reason": "wrong-marking", "answer_by_at": 10**13} if number else by
        done = apis.call("POST", path, json={"item": row["item"], **asked})
        assert done.status_code == 201, done.text
        (again,) = take(apis, one)["items"]
        assert (again["is_known"], again["item"] != row["item"]) == (False, True)


def test_a_newer_version_names_what_it_takes_the_place_of(apis: Apis) -> None:
    """By id and `modified`; an older one, and one of the same version with other bytes, take nobody's place."""

    def bring(month: str, **more: Any) -> dict[str, Any]:
        found = take(apis, make_object("versions", TLP_2["clear"], modified=f"2026-{month}-01T00:00:00.000Z", **more))
        (row,) = found["items"]
        return dict(row)

    first, newer = bring("03"), bring("05")
    assert (first["supersedes"], newer["supersedes"]) == ([], [first["item"]])
    assert bring("02")["supersedes"] == []
    assert bring("05", description="other")["supersedes"] != [newer["item"]]
    assert newer["item"] in bring("06")["supersedes"]


def test_an_event_of_misp_is_known_by_its_bytes_and_its_timestamp(apis: Apis) -> None:
    """The same UUID: known, or newer, or not newer."""

    def bring(**fields: Any) -> dict[str, Any]:
        event = {"Event": {"uuid": UUID, "info": "one", "distribution": "0", "Tag": [{"name": "tlp:green"}], **fields}}
        response = apis.call("POST", "/v1/import/misp", content=json.dumps(event), params={"topic": ["cyber"]})
        (row,) = response.json()["items"]
        return dict(row)

    first = bring(timestamp="1700000000")
    assert bring(timestamp="1700000000")["item"] == first["item"]
    newer = bring(timestamp="1700000009", info="two")
    assert (newer["supersedes"], newer["is_known"]) == ([first["item"]], False)
    assert bring(timestamp="1600000000")["supersedes"] == []


def test_an_alert_is_one_item_and_an_update_takes_its_place(apis: Apis) -> None:
    """However often it comes; under another level it is another; a preview says the same."""

    def bring(raw: bytes, **more: Any) -> Any:
        found = apis.call("POST", "/v1/alerts", json={"alert": base64.b64encode(raw).decode(), **more})
        assert found.status_code == 201, found.text
        return found.json()

    first, again = bring(ALERT, to=["JPN"]), bring(ALERT, to=["JPN"])
    assert (again["item"], again["is_known"], first["is_known"]) == (first["item"], True, False)
    assert bring(ALERT, to=["JPN"], preview=True)["is_known"] is True
    assert bring(ALERT)["item"] != first["item"]
    shown = first["alert"]
    named = f"{shown['sender']},{shown['identifier']},{shown['sent']}".encode()
    update = ALERT.replace(b"<msgType>Alert", b"<msgType>Update").replace(
        b"</scope>", b"</scope><references>" + named + b"</references>"
    )
    update = update.replace(shown["identifier"].encode() + b"</identifier>", b"later</identifier>")
    found = bring(update, to=["JPN"])
    assert first["item"] in found["supersedes"]
    assert found["is_known"] is False


def test_what_was_not_stored_is_told_and_comes_in_the_next_time(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault half way: the answer says which objects are in and which not, by which code; the same file goes on."""
    give = Items.give
    calls: list[str] = []

    def fail_after(count: int, error: Exception) -> Any:
        async def fail(self: Items, *given: Any, **named: Any) -> Any:
            calls.append("")
            if len(calls) > count:
                raise error
            return await give(self, *given, **named)

        return fail

    for error, count in ((OutageError("store.full"), 2), (UsageError("release.withheld", party="JPN"), 3)):
        calls.clear()
        objects = [make_object(f"{error.code}-{label}", TLP_2[label]) for label in ("clear", "green", "red")]
        with monkeypatch.context() as patched:
            patched.setattr(Items, "give", fail_after(1, error))
            found = take(apis, *objects)
        assert [row["code"] for row in found["items"]] == ["", error.code, error.code]
        assert [bool(row["item"]) for row in found["items"]] == [True, False, False]
        assert (found["object_count"], found["failed_count"]) == (1, 2)
        # An outage stops the rest; what one item is refused for says nothing of the next.
        assert len(calls) == count
        again = take(apis, *objects)
        assert [(row["is_known"], row["code"]) for row in again["items"]] == [(True, ""), (False, ""), (False, "")]
        assert again["object_count"] == 3


def test_where_nothing_came_in_the_fault_is_the_answer(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """One code for the whole, and nothing is half told."""

    async def fail(*_: Any, **__: Any) -> None:
        raise OutageError("store.full")

    with monkeypatch.context() as patched:
        patched.setattr(Items, "give", fail)
        found = apis.call("POST", "/v1/import/stix", content=bundle(make_object("none", TLP_2["clear"])),
                          params={"to": ["JPN"], "topic": ["cyber"]})  # fmt: skip
    assert (found.status_code, found.json()["code"]) == (503, "store.full")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[ImportLog]:
    """A log in a file."""
    opened = ImportLog(tmp_path / "imports.db")
    yield opened
    opened.close()


def test_the_log_is_a_memory(log: ImportLog, tmp_path: Path) -> None:
    """It outlives the process, is for its owner alone, and begins anew where it is damaged."""
    rows = [Came(bytes([n]) * 32, bytes([n + 100]) * 32, f"stix:{n % 2}", n) for n in range(3)]  # type: ignore[arg-type]
    log.note(rows)
    log.note(rows)
    other = ImportLog(tmp_path / "imports.db")
    assert other.find([row.content for row in rows] * 500)[rows[1].content] == [rows[1].item]
    assert sorted(other.find_named(["stix:0", "stix:9"])["stix:0"]) == [(0, rows[0].item), (2, rows[2].item)]
    other.close()
    path = tmp_path / "damaged.db"
    path.write_bytes(b"no database" * 100)
    assert ImportLog(path).find([rows[0].content]) == {}
    assert path.stat().st_mode & 0o777 == 0o600
