"""The alarm, as it is heard: until somebody answers, in one tab of several, and when the node is lost."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from comity.node.alarm.escalation import Escalation
from comity.node.alarm.plan import ALARM_FILE, PlanBook
from kit.api import TOKEN
from kit.browsing import find_broken, find_violations
from kit.calming import calm
from kit.ear import EAR, arm, expect_tone, open_ear, wait_until
from kit.floor import Floor
from kit.hidden_tab import Tab, open_window
from kit.stage import words

pytestmark = pytest.mark.server

FLASH: dict[str, object] = {
    "type": "MessageSent", "channel": "hotline.nsc", "level": "watch", "precedence": "flash",
    "consultation": [], "answers": [], "body": words("USA", "Launch detected."),
}  # fmt: skip
PLAN = """
[[step]]
after_s = 0
roles = ["watch-officer"]
callouts = ["pager"]
[[step]]
after_s = 1
roles = ["director"]
[[step]]
after_s = 3600
roles = ["national-security-adviser"]
[[callout]]
name = "pager"
kind = "command"
argv = ["/nowhere/page"]
"""
BACKGROUND = """
Object.defineProperty(document, "hidden", {get: () => true});
Object.defineProperty(document, "visibilityState", {get: () => "hidden"});
for (const name of ["setTimeout", "setInterval"]) {
  const real = window[name];
  window[name] = (act, ms, ...given) => real(act, Math.max(60_000, ms ?? 0), ...given);
}
"""
"""What a browser does to a page that nobody has looked at for a while: its timers run once in a minute."""


@pytest.fixture
def context(chromium: Browser, floor: Floor) -> Iterator[BrowserContext]:
    """A browser at Japan's console, with an ear, while nothing waits for an answer there."""
    calm(floor, "JPN")
    opened = chromium.new_context(base_url=floor.origins["JPN"], locale="en-GB")
    opened.set_default_timeout(60_000)
    open_ear(opened)
    yield opened
    opened.close()
    calm(floor, "JPN")


def _open(context: BrowserContext, token: str = TOKEN) -> Page:
    page = context.new_page()
    page.goto("/sign-in")
    if page.locator("#token").count():
        page.fill("#token", token)
        page.keyboard.press("Enter")
        page.wait_for_url("**/")
    return page


@contextmanager
def _stopped(floor: Floor, page: Page) -> Iterator[None]:
    """Japan's node is stopped, as its console says, and then started anew, which the console sees by itself."""
    floor.stop("JPN")
    try:
        expect(page.locator("#lost")).to_be_visible()
        yield
    finally:
        floor.start_again("JPN")
    expect(page.locator("#lost")).to_be_hidden()


def _flash(floor: Floor) -> str:
    (id_,) = floor.state(FLASH, party="USA")
    floor.reaches(id_, "JPN")
    return id_


