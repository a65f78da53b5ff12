"""Officers at a node's API: whose token a request bears, what each may do, and what takes two (ADR 0038 to 0040)."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from comity.api import officer_door
from comity.api.officer_door import WRONG_COUNT_MAX, OfficerDoor
from comity.base.errors import UsageError
from comity.base.instants import HOUR_MS, Instant
from comity.exchange.own_marking import OwnMarking, make_own_definition
from comity.node.approvals import HELD_COUNT_MAX, HELD_COUNT_OF_ONE_MAX, HELD_MS, Approvals
from comity.node.officers import Delegated, OfficerBook, Shift
from comity.pact.offices import Act
from comity.procedure.officer import ActedBy
from kit.api import TOKEN, Apis
from kit.nodes import REALM
from kit.stix import TLP_2, bundle, make_object

CALL: dict[str, object] = {
    "type": "ConsultationCalled", "commitment": "C1", "level": "advisers", "kind": "other", "threats": [],
    "threatened": ["JPN", "KOR", "USA"],
}  # fmt: skip
LEADERS = {**CALL, "level": "leaders"}
RECALLED = {"type": "AgreementStateStated", "agreement": "usa-jpn-2007", "state": "suspended", "effective_at": 1,
            "reason": "unstated", "notice_ends_at": []}  # fmt: skip
ALL = ["JPN", "KOR", "USA"]


@pytest.fixture(scope="module")
def apis(apis_with_offices: Apis) -> Apis:
    """Three nodes under a pact that asks for officers."""
    return apis_with_offices


@pytest.fixture
def tokens(apis: Apis) -> Iterator[dict[str, str]]:
    """Officers of the USA, with their tokens; gone after the test."""
    node = apis.nodes["USA"]
    book, at = OfficerBook(), Instant(node.now() - 1)
    roles = {"watch": "watch-officer", "adviser": "national-security-adviser", "auditor": "auditor",
             "admin": "administrator"}  # fmt: skip
    found = {name: book.add(f"usa-{name}", (role,), at=at) for name, role in roles.items()}
    node.officers = book
    yield found
    node.officers, node.approvals = OfficerBook(), Approvals()


def _state(apis: Apis, token: str | None, *statements: dict[str, object]) -> httpx.Response:
    return apis.call("POST", "/v1/statements", token=token, json={"to": ALL, "statements": list(statements)})


def _code(response: httpx.Response) -> str:
    return str(response.json()["code"])


def _acted(apis: Apis, id_: str) -> Any:
    return apis.get(f"/v1/timeline/{id_}")["acted_by"]


def test_a_node_without_officers_speaks_by_its_operator(apis: Apis) -> None:
    """One command sets it up: whoever holds the realm's token acts in every office, by a name of his own."""
    response = _state(apis, TOKEN, CALL)
    assert response.status_code == 201, response.text
    acted = _acted(apis, response.json()["ids"][0])
    assert acted == [{"officer": "usa-operator", "role": "watch-officer", "footing": "office", "stands_for": []}]
    assert _code(_state(apis, TOKEN, LEADERS)) == "officer.too-few"


def test_the_officer_of_a_request_is_named_on_the_record(apis: Apis, tokens: dict[str, str]) -> None:
    """By the token alone: nobody has to say who he is, and the realm's token speaks for nobody any more."""
    response = _state(apis, tokens["watch"], CALL)
    assert response.status_code == 201, response.text
    (acted,) = _acted(apis, response.json()["ids"][0])
    assert (acted["officer"], acted["role"]) == ("usa-watch", "watch-officer")
    assert _code(_state(apis, TOKEN, CALL)) == "officer.uncovered"
    assert apis.get("/v1/status")["beyond_power"] == []


@pytest.mark.parametrize("who", ["auditor", "admin"])
def test_another_office_may_look_and_not_speak(apis: Apis, tokens: dict[str, str], who: str) -> None:
    """It is refused with the clause that says who may."""
    assert apis.call("GET", "/v1/status", token=tokens[who]).status_code == 200
    response = _state(apis, tokens[who], CALL)
    assert (response.status_code, _code(response)) == (403, "officer.wrong-role")
    assert response.json()["details"]["clause"] == "policy.may.confer"


def test_what_is_no_token_opens_nothing(apis: Apis, tokens: dict[str, str]) -> None:
    """A wrong secret, a name that nobody has, half a token, none: one answer."""
    name, _, secret = tokens["watch"].partition(".")
    for token in (f"{name}.{secret[:-1]}x", f"nobody.{secret}", name, f"{name}.", f".{secret}", "", "ü." + secret):
        response = apis.call("GET", "/v1/status", token=None, headers={"Authorization": f"Bearer {token}".encode()})
        assert (response.status_code, _code(response)) == (401, "api.no-access"), token


