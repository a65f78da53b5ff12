"""The pages under *Release*: what waits, one item, what reached whom; and that nothing hidden shows in any of them."""

import html
import re
from collections.abc import Iterator

import pytest

from comity.base.errors import OutageError
from comity.base.instants import HOUR_MS, Instant
from comity.procedure.reading import ItemRead
from kit.api import Apis
from kit.console import Browser, find_inline
from kit.giving import ask_for, ask_to_know, call, give, mark, wait_for_files
from kit.officers import have_officers

PAYLOAD = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"


@pytest.fixture
def officer(apis: Apis) -> Iterator[str]:
    """The token of a disclosure officer of the USA; gone after the test."""
    with have_officers(apis.nodes["USA"], {"usa-fdo": ("release-officer",)}) as tokens:
        yield tokens["usa-fdo"]


def _read(apis: Apis, item: str) -> list[ItemRead]:
    rows = [row.entry for row in apis.nodes["USA"].machine.statements.find(ItemRead)]
    return [row for row in rows if isinstance(row, ItemRead) and row.item.hex() == item]


def test_what_waits_stands_first_with_its_deadline(apis: Apis, browser: Browser) -> None:
    """A recall, a request for information and a consent asked of this party, each with a link to its answer."""
    given = give(apis, "JPN", to=("USA",))
    own = give(apis, "USA", to=("JPN",), level="USA-C")
    ask_for(apis, "JPN", own, "KOR", originator="USA")
    (recall,) = call(apis, "JPN", "/v1/recalls", {"item": given, "reason": "compromised",
                     "answer_by_at": apis.nodes["JPN"].now() + HOUR_MS})["ids"]  # fmt: skip
    apis.reaches(recall, "USA")
    asked = ask_to_know(apis, "KOR", PAYLOAD, to=("USA",))
    shown = browser.get("/release").text
    assert f'href="/release/items/{given}#recalls"' in shown
    assert f'href="/release/items/{own}#onward"' in shown
    assert f'href="/release/inquiries#inquiry-{asked[:16]}"' in shown
    page = browser.get("/release/inquiries").text
    assert html.escape(PAYLOAD) in page.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")
    assert find_inline(shown) == find_inline(page) == []


def test_a_secret_is_on_the_own_record_before_it_is_shown(apis: Apis, officer: str) -> None:
    """The page of an item shows none of its text, nor does the piece that renews itself; opening it is read once."""
    item = give(apis, "JPN", {"text": "Two vehicles."}, to=("USA",), level="JPN-HI")
    browser = Browser(apis)
    browser.sign_in(officer)
    for path in ("", "/now"):
        assert "Two vehicles." not in browser.get(f"/release/items/{item}{path}").text
    assert "Two vehicles." not in browser.get("/release").text
    assert _read(apis, item) == []
    shown = browser.get(f"/release/items/{item}/open").text
    assert "Two vehicles." in shown
    assert [(read.reader, read.role) for read in _read(apis, item)] == [("usa-fdo", ("release-officer",))]
    browser.get(f"/release/items/{item}/open")
    assert len(_read(apis, item)) == 1
    assert "Who read it here" not in shown  # who releases is not who may look at that
    other = Browser(apis, like=browser)
    other.sign_in(apis.nodes["USA"].officers.add("usa-audit", ("auditor",), at=Instant(apis.nodes["USA"].now() - 1)))
    looked = other.get(f"/release/items/{item}").text
    assert "Who read it here" in looked
    assert "usa-fdo" in looked


def test_what_is_no_secret_is_read_at_once(apis: Apis, browser: Browser) -> None:
    """Below the rank that the pact names nobody is noted."""
    item = give(apis, "JPN", {"text": "In the open."}, to=("USA",), level="JPN-OPEN")
    assert "In the open." in browser.get(f"/release/items/{item}").text
    assert _read(apis, item) == []


