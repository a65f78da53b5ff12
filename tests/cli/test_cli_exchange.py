"""`comity import` as a person types it: files of other systems, and what systems put in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comity.base.errors import OutageError
from comity.base.instants import Instant
from comity.cli import exchange
from comity.exchange.taxii import TAXII_MEDIA
from comity.node.items import Items
from comity.node.officers import OfficerBook
from kit.api import Apis
from kit.command import Json, Run
from kit.stix import TLP_2, bundle, make_object

pytestmark = pytest.mark.usefixtures("at_home")


@pytest.fixture(scope="module")
def apis(apis_with_offices: Apis) -> Apis:
    """Three nodes under a pact that asks for officers."""
    return apis_with_offices


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A bundle, as a file."""
    path = tmp_path / "report.json"
    path.write_bytes(bundle(make_object("typed", TLP_2["clear"]), make_object("typed-near", TLP_2["green"])))
    return path


def test_a_file_that_comes_again_is_known(report: Path, comity: Run) -> None:
    """It says so, and a later version names the item whose place it takes."""
    given = ("import", "stix", report, "--to", "jpn", "--topic", "cyber", "--home", "USA")
    assert "given to USA, JPN" in comity(*given)[1]
    status, out, _ = comity(*given)
    assert (status, out.count("Known already: item")) == (0, 2)
    report.write_bytes(bundle(make_object("typed", TLP_2["clear"], modified="2026-09-01T00:00:00.000Z")))
    status, out, _ = comity(*given)
    assert (status, out.count("It takes the place of item")) == (0, 1)


def test_a_fault_half_way_is_printed_and_is_the_status(
    report: Path, comity: Run, comity_json: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in is shown with what is not; the file that is larger than what is taken is not read."""
    report.write_bytes(bundle(make_object("half-1", TLP_2["clear"]), make_object("half-2", TLP_2["green"])))
    given = ("import", "stix", report, "--to", "jpn", "--topic", "cyber", "--home", "USA")
    give, calls = Items.give, [0]

    async def fail(self: Items, *some: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] > 1:
            raise OutageError("store.full")
        return await give(self, *some, **named)

    with monkeypatch.context() as patched:
        patched.setattr(Items, "give", fail)
        status, out, err = comity(*given)
    assert status == 4
    assert "given to USA, JPN" in out
    assert "[store.full]" in err
    assert "Import the same file again" in err
    status, found = comity_json(*given)
    assert status == 0
    assert [row["is_known"] for row in found["items"]] == [True, False]
    monkeypatch.setattr(exchange, "BUNDLE_SIZE_BYTES_MAX", 100)
    status, _, err = comity(*given)
    assert (status, "bytes.too-large" in err) == (3, True)


@pytest.fixture
def writer(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A system that may put in; then the USA has one officer, who may release, and who acts."""
    adding = {"to": ["JPN"], "topics": ["cyber"]}
    written = apis.add_consumer("typist", level="USA-S", topics=["cyber"], adding=adding)
    node = apis.nodes["USA"]
    node.officers = OfficerBook()
    token = node.officers.add("usa-release", ("release-officer",), at=Instant(node.now() - 1))
    call = apis.call
    monkeypatch.setattr(apis, "call", lambda *given, **named: call(*given, **{"token": token, **named}))
    yield written
    node.officers = OfficerBook()


def _put(apis: Apis, token: str, name: str) -> Any:
    headers = {"Accept": TAXII_MEDIA, "Content-Type": TAXII_MEDIA}
    (one,) = apis.call("GET", "/taxii2/comity/collections/", token=token, headers=headers).json()["collections"]
    content = json.dumps({"objects": [make_object(name, TLP_2["green"])]})
    path = f"/taxii2/comity/collections/{one['id']}/objects/"
    return apis.call("POST", path, token=token, headers=headers, content=content).json()


def test_what_a_system_put_in_is_looked_at_and_taken_or_refused(
    apis: Apis, writer: str, comity: Run, comity_json: Json, tmp_path: Path
) -> None:
    """Listed, saved, previewed, taken, refused; then nothing waits."""
    first, second = (_put(apis, writer, name)["id"] for name in ("put-one", "put-two"))
    status, out, _ = comity("import", "waiting", "--home", "USA")
    assert status == 0
    assert [word for word in (first[:8], second[:8], "typist", "JPN", "cyber") if word not in out] == []
    file = tmp_path / "seen.json"
    assert comity("import", "save", first[:8], file, "--home", "USA")[0] == 0
    assert "put-one" in file.read_text()
    status, out, _ = comity("import", "take", first[:8], "--preview", "--home", "USA")
    assert (status, "permit" in out, "Item" in out) == (0, True, False)
    status, out, _ = comity("import", "take", first[:8], "--home", "USA")
    assert (status, "given to USA, JPN" in out) == (0, True)
    status, out, _ = comity("import", "refuse", second[:8], "--home", "USA")
    assert (status, out) == (0, "Refused: 1 objects that typist put in.\n")
    assert comity("import", "waiting", "--home", "USA")[1] == "Nothing waits for an officer.\n"
    status, rows = comity_json("import", "waiting", "--all", "--home", "USA")
    assert {row["id"]: (row["state"], row["officer"]) for row in rows} == {
        first: ("taken", "usa-release"), second: ("refused", "usa-release")}  # fmt: skip
    status, _, err = comity("import", "take", first[:8], "--home", "USA")
    assert (status, "deposit.closed" in err) == (2, True)


def test_what_is_set_is_checked_against_the_pact(apis: Apis, comity: Run, comity_json: Json, tmp_path: Path) -> None:
    """The table in place, another before it is put there, and the consumers: by line and code, with the status."""
    assert comity("consumer", "check", "--home", "JPN")[:2] == (0, "Consumers and tables fit the pact in force.\n")
    table = apis.misp_table_path("JPN")
    table.write_text("[[distribution]]\nvalue = 1\nparties = ['FRA']\n")
    status, out, _ = comity("consumer", "check", "--home", "JPN")
    assert (status, "misp.toml:1: distribution 1: " in out, "(FRA) [misp.table-party]" in out) == (1, True, True)
    status, found = comity_json("consumer", "check", "--home", "JPN")
    assert (status, [row["code"] for row in found]) == (1, ["misp.table-party"])
    other = tmp_path / "other.toml"
    other.write_text("[[distribution]]\nvalue = 1\nparties = ['USA']\n")
    assert comity("consumer", "check", other, "--home", "JPN")[0] == 0
    table.unlink()
