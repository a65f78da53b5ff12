"""Two officers at two screens: one asks, the other is shown the same and signs, and both see what came of it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from kit.browsing import find_broken, find_violations, open_browser, sign_in, watch
from kit.floor import Floor
from kit.stage import CALL

pytestmark = pytest.mark.server

LEADERS = CALL | {"level": "leaders", "kind": "nuclear-test"}


def test_a_second_officer_approves_on_another_screen(
    chromium: Browser, floor: Floor, officers: Callable[..., str]
) -> None:
    """It comes up by itself at the second, under the same digest; once signed, the first is told without a touch."""
    tokens = {name: officers("JPN", f"jpn-{name}", role) for name, role in
              (("adviser", "national-security-adviser"), ("director", "director"))}  # fmt: skip
    origin = floor.origins["JPN"]
    contexts = {name: open_browser(chromium, origin, locale=locale) for name, locale in
                (("adviser", "ja-JP"), ("director", "ko-KR"))}  # fmt: skip
    pages = {name: watch(context) for name, context in contexts.items()}
    for name, watched in pages.items():
        sign_in(watched.page, tokens[name])
    asked = floor.call("POST", "/v1/statements", party="JPN", token=tokens["adviser"],
                       json={"to": ["JPN", "KOR", "USA"], "statements": [LEADERS]})  # fmt: skip
    digest = asked.json()["details"]["digest"]
    first, second = pages["adviser"].page, pages["director"].page
    row = second.locator(f"#held-{digest[:16]}")
    expect(row).to_be_visible()
    expect(second.locator("#bar .tag.warn")).to_be_visible()
    first.goto(f"/approvals/{digest}/waiting")
    expect(first.locator(".fate")).to_contain_text("jpn-adviser")
    row.click()
    dialog = second.locator("#confirm")
    expect(dialog.locator("[data-first]")).to_be_focused()
    expect(dialog).to_contain_text(digest[:32])
    expect(dialog).to_contain_text("jpn-adviser, jpn-director")
    assert find_violations(second) == []
    assert find_violations(first) == []
    assert find_broken(first) == []
    second.keyboard.press("Enter")
    expect(second.get_by_role("status").first).to_be_visible()
    expect(row).to_have_count(0)
    (call,) = [row for row in floor.get("/v1/consultations", party="JPN")
               if row["called"] and row["called"]["entry"]["kind"] == "nuclear-test"]  # fmt: skip
    expect(first.locator(".fate")).to_contain_text(call["id"][:16])
    for watched in pages.values():
        watched.check()
    for context in contexts.values():
        context.close()