def test_a_revoked_or_expired_officer_is_nobody(apis: Apis, tokens: dict[str, str]) -> None:
    """At the next request, though the token was right a moment ago; a new token ends the old one too."""
    node = apis.nodes["USA"]
    assert apis.call("GET", "/v1/status", token=tokens["watch"]).status_code == 200
    new = node.officers.renew("usa-watch")
    assert apis.call("GET", "/v1/status", token=tokens["watch"]).status_code == 401
    assert apis.call("GET", "/v1/status", token=new).status_code == 200
    node.officers.revoke("usa-watch", at=node.now())
    assert apis.call("GET", "/v1/status", token=new).status_code == 401
    brief = node.officers.add("usa-brief", ("watch-officer",), at=Instant(1), until_at=2)
    assert apis.call("GET", "/v1/status", token=brief).status_code == 401


class Connection:
    """Where a request comes from."""

    client = SimpleNamespace(host="192.0.2.1")


def test_nobody_locks_an_officer_out() -> None:
    """Wrong tokens are soon not looked at; the right one is, also if never seen before; later all are."""
    now, book = [0.0], OfficerBook()
    token = book.add("usa-watch", ("watch-officer",), at=Instant(1)).encode()
    node = SimpleNamespace(officers=book, now=lambda: 2)
    door = OfficerDoor(SimpleNamespace(node=node), clock=lambda: now[0])  # type: ignore[arg-type]

    async def play() -> None:
        for number in range(WRONG_COUNT_MAX):
            assert await door.find(Connection(), b"usa-watch.%d" % number) is None  # type: ignore[arg-type]
        with pytest.raises(UsageError, match="too-often") as refused:
            await door.find(Connection(), b"usa-watch.again")  # type: ignore[arg-type]
        assert 0 < int(str(refused.value.details["window_s"])) <= 60
        assert refused.value.row.http_status == 429
        assert await door.find(Connection(), token) == "usa-watch"  # type: ignore[arg-type]
        now[0] = 60.0
        assert await door.find(Connection(), b"usa-watch.again") is None  # type: ignore[arg-type]

    asyncio.run(play())


