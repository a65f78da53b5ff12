"""Signing in, locking, leaving; and what no page, form or host gets past (ADR 0057)."""

import re
from collections.abc import Iterator

import pytest

from comity.base.instants import Instant
from comity.console.session import FRESH_S, IDLE_LOCK_S, LIFETIME_S, SESSION_COUNT_OF_ONE_MAX, Sessions
from comity.console.visit import Cookies
from comity.node.officers import OfficerBook
from comity.node.passkeys import PasskeyBook
from kit.api import TOKEN, Apis
from kit.console import ORIGIN, Browser, Clock, find_forms, find_inline
from kit.officers import have_officers


@pytest.fixture
def browser(apis: Apis, clock: Clock) -> Browser:
    """A browser at the console of the USA."""
    return Browser(apis, sessions=Sessions(clock=clock))


@pytest.fixture
def tokens(apis: Apis) -> Iterator[dict[str, str]]:
    """Officers of the USA, with their tokens; gone after the test."""
    with have_officers(apis.nodes["USA"], {"usa-w": ("watch-officer",), "usa-a": ("auditor",)}) as found:
        yield found


def test_nobody_sees_a_page_before_signing_in(browser: Browser) -> None:
    """Every page leads to the entrance, and back to where one was; the entrance names no line and no officer."""
    answer = browser.get("/shortcuts")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/shortcuts")
    page = browser.get("/sign-in?next=/shortcuts")
    assert page.status_code == 200
    assert "JPN" not in page.text
    done = browser.submit(page, "/sign-in", token=TOKEN)
    assert (done.status_code, done.headers["location"]) == (303, "/shortcuts")
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize(
    "to", ["//evil.test", "https://evil.test/", "/\\evil.test", "/a?b=//c", "javascript:0", "/../x"]
)
def test_the_way_back_leads_nowhere_else(browser: Browser, to: str) -> None:
    """Whoever makes up a link to the entrance sends nobody out of the house."""
    page = browser.get("/sign-in", params={"next": to})
    assert browser.submit(page, "/sign-in", token=TOKEN).headers["location"] == "/"


def test_a_wrong_token_is_no_session(browser: Browser, tokens: dict[str, str]) -> None:
    """A wrong one, one of nobody, none: the same page, no cookie of a session."""
    pages = []
    for wrong in (tokens["usa-w"][:-1] + "!", "nobody.secret", "", "usa-w.", "0" * 64):
        answer = browser.sign_in(wrong)
        assert answer.status_code == 403
        assert not any("session" in name for name in browser.cookies)
        pages.append(re.sub(r'data-options="[^"]*"|name="challenge" value="[^"]*"', "", answer.text))
    assert len(set(pages)) == 1


def test_an_officer_is_bound_to_the_session(browser: Browser, tokens: dict[str, str]) -> None:
    """The page says who is signed in, and ends with the officer's power: at once, whatever the browser holds."""
    browser.sign_in(tokens["usa-w"])
    assert "usa-w" in browser.get("/").text


def test_a_session_ends_with_the_officers_power(browser: Browser, apis: Apis, tokens: dict[str, str]) -> None:
    """A revoked officer, or one whose token was replaced, is at the entrance again with the next request."""
    book = apis.nodes["USA"].officers
    browser.sign_in(tokens["usa-w"])
    book.renew("usa-w")
    assert browser.get("/").headers["location"].startswith("/sign-in")
    browser.sign_in(tokens["usa-a"])
    assert browser.get("/").status_code == 200
    book.revoke("usa-a", at=Instant(apis.nodes["USA"].now()))
    assert browser.get("/").headers["location"].startswith("/sign-in")


def test_a_cookie_is_for_this_host_alone(browser: Browser) -> None:
    """No script reads it, no other site sends it; over TLS its name says that no other host can have set it."""
    answer = browser.sign_in()
    (cookie,) = (row for row in answer.headers.get_list("set-cookie") if "session" in row)
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    over_tls = Cookies("usa-0", b"key").make_session("secret", "https://watch.example")
    assert (over_tls.key, over_tls.secure) == ("__Host-comity-usa-0-session", True)


def test_a_session_locks_when_nobody_acts(browser: Browser, clock: Clock) -> None:
    """What the page asks for by itself is no act; the right token, and only that, opens it again where one was."""
    browser.sign_in()
    for _ in range(3):
        clock.now_s += IDLE_LOCK_S / 2
        browser.get("/watch/now", headers={"HX-Request": "true"})
    answer = browser.get("/shortcuts")
    assert answer.headers["location"] == "/prove?next=/shortcuts"
    page = browser.get("/prove?next=/shortcuts")
    assert "Locked" in page.text
    assert "JPN" not in page.text
    assert browser.submit(page, "/prove", token="wrong.token").status_code == 403
    assert browser.get("/").status_code == 303
    assert browser.submit(page, "/prove", token=TOKEN).headers["location"] == "/shortcuts"
    assert browser.get("/shortcuts").status_code == 200


def test_another_officer_does_not_unlock(browser: Browser, tokens: dict[str, str]) -> None:
    """A lock is opened by who was there."""
    browser.sign_in(tokens["usa-w"])
    browser.submit(browser.get("/"), "/lock")
    page = browser.get("/prove")
    assert browser.submit(page, "/prove", token=tokens["usa-a"]).status_code == 403
    assert browser.submit(page, "/prove", token=TOKEN).status_code == 403
    assert browser.submit(page, "/prove", token=tokens["usa-w"]).status_code == 303


def test_a_session_ends_after_a_watch(browser: Browser, clock: Clock) -> None:
    """However busy it was."""
    browser.sign_in()
    for _ in range(int(LIFETIME_S / IDLE_LOCK_S) + 1):
        clock.now_s += IDLE_LOCK_S - 1
        last = browser.get("/")
    clock.now_s += IDLE_LOCK_S
    assert browser.get("/").headers["location"].startswith("/sign-in"), last.status_code


