"""Everywhere to go by a few letters: what is open, in the reader's language, and nothing that he may not see."""

import html
import re

from kit.api import Apis
from kit.console import Browser, find_inline
from kit.talk import Play


def _find(browser: Browser, typed: str) -> list[str]:
    """Return where the rows lead that a few letters find."""
    answer = browser.get("/palette/rows", params={"q": typed}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    return re.findall(r'data-href="([^"]+)"', answer.text)


def test_what_is_open_is_found(apis: Apis, browser: Browser) -> None:
    """A consultation by its kind or its party, a text, a page; by any words, in any order and case."""
    play = Play(apis)
    call = play.call("KOR", kind="space-incident")
    (text,) = apis.state({"type": "TextOpened", "consultation": [call], "kind": "joint-statement", "languages": ["en"]},
                         party="KOR")  # fmt: skip
    apis.reaches(text, "USA")
    assert f"/consultations/{call}" in _find(browser, "KOR consultation")
    assert f"/consultations/{call}" in _find(browser, "CONSULTATION kor")
    has_texts = "/texts/{id:str}" in {route.path for route in browser.app.routes}
    assert (f"/texts/{text}" in _find(browser, "text kor")) is has_texts
    assert _find(browser, "shortcuts")[0] == "/shortcuts"
    assert _find(browser, "no such thing at all") == []


def test_what_is_over_is_not(apis: Apis, browser: Browser) -> None:
    """A consultation that was withdrawn leads nowhere any more."""
    play = Play(apis)
    call = play.call("KOR", kind="disaster")
    assert f"/consultations/{call}" in _find(browser, "")
    play.say("KOR", "EntryWithdrawn", entry=call, reason="mistake")
    assert f"/consultations/{call}" not in _find(browser, "")


def test_nothing_of_others_is_found(apis: Apis, browser: Browser) -> None:
    """What two parties open among themselves is not in the palette of a third, by no word."""
    (call,) = apis.state({"type": "ConsultationCalled", "commitment": "C1", "level": "watch", "kind": "other",
                          "threats": [], "threatened": []}, party="JPN", to=("JPN", "KOR"))  # fmt: skip
    before = _find(browser, "")
    apis.reaches(call, "KOR")
    assert _find(browser, "") == before
    assert all(call not in path for path in before)


def test_it_is_a_page_without_script(apis: Apis, browser: Browser) -> None:
    """With the same rows as links, in each language; what is typed stands in the field, and is text."""
    for language, word in (("en", "Watch"), ("ja", "当直"), ("ko", "당직")):
        one = Browser(apis, like=browser, language=language)
        one.sign_in()
        page = one.get("/palette", params={"q": word})
        assert '<a href="/"' in page.text
    typed = '"><script>alert(1)</script>'
    page = browser.get("/palette", params={"q": typed})
    assert find_inline(page.text) == []
    assert html.escape(typed).replace("&quot;", "&#34;") in page.text
    assert browser.get("/palette", params={"q": "x" * 201}).status_code == 400
