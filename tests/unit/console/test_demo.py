"""Officers who need not prove who they are: at the demo's consoles, and nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.cli.commands import run
from comity.console import demo
from comity.console.demo import DEMO_REALM, check_demo
from comity.console.origins import Origins
from comity.node.officers import OfficerBook
from kit.api import Apis
from kit.console import Browser, find_forms
from kit.nodes import REALM, accept_all, make_homes

STRIP = "Demo: anyone at this machine can sign in."
PATH = "/demo/sign-in"


@pytest.fixture
def officers(apis: Apis) -> Iterator[OfficerBook]:
    """A watch officer, and one who was revoked; gone after the test."""
    node = apis.nodes["USA"]
    book, at = OfficerBook(), Instant(node.now() - 1)
    for name in ("usa-w", "usa-gone"):
        book.add(name, ("watch-officer",), at=at)
    book.revoke("usa-gone", at=at)
    node.officers = book
    yield book
    node.officers = OfficerBook()


@pytest.fixture
def browser(apis: Apis, officers: OfficerBook, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """A browser at a console of the demo, played in the tests' own realm."""
    assert officers.read().officers
    monkeypatch.setattr(demo, "DEMO_REALM", REALM)
    return Browser(apis, is_demo=True)


def test_one_click_signs_in(browser: Browser) -> None:
    """As the officer named, with his role's title on the button; who was revoked is not offered."""
    page = browser.get("/sign-in?next=/shortcuts")
    assert STRIP in page.text
    assert "Watch officer" in page.text
    assert "usa-gone" not in page.text
    done = browser.submit(page, PATH, officer="usa-w")
    assert (done.status_code, done.headers["location"]) == (303, "/shortcuts")
    assert "usa-w" in browser.get("/").text


@pytest.mark.parametrize("name", ["usa-gone", "nobody", "", "usa-w\0"])
def test_nobody_else_is_signed_in(browser: Browser, name: str) -> None:
    """Nobody who may not act, nobody whom the node does not know, and never the realm's own token."""
    assert browser.submit(browser.get("/sign-in"), PATH, officer=name).status_code == 400
    assert browser.get("/").status_code == 303


def test_one_click_unlocks_for_who_was_there(browser: Browser) -> None:
    """The lock offers its own officer alone."""
    browser.submit(browser.get("/sign-in"), PATH, officer="usa-w")
    browser.submit(browser.get("/"), "/lock")
    page = browser.get("/prove?next=/shortcuts")
    assert page.text.count(f'action="{PATH}"') == 1
    assert browser.submit(page, PATH).headers["location"] == "/shortcuts"
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/shortcuts", "/prove", "/enrol", "/nowhere"])
def test_every_page_says_so(browser: Browser, apis: Apis, path: str) -> None:
    """And none of a console that is no demo's."""
    browser.submit(browser.get("/sign-in"), PATH, officer="usa-w")
    assert STRIP in browser.get(path).text
    other = Browser(apis)
    other.sign_in()
    assert STRIP not in other.get(path).text


def test_a_form_of_the_demo_needs_its_token_too(browser: Browser) -> None:
    """No page of another site signs anybody in."""
    assert browser.post(PATH, {"officer": "usa-w"}).status_code == 403
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
def test_what_a_proxy_passed_on_finds_no_such_page(browser: Browser, header: str) -> None:
    """Whoever puts a proxy before the demo has put nothing on the network."""
    fields = {"officer": "usa-w"}
    page = browser.get("/sign-in")
    answer = browser.post(PATH, find_forms(page.text)[PATH] | fields, headers={header: "127.0.0.1"})
    assert answer.status_code == 404
    assert browser.get("/").status_code == 303


def test_a_console_that_is_no_demo_has_no_such_route(apis: Apis, officers: OfficerBook) -> None:
    """Not offered, and not there to be found."""
    browser = Browser(apis)
    page = browser.get("/sign-in")
    assert PATH not in page.text
    fields = find_forms(page.text)["/sign-in"] | {"officer": officers.read().officers[0].name}
    assert browser.post(PATH, fields).status_code == 404


@pytest.mark.parametrize(("realm", "host", "more"), [
    ("real", "127.0.0.1", ()),
    (REALM, "127.0.0.1", ()),
    (DEMO_REALM + "-2", "127.0.0.1", ()),
    (DEMO_REALM, "0.0.0.0", ()),
    (DEMO_REALM, "::", ()),
    (DEMO_REALM, "192.0.2.1", ()),
    (DEMO_REALM, "localhost.evil.test", ()),
    (DEMO_REALM, "127.0.0.1", ("https://watch.example",)),
])  # fmt: skip
def test_nothing_but_the_demo_may_have_them(realm: str, host: str, more: tuple[str, ...]) -> None:
    """Another realm, whichever; another place to listen; an origin of an operator's."""
    with pytest.raises(UsageError, match=r"demo\.outside"):
        check_demo(realm=realm, host=host, origins=Origins("USA", 1, more))


def test_the_demo_may(apis: Apis) -> None:
    """In its realm, on loopback, of either kind; but a console of another realm is not made even when asked for."""
    for host in ("127.0.0.1", "127.0.0.2", "::1"):
        check_demo(realm=DEMO_REALM, host=host, origins=Origins("USA", 1))
    with pytest.raises(UsageError, match=r"demo\.outside"):
        Browser(apis, is_demo=True)


@pytest.mark.parametrize("more", [(), ("--console-origin", "https://watch.example")])
def test_a_node_of_another_realm_does_not_start_so(tmp_path: Path, more: tuple[str, ...]) -> None:
    """The command itself refuses, before anything listens."""
    homes = make_homes(tmp_path)
    accept_all(homes)
    assert run(["node", "run", "--demo", "--home", str(homes["USA"].path), *more]) == 2
