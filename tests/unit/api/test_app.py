"""The API over a running node: who may call, one shape for every error, and no request that brings it down."""

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from comity.api.app import BODY_SIZE_BYTES_MAX
from comity.api.desk import Desk
from comity.api.form import STATEMENT_FORMS
from comity.api.token import read_token
from comity.base.catalogue import CODES
from comity.base.errors import UsageError
from comity.node.log import JsonLines
from kit.api import TOKEN, Apis
from kit.described import make_described_app
from kit.stage import CALL

VIEWS = (
    "status", "levels", "timeline", "consultations", "texts", "measures", "lines", "duties", "items", "disclosed",
    "copies", "recalls", "requests", "quarantine", "release/graph",
)  # fmt: skip
POSTS = (
    "/v1/statements", "/v1/items", "/v1/items/compose", "/v1/items/pass-on", "/v1/items/consent", "/v1/items/refuse",
    "/v1/disclosed", "/v1/release/preview", "/v1/release/what-if",
)  # fmt: skip
_PORTION: dict[str, object] = {"marking": {"level": "USA-U", "topics": ["public-message"]}, "text": "Plain."}
CANARY = "the heron stands at the north gate"


def _check_problem(response: Any, code: str, status: int) -> dict[str, Any]:
    """RFC 9457, with a code of the catalogue; every error of every path has this shape."""
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert set(problem) == {"type", "title", "status", "code", "hint", "details"}
    assert (problem["code"], problem["status"], response.status_code) == (code, status, status), response.text
    assert problem["type"] == f"urn:comity:error:{code}"
    assert code in CODES
    assert problem["title"]
    assert problem["hint"]
    return problem


