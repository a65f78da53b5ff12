"""The realm that a ceremony works on, with its home: opened, by the passphrase of whoever sits at the terminal."""

from pathlib import Path

from comity.cli.asking import find_realm_path
from comity.cli.passphrase import open_home_asking
from comity.crypto.production import ProductionSuite
from comity.node.ceremony import Accepted, open_accepted
from comity.node.home import Home

__all__ = ["open_realm"]


def open_realm(home: Path, realm: str) -> tuple[Home, Accepted]:
    """Open the home and the realm meant; the only one if none is named.

    Raises:
        UsageError: as `open_home_asking`, `find_realm_path`, `open_accepted`.
    """
    opened, path = open_home_asking(home), find_realm_path(home, realm)
    named = next((name for name in opened.find_realms() if opened.find_realm_path(name) == path), realm)
    return opened, open_accepted(opened, realm=named, suite=ProductionSuite())
