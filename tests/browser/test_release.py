"""Releasing, in real browsers: composed as one watches, approved on another screen, asked back across two capitals."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from kit.browsing import open_browser, sign_in
from kit.floor import Floor
from kit.giving import give, wait_for_files

pytestmark = pytest.mark.server

Screen = Callable[..., Page]


@pytest.fixture
def screen(chromium: Browser, floor: Floor) -> Iterator[Screen]:
    """Opens a screen at a party's console, signed in with an officer's token or the realm's own."""
    opened: list[BrowserContext] = []

    def open_(party: str, *token: str, has_script: bool = True) -> Page:
        origin = floor.origins[party]
        opened.append(open_browser(chromium, origin, locale="en-GB", java_script_enabled=has_script))
        page = opened[-1].new_page()
        sign_in(page, *token)
        return page

    yield open_
    for context in opened:
        context.close()


def _write(page: Page, text: str, *, level: str = "USA-C", to: tuple[str, ...] = ("JPN",)) -> None:
    page.goto("/release/new")
    for party in to:
        page.check(f"input[name=to][value={party}]")
    page.select_option("#level-1", level)
    page.check("input[name=topics-1][value=dprk-missile]")
    page.fill("#text-1", text)


def _send(page: Page) -> None:
    page.locator(".sending .first").click()
    page.locator("#confirm[open] [data-first]").wait_for()
    page.keyboard.press("Enter")


def test_the_preview_renews_as_one_types(screen: Screen) -> None:
    """Each party's rendition, the tear line, who could come to see it; then it is sent as it was shown."""
    page = screen("USA")
    _write(page, "Two vehicles left.", to=("JPN", "KOR"))
    expect(page.locator("#preview .rendition")).to_have_count(1)
    expect(page.locator("#preview")).to_contain_text("Two vehicles left.")
    page.locator("button[value=add]").click()
    page.fill("#text-2", "For Japan alone.")
    page.locator(".written").nth(1).locator("summary").click()
    page.check("input[name=listed-2][value=JPN]")
    expect(page.locator("#preview .tear")).to_be_visible()
    expect(page.locator("#preview .rendition")).to_have_count(2)
    expect(page.locator("#preview .rendition").filter(has_text="for KOR")).not_to_contain_text("For Japan alone.")
    page.locator(".sending .first").click()
    dialog = page.locator("#confirm[open]")
    expect(dialog.locator(".rendition")).to_have_count(2)
    page.keyboard.press("Enter")
    page.wait_for_url("**/release?*")
    expect(page.get_by_role("status")).to_be_visible()


def test_a_release_is_made_by_two_officers_on_two_screens(screen: Screen, officers: Callable[..., str]) -> None:
    """It comes up at the second by itself, who reads it and approves there; then, and not before, it reaches Tokyo."""
    first = screen("USA", officers("USA", "usa-fdo", "release-officer"))
    second = screen("USA", officers("USA", "usa-dir", "director"))
    second.goto("/release")
    _write(first, "The highest grade.", level="USA-TS")
    _send(first)
    expect(first.locator("main")).to_contain_text(re.compile("waits for (a second|another) officer", re.IGNORECASE))
    row = second.locator(".needs a[href^='/release/waiting/']")
    expect(row).to_be_visible()
    row.click()
    expect(second.locator("main")).not_to_contain_text("The highest grade.")
    second.locator("a[data-key=o]").click()
    expect(second.locator("main")).to_contain_text("The highest grade.")
    second.get_by_role("link", name="Approve or refuse").click()
    dialog = second.locator("#confirm[open]")
    expect(dialog.locator("[data-first]")).to_be_focused()
    digest = second.url.rpartition("/waiting/")[2].partition("/")[0]
    expect(dialog).to_contain_text(digest[:32])
    expect(dialog).to_contain_text("usa-fdo, usa-dir")
    second.keyboard.press("Enter")
    expect(second).to_have_url(re.compile(r"/release\?signed="))
    expect(second.get_by_role("status").first).to_contain_text("Stated and stored")
    expect(first.locator(".fate")).to_contain_text("Approved, stated and stored")
    path = second.locator("section[aria-labelledby=given] a").first.get_attribute("href")
    tokyo = screen("JPN")
    tokyo.goto("/release")
    link = tokyo.locator(f"section[aria-labelledby=received] a[href='{path}']")
    expect(link).to_be_visible()
    expect(tokyo.locator("section[aria-labelledby=received]")).to_contain_text("TOP SECRET")
    link.click()
    tokyo.locator("a[data-key=o]").click()
    expect(tokyo.locator(".leaf")).to_contain_text("The highest grade.")


