import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from comity.base.names import Party
from comity.node.ceremony import open_accepted
from comity.node.home import Home, open_home
from kit.amending import FIVE
from kit.nodes import PARTIES, REALM, SUITE, AllAccepted, Nodes
from kit.ports import Ports, make_port_homes


@pytest.fixture
def nodes(accepted: AllAccepted, tmp_path: Path) -> Nodes:
    """Nodes of three parties with empty stores, none running."""
    return Nodes(accepted, tmp_path)


@pytest.fixture
def homes(accepted: AllAccepted, tmp_path: Path) -> Mapping[Party, Home]:
    """This test's copies of the three homes, to be changed as it likes."""
    made = next(iter(accepted.values())).path.parents[2]
    shutil.copytree(made, tmp_path / "homes")
    return {party: open_home(tmp_path / "homes" / party) for party in PARTIES}


@pytest.fixture
def home_nodes(homes: Mapping[Party, Home], tmp_path: Path) -> Nodes:
    """Nodes on those copies, each with its store in the home itself."""
    held = {party: open_accepted(home, realm=REALM, suite=SUITE) for party, home in homes.items()}
    found = Nodes(held, tmp_path)
    found.accepted = held
    return found


@pytest.fixture(scope="session")
def made_ports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ports' homes; made once, never changed."""
    root = tmp_path_factory.mktemp("ports")
    make_port_homes(root)
    return root


@pytest.fixture
def port_homes(made_ports: Path, tmp_path: Path) -> dict[Party, Home]:
    """This test's copies of the ports' homes."""
    shutil.copytree(made_ports, tmp_path / "homes")
    return {party: open_home(tmp_path / "homes" / party) for party in FIVE}


@pytest.fixture
def ports(port_homes: dict[Party, Home], tmp_path: Path) -> Ports:
    """The four ports' nodes, none running."""
    return Ports(port_homes, tmp_path)
