"""What one officer states at a console comes up at the others' by itself."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from kit.browsing import Watched, open_browser, sign_in, watch
from kit.floor import Floor

pytestmark = pytest.mark.server

WAIT_MS = 60_000


@pytest.fixture
def consoles(chromium: Browser, floor: Floor) -> Iterator[dict[str, Page]]:
    """Officers of two parties, each in the party's language."""
    watched: dict[str, Watched] = {}
    for party, locale in (("USA", "en-GB"), ("JPN", "ja-JP")):
        context = open_browser(chromium, floor.origins[party], locale=locale)
        context.set_default_timeout(WAIT_MS)
        watched[party] = watch(context)
        sign_in(watched[party].page)
    yield {party: one.page for party, one in watched.items()}
    for one in watched.values():
        one.check()
        one.page.context.close()


def _go(page: Page, path: str) -> None:
    """Go to a page; what it loads besides may come later."""
    page.goto(path, wait_until="domcontentloaded")


def _click(found: Locator) -> None:
    """Click, whatever becomes of it; who looks for what it leads to waits for that."""
    found.click(no_wait_after=True)


def _sign(page: Page) -> None:
    """Sign what lies in front, by the key that it says, and see that it was stated."""
    expect(page.locator("#confirm [data-first]")).to_be_focused(timeout=WAIT_MS)
    before = page.url
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "signed=" in url and url != before, wait_until="domcontentloaded", timeout=WAIT_MS)
    expect(page.get_by_role("status").first).to_be_visible(timeout=WAIT_MS)


def _fill(page: Page, path: str, **typed: str) -> None:
    """Follow the link to an act's form, fill it, and sign."""
    _click(page.locator(f'a[href^="{path}"]').first)
    expect(page.locator(".write")).to_be_visible(timeout=WAIT_MS)
    for name, value in typed.items():
        field = page.locator(f'.write [name="{name}"]')
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    _click(page.locator(".write .button.first"))
    _sign(page)


def test_a_threat_is_reported_and_comes_up_at_the_others(consoles: dict[str, Page]) -> None:
    """The form is confirmed by key and signed; the other console shows the report by itself, word for word."""
    usa, jpn = consoles["USA"], consoles["JPN"]
    _go(usa, "/consultations")
    _go(jpn, "/consultations")
    _fill(
        usa, "/consultations/new/write/threat", kind="missile-launch", **{"text-en": "A missile <b>of a new kind</b>."}
    )
    expect(jpn.get_by_text("A missile <b>of a new kind</b>.")).to_be_visible(timeout=WAIT_MS)
    expect(jpn.locator('a[href^="/consultations/new/write/call?threats="]').first).to_be_visible(timeout=WAIT_MS)
