"""A console in one hand: the page first, the pages under the thumb, tables read row by row; without script as well."""

import pytest
from playwright.sync_api import Browser, Page, expect

from kit.browsing import open_browser, sign_in
from kit.floor import Floor
from kit.talk import Play, marked

pytestmark = pytest.mark.server

PHONE = {"width": 390, "height": 844}
THUMB = 44
SMALL = """least => [...document.querySelectorAll("main .button, main button, main select, .rail a, .rail button")]
  .filter(one => one.offsetParent && one.getBoundingClientRect().height < least - 0.5)
  .map(one => one.outerHTML.slice(0, 80))"""


def _check_page(page: Page) -> None:
    """Hold that the page's heading is on the first screen, over a bar of pages that stays at the foot."""
    heading, bar = page.locator("h1").bounding_box(), page.locator(".rail nav").bounding_box()
    assert heading is not None
    assert bar is not None
    assert bar["y"] + bar["height"] == pytest.approx(PHONE["height"], abs=10)
    assert heading["y"] < bar["y"]
    foot = page.locator(".rail .foot").bounding_box()
    assert foot is not None
    assert foot["y"] > heading["y"]


ASIDE = """() => [...document.querySelectorAll("main .scroll")].filter(part => part.scrollWidth > part.clientWidth)
  .map(part => part.className)"""


@pytest.mark.parametrize("has_script", [True, False])
def test_the_page_comes_first(chromium: Browser, floor: Floor, has_script: bool) -> None:
    """What is pressed is as large as a thumb, the page is marked in the bar, each cell of a table says what it is."""
    play = Play(floor)
    call = play.call("KOR")
    play.offer("USA", call, play.terms("USA", caveats=[marked("USA", en="Only in daylight.")]), "JPN")
    context = open_browser(chromium, floor.origins["JPN"], viewport=PHONE, java_script_enabled=has_script)
    page = context.new_page()
    sign_in(page)
    for path in ("/", "/release", "/plans", "/administration/keys", "/record/knowledge", f"/consultations/{call}"):
        page.goto(path)
        if has_script:  # nothing is asked of a page that has none
            _check_page(page)
            assert page.evaluate(SMALL, THUMB) == [], path
            assert set(page.evaluate(ASIDE)) <= {"scroll drawn"}, f"{path}: only a chart is moved sideways"
            expect(page.locator(".rail nav [aria-current]")).to_be_in_viewport(ratio=1)
    cell = page.locator(".acts-table td[data-label='window']")
    expect(cell).to_have_css("display", "flow-root")
    expect(page.locator(".acts-table")).to_have_role("table")
    expect(page.get_by_role("row").filter(has=page.locator("td[data-label='window']"))).to_have_count(1)
    context.close()
