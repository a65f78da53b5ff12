import pytest

from comity.api import words


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wording is English, whatever an earlier test chose."""
    monkeypatch.setattr(words, "_chosen", "en")
