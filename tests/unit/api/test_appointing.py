"""Officers, codes, shifts and delegations over the API: as the command line keeps them, for whoever may."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from comity.base.instants import HOUR_MS
from kit.api import TOKEN, Apis
from kit.officers import have_officers


@pytest.fixture(scope="module")
def apis(apis_with_offices: Apis) -> Apis:
    """Three nodes under a pact that asks for officers."""
    return apis_with_offices


@pytest.fixture
def tokens(apis: Apis) -> Iterator[dict[str, str]]:
    """An administrator, a watch officer and an auditor, with their tokens."""
    roles = {"usa-a": ("administrator",), "usa-w": ("watch-officer",), "usa-v": ("auditor",)}
    with have_officers(apis.nodes["USA"], roles) as found:
        yield found


def _ask(apis: Apis, method: str, path: str, token: str, body: Any = None) -> httpx.Response:
    return apis.call(method, path, token=token, json={} if body is None and method == "POST" else body)


def test_an_officer_is_added_and_acts(apis: Apis, tokens: dict[str, str]) -> None:
    """The token of the answer opens the API; the list has neither it nor what it is compared with."""
    wish = {"name": "usa-n", "roles": ["director", "watch-officer"]}
    made = _ask(apis, "POST", "/v1/officers", tokens["usa-a"], wish)
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    token = made.json()["token"]
    listed = _ask(apis, "GET", "/v1/officers", token)
    assert listed.status_code == 200, "a director administers"
    row = next(row for row in listed.json()["officers"] if row["name"] == "usa-n")
    assert row["roles"] == ["director", "watch-officer"]
    assert set(row) == {"name", "roles", "from_at", "until_at", "revoked_at", "is_valid", "passkeys"}
    assert token.partition(".")[2] not in listed.text
    assert _ask(apis, "POST", "/v1/officers", tokens["usa-a"], wish).json()["code"] == "officer.exists"
    assert _ask(apis, "POST", "/v1/officers/usa-n/revoke", tokens["usa-a"]).status_code == 200
    assert _ask(apis, "GET", "/v1/status", token).status_code == 401


def test_a_deputy_keeps_no_officers(apis: Apis, tokens: dict[str, str]) -> None:
    """A watch officer stands in for the director whom nobody is, and for that may recall; but draws nobody's token."""
    for method, path in (("GET", "/v1/officers"), ("POST", "/v1/officers/usa-v/token"), ("GET", "/v1/roster")):
        refused = _ask(apis, method, path, tokens["usa-w"])
        assert (refused.status_code, refused.json()["code"]) == (403, "officer.wrong-role"), path
    assert _ask(apis, "POST", "/v1/recalls/answer", tokens["usa-w"]).json()["code"] != "officer.wrong-role"


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"name": "usa n", "roles": ["director"]}, "officer.malformed"),
        ({"name": "usa-n", "roles": ["king"]}, "officer.no-role"),
        ({"name": "usa-n", "roles": ["director"], "until_at": 1}, "officer.malformed"),
        ({"name": "usa-n", "roles": []}, "api.malformed"),
        ({"name": "u" * 65, "roles": ["director"]}, "api.malformed"),
    ],
)
def test_what_cannot_be_an_officer_is_refused(
    apis: Apis, tokens: dict[str, str], wish: dict[str, object], code: str
) -> None:
    """And nobody is added."""
    refused = _ask(apis, "POST", "/v1/officers", tokens["usa-a"], wish)
    assert refused.json()["code"] == code
    assert apis.nodes["USA"].officers.read().find("usa-n") is None


def test_a_token_is_renewed_and_a_code_drawn(apis: Apis, tokens: dict[str, str]) -> None:
    """Each in its answer, once; the old token opens nothing."""
    renewed = _ask(apis, "POST", "/v1/officers/usa-w/token", tokens["usa-a"])
    assert _ask(apis, "GET", "/v1/status", tokens["usa-w"]).status_code == 401
    assert _ask(apis, "GET", "/v1/status", renewed.json()["token"]).status_code == 200
    drawn = _ask(apis, "POST", "/v1/officers/usa-w/code", tokens["usa-a"])
    assert len(drawn.json()["code"].replace("-", "")) == 20
    assert drawn.headers["cache-control"] == "no-store"
    assert _ask(apis, "POST", "/v1/officers/nobody/code", tokens["usa-a"]).json()["code"] == "officer.unknown"
    removed = _ask(apis, "DELETE", "/v1/officers/usa-w/passkeys/ab", tokens["usa-a"])
    assert removed.json() == {"name": "usa-w", "removed_count": 0}


def test_shifts_and_delegations_are_kept(apis: Apis, tokens: dict[str, str]) -> None:
    """The roster says who is on duty now; the rest of a shift goes to another who holds the role."""
    now, keeper = apis.nodes["USA"].now(), tokens["usa-a"]
    _ask(apis, "POST", "/v1/officers", keeper, {"name": "usa-y", "roles": ["watch-officer"]})
    shift = {"officer": "usa-w", "role": "watch-officer", "starts_at": now - HOUR_MS, "ends_at": now + HOUR_MS}
    assert _ask(apis, "POST", "/v1/roster", keeper, shift).json()["is_now"]
    over = {"officer": "usa-w", "to": "usa-y", "role": "watch-officer"}
    assert _ask(apis, "POST", "/v1/roster/hand-over", keeper, over).json()["officer"] == "usa-y"
    (row,) = _ask(apis, "GET", "/v1/roster", keeper).json()["shifts"]
    assert (row["officer"], row["ends_at"]) == ("usa-y", now + HOUR_MS)
    given = {"giver": "usa-w", "taker": "usa-y", "role": "watch-officer", "act": "message", "until_at": now + HOUR_MS}
    assert _ask(apis, "POST", "/v1/delegations", keeper, given).status_code == 201
    assert _ask(apis, "GET", "/v1/officers", keeper).json()["delegated"] == [given]
    refused = _ask(apis, "POST", "/v1/delegations", keeper, given | {"act": "agree"})
    assert refused.json()["code"] == "officer.not-delegated"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/officers"), ("GET", "/v1/roster"), ("POST", "/v1/officers"), ("POST", "/v1/officers/usa-w/token"),
        ("POST", "/v1/officers/usa-w/code"), ("POST", "/v1/officers/usa-w/revoke"), ("POST", "/v1/delegations"),
        ("DELETE", "/v1/officers/usa-w/passkeys/ab"), ("POST", "/v1/roster"), ("POST", "/v1/roster/hand-over"),
    ],
)  # fmt: skip
def test_an_auditor_neither_looks_nor_keeps(apis: Apis, tokens: dict[str, str], method: str, path: str) -> None:
    """Refused for the office, whatever the request says; the realm's own token may look."""
    before = apis.nodes["USA"].officers.read()
    refused = _ask(apis, method, path, tokens["usa-v"])
    assert refused.status_code == 403
    assert refused.json()["code"] == "officer.wrong-role"
    assert apis.nodes["USA"].officers.read() == before
    assert method != "GET" or _ask(apis, method, path, TOKEN).status_code == 200
