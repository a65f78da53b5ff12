"""The stage: a home for each party, cards compared, one pact drafted apart and accepted, a node process each.

Everything is done as parties would do it on their own machines; only the reading aloud is left out. The realm is an
exercise realm with its own lineage, for invented statements are never signed in realm `real` (DESIGN, section 10).
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from comity.base.errors import OutageError, UsageError
from comity.base.names import Party
from comity.cli.asking import Client
from comity.cli.pact_source import read_pact_file
from comity.console.demo import DEMO_REALM
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.node.bell import read_clock
from comity.node.ceremony import accept_pact, draft_for
from comity.node.home import create_home, find_free_port
from comity.pact.parse import parse_pact

__all__ = ["REALM", "Stage"]

REALM: Final = DEMO_REALM
UP_WITHIN_S: Final = 120.0
_NOT_YET: Final = frozenset({"api.unreachable", "api.no-token", "api.no-access"})
"""What a client hears of a node that is on its way up; the token is drawn anew at each start."""
OVERRIDES: Final[Mapping[str, int | bool | str]] = {
    "policy.receipt.within_ms": 1_000,
    "policy.silence.window_ms_min": 4_000,
    "policy.silence.skew_ms_max": 1_000,
    "policy.silence.kept_by_machine": True,
}
"""Windows of seconds, so that a silence procedure fits into a demo: policy, shown as such, not the pact's own text."""


class Stage:
    """Three homes under one folder, and their node processes."""

    def __init__(self, folder: Path, profile: str = "camp-david", options: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self._profile = read_pact_file(profile)
        self.parties: tuple[Party, ...] = parse_pact(self._profile).audience
        self.options = options
        """More options for each node."""
        self._processes: dict[Party, subprocess.Popen[bytes]] = {}

    def home(self, party: Party) -> Path:
        """Return a party's home."""
        return self.folder / party

    def realm_path(self, party: Party) -> Path:
        """Return the folder of the demo's realm in a party's home."""
        return self.home(party) / "realms" / REALM.replace("/", "-")

    def build(self) -> str:
        """Make the homes, compare the cards, draft and accept the pact; return the digest that all three signed."""
        suite, ceremony = ProductionSuite(), ProductionCeremony()
        now = read_clock()
        homes = {
            party: create_home(
                self.home(party),
                party=party,
                endpoints={REALM: f"127.0.0.1:{find_free_port('127.0.0.1')}"},
                passphrase=b"",
                issued_at=now,
                suite=suite,
                ceremony=ceremony,
            )
            for party in self.parties
        }
        cards = {party: (home.path / "card").read_bytes() for party, home in homes.items()}
        for party, home in homes.items():
            for other, other_home in homes.items():
                if other != party:
                    home.keep_peer(cards[other], other_home.get_card(suite))
        drafts = {
            party: draft_for(home, self._profile, overrides=OVERRIDES, suite=suite) for party, home in homes.items()
        }
        assert len(set(drafts.values())) == 1, "three parties that draft apart get the same bytes"
        for party, home in homes.items():
            accept_pact(home, drafts[party], realm=REALM, at=now, suite=suite, ceremony=ceremony)
        return suite.hash(drafts[self.parties[0]]).hex()

    def start(self, party: Party, **variables: str) -> None:
        """Start a party's node as a process of its own, with these variables in its environment besides."""
        log = (self.realm_path(party) / "node.log").open("ab")
        place = ["--home", str(self.home(party)), "--realm", REALM]
        command = [sys.executable, "-m", "comity.cli", "node", "run", *place, *self.options]
        environment = {**os.environ, "COMITY_LANG": "en", **variables}
        self._processes[party] = subprocess.Popen(command, stdout=log, stderr=log, env=environment)  # noqa: S603
        log.close()

    def kill(self, party: Party) -> None:
        """Kill a party's node with SIGKILL; its server dies with it or is stopped by the next start."""
        process = self._processes[party]
        process.kill()
        process.wait()

    def find_pid(self, party: Party) -> int:
        """Return the process id of a party's node, which may have ended."""
        return self._processes[party].pid

    def has_ended(self, party: Party) -> bool:
        """Tell whether a party's node ended by itself, or was killed."""
        return self._processes[party].poll() is not None

    def connect(self, party: Party) -> Client:
        """Return a client of a party's node, once it answers."""
        until = time.monotonic() + UP_WITHIN_S
        while True:
            client = None
            try:
                client = Client(self.home(party), REALM)
                client.get("/v1/status")
            except (OutageError, UsageError) as error:
                if client is not None:
                    client.close()
                if time.monotonic() > until or error.code not in _NOT_YET:
                    raise
                time.sleep(0.1)
            else:
                return client

    def connect_all(self) -> dict[Party, Client]:
        """Return a client for each party once the pact is in force at all of them."""
        clients = {party: self.connect(party) for party in self.parties}
        until = time.monotonic() + UP_WITHIN_S
        while not all(client.get("/v1/status")["is_in_force"] for client in clients.values()):
            if time.monotonic() > until:
                raise OutageError("demo.not-in-force")
            time.sleep(0.05)
        return clients

    def stop(self) -> None:
        """Stop all nodes and wait for them."""
        for process in self._processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            if process.poll() is None:
                process.kill()
                process.wait()

    @contextlib.contextmanager
    def running(self) -> Iterator[dict[Party, Client]]:
        """Run all nodes for as long as the block lasts."""
        clients: dict[Party, Client] = {}
        try:
            for party in self.parties:
                self.start(party)
            clients = self.connect_all()
            yield clients
        finally:
            for client in clients.values():
                client.close()
            self.stop()
