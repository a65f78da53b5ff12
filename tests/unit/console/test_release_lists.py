"""Lists under Release: what came in, public warnings, indicators; with their provenance, a page at a time."""

import base64
import re
import uuid
from collections.abc import Iterator

import pytest

from comity.console import release_lists
from comity.procedure.reading import ItemRead
from kit.api import Apis
from kit.console import Browser, find_inline, read_found
from kit.hotline import sign_in
from kit.officers import have_officers
from kit.stix import TLP_2, bundle, make_object
from unit.exchange.test_cap_read import make_usual

ALERT = make_usual(more="<headline>Tsunami</headline>").replace(b"Actual", b"Exercise")
PAGES = ["/release/imports", "/release/warnings", "/release/indicators"]


@pytest.fixture
def tokens(apis: Apis) -> Iterator[dict[str, str]]:
    """An officer for disclosure and an auditor of the USA."""
    roles = {"usa-r": ("release-officer",), "usa-v": ("auditor",)}
    with have_officers(apis.nodes["USA"], roles) as found:
        yield found


def _take(apis: Apis, headline: str, *, token: str, **wish: object) -> str:
    raw = ALERT.replace(b"Tsunami", headline.encode())
    raw = re.sub(rb"<identifier>[^<]*", b"<identifier>" + str(uuid.uuid4()).encode(), raw)
    body = {
        "alert": base64.b64encode(raw).decode(),
        "to": ["JPN"],
        "level": "USA-U",
        "topics": ["public-message"],
        **wish,
    }
    taken = apis.call("POST", "/v1/alerts", token=token, json=body)
    assert taken.status_code == 201, taken.text
    item: str = taken.json()["item"]
    return item


def test_what_came_in_says_by_which_format_and_who_marked_it(apis: Apis, usa: Browser, tokens: dict[str, str]) -> None:
    """The item, its marking, to whom, the officer in his role; the API's list and the command's are the same."""
    item = _take(apis, "Marked", token=tokens["usa-r"])
    objects = bundle(make_object("came-in", TLP_2["clear"]))
    asked = {"to": ["JPN"], "topic": ["cyber"]}
    came = apis.call("POST", "/v1/import/stix", token=tokens["usa-r"], content=objects, params=asked)
    (stix,) = (row["item"] for row in came.json()["items"])
    rows = {row["item"]: row for row in apis.get("/v1/imports")}
    assert (rows[item]["format"], rows[stix]["format"]) == ("cap", "stix")
    assert rows[item]["to"] == ["JPN"]
    assert rows[item]["marking"]["level"] == "USA-U"
    assert [one["officer"] for one in rows[stix]["acted_by"]] == ["usa-r"]
    page = usa.get("/release/imports")
    text = read_found(page)
    assert item[:12] in text
    assert "STIX 2.1" in text
    assert "usa-r, Foreign disclosure officer" in text


def test_a_list_goes_on_where_its_page_ended(
    apis: Apis, usa: Browser, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a cursor that names the last row; what comes in meanwhile moves nothing, and what is no cursor is refused."""
    monkeypatch.setattr(release_lists, "ROW_COUNT", 1)
    older, newer = (_take(apis, name, token=tokens["usa-r"]) for name in ("Older", "Newer"))
    first = usa.get("/release/imports")
    (link,) = re.findall(r'rel="next" href="([^"]+)"', first.text)
    assert newer[:12] in read_found(first)
    _take(apis, "Meanwhile", token=tokens["usa-r"])
    second = read_found(usa.get(link))
    assert older[:12] in second
    assert newer[:12] not in second
    assert "api.cursor-unknown" in usa.get("/release/imports?cursor=" + "A" * 27).text


def test_a_warning_says_whence_it_came_and_who_may_have_it(apis: Apis, usa: Browser, tokens: dict[str, str]) -> None:
    """Received under a marking, for those to whom it was marked, and for systems within their ceiling; no others."""
    apis.add_consumer("warns-jpn", reading_for="JPN", formats=["cap"])
    apis.add_consumer("warns-kor", reading_for="KOR", formats=["cap"])
    item = _take(apis, "Whence", token=tokens["usa-r"], caveats=["REL TO JPN, USA"])
    page = usa.get("/release/warnings").text.partition("</main>")[0]
    row = next(part for part in page.split("<li data-row>") if item[:12] in part)
    text = re.sub(r"<[^>]+>", " ", row)
    for words in ("received", "Whence", "given by", "warns-jpn", "Exercise"):
        assert words in text, words
    assert "warns-kor" not in text
    assert "KOR" not in text.partition("may have it now:")[2]


def test_reading_a_warning_that_is_a_secret_is_recorded(apis: Apis, usa: Browser, tokens: dict[str, str]) -> None:
    """As over the API: its words stand on the page, so the reading stands in the journal (P48)."""
    item = _take(apis, "Secret", token=tokens["usa-r"], level="USA-C", topics=["dprk-missile"])
    reader = Browser(apis, like=usa)
    reader.sign_in(tokens["usa-v"])
    assert "Secret" in read_found(reader.get("/release/warnings"))
    reads = [one.entry for one in apis.nodes["USA"].machine.statements.find(ItemRead)]
    found = [one for one in reads if isinstance(one, ItemRead) and one.item.hex() == item]
    assert "usa-v" in {one.reader for one in found}


def test_indicators_show_thresholds_and_last_values(apis: Apis, usa: Browser) -> None:
    """Each with its history on a page of its own; one that there is not is no page."""
    rows = apis.get("/v1/indicators")
    text = read_found(usa.get("/release/indicators"))
    for row in rows:
        assert row["title"]["en"] in text
    if rows:
        assert rows[0]["title"]["en"] in usa.get(f"/release/indicators/{rows[0]['id']}").text
    assert usa.get("/release/indicators/policy.indicator.none").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_it_is_read_in_each_language(apis: Apis, page: str) -> None:
    """No field is left open, nothing inline."""
    browser = sign_in(Browser(apis))
    for language in ("en", "ja", "ko"):
        browser.submit(browser.get(page), "/preferences", language=language, back=page)
        answer = browser.get(page)
        assert f'<html lang="{language}"' in answer.text
        assert find_inline(answer.text) == []
        assert not re.search(r"\{[a-z_]+\}", re.sub(r'content="[^"]*"', "", answer.text))
