"""A TAXII 2.1 server over running nodes: each consumer its own collection, and of others nothing at all."""

import json
from typing import Any

import httpx
import pytest

from comity.api import taxii_adding
from comity.exchange.taxii import TAXII_MEDIA
from comity.procedure.verdict import Reason, Withheld
from kit.api import Apis
from kit.stix import TLP_2, bundle, make_object

ROOT = "/taxii2/comity/"
HEADERS = {"Accept": TAXII_MEDIA}


def ask(apis: Apis, path: str, token: str | None, method: str = "GET", **given: Any) -> httpx.Response:
    """Ask as a consumer does."""
    headers = {**HEADERS, **given.pop("headers", {})}
    return apis.call(method, path, token=token, headers=headers, **given)


def find_path(apis: Apis, token: str) -> str:
    """Return the path of a consumer's collection."""
    found = ask(apis, f"{ROOT}collections/", token)
    assert (found.status_code, found.headers["content-type"]) == (200, TAXII_MEDIA)
    (collection,) = found.json()["collections"]
    return f"{ROOT}collections/{collection['id']}/"


def put(apis: Apis, *names: str, **asked: Any) -> None:
    """Import campaigns of these names for JPN."""
    objects = [make_object(name, TLP_2["clear"]) for name in names]
    asked = {"to": ["JPN"], "topic": ["cyber"], **asked}
    done = apis.call("POST", "/v1/import/stix", content=bundle(*objects), params=asked).json()
    assert done["given_count"] == len(names)


def list_names(envelope: dict[str, Any]) -> list[str]:
    """Return the names of campaigns in an envelope, in its order."""
    return [one["name"] for one in envelope.get("objects", []) if one["type"] == "campaign"]


@pytest.fixture(scope="module")
def tokens(apis: Apis) -> dict[str, str]:
    """Two systems of JPN and KOR that poll the USA, one of its own, and one that may put in."""
    found = {name: apis.add_consumer(f"{name}-taxii", reading_for=name.upper()) for name in ("jpn", "kor")}
    found["usa"] = apis.add_consumer("usa-taxii", level="USA-CUI", topics=["cyber", "defence"])
    found["writer"] = apis.add_consumer("writer-taxii", level="USA-CUI", topics=["maritime"],
        adding={"to": ["JPN"], "topics": ["maritime"]})  # fmt: skip
    return found


def test_discovery_root_and_collection(apis: Apis, tokens: dict[str, str]) -> None:
    """The resources of TAXII 2.1, and play says so in each."""
    found = ask(apis, "/taxii2/", tokens["jpn"]).json()
    assert found["title"].startswith("EXERCISE: USA, realm ")
    assert found["api_roots"] == [found["default"]] == ["http://node.test/taxii2/comity/"]
    root = ask(apis, ROOT, tokens["jpn"]).json()
    assert root["versions"] == [TAXII_MEDIA]
    assert root["max_content_length"] > 0
    collection = ask(apis, find_path(apis, tokens["jpn"]), tokens["jpn"]).json()
    assert (collection["can_read"], collection["can_write"]) == (True, False)
    assert collection["title"].startswith("EXERCISE: ")
    assert ask(apis, find_path(apis, tokens["writer"]), tokens["writer"]).json()["can_write"] is True


def test_nobody_without_a_token(apis: Apis, tokens: dict[str, str]) -> None:
    """No token, a wrong one, the officers' own: one answer, in TAXII's form, with the way in."""
    path = find_path(apis, tokens["jpn"])
    for token in (None, "x", tokens["jpn"][:-1]):
        for one in ("/taxii2/", ROOT, f"{ROOT}collections/", path, f"{path}objects/", f"{path}manifest/"):
            found = ask(apis, one, token)
            assert found.status_code == 401
            assert found.headers["www-authenticate"].startswith("Basic ")
            assert found.json()["error_code"] == "api.no-access"
    assert apis.call("GET", "/taxii2/", headers=HEADERS).status_code == 401