def test_a_crowd_of_guesses_gets_no_more_checks_than_a_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that came before the first was found wrong are not looked at either."""
    checks: list[bytes] = []

    def verify(secret: bytes, _kept: str) -> bool:
        checks.append(secret)
        return False

    monkeypatch.setattr(officer_door, "_verify", verify)
    book = OfficerBook()
    book.add("usa-watch", ("watch-officer",), at=Instant(1))
    node = SimpleNamespace(officers=book, now=lambda: 2)
    door = OfficerDoor(SimpleNamespace(node=node), clock=lambda: 0.0)  # type: ignore[arg-type]

    async def crowd() -> None:
        asked = (door.find(Connection(), b"usa-watch.guess") for _ in range(4 * WRONG_COUNT_MAX))  # type: ignore[arg-type]
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(one is None for one in found) == len(checks)
        assert len(checks) < WRONG_COUNT_MAX + officer_door.CHECKS_AT_ONCE

    asyncio.run(crowd())


def test_requests_of_one_officer_are_limited_by_themselves(apis: Apis) -> None:
    """Past the limit that officer waits, whoever else goes on, and a minute later so does he."""
    now = [0.0]
    door = OfficerDoor(apis, clock=lambda: now[0])  # type: ignore[arg-type]
    door._requests._count_max = 2
    for who in ("a", "a", "b"):
        door.count(Connection(), who)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="too-often"):
        door.count(Connection(), "a")  # type: ignore[arg-type]
    now[0] = 61.0
    door.count(Connection(), "a")  # type: ignore[arg-type]


def test_what_takes_two_waits_for_the_second(apis: Apis, tokens: dict[str, str]) -> None:
    """The act is held, shown with its digest, and stated exactly so, by both; the same officer is no second."""
    asked = _state(apis, tokens["watch"], LEADERS)
    assert (asked.status_code, _code(asked)) == (409, "approval.awaited")
    digest = asked.json()["details"]["digest"]
    (held,) = apis.get("/v1/approvals")
    assert (held["digest"], held["officers"], held["clause"]) == (digest, ["usa-watch"], "policy.two.call")
    path = f"/v1/approvals/{digest}/give"
    assert _code(apis.call("POST", path, token=tokens["watch"], json={})) == "approval.same-officer"
    assert _code(apis.call("POST", path, token=tokens["auditor"], json={})) == "officer.wrong-role"
    assert _code(apis.call("POST", path, token=TOKEN, json={})) == "officer.uncovered"
    given = apis.call("POST", path, token=tokens["adviser"], json={})
    assert given.status_code == 201, given.text
    names = [one["officer"] for one in _acted(apis, given.json()["ids"][0])]
    assert names == ["usa-adviser", "usa-watch"]
    assert apis.get("/v1/approvals") == []
    assert _code(apis.call("POST", path, token=tokens["adviser"], json={})) == "approval.none"


def _add_releasers(apis: Apis) -> tuple[str, str]:
    """Add two officers who may release together; the agreement by which they do is in force, whatever was tried."""
    book, at = apis.nodes["USA"].officers, Instant(apis.nodes["USA"].now() - 1)
    first, second = (book.add(f"usa-{role}", (role,), at=at) for role in ("release-officer", "director"))
    assert _state(apis, first, {**RECALLED, "state": "in-force", "reason": "resumed"}).status_code == 201
    return first, second


@pytest.mark.usefixtures("tokens")
def test_an_item_that_two_release_is_there_to_be_read(apis: Apis) -> None:
    """What was sealed for the first officer is what the second one gives: its reader can open it."""
    first, second = _add_releasers(apis)
    marking = {"level": "USA-TS", "topics": ["dprk-missile"], "caveats": []}
    wish = {"to": ["JPN"], "portions": [{"marking": marking, "language": "en", "text": "for two"}]}
    asked = apis.call("POST", "/v1/items", token=first, json=wish)
    assert (asked.status_code, _code(asked)) == (409, "approval.awaited"), asked.text
    (held,) = apis.get("/v1/approvals")
    item = held["entries"][0]["says"]["item"]
    given = apis.call("POST", f"/v1/approvals/{held['digest']}/give", token=second, json={})
    assert given.status_code == 201, given.text
    apis.wait_for_item(item, "JPN")
    assert apis.get(f"/v1/items/{item}", party="JPN")["portions"][0]["text"] == "for two"


@pytest.mark.usefixtures("tokens")
def test_what_waits_of_a_draft_or_an_import_stops_no_other_item(apis: Apis) -> None:
    """One officer's part goes at once, what takes two is named with its act, and then goes as well."""
    first, second = _add_releasers(apis)
    high, low = ({"level": level, "topics": ["dprk-missile"], "caveats": caveats}
                 for level, caveats in (("USA-TS", ["REL TO JPN, USA"]), ("USA-S", ["REL TO KOR, USA"])))  # fmt: skip
    portions = [{"marking": marking, "language": "en", "text": marking["level"]} for marking in (high, low)]
    found = apis.call("POST", "/v1/items/compose", token=first, json={"to": ["JPN", "KOR"], "portions": portions})
    assert found.status_code == 201, found.text
    waits = {row["to"][0]: bool(row["awaits"]) for row in found.json()["items"]}
    assert waits == {"JPN": True, "KOR": False}
    marked = OwnMarking(lineage=apis.nodes["USA"].machine.setup.pins.lineage.hex(), realm=REALM, originator="USA",
                        scheme="USA", level="USA-TS", topics=("cyber",), caveats=())  # fmt: skip
    objects = [make_own_definition(marked), make_object("high"), make_object("low", TLP_2["clear"])]
    objects[1]["object_marking_refs"] = [objects[0]["id"]]
    done = apis.call("POST", "/v1/import/stix", token=first, content=bundle(*objects),
                     params={"to": ["JPN"], "topic": ["cyber"]}).json()  # fmt: skip
    assert {row["marking"]["level"]: bool(row["awaits"]) for row in done["items"]} == {"USA-TS": True, "USA-U": False}
    acts = [row["awaits"] for row in (*found.json()["items"], *done["items"]) if row["awaits"]]
    assert {row["digest"] for row in apis.get("/v1/approvals")} == set(acts)
    for digest in acts:
        assert apis.call("POST", f"/v1/approvals/{digest}/give", token=second, json={}).status_code == 201


def test_what_is_refused_is_not_stated(apis: Apis, tokens: dict[str, str]) -> None:
    """It waits no more, and nothing of it is on the record."""
    digest = _state(apis, tokens["watch"], LEADERS).json()["details"]["digest"]
    count = len(apis.nodes["USA"].machine.statements.all)
    assert apis.call("POST", f"/v1/approvals/{digest}/refuse", token=tokens["adviser"], json={}).status_code == 200
    assert apis.get("/v1/approvals") == []
    assert len(apis.nodes["USA"].machine.statements.all) == count


