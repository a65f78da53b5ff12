"""What a system puts in while officers act for its party waits for one of them; its status says so (X54)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comity.api import deposits as deposits_
from comity.api.deposits import Deposits
from comity.base.instants import Instant
from comity.exchange.consumer import Adding, Consumer, Format
from comity.exchange.deposit import DepositState
from comity.exchange.taxii import TAXII_MEDIA
from comity.node.officers import OfficerBook
from comity.procedure.officer import ActedBy
from kit.api import Apis
from kit.stix import TLP_2, make_object

ADDING = {"to": ["JPN"], "topics": ["cyber"]}


@pytest.fixture(scope="module")
def apis(apis_with_offices: Apis) -> Apis:
    """Three nodes under a pact that asks for officers."""
    return apis_with_offices


@pytest.fixture(scope="module")
def writer(apis: Apis) -> str:
    """A system of the USA that may put in; the token's holder adds it before there are officers."""
    return apis.add_consumer("writer", level="USA-S", topics=["cyber"], adding=ADDING)


@pytest.fixture
def officers(apis: Apis) -> Iterator[dict[str, str]]:
    """Officers of the USA, with their tokens; gone after the test."""
    node = apis.nodes["USA"]
    book, at = OfficerBook(), Instant(node.now() - 1)
    roles = {"watch": "watch-officer", "release": "release-officer", "admin": "administrator", "director": "director"}
    found = {name: book.add(f"usa-{name}", (role,), at=at) for name, role in roles.items()}
    node.officers = book
    yield found
    node.officers = OfficerBook()


def _put(apis: Apis, token: str, *objects: dict[str, Any]) -> Any:
    headers = {"Accept": TAXII_MEDIA, "Content-Type": TAXII_MEDIA}
    (one,) = apis.call("GET", "/taxii2/comity/collections/", token=token, headers=headers).json()["collections"]
    path = f"/taxii2/comity/collections/{one['id']}/objects/"
    return apis.call("POST", path, token=token, headers=headers, content=json.dumps({"objects": list(objects)}))


def _status(apis: Apis, token: str, id_: str) -> Any:
    return apis.call("GET", f"/taxii2/comity/status/{id_}/", token=token, headers={"Accept": TAXII_MEDIA})


def _pull(apis: Apis, token: str) -> set[str]:
    headers = {"Accept": TAXII_MEDIA}
    (one,) = apis.call("GET", "/taxii2/comity/collections/", token=token, headers=headers).json()["collections"]
    found = apis.call("GET", f"/taxii2/comity/collections/{one['id']}/objects/", token=token, headers=headers).json()
    return {row["name"] for row in found.get("objects", []) if row["type"] == "campaign"}


def _act(apis: Apis, token: str, path: str, method: str = "POST") -> Any:
    return apis.call(method, f"/v1/deposits{path}", token=token)


