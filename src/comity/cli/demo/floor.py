"""The officers of the demo: a watch officer, a release officer and a director for each party, each with a token.

The tokens lie in the party's home, as `comity officer add --keep-token` leaves them, so that who tries the homes later
can act as any of them with `--as`.
"""

from collections.abc import Mapping
from typing import Final

from comity.base.names import Party
from comity.cli.client import Client
from comity.cli.demo.stage import REALM, Stage
from comity.node.bell import read_clock
from comity.node.home import write_private
from comity.node.officers import OFFICERS_FILE, OfficerBook

__all__ = ["DIRECTOR", "RELEASE", "WATCH", "Floor", "appoint", "name_officer"]

WATCH: Final = "watch-officer"
RELEASE: Final = "release-officer"
DIRECTOR: Final = "director"
_PREFIX: Final[Mapping[str, str]] = {WATCH: "duty", RELEASE: "release", DIRECTOR: "director"}


def name_officer(party: Party, role: str) -> str:
    """Return the pseudonym of a party's officer in a role."""
    return f"{_PREFIX[role]}-{party[0].lower()}"


def appoint(stage: Stage) -> None:
    """Add each party's officers, and leave their tokens in its home."""
    for party in stage.parties:
        path = stage.realm_path(party)
        book = OfficerBook(path / OFFICERS_FILE)
        (path / "officers").mkdir(mode=0o700, exist_ok=True)
        for role in _PREFIX:
            name = name_officer(party, role)
            token = book.add(name, (role,), at=read_clock())
            write_private(path / "officers" / f"{name}.token", token.encode())


class Floor:
    """A client for each officer of each party, beside the parties' own, which look and do not speak."""

    def __init__(self, stage: Stage, clients: Mapping[Party, Client]) -> None:
        self.clients = clients
        self._officers = {
            (party, role): Client(stage.home(party), REALM, officer=name_officer(party, role))
            for party in stage.parties
            for role in _PREFIX
        }

    def get(self, party: Party, role: str) -> Client:
        """Return the client of a party's officer in a role."""
        return self._officers[party, role]

    def close(self) -> None:
        """Close all officers' connections."""
        for client in self._officers.values():
            client.close()