def test_a_reading_that_cannot_be_recorded_is_none(apis: Apis, officer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No record, no text: the page says why."""
    item = give(apis, "JPN", {"text": "Never shown."}, to=("USA",))
    browser = Browser(apis)
    browser.sign_in(officer)
    monkeypatch.setattr(apis.desks["USA"].items.reads, "_find_reader", _fail)
    shown = browser.get(f"/release/items/{item}/open").text
    assert "Never shown." not in shown
    assert "item.read-unrecorded" in shown


def _fail() -> None:
    raise OutageError("node.stopping")


def test_an_item_shows_its_marks_and_keeps_likelihood_from_confidence(apis: Apis, browser: Browser) -> None:
    """Banner above and below, a mark on each portion in its originator's script, how it is handled here in ours."""
    sure = {"text": "一", "language": "ja", "likelihood": "very-likely", "confidence": "low"}
    whom = {"text": "General Bureau", "kind": "attribution", "marking": mark("JPN-HI", caveats=("REL TO USA",))}
    item = give(apis, "JPN", sure, whom, to=("USA",))
    shown = browser.get(f"/release/items/{item}/open").text
    assert len(re.findall(r'class="banner (?:top|bottom)"', shown)) == 2
    assert len(re.findall(r'class="portion-mark"', shown)) == 2
    assert '<span lang="ja">秘</span>' in shown
    assert "CONFIDENTIAL" in shown
    assert re.search(
        r"<dt>Likelihood</dt><dd>very likely[^<]*</dd></div>\s*<div><dt>Confidence</dt><dd>low</dd>", shown
    )
    assert find_inline(shown) == []


def test_a_file_is_saved_and_never_shown(apis: Apis, browser: Browser) -> None:
    """Whatever its type says: it is a download of no type, under its originator's name, and on the record first."""
    hostile = b"<!doctype html><script>alert(1)</script>"
    taken = apis.call("POST", "/v1/attachments", party="JPN", params={"name": "a'b.html"}, content=hostile).json()
    row = {"kind": "attachment", "attachment": taken["attachment"], "media": "text/html"}
    item = give(apis, "JPN", row, to=("USA",))
    wait_for_files(apis, item, "USA")
    answer = browser.get(f"/release/items/{item}/files/1")
    assert answer.content == hostile
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''a%27b.html"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert [read.portion for read in _read(apis, item)] == [(1,)]
    assert "<script>alert" not in browser.get(f"/release/items/{item}/open").text


def test_what_others_gave_each_other_shows_nowhere(apis: Apis) -> None:
    """No row, no count, no word in a search, no page: an item between two others is to a third as one never made."""
    browser = Browser(apis, "KOR")
    browser.sign_in()
    paths = ("/release", "/release/record", "/release/inquiries", "/release/new")
    before = [_blur(browser.get(path).text) for path in paths]
    item = give(apis, "JPN", {"text": "For one alone."}, to=("USA",))
    ask_for(apis, "USA", item, "KOR", originator="JPN")
    ask_to_know(apis, "JPN", "Do you know?", to=("USA",))
    assert [_blur(browser.get(path).text) for path in paths] == before
    assert item[:12] not in browser.get(f"/release/record?item={item[:12]}").text.replace(f'value="{item[:12]}"', "")
    for path in ("", "/open", "/now", "/files/1"):
        hidden, never = (browser.get(f"/release/items/{id_}{path}") for id_ in (item, "00" * 32))
        assert hidden.status_code == never.status_code == 404
        assert _blur(hidden.text, item) == _blur(never.text, "00" * 32)


def _blur(text: str, id_: str = "-") -> str:
    """Leave out of a page what was asked for, its tokens and the time."""
    text = re.sub(r"<time.*?</time>|last heard [^<]*|value=\"[0-9a-f]{64}\"|\?seen=[0-9a-f]+", "", text)
    return re.sub(r"data-ms=\"\d+\"", "", text.replace(id_, "").replace(id_[:12], ""))


def test_the_record_has_a_row_for_each_copy_and_pages(apis: Apis, browser: Browser) -> None:
    """By party and by the beginning of an id; what was asked for is escaped, and a page too far shows the last."""
    item = give(apis, "USA", to=("JPN", "KOR"), level="USA-C")
    other = give(apis, "USA", to=("JPN",), level="USA-C")
    assert f'href="/release/items/{other}"' in browser.get("/release/record").text
    shown = browser.get(f"/release/record?item={item[:10]}").text
    assert shown.count(f'href="/release/items/{item}"') == 2
    assert f'href="/release/items/{other}"' not in shown
    shown = browser.get(f"/release/record?item={item[:10]}&party=KOR&page=99").text
    assert shown.count(f'href="/release/items/{item}"') == 1
    assert find_inline(browser.get("/release/record", params={"item": '"><script>', "party": '"><b>'}).text) == []


@pytest.mark.parametrize("language", ["en", "ja", "ko"])
@pytest.mark.parametrize("path", ["/release", "/release/record", "/release/inquiries", "/release/new"])
def test_each_page_is_in_the_readers_language(apis: Apis, path: str, language: str) -> None:
    """No field is left open, and every form carries its token."""
    browser = Browser(apis, language=language)
    browser.sign_in()
    page = browser.get(path).text
    assert f'<html lang="{language}"' in page
    assert not re.search(r"\{[a-z_]+\}", re.sub(r'content="[^"]*"', "", page))
    assert page.count('method="post"') == page.count('name="form"')