def test_a_flash_sounds_until_it_is_acknowledged(context: BrowserContext, floor: Floor) -> None:
    """Armed by one button and heard; it says EXERCISE; the title flashes; one key and Enter end it, locked or not."""
    page = _open(context)
    expect(page.locator(".bar .guard-state .armed")).to_be_hidden()
    arm(page)
    expect(page.locator("#guard")).to_be_hidden()
    _flash(floor)
    expect_tone(page, "flash")
    wait_until(page, "hear().loud > 0.2")
    assert 500 < page.evaluate("hear().hertz") < 1100
    expect(page.locator("#alarm")).to_contain_text("EXERCISE ALARM")
    wait_until(page, "document.title.startsWith('⚠ EXERCISE ALARM')")
    wait_until(page, "!document.title.startsWith('⚠')")
    page.keyboard.press("l")
    expect(page).to_have_url(re.compile(r"/prove(\?.*)?$"))
    expect_tone(page, "flash")
    expect(page.locator("#alarm")).to_contain_text("Unlock this console")
    expect(page.locator("#alarm")).not_to_contain_text("USA")
    page.fill("#token", TOKEN)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    page.keyboard.press("a")
    expect(page.locator("#confirm [data-first]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    expect_tone(page, "")
    wait_until(page, "hear().loud < 0.01")
    expect(page).to_have_title("Watch · JPN · EXERCISE")


def test_of_several_tabs_one_sounds(context: BrowserContext, floor: Floor) -> None:
    """The one that was armed, in the background too; when it is closed the other takes over."""
    first = _open(context)
    arm(first)
    second = _open(context)
    second.keyboard.press("j")
    expect(second.locator("html")).to_have_attribute("data-guard", "elsewhere")
    expect(second.locator("#guard")).to_be_hidden()
    second.bring_to_front()
    _flash(floor)
    expect_tone(first, "flash")
    wait_until(first, "hear().loud > 0.2")
    expect(second.locator("#alarm .call")).to_be_visible()
    assert second.evaluate("hear().loud") == 0
    first.close()
    expect_tone(second, "flash")
    wait_until(second, "hear().loud > 0.2")


def test_a_console_that_lost_its_node_alarms_by_itself(context: BrowserContext) -> None:
    """By a sound of its own, across the top and in the title; it ends when the node answers again."""
    page = _open(context)
    arm(page)
    context.set_offline(True)
    expect_tone(page, "lost")
    expect(page.locator("#lost")).to_be_visible()
    wait_until(page, "document.title.includes('CONSOLE LOST')")
    wait_until(page, "hear().hertz > 200 && hear().hertz < 450")
    context.set_offline(False)
    expect_tone(page, "")
    expect(page.locator("#lost")).to_be_hidden()


def test_a_flash_sounds_on_over_a_new_start(
    context: BrowserContext, floor: Floor, officers: Callable[..., str]
) -> None:
    """While its node is stopped the console says so and sounds on; started anew, until somebody answers; nobody signs
    in again. And with nothing to answer, it alarms by itself when the node is stopped.
    """
    page = _open(context, officers("JPN", "jpn-w", "watch-officer"))
    arm(page)
    id_ = _flash(floor)
    expect_tone(page, "flash")
    with _stopped(floor, page):
        wait_until(page, "hear().loud > 0.2 && hear().hertz > 500")
        expect_tone(page, "flash")
    expect_tone(page, "flash")
    wait_until(page, "hear().loud > 0.2")
    page.locator(f"#ack-{id_[:16]}").focus()
    page.keyboard.press("a")
    expect(page.locator("#confirm [data-first]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_be_visible()
    expect_tone(page, "")
    with _stopped(floor, page):
        expect_tone(page, "lost")
        wait_until(page, "hear().hertz > 200 && hear().hertz < 450")
    expect_tone(page, "")


def test_a_tab_in_the_background_sounds_at_once(context: BrowserContext, floor: Floor) -> None:
    """Nothing that wakes or keeps the alarm waits for a timer of the page; the title flashes all the same."""
    context.add_init_script(BACKGROUND)
    page = _open(context)
    arm(page)
    _flash(floor)
    expect_tone(page, "flash")
    for _ in range(3):
        wait_until(page, "document.title.startsWith('⚠')")
        wait_until(page, "!document.title.startsWith('⚠')")
        wait_until(page, "hear().loud > 0.2")
    calm(floor, "JPN")
    expect_tone(page, "")


def test_a_hidden_tab_sounds_at_once(chromium: Browser, context: BrowserContext, floor: Floor) -> None:
    """Behind another tab of its window, where the browser slows it down: it sounds, and its title flashes."""
    del context  # which keeps the floor calm
    with open_window(chromium) as window:
        tab = Tab(window, EAR)
        tab.go(f"{floor.origins['JPN']}/sign-in")
        tab.wait(f"(document.querySelector('#token').value = '{TOKEN}')")
        tab.do("document.querySelector('#token').form.requestSubmit()")
        tab.press("#guard [data-arm]")
        tab.press("#guard [data-heard]")
        tab.wait("document.documentElement.dataset.guard === 'armed'")
        Tab(window)
        tab.wait("document.visibilityState === 'hidden'")
        _flash(floor)
        tab.wait("document.documentElement.dataset.sounding === 'flash'")
        tab.wait("hear().loud > 0.2")
        tab.wait("document.title.startsWith('⚠')")
        tab.wait("!document.title.startsWith('⚠')")
        calm(floor, "JPN")
        tab.wait("document.documentElement.dataset.sounding === ''")
        assert tab.do("document.visibilityState") == "hidden"


def test_the_press_that_arms_the_alarm_is_not_lost(context: BrowserContext) -> None:
    """On a page opened by its address any touch arms; what then goes from the top moves nothing under the finger."""
    page = _open(context)
    arm(page)
    page.goto("/record/journals")
    expect(page.locator("#guard")).to_be_visible()
    page.evaluate("""addEventListener("click", event => {
      event.preventDefault();
      window.pressed = event.target.getAttribute("href");
    })""")
    box = page.locator("a[href='/record/bundle']").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    for _ in range(10):
        assert page.locator("#guard").is_visible()
        page.wait_for_timeout(100)
    page.mouse.up()
    expect(page.locator("#guard")).to_be_hidden()
    assert page.evaluate("window.pressed") == "/record/bundle"


def test_an_alarm_climbs_on_the_screen(context: BrowserContext, floor: Floor, tmp_path: Path) -> None:
    """Who was called, who is next, which call-out failed: at the top, and on the page *Alarm*; in Korean too."""
    node = floor.nodes["JPN"]
    (tmp_path / ALARM_FILE).write_text(PLAN)
    node.alarm_plan = PlanBook(tmp_path)

    async def begin() -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(Escalation(node, pauses_s=(0.0,)).keep())

    async def end(task: asyncio.Task[None]) -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    page = _open(context)
    task = floor.run(begin())
    try:
        _flash(floor)
        called = page.locator("#alarm .called")
        expect(called).to_contain_text("Called: Watch officer", timeout=60_000)
        expect(called).to_contain_text("pager: FAILED", timeout=60_000)
        expect(called).to_contain_text("Director of the watch", timeout=60_000)
        expect(called).to_contain_text("Next: National security adviser in", timeout=60_000)
        page.goto("/alarm")
        expect(page.locator("main table")).to_contain_text("Director of the watch")
        assert find_violations(page) == []
        page.locator("button[value=ko]").click()
        expect(page.locator("#alarm .called")).to_contain_text("호출함")
        assert find_broken(page) == []
    finally:
        floor.run(end(task))
        node.alarm_plan = PlanBook()
