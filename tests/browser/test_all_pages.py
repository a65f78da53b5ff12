"""Every page of the table: for everybody's eyes and hands, and whatever other parties may have written (ADR 0056)."""

import re
from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser, Page

from kit.browsing import find_broken, find_violations, open_browser, sign_in, watch
from kit.floor import Floor
from kit.floor_pages import PAGES, PARTY, FloorPage, make_all

pytestmark = pytest.mark.server

WIDTHS = (1280, 360)
RUNNING = "window.__ran=1"
MARKUP = "\"'><svg/onload={0}><iframe srcdoc='x'></main></aside><base href=//evil.test><a href=javascript:{0}>x"
LONG = "発射を探知した飛翔体は半島の東方海上に落下したものと推定される" * 12 + "한반도동쪽해상에낙하한것으로추정" * 12
PAYLOADS = {
    "run": f"javascript:{RUNNING}//{{{{ 7*7 }}}} {{% raw %}} ${{1}} `x` &lt;b&gt; &#0;"
           f"<script>{RUNNING}</script><img src=x onerror='{RUNNING}'><style>*{{display:none}}</style>"
           + MARKUP.format(RUNNING),
    "spoil": "\u202e\u2067هجوم\u2066 \u200f\u202d gnihtyreve snrut ti \u061c" + "\u0300" * 40 + LONG + "W" * 400,
}  # fmt: skip
TEXT = "発射を探知。飛翔体1、半島東方。"


@pytest.fixture(scope="module")
def ids(floor: Floor) -> Mapping[str, str]:
    """What the pages show, in words that nobody would mind."""
    return make_all(floor, TEXT)


@pytest.fixture
def looked(chromium: Browser, floor: Floor) -> Iterator[Page]:
    """A page at the console of the party at which all pages are looked at, in Korean."""
    context = open_browser(chromium, floor.origins[PARTY], locale="ko-KR")
    watched = watch(context)
    yield watched.page
    watched.check()
    context.close()


def _open(page: Page, shown: FloorPage, ids: Mapping[str, str]) -> None:
    page.goto(shown.path(ids))
    if shown.click is not None:
        page.locator(shown.click(ids)).click()
        page.locator("#confirm[open] [data-first]").wait_for()


@pytest.mark.parametrize("is_entrance", [True, False])
def test_every_page_is_accessible(looked: Page, ids: Mapping[str, str], is_entrance: bool) -> None:
    """WCAG 2.2 AA as axe sees it, wide, in both themes, and on a phone; and one scrolls in one direction only."""
    if not is_entrance:
        sign_in(looked)
    for shown in (one for one in PAGES if one.is_entrance is is_entrance):
        _open(looked, shown, ids)
        for width in WIDTHS:
            looked.set_viewport_size({"width": width, "height": 800})
            for scheme in ("light", "dark") if width == max(WIDTHS) else ("light",):
                looked.emulate_media(color_scheme=scheme)
                found = find_violations(looked, of_colours=scheme == "dark")
                assert found == [], (shown.name, width, scheme)
            # At 360 CSS pixels as at 200 % zoom.
            assert looked.evaluate("document.documentElement.scrollWidth <= innerWidth"), (shown.name, width)


@pytest.mark.parametrize("payload", list(PAYLOADS))
def test_what_others_wrote_stays_text(looked: Page, floor: Floor, payload: str) -> None:
    """Planted in every free text field of the record: nothing runs, nothing leaves its place, on any page."""
    planted = make_all(floor, PAYLOADS[payload])
    sign_in(looked)
    looked.set_viewport_size({"width": 360, "height": 800})
    for shown in (one for one in PAGES if not one.is_entrance):
        _open(looked, shown, planted)
        # An open dialog is in front of the same frame.
        broken = [row for row in find_broken(looked) if shown.name != "prove" or not re.match("not 1 of", row)]
        assert broken == [], shown.name
        assert looked.evaluate("window.__ran") is None, shown.name
