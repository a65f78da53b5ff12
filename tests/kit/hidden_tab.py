"""A tab that Chromium really hides.

Playwright has every page of its own shown as if somebody looked at it. A tab of the browser's first window is none of
its pages: it is driven past it, by the browser's own protocol.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from playwright.sync_api import Browser, CDPSession

from kit.browsing import CHROMIUM
from kit.patience import PATIENCE_S

__all__ = ["Tab", "open_window"]

KEPT_AWAKE: Final = (
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
)
"""What Playwright starts a browser with, so that nothing of it ever slows down: not wanted here."""


class Tab:
    """One tab, in front of those that were opened before it."""

    def __init__(self, browser: CDPSession, script: str = "") -> None:
        """Open an empty tab; `script` runs in every page of it, before the page's own."""
        self._browser = browser
        target = browser.send("Target.createTarget", {"url": "about:blank"})["targetId"]
        attached = browser.send("Target.attachToTarget", {"targetId": target, "flatten": False})
        self._session, self._count = attached["sessionId"], 0
        self._answers: dict[int, dict[str, Any]] = {}
        browser.on("Target.receivedMessageFromTarget", self._take)
        self._send("Page.enable")
        self._send("Page.addScriptToEvaluateOnNewDocument", source=script)

    def _take(self, event: dict[str, Any]) -> None:
        answer = json.loads(event["message"])
        if event["sessionId"] == self._session and "id" in answer:
            self._answers[answer["id"]] = answer

    def _send(self, method: str, **params: Any) -> dict[str, Any]:
        self._count += 1
        message = json.dumps({"id": self._count, "method": method, "params": params})
        self._browser.send("Target.sendMessageToTarget", {"sessionId": self._session, "message": message})
        until_s = time.monotonic() + PATIENCE_S
        while self._count not in self._answers:
            assert time.monotonic() < until_s, f"{method} was not answered"
            self._browser.send("Browser.getVersion")  # whatever came is taken meanwhile
        return self._answers.pop(self._count)

    def go(self, url: str) -> None:
        """Load a page."""
        self._send("Page.navigate", url=url)

    def do(self, script: str) -> Any:
        """Run a script as if by a touch of its reader; None where the page is on its way, or has not what it names."""
        answer = self._send("Runtime.evaluate", expression=script, userGesture=True, returnByValue=True)
        found = answer.get("result", {})
        return None if "exceptionDetails" in found else found.get("result", {}).get("value")

    def wait(self, script: str) -> None:
        """Run a script until it comes to something true."""
        until_s = time.monotonic() + PATIENCE_S
        while not self.do(script):
            assert time.monotonic() < until_s, script

    def press(self, selector: str) -> None:
        """Press what is there and shown, once it is."""
        self.wait(
            f"(() => {{ const found = document.querySelector({json.dumps(selector)});"
            " if (!found || found.getClientRects().length === 0) return false;"
            " found.click(); return true; })()"
        )


@contextmanager
def open_window(like: Browser) -> Iterator[CDPSession]:
    """Start a browser that slows down what nobody looks at, as a person's does; its tabs are in one window."""
    browser = like.browser_type.launch(executable_path=str(CHROMIUM), ignore_default_args=list(KEPT_AWAKE))
    yield browser.new_browser_cdp_session()
    browser.close()
