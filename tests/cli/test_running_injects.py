"""`comity exercise run` where its node is away, a door refuses, or words were spoken by hand before."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from comity.base.errors import OutageError, UsageError
from comity.cli import giving, inject_doors
from comity.cli.giving import Runner
from comity.cli.inject_doors import Doors, find_given
from comity.exercise.msel import Cell, CellKind, Inject, Method, Msel
from comity.pact.offices import Act
from comity.pact.terms import Words

ID = "ab" * 32
GIVEN_AT = 1_000
DOORS = Doors(Path("home"), "", None, "", "", ("public-message",), {"red": b"\x07" * 32})
CONTROL = Cell(id="control", kind=CellKind.WHITE, title=Words(en="Control"))
RED = Cell(id="red", kind=CellKind.RED, title=Words(en="Red"))


def make_inject(method: Method, *, from_: str = "control", **more: Any) -> Inject:
    """An inject for Korea."""
    return Inject(number="1", at="0:01", from_=from_, to=("KOR",), method=method, text=Words(en="A launch."), **more)


def fire(officer: str, fate: str, at: int, party: str = "JPN") -> dict[str, Any]:
    """An act of control that gives the inject."""
    entry = {"type": "InjectFired", "number": "1", "officer": officer}
    stated = {"id": officer, "author": party, "written_at": at, "entry": entry}
    return {"stated": stated, "fate": fate, "time_ms": 60_000}


class Node:
    """A node of Japan's: one exercise with one inject that was given, and what was stated and put in."""

    def __init__(self) -> None:
        self.acts = [fire("ctl-0", "already", 900), fire("ctl-1", "counts", GIVEN_AT)]
        self.stated: list[dict[str, Any]] = []
        self.said: list[dict[str, Any]] = []
        self.put: list[str] = []
        self.deposits: dict[str, bytes] = {}
        self.refuses: dict[str, str] = {}
        self.away_count = 0
        self.status = "running"

    def get(self, path: str) -> Any:
        """A view."""
        if self.away_count:
            self.away_count -= 1
            raise OutageError("api.unreachable")
        if path == "/v1/status":
            return {"realm": "exercise/spring"}
        if path.endswith("/deeds"):
            return []
        fired = [{"number": "1", "stated_by": one["stated"]["id"], "time_ms": 60_000}
                 for one in self.acts if one["fate"] == "counts"]  # fmt: skip
        return [{"id": ID, "role": "exercise-controller", "audience": ["JPN", "KOR", "USA"], "status": self.status,
                 "controllers": ["JPN"], "time_ms": 120_000, "fired": fired, "skipped": [], "shifts": [],
                 "acts": self.acts}]  # fmt: skip

    def _do(self, what: str) -> None:
        if what in self.refuses:
            raise UsageError(self.refuses[what], act="release", role="")
        self.put.append(what)

    def state(self, to: tuple[str, ...], *statements: dict[str, Any], key: str = "") -> list[str]:
        """Statements."""
        assert key
        for one in statements:
            self.stated.append({**one, "to": to})
            if one["type"] == "InjectTold":
                self.hear("InjectTold", at=GIVEN_AT)
        return []

    def speak(self, exercise: str, seat: str, **given: Any) -> list[str]:
        """Words of a seat."""
        assert (exercise, seat) == (ID, "red")
        self.hear("SeatSpoke", at=GIVEN_AT + 50, said_at=given["said_at"])
        return []

    def hear(self, type_: str, *, at: int, to: tuple[str, ...] = ("JPN", "KOR"), **entry: Any) -> None:
        """Put role-play of Japan's on the record."""
        stated = {"author": "JPN", "audience": list(to), "written_at": at, "entry": {"type": type_, **entry}}
        self.said.append({"number": "1", "stated": stated})

    def list_role_play(self, _: str) -> list[dict[str, Any]]:
        """Role-play on the record."""
        return self.said

    def take_alert(self, *_: object, **__: object) -> None:
        """The door of alerts."""
        self._do("cap")

    def list_deposits(self) -> list[dict[str, Any]]:
        """What waits."""
        return [{"id": id_, "state": "waiting", "size_bytes": len(raw)} for id_, raw in self.deposits.items()]

    def read_deposit(self, id_: str) -> bytes:
        """What came."""
        return self.deposits[id_]

    def take_deposit(self, id_: str, *, key: str) -> None:
        """The door of what waits."""
        assert key
        self._do(f"take {id_}")

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    """A node; a program that looks for it finds it, and no time passes."""
    made = Node()
    monkeypatch.setattr(giving, "Desk", lambda *_: make_desk(made))
    monkeypatch.setattr(time, "sleep", lambda _: None)
    return made


