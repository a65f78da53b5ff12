"""What waits for a second officer: stated once however often it is approved, let go of whole, lost by a new start."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from comity.base.errors import OutageError
from comity.base.instants import Instant
from comity.base.names import Digest
from comity.node.acts import Acts
from comity.node.approvals import HELD_MS, Approvals
from comity.node.officers import OfficerBook
from comity.procedure.call import ConsultationCalled
from comity.procedure.sharing import Giving
from kit.api import TOKEN, Apis
from kit.patience import until

LEADERS: dict[str, object] = {
    "type": "ConsultationCalled", "commitment": "C1", "level": "leaders", "kind": "other", "threats": [],
    "threatened": ["JPN", "KOR", "USA"],
}  # fmt: skip
SECRET = {"level": "USA-TS", "topics": ["dprk-missile"], "caveats": []}
ALL = ["JPN", "KOR", "USA"]
ROLES = {"watch": "watch-officer", "adviser": "national-security-adviser", "auditor": "auditor",
         "release": "release-officer", "director": "director"}  # fmt: skip


@pytest.fixture(scope="module")
def apis(apis_with_offices: Apis) -> Apis:
    """Three nodes under a pact that asks for officers."""
    return apis_with_offices


@pytest.fixture
def tokens(apis: Apis) -> Iterator[dict[str, str]]:
    """Officers of the USA, with their tokens; gone after the test, and all that waited with them."""
    node = apis.nodes["USA"]
    book, at = OfficerBook(), Instant(node.now() - 1)
    found = {name: book.add(f"usa-{name}", (role,), at=at) for name, role in ROLES.items()}
    node.officers = book
    yield found
    node = apis.nodes["USA"]
    node.officers, node.approvals = OfficerBook(), Approvals()


def _call(apis: Apis, token: str, *, key: str = "") -> httpx.Response:
    body = {"to": ALL, "statements": [LEADERS], "key": key}
    return apis.call("POST", "/v1/statements", token=token, json=body)


def _hold(apis: Apis, token: str) -> str:
    """Have a call at leaders' level wait; return its digest."""
    asked = _call(apis, token)
    assert asked.json()["code"] == "approval.awaited", asked.text
    return str(asked.json()["details"]["digest"])


def _hold_item(apis: Apis, token: str, *attachments: str) -> tuple[str, Giving]:
    """Have an item wait; return its digest and what is to be stated."""
    portions: list[dict[str, Any]] = [{"marking": SECRET, "language": "en", "text": "for two"}]
    portions += [{"marking": SECRET, "kind": "attachment", "attachment": one} for one in attachments]
    asked = apis.call("POST", "/v1/items", token=token, json={"to": ["JPN"], "portions": portions})
    assert asked.json()["code"] == "approval.awaited", asked.text
    digest = str(asked.json()["details"]["digest"])
    node = apis.nodes["USA"]
    (giving,) = node.approvals.get(digest, node.now()).entries
    assert isinstance(giving, Giving)
    return digest, giving


def _give(apis: Apis, digest: str, token: str) -> httpx.Response:
    return apis.call("POST", f"/v1/approvals/{digest}/give", token=token, json={})


def _refuse(apis: Apis, digest: str, token: str) -> httpx.Response:
    return apis.call("POST", f"/v1/approvals/{digest}/refuse", token=token, json={})


def _count_calls(apis: Apis) -> int:
    return len(apis.nodes["USA"].machine.statements.find(ConsultationCalled))


def _lose_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an act be done, and whoever wanted it not hear of it."""

    async def never(_: Acts, __: object) -> tuple[Digest, ...]:
        raise OutageError("node.not-yet")

    monkeypatch.setattr(Acts, "_wait", never)


def test_what_is_approved_again_is_stated_once(
    apis: Apis, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever did not hear the answer approves again and gets the ids that there are; then it waits no more."""
    digest, count = _hold(apis, tokens["watch"]), _count_calls(apis)
    with monkeypatch.context() as lost:
        _lose_the_answer(lost)
        assert _give(apis, digest, tokens["adviser"]).json()["code"] == "node.not-yet"
    assert _count_calls(apis) == count + 1
    if apis.get("/v1/approvals"):  # else somebody has seen by now that it is stated
        again = _give(apis, digest, tokens["adviser"])
        assert again.status_code == 201, again.text
    assert _count_calls(apis) == count + 1
    apis.run(until(lambda: not apis.nodes["USA"].approvals.list(apis.nodes["USA"].now())))
    assert _give(apis, digest, tokens["adviser"]).json()["code"] == "approval.none"


def test_whoever_asked_with_a_key_hears_what_came_of_it(apis: Apis, tokens: dict[str, str]) -> None:
    """Asking again under the same key: while it waits that it waits, and once it is approved the ids it was given."""
    count = _count_calls(apis)
    digests = {_call(apis, tokens["watch"], key="k-1").json()["details"]["digest"] for _ in range(2)}
    (digest,) = digests
    ids = _give(apis, digest, tokens["adviser"]).json()["ids"]
    again = _call(apis, tokens["watch"], key="k-1")
    assert (again.status_code, again.json()["ids"]) == (201, ids)
    assert _count_calls(apis) == count + 1


def test_the_same_words_said_later_are_said_again(apis: Apis, tokens: dict[str, str]) -> None:
    """Each act that waits has a key of its own: a second call in the same words is a second call."""
    count = _count_calls(apis)
    ids = [_give(apis, _hold(apis, tokens["watch"]), tokens["adviser"]).json()["ids"] for _ in range(2)]
    assert ids[0] != ids[1]
    assert _count_calls(apis) == count + 2


