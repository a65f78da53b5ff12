from collections.abc import Iterator

import pytest

from comity.api import words
from kit.api import Apis
from kit.nodes import Nodes, accept_all, make_homes


@pytest.fixture(scope="module")
def apis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apis]:
    """Three running nodes under a pact that asks for officers, met through their consoles."""
    accepted = accept_all(make_homes(tmp_path_factory.mktemp("homes")), has_offices=True)
    with Apis(Nodes(accepted, tmp_path_factory.mktemp("stores"))) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wording is English unless a browser wishes otherwise."""
    monkeypatch.setattr(words, "_chosen", "en")
