"""Who may do what over HTTP: each path that acts is judged by the machine, guarded by an office, or open, with why."""

import httpx
import pytest

from comity.api.officer_door import GUARDED
from comity.base.instants import Instant
from comity.node.officers import OfficerBook
from comity.procedure.linked import ItemsLinked
from kit.api import TOKEN, Apis

STATED = {
    "/v1/statements", "/v1/disclosed", "/v1/items", "/v1/items/compose", "/v1/items/pass-on", "/v1/items/consent",
    "/v1/items/refuse", "/v1/items/grant", "/v1/items/decline", "/v1/alerts", "/v1/indicators",
    "/v1/import/{format_name:str}", "/v1/approvals/{digest:str}/give", "/v1/approvals/{digest:str}/refuse",
    "/v1/warning/drafts/{draft:str}/send", "/v1/warning/drafts/{draft:str}/discard", "/v1/warning/public",
    "/v1/exercises/{exercise:str}/seats/{seat:str}/words",
}  # fmt: skip
"""Whatever they do they state, and the machine judges by whom; of an approval its own code does."""
OPEN = {
    "/v1/release/preview", "/v1/release/what-if", "/v1/exchange/check",  # nothing is done
    "/v1/attachments", "/v1/attachments/{attachment:str}",  # sealed, given by nobody yet, known to who has its id
}  # fmt: skip


@pytest.fixture(scope="module")
def apis(apis_with_offices: Apis) -> Apis:
    """Three nodes under a pact that asks for officers."""
    return apis_with_offices


def _list_acting(apis: Apis) -> set[str]:
    """The paths that do something; consumers and browsers have doors of their own."""
    app = apis.find_app("USA")
    acting = {"POST", "PUT", "PATCH", "DELETE"}
    paths = {route.path for route in app.routes if acting & set(getattr(route, "methods", ()))}
    return {path for path in paths if path.startswith("/v1/")}


def test_every_path_that_acts_says_who_may(apis: Apis) -> None:
    """A new one is in one of these lists: the machine judges it, an office guards it, or a reason why it is open."""
    found = _list_acting(apis)
    guarded = {path for path in found if any(path.startswith(beginning) for beginning, _ in GUARDED)}
    assert found - guarded == STATED | OPEN
    assert not guarded & (STATED | OPEN)
    assert {beginning for beginning, _ in GUARDED} == {
        beginning for beginning, _ in GUARDED if any(path.startswith(beginning) for path in guarded)
    }


@pytest.mark.parametrize("wrap", ["{}", "/{}", "{}/", "//v1//..{}"])
def test_no_way_to_write_a_path_goes_round_an_office(apis: Apis, wrap: str) -> None:
    """However its slashes stand it is refused for its office, or there is no such path."""
    node, before = apis.nodes["USA"], apis.nodes["USA"].officers
    node.officers = OfficerBook()
    token = node.officers.add("usa-aud", ("auditor",), at=Instant(node.now() - 1))
    try:
        for path in ("/v1/consumers", "/v1/store/copy", "/v1/doctor/streams", "/v1/bundle", "/v1/drop/in",
                     "/v1/drop/out", "/v1/drop/written", "/v1/alarms/test"):  # fmt: skip
            answer = _post(apis, wrap.format(path), token)
            assert answer.json()["code"] in ("officer.wrong-role", "api.no-path"), path
            assert (wrap != "{}") or answer.json()["code"] == "officer.wrong-role"
    finally:
        node.officers = before
    assert _post(apis, "/v1/doctor/streams", TOKEN).status_code == 200


def _post(apis: Apis, path: str, token: str) -> httpx.Response:
    return apis.call("POST", path, token=token, json={})


def test_a_draft_of_whoever_may_not_release_leaves_no_word_in_the_record(apis: Apis) -> None:
    """That items are of one draft is the node's own word, said before the first is given: not for him."""
    node, before = apis.nodes["USA"], apis.nodes["USA"].officers
    node.officers = OfficerBook()
    token = node.officers.add("usa-aud", ("auditor",), at=Instant(node.now() - 1))
    high, low = ({"level": level, "topics": ["dprk-missile"], "caveats": caveats}
                 for level, caveats in (("USA-S", ["REL TO JPN, USA"]), ("USA-S", ["REL TO KOR, USA"])))  # fmt: skip
    portions = [{"marking": marking, "language": "en", "text": "x"} for marking in (high, low)]
    try:
        wish = {"to": ["JPN", "KOR"], "portions": portions}
        answer = apis.call("POST", "/v1/items/compose", token=token, json=wish)
        shown = apis.call("POST", "/v1/items/compose", token=token, json={**wish, "preview": True})
    finally:
        node.officers = before
    assert (answer.status_code, answer.json()["code"]) == (403, "officer.wrong-role")
    assert len(shown.json()["items"]) == 2
    assert node.machine.statements.find(ItemsLinked) == ()
