"""Putting a node together from a home: server, outbox, links, store, machine (DESIGN, section 2).

One path for the bundled server and for a party's own cluster: the links and the outbox are told an endpoint, and
whether the node starts the server itself is the only difference. Where a party's card no longer says how to reach it
from here, `reach.toml` in the realm's folder does; whom the link then finds there is proved by the certified keys all
the same.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from comity.base.errors import OutageError, UsageError
from comity.base.names import Digest, Party
from comity.crypto.link import LinkPublic
from comity.crypto.suite import Ceremony, Suite
from comity.machine.machine import Machine
from comity.node.accounts import Peer
from comity.node.ceremony import Accepted
from comity.node.home import Home
from comity.node.items import Items
from comity.node.jetstream import JetStreamOutbox
from comity.node.link import JetStreamLink
from comity.node.log import note
from comity.node.mark import Mark, find_mark_path
from comity.node.node import Node
from comity.node.observer import UNOBSERVED, Observer
from comity.node.post import Lane, Post
from comity.node.reach import parse_endpoint, read_reach
from comity.node.server import ServerChild
from comity.node.snapshot import SNAPSHOT_FILE, Snapshot
from comity.node.store import Store
from comity.node.stream import Reader
from comity.node.wire import Endpoint

__all__ = ["Assembly", "assemble"]

RESTART_PAUSE_S: Final = 0.5


@dataclass(slots=True)
class Assembly:
    """A node with everything that it runs on."""

    node: Node
    items: Items
    accepted: Accepted
    server: ServerChild
    peers: tuple[Peer, ...]
    _keeper: "asyncio.Task[None] | None" = None

    async def start(self) -> None:
        """Start the server, then the node."""
        await self.server.start(self.peers)
        self._keeper = asyncio.get_running_loop().create_task(self._keep_server())
        await self.node.start(statements=self.accepted.statements)

    async def stop(self) -> None:
        """Stop the node, then the server."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        await self.node.stop()
        await self.server.stop()

    async def _keep_server(self) -> None:
        """Start the server again whenever it dies; the store has everything that it may have lost."""
        while True:
            await self.server.wait()
            note("outbox.server-ended")
            await asyncio.sleep(RESTART_PAUSE_S)
            try:
                await self.server.start(self.peers)
                self.node.restore_outbox()
            except OutageError as error:
                note("outbox.server-failed", code=error.code)


def assemble(
    home: Home, accepted: Accepted, *, suite: Suite, ceremony: Ceremony, observer: Observer = UNOBSERVED
) -> Assembly:
    """Build a node for one realm of a home; nothing runs yet.

    Raises:
        UsageError: `home.no-links` where a party's card names no links in this realm; `home.reach-malformed`.
        OutageError: `store.locked` where another node runs on this store.
    """
    secrets, realm, lineage = accepted.secrets, accepted.realm, Digest(accepted.pins.lineage)
    cards = {**home.find_peers(suite), home.party: home.get_card(suite)}
    public: dict[Party, LinkPublic] = {}
    endpoints: dict[Party, Endpoint] = {}
    reach = read_reach(accepted.path)
    for party in accepted.pact.audience:
        links = cards[party].find_links(realm)
        if links is None:
            raise UsageError("home.no-links", party=party, realm=realm)
        public[party] = LinkPublic(links.exchange, links.authority)
        endpoints[party] = reach.get(party) or parse_endpoint(links.endpoint)
    others = tuple(party for party in accepted.pact.audience if party != home.party)
    peers = tuple(Peer(Reader(lineage, realm, party), public[party]) for party in others)
    own = endpoints[home.party]
    server = ServerChild(accepted.path / "outbox", secrets.link, host=own.host, port=own.port)
    store = Store(accepted.path / "store.db", party=home.party)
    setup = accepted.make_setup(suite)
    me = Reader(lineage, realm, home.party)

    def make_lane() -> Lane:
        links = {
            party: JetStreamLink(endpoints[party], secrets.link, server=public[party], reader=me) for party in others
        }
        return Lane(JetStreamOutbox(own, secrets.link), links)

    words, bulk = make_lane(), make_lane()
    post = Post(words.outbox, words.links, store, party=home.party, lineage=lineage, realm=realm, bulk=bulk)
    snapshot, mark = (
        Snapshot(accepted.path / SNAPSHOT_FILE, setup, ceremony=ceremony),
        Mark(find_mark_path(home.path, realm)),
    )
    node = Node(Machine(setup), store, post, ceremony=ceremony, observer=observer, snapshot=snapshot, mark=mark)
    return Assembly(node, Items(node, node.shelf, ceremony=ceremony), accepted, server, peers)
