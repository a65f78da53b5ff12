"""From a click in a browser at USA until a FLASH is visible and sounds in the browsers at JPN and KOR.

Three real nodes as processes of their own, three Chromiums, one machine and its one clock. A click is taken where the
page's handler gets it; *visible* is the frame that was painted with the alarm; *sounds* is when the browser was given
the samples to play. Each alert is acknowledged before the next one.

    make alert-speed COUNT=60 LOG=docs/alert-speed.md
"""

import argparse
import contextlib
import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright

from comity.api.token import read_address, read_token
from comity.base.names import Party
from comity.cli.asking import Client
from comity.cli.demo.stage import Stage

CHROMIUM: Final = "/usr/bin/chromium"
FROM: Final[Party] = "USA"
TO: Final[tuple[Party, ...]] = ("JPN", "KOR")
WARM_COUNT: Final = 5
"""The first alerts of a run are not counted: pages, sounds and links are made ready by them."""
AIMS_MS: Final = {50: 100.0, 99: 250.0}
FLASH: Final[dict[str, object]] = {
    "type": "MessageSent", "channel": "hotline.nsc", "level": "watch", "precedence": "flash",
    "consultation": [], "answers": [],
    "body": {"marking": {"originator": FROM, "scheme": FROM, "level": "USA-U", "topics": ["public-message"],
                         "caveats": []}, "translations": [{"language": "en", "text": "Launch detected."}]},
}  # fmt: skip
IS_CALM: Final = """() => document.documentElement.dataset.sounding === ""
  && document.querySelector("#alarm .call") === null"""
NOW: Final = "performance.timeOrigin + performance.now()"
WATCHER: Final = f"""
window.seen = 0; window.heard = 0;
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...given) {{
  if (this.loop && window.heard === 0) window.heard = {NOW};
  return start.apply(this, given);
}};
addEventListener("DOMContentLoaded", () => {{
  new MutationObserver(() => {{
    if (window.seen === 0 && document.querySelector("#alarm .call") !== null) {{
      window.seen = -1;
      requestAnimationFrame(() => setTimeout(() => {{ window.seen = {NOW}; }}));
    }}
  }}).observe(document.body, {{childList: true, subtree: true}});
}});
"""
SENDER: Final = f"""([body, token]) => {{
  const button = document.createElement("button");
  button.id = "speed";
  button.textContent = "FLASH";
  button.addEventListener("click", () => {{
    window.clicked = {NOW};
    window.sent = fetch("/v1/statements", {{method: "POST", body, headers: {{
      "Authorization": `Bearer ${{token}}`, "Content-Type": "application/json"}}}}).then((answer) => answer.json());
  }});
  document.querySelector("main").prepend(button);
}}"""
"""No page of the console sends without a confirmation, so the click that counts is a button of this script's own."""


def main() -> None:
    """Measure, print, and write the page."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--count", type=int, default=60)
    given.add_argument("--log", type=Path)
    asked = given.parse_args()
    load = os.getloadavg()[0]
    text = describe(measure(asked.count), load)
    print(text)
    if asked.log is not None:
        asked.log.write_text(text, encoding="utf-8")


def measure(count: int) -> dict[str, list[float]]:
    """Return how long each alert took, by what was waited for."""
    took: dict[str, list[float]] = {f"{what} at {party}": [] for party in TO for what in ("visible", "sounding")}
    took["visible and sounding at both"] = []
    with TemporaryDirectory(prefix="comity-speed-") as folder, sync_playwright() as playwright:
        stage = Stage(Path(folder))
        stage.build()
        with stage.running() as clients, contextlib.ExitStack() as opened:
            pages = {party: _open(opened, playwright, stage, party) for party in (FROM, *TO)}
            for party in TO:
                _arm(pages[party])
            pages[FROM].evaluate(SENDER, [_make_body(stage), read_token(stage.realm_path(FROM))])
            for number in range(WARM_COUNT + count):
                row = _send(pages, clients)
                if number >= WARM_COUNT:
                    for what, ms in row.items():
                        took[what].append(ms)
    return took


def _open(opened: contextlib.ExitStack, playwright: Any, stage: Stage, party: Party) -> Page:
    """Open a browser of its own at a party's console, signed in."""
    browser: Browser = playwright.chromium.launch(executable_path=CHROMIUM)
    opened.callback(browser.close)
    port = read_address(stage.realm_path(party)).rpartition(":")[2]
    context = browser.new_context(base_url=f"http://{party.lower()}.localhost:{port}", locale="en-GB")
    context.add_init_script(WATCHER)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("#token", read_token(stage.realm_path(party)))
    page.keyboard.press("Enter")
    page.wait_for_url(f"http://{party.lower()}.localhost:{port}/")
    return page