def test_another_collection_is_answered_like_none(apis: Apis, tokens: dict[str, str]) -> None:
    """Byte for byte: whose it is, that it is, and what is in it cannot be told from the answer."""
    put(apis, "secret-name")
    theirs = find_path(apis, tokens["jpn"])
    nobodys = f"{ROOT}collections/00000000-0000-4000-8000-000000000000/"
    object_id = make_object("secret-name")["id"]
    assert ask(apis, f"{theirs}objects/{object_id}/", tokens["jpn"]).status_code == 200
    for rest in ("", "objects/", "manifest/", f"objects/{object_id}/", f"objects/{object_id}/versions/"):
        answers = [ask(apis, path + rest, tokens["kor"]) for path in (theirs, nobodys)]
        assert [one.status_code for one in answers] == [404, 404]
        assert answers[0].content == answers[1].content
        assert answers[0].headers == answers[1].headers
    sent = [ask(apis, path + "objects/", tokens["kor"], "POST", content=b"{}") for path in (theirs, nobodys)]
    assert [one.status_code for one in sent] == [404, 404]
    # An object that this consumer may not have is answered like one that nobody has.
    own = find_path(apis, tokens["kor"])
    hidden = ask(apis, f"{own}objects/{object_id}/", tokens["kor"])
    missing = ask(apis, f"{own}objects/{make_object('never')['id']}/", tokens["kor"])
    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content) == (404, missing.content)


def pull(apis: Apis, token: str, **asked: Any) -> list[dict[str, Any]]:
    """Pull page by page as clients do; return the objects."""
    path, found = find_path(apis, token), []
    while True:
        response = ask(apis, f"{path}objects/", token, params=asked)
        assert response.status_code == 200, response.text
        envelope = response.json()
        found += envelope.get("objects", [])
        if not envelope.get("more"):
            assert "next" not in envelope
            return found
        asked["next"] = envelope["next"]


def test_pages_hold_while_things_are_added(apis: Apis, tokens: dict[str, str]) -> None:
    """Nothing twice, nothing left out, the new at the end."""
    put(apis, *(f"old-{number}" for number in range(7)))
    path, token = find_path(apis, tokens["usa"]), tokens["usa"]
    whole = pull(apis, token)
    first = ask(apis, f"{path}objects/", token, params={"limit": 3}).json()
    assert (first["more"], len(first["objects"])) == (True, 3)
    put(apis, "added-meanwhile")
    rest = pull(apis, token, limit=3, next=first["next"])
    assert [one["id"] for one in (*first["objects"], *rest)][: len(whole)] == [one["id"] for one in whole]
    assert list_names({"objects": rest})[-1] == "added-meanwhile"
    assert len({one["id"] for one in (*first["objects"], *rest)}) == len(whole) + 1


def test_who_comes_back_gets_what_is_new(apis: Apis, tokens: dict[str, str]) -> None:
    """By the header of the last answer: strictly after it, in objects and manifest alike."""
    path, token = find_path(apis, tokens["usa"]), tokens["usa"]
    put(apis, "before")
    last = ask(apis, f"{path}objects/", token)
    date = last.headers["x-taxii-date-added-last"]
    assert last.headers["x-taxii-date-added-first"] <= date
    empty = ask(apis, f"{path}objects/", token, params={"added_after": date})
    assert (empty.json(), "x-taxii-date-added-last" in empty.headers) == ({}, False)
    put(apis, "after")
    assert list_names(ask(apis, f"{path}objects/", token, params={"added_after": date}).json()) == ["after"]
    manifest = ask(apis, f"{path}manifest/", token, params={"added_after": date})
    (row,) = manifest.json()["objects"]
    assert row["id"] == make_object("after")["id"]
    assert row["date_added"] == manifest.headers["x-taxii-date-added-first"] > date
    assert row["version"] == "2026-01-01T00:00:00.000Z"
    assert row["media_type"] == "application/stix+json;version=2.1"