def test_every_path_wants_the_token(apis: Apis) -> None:
    """No token, a wrong one, one cut short, another scheme, or none of ASCII: nothing is answered, not even a view."""
    for method, path in [("GET", f"/v1/{view}") for view in (*VIEWS, "schema", "bundle", "pact")] + [
        ("POST", path) for path in (*POSTS, "/v1/bundle")
    ]:
        for given in (None, "Bearer wrong", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", b"Bearer \xe9"):
            headers = {} if given is None else {"Authorization": given}
            _check_problem(apis.call(method, path, token=None, headers=headers), "api.no-access", 401)


def test_every_view_answers(apis: Apis) -> None:
    """Each is JSON and needs no argument."""
    for view in VIEWS:
        apis.get(f"/v1/{view}")


def test_a_statement_is_answered_with_its_id_once_it_is_stored(apis: Apis) -> None:
    """The id finds it in the timeline of every reader."""
    (id_,) = apis.state(CALL)
    assert apis.get(f"/v1/timeline/{id_}")["code"] == "timeline.consultation-called"
    apis.reaches(id_, "JPN", "KOR", "USA")
    for party in ("JPN", "KOR"):
        assert apis.get(f"/v1/timeline/{id_}", party=party)["party"] == "USA"
        assert id_ in [row["id"] for row in apis.get("/v1/consultations", party=party)]


def test_the_timeline_is_read_in_pieces(apis: Apis) -> None:
    """`after` and `limit` count rows; no number below zero, and more than a thousand rows only in pieces."""
    apis.state(CALL)
    rows = apis.get("/v1/timeline")
    assert [row["number"] for row in rows] == list(range(len(rows)))
    assert apis.get(f"/v1/timeline?after={len(rows) - 1}&limit=5") == rows[-1:]
    assert apis.get(f"/v1/timeline?after={10**30}") == []
    for query in ("after=-1", "limit=-1", "after=x", "after=1.5"):
        _check_problem(apis.call("GET", f"/v1/timeline?{query}"), "api.malformed", 400)


_NOT_THERE = "00" * 32


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "status"),
    [
        ("GET", "/v1/nothing", None, "api.no-path", 404),
        ("GET", "/v1/bundle/more", None, "api.no-path", 404),
        ("DELETE", "/v1/status", None, "api.no-path", 405),
        ("GET", f"/v1/timeline/{_NOT_THERE}", None, "cli.no-such-object", 404),
        ("GET", "/v1/timeline/zz", None, "api.malformed", 400),
        ("GET", "/v1/timeline/00", None, "api.malformed", 400),
        ("GET", f"/v1/items/{_NOT_THERE}", None, "item.not-here", 404),
        ("POST", "/v1/statements", {"to": ["JPN"], "statements": []}, "api.malformed", 400),
        ("POST", "/v1/statements", {"to": ["JPN"], "statements": [CALL], "more": 1}, "api.malformed", 400),
        ("POST", "/v1/statements", {"to": ["JPN"] * 257, "statements": [CALL]}, "api.malformed", 400),
        ("POST", "/v1/statements", {"to": ["JPN"], "statements": [CALL] * 257}, "api.malformed", 400),
        ("POST", "/v1/statements", {"to": ["JPN"], "statements": [{"type": "Nothing"}]}, "statement.unknown-type", 400),
        ("POST", "/v1/statements", {"to": ["JPN"], "statements": [{}]}, "statement.unknown-type", 400),
        ("POST", "/v1/statements", {"to": ["JPN"], "statements": [{"type": "SilenceKept"}]}, "statement.by-node", 403),
        ("POST", "/v1/statements", {"to": ["JPN"], "statements": [{**CALL, "level": "x"}]}, "statement.malformed-form",
         400),
        ("POST", "/v1/statements", {"to": ["XXX"], "statements": [CALL]}, "release.withheld", 403),
        ("POST", "/v1/statements", {"to": ["usa"], "statements": [CALL]}, "release.withheld", 403),
        ("POST", "/v1/statements", {"to": ["A VERY LONG NAME"], "statements": [CALL]}, "api.malformed", 400),
        ("POST", "/v1/items", {"to": ["KOR"], "portions": []}, "api.malformed", 400),
        ("POST", "/v1/items/compose", {"to": [], "portions": [_PORTION]}, "release.withheld", 403),
        ("POST", "/v1/items/compose", {"to": ["KOR"], "portions": [_PORTION], "plan": "00" * 32}, "item.plan-changed",
         409),
        ("POST", "/v1/items/compose", {"to": ["KOR"], "portions": [_PORTION | {"kind": "attribution", "text": ""}]},
         "item.portion-form", 400),
        ("POST", "/v1/items/compose", {"to": ["KOR"], "portions": [_PORTION | {"marking": {"topics": []}}]},
         "item.portion-marking", 400),
        ("POST", "/v1/items", {"to": ["KOR"], "portions": [_PORTION | {"marking": {"topics": [], "tlp": "mauve"}}]},
         "item.label", 400),
        ("POST", "/v1/items", {"to": ["KOR"], "portions": [_PORTION], "expires_at": [5]}, "release.withheld", 403),
        ("POST", "/v1/items/pass-on", {"item": _NOT_THERE, "to": "KOR"}, "item.not-here", 404),
        ("POST", "/v1/items/pass-on", {"item": "00", "to": "KOR"}, "api.malformed", 400),
        ("POST", "/v1/items/consent",
         {"item": _NOT_THERE, "holder": "JPN", "recipient": "KOR", "expires_at": 10**30}, "api.malformed", 400),
        ("POST", "/v1/items/consent",
         {"item": _NOT_THERE, "holder": "XXX", "recipient": "KOR", "expires_at": 5}, "item.not-here", 404),
        ("POST", "/v1/items/refuse",
         {"item": _NOT_THERE, "holder": "JPN", "recipient": "KOR", "reason": "source"}, "item.not-here", 404),
        ("POST", "/v1/items/grant",
         {"item": _NOT_THERE, "recipient": "KOR", "role": "r", "officers": ["o"]}, "item.not-here", 404),
        ("POST", "/v1/quarantine/release",
         {"giving": _NOT_THERE, "role": "r", "officers": ["o"]}, "quarantine.none", 404),
        ("POST", "/v1/recalls/answer",
         {"request": _NOT_THERE, "fate": "declined", "copies": "not-known", "role": "r", "officers": ["o"]},
         "recall.no-request", 404),
        ("POST", "/v1/recalls",
         {"item": _NOT_THERE, "reason": "unstated", "answer_by_at": 5}, "item.not-here", 404),
    ],
)  # fmt: skip
def test_every_refusal_is_a_problem_with_its_code(  # noqa: PLR0917 -- a row of the table
    apis: Apis, method: str, path: str, body: object, code: str, status: int
) -> None:
    """One shape, whoever refuses: the framework, the form, the funnel or the machine."""
    _check_problem(apis.call(method, path, json=body), code, status)


