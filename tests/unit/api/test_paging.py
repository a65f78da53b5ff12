"""Long lists come in pages: each row once, whatever comes in meanwhile, and a cursor that says nothing by itself."""

import base64
import re
from typing import Any

import httpx
import pytest

from comity.api.paging import LIMIT_MAX, PAGED, Page, Paged, _cut_view
from comity.base.errors import UsageError
from kit.api import Apis
from kit.stage import CALL
from kit.talk import marked

UNKNOWN = frozenset({"indicator.unknown", "record.unknown"})


def _walk(apis: Apis, path: str, *, then: Any = None) -> list[list[Any]]:
    """Read a list page by page; after the first, do something."""
    pages, asked = [], path
    while asked:
        response = apis.call("GET", asked)
        assert response.status_code == 200, response.text
        pages.append(response.json())
        if then is not None and len(pages) == 1:
            then()
        asked = str(response.links.get("next", {}).get("url", ""))
    return pages


@pytest.mark.parametrize(("path", "key"), [("timeline", "id"), ("consultations", "id"), ("duties", "due_at")])
def test_each_row_comes_once_whatever_comes_in_meanwhile(apis: Apis, path: str, key: str) -> None:
    """All that were there at the first page, on one page each; the pages are as long as asked for."""
    apis.state(*[CALL] * 5)
    before = list(apis.get(f"/v1/{path}"))
    pages = _walk(apis, f"/v1/{path}?limit=2", then=lambda: apis.state(CALL, CALL, CALL))
    assert {len(page) for page in pages[:-1]} == {2}
    got = [row for page in pages for row in page]
    for row in before:
        assert [one[key] for one in got].count(row[key]) == [one[key] for one in before].count(row[key]), row
    identities = [str({**row, "number": 0, "verdict": "", "is_late": "", "met_by": ""}) for row in got]
    assert len(set(identities)) == len(identities)


def test_messages_cut_before_they_are_shown_are_the_list_in_its_order(apis: Apis) -> None:
    """Page after page, each message once, the latest last, as the whole list has them."""
    line: dict[str, object] = {
        "channel": "hotline.nsc",
        "level": "watch",
        "precedence": "routine",
        "consultation": [],
        "answers": [],
    }
    sent = [{"type": "MessageSent", **line, "body": marked("USA", en=f"Number {number}.")} for number in range(5)]
    ids = {id_ for one in sent for id_ in apis.state(one)}
    apis.wait(lambda: all(cell["is_delivered"] for row in apis.get("/v1/messages") for cell in row["cells"]))
    whole = [row["id"] for row in apis.get("/v1/messages")]
    pages = _walk(apis, "/v1/messages?limit=2")
    assert [row["id"] for page in pages for row in page] == whole
    assert {len(page) for page in pages[:-1]} == {2}
    assert ids <= set(whole)
    parts, lines = list[Any](_walk(apis, "/v1/lines?limit=2")), apis.get("/v1/lines")
    for name, rows in lines.items():
        got = [row for part in parts for row in part[name]]
        assert sorted(map(str, got)) == sorted(map(str, rows)), name
    assert [row["id"] for part in parts for row in part["messages"]] == [row["id"] for row in lines["messages"]]
    assert {sum(map(len, part.values())) for part in parts[:-1]} == {2}


def test_every_view_in_pages_answers_to_both_parameters(apis: Apis) -> None:
    """A limit of one, of none and of more than there may be; a cursor of another list is none of this one's."""
    apis.state(CALL, CALL)
    cursor = re.search("cursor=([^&>]+)", apis.call("GET", "/v1/timeline?limit=1").headers["link"])
    assert cursor is not None
    for path in PAGED:
        asked = path.replace("{indicator}", "economic.x").replace("{exercise}", "0" * 64)
        for query in ("limit=1", "limit=0", "limit=999999999"):
            response = apis.call("GET", f"{asked}?{query}")
            assert response.status_code == 200 or response.json()["code"] in UNKNOWN, response.text
            if query == "limit=0":
                assert "link" not in response.headers
        if path != "/v1/timeline":
            response = apis.call("GET", f"{asked}?cursor={cursor[1]}")
            assert response.json()["code"] in {"api.cursor-unknown", *UNKNOWN}


