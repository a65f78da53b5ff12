"""Officers at a running node, as typed: each under the token in his home, two who release, who read, who guesses."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from comity.base.instants import HOUR_MS, Instant, format_iso
from comity.cli import asking
from comity.cli.asking import AS_VARIABLE, TOKEN_VARIABLE, Client, find_realm_path
from comity.node.officers import OFFICERS_FILE, OfficerBook
from kit.api import TOKEN, Apis
from kit.command import Json, Run
from kit.nodes import Nodes, accept_all, make_homes

ROLES = {"usa-w": "watch-officer", "usa-a": "national-security-adviser", "usa-aud": "auditor",
         "usa-r": "release-officer", "usa-d": "director"}  # fmt: skip
CALL = ("consult", "call", "--kind", "other", "--at-level", "leaders", "--threatened", "USA")
SECRET = ("item", "share", "--to", "JPN", "--level", "USA-TS", "--topic", "dprk-missile", "--text", "for two")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the homes are."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(scope="module")
def apis(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apis]:
    """Three nodes under a pact that asks for officers; those of the USA lie in its home."""
    accepted = accept_all(make_homes(root), has_offices=True)
    with Apis(Nodes(accepted, tmp_path_factory.mktemp("stores"))) as opened:
        path = find_realm_path(root / "USA", "")
        (path / "token").write_text(TOKEN)
        opened.nodes["USA"].officers = OfficerBook(path / OFFICERS_FILE)
        yield opened


@pytest.fixture
def home(apis: Apis, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """USA's home, whose node the commands reach without a socket, each with the token that it finds there."""

    def reach(client: Client, at: Path, realm: str) -> None:
        token = asking._find_token(find_realm_path(at, realm))

        def request(method: str, path: str, **given: Any) -> Any:
            return apis.call(method, path, party=at.name, token=token, **given)

        client._http = SimpleNamespace(request=request)  # type: ignore[assignment]

    monkeypatch.setattr(Client, "__init__", reach)
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    monkeypatch.delenv(AS_VARIABLE, raising=False)
    return root / "USA"


@pytest.fixture
def officers(comity_json: Json, home: Path) -> Iterator[None]:
    """An officer in each role, whose token was left in the home."""
    for name, role in ROLES.items():
        status, made = comity_json("officer", "add", name, "--role", role, "--keep-token", "--home", home)
        assert status == 0, made
    yield
    (find_realm_path(home, "") / OFFICERS_FILE).unlink()


def _by(home: Path, name: str) -> tuple[object, ...]:
    return ("--home", home, "--as", name)


def _list(comity_json: Json, home: Path) -> Any:
    status, rows = comity_json("approve", "list", *_by(home, "usa-aud"))
    assert status == 0
    return rows


def _acted(comity_json: Json, home: Path, id_: str) -> list[str]:
    rows = comity_json("timeline", *_by(home, "usa-aud"))[1]
    return [one["officer"] for row in rows if row["id"] == id_ for one in row["acted_by"]]


@pytest.mark.usefixtures("officers")
def test_two_tokens_release_what_one_may_not(apis: Apis, comity: Run, comity_json: Json, home: Path) -> None:
    """The first is told which act waits, another sees exactly that, gives it, and the reader opens the item."""
    status, out, err = comity(*SECRET, *_by(home, "usa-r"))
    assert (status, out) == (2, "")
    assert "approval.awaited" in err
    (held,) = _list(comity_json, home)
    assert held["digest"] in err
    status, out, _ = comity("approve", "list", *_by(home, "usa-d"))
    assert status == 0
    assert held["digest"] in out
    assert "usa-r" in out
    assert "policy.two.release" in out
    assert "ItemShared" in out
    assert "for two" not in out
    beginning = held["digest"][:8]
    for name, code in (("usa-r", "approval.same-officer"), ("usa-aud", "officer.wrong-role")):
        status, _, err = comity("approve", "give", beginning, *_by(home, name))
        assert (status, code in err) == (2, True), err
    status, _, err = comity("approve", "give", beginning, "--home", home)
    assert (status, "officer.uncovered" in err) == (2, True), err
    status, given = comity_json("approve", "give", beginning, *_by(home, "usa-d"))
    assert status == 0, given
    assert _acted(comity_json, home, given["ids"][0]) == ["usa-d", "usa-r"]
    assert _list(comity_json, home) == []
    item = held["entries"][0]["says"]["item"]
    apis.wait_for_item(item, "JPN")
    assert apis.get(f"/v1/items/{item}", party="JPN")["portions"][0]["text"] == "for two"
    status, _, err = comity("approve", "give", beginning, *_by(home, "usa-d"))
    assert (status, "approval.none" in err) == (2, True), err


