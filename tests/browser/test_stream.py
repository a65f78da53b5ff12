"""A console that looks by itself: it is told of what happens, and of what it missed (ADR 0061)."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from comity.base.instants import MINUTE_MS, Instant, format_dtg
from kit.browsing import SignIn, open_browser
from kit.floor import Floor
from kit.stage import CALL
from kit.talk import marked

pytestmark = pytest.mark.server


def _call(floor: Floor) -> str:
    (id_,) = floor.state(CALL, party="USA")
    return id_


def test_every_tab_is_told_and_one_listens(context: BrowserContext, page: Page, floor: Floor, sign_in: SignIn) -> None:
    """Tabs of one browser share a stream: what is stated comes up in each, and one that closes takes it from nobody."""
    streams: list[str] = []
    context.on("request", lambda request: streams.append(request.url) if "/watch/stream" in request.url else None)
    sign_in(page)
    second = context.new_page()
    second.goto("/")
    id_ = _call(floor)
    for tab in (page, second):
        expect(tab.locator(f"#ack-{id_[:16]}")).to_be_visible()
    # The page after signing in, and the second tab; had each its own, there would be one more for every load.
    assert len(streams) <= 2
    page.close()
    other = _call(floor)
    expect(second.locator(f"#ack-{other[:16]}")).to_be_visible()


def test_what_comes_while_a_piece_is_under_way_is_shown(page: Page, floor: Floor, sign_in: SignIn) -> None:
    """An answer that is older than what was heard meanwhile is shown, and then what was heard."""
    held: list[Callable[[], None]] = []
    first, second = "", ""

    def answer(route: Route) -> None:
        headers = route.request.all_headers() | {"host": urlsplit(floor.origins["JPN"]).netloc}
        fetched = route.fetch(url=route.request.url.replace("jpn.localhost", "127.0.0.1"), headers=headers)
        if held or first == "" or first[:16] not in fetched.text():
            route.fulfill(response=fetched)
        else:
            held.append(lambda: route.fulfill(response=fetched))

    sign_in(page)
    page.evaluate("""() => {
      window.heard = {}; window.renewed = 0;
      const hear = event => (window.heard[event.detail.id] = window.renewed);
      document.body.addEventListener("comity:stated", hear);
      document.body.addEventListener("comity:renew", () => (window.renewed += 1));
    }""")
    page.route("**/watch/now?*", answer)
    first = _call(floor)
    while not held:
        page.wait_for_timeout(10)
    second = _call(floor)
    page.wait_for_function("id => window.renewed > window.heard[id]", arg=second)
    held[0]()
    # Sooner than the piece would ask by itself, with nothing heard.
    expect(page.locator(f"#ack-{second[:16]}")).to_be_visible()


def _report(floor: Floor) -> str:
    narrative = marked("USA", en="PLAYED. A track.")
    (id_,) = floor.state({"type": "ThreatReported", "kind": "other", "occurred_at": 1, "threatened": [], "sources": [],
                          "narrative": narrative}, party="USA")  # fmt: skip
    floor.reaches(id_, "JPN")
    return id_


def test_focus_and_press_outlast_a_renewal(page: Page, floor: Floor, sign_in: SignIn) -> None:
    """What had the focus has it in the piece that comes, and what is being pressed is not taken away meanwhile."""
    first = _report(floor)
    sign_in(page)
    page.goto("/consultations")
    link, more = (page.locator(f".live a[href*='threats={id_}']") for id_ in (first, _report(floor)))
    expect(more).to_be_visible()
    link.focus()
    third = _report(floor)
    expect(page.locator(f".live a[href*='threats={third}']")).to_be_visible()
    expect(link).to_be_focused()
    link.hover()
    page.mouse.down()
    with page.expect_response(lambda answer: "/consultations/now" in answer.url and answer.status == 200):
        _report(floor)
    page.mouse.up()
    expect(page).to_have_url(re.compile(f"/write/call.*threats={first}"))


def test_the_clock_goes_on_when_the_bar_renews_itself(page: Page, sign_in: SignIn) -> None:
    """Time goes by in the bar that came last, too."""
    page.clock.install()
    sign_in(page)
    said_at = int(page.locator("#now-z").get_attribute("data-ms") or 0)
    with page.expect_response("**/watch/bar"):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('comity:link'))")
    page.clock.fast_forward(5 * MINUTE_MS)
    later = [format_dtg(Instant(said_at + count * MINUTE_MS)) for count in (5, 6)]
    expect(page.locator("#now-z")).to_have_text(re.compile("|".join(later)))


def test_a_console_goes_on_over_a_new_start(
    page: Page, floor: Floor, sign_in: SignIn, officers: Callable[..., str]
) -> None:
    """It says that its node is gone, goes on by itself once it is there, and says what it missed; nobody signs in."""
    sign_in(page, officers("JPN", "jpn-w", "watch-officer"))
    before = _call(floor)
    expect(page.locator(f"#ack-{before[:16]}")).to_be_visible()
    floor.stop("JPN")
    try:
        expect(page.locator("#lost")).to_be_visible()
        missed = _call(floor)
    finally:
        floor.start_again("JPN")
    floor.reaches(missed, "JPN")
    expect(page.locator("#lost")).to_be_hidden()
    expect(page.locator(f"#ack-{missed[:16]}")).to_be_visible()
    said = page.locator("#missed")
    expect(said).to_be_visible()
    expect(said).to_contain_text(re.compile(r"\d{6}Z [A-Z]{3} \d\d – \d{6}Z"))
    # What a form of this page brings back is still good.
    page.keyboard.press("l")
    expect(page).to_have_url(re.compile(r"/prove(\?.*)?$"))


def test_a_locked_console_is_led_to_the_proof(
    chromium: Browser, page: Page, floor: Floor, sign_in: SignIn, officers: Callable[..., str]
) -> None:
    """A console whose officer is revoked shows nothing any more, without a touch of its own."""
    token = officers("JPN", "jpn-w", "watch-officer")
    sign_in(page, token)
    page.goto("/shortcuts")
    floor.nodes["JPN"].officers.revoke("jpn-w", at=floor.nodes["JPN"].now())
    expect(page).to_have_url(re.compile(r"/sign-in\?next=/shortcuts$"))
    other = open_browser(chromium, floor.origins["JPN"], locale="en-GB")
    shown = other.new_page()
    sign_in(shown)
    expect(shown.locator(".rail")).to_be_visible()
    other.close()