@pytest.mark.parametrize("query", ["limit=-1", "limit=x", "limit=1.5", "limit=", "limit=9999999999"])
def test_a_limit_that_is_none_is_refused(apis: Apis, query: str) -> None:
    """As what it is: a request that does not fit."""
    assert apis.call("GET", f"/v1/consultations?{query}").json()["code"] == "api.malformed"


@pytest.mark.parametrize("cursor", ["x", "A" * 27, "A" * 28, "%00" * 30, "A" * 65, "=" * 28, "é" * 28])
def test_a_cursor_that_is_none_is_refused_with_its_code(apis: Apis, cursor: str) -> None:
    """And never brings anything down."""
    response: httpx.Response = apis.call("GET", f"/v1/timeline?cursor={cursor}")
    assert (response.status_code, response.json()["code"]) == (400, "api.cursor-unknown")


def test_a_cursor_says_where_and_nothing_of_what(apis: Apis) -> None:
    """A number that its holder counted himself, and half a digest."""
    (id_,) = apis.state(CALL)
    rows = apis.get("/v1/timeline")
    response = apis.call("GET", f"/v1/timeline?limit={len(rows) - 1}")
    cursor = response.links["next"]["url"].partition("cursor=")[2]
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert int.from_bytes(raw[:4], "big") == len(rows) - 2
    assert bytes.fromhex(rows[-2]["id"])[:16] not in raw
    assert apis.call("GET", response.links["next"]["url"]).json()[0]["id"] == id_


def test_what_else_was_asked_for_is_asked_of_each_page(apis: Apis) -> None:
    """A party to read for stands in the next page's address too."""
    apis.state(*[{"type": "ThreatReported", "kind": "other", "occurred_at": 1, "threatened": [], "sources": [],
                  "narrative": {"marking": {"originator": "USA", "scheme": "USA", "level": "USA-U",
                                "topics": ["public-message"], "caveats": []},
                                "translations": [{"language": "en", "text": "x"}]}}] * 3)  # fmt: skip
    pages = _walk(apis, "/v1/alerts?for=JPN&limit=1")
    assert [len(page) for page in pages] == [1] * len(pages)
    assert "for=JPN" in apis.call("GET", "/v1/alerts?for=JPN&limit=1").headers.get("link", "for=JPN")


def test_pages_of_several_lists_are_one_sequence() -> None:
    """Each page has the shape of the whole and those rows that fall to it; what is no list stands on each."""
    paged = Paged({"a": ("id",), "b": ("id", "x/y")})
    view: dict[str, Any] = {
        "a": [{"id": 1}, {"id": 2}],
        "b": [{"id": 1, "x": None}, {"id": 1, "x": {"y": 3}}],
        "count": 4,
    }
    cursor, pages = "", list[Any]()
    while not pages or cursor:
        page = Page("/p", paged, 3, cursor)
        pages.append(_cut_view(page, view))
        cursor = page.next_cursor
    assert pages == [{"a": view["a"], "b": view["b"][:1], "count": 4}, {"a": [], "b": view["b"][1:], "count": 4}]


def test_a_row_that_moved_is_found_and_one_that_went_is_said_to_be_gone() -> None:
    """Cursors hold on to the row, not to its place; the page that is shown keeps the view's own order."""
    rows = [{"id": number, "due": 10 - number} for number in range(6)]
    first = Page("/p", Paged({"": ("due", "id")}, by_key=True), 2, "")
    assert [row["id"] for row in first.cut({"": rows})[""]] == [4, 5]
    moved = [{"id": 9, "due": 0}, *rows[3:], *rows[:3]]
    assert [row["id"] for row in Page("/p", first.paged, 2, first.next_cursor).cut({"": moved})[""]] == [3, 2]
    with pytest.raises(UsageError, match=r"api\.cursor-unknown"):
        Page("/p", first.paged, 2, first.next_cursor).cut({"": rows[:4]})
    assert LIMIT_MAX == 1_000