def test_a_proof_grows_old(clock: Clock) -> None:
    """What releases wants a fresh one; proving again makes it fresh."""
    sessions, book = Sessions(clock=clock), OfficerBook()
    secret = sessions.begin("", kept="", proved_by="token")
    session = sessions.find(secret, book, PasskeyBook(), at=1)
    assert session is not None
    assert sessions.is_fresh(session)
    clock.now_s += FRESH_S
    assert not sessions.is_fresh(session)
    sessions.prove(session, kept="", proved_by="token")
    assert sessions.is_fresh(session)


def test_signing_out_ends_the_session(browser: Browser) -> None:
    """At the node, not only in the browser: a cookie that somebody kept is worth nothing."""
    browser.sign_in()
    kept = dict(browser.cookies)
    assert browser.submit(browser.get("/"), "/sign-out").headers["location"] == "/sign-in"
    for name, value in kept.items():
        browser.cookies.set(name, value, domain="usa.localhost")
    assert browser.get("/").headers["location"].startswith("/sign-in")


def test_sessions_of_one_officer_are_bounded(clock: Clock) -> None:
    """The one longest unused gives way."""
    sessions, book = Sessions(clock=clock), OfficerBook()
    secrets = []
    for _ in range(SESSION_COUNT_OF_ONE_MAX + 1):
        clock.now_s += 1
        secrets.append(sessions.begin("", kept="", proved_by="token"))
    assert sessions.find(secrets[0], book, PasskeyBook(), at=1) is None
    assert all(sessions.find(secret, book, PasskeyBook(), at=1) for secret in secrets[1:])


@pytest.mark.parametrize(
    "path", ["/sign-in", "/lock", "/sign-out", "/preferences", "/prove", "/passkey", "/enrol", "/enrol/made"]
)
def test_no_form_counts_without_its_token(browser: Browser, path: str) -> None:
    """Not one route takes a form that no page of this session made."""
    browser.sign_in()
    browser.get("/")
    for fields in ({"token": TOKEN}, {"token": TOKEN, "form": "0" * 64}):
        assert browser.post(path, fields).status_code == 403
    assert browser.get("/").status_code == 200


def test_a_form_of_before_signing_in_is_none_of_after(browser: Browser) -> None:
    """Whoever planted a form before has nothing in the session."""
    before = find_forms(browser.get("/sign-in").text)["/sign-in"]["form"]
    browser.sign_in()
    assert browser.post("/lock", {"form": before}).status_code == 403
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "null", "", "http://usa.localhost:1", "https://usa.localhost:8765"]
)
def test_a_form_comes_from_our_own_pages(browser: Browser, origin: str) -> None:
    """The browser says where it was made, and it must say that it was here."""
    browser.sign_in()
    fields = find_forms(browser.get("/").text)["/lock"]
    assert browser.post("/lock", fields, headers={"Origin": origin}).status_code == 403
    assert browser.get("/").status_code == 200
    assert browser.post("/lock", fields).status_code == 303


@pytest.mark.parametrize("host", ["evil.test", "usa.localhost", "usa.localhost:1", "localhost:8765.evil.test", ""])
def test_another_host_is_refused(browser: Browser, host: str) -> None:
    """A name that somebody pointed at this machine shows nothing, to whomever."""
    browser.sign_in()
    answer = browser.get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert "Waits for" not in answer.text


@pytest.mark.parametrize("path", ["/", "/sign-in", "/shortcuts", "/nowhere", "/prove", "/watch/now", "/assets/none.js"])
def test_every_answer_forbids_what_pages_never_do(browser: Browser, path: str) -> None:
    """Errors and redirections too; and no page has in it what the policy forbids."""
    for is_in in (False, True):
        if is_in:
            browser.sign_in()
        answer = browser.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert find_inline(answer.text) == []
        assert "http" not in answer.text.replace(ORIGIN, "").replace("http-equiv", "")


def test_the_first_load_is_small(browser: Browser) -> None:
    """Page, style and scripts under 300 kB compressed, from here, kept under names that never change their meaning."""
    browser.sign_in()
    page = browser.get("/").text
    paths = {part.partition('"')[0] for part in page.replace("'", '"').split('"') if part.startswith("/assets/")}
    assert len(paths) == 5
    size = len(page)
    for path in paths:
        answer = browser.get(path, headers={"Accept-Encoding": "br"})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        size += int(answer.headers["content-length"])
    assert size < 300_000


@pytest.mark.parametrize(("language", "word"), [("ja", "当直"), ("ko", "당직")])
def test_the_language_is_switched_at_once(browser: Browser, language: str, word: str) -> None:
    """By a form that needs no script; the realm is said in all three whatever was chosen."""
    page = browser.get("/sign-in")
    assert browser.submit(page, "/preferences", language=language, back="/sign-in").headers["location"] == "/sign-in"
    browser.sign_in()
    shown = browser.get("/").text
    assert f'<html lang="{language}"' in shown
    assert word in shown
    assert all(words in shown for words in ("EXERCISE EXERCISE EXERCISE", "演習", "연습"))


def test_the_theme_is_kept_and_no_other_word_is(browser: Browser) -> None:
    """What is none of the themes changes nothing."""
    page = browser.get("/sign-in")
    browser.submit(page, "/preferences", theme="dark", back="/sign-in")
    assert 'data-theme="dark"' in browser.get("/sign-in").text
    browser.submit(page, "/preferences", theme='"><b>', back="/sign-in")
    assert 'data-theme="dark"' in browser.get("/sign-in").text