def test_an_item_is_asked_back_across_two_capitals(floor: Floor, screen: Screen) -> None:
    """Asked in Tokyo, it comes up in Washington; destroyed there, the certificate comes up in Tokyo."""
    item = give(floor, "JPN", {"text": "Taken back."}, to=("USA",))
    tokyo, washington = (screen(party) for party in ("JPN", "USA"))
    washington.goto("/release")
    tokyo.goto(f"/release/items/{item}")
    tokyo.locator("summary", has_text="Ask it back").click()
    tokyo.locator(f"form[action='/release/items/{item}/recall'] button").click()
    expect(tokyo.locator("#confirm[open]")).to_contain_text("USA")
    tokyo.keyboard.press("Enter")
    expect(tokyo.get_by_role("status")).to_be_visible()
    row = washington.locator(f".needs a[href='/release/items/{item}#recalls']")
    expect(row).to_be_visible()
    row.click()
    washington.locator("form[action$='/answer'] select[name=fate]").select_option("destroyed")
    washington.locator("form[action$='/answer'] select[name=copies]").select_option("none-made")
    washington.locator("form[action$='/answer'] button").click()
    expect(washington.locator("#confirm[open]")).to_contain_text("erased here, for good")
    washington.keyboard.press("Enter")
    expect(washington.get_by_role("status")).to_be_visible()
    expect(washington.locator(".leaf")).to_contain_text("is destroyed: text and key")
    expect(tokyo.locator("#copies").locator("xpath=ancestor::section")).to_contain_text("certificate")


def test_a_file_is_handed_in_and_saved(floor: Floor, screen: Screen) -> None:
    """Chosen, it is in the preview at once; at the other end it is a download, whatever its type says."""
    page = screen("USA")
    _write(page, "")
    page.select_option("#kind-1", "attachment")
    hostile = b"<script>document.title='run'</script>"
    page.set_input_files("#upload-1", {"name": "chart.html", "mimeType": "text/html", "buffer": hostile})
    expect(page.locator("[data-uploaded='1']")).to_contain_text("chart.html")
    expect(page.locator("#preview")).to_contain_text("chart.html")
    _send(page)
    page.wait_for_url("**/release?*")
    path = page.locator("section[aria-labelledby=given] a").first.get_attribute("href") or ""
    item = path.rpartition("/")[2]
    floor.wait_for_item(item, "JPN")
    wait_for_files(floor, item, "JPN")
    tokyo = screen("JPN")
    tokyo.goto(path)
    tokyo.locator("a[data-key=o]").click()
    save = tokyo.locator("a[download]")
    expect(save).to_contain_text("chart.html")
    with tokyo.expect_download() as given:
        save.click()
    assert given.value.path().read_bytes() == hostile
    assert given.value.suggested_filename == "chart.html"


def test_composing_needs_no_script_and_paper_has_its_marks(screen: Screen) -> None:
    """A button previews, a page confirms; on paper banner and marks are heads and feet that every sheet repeats."""
    page = screen("USA", has_script=False)
    _write(page, "Without script.", level="USA-U")
    page.locator(".sending button[value=preview]").click()
    expect(page.locator("#preview .rendition")).to_contain_text("Without script.")
    page.locator(".sending .first").click()
    page.locator(".confirm .button.first").click()
    expect(page.get_by_role("status")).to_contain_text("Stated and stored")
    page.locator("section[aria-labelledby=given] a").first.click()
    page.emulate_media(media="print")
    shown = {
        selector: page.locator(selector).first.evaluate("each => getComputedStyle(each).display")
        for selector in (".banner.top", ".banner.bottom", ".portion-mark", ".banner .realm-words")
    }
    assert shown == {
        ".banner.top": "table-header-group",
        ".banner.bottom": "table-footer-group",
        ".portion-mark": "table-header-group",
        ".banner .realm-words": "flex",
    }
    assert not any(page.locator(selector).is_visible() for selector in (".item-record", ".doing", ".band", ".rail"))
    assert re.search(r"UNCLASSIFIED", page.locator(".banner.bottom").inner_text())
