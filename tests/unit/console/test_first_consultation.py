"""The guide to a first consultation is walked as it is written, without script: all that it names is there."""

import html
import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from comity.base.instants import MINUTE_MS, Instant, format_dtg, parse_instant
from comity.base.names import Party
from comity.cli.demo.stage import OVERRIDES
from comity.node.officers import OfficerBook
from kit.api import Apis
from kit.console import Browser
from kit.nodes import PARTIES, Nodes, accept_all, make_homes
from kit.patience import PATIENCE_S

_WRITE = r'<form class="form write[^"]*" method="post" action="([^"]+)"'
SILENCE_MS = 30 * MINUTE_MS
PAUSE_S = 0.2
TEXTS = {
    "en": "The three parties consulted at once.",
    "ja": "三者は直ちに協議した。",
    "ko": "세 당사자는 즉시 협의하였다.",
}


@pytest.fixture(scope="module")
def apis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apis]:
    """Three nodes under the demo's policy."""
    accepted = accept_all(make_homes(tmp_path_factory.mktemp("homes")), has_offices=True, overrides=OVERRIDES)
    with Apis(Nodes(accepted, tmp_path_factory.mktemp("stores"))) as opened:
        yield opened


class _Form(HTMLParser):
    """What a browser would send of one form as it stands: typed, chosen, ticked; and which values there are."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self._action, self._is_in, self._area, self._select = action, False, "", ""
        self.fields: list[tuple[str, str]] = []
        self.options: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value if value is not None else "" for name, value in attrs}
        if tag == "form":
            self._is_in = given.get("action") == self._action
        if not self._is_in:
            return
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "input" and given.get("type") == "checkbox":
            self.options.setdefault(name, []).append(value)
            if "checked" in given:
                self.fields.append((name, value))
        elif tag == "input" and name:
            self.fields.append((name, value))
        elif tag == "select":
            self._select = name
        elif tag == "option":
            self.options.setdefault(self._select, []).append(value)
            if "selected" in given:
                self.fields.append((self._select, value))
        elif tag == "textarea":
            self._area = name
            self.fields.append((name, ""))

    def handle_data(self, data: str) -> None:
        if self._area:
            name, held = self.fields[-1]
            self.fields[-1] = (name, held + data.lstrip("\n") if not held else held + data)

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area
        self._is_in = self._is_in and tag != "form"


class Walker:
    """An officer at one console, who presses what is written on a page."""

    def __init__(self, apis: Apis, party: Party) -> None:
        node, name = apis.nodes[party], f"duty-{party[0].lower()}"
        node.officers = OfficerBook()
        token = node.officers.add(name, ("watch-officer",), at=Instant(node.now() - 1))
        self._browser = Browser(apis, party)
        assert self._browser.sign_in(token).status_code == 303
        self.page = self.look("/")

    def look(self, path: str) -> httpx.Response:
        """Load a page."""
        self.page = self._browser.get(path)
        assert self.page.status_code == 200, (path, self.page.status_code)
        return self.page

    def press(self, words: str) -> None:
        """Follow the link, or send the form, whose button has exactly these words."""
        found = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>\s*([^<]*?)\s*(?:<kbd[^<]*</kbd>)?\s*</a>', self.page.text)
        links = [html.unescape(href) for href, text in found if html.unescape(text) == words]
        if links:
            self.look(links[0])
            return
        for form in re.findall(r"<form .*?</form>", self.page.text, re.DOTALL):
            if re.search(rf"<button[^>]*>\s*{re.escape(html.escape(words))}\s*</button>", form):
                self.send(html.unescape(re.findall(r'action="([^"]+)"', form)[0]))
                return
        raise AssertionError(f"nothing here is called {words!r}")

    def fill(self, words: str, **typed: Any) -> None:
        """Press for an act's form, fill it, look at what will be signed, and sign."""
        self.press(words)
        action = html.unescape(
            re.findall(r'<form class="form write[^"]*" method="post" action="([^"]+)"', self.page.text)[0]
        )
        self.send(action, **typed)
        self.sign()

    def send(self, action: str, **typed: Any) -> None:
        """Send a form as it stands but for what was typed; every field and value must be there."""
        form = _Form(action)
        form.feed(self.page.text)
        fields: dict[str, Any] = {}
        for name, value in form.fields:
            fields.setdefault(name, []).append(value)
        for name, value in typed.items():
            field = name.replace("_", "-") if name.startswith("text_") else name
            assert field in fields or field in form.options, f"no field {field}"
            assert field not in form.options or value in form.options[field], f"no {value} in {field}"
            fields[field] = value
        self.page = self._browser.post(action, fields)

    def sign(self) -> None:
        """Sign what is shown, and be led back."""
        assert "This will be signed" in self.page.text, self.page.text[-2000:]
        self.send(html.unescape(re.findall(r'<form class="acts" method="post" action="([^"]+)"', self.page.text)[0]))
        assert self.page.status_code == 303, self.page.text[-2000:]
        self.look(self.page.headers["location"])
        assert "Stated and stored" in self.page.text

    def wait(self, path: str, words: str, *, is_gone: bool = False) -> None:
        """Load a page until it says something, or says it no more; others' nodes take their time."""
        until = time.monotonic() + PATIENCE_S
        while (words in self.look(path).text) == is_gone:
            assert time.monotonic() < until, f"{path} and {words!r}: still {is_gone}"
            time.sleep(PAUSE_S)

    def open_talk(self) -> None:
        """Open the consultation that is there."""
        self.look("/consultations")
        self.look(re.findall(r'href="(/consultations/[0-9a-f]{64})"', self.page.text)[0])


