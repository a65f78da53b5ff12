"""What browser tests and the photographer share: a Chromium, signing in, what axe and the eye find wrong."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page

from kit.api import TOKEN

__all__ = ["CHROMIUM", "SignIn", "Watched", "find_broken", "find_violations", "sign_in", "watch"]

CHROMIUM: Final = Path("/usr/bin/chromium")
AXE: Final = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOURS: Final = ["color-contrast", "link-in-text-block"]
EXPECTED: Final = re.compile("status of 4|^htmx:|DISCONNECTED|INCOMPLETE_CHUNKED|CONNECTION_RE|EventSource")
"""What a page complains of while its line is cut, or when it is refused, is said on the page."""

SignIn = Callable[..., None]


def sign_in(page: Page, token: str = TOKEN) -> None:
    """Sign in at the console that a page is of, with the realm's own token or an officer's."""
    page.goto("/sign-in")
    page.fill("#token", token)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r":\d+/$"))


@dataclass(frozen=True)
class Watched:
    """A page, and what its browser complained of: errors, what its policy stopped, dialogs that opened."""

    page: Page
    complaints: list[str]

    def check(self) -> None:
        """Hold that nothing went wrong but what a page says itself."""
        assert [row for row in self.complaints if not EXPECTED.search(row)] == []


def watch(context: BrowserContext) -> Watched:
    """Open a page and listen to what its browser says of it."""
    page, complaints = context.new_page(), []

    def refuse(dialog: Any) -> None:
        complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", refuse)
    return Watched(page, complaints)


def find_violations(page: Page, *, of_colours: bool = False) -> list[str]:
    """Return what axe finds wrong with a page as it is shown now: WCAG 2.2 AA and good practice.

    `of_colours`: by those rules alone that look at colours; a page that was looked at in one theme differs in nothing
    else in the other.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    wanted = {"type": "rule", "values": OF_COLOURS} if of_colours else TAGS
    found = page.evaluate("wanted => axe.run({runOnly: wanted, resultTypes: ['violations']})", wanted)
    return [f"{row['id']}: {node['target']} {node['failureSummary']}" for row in found["violations"]
            for node in row["nodes"]]  # fmt: skip


_BROKEN: Final = """() => {
  const found = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) found.push(`wider than the screen by ${wide} px`);
  for (const [selector, count] of [["header.band", 1], ["main#main", 1], ["aside.rail", 1], ["footer.bar", 1]])
    if (document.querySelectorAll(selector).length !== count) found.push(`not ${count} of ${selector}`);
  for (const table of document.querySelectorAll("table"))
    if (!["table", "none"].includes(getComputedStyle(table).display))
      found.push(`a table that is laid out as none: ${table.className}`);
  const foreign = "iframe, object, embed, base, img:not([data-own]), [onerror], [onload]";
  for (const element of document.querySelectorAll(foreign))
    found.push(`foreign: ${element.outerHTML.slice(0, 80)}`);
  for (const element of document.querySelectorAll("[href], [src], [action]"))
    for (const name of ["href", "src", "action"])
      if (/^\\s*(javascript|data|https?):/i.test(element.getAttribute(name) ?? ""))
        found.push(`leads away: ${element.outerHTML.slice(0, 80)}`);
  if (document.documentElement.dir === "rtl") found.push("turned round");
  return found;
}"""


def find_broken(page: Page) -> list[str]:
    """Return what of a page's frame does not stand: too wide, doubled, foreign elements, ways out of the house."""
    found: list[str] = page.evaluate(_BROKEN)
    return found


def open_browser(browser: Browser, origin: str, **given: Any) -> BrowserContext:
    """Open a fresh browser at an origin."""
    context = browser.new_context(base_url=origin, **given)
    context.set_default_timeout(60_000)
    return context


def quote(text: str) -> str:
    """Return a text as a JavaScript literal."""
    return json.dumps(text)
