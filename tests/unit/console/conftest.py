from collections.abc import Iterator

import pytest

from comity.api import words
from kit.api import Apis
from kit.console import Browser, Clock
from kit.hotline import sign_in
from kit.officers import have_officers
from kit.talk import Play


@pytest.fixture(scope="module")
def apis(apis_with_offices: Apis) -> Apis:
    """Three running nodes under a pact that asks for officers, met through their consoles."""
    return apis_with_offices


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wording is English unless a browser wishes otherwise."""
    monkeypatch.setattr(words, "_chosen", "en")


@pytest.fixture
def browser(apis: Apis) -> Browser:
    """A browser at the console of the USA, signed in."""
    return sign_in(Browser(apis))


@pytest.fixture(scope="module")
def usa(apis: Apis) -> Browser:
    """The same for all tests of a module."""
    return sign_in(Browser(apis))


@pytest.fixture(scope="module")
def jpn(apis: Apis) -> Browser:
    """A browser at the console of Japan, signed in."""
    return sign_in(Browser(apis, "JPN"))


@pytest.fixture
def play(apis: Apis) -> Play:
    """Whoever states things."""
    return Play(apis)


@pytest.fixture
def clock() -> Clock:
    """Time as the sessions see it."""
    return Clock()


@pytest.fixture
def tokens(apis: Apis) -> Iterator[dict[str, str]]:
    """Two watch officers of the USA, with their tokens; gone after the test."""
    with have_officers(apis.nodes["USA"], {"usa-w": ("watch-officer",), "usa-x": ("watch-officer",)}) as found:
        yield found