def test_a_refusal_says_what_does_not_fit(apis: Apis) -> None:
    """The clause where a clause refuses, the field where a field is wrong."""
    withheld = apis.call("POST", "/v1/statements", json={"to": ["XXX"], "statements": [CALL]}).json()
    assert withheld["details"]["clause"]
    wrong = apis.call("POST", "/v1/statements", json={"to": ["JPN"], "statements": [{**CALL, "level": "x"}]}).json()
    assert "level" in wrong["details"]["why"]
    shape = apis.call("POST", "/v1/items/pass-on", json={"item": 7, "to": "KOR"}).json()
    assert "item" in shape["details"]["why"] or "str" in shape["details"]["why"]


_DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"7",
        b"[]",
        b"{",
        b"\xff\xfe",
        b'"\xed\xa0\x80"',
        _DEEP,
        b'{"to":' * 50_000,
        b'{"to":["JPN"],"statements":[{"type":"Acknowledged","role":' + b"[" * 5_000 + b"]" * 5_000 + b"}]}",
        b'{"to":["JPN"],"statements":[{"type":"Acknowledged","officer":"\\ud800"}]}',
        b'{"to":["JPN"],"statements":[{"type":"LineTestAnsweredByPerson","slot_at":' + b"9" * 5_000 + b"}]}",
        b'{"to":["JPN"],"statements":[{"type":"LineTestAnsweredByPerson","slot_at":1e999}]}',
        b'{"item":"' + b"00" * 32 + b'","to":"KOR","holder":"\\u0000","recipient":"","expires_at":-1}',
    ],
    ids=range(14),
)
def test_bodies_that_are_no_request_are_refused(apis: Apis, path: str, body: bytes) -> None:
    """Not JSON, not UTF-8, too deep, numbers beyond any field: 400, never 500 (PROVED.md, Web)."""
    for kind in ("application/json", "text/plain", "application/x-msgpack", "multipart/form-data", ""):
        response = apis.call("POST", path, content=body, headers={"Content-Type": kind})
        assert response.status_code in {400, 403, 415}, (kind, response.text)
        _check_problem(response, response.json()["code"], response.status_code)


def test_a_body_that_is_too_large_is_413(apis: Apis) -> None:
    """Before it is read whole."""
    body = json.dumps({"to": ["JPN"], "statements": [{"type": "x" * BODY_SIZE_BYTES_MAX}]}).encode()
    _check_problem(apis.call("POST", "/v1/statements", content=body), "bytes.too-large", 413)


