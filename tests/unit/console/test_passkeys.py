"""Passkeys at the console: the ceremony, signing in by one, and every answer that is not good (ADR 0058)."""

import html
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.console.challenges import GOOD_S, Challenges
from comity.console.session import IDLE_LOCK_S
from comity.node.officers import OfficerBook
from comity.node.passkeys import CODE_MS, PasskeyBook
from kit.api import Apis
from kit.authenticator import PRESENT, Authenticator
from kit.console import Browser, find_forms


def _find_options(page: httpx.Response) -> str:
    return html.unescape(re.findall(r'data-options="([^"]*)"', page.text)[0])


def _enrol(browser: Browser, apis: Apis, token: str, key: Authenticator, *, code: str = "") -> httpx.Response:
    name = token.partition(".")[0]
    drawn = code or browser.passkeys.draw_code(name, at=apis.nodes["USA"].now())
    page = browser.submit(browser.get("/enrol"), "/enrol", token=token, code=drawn)
    if page.status_code != 200:
        return page
    return browser.submit(page, "/enrol/made", answer=key.make(_find_options(page), browser.origin))


def _show(browser: Browser, key: Authenticator, path: str = "/sign-in", origin: str = "") -> httpx.Response:
    page = browser.get(path)
    return browser.submit(page, "/passkey", answer=key.show(_find_options(page), origin or browser.origin))


@pytest.fixture
def key(apis: Apis, tokens: dict[str, str]) -> tuple[Browser, Authenticator]:
    """A browser whose officer has made a passkey and left."""
    browser, made = Browser(apis).end_all(), Authenticator()
    assert _enrol(browser, apis, tokens["usa-w"], made).status_code == 303
    browser.submit(browser.get("/"), "/sign-out")
    return browser, made


def test_a_passkey_signs_in_and_the_token_alone_no_more(
    key: tuple[Browser, Authenticator], tokens: dict[str, str]
) -> None:
    """Once there is one, a token that somebody copied opens no console; of an officer without one it still does."""
    browser, made = key
    refused = browser.sign_in(tokens["usa-w"])
    assert refused.status_code == 403
    assert _show(browser, made).headers["location"] == "/"
    assert "usa-w" in browser.get("/").text
    browser.submit(browser.get("/"), "/sign-out")
    assert browser.sign_in(tokens["usa-x"]).status_code == 303


def test_token_and_code_are_both_needed(apis: Apis, tokens: dict[str, str]) -> None:
    """A code of another officer, one that was used, one that is old, none: nobody makes a passkey."""
    browser, node = Browser(apis).end_all(), apis.nodes["USA"]
    other = browser.passkeys.draw_code("usa-x", at=node.now())
    old = browser.passkeys.draw_code("usa-w", at=Instant(node.now() - CODE_MS))
    for code in (other, old, "0", "AAAAA-AAAAA-AAAAA-AAAAA"):
        assert _enrol(browser, apis, tokens["usa-w"], Authenticator(), code=code).status_code == 403
    good = browser.passkeys.draw_code("usa-w", at=node.now())
    assert _enrol(browser, apis, "usa-w.wrong", Authenticator(), code=good).status_code == 403
    assert (
        _enrol(browser, apis, tokens["usa-w"], Authenticator(), code=good.lower().replace("-", " ")).status_code == 303
    )
    assert _enrol(browser, apis, tokens["usa-w"], Authenticator(), code=good).status_code == 403


def test_an_answer_is_good_once(key: tuple[Browser, Authenticator]) -> None:
    """Whoever saw one on its way cannot show it again."""
    browser, made = key
    made.count = -1  # like the keys that count nothing: only the challenge tells that it was shown before
    page = browser.get("/sign-in")
    answer = made.show(_find_options(page), browser.origin)
    assert browser.submit(page, "/passkey", answer=answer).status_code == 303
    fields = find_forms(page.text)["/passkey"]
    browser.submit(browser.get("/"), "/sign-out")
    again = browser.post(
        "/passkey", fields | {"answer": answer, "form": find_forms(browser.get("/sign-in").text)["/passkey"]["form"]}
    )
    assert again.status_code == 403
    assert "passkey.refused" in again.text


def test_what_is_wrong_in_an_answer_is_refused_alike(key: tuple[Browser, Authenticator]) -> None:
    """Another origin, nobody's proof, another key, a counter that went back, no answer at all: one refusal."""
    browser, made = key
    assert _show(browser, made, origin="https://evil.test").status_code == 403
    made.flags = PRESENT
    assert _show(browser, made).status_code == 403
    made.flags |= 0x04
    stranger = Authenticator()
    assert _show(browser, stranger).status_code == 403
    stranger.credential = made.credential
    assert _show(browser, stranger).status_code == 403
    for nothing in ("", "{}", "[]", "1", "[" * 5_000, '{"rawId": 1}', '{"rawId": "====="}', "x" * 40_000):
        assert browser.submit(browser.get("/sign-in"), "/passkey", answer=nothing).status_code == 403
    made.count = 5
    assert _show(browser, made).status_code == 303
    browser.submit(browser.get("/"), "/sign-out")
    made.count = 2
    assert _show(browser, made).status_code == 403