def test_what_was_sealed_for_what_is_refused_is_gone_at_once(apis: Apis, tokens: dict[str, str]) -> None:
    """Item and attachment, blobs and wraps: nothing of it lies in the store, and the file has to be handed in anew."""
    blobs = apis.nodes["USA"].store.list_blobs()
    taken = apis.call("POST", "/v1/attachments", token=tokens["release"], params={"name": "a.bin"}, content=b"x" * 999)
    digest, giving = _hold_item(apis, tokens["release"], taken.json()["attachment"])
    store = apis.nodes["USA"].store
    assert store.has_blob(giving.blob)
    assert store.blobs.find_attached(giving.blob)
    assert _refuse(apis, digest, tokens["director"]).status_code == 200
    assert store.list_blobs() == blobs
    assert store.blobs.list_drafts() == ()
    assert store.find_wraps(giving.blob, "JPN") == ()


def test_what_lapsed_is_let_go_of_and_what_was_given_is_not(
    apis: Apis, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour later; a giving whose answer nobody heard keeps its blobs, and waits no more."""
    node = apis.nodes["USA"]
    _, lapsed = _hold_item(apis, tokens["release"])
    digest, given = _hold_item(apis, tokens["release"])
    with monkeypatch.context() as lost:
        _lose_the_answer(lost)
        assert _give(apis, digest, tokens["director"]).json()["code"] == "node.not-yet"
    clock = node._clock
    monkeypatch.setattr(node, "_clock", lambda: clock() + HELD_MS)
    apis.run(until(lambda: not node.approvals.find_over(node.now())))
    assert not node.store.has_blob(lapsed.blob)
    assert node.store.has_blob(given.blob)
    assert node.store.blobs.list_drafts() == ()
    apis.wait_for_item(given.item.hex(), "JPN")


def test_who_may_not_do_it_may_not_stop_it(apis: Apis, tokens: dict[str, str]) -> None:
    """Whoever asked takes it back, whoever could approve it refuses it, and nobody else."""
    digest = _hold(apis, tokens["watch"])
    refused = _refuse(apis, digest, tokens["auditor"])
    assert (refused.status_code, refused.json()["code"]) == (403, "officer.wrong-role")
    assert _refuse(apis, digest, TOKEN).json()["code"] == "officer.uncovered"
    assert _refuse(apis, digest, tokens["watch"]).status_code == 200
    assert _refuse(apis, _hold(apis, tokens["watch"]), tokens["adviser"]).status_code == 200
    assert apis.get("/v1/approvals") == []


def test_what_is_on_its_way_is_not_refused(apis: Apis, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be stated a moment later: nobody is told that it is not, and its blobs stay."""
    node = apis.nodes["USA"]
    digest, giving = _hold_item(apis, tokens["release"])
    monkeypatch.setattr(node.acts, "is_under_way", lambda _: True)
    refused = _refuse(apis, digest, tokens["director"])
    assert (refused.status_code, refused.json()["code"]) == (409, "approval.under-way")
    assert node.store.has_blob(giving.blob)
    monkeypatch.undo()
    with node.approvals.take(digest, by="usa-director", at=node.now()):
        assert _refuse(apis, digest, tokens["release"]).json()["code"] == "approval.under-way"
    assert _refuse(apis, digest, tokens["release"]).status_code == 200


def test_a_new_start_has_lost_it_and_says_so(apis: Apis, tokens: dict[str, str]) -> None:
    """Nobody waits for an answer meanwhile: the list is empty, approving is answered with a code, and asked anew it waits anew."""  # noqa: E501
    digest = _hold(apis, tokens["watch"])
    item_digest, giving = _hold_item(apis, tokens["release"])
    book = apis.nodes["USA"].officers
    apis.run(apis.nodes.stop("USA"))
    apis.start("USA")
    apis.nodes["USA"].officers = book
    assert apis.get("/v1/approvals") == []
    for lost in (digest, item_digest):
        gone = _give(apis, lost, tokens["adviser"])
        assert (gone.status_code, gone.json()["code"]) == (404, "approval.none")
    apis.run(until(lambda: not apis.nodes["USA"].store.has_blob(giving.blob)))
    assert _hold(apis, tokens["watch"]) == digest


def _destroy(apis: Apis, token: str, item: str, **named: object) -> httpx.Response:
    return apis.call("POST", "/v1/items/destroy", token=token, json={"item": item, **named})


def test_a_certificate_names_who_destroyed_and_nobody_else(apis: Apis, tokens: dict[str, str]) -> None:
    """It is the node's own word, which no reader could find fault with: so nobody puts another's name in it."""
    item = apis.call(
        "POST", "/v1/items", token=tokens["release"],
        json={"to": [], "portions": [{"marking": {**SECRET, "level": "USA-U"}, "language": "en", "text": "x"}]},
    ).json()["item"]  # fmt: skip
    for token, named in (
        ("release", {"officers": ["usa-director"]}),
        ("release", {"officers": ["usa-director", "usa-release"]}),
        ("release", {"role": "director"}),
        ("", {"officers": ["usa-director"]}),
    ):
        refused = _destroy(apis, tokens.get(token, TOKEN), item, **named)
        assert refused.json()["code"] == "officer.other-name", (named, refused.text)
    assert apis.call("GET", f"/v1/items/{item}", token=tokens["release"]).status_code == 200
    told = _destroy(apis, tokens["release"], item)
    assert told.status_code == 201, told.text
    said = apis.get(f"/v1/timeline/{told.json()['ids'][0]}")["arguments"]
    assert (said["role"], said["officers"]) == ("release-officer", ["usa-release"])