def make_desk(node: Node) -> Any:
    """A desk at it."""
    marked = {"marking": {"originator": "JPN", "scheme": "JPN", "level": "JPN-OPEN", "topics": [], "caveats": []},
              "translations": [{"language": "en", "text": "A launch."}]}  # fmt: skip
    return SimpleNamespace(client=node, party="JPN", parties=["JPN", "KOR", "USA"], to=(),
                           marked=lambda *_: marked, now=lambda: GIVEN_AT + 50)  # fmt: skip


def start(node: Node, inject: Inject, doors: Doors = DOORS) -> Runner:
    """A program for one inject."""
    msel = Msel(id="m", title=Words(en="m"), cells=(CONTROL, RED), injects=(inject,))
    return Runner(make_desk(node), msel, doors, "", "ctl-1")


def test_a_node_that_is_started_again_is_waited_for(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    """With a warning; where the program looks once, it fails with the code."""
    runner = start(node, make_inject(Method.VOICE))
    node.away_count = 1
    with pytest.raises(OutageError):
        runner.go(every_s=0, is_once=True)
    node.away_count, node.status = 2, "ended"
    runner.go(every_s=0, is_once=False)
    assert capsys.readouterr().err.count("The node does not answer: api.unreachable") == 2
    assert [one["type"] for one in node.stated] == ["InjectTold"]


def test_what_a_door_refuses_is_for_a_person_and_the_players_get_the_text(
    node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said once, and the program does not try again."""
    node.refuses = {"cap": "officer.uncovered"}
    runner = start(node, make_inject(Method.CAP))
    for _ in range(2):
        runner.go(every_s=0, is_once=True)
    out, err = capsys.readouterr()
    assert err.count("Inject 1 did not go in: officer.uncovered") == 1
    assert out.count("is to be put in by hand; its text went to KOR") == 1
    assert [(one["type"], one["to"], one["officer"]) for one in node.stated] == [("InjectTold", ("KOR",), "ctl-1")]


def test_words_spoken_before_an_inject_was_given_or_to_others_do_not_deliver_it(node: Node) -> None:
    """Under its number, by hand; those said to its players afterwards do."""
    inject = make_inject(Method.VOICE, from_="red")
    node.hear("SeatSpoke", at=GIVEN_AT - 1, said_at=GIVEN_AT - 1)
    node.hear("SeatSpoke", at=GIVEN_AT + 1, said_at=GIVEN_AT + 1, to=("JPN", "USA"))
    for _ in range(2):
        start(node, inject).go(every_s=0, is_once=True)
    assert len(node.said) == 3
    node.said[2:] = []
    node.hear("SeatSpoke", at=GIVEN_AT + 1, said_at=GIVEN_AT + 1)
    start(node, inject).go(every_s=0, is_once=True)
    assert len(node.said) == 3


def test_the_act_that_counted_is_the_one_that_gave_an_inject(node: Node) -> None:
    """Not the first of its number."""
    assert find_given(node.get("/v1/exercises")[0], make_inject(Method.VOICE))["id"] == "ctl-1"


def test_what_waits_at_the_door_of_taxii_is_taken_and_not_put_in_again(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that was broken off between the two goes on with what waits; other bytes are left alone."""
    posted: list[bytes] = []

    def post(_: Doors, raw: bytes) -> dict[str, Any]:
        posted.append(raw)
        node.deposits |= {"other": bytes(len(raw)), "d1": raw}
        return {"status": "pending", "id": "d1"}

    monkeypatch.setattr(inject_doors, "_post_envelope", post)
    doors = DOORS._replace(taxii_token="t")
    start(node, make_inject(Method.STIX), doors).go(every_s=0, is_once=True)
    assert (len(posted), node.put) == (1, ["take d1"])
    node.said.clear()
    start(node, make_inject(Method.STIX), doors).go(every_s=0, is_once=True)
    assert (len(posted), node.put) == (1, ["take d1", "take d1"])


@pytest.mark.parametrize(("act", "by", "put"), [
    (Act.RELEASE, ("JPN",), []),
    (Act.RELEASE, ("KOR",), ["cap"]),
    (Act.MESSAGE, ("JPN",), ["cap"]),
    (None, (), ["cap"]),
])  # fmt: skip
def test_the_very_act_that_is_expected_of_controls_own_party_is_for_a_person(
    node: Node, act: Act | None, by: tuple[str, ...], put: list[str]
) -> None:
    """What the program puts in would be found as that deed."""
    start(node, make_inject(Method.CAP, act=act, by=by, within="0:05" if act else None)).go(every_s=0, is_once=True)
    assert (node.put, len(node.stated)) == (put, 1)
