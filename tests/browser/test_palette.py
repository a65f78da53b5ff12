"""Ctrl+K: anywhere by a few letters, with the keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from kit.browsing import SignIn, find_violations
from kit.floor import Floor
from kit.stage import CALL

pytestmark = pytest.mark.server


def test_one_goes_anywhere_by_a_few_letters(page: Page, sign_in: SignIn) -> None:
    """Typed, chosen by arrows, gone to by Enter; Escape leaves everything as it was."""
    sign_in(page)
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox")
    expect(field).to_be_focused()
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    assert find_violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("Control+k")
    field.press_sequentially("shortcuts")
    expect(page.locator("#palette [role=option][aria-selected=true]")).to_have_attribute("data-href", "/shortcuts")
    page.keyboard.press("Enter")
    page.wait_for_url("**/shortcuts")
    # Letters in the field are letters, and no keys.
    page.keyboard.press("Control+k")
    field.press_sequentially("c")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#palette [aria-selected=true]")).to_have_count(1)
    assert page.url.endswith("/shortcuts")


def test_acts_of_the_page_are_in_it(page: Page, floor: Floor, sign_in: SignIn) -> None:
    """What a key does on a page can be found by its name; it leads to the confirmation and no further."""
    (id_,) = floor.state(CALL, party="USA")
    sign_in(page)
    expect(page.locator(f"#ack-{id_[:16]}")).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").press_sequentially("受領")
    expect(page.locator("#palette [data-act]").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#confirm [data-first]")).to_be_focused()


def test_times_say_how_far_they_are(page: Page, floor: Floor, sign_in: SignIn) -> None:
    """Beside the date-time group, in the reader's language."""
    (id_,) = floor.state(CALL, party="USA")
    sign_in(page)
    row = page.locator("li", has=page.locator(f"#ack-{id_[:16]}"))
    expect(row.locator("[data-ago]").first).to_have_text(re.compile(r"今|\d+ ?分(前|後)"))