def _arm(page: Page) -> None:
    page.locator("#guard [data-arm]").click()
    page.locator("#guard [data-heard]").click()
    page.wait_for_selector("html[data-guard=armed]", state="attached")


def _make_body(stage: Stage) -> str:
    return json.dumps({"to": list(stage.parties), "statements": [FLASH]})


def _send(pages: dict[Party, Page], clients: dict[Party, Client]) -> dict[str, float]:
    """Send one alert, wait until it is seen and heard, and answer it."""
    for party in TO:
        pages[party].evaluate("() => { window.seen = 0; window.heard = 0; }")
    pages[FROM].locator("#speed").click()
    (id_,) = pages[FROM].evaluate("() => window.sent.then((answer) => answer.ids)")
    clicked = pages[FROM].evaluate("window.clicked")
    row: dict[str, float] = {}
    for party in TO:
        seen, heard = _wait(pages[party], "() => window.seen > 0 && window.heard > 0 ? [window.seen, window.heard] : 0")
        row |= {f"visible at {party}": seen - clicked, f"sounding at {party}": heard - clicked}
    row["visible and sounding at both"] = max(row.values())
    for party in TO:
        answer = {
            "type": "MessageAcknowledged",
            "message": id_,
            "role": "watch-officer",
            "officer": f"{party}-operator",
        }
        clients[party].post("/v1/statements", {"to": list(pages), "statements": [answer]})
        _wait(
            pages[party],
            "() => document.documentElement.dataset.sounding === '' && !document.querySelector('#alarm .call')",
        )
    return row


def _wait(page: Page, holds: str) -> Any:
    for _ in range(3000):
        if found := page.evaluate(holds):
            return found
        page.wait_for_timeout(20)
    raise TimeoutError(holds)


def describe(took_ms: dict[str, list[float]], load: float) -> str:
    """Return the page of it."""
    count = len(took_ms["visible and sounding at both"])
    rows = [" | ".join([f"| {what}", *(f"{find_percentile(ms, share):.0f}" for share in (50, 90, 99, 100))]) + " |"
            for what, ms in took_ms.items()]  # fmt: skip
    both = took_ms["visible and sounding at both"]
    aims = ", ".join(f"p{share} {'held' if find_percentile(both, share) < aim else 'NOT HELD'} ({aim:.0f} ms)"
                     for share, aim in AIMS_MS.items())  # fmt: skip
    return "\n".join([
        "# How fast an alert is seen and heard",
        "",
        "From a click in a browser at USA until a FLASH is painted and sounds in the browsers at JPN and KOR: signed,",
        "stored durably, carried by real servers over TLS, verified, opened and stored there, and shown: the console's",
        "stream brings the alarm whole ([0065](adr/0065-alarms-come-with-the-stream.md)). Three nodes",
        f"as processes of their own, three browsers, one machine of {os.cpu_count()} cores ({platform.machine()}),",
        f"whose load when it began was {load:.1f}; {count} alerts, one after the other. `make alert-speed` measures it",
        "anew.",
        "",
        "| ms | p50 | p90 | p99 | most |",
        "|---|---|---|---|---|",
        *rows,
        "",
        f"Aim: {aims}. What the loudspeaker adds is the machine's own.",
        "",
    ])  # fmt: skip


def find_percentile(values: Sequence[float], share: int) -> float:
    """Return a percentile, by the nearest rank."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, -(-len(ranked) * share // 100) - 1))]


if __name__ == "__main__":
    main()
