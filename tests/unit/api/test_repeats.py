"""A request under a key is done once: repeated, it is answered as it was, by whoever asked and by nobody else."""

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from comity.base.errors import OutageError
from comity.base.instants import DAY_MS, Instant
from comity.node import answer_rows
from comity.node.answer_rows import Answered, AnswerRows
from comity.node.approvals import Approvals
from comity.node.keyed import KEYED, Keyed
from comity.node.officers import OfficerBook
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.linked import ItemsLinked
from comity.procedure.sharing import GIVING, RecallRequested
from comity.procedure.stated import Stated
from comity.procedure.threat import ThreatKind, ThreatReported
from kit.api import TOKEN, Apis
from kit.stage import CALL

LEADERS = {**CALL, "level": "leaders"}
PUBLIC = {"level": "USA-U", "topics": ["public-message"], "caveats": []}
STATING = {"to": ["JPN", "KOR"], "statements": [CALL]}
DPRK = {"level": "USA-U", "topics": ["dprk-missile"], "caveats": []}
SHARING: dict[str, Any] = {"to": ["JPN"], "portions": [{"marking": PUBLIC, "text": "The strait is open."}]}


@pytest.fixture(scope="module")
def apis(apis_with_offices: Apis) -> Apis:
    """Three nodes under a pact that asks for officers."""
    return apis_with_offices


@pytest.fixture(scope="module")
def book(apis: Apis) -> tuple[OfficerBook, dict[str, str]]:
    """Officers of the USA, with their tokens."""
    made, at = OfficerBook(), Instant(apis.nodes["USA"].now() - 1)
    roles = {"release": "release-officer", "watch": "watch-officer", "adviser": "national-security-adviser",
             "second": "watch-officer", "director": "director"}  # fmt: skip
    return made, {name: made.add(f"usa-{name}", (role,), at=at) for name, role in roles.items()}


@pytest.fixture
def tokens(apis: Apis, book: tuple[OfficerBook, dict[str, str]]) -> Iterator[dict[str, str]]:
    """The officers serve as long as a test runs; nothing waits before it or after."""
    apis.nodes["USA"].officers, apis.nodes["USA"].approvals = book[0], Approvals()
    yield book[1]
    apis.nodes["USA"].officers, apis.nodes["USA"].approvals = OfficerBook(), Approvals()


def _post(apis: Apis, path: str, body: object, key: str, token: str) -> httpx.Response:
    return apis.call("POST", path, json=body, headers={"Idempotency-Key": key}, token=token)


def _draw() -> str:
    return uuid.uuid4().hex


def _restart(apis: Apis) -> None:
    """Stop the node and start it on the same store: memory is gone."""
    officers = apis.nodes["USA"].officers
    apis.run(apis.nodes.stop("USA"))
    apis.start("USA")
    apis.nodes["USA"].officers = officers


def _find(apis: Apis, *types: Any) -> list[Stated]:
    return [one for one in apis.nodes["USA"].machine.statements.find(*types) if one.author == "USA"]