def test_garbage_as_a_bundle_is_refused_with_its_code(apis: Apis) -> None:
    """Any bytes at that door, and the bundle of a cut copy."""
    for body in (b"", b"x", b"COMITYB1", b"COMITYB1\x00\x00\x00\x05hello", bytes(100_000)):
        assert apis.call("POST", "/v1/bundle", content=body).status_code == 422
    whole = apis.call("GET", "/v1/bundle").content
    response = apis.call("POST", "/v1/bundle", content=whole[:-40])
    assert response.json()["code"] in {"bundle.malformed", "bundle.damaged"}
    altered = bytearray(whole)
    altered[len(whole) // 2] ^= 1
    assert apis.call("POST", "/v1/bundle", content=bytes(altered)).json()["code"].startswith("bundle.")


def test_an_own_bundle_brings_nothing_new(apis: Apis) -> None:
    """Pages go through the same door as any other: what is known changes nothing."""
    whole = apis.call("GET", "/v1/bundle").content
    taken = apis.call("POST", "/v1/bundle", content=whole).json()
    assert taken["page_count"] > 10
    assert taken["new_count"] == taken["unknown_count"] == 0


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=10,
)
_PARTIES = st.lists(st.sampled_from(["JPN", "KOR", "USA", "XXX", "", "usa"]) | st.text(max_size=12), max_size=4)
_PORTIONS = st.lists(
    st.fixed_dictionaries(
        {
            "marking": st.fixed_dictionaries(
                {"topics": st.lists(st.sampled_from(["dprk-missile", "dprk-nuclear", "x", ""]))},
                optional={
                    "level": st.sampled_from(["USA-U", "USA-S", "JPN-HI", ""]) | st.text(max_size=9),
                    "caveats": st.lists(st.text(max_size=9), max_size=3),
                    "tlp": st.sampled_from(["red", "AMBER+STRICT", "", "ultraviolet"]),
                },
            ),
            "text": st.text(max_size=40),
        },
        optional={
            "language": st.text(max_size=35),
            "kind": st.sampled_from(["text", "attribution", "attachment", "rumour"]),
            "likelihood": st.sampled_from(["likely", "almost-certain", "perhaps", None]),
            "confidence": st.sampled_from(["low", "likely", None]),
            "reliability": st.sampled_from(["A", "G", None]),
            "credibility": st.sampled_from([1, 6, 7, None]),
        },
    ),
    max_size=3,
)
_OF_ITEMS: dict[Any, st.SearchStrategy[Any]] = {
    "preview": st.booleans(),
    "expires_at": st.lists(st.sampled_from([0, 2**53, 9_999_999_999_999]), max_size=2),
}
_BODIES = {
    "/v1/statements": st.fixed_dictionaries(
        {
            "to": _PARTIES | _JSON,
            "statements": st.lists(
                st.builds(
                    lambda name, rest: {"type": name, **rest},
                    st.sampled_from([*STATEMENT_FORMS, "SilenceKept", "Nothing"]),
                    st.dictionaries(st.sampled_from(["text", "body", "terms", "consultation", "role"]), _JSON),
                )
                | st.just(CALL)
                | _JSON,
                max_size=3,
            ),
        }
    ),
    "/v1/items": st.fixed_dictionaries({"to": _PARTIES, "portions": _PORTIONS}, optional=_OF_ITEMS),
    "/v1/items/compose": st.fixed_dictionaries(
        {"to": _PARTIES, "portions": _PORTIONS}, optional={**_OF_ITEMS, "plan": st.sampled_from(["", "00" * 32, "0"])}
    ),
    "/v1/items/pass-on": st.fixed_dictionaries({"item": st.text(max_size=70), "to": st.text(max_size=12)}),
    "/v1/items/consent": st.fixed_dictionaries(
        {
            "item": st.just("11" * 32) | st.text(max_size=70),
            "holder": st.sampled_from(["JPN", "KOR", "USA", "XXX", ""]) | st.text(max_size=12),
            "recipient": st.sampled_from(["JPN", "KOR", "USA", "XXX", ""]) | st.text(max_size=12),
            "expires_at": st.integers(),
        }
    ),
    "/v1/items/refuse": st.fixed_dictionaries(
        {
            "item": st.just("11" * 32) | st.text(max_size=70),
            "holder": st.text(max_size=12),
            "recipient": st.text(max_size=12),
            "reason": st.sampled_from(["source", "unstated", ""]),
        },
        optional={"clause": st.text(max_size=210)},
    ),
    "/v1/disclosed": st.fixed_dictionaries(
        {
            "entry": st.just("11" * 32) | st.text(max_size=70),
            "to": st.lists(st.sampled_from(["JPN", "KOR", "USA", "XXX", ""]), max_size=4),
        },
        optional={"preview": st.booleans(), "key": st.text(max_size=70)},
    ),
    "/v1/release/preview": st.fixed_dictionaries(
        {"level": st.sampled_from(["USA-S", "KOR-II", ""]) | st.text(max_size=50)},
        optional={
            "topics": st.lists(st.sampled_from(["cyber", "dprk-missile"]) | st.text(max_size=9), max_size=3),
            "caveats": st.lists(st.sampled_from(["ORCON", "REL TO JPN"]) | st.text(max_size=9), max_size=3),
            "item": st.just("11" * 32) | st.text(max_size=70),
        },
    ),
    "/v1/release/what-if": st.fixed_dictionaries(
        {
            "agreement": st.sampled_from(["tisa-2014", "jpn-kor-gsomia"]) | st.text(max_size=20),
            "state": st.sampled_from(["ended", "suspended", "notice-given"]) | st.text(max_size=9),
        },
        optional={"at": st.integers(), "notice_ends_at": st.integers()},
    ),
}


