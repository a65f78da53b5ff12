from collections.abc import Iterator

import pytest

from kit.api import Apis
from kit.nodes import Nodes, accept_all, make_homes


@pytest.fixture(scope="module")
def apis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apis]:
    """The APIs of three running nodes under the default pact; tests add statements and take nothing away."""
    accepted = accept_all(make_homes(tmp_path_factory.mktemp("homes")))
    with Apis(Nodes(accepted, tmp_path_factory.mktemp("stores"))) as opened:
        yield opened
