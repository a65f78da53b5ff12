"""The alarm, as it is heard: until somebody answers, in one tab of several, and when the node is lost."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from comity.machine.waiting import AlertKind, find_alerts
from comity.node.alarm.escalation import Escalation
from comity.node.alarm.plan import ALARM_FILE, PlanBook
from kit.api import TOKEN
from kit.browsing import find_broken, find_violations
from kit.floor import Floor
from kit.stage import words

pytestmark = pytest.mark.server

FLASH: dict[str, object] = {
    "type": "MessageSent", "channel": "hotline.nsc", "level": "watch", "precedence": "flash",
    "consultation": [], "answers": [], "body": words("USA", "Launch detected."),
}  # fmt: skip
EAR = """
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...more) {
  if (to instanceof AudioDestinationNode) {
    window.ear ??= new AnalyserNode(this.context, {fftSize: 32768});
    connect.call(this, window.ear);
  }
  return connect.call(this, to, ...more);
};
// The loudest sample of the last two thirds of a second, and which pitch is the strongest in it.
window.hear = () => {
  if (!window.ear) return {loud: 0, hertz: 0};
  const samples = new Float32Array(window.ear.fftSize), shares = new Float32Array(window.ear.frequencyBinCount);
  window.ear.getFloatTimeDomainData(samples);
  window.ear.getFloatFrequencyData(shares);
  const at = shares.indexOf(shares.reduce((most, one) => Math.max(most, one)));
  return {loud: samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0),
          hertz: at * window.ear.context.sampleRate / window.ear.fftSize};
};
"""
"""What really leaves the page for the loudspeaker, not what the page says of it."""


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
    _calm(floor)
    opened = chromium.new_context(base_url=floor.origins["JPN"], locale="en-GB")
    opened.set_default_timeout(60_000)
    opened.add_init_script(EAR)
    yield opened
    opened.close()
    _calm(floor)


def _calm(floor: Floor) -> None:
    """Answer whatever waits for Japan."""
    node = floor.nodes["JPN"]
    for alert in find_alerts(node.machine, node.now()):
        named = "consultation" if alert.kind is AlertKind.CALL else "message"
        type_ = "Acknowledged" if alert.kind is AlertKind.CALL else "MessageAcknowledged"
        floor.state(
            {"type": type_, named: alert.id.hex(), "role": "watch-officer", "officer": "JPN-operator"}, party="JPN"
        )


def _open(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto("/sign-in")
    if page.locator("#token").count():
        page.fill("#token", TOKEN)
        page.keyboard.press("Enter")
        page.wait_for_url("**/")
    return page


def _arm(page: Page) -> None:
    page.locator("#guard [data-arm]").click()
    page.locator("#guard [data-heard]").click()
    expect(page.locator("html")).to_have_attribute("data-guard", "armed")


def _sounds(page: Page, tone: str) -> None:
    expect(page.locator("html")).to_have_attribute("data-sounding", tone, timeout=60_000)


def _until(page: Page, holds: str) -> None:
    """Wait until something holds in a page. (The page's policy forbids Playwright's own way of looking: `eval`.)"""
    for _ in range(600):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(100)
    raise AssertionError(holds)


def _flash(floor: Floor) -> str:
    (id_,) = floor.state(FLASH, party="USA")
    floor.reaches(id_, "JPN")
    return id_


def test_a_flash_sounds_until_it_is_acknowledged(context: BrowserContext, floor: Floor) -> None:
    """Armed by one button and heard; it says EXERCISE; the title flashes; one key and Enter end it, locked or not."""
    page = _open(context)
    expect(page.locator(".bar .guard-state .armed")).to_be_hidden()
    _arm(page)
    expect(page.locator("#guard")).to_be_hidden()
    _flash(floor)
    _sounds(page, "flash")
    _until(page, "hear().loud > 0.2")
    assert 500 < page.evaluate("hear().hertz") < 1100
    expect(page.locator("#alarm")).to_contain_text("EXERCISE ALARM")
    _until(page, "document.title.startsWith('⚠ EXERCISE ALARM')")
    _until(page, "!document.title.startsWith('⚠')")
    page.keyboard.press("l")
    expect(page).to_have_url(re.compile(r"/prove(\?.*)?$"))
    _sounds(page, "flash")
    expect(page.locator("#alarm")).to_contain_text("Unlock this console")
    expect(page.locator("#alarm")).not_to_contain_text("USA")
    page.fill("#token", TOKEN)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    page.keyboard.press("a")
    expect(page.locator("#confirm [data-first]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    _sounds(page, "")
    _until(page, "hear().loud < 0.01")
    expect(page).to_have_title("Watch · JPN · EXERCISE")


def test_of_several_tabs_one_sounds(context: BrowserContext, floor: Floor) -> None:
    """The one that was armed, in the background too; when it is closed the other takes over."""
    first = _open(context)
    _arm(first)
    second = _open(context)
    second.keyboard.press("j")
    expect(second.locator("html")).to_have_attribute("data-guard", "elsewhere")
    expect(second.locator("#guard")).to_be_hidden()
    second.bring_to_front()
    _flash(floor)
    _sounds(first, "flash")
    _until(first, "hear().loud > 0.2")
    expect(second.locator("#alarm .call")).to_be_visible()
    assert second.evaluate("hear().loud") == 0
    first.close()
    _sounds(second, "flash")
    _until(second, "hear().loud > 0.2")


def test_a_console_that_lost_its_node_alarms_by_itself(context: BrowserContext) -> None:
    """By a sound of its own, across the top and in the title; it ends when the node answers again."""
    page = _open(context)
    _arm(page)
    context.set_offline(True)
    _sounds(page, "lost")
    expect(page.locator("#lost")).to_be_visible()
    _until(page, "document.title.includes('CONSOLE LOST')")
    _until(page, "hear().hertz > 200 && hear().hertz < 450")
    context.set_offline(False)
    _sounds(page, "")
    expect(page.locator("#lost")).to_be_hidden()


def test_a_tab_in_the_background_sounds_at_once(context: BrowserContext, floor: Floor) -> None:
    """Nothing that wakes or keeps the alarm waits for a timer of the page; the title flashes all the same."""
    context.add_init_script(BACKGROUND)
    page = _open(context)
    _arm(page)
    _flash(floor)
    _sounds(page, "flash")
    for _ in range(3):
        _until(page, "document.title.startsWith('⚠')")
        _until(page, "!document.title.startsWith('⚠')")
        _until(page, "hear().loud > 0.2")
    _calm(floor)
    _sounds(page, "")


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
