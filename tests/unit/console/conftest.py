import pytest

from comity.api import words
from kit.api import Apis


@pytest.fixture(scope="module")
def apis(apis_with_offices: Apis) -> Apis:
    """Three running nodes under a pact that asks for officers, met through their consoles."""
    return apis_with_offices


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wording is English unless a browser wishes otherwise."""
    monkeypatch.setattr(words, "_chosen", "en")