def test_versions_and_filters(apis: Apis, tokens: dict[str, str]) -> None:
    """The latest version unless others are asked for; filters narrow, values are alternatives."""
    path, token = find_path(apis, tokens["usa"]), tokens["usa"]
    for month in ("03", "05", "04"):
        one = make_object("versioned", TLP_2["clear"], modified=f"2026-{month}-01T00:00:00.000Z", description=month)
        apis.call("POST", "/v1/import/stix", content=bundle(one), params={"to": ["JPN"], "topic": ["cyber"]})
    id_ = make_object("versioned")["id"]

    def find(**asked: str) -> list[str]:
        params = {"match[id]": id_, **{f"match[{name}]": value for name, value in asked.items()}}
        found = ask(apis, f"{path}objects/", token, params=params).json()
        return [one["description"] for one in found.get("objects", [])]

    assert find() == ["05"]
    assert find(version="first") == ["03"]
    assert find(version="all") == ["03", "05", "04"]
    assert find(version="2026-04-01T00:00:00Z") == ["04"]
    assert find(version="first,2026-04-01T00:00:00.000Z") == ["03", "04"]
    assert find(type="indicator") == []
    assert find(type="indicator,campaign") == ["05"]
    assert find(spec_version="2.0") == []
    assert find(spec_version="2.0,2.1") == ["05"]
    versions = ask(apis, f"{path}objects/{id_}/versions/", token).json()
    assert versions == {"more": False, "versions": [f"2026-{month}-01T00:00:00.000Z" for month in ("03", "05", "04")]}
    one = ask(apis, f"{path}objects/{id_}/", token, params={"match[version]": "first"}).json()
    assert [found["description"] for found in one["objects"]] == ["03"]


@pytest.mark.parametrize(
    "params",
    [{"limit": "0"}, {"limit": "-1"}, {"limit": "x"}, {"limit": "٣"}, {"next": "x"}, {"next": "9" * 30}, {"next": ""},
     {"added_after": "yesterday"}, {"added_after": "2026-13-01T00:00:00Z"}, {"match[version]": "newest"},
     {"match[id]": ""}, {"match[type]": ",".join(["x"] * 200)}, {"match[name]": "x"}, {"unknown": "1"}],
    ids=str,
)  # fmt: skip
def test_a_query_that_is_none_is_refused(apis: Apis, tokens: dict[str, str], params: dict[str, str]) -> None:
    """400 with the parameter; never everything instead."""
    path = find_path(apis, tokens["usa"])
    found = ask(apis, f"{path}objects/", tokens["usa"], params=params)
    assert (found.status_code, found.json()["error_code"]) == (400, "taxii.query")