@pytest.mark.parametrize("path", POSTS)
@settings(max_examples=150)
@drawn(data=st.data())
def test_no_json_body_is_ever_a_fault_of_ours(apis: Apis, path: str, data: st.DataObject) -> None:
    """Stored, or refused with a code; the node goes on (issue: bad input)."""
    body = data.draw(_BODIES[path] | _JSON)
    response = apis.call("POST", path, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert response.status_code in {200, 201, 400, 403, 404, 409}, (body, response.text)
    if response.status_code not in {200, 201}:
        _check_problem(response, response.json()["code"], response.status_code)
    assert apis.nodes["USA"].failure is None


@pytest.mark.parametrize("view", VIEWS)
def test_after_all_that_every_view_still_answers(apis: Apis, view: str) -> None:
    """Whatever was stated above, each party can look at it."""
    for party in ("JPN", "KOR", "USA"):
        apis.get(f"/v1/{view}", party=party)


def test_nothing_of_a_hidden_audience_is_in_any_view(apis: Apis) -> None:
    """What JPN and USA say to each other leaves no text, id, name or count in anything that KOR can ask for (law 2)."""
    before = {view: apis.get(f"/v1/{view}", party="KOR") for view in VIEWS}
    words = {
        "marking": {
            "originator": "USA",
            "scheme": "USA",
            "level": "USA-U",
            "topics": ["public-message"],
            "caveats": [],
        },
        "translations": [{"language": "en", "text": CANARY}],
    }
    message: dict[str, object] = {
        "type": "MessageSent",
        "channel": "canary-line",
        "level": "watch",
        "precedence": "flash",
        "consultation": [],
        "answers": [],
        "body": words,
    }
    ids = apis.state(message, CALL, to=("JPN", "USA"))
    for id_ in ids:
        apis.reaches(id_, "JPN", "USA")
    (marker,) = apis.state(CALL, party="JPN")
    apis.reaches(marker, "KOR")
    hidden = [CANARY, "canary-line", *ids, *(id_[:12] for id_ in ids)]
    hidden += [row["journal"] for row in apis.get("/v1/lines")["messages"] if row.get("journal")]
    shown = {view: apis.get(f"/v1/{view}", party="KOR") for view in VIEWS}
    for view, content in shown.items():
        text = json.dumps(content)
        assert not [word for word in hidden if word in text], view
    for id_ in ids:
        response = apis.call("GET", f"/v1/timeline/{id_}", party="KOR")
        _check_problem(response, "cli.no-such-object", 404)
        nothing = apis.call("GET", f"/v1/timeline/{'00' * 32}", party="KOR")
        assert response.json()["title"] == nothing.json()["title"]
    assert CANARY.encode() not in apis.call("GET", "/v1/bundle", party="KOR").content
    assert len(shown["lines"]["messages"]) == len(before["lines"]["messages"])
    assert CANARY in json.dumps(apis.get("/v1/lines", party="JPN"))


def test_a_fault_of_ours_is_500_and_its_log_names_no_content(
    apis: Apis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The place is logged, not what an error's words quote."""

    def broken(*_: object) -> Any:
        raise ValueError(CANARY)

    monkeypatch.setattr(Desk, "judge_duties", broken)
    with caplog.at_level(logging.DEBUG):
        _check_problem(apis.call("GET", "/v1/duties"), "api.fault", 500)
    logged = [json.loads(JsonLines().format(record)) for record in caplog.records]
    (failed,) = [row for row in logged if row["event"] == "api.failed"]
    assert (failed["error"], failed["level"]) == ("ValueError", "error")
    assert any(frame.endswith(" broken") for frame in failed["trace"])
    assert CANARY not in json.dumps(logged)


def test_a_node_that_stopped_says_so_everywhere(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements and bundles are 503 with the cause, the status shows it, and views go on."""
    monkeypatch.setattr(apis.nodes["USA"], "failure", UsageError("outbox.fenced"))
    for path, request in (
        ("/v1/statements", {"json": {"to": ["JPN"], "statements": [CALL]}}),
        ("/v1/bundle", {"content": apis.call("GET", "/v1/bundle").content}),
    ):
        problem = _check_problem(apis.call("POST", path, **request), "node.stopped", 503)
        assert problem["details"] == {"cause": "outbox.fenced"}
    assert apis.get("/v1/status")["stopped_by"] == "outbox.fenced"
    apis.get("/v1/timeline")


def test_the_document_lists_every_path_and_every_statement(apis: Apis) -> None:
    """OpenAPI: all routes of the application, and the statements of an officer as a union told apart by `type`."""
    document = apis.get("/v1/schema")
    assert document == apis.get("/v1/schema/openapi.json")
    routes = {route.path for route in make_described_app().routes if not route.path.startswith("/v1/schema")}
    assert {re.sub(r"\{(\w+)\}", r"{\1:str}", path) for path in document["paths"]} == routes
    body = document["paths"]["/v1/statements"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schemas = document["components"]["schemas"]

    def follow(schema: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = schemas[schema["$ref"].rpartition("/")[2]]
        return found

    union = follow(follow(body)["properties"]["statements"]["items"])
    assert union["discriminator"]["propertyName"] == "type"
    assert {follow(row)["properties"]["type"]["enum"][0] for row in union["oneOf"]} == set(STATEMENT_FORMS)
    assert set(union["discriminator"]["mapping"]) == set(STATEMENT_FORMS)
    assert all(follow(row)["additionalProperties"] is False for row in union["oneOf"])


def test_every_reference_in_the_document_leads_somewhere(apis: Apis) -> None:
    """And no pattern uses what JSON Schema's regular expressions do not have."""
    document = apis.get("/v1/schema")
    text = json.dumps(document)
    names = {row.split('"')[0] for row in text.split('"#/components/schemas/')[1:]}
    assert names <= set(document["components"]["schemas"])
    assert "\\\\Z" not in text


def test_the_document_needs_nobody_elses_server(apis: Apis) -> None:
    """No page that loads scripts or styles from a vendor's cloud."""
    assert "http://" not in apis.call("GET", "/v1/schema").text
    assert "https://" not in apis.call("GET", "/v1/schema").text
    for path in ("/v1/schema/swagger", "/v1/schema/redoc", "/v1/schema/elements"):
        response = apis.call("GET", path)
        assert (response.status_code, "://" in response.text) == (404, False)


def test_the_token_lies_in_the_realms_folder(tmp_path: Path) -> None:
    """Where no node has run there is none."""
    with pytest.raises(UsageError, match=r"api\.no-token"):
        read_token(tmp_path)
    (tmp_path / "token").write_text("abc\n")
    assert read_token(tmp_path) == "abc"
