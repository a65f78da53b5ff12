from pathlib import Path

import pytest

from comity.cli.demo.stage import Stage
from kit.stage import WITHOUT_FEED


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Three homes that have accepted the demo's pact, each with ports of its own; nothing runs yet, without a feed."""
    made = Stage(tmp_path / "homes", options=WITHOUT_FEED)
    made.build()
    return made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for homes that one demo makes for a whole module."""
    return tmp_path_factory.mktemp("demo")