def _check_same(first: httpx.Response, again: httpx.Response) -> None:
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The node ends between the act and its answer: what was said is stored, what was answered is not."""

    def fail(_: AnswerRows, __: Answered) -> None:
        raise OutageError("store.full")

    monkeypatch.setattr(AnswerRows, "put", fail)
    yield monkeypatch
    monkeypatch.undo()


def test_the_first_answer_is_given_again_after_a_new_start_too(apis: Apis, tokens: dict[str, str]) -> None:
    """Status and body, of a statement, of an item whose keys are drawn, of a token that is shown once, of a refusal."""
    withheld = {"to": ["XXX"], "statements": [CALL]}
    consumer = {"name": "wall", "party": "JPN", "formats": ["taxii"]}
    asked = [
        ("/v1/statements", STATING, tokens["watch"], 201),
        ("/v1/items", SHARING, tokens["release"], 201),
        ("/v1/items/compose", SHARING, tokens["release"], 201),
        ("/v1/consumers", consumer, TOKEN, 201),
        ("/v1/statements", withheld, tokens["watch"], 403),
        ("/v1/statements", {"to": []}, tokens["watch"], 400),
    ]
    keys = [_draw() for _ in asked]
    before = len(_find(apis, ConsultationCalled, *GIVING))
    firsts = [_post(apis, path, body, key, token) for (path, body, token, _), key in zip(asked, keys, strict=True)]
    assert [first.status_code for first in firsts] == [status for *_, status in asked]
    for _ in range(2):
        for (path, body, token, _), key, first in zip(asked, keys, firsts, strict=True):
            _check_same(first, _post(apis, path, body, key, token))
        _restart(apis)
    assert len(_find(apis, ConsultationCalled, *GIVING)) == before + 3


def test_a_key_is_for_one_request(apis: Apis, tokens: dict[str, str]) -> None:
    """Another body, another query or another path under it is refused, after a new start too."""
    key = _draw()
    assert _post(apis, "/v1/statements", STATING, key, tokens["watch"]).status_code == 201
    for _ in range(2):
        for path, body in (
            ("/v1/statements", {**STATING, "to": ["JPN"]}),
            ("/v1/statements?x=1", STATING),
            ("/v1/items", SHARING),
        ):
            assert _post(apis, path, body, key, tokens["watch"]).json()["code"] == "statement.key-taken"
        _restart(apis)


def test_a_key_is_its_officer_s_own(apis: Apis, tokens: dict[str, str]) -> None:
    """The same key of another officer is another key: he hears his own answer, and nothing of what was asked before."""
    key = _draw()
    ids = [_post(apis, "/v1/statements", STATING, key, tokens[name]).json()["ids"] for name in ("watch", "second")]
    assert ids[0] != ids[1]
    other = {**STATING, "to": ["KOR"]}
    assert _post(apis, "/v1/statements", other, key, TOKEN).json()["code"] != "statement.key-taken"


@pytest.mark.parametrize("key", ["", "short", "x" * 129, "with a blank in it", "un\x7fvisible-character"])
def test_a_key_that_is_none_is_refused(apis: Apis, key: str) -> None:
    """It has to be long enough to be drawn at random, and of visible characters."""
    assert _post(apis, "/v1/statements", STATING, key, TOKEN).json()["code"] == "api.key-malformed"


def test_two_at_once_are_one(apis: Apis, tokens: dict[str, str]) -> None:
    """The second is refused while the first is under way, and answered as it was when that is over."""
    key, before = _draw(), len(_find(apis, *GIVING))
    headers = {"Authorization": f"Bearer {tokens['release']}", "Idempotency-Key": key}

    async def ask() -> list[httpx.Response]:
        client = apis.find_client("USA")
        return await asyncio.gather(*(client.post("/v1/items", json=SHARING, headers=headers) for _ in range(4)))

    found = apis.run(ask())
    assert min(one.status_code for one in found) == 201
    assert {one.json()["code"] for one in found if one.status_code != 201} <= {"api.key-under-way"}
    assert _post(apis, "/v1/items", SHARING, key, tokens["release"]).status_code == 201
    assert len(_find(apis, *GIVING)) == before + 1


def test_what_was_done_before_the_node_stopped_is_not_done_again(
    apis: Apis, tokens: dict[str, str], lost: pytest.MonkeyPatch
) -> None:
    """A statement, an item and a recall: stored, and the answer lost with the node."""
    item = _post(apis, "/v1/items", SHARING, _draw(), tokens["release"]).json()["item"]
    recalled = {"item": item, "reason": "superseded", "answer_by_at": 2_000_000_000_000}
    apis.wait_for_item(item, "USA")
    types = (ConsultationCalled, RecallRequested, *GIVING)
    asked = [("/v1/statements", STATING, "watch"), ("/v1/items", SHARING, "release"),
             ("/v1/recalls", recalled, "release")]  # fmt: skip
    keys = [_draw() for _ in asked]
    firsts = [_post(apis, path, body, key, tokens[name]) for (path, body, name), key in zip(asked, keys, strict=True)]
    assert [one.status_code for one in firsts] == [201] * 3, [one.text for one in firsts]
    count = len(_find(apis, *types))
    lost.undo()
    _restart(apis)
    for (path, body, name), key, first in zip(asked, keys, firsts, strict=True):
        changed = _post(apis, path, {**body, "more": 1}, key, tokens[name])
        assert changed.json()["code"] == "statement.key-taken"
        again = _post(apis, path, body, key, tokens[name])
        assert (again.status_code, again.json()) == (201, first.json())
        assert "idempotency-replayed" not in again.headers
        assert _post(apis, path, body, key, tokens[name]).headers["idempotency-replayed"] == "true"
    assert len(_find(apis, *types)) == count


@pytest.mark.usefixtures("lost")
def test_what_cannot_be_told_from_the_record_is_not_guessed(apis: Apis, tokens: dict[str, str]) -> None:
    """A draft torn into items that are drawn together, and statements that fill more than a page: never done twice."""
    text = {"marking": {**PUBLIC, "originator": "USA", "scheme": "USA"},
            "translations": [{"language": "en", "text": "x" * 16_000}]}  # fmt: skip
    threat = {"type": "ThreatReported", "kind": "other", "occurred_at": 1, "threatened": [], "sources": [],
              "narrative": text}  # fmt: skip
    long = {**STATING, "statements": [threat] * 6}
    two = {"to": ["JPN", "KOR"], "portions": [*SHARING["portions"], {"marking": DPRK, "text": "For one."}]}
    types = (ThreatReported, ItemsLinked, *GIVING)
    for path, body, name in (("/v1/items/compose", two, "release"), ("/v1/statements", long, "watch")):
        key, before = _draw(), len(_find(apis, *types))
        first = _post(apis, path, body, key, tokens[name])
        assert first.status_code == 201, first.text
        stated = len(_find(apis, *types))
        assert stated > before
        _restart(apis)
        assert _post(apis, path, body, key, tokens[name]).json()["code"] == "api.answer-lost"
        assert len(_find(apis, *types)) == stated


def test_an_act_of_two_officers_is_held_once_and_told_to_both(apis: Apis, tokens: dict[str, str]) -> None:
    """Whoever repeats it while it waits is told the same; once it is stated, its ids; the approval as well, once."""
    asked, approved = _draw(), _draw()
    body = {"to": ["JPN", "KOR"], "statements": [LEADERS]}
    first = _post(apis, "/v1/statements", body, asked, tokens["adviser"])
    assert first.json()["code"] == "approval.awaited", first.text
    _check_same(first, _post(apis, "/v1/statements", body, asked, tokens["adviser"]))
    path = f"/v1/approvals/{first.json()['details']['digest']}/give"
    given = _post(apis, path, {}, approved, tokens["director"])
    assert given.status_code == 201, given.text
    _check_same(given, _post(apis, path, {}, approved, tokens["director"]))
    told = _post(apis, "/v1/statements", body, asked, tokens["adviser"])
    assert (told.status_code, told.json()) == (201, given.json())


def test_an_approval_whose_answer_was_lost_is_told_after_a_new_start(
    apis: Apis, tokens: dict[str, str], lost: pytest.MonkeyPatch
) -> None:
    """What waits is forgotten by then; that it was stated is not."""
    first = _post(apis, "/v1/statements", {"to": ["JPN"], "statements": [LEADERS]}, _draw(), tokens["adviser"])
    path, key = f"/v1/approvals/{first.json()['details']['digest']}/give", _draw()
    given = _post(apis, path, {}, key, tokens["director"])
    lost.undo()
    _restart(apis)
    again = _post(apis, path, {}, key, tokens["director"])
    assert (again.status_code, again.json()) == (201, given.json())
    assert _post(apis, path, {}, _draw(), tokens["director"]).json()["code"] == "approval.none"


def test_what_passes_by_itself_is_no_answer(
    apis: Apis, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an outage the same key does what it was meant for."""
    key, node = _draw(), apis.nodes["USA"]

    def refuse() -> None:
        raise OutageError("store.full")

    monkeypatch.setattr(node, "check_running", refuse)
    assert _post(apis, "/v1/statements", STATING, key, tokens["watch"]).json()["code"] == "store.full"
    monkeypatch.undo()
    assert _post(apis, "/v1/statements", STATING, key, tokens["watch"]).status_code == 201