def test_what_is_put_in_waits_and_is_taken_by_an_officer(apis: Apis, writer: str, officers: dict[str, str]) -> None:
    """Pending, in nobody's view, until one with the power imports it as his own act; then complete."""
    objects = [make_object("drafted", TLP_2["green"]), make_object("bare"), {"type": "x"}]
    put = _put(apis, writer, *objects)
    assert put.status_code == 202, put.text
    status = put.json()
    assert (status["status"], status["pending_count"], status["failure_count"], status["success_count"]) == (
        "pending", 2, 1, 0)  # fmt: skip
    assert {row["id"] for row in status["pendings"]} == {one["id"] for one in objects[:2]}
    assert "drafted" not in _pull(apis, writer)
    (row,) = [row for row in _act(apis, officers["watch"], "", "GET").json() if row["id"] == status["id"]]
    assert (row["consumer"], row["state"], row["object_count"]) == ("writer", "waiting", 2)
    assert "drafted" in _act(apis, officers["watch"], f"/{status['id']}", "GET").text
    for who in ("watch", "admin"):
        refused = _act(apis, officers[who], f"/{status['id']}/take")
        assert (refused.status_code, refused.json()["code"]) == (403, "officer.wrong-role")
    seen = _act(apis, officers["release"], f"/{status['id'][:8]}/take?preview=true").json()
    assert [(one["item"], one["to"]) for one in seen["items"]] == [("", ["JPN"])]
    assert _status(apis, writer, status["id"]).json()["status"] == "pending"
    taken = _act(apis, officers["release"], f"/{status['id'][:8]}/take")
    assert taken.status_code == 200, taken.text
    (item,) = taken.json()["items"]
    assert (item["marking"]["level"], item["to"]) == ("USA-CUI", ["JPN"])
    done = _status(apis, writer, status["id"]).json()
    assert (done["status"], done["total_count"], done["pending_count"]) == ("complete", 3, 0)
    assert [row["id"] for row in done["successes"]] == [objects[0]["id"]]
    assert {row["message"] for row in done["failures"]} == {"exchange.no-marking", "stix.object-malformed"}
    assert "drafted" in _pull(apis, writer)
    (giving,) = [one for one in apis.nodes["USA"].shelf.find_givings() if one.entry.item.hex() == item["item"]]  # type: ignore[attr-defined]
    named = [one.entry.officers[0].officer for one in apis.nodes["USA"].machine.statements.find(ActedBy)
             if one.page_digest == giving.page_digest and isinstance(one.entry, ActedBy)]  # fmt: skip
    assert named == ["usa-release"]
    again = _act(apis, officers["release"], f"/{status['id']}/take")
    assert (again.status_code, again.json()["code"]) == (409, "deposit.closed")
    (row,) = [row for row in _act(apis, officers["watch"], "", "GET").json() if row["id"] == status["id"]]
    assert (row["state"], row["officer"]) == ("taken", "usa-release")


def test_what_is_refused_is_gone(apis: Apis, writer: str, officers: dict[str, str]) -> None:
    """Its status says so of each object; nothing of it is kept; only who may give may refuse."""
    status = _put(apis, writer, make_object("unwanted", TLP_2["green"])).json()
    assert _act(apis, officers["watch"], f"/{status['id']}/refuse").status_code == 403
    refused = _act(apis, officers["release"], f"/{status['id']}/refuse")
    assert (refused.status_code, refused.json()["state"]) == (200, "refused")
    done = _status(apis, writer, status["id"]).json()
    assert (done["status"], [row["message"] for row in done["failures"]]) == ("complete", ["deposit.refused"])
    for path, method in (("", "GET"), ("/take", "POST"), ("/refuse", "POST")):
        assert _act(apis, officers["release"], f"/{status['id']}{path}", method).json()["code"] == "deposit.closed"
    assert _act(apis, officers["release"], "/00/take").json()["code"] == "deposit.unknown"


def test_what_waits_for_a_second_officer_stays_pending(apis: Apis, officers: dict[str, str]) -> None:
    """Taken above the level of the two-person rule: pending until another approves and it is taken to its end."""
    high = apis.add_consumer("high", level="USA-TS", topics=["cyber"],
                                adding={**ADDING, "level": "USA-TS"})  # fmt: skip
    status = _put(apis, high, make_object("secret")).json()
    assert status["status"] == "pending"
    first = _act(apis, officers["release"], f"/{status['id']}/take")
    assert first.json()["code"] == "approval.awaited", first.text
    assert _status(apis, high, status["id"]).json()["status"] == "pending"
    repeated = _act(apis, officers["release"], f"/{status['id']}/take")
    assert repeated.json()["details"]["digest"] == first.json()["details"]["digest"]
    digest = first.json()["details"]["digest"]
    given = apis.call("POST", f"/v1/approvals/{digest}/give", token=officers["director"])
    assert given.status_code == 201, given.text
    taken = _act(apis, officers["release"], f"/{status['id']}/take")
    assert [row["is_known"] for row in taken.json()["items"]] == [True]
    assert _status(apis, high, status["id"]).json()["status"] == "complete"


