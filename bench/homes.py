"""Homes of as many parties as a figure needs, paired, with a pact accepted, each with an outbox server of its own."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.crypto.link import LinkPublic
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.node.accounts import Peer
from comity.node.ceremony import Accepted, accept_pact, draft_for, open_accepted
from comity.node.home import Home, create_home, find_free_port, open_home
from comity.node.jetstream import JetStreamOutbox
from comity.node.link import JetStreamLink
from comity.node.reach import parse_endpoint
from comity.node.server import ServerChild
from comity.node.stream import Reader
from comity.node.wire import Endpoint
from comity.pact.parse import parse_pact

__all__ = ["CEREMONY", "REALM", "SUITE", "Ways", "build_homes", "read_home"]

REALM: Final = "exercise/bench"
SUITE: Final = ProductionSuite()
CEREMONY: Final = ProductionCeremony()
OVERRIDES: Final[Mapping[str, int | bool | str]] = {"policy.receipt.within_ms": 1_000}


def build_homes(root: Path, profile: bytes) -> Audience:
    """Make a home for each party of a pact below `root`; return the parties."""
    now = Instant(time.time_ns() // 1_000_000)
    parties = parse_pact(profile).audience
    homes: dict[Party, Home] = {}
    for party in parties:
        endpoints = {REALM: f"127.0.0.1:{find_free_port('127.0.0.1')}"}
        homes[party] = create_home(
            root / party,
            party=party,
            endpoints=endpoints,
            passphrase=b"",
            issued_at=now,
            suite=SUITE,
            ceremony=CEREMONY,
        )
    cards = {party: ((home.path / "card").read_bytes(), home.get_card(SUITE)) for party, home in homes.items()}
    for party, home in homes.items():
        for other, (raw, card) in cards.items():
            if other != party:
                home.keep_peer(raw, card)
    draft = draft_for(homes[parties[0]], profile, overrides=OVERRIDES, suite=SUITE)
    for home in homes.values():
        accept_pact(home, draft, realm=REALM, at=now, suite=SUITE, ceremony=CEREMONY)
    return parties


def read_home(path: Path) -> tuple[Home, Accepted]:
    """Open a home that `build_homes` made."""
    home = open_home(path)
    return home, open_accepted(home, realm=REALM, suite=SUITE)


@dataclass(slots=True)
class Ways:
    """Server, outbox and links of one home, without a node: what the floor runs on."""

    home: Home
    accepted: Accepted

    @property
    def lineage(self) -> Digest:
        """The pact's."""
        return Digest(self.accepted.pins.lineage)

    def find_endpoint(self, party: Party) -> Endpoint:
        """Return where a party's outbox answers."""
        links = self._find_links(party)
        return parse_endpoint(links[1])

    def find_public(self, party: Party) -> LinkPublic:
        """Return a party's link keys."""
        return self._find_links(party)[0]

    def _find_links(self, party: Party) -> tuple[LinkPublic, str]:
        cards = {**self.home.find_peers(SUITE), self.home.party: self.home.get_card(SUITE)}
        links = cards[party].find_links(REALM)
        assert links is not None
        return LinkPublic(links.exchange, links.authority), links.endpoint

    def make_server(self) -> ServerChild:
        """Return the own server, not running yet."""
        own = self.find_endpoint(self.home.party)
        return ServerChild(self.accepted.path / "outbox", self.accepted.secrets.link, host=own.host, port=own.port)

    def list_peers(self) -> tuple[Peer, ...]:
        """Return everybody else, as the own server knows them."""
        others = [party for party in self.accepted.pact.audience if party != self.home.party]
        return tuple(Peer(Reader(self.lineage, REALM, party), self.find_public(party)) for party in others)

    def make_outbox(self) -> JetStreamOutbox:
        """Return a client of the own server."""
        return JetStreamOutbox(self.find_endpoint(self.home.party), self.accepted.secrets.link)

    def make_link(self, party: Party) -> JetStreamLink:
        """Return a link to a peer's server."""
        me = Reader(self.lineage, REALM, self.home.party)
        keys = self.accepted.secrets.link
        return JetStreamLink(self.find_endpoint(party), keys, server=self.find_public(party), reader=me)
