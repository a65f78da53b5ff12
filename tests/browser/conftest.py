from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from comity.base.instants import Instant
from comity.node.officers import OfficerBook
from comity.node.passkeys import Passkeys
from kit.browsing import CHROMIUM, SignIn, open_browser, watch
from kit.browsing import sign_in as sign_in_at
from kit.floor import Floor
from kit.nodes import Nodes, accept_all, make_homes

expect.set_options(timeout=60_000)  # what is waited for comes, however slow the machine is


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; for a module, since its driver holds the thread's event loop for as long as it is there."""
    if not CHROMIUM.exists():
        pytest.skip(f"NO BROWSER TESTS: there is no {CHROMIUM}; `make browser` installs it with its fonts")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Three watch floors under a pact that asks for officers."""
    accepted = accept_all(make_homes(tmp_path_factory.mktemp("homes")), has_offices=True)
    with Floor(Nodes(accepted, tmp_path_factory.mktemp("stores"))) as opened:
        yield opened


@pytest.fixture
def officers(floor: Floor) -> Iterator[Callable[..., str]]:
    """Make officers: `officers("JPN", "jpn-w", "watch-officer")` returns a token; after the test they are gone with
    their passkeys, so that another test's officer of that name signs in with the token alone.
    """
    books: dict[str, OfficerBook] = {}

    def add(party: str, name: str, *roles: str) -> str:
        node = floor.nodes[party]
        if party not in books:
            books[party] = node.officers = OfficerBook()
        return books[party].add(name, roles, at=Instant(node.now() - 1))

    yield add
    for party in books:
        floor.nodes[party].officers = OfficerBook()
        floor.passkeys[party].change(lambda _: Passkeys())


@pytest.fixture
def context(chromium: Browser, floor: Floor) -> Iterator[BrowserContext]:
    """A fresh browser at Japan's console, in Japanese."""
    opened = open_browser(chromium, floor.origins["JPN"], locale="ja-JP")
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that must load without an error in its console: no policy broken, nothing missing."""
    watched = watch(context)
    yield watched.page
    watched.check()


@pytest.fixture
def sign_in() -> SignIn:
    """Signing in at the console that a page is of: `sign_in(page)`, or with an officer's token."""
    return sign_in_at