def test_the_status_is_its_own_consumers(apis: Apis, writer: str, officers: dict[str, str]) -> None:
    """To another it is what is not there; a removed consumer's deposits go with it."""
    other = apis.add_consumer("other", level="USA-S", topics=["cyber"], adding=ADDING)
    status = _put(apis, other, make_object("whose", TLP_2["green"])).json()
    hidden, missing = (_status(apis, writer, id_) for id_ in (status["id"], "00000000-0000-4000-8000-000000000000"))
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    for odd in ("../consumers", "%2e%2e%2fx", status["id"].upper()):
        assert _status(apis, other, odd).status_code == 404
    apis.call("DELETE", "/v1/consumers/other", token=officers["admin"])
    assert status["id"] not in {row["id"] for row in _act(apis, officers["watch"], "", "GET").json()}


def test_without_officers_it_is_imported_at_once(apis: Apis) -> None:
    """The realm's own token acts for a party that has none yet, as for an import by hand."""
    token = apis.add_consumer("early", level="USA-S", topics=["cyber"], adding=ADDING)
    status = _put(apis, token, make_object("at-once", TLP_2["green"])).json()
    assert (status["status"], status["success_count"]) == ("complete", 1)
    assert "at-once" in _pull(apis, token)


def _make(apis: Apis, path: Path | None) -> Deposits:
    return Deposits(apis.nodes["USA"], path)


def _consumer(name: str) -> Consumer:
    return Consumer(name, "USA", (Format.TAXII,), "", 0, "USA-S", ("cyber",), Adding(("JPN",), ("cyber",)))


def _keep(deposits: Deposits, name: str = "one", raw: bytes = b"the-word") -> str:
    consumer = _consumer(name)
    assert consumer.adding is not None
    deposit = deposits.put(consumer, consumer.adding, raw, object_count=1)
    deposits.write_status(deposit, b"told")
    return deposit.id


def test_what_waits_outlives_the_process_and_is_sealed(apis: Apis, tmp_path: Path) -> None:
    """Another process opens it; nothing of it is on the disk in clear; damage is told, and stops nothing else."""
    folder = tmp_path / "deposits"
    id_, damaged = (_keep(_make(apis, folder)) for _ in range(2))
    assert not any(word in file.read_bytes() for file in folder.iterdir() for word in (b"the-word", b"told"))
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    (folder / f"{damaged}.sealed").write_bytes(b"x")
    (folder / "x.json").write_text("{}")
    (folder / "00000000-0000-4000-8000-000000000000.json").write_text("{")
    fresh = _make(apis, folder)
    assert {one.id for one in fresh.list()} == {id_, damaged}
    assert fresh.read(fresh.get(id_)) == b"the-word"
    assert fresh.find_status(_consumer("one"), id_) == b"told"
    assert fresh.find_status(_consumer("two"), id_) is None
    with pytest.raises(Exception, match=r"deposit\.unreadable"):
        fresh.read(fresh.get(damaged))
    fresh.close(fresh.get(id_), DepositState.TAKEN, officer="o")
    assert not (folder / f"{id_}.sealed").exists()
    assert [one.state for one in _make(apis, folder).list() if one.id == id_] == [DepositState.TAKEN]


def test_what_waits_is_bounded_and_never_pushed_out(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """By consumer, in number and in bytes; closed ones make room, the oldest first."""
    deposits = _make(apis, None)
    monkeypatch.setattr(deposits_, "WAITING_OF_ONE_COUNT_MAX", 2)
    monkeypatch.setattr(deposits_, "WAITING_COUNT_MAX", 3)
    monkeypatch.setattr(deposits_, "WAITING_SIZE_BYTES_MAX", 30)
    monkeypatch.setattr(deposits_, "CLOSED_COUNT_MAX", 1)
    first, _ = _keep(deposits), _keep(deposits)
    with pytest.raises(Exception, match=r"deposit\.too-many"):
        _keep(deposits)
    with pytest.raises(Exception, match=r"deposit\.too-many"):
        _keep(deposits, "two", b"x" * 15)
    _keep(deposits, "two")
    with pytest.raises(Exception, match=r"deposit\.too-many"):
        _keep(deposits, "three", b"")
    deposits.close(deposits.get(first), DepositState.REFUSED, officer="o")
    second = _keep(deposits)
    deposits.close(deposits.get(second), DepositState.TAKEN, officer="o")
    assert [one.id for one in deposits.list() if one.state is not DepositState.WAITING] in ([second], [first])
    assert len([one for one in deposits.list() if one.state is DepositState.WAITING]) == 2