def test_a_lock_opens_to_the_passkey_of_its_officer(
    key: tuple[Browser, Authenticator], apis: Apis, tokens: dict[str, str]
) -> None:
    """And to no other officer's."""
    browser, made = key
    other = Authenticator()
    second = Browser(apis, like=browser)
    assert _enrol(second, apis, tokens["usa-x"], other).status_code == 303
    _show(browser, made)
    browser.submit(browser.get("/"), "/lock")
    assert _show(browser, other, "/prove").status_code == 403
    assert browser.get("/").headers["location"] == "/prove?next=/"
    assert _show(browser, made, "/prove").status_code == 303
    assert browser.get("/").status_code == 200
    assert IDLE_LOCK_S > 0


def test_a_revoked_officers_passkey_opens_nothing(key: tuple[Browser, Authenticator], apis: Apis) -> None:
    """The key is still there, the power is not."""
    browser, made = key
    node = apis.nodes["USA"]
    node.officers.revoke("usa-w", at=node.now())
    assert _show(browser, made).status_code == 403


def test_a_passkey_that_is_taken_away_ends_what_it_opened(
    key: tuple[Browser, Authenticator], apis: Apis, tokens: dict[str, str]
) -> None:
    """Every session in which it was shown is over at once; another officer's goes on, and so does another key's."""
    browser, made = key
    other, stranger, spare = Browser(apis, like=browser), Browser(apis, like=browser), Authenticator()
    _show(browser, made)
    assert _enrol(other, apis, tokens["usa-w"], spare).status_code == 303
    stranger.sign_in(tokens["usa-x"])
    browser.passkeys.remove("usa-w", made.credential.hex())
    assert browser.get("/").headers["location"] == "/sign-in?next=/"
    assert [one.get("/").status_code for one in (other, stranger)] == [200, 200]


def test_changes_at_one_time_are_all_kept(tmp_path: Path) -> None:
    """A code that the command line draws while a console keeps a counter is not lost, nor is an officer."""
    path, at = tmp_path / "realm", Instant(1_000)

    def enrol(number: int) -> str:
        name = f"usa-{number}"
        OfficerBook(path / "officers.json").add(name, ("auditor",), at=at)
        return PasskeyBook(path / "passkeys.json").draw_code(name, at=at)

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(enrol, range(16)))
    book = PasskeyBook(path / "passkeys.json")
    assert all(book.is_code(f"usa-{number}", code, at=at) for number, code in enumerate(codes))
    assert len(OfficerBook(path / "officers.json").read().officers) == 16
    assert sorted(found.name for found in path.iterdir()) == ["officers.json", "passkeys.json"]


def test_challenges_are_for_one_browser_and_a_short_while() -> None:
    """And made by this run of the node, which keeps only those that were answered."""
    now_s = [1_000.0]
    challenges = Challenges(clock=lambda: now_s[0])
    made = challenges.make("browser")
    assert challenges.check(made.hex(), "browser") == made
    for given, browser in (
        (made.hex(), "another"),
        (made.hex()[:-2] + "00", "browser"),
        ("", "browser"),
        ("zz", "browser"),
    ):
        with pytest.raises(UsageError, match=r"passkey\.refused"):
            challenges.check(given, browser)
    now_s[0] += GOOD_S
    with pytest.raises(UsageError, match=r"passkey\.refused"):
        challenges.check(made.hex(), "browser")


def test_the_file_keeps_no_code_and_is_read_again(tmp_path: Path, key: tuple[Browser, Authenticator]) -> None:
    """What the command line draws holds at a node that runs; what lies in the file lets nobody in."""
    path = tmp_path / "passkeys.json"
    book, other, at = PasskeyBook(path), PasskeyBook(path), Instant(1_000)
    code = book.draw_code("usa-w", at=at)
    assert code.replace("-", "") not in path.read_text().upper()
    assert path.stat().st_mode & 0o077 == 0
    assert other.is_code("usa-w", code, at=at)
    (kept,) = key[0].passkeys.read().find_all("usa-w")
    other.add("usa-w", kept.passkey, at=at)
    assert not book.is_code("usa-w", code, at=at)
    assert book.remove("usa-w", kept.passkey.credential[:8]) == 1
    assert other.read().find_all("usa-w") == ()
    path.write_text("{")
    with pytest.raises(UsageError, match=r"passkey\.book-malformed"):
        book.read()