def test_a_page_has_a_limit(apis: Apis, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for more gets a page and is told that there is more."""
    put(apis, "one-more", "and-another")
    monkeypatch.setattr("comity.exchange.taxii.LIMIT_MAX", 2)
    path = find_path(apis, tokens["usa"])
    found = ask(apis, f"{path}objects/", tokens["usa"], params={"limit": "5000"}).json()
    assert (len(found["objects"]), found["more"]) == (2, True)


@pytest.mark.parametrize(
    ("accept", "status"),
    [("application/taxii+json;version=2.1", 200), ("application/taxii+json; version=2.1", 200), ("*/*", 200),
     ("application/taxii+json", 200), ('application/taxii+json;version="2.1"', 200), ("application/*", 200),
     ("text/html, application/taxii+json;version=2.1;q=0.5", 200), ("application/json", 406), ("text/html", 406),
     ("application/taxii+json;version=2.0", 406), ("application/vnd.oasis.taxii+json", 406)],
)  # fmt: skip
def test_what_is_sent_is_what_is_accepted(apis: Apis, tokens: dict[str, str], accept: str, status: int) -> None:
    """Only TAXII 2.1, under its own media type, in every answer and every error."""
    for path in ("/taxii2/", ROOT, f"{ROOT}collections/", f"{find_path(apis, tokens['usa'])}objects/"):
        found = ask(apis, path, tokens["usa"], headers={"Accept": accept})
        assert (found.status_code, found.headers["content-type"]) == (status, TAXII_MEDIA)


def test_putting_in_goes_through_the_funnel(apis: Apis, tokens: dict[str, str]) -> None:
    """Marked by label and by what was set with the consumer; the status says of each object what became of it."""
    path, token = find_path(apis, tokens["writer"]), tokens["writer"]
    sent = [make_object("put-in", TLP_2["green"]), make_object("unmarked")]
    headers = {"Content-Type": TAXII_MEDIA}
    done = ask(apis, f"{path}objects/", token, "POST", content=json.dumps({"objects": sent}), headers=headers)
    assert done.status_code == 202, done.text
    status = done.json()
    assert (status["status"], status["total_count"], status["success_count"], status["failure_count"],
            status["pending_count"]) == ("complete", 2, 1, 1, 0)  # fmt: skip
    assert status["successes"] == [{"id": sent[0]["id"], "version": sent[0]["modified"]}]
    assert [(row["id"], row["message"]) for row in status["failures"]] == [(sent[1]["id"], "exchange.no-marking")]
    assert ask(apis, f"{ROOT}status/{status['id']}/", token).json() == status
    assert list_names({"objects": pull(apis, token)}) == ["put-in"]
    (item,) = [row for row in apis.get("/v1/items") if row["markings"][0]["topics"] == ["maritime"]]
    assert (item["audience"], item["markings"][0]["level"]) == (["JPN", "USA"], "USA-CUI")
    # The status of one is nobody else's.
    hidden = ask(apis, f"{ROOT}status/{status['id']}/", tokens["usa"])
    missing = ask(apis, f"{ROOT}status/00000000-0000-4000-8000-000000000000/", tokens["usa"])
    assert (hidden.status_code, hidden.content) == (404, missing.content)


def test_putting_in_is_for_those_who_may(apis: Apis, tokens: dict[str, str]) -> None:
    """A collection that is only read says so; what is no TAXII, and what is no envelope, is refused with a code."""
    headers = {"Content-Type": TAXII_MEDIA}
    path = find_path(apis, tokens["jpn"])
    found = ask(apis, f"{path}objects/", tokens["jpn"], "POST", content=b'{"objects":[]}', headers=headers)
    assert (found.status_code, found.json()["error_code"]) == (403, "consumer.may-not-add")
    path = find_path(apis, tokens["writer"])
    for content, given, status, code in (
        (b'{"objects":[]}', {"Content-Type": "application/json"}, 415, "taxii.not-acceptable"),
        (b"{}", headers, 422, "stix.malformed"),
        (b"x" * (16 * 1024 * 1024 + 1), headers, 413, "bytes.too-large"),
    ):
        found = ask(apis, f"{path}objects/", tokens["writer"], "POST", content=content, headers=given)
        assert (found.status_code, found.json()["error_code"]) == (status, code)


def test_a_removed_consumer_pulls_no_more(apis: Apis) -> None:
    """From the next request on; and one that may have less from now on sees less."""
    token = apis.add_consumer("short", level="USA-CUI", topics=["cyber"])
    path = find_path(apis, token)
    assert ask(apis, f"{path}objects/", token).status_code == 200
    apis.call("DELETE", "/v1/consumers/short")
    assert ask(apis, f"{path}objects/", token).status_code == 401


def test_one_of_the_same_name_begins_anew(apis: Apis) -> None:
    """Its dates are its own: nothing is left of the one before."""
    dates = []
    for _ in range(2):
        token = apis.add_consumer("again", level="USA-CUI", topics=["cyber"])
        put(apis, "seen-twice")
        found = ask(apis, f"{find_path(apis, token)}objects/", token)
        dates.append(found.headers["x-taxii-date-added-first"])
        apis.call("DELETE", "/v1/consumers/again")
    assert dates[0] < dates[1]


def test_what_misps_poller_asks_for(apis: Apis, tokens: dict[str, str]) -> None:
    """Its import module names the collection and asks for STIX 2.1 in pages of a hundred; filters come as given."""
    put(apis, "for-misp")
    path, token = find_path(apis, tokens["jpn"]), tokens["jpn"]
    recorded = {"limit": "100", "match[spec_version]": "2.1"}
    headers = {"Accept": "application/taxii+json;version=2.1", "User-Agent": "taxii2-client/2.3.0"}
    assert ask(apis, path, token, headers=headers).json()["can_read"] is True
    assert "for-misp" in list_names(ask(apis, f"{path}objects/", token, params=recorded, headers=headers).json())
    filtered = {**recorded, "match[type]": "indicator,campaign", "match[version]": "last",
                "added_after": "2020-01-01T00:00:00Z", "match[id]": make_object("for-misp")["id"]}  # fmt: skip
    assert list_names(ask(apis, f"{path}objects/", token, params=filtered).json()) == ["for-misp"]


def test_what_comes_into_quarantine_leaves_the_view(
    apis: Apis, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what was pulled before, and is kept written: nothing of it is exported from then on."""
    asked = {"to": ["USA"], "topic": ["cyber"]}
    raw = bundle(make_object("kept-apart", TLP_2["clear"]))
    (row,) = apis.call("POST", "/v1/import/stix", party="JPN", content=raw, params=asked).json()["items"]
    apis.wait_for_item(row["item"], "USA")
    path = f"{find_path(apis, tokens['usa'])}objects/"
    assert "kept-apart" in list_names(ask(apis, path, tokens["usa"]).json())
    quarantine = apis.nodes["USA"].custody.quarantine
    withheld = Withheld("policy.release", Reason.NO_AGREEMENT)
    monkeypatch.setattr(quarantine, "_judge", lambda _: (True, withheld))
    assert "kept-apart" not in list_names(ask(apis, path, tokens["usa"]).json())


def test_what_became_of_large_envelopes_is_forgotten_first(
    apis: Apis, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By bytes, for a status has a row for each object; the last one is kept, however large."""
    monkeypatch.setattr(taxii_adding, "KEPT_SIZE_BYTES_MAX", 1_000)
    path, headers = f"{find_path(apis, tokens['writer'])}objects/", {"Content-Type": TAXII_MEDIA}
    ids = []
    for count in (1, 40):
        content = json.dumps({"objects": [{}] * count}).encode()
        done = ask(apis, path, tokens["writer"], "POST", headers=headers, content=content)
        assert (done.status_code, done.json()["failure_count"]) == (202, count)
        ids.append(done.json()["id"])
    found = [ask(apis, f"{ROOT}status/{id_}/", tokens["writer"]).status_code for id_ in ids]
    assert found == [404, 200]


def test_a_consumer_sends_so_many_envelopes_at_once(
    apis: Apis, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one is refused before it is read, with when to come again; another consumer's is not."""
    monkeypatch.setattr(taxii_adding, "ADDING_COUNT_MAX", 0)
    path, headers = f"{find_path(apis, tokens['writer'])}objects/", {"Content-Type": TAXII_MEDIA}
    found = ask(apis, path, tokens["writer"], "POST", headers=headers, content=b'{"objects":[]}')
    assert (found.status_code, found.json()["error_code"], found.headers["retry-after"]) == (
        429, "consumer.too-often", "1")  # fmt: skip
    monkeypatch.setattr(taxii_adding, "ADDING_COUNT_MAX", 1)
    for _ in range(3):
        found = ask(apis, path, tokens["writer"], "POST", headers=headers, content=b'{"objects":[{}]}')
        assert found.status_code == 202
