"""`comity officer`, `comity roster` and the officers of a ceremony as typed, on a home whose node is stopped."""

import json
from pathlib import Path

import pytest

from comity.cli.asking import TOKEN_VARIABLE
from comity.node.officers import OFFICERS_FILE
from kit.command import Json, Run
from kit.nodes import REALM, AllAccepted, copy_homes

SOON, LATER, PAST = "2099-11-26T08:00", "2099-11-26T20:00", "2020-01-01T00:00"


@pytest.fixture
def home(accepted_with_offices: AllAccepted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """USA's home, which has accepted a pact that asks for officers and was never started."""
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    return copy_homes(accepted_with_offices, tmp_path) / "USA"


@pytest.fixture
def add(comity_json: Json, home: Path, tmp_path: Path) -> object:
    """Add an officer; return a file with the token."""

    def call(name: str, *roles: str) -> Path:
        given = [word for role in roles for word in ("--role", role)]
        status, made = comity_json("officer", "add", name, *given, "--home", home)
        assert status == 0, made
        path = tmp_path / f"{name}.txt"
        path.write_text(made["token"] + "\n")
        return path

    return call


def _find_realm(home: Path) -> Path:
    return home / "realms" / REALM.replace("/", "-")


def test_an_officer_is_added_listed_renewed_and_revoked(comity: Run, comity_json: Json, home: Path) -> None:
    """The token is shown once and kept nowhere unless asked; a revoked one stays in the list, and his name taken."""
    status, made = comity_json("officer", "add", "usa-1", "--role", "watch-officer", "--keep-token", "--home", home)
    assert (status, made["name"], made["token"].startswith("usa-1.")) == (0, "usa-1", True)
    kept = Path(made["file"])
    assert (kept.read_text(), kept.stat().st_mode & 0o777) == (made["token"], 0o600)
    assert made["token"].partition(".")[2] not in (_find_realm(home) / OFFICERS_FILE).read_text()
    status, renewed = comity_json("officer", "token", "usa-1", "--home", home)
    assert (status, renewed["file"], renewed["token"] != made["token"]) == (0, "", True)
    _, rows = comity_json("officer", "list", "--home", home)
    assert [(row["name"], row["roles"], "kept" in row) for row in rows["officers"]] == [
        ("usa-1", ["watch-officer"], False)
    ]
    assert comity("officer", "revoke", "usa-1", "--home", home)[0] == 0
    assert not kept.exists()
    _, rows = comity_json("officer", "list", "--home", home)
    assert rows["officers"][0]["revoked_at"] > 0
    status, _, err = comity("officer", "add", "usa-1", "--role", "watch-officer", "--home", home)
    assert (status, "officer.exists" in err) == (2, True)


def test_a_role_is_one_of_the_pact(comity: Run, home: Path) -> None:
    """The error names those that there are; nothing is written."""
    status, _, err = comity("officer", "add", "usa-1", "--role", "clerk", "--home", home)
    assert (status, "officer.no-role" in err, "watch-officer" in err) == (2, True, True)
    assert not (_find_realm(home) / OFFICERS_FILE).exists()


def test_an_act_is_handed_over_within_the_pact(comity: Run, comity_json: Json, home: Path, add: object) -> None:
    """By whoever holds the role, an act that the pact lets be handed over, for as long as it says."""
    add("usa-d", "director"), add("usa-w", "watch-officer")  # type: ignore[operator]
    words = ("officer", "delegate", "usa-d", "usa-w")
    for act, role, until, code in (
        ("position", "director", SOON, "officer.too-long"),
        ("position", "director", PAST, "officer.too-long"),
        ("leave", "director", SOON, "officer.not-delegated"),
        ("position", "principal", SOON, "officer.no-role"),
    ):
        status, _, err = comity(*words, act, "--role", role, "--until", until, "--home", home)
        assert (status, code in err) == (2, True), err
    assert comity_json("officer", "list", "--home", home)[1]["delegated"] == []


def test_a_roster_is_set_shown_and_handed_over(comity: Run, comity_json: Json, home: Path, add: object) -> None:
    """On the party's clocks; the rest of a shift that runs goes to another who holds the role."""
    for name in ("usa-d1", "usa-d2"):
        add(name, "director")  # type: ignore[operator]
    add("usa-w", "watch-officer")  # type: ignore[operator]
    assert comity("roster", "set", "usa-d1", "director", PAST, LATER, "--home", home)[0] == 0
    status, _, err = comity("roster", "set", "usa-w", "director", SOON, LATER, "--home", home)
    assert (status, "officer.no-role" in err) == (2, True)
    status, _, err = comity("roster", "set", "usa-d2", "director", LATER, SOON, "--home", home)
    assert (status, "officer.malformed" in err) == (2, True)
    status, _, err = comity("roster", "hand-over", "usa-d2", "usa-d1", "director", "--home", home)
    assert (status, "officer.not-on-duty" in err) == (2, True)
    _, before = comity_json("roster", "show", "--home", home)
    assert [(row["officer"], row["is_now"]) for row in before] == [("usa-d1", True)]
    assert comity("roster", "hand-over", "usa-d1", "usa-d2", "director", "--home", home)[0] == 0
    _, after = comity_json("roster", "show", "--home", home)
    assert [(row["officer"], row["is_now"], row["ends_at"]) for row in after] == [
        ("usa-d2", True, before[0]["ends_at"])
    ]
    _, out, _ = comity("roster", "show", "--home", home)
    assert "usa-d2" in out


@pytest.mark.parametrize("ceremony", [("key", "replace"), ("root", "succeed")])
def test_a_ceremony_takes_the_officers_of_the_pact(
    ceremony: tuple[str, str], comity: Run, comity_json: Json, home: Path, add: object
) -> None:
    """Two different officers in a role that may, by their tokens; until officers are added, nobody is asked for."""
    one, other = add("usa-a1", "administrator"), add("usa-a2", "director")  # type: ignore[operator]
    watch, wrong = add("usa-w", "watch-officer"), home / "wrong.txt"  # type: ignore[operator]
    wrong.write_text("usa-a2." + "x" * 43)
    before = (home / "root.vault").read_bytes()
    for files, code in (
        ((), "officer.too-few"),
        ((one,), "officer.too-few"),
        ((one, one), "officer.too-few"),
        ((one, watch), "officer.wrong-role"),
        ((one, wrong), "officer.no-access"),
    ):
        given = [word for file in files for word in ("--token-file", file)]
        status, _, err = comity(*ceremony, "--home", home, *given)
        assert (status, code in err) == (2, True), (files, err)
    assert (home / "root.vault").read_bytes() == before
    assert comity("officer", "revoke", "usa-a2", "--home", home)[0] == 0
    status, _, err = comity(*ceremony, "--home", home, "--token-file", one, "--token-file", other)
    assert (status, "officer.no-access" in err) == (2, True), err
    third = add("usa-a3", "administrator")  # type: ignore[operator]
    status, done = comity_json(*ceremony, "--home", home, "--token-file", one, "--token-file", third)
    assert status == 0, json.dumps(done)
