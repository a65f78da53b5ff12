from collections.abc import Mapping
from pathlib import Path

import pytest

from comity.base.names import Party
from comity.node.ceremony import Accepted
from kit.nodes import Nodes, accept_all, make_homes


@pytest.fixture(scope="session")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Party, Accepted]:
    """Three homes that accepted the default pact; made once, never changed."""
    return accept_all(make_homes(tmp_path_factory.mktemp("accepted")))


@pytest.fixture
def nodes(accepted: Mapping[Party, Accepted], tmp_path: Path) -> Nodes:
    """Nodes of three parties with empty stores, none running."""
    return Nodes(accepted, tmp_path)
