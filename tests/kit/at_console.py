"""An officer at a console, in the language of the party: what is pressed is named in English, and found there."""

import re
from collections.abc import Iterable
from typing import Any, Final

from playwright.sync_api import Locator, Page, expect

from comity.api.words import say_in
from kit.guide import Guide

__all__ = ["AtConsole"]

STATED: Final = "Stated and stored: {id}"
DONE: Final = re.compile(r"[?&]signed=")


class AtConsole:
    """One officer. Everything named is looked for on the page under the word that the catalogue has for it.

    Nothing waits for a time: a press is answered by a page, a confirmation, or a statement, and that is waited for.
    """

    def __init__(self, page: Page, *, language: str, guide: Guide) -> None:
        self.page = page
        self.language = language
        self._guide = guide

    def named(self, words: str) -> str:
        """Return what this console calls what the guide calls so; whoever asks for it finds it on the page."""
        self._guide.meet(words)
        return say_in(self.language, words)

    def go(self, path: str) -> None:
        """Open a page by its address."""
        self.page.goto(path)

    def press_key(self, key: str) -> None:
        """Press a key that a page's parts say stands for them."""
        expect(self.page.locator(f"[data-key='{key.lower()}']").first).to_be_visible()
        self._guide.meet(key)
        self.page.keyboard.press(key.lower())

    def find(self, words: str) -> Locator:
        """Return the link or button that has exactly these words, in the page and not in its frame."""
        name, main = self.named(words), self.page.locator("main")
        found = main.get_by_role("link", name=name, exact=True).or_(main.get_by_role("button", name=name, exact=True))
        return found.first

    def press(self, words: str) -> None:
        """Press the link or the button that has exactly these words."""
        self.find(words).click(no_wait_after=True)
        self.page.wait_for_load_state()

    def sees(self, words: str, within: str = "main") -> None:
        """Hold that these words come up by themselves."""
        expect(self.page.locator(within).first).to_contain_text(self.named(words))

    def choose(self, field: str, option: str) -> None:
        """Choose an option of a field, each by what it is called."""
        chosen = self.named(option)
        label = self.page.locator(".write label", has_text=self.named(field)).first
        self.page.locator(f"#{label.get_attribute('for')}").select_option(label=chosen)

    def type(self, field: str, text: str) -> None:
        """Type into the line that is called so, in place of what stands there."""
        label = self.page.locator(".write label", has_text=self.named(field)).first
        self.page.locator(f"#{label.get_attribute('for')}").fill(text)

    def write(self, field: str, **texts: str) -> None:
        """Write a text in several languages, into the areas that are called so."""
        for language, text in texts.items():
            label = self.page.locator(".write .words label", has_text=self.named(field))
            label = label.filter(has=self.page.locator(f"[lang={language}]")).first
            self.page.locator(f"#{label.get_attribute('for')}").fill(text)

    def tick(self, field: str, option: str, shown: str = "") -> None:
        """Tick one box of several; `shown`: what the pact calls it in this console's language."""
        self._guide.meet(option)
        boxes = self.page.locator(".write fieldset", has_text=self.named(field)).first
        boxes.get_by_label(shown or option, exact=True).check()

    def show(self) -> None:
        """Send a form, to be shown what will be signed."""
        self.press("Show what will be signed")

    def sign(self, *, says: Iterable[str] = (), by_key: bool = False) -> None:
        """Sign what is shown, which says these things, and see that it was stated."""
        shown = self.page.locator(".confirm:has([data-first])")
        for words in says:
            expect(shown).to_contain_text(words)
        button, before = shown.locator("[data-first]"), self.page.url
        if by_key:
            expect(button).to_be_focused()
            self.page.keyboard.press("Enter")
        else:
            expect(button).to_contain_text(self.named("Sign and send"))
            button.click(no_wait_after=True)
        expect(self.page).not_to_have_url(before)
        expect(self.page).to_have_url(DONE)
        self.page.wait_for_load_state()
        expect(self.page.get_by_role("status").first).to_contain_text(self.named(STATED).partition("{")[0])

    def do(self, words: str, **given: Any) -> None:
        """Do an act that is a button of a page: press it and sign what it shows."""
        self.press(words)
        self.sign(**given)