@pytest.fixture
def walkers(apis: Apis) -> Iterator[dict[Party, Walker]]:
    """An officer of each party, who serves as long as the case lasts."""
    yield {party: Walker(apis, party) for party in PARTIES}
    for party in PARTIES:
        apis.nodes[party].officers = OfficerBook()


def test_the_guide_leads_from_a_report_to_who_knew_what_when(apis: Apis, walkers: dict[Party, Walker]) -> None:
    """Three officers, three consoles, one case; each thing that it names is there and does what it says."""
    korea, japan, america = walkers["KOR"], walkers["JPN"], walkers["USA"]
    korea.look("/consultations")
    korea.fill("Report a threat", kind="missile-launch", text_en="PLAYED. Launch detected, toward the east.")
    korea.look("/consultations")
    korea.fill("Call for consultation on it", level="advisers")
    for walker in (japan, america):
        walker.wait("/", "calls for consultation")
        walker.press("Acknowledge")
        walker.sign()
    for walker, position in ((japan, "support"), (korea, "support-with-reserve"), (america, "support")):
        walker.open_talk()
        walker.fill("State a position", position=position)
    text, until = _agree(america)
    for walker in walkers.values():
        walker.wait(f"/texts/{text}", "Silence procedure")
        walker.wait(f"/texts/{text}", "not yet", is_gone=True)
    # To S-time and not over it: a node whose clock leapt over it does not say that its party was silent (P19).
    apis.nodes.ahead_ms += until - apis.nodes["USA"].now()
    for walker in walkers.values():
        walker.wait(f"/texts/{text}", "adopted")
    america.open_talk()
    america.fill("Offer a measure", **{"with": "JPN", "actor": "patrol-1", "text_en": "PLAYED. Maritime patrol."})
    japan.open_talk()
    japan.wait(f"{japan.page.url.path}", ">Accept<")
    japan.press("Accept")
    japan.sign()
    for walker in walkers.values():
        walker.open_talk()
        walker.fill("State our conclusion", outcome="response-matched")
    for walker in walkers.values():
        walker.wait("/consultations", ">concluded<")
    japan.look("/record")
    japan.press("Who knew what when")
    assert "had it" in japan.page.text


def _agree(america: Walker) -> tuple[str, Instant]:
    """Open a text, put a version in three languages, open silence; return the text's id, and S-time."""
    america.open_talk()
    america.fill("Open a text")
    america.open_talk()
    text = str(re.findall(r'href="/texts/([0-9a-f]{64})', america.page.text)[0])
    america.look(f"/texts/{text}")
    america.fill("Put a version", **{f"text_{language}": words for language, words in TEXTS.items()})
    america.look(f"/texts/{text}")
    until = format_dtg(Instant(time.time_ns() // 1_000_000 + SILENCE_MS))
    america.fill("Open silence", until_at=until)
    return text, parse_instant(until)
