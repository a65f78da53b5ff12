"""Acts of the console in two presses, as an officer does them: shown, then confirmed."""

from typing import Any

import httpx

from kit.console import Browser, find_forms

__all__ = ["ask", "press", "press_twice"]


def ask(browser: Browser, path: str, **typed: Any) -> httpx.Response:
    """Press once: what will be done is shown, or refused."""
    token: str = find_forms(browser.get("/shortcuts").text)["/lock"]["form"]
    return browser.post(path, {"form": token, "back": "/release", **typed})


def press(browser: Browser, path: str, **typed: Any) -> httpx.Response:
    """Press twice: it is shown, and then done, or refused."""
    shown = ask(browser, path, **typed)
    assert shown.status_code == 200, shown.text
    return browser.submit(shown, path)


def press_twice(browser: Browser, path: str, **typed: Any) -> tuple[httpx.Response, httpx.Response]:
    """Confirm what is shown once by two clicks."""
    shown = ask(browser, path, **typed)
    assert shown.status_code == 200, shown.text
    return browser.submit(shown, path), browser.submit(shown, path)
