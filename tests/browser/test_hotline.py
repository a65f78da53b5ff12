"""What a watch does on the line, in real browsers: say something in three languages, hand over, print."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from kit.browsing import SignIn, open_browser, watch
from kit.floor import Floor

pytestmark = pytest.mark.server

PHRASE = "policy.phrase.launch-detected"


@pytest.fixture
def seoul(chromium: Browser, floor: Floor, sign_in: SignIn) -> Iterator[Page]:
    """A second browser, at Korea's console, in Korean."""
    context = open_browser(chromium, floor.origins["KOR"], locale="ko-KR")
    watched = watch(context)
    sign_in(watched.page)
    yield watched.page
    watched.check()
    context.close()


def _sign(page: Page) -> None:
    """Sign what is shown, in front of the page or, before its script ran, on one of its own; and be back."""
    page.locator(".confirm button[data-first]").click()
    expect(page.get_by_role("status")).to_be_visible()


def test_a_flash_phrase_and_its_receipts_in_two_capitals(page: Page, seoul: Page, sign_in: SignIn) -> None:
    """Picked and filled by keys in Tokyo; read in Korean at once; each receipt comes up in Tokyo by itself."""
    sign_in(page)
    page.goto("/hotline")
    page.keyboard.press("n")
    page.locator(f".confirm a[href$='/{PHRASE}']").click()
    page.fill("#f-at_1", "180824Z DEC 26")
    page.fill("#f-number_1", "3")
    page.select_option("#f-precedence", "flash")
    page.locator(".confirm .form .button.first").click()
    shown = page.locator(".confirm .wording")
    for sentence in (
        "180824Z DEC 26に発射を探知: 3発",
        "Launch detected at 180824Z DEC 26: 3 objects",
        "발사 탐지: 3발",
    ):
        expect(shown).to_contain_text(sentence)
    _sign(page)
    sent = page.locator("li.message.flash", has_text="180824Z DEC 26に発射を探知: 3発").first
    id_ = sent.get_attribute("id")
    seoul.goto("/hotline")
    there = seoul.locator(f"#{id_}")
    expect(there).to_contain_text("180824Z DEC 26 발사 탐지: 3발")
    korea = sent.locator(".receipts tbody tr", has_text="KOR")
    expect(korea.locator("td").nth(0)).to_contain_text("✓")
    expect(korea.locator("td").nth(2)).not_to_contain_text("kor-operator")
    there.locator("a[href^='/acknowledge/']").click()
    _sign(seoul)
    expect(korea.locator("td").nth(2)).to_contain_text("kor-operator")
    expect(korea.locator("td").nth(1)).not_to_contain_text("kor-operator")
    there.locator("a[href^='/hotline/back/']").click()
    seoul.fill("#f-at_1", "180824Z DEC 26")
    seoul.fill("#f-number_1", "8")
    seoul.locator(".confirm .form .button.first").click()
    _sign(seoul)
    expect(korea.locator(".tag.alert")).to_be_visible()


def test_the_relief_takes_the_watch(
    chromium: Browser, floor: Floor, sign_in: SignIn, officers: Callable[..., str]
) -> None:
    """One officer hands over with a note, another takes it at a console of his own, and both see who has it."""
    tokens = {name: officers("USA", name, "watch-officer") for name in ("usa-x", "usa-y")}
    contexts = {name: open_browser(chromium, floor.origins["USA"], locale="en-GB") for name in tokens}
    pages = {name: context.new_page() for name, context in contexts.items()}
    try:
        for name, page in pages.items():
            sign_in(page, tokens[name])
            page.goto("/handover")
        pages["usa-x"].keyboard.press("o")
        pages["usa-x"].locator(".confirm .form").wait_for()
        pages["usa-x"].fill("#f-text-en", "Line to Seoul bad at six.")
        pages["usa-x"].check("input[name='topic'][value='public-message']")
        pages["usa-x"].locator(".confirm .form .button.first").click()
        _sign(pages["usa-x"])
        waiting = pages["usa-y"].locator(".state.waits")
        expect(waiting).to_contain_text("Line to Seoul bad at six.")
        pages["usa-y"].keyboard.press("u")
        pages["usa-y"].locator(".confirm .form").wait_for()
        pages["usa-y"].locator(".confirm .form .button.first").click()
        _sign(pages["usa-y"])
        for page in pages.values():
            expect(page.locator(".state .what")).to_contain_text("usa-y, Watch officer, since")
    finally:
        for context in contexts.values():
            context.close()


def test_the_card_is_one_sheet_of_paper_for_each_language(page: Page, sign_in: SignIn) -> None:
    """As the browser prints it: a page each, of A4, whatever the theme; and nothing else is printed."""
    sign_in(page)
    for path, count in (("/card/en", 1), ("/card/ja", 1), ("/card/ko", 1), ("/card", 3)):
        page.goto(path)
        raw = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", raw)) == count, path
        assert re.search(rb"/MediaBox\s*\[0 0 59[45](?:\.\d+)? 84[12]", raw)
    page.emulate_media(media="print")
    expect(page.locator(".rail")).to_be_hidden()
    expect(page.locator(".heading")).to_be_hidden()
    expect(page.locator(".sheet").first).to_be_visible()
