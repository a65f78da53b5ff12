from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from kit.floor import Floor
from kit.nodes import Nodes, accept_all, make_homes

CHROMIUM = Path("/usr/bin/chromium")


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
