"""An ear at a console: what really leaves a page for the loudspeaker, not what the page says of it."""

from typing import Final

from playwright.sync_api import BrowserContext, Page, expect

__all__ = ["EAR", "arm", "expect_tone", "open_ear", "wait_until"]

EAR: Final = """
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


def open_ear(context: BrowserContext) -> None:
    """Listen at every page that a browser opens from now on: `hear()` there says how loud it is, and how high."""
    context.add_init_script(EAR)


def arm(page: Page) -> None:
    """Arm the alarm of a page, and say that its sound was heard."""
    page.locator("#guard [data-arm]").click()
    page.locator("#guard [data-heard]").click()
    expect(page.locator("html")).to_have_attribute("data-guard", "armed")


def expect_tone(page: Page, tone: str) -> None:
    """Hold that a page comes to sound this: `flash`, `call`, `lost`, or nothing."""
    expect(page.locator("html")).to_have_attribute("data-sounding", tone, timeout=60_000)


def wait_until(page: Page, holds: str) -> None:
    """Wait until something holds in a page. (The page's policy forbids Playwright's own way of looking: `eval`.)"""
    for _ in range(600):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(100)
    raise AssertionError(holds)