def test_an_answer_is_read_by_nobody_who_has_not_the_key(apis: Apis) -> None:
    """Neither the token in it nor the key stands in the store's files."""
    key, consumer = _draw(), {"name": "sealed", "party": "JPN", "formats": ["taxii"]}
    token = _post(apis, "/v1/consumers", consumer, key, TOKEN).json()["token"]
    folder = apis.nodes.accepted["USA"].path
    content = b"".join(path.read_bytes() for path in folder.glob("store.db*"))
    assert b"answers" in content
    assert token.encode() not in content
    assert key.encode() not in content


def test_answers_are_bounded_for_each_officer(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """By number, by size and by age; what one asks for drives out nobody else's."""
    monkeypatch.setattr(answer_rows, "COUNT_MAX", 3)
    monkeypatch.setattr(answer_rows, "SIZE_BYTES_MAX", 100)
    rows, at = apis.nodes["USA"].store.answers, Instant(apis.nodes["USA"].now())

    def put(name: str, officer: str, size_bytes: int = 1) -> None:
        rows.put(Answered(name, officer, b"", at, b"", bytes(size_bytes)))

    put("mine", "quiet")
    for number in range(5):
        put(f"n{number}", "busy")
    assert [rows.find(f"n{number}", at=at) is not None for number in range(5)] == [False, False, True, True, True]
    put("large", "busy", 99)
    assert rows.count("busy") == 2
    assert rows.find("mine", at=at) is not None
    assert rows.find("mine", at=Instant(at + DAY_MS)) is None
    rows.put(Answered("later", "busy", b"", Instant(at + DAY_MS), b"", b""))
    assert rows.count("quiet") == 0


def test_what_is_left_of_an_act_is_done(apis: Apis) -> None:
    """One word to each of two audiences, the first said before the node stopped: only the second is new."""
    node = apis.nodes["USA"]
    node.officers = OfficerBook()
    call, name = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",)), f"request/{_draw()}"

    async def say(*audiences: tuple[str, ...], request: bytes = b"r") -> list[bytes]:
        token = KEYED.set(Keyed(name, request))
        try:
            return [id_ for audience in audiences for id_ in await node.say(audience, (call, call))]
        finally:
            KEYED.reset(token)

    first = apis.run(say(("JPN", "USA")))
    both = apis.run(say(("JPN", "USA"), ("JPN", "KOR", "USA")))
    assert both[:2] == first
    assert len(set(both)) == 4
    assert apis.run(say(("JPN", "KOR", "USA"), ("JPN", "USA"))) == [*both[2:], *both[:2]]
    assert node.store.find_act(name).asked == b"r"  # type: ignore[union-attr]
