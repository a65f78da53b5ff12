"""The officers of the demo, a whole watch for each party, each with a token.

The tokens lie in the party's home, as `comity officer add --keep-token` leaves them, so that who tries the homes later
can act as any of them with `--as`. The demo's consoles let each in by one click (`comity.console.demo`).
"""

from collections.abc import Mapping
from typing import Final

from comity.base.names import Party
from comity.cli.asking import Client
from comity.cli.demo.stage import REALM, Stage
from comity.node.bell import read_clock
from comity.node.home import write_private
from comity.node.officers import OFFICERS_FILE, OfficerBook

__all__ = ["DIRECTOR", "RELEASE", "WATCH", "Floor", "appoint", "name_officer"]

WATCH: Final = "watch-officer"
RELEASE: Final = "release-officer"
DIRECTOR: Final = "director"
_PLAYS: Final[Mapping[str, str]] = {WATCH: "duty", RELEASE: "release", DIRECTOR: "director"}
"""Who acts in the case, by role: the beginning of the officer's name."""
_BESIDES: Final = (
    ("relief", WATCH),
    ("adviser", "national-security-adviser"),
    ("auditor", "auditor"),
    ("admin", "administrator"),
)
"""Who sits at the consoles besides, for whoever tries them: a second watch officer takes the watch over."""


def name_officer(party: Party, role: str) -> str:
    """Return the pseudonym of the officer who plays a role for a party."""
    return f"{_PLAYS[role]}-{party[0].lower()}"


def appoint(stage: Stage) -> None:
    """Add each party's officers, and leave their tokens in its home."""
    for party in stage.parties:
        path = stage.realm_path(party)
        book = OfficerBook(path / OFFICERS_FILE)
        (path / "officers").mkdir(mode=0o700, exist_ok=True)
        plays = [(beginning, role) for role, beginning in _PLAYS.items()]
        for beginning, role in (*plays, *_BESIDES):
            name = f"{beginning}-{party[0].lower()}"
            token = book.add(name, (role,), at=read_clock())
            write_private(path / "officers" / f"{name}.token", token.encode())


class Floor:
    """A client for each officer who plays, of each party, beside the parties' own, which look and do not speak."""

    def __init__(self, stage: Stage, clients: Mapping[Party, Client]) -> None:
        self.clients = clients
        self._officers = {
            (party, role): Client(stage.home(party), REALM, officer=name_officer(party, role))
            for party in stage.parties
            for role in _PLAYS
        }

    def get(self, party: Party, role: str) -> Client:
        """Return the client of a party's officer in a role."""
        return self._officers[party, role]

    def close(self) -> None:
        """Close all officers' connections."""
        for client in self._officers.values():
            client.close()
