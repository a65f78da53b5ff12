"""Three homes on disk whose machines talk on a perfect world: real keys, real pages, real stores, no servers."""

from collections import deque
from collections.abc import Collection
from pathlib import Path

from comity.base.instants import Instant
from comity.base.names import Party
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.journal.header import parse_page
from comity.machine.machine import Machine
from comity.node.ceremony import Accepted, accept_pact, draft_for
from comity.node.home import Home, create_home
from comity.node.store import Store
from kit.loop import NOON, Loop, read_profile

PARTIES: tuple[Party, ...] = ("JPN", "KOR", "USA")
REALM = "exercise/kit"


class Homes(Loop):
    """Homes below `root`, unlocked by a key file, that have accepted the default pact in an exercise realm."""

    def __init__(self, root: Path) -> None:
        """Make the homes and their machines; nothing has been said yet."""
        self.root = root
        self.suite, self.ceremony = ProductionSuite(), ProductionCeremony()
        accepted = _accept(root, self.suite, self.ceremony)
        first = next(iter(accepted.values()))
        self.pact, self.pins, self.pact_raw = first.pact, first.pins, first.pact_raw
        self.now = NOON
        self.machines = {party: self._start(party, held) for party, held in accepted.items()}
        self.stored = {party: [] for party in accepted}
        self.answers = {}
        self.alarms = []
        self.acknowledged = []
        self.cut = set()
        self._wakes = {}
        self._queue = deque()
        self._command = 0
        self._checkpoints = {party: held.secrets.node.checkpoint for party, held in accepted.items()}

    def _start(self, party: Party, held: Accepted) -> Machine:
        assert held.party == party
        return Machine(held.make_setup(self.suite))

    def realm_path(self, party: Party) -> Path:
        """The folder of the realm in a party's home."""
        return self.root / party / "realms" / "exercise-kit"

    def open_store(self, party: Party) -> Store:
        """A party's store, locked as a running node locks it."""
        return Store(self.realm_path(party) / "store.db", party=party)

    def write_stores(self) -> None:
        """Put what the machines committed into the stores on disk."""
        for party, raws in self.stored.items():
            store = self.open_store(party)
            for raw in raws:
                store.commit([parse_page(raw, self.suite)], (), at=self.now)
            store.close()


def introduce(
    root: Path,
    parties: Collection[Party],
    *,
    realm: str,
    at: Instant,
    suite: ProductionSuite,
    ceremony: ProductionCeremony,
) -> dict[Party, Home]:
    """Make homes below `root`, unlocked by a key file, that have compared their cards; nothing is accepted yet."""
    homes = {
        party: create_home(
            root / party,
            party=party,
            endpoints={realm: "127.0.0.1:4222"},
            passphrase=b"",
            issued_at=at,
            suite=suite,
            ceremony=ceremony,
        )
        for party in parties
    }
    for home in homes.values():
        for peer in homes.values():
            if peer is not home:
                home.keep_peer((peer.path / "card").read_bytes(), peer.get_card(suite))
    return homes


def _accept(root: Path, suite: ProductionSuite, ceremony: ProductionCeremony) -> dict[Party, Accepted]:
    homes = introduce(root, PARTIES, realm=REALM, at=NOON, suite=suite, ceremony=ceremony)
    raw = draft_for(homes["JPN"], read_profile("camp-david"), suite=suite)
    return {
        party: accept_pact(home, raw, realm=REALM, at=NOON, suite=suite, ceremony=ceremony)
        for party, home in homes.items()
    }
