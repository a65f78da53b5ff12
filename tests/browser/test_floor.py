"""What a person came to do, in a real browser: sign in, answer, see that the line is gone (ADR 0056 to 0058)."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from kit.browsing import sign_in
from kit.floor import Floor
from kit.stage import CALL, words

pytestmark = pytest.mark.server

FLASH: dict[str, object] = {
    "type": "MessageSent", "channel": "hotline.nsc", "level": "watch", "precedence": "flash",
    "consultation": [], "answers": [], "body": words("USA", "Launch detected. <b>Confirm</b> receipt."),
}  # fmt: skip


def _state(floor: Floor, statement: dict[str, object]) -> str:
    (id_,) = floor.state(statement, party="USA")
    floor.reaches(id_, "JPN")
    return id_


def test_a_call_is_acknowledged_by_key(page: Page, floor: Floor) -> None:
    """It comes up by itself while one looks; A shows what will be signed, Enter signs it, in Japanese."""
    sign_in(page)
    id_ = _state(floor, CALL)
    row = page.locator(f"#ack-{id_[:16]}")
    expect(row).to_be_visible()
    row.focus()
    page.keyboard.press("a")
    dialog = page.locator("#confirm")
    expect(dialog).to_contain_text("次の内容に署名します")
    expect(dialog).to_contain_text("KOR, USA")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    row.focus()
    page.keyboard.press("a")
    expect(dialog.locator("[data-first]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    expect(row).to_have_count(0)


def test_a_message_of_another_party_is_text(page: Page, floor: Floor) -> None:
    """What looks like markup in it is shown, letter for letter."""
    sign_in(page)
    _state(floor, FLASH)
    expect(page.locator(".alerts")).to_contain_text("<b>Confirm</b>")


def test_a_lost_node_is_said(page: Page, context: BrowserContext) -> None:
    """A page whose node does not answer says so by itself, and takes it back once it does."""
    sign_in(page)
    context.set_offline(True)
    expect(page.locator("#lost")).to_be_visible()
    context.set_offline(False)
    expect(page.locator("#lost")).to_be_hidden()


def test_keys_lead_and_do_nothing_while_one_types(page: Page) -> None:
    """? shows the keys, W the watch, L locks; in a field they are letters."""
    sign_in(page)
    page.keyboard.press("?")
    page.wait_for_url("**/shortcuts")
    page.keyboard.press("w")
    page.wait_for_url(re.compile(r"/$"))
    page.keyboard.press("l")
    expect(page).to_have_url(re.compile(r"/prove(\?.*)?$"))
    page.locator("#token").press_sequentially("wl?")
    assert "/prove" in page.url
    assert page.input_value("#token") == "wl?"


def _add_authenticator(context: BrowserContext, page: Page) -> Any:
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


def test_a_passkey_is_made_and_then_signs_in(
    page: Page, context: BrowserContext, floor: Floor, officers: Callable[..., str]
) -> None:
    """Token and code make one; it signs in and unlocks, the token alone no more; nor does it without a proof."""
    token = officers("JPN", "jpn-w", "watch-officer")
    session, authenticator = _add_authenticator(context, page)
    page.goto("/enrol")
    page.fill("#token", token)
    page.fill("#code", floor.passkeys["JPN"].draw_code("jpn-w", at=floor.nodes["JPN"].now()).lower())
    page.keyboard.press("Enter")
    page.locator("form[data-passkey] button").click()
    page.wait_for_url(re.compile(r":\d+/$"))
    expect(page.locator(".who")).to_contain_text("jpn-w")
    page.keyboard.press("l")
    expect(page).to_have_url(re.compile(r"/prove(\?.*)?$"))
    page.locator("form[data-passkey] button").click()
    page.wait_for_url(re.compile(r":\d+/$"))
    page.locator("form[action='/sign-out'] button").click()
    expect(page).to_have_url(re.compile(r"/sign-in(\?.*)?$"))
    page.fill("#token", token)
    page.keyboard.press("Enter")
    expect(page.locator(".note.alert")).to_be_visible()
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.locator("form[data-passkey] button").click()
    expect(page.locator("[data-failed]")).to_be_visible()
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True})
    page.locator("form[data-passkey] button").click()
    page.wait_for_url(re.compile(r":\d+/$"))
    expect(page.locator(".who")).to_contain_text("jpn-w")


def test_a_page_is_whole_without_script(chromium: Browser, floor: Floor) -> None:
    """Signing in, reading and acknowledging need none."""
    id_ = _state(floor, CALL)
    context = chromium.new_context(base_url=floor.origins["JPN"], java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    sign_in(page)
    page.locator(f"#ack-{id_[:16]}").click()
    page.locator(".confirm .button.first").click()
    expect(page.get_by_role("status")).to_contain_text("Stated and stored")
    expect(page.locator(f"#ack-{id_[:16]}")).to_have_count(0)
    context.close()