@pytest.mark.usefixtures("officers")
def test_what_is_refused_is_not_stated(comity: Run, comity_json: Json, home: Path) -> None:
    """By whoever could approve it; then nothing waits, which the list says in words."""
    before = comity_json("consult", "show", *_by(home, "usa-w"))[1]
    assert comity(*CALL, *_by(home, "usa-w"))[0] == 2
    (held,) = _list(comity_json, home)
    status, _, err = comity("approve", "refuse", held["digest"], *_by(home, "usa-aud"))
    assert (status, "officer.wrong-role" in err) == (2, True), err
    status, out, _ = comity("approve", "refuse", held["digest"], *_by(home, "usa-a"))
    assert (status, held["digest"][:16] in out) == (0, True)
    status, out, _ = comity("approve", "list", *_by(home, "usa-w"))
    assert (status, "Nothing waits" in out) == (0, True)
    assert len(comity_json("consult", "show", *_by(home, "usa-w"))[1]) == len(before)


@pytest.mark.usefixtures("officers")
def test_an_act_is_delegated_used_and_over(
    apis: Apis, comity: Run, comity_json: Json, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends at its end, and with its giver; until then the record names the role whose power was used."""
    status, called = comity_json("consult", "call", "--kind", "other", "--threatened", "USA", *_by(home, "usa-w"))
    assert status == 0, called
    position = ("consult", "position", "support", "--consultation", called["ids"][0], *_by(home, "usa-aud"))
    assert "officer.wrong-role" in comity(*position)[2]
    node = apis.nodes["USA"]
    until_at = Instant(node.now() + HOUR_MS)
    words = ("officer", "delegate", "usa-a", "usa-aud", "position", "--role", "national-security-adviser")
    status, row = comity_json(*words, "--until", format_iso(until_at), "--home", home)
    assert (status, row["taker"], row["act"]) == (0, "usa-aud", "position"), row
    assert "usa-a (national-security-adviser) to usa-aud" in comity("officer", "list", "--home", home)[1]
    status, said = comity_json(*position)
    assert status == 0, said
    rows = comity_json("timeline", *_by(home, "usa-w"))[1]
    (acted,) = next(row["acted_by"] for row in rows if row["id"] == said["ids"][0])
    assert (acted["footing"], acted["stands_for"]) == ("delegation", ["national-security-adviser"])
    clock = node._clock
    monkeypatch.setattr(node, "_clock", lambda: clock() + HOUR_MS)
    assert "officer.wrong-role" in comity(*position)[2]
    monkeypatch.setattr(node, "_clock", clock)
    assert comity(*position)[0] == 0
    assert comity("officer", "revoke", "usa-a", "--home", home)[0] == 0
    assert "officer.wrong-role" in comity(*position)[2]


@pytest.mark.usefixtures("officers")
def test_who_read_what_is_for_those_who_inspect(comity: Run, comity_json: Json, home: Path) -> None:
    """Of one item or of all; nothing is noted of what is not marked above the pact's rank."""
    secret, plain = ("--level", "USA-S", "--text", "Track 7"), ("--text", "All can know")
    ids = []
    for words in (secret, plain):
        status, made = comity_json(
            "item", "share", "--to", "JPN", "--topic", "dprk-missile", *words, *_by(home, "usa-r")
        )
        assert status == 0, made
        ids.append(made["ids"][0])
    for id_ in ids:
        assert comity("item", "read", id_, *_by(home, "usa-w"))[0] == 0
    status, rows = comity_json("reads", ids[0], *_by(home, "usa-aud"))
    assert status == 0
    assert [(row["reader"], row["role"], row["item"]) for row in rows] == [("usa-w", "watch-officer", ids[0])]
    assert comity_json("reads", ids[1], *_by(home, "usa-aud"))[1] == []
    assert rows[0] in comity_json("reads", *_by(home, "usa-aud"))[1]
    status, out, _ = comity("reads", *_by(home, "usa-aud"))
    assert (status, "usa-w" in out, ids[0][:16] in out, ids[1][:16] in out) == (0, True, True, False)
    status, _, err = comity("reads", *_by(home, "usa-w"))
    assert (status, "officer.wrong-role" in err) == (2, True), err


@pytest.mark.usefixtures("officers")
def test_whoever_guesses_is_told_to_wait_and_the_right_token_works(
    comity: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong ones are one answer until they are too many; the officer whose name was guessed at is let in."""
    monkeypatch.setenv(TOKEN_VARIABLE, "usa-w." + "x" * 43)
    for _ in range(90):  # a minute may end in between
        status, _, err = comity("status", "--home", home)
        assert status != 0
        if "api.no-access" not in err:
            break
    assert "api.too-often" in err
    monkeypatch.delenv(TOKEN_VARIABLE)
    assert comity("status", *_by(home, "usa-w"))[0] == 0
    status, _, err = comity("status", *_by(home, "usa-x"))
    assert (status, "officer.no-token" in err) == (2, True), err


@pytest.mark.usefixtures("officers")
def test_who_acts_need_not_say_so(comity: Run, comity_json: Json, home: Path) -> None:
    """The pseudonym of an acknowledgement is that of the token; another one is refused."""
    status, called = comity_json("consult", "call", "--kind", "other", "--threatened", "USA", *_by(home, "usa-w"))
    assert status == 0, called
    words = ("consult", "ack", "--consultation", called["ids"][0], *_by(home, "usa-w"))
    assert "officer.other-name" in comity(*words, "--officer", "usa-9")[2]
    status, said = comity_json(*words)
    assert status == 0, said