def test_what_waits_ends_and_is_bounded(apis: Apis, tokens: dict[str, str]) -> None:
    """After an hour nobody can approve it; the same act is held once; no officer takes the room of another."""
    node = apis.nodes["USA"]
    for _ in range(3):
        assert _code(_state(apis, tokens["watch"], LEADERS)) == "approval.awaited"
    assert len(node.approvals.list(node.now())) == 1
    assert node.approvals.list(Instant(node.now() + HELD_MS)) == ()
    for number in range(HELD_COUNT_OF_ONE_MAX):
        _state(apis, tokens["watch"], {**LEADERS, "threatened": [f"X{number:03}"]})
    full = _state(apis, tokens["watch"], {**LEADERS, "threatened": ["Y"]})
    assert (full.status_code, _code(full)) == (409, "approval.too-many-of-one")
    assert _code(_state(apis, tokens["watch"], LEADERS)) == "approval.awaited"  # what is held already takes no room
    crew = [node.officers.add(f"usa-{number}", ("watch-officer",), at=Instant(1)) for number in range(4)]
    for number in range(HELD_COUNT_MAX - HELD_COUNT_OF_ONE_MAX):
        asked = _state(apis, crew[number // HELD_COUNT_OF_ONE_MAX], {**LEADERS, "threatened": [f"Z{number:03}"]})
        assert _code(asked) == "approval.awaited"
    assert _code(_state(apis, crew[3], {**LEADERS, "threatened": ["Y"]})) == "approval.too-many"


def test_a_deputy_acts_once_the_office_is_vacant(apis: Apis, tokens: dict[str, str]) -> None:
    """A watch officer states for the director only when none has been on duty for a quarter of an hour."""
    node = apis.nodes["USA"]
    node.officers.add("usa-director", ("director",), at=Instant(node.now() - 1))
    assert _code(_state(apis, tokens["watch"], RECALLED)) == "officer.wrong-role"
    now, book = node.now(), node.officers.read()
    ended = Shift("usa-director", "director", now - 9 * HOUR_MS, now - HOUR_MS // 6)
    node.officers.change(lambda _: type(book)(officers=book.officers, shifts=(ended,)))
    assert _code(_state(apis, tokens["watch"], RECALLED)) == "officer.wrong-role"
    long_ago = Shift("usa-director", "director", now - 9 * HOUR_MS, now - HOUR_MS)
    node.officers.change(lambda _: type(book)(officers=book.officers, shifts=(long_ago,)))
    response = _state(apis, tokens["watch"], RECALLED)
    assert response.status_code == 201, response.text
    (acted,) = _acted(apis, response.json()["ids"][0])
    assert acted["footing"] == "deputy"
    assert acted["stands_for"] == ["director"]
    serving = Shift("usa-director", "director", now - HOUR_MS, now + HOUR_MS)
    node.officers.change(lambda _: type(book)(officers=book.officers, shifts=(long_ago, serving)))
    assert _code(_state(apis, tokens["watch"], RECALLED)) == "officer.wrong-role"


def test_a_delegation_is_of_one_act_and_ends(apis: Apis, tokens: dict[str, str]) -> None:
    """What was handed over can be done, nothing else of the role, and nothing after."""
    node = apis.nodes["USA"]
    book, now = node.officers.read(), node.now()
    position = {"type": "PositionStated", "consultation": "00" * 32, "subject": "00" * 32, "position": "support",
                "confirm_by_at": 0}  # fmt: skip
    given = Delegated("usa-adviser", "usa-auditor", "national-security-adviser", Act.POSITION, now + HOUR_MS)
    node.officers.change(lambda _: type(book)(officers=book.officers, delegated=(given,)))
    response = _state(apis, tokens["auditor"], position)
    assert response.status_code == 201, response.text
    (acted,) = _acted(apis, response.json()["ids"][0])
    assert (acted["role"], acted["footing"], acted["stands_for"]) == (
        "auditor", "delegation", ["national-security-adviser"],
    )  # fmt: skip
    assert _code(_state(apis, tokens["auditor"], CALL)) == "officer.wrong-role"
    over = Delegated("usa-adviser", "usa-auditor", "national-security-adviser", Act.POSITION, now - 1)
    node.officers.change(lambda _: type(book)(officers=book.officers, delegated=(over,)))
    assert _code(_state(apis, tokens["auditor"], position)) == "officer.wrong-role"


@pytest.mark.parametrize("path", ["/v1/items/destroy", "/v1/recalls/answer", "/v1/consumers"])
def test_what_is_no_statement_takes_an_office_too(apis: Apis, tokens: dict[str, str], path: str) -> None:
    """Copies are not destroyed, and no system let in, by whoever may only look; the realm's token administers."""
    refused = apis.call("POST", path, token=tokens["auditor"], json={})
    assert (refused.status_code, _code(refused)) == (403, "officer.wrong-role")
    assert _code(apis.call("POST", path, token=TOKEN, json={})) == "api.malformed"


def test_no_honest_node_found_fault(apis: Apis, tokens: dict[str, str]) -> None:
    """All that was let through here was in somebody's power, at every reader."""
    assert _state(apis, tokens["watch"], CALL).status_code == 201
    assert apis.nodes["USA"].machine.statements.find(ActedBy)
    for party in ALL:
        assert apis.nodes[party].machine.offices.all == ()
