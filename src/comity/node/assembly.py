"""Putting a node together from a home: server, outbox, links, store, machine (DESIGN, section 2).

One path for the bundled server and for a party's own cluster (`outbox.toml`): the links and the outbox are told where
servers listen, and whether the node starts one itself is the only difference. Where a party's card no longer says how
to reach it from here, `reach.toml` in the realm's folder does; whom the link then finds there is proved by the
certified keys all the same.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from comity.base.errors import OutageError, UsageError
from comity.base.names import Digest, Party
from comity.crypto.link import LinkPublic
from comity.crypto.suite import Ceremony, Suite
from comity.machine.machine import Machine
from comity.node.accounts import Peer
from comity.node.alarm.escalation import Escalation
from comity.node.alarm.plan import PlanBook
from comity.node.bell import read_clock
from comity.node.ceremony import Accepted, open_accepted
from comity.node.cluster import read_cluster
from comity.node.ending import end_tasks
from comity.node.home import Home
from comity.node.items import Items
from comity.node.jetstream import JetStreamOutbox
from comity.node.link import JetStreamLink
from comity.node.log import note
from comity.node.mark import Mark
from comity.node.marks import find_mark_path
from comity.node.no_outbox import NoOutbox
from comity.node.node import Node
from comity.node.observer import UNOBSERVED, Observer
from comity.node.officers import OFFICERS_FILE, OfficerBook
from comity.node.post import Lane, Post
from comity.node.reach import parse_endpoint, read_reach
from comity.node.server import ServerChild
from comity.node.snapshot import SNAPSHOT_FILE, Snapshot
from comity.node.standby import is_standby
from comity.node.store import Store
from comity.node.stream import Reader
from comity.node.wire import Endpoint

__all__ = ["Assembly", "assemble", "find_places", "find_readers"]

RESTART_PAUSE_S: Final = 0.5


@dataclass(slots=True)
class Assembly:
    """A node with everything that it runs on."""

    node: Node
    items: Items
    accepted: Accepted
    server: ServerChild | None
    """None where the party runs a cluster of its own, or the node is mute."""
    peers: tuple[Peer, ...]
    _keeper: "asyncio.Task[None] | None" = None

    async def start(self) -> None:
        """Start the server, then the node."""
        if self.server is None:
            self.node.on_sick_outbox = lambda: self.node.raise_alarm("alarm.outbox-sick", {})
        else:
            await self.server.start(self.peers)
            self._keeper = asyncio.get_running_loop().create_task(self._keep_server(self.server))
            self.node.on_sick_outbox = partial(self._replace_server, self.server)
        await self.node.start(statements=self.accepted.statements)
        if not self.node.machine.is_mute:
            self.node.spawn(Escalation(self.node).keep())

    async def stop(self) -> None:
        """Stop the node, then the server."""
        if self._keeper is not None:
            await end_tasks(self._keeper)
        await self.node.stop()
        if self.server is not None:
            await self.server.stop()

    def _replace_server(self, server: ServerChild) -> None:
        """End a server that answers and does nothing; it is started anew, and its streams are compared."""
        note("outbox.server-sick")
        self.node.raise_alarm("alarm.outbox-sick", {})
        server.kill()

    async def _keep_server(self, server: ServerChild) -> None:
        """Start the server again whenever it dies; the store has everything that it may have lost."""
        while True:
            await server.wait()
            note("outbox.server-ended")
            await asyncio.sleep(RESTART_PAUSE_S)
            try:
                await server.start(self.peers)
                self.node.restore_outbox()
            except OutageError as error:
                note("outbox.server-failed", code=error.code)


def find_readers(home: Home, accepted: Accepted, *, suite: Suite) -> tuple[Peer, ...]:
    """Return who reads this party's outbox in one realm, with their link keys; the party itself is its standby (T28).

    Raises:
        UsageError: `home.no-links`, `home.reach-malformed`.
    """
    public, _ = find_places(home, accepted, suite)
    lineage = Digest(accepted.pins.lineage)
    return tuple(Peer(Reader(lineage, accepted.realm, party), public[party]) for party in accepted.parties)


def find_places(
    home: Home, accepted: Accepted, suite: Suite
) -> tuple[dict[Party, LinkPublic], dict[Party, tuple[Endpoint, ...]]]:
    """Return the link keys of every party, and where its servers are reached from here."""
    cards = {**home.find_peers(suite), home.party: home.get_card(suite)}
    public: dict[Party, LinkPublic] = {}
    endpoints: dict[Party, tuple[Endpoint, ...]] = {}
    reach = read_reach(accepted.path)
    for party in accepted.parties:
        links = cards[party].find_links(accepted.realm)
        if links is None:
            raise UsageError("home.no-links", party=party, realm=accepted.realm)
        public[party] = LinkPublic(links.exchange, links.authority)
        endpoints[party] = reach.get(party) or (parse_endpoint(links.endpoint),)
    return public, endpoints


def assemble(
    home: Home,
    accepted: Accepted,
    *,
    suite: Suite,
    ceremony: Ceremony,
    observer: Observer = UNOBSERVED,
    clock: Callable[[], int] = read_clock,
    is_mute: bool = False,
) -> Assembly:
    """Build a node for one realm of a home; nothing runs yet. A mute one, a standby's, takes and asks and says nothing.

    Raises:
        UsageError: `home.no-links` where a party's card names no links in this realm; `home.reach-malformed`;
            `standby.not-promoted` where the home is a standby's, and the node is to speak.
        OutageError: `store.locked` where another node runs on this store.
    """
    if is_standby(accepted.path) and not is_mute:
        raise UsageError("standby.not-promoted")
    store = Store(accepted.path / "store.db", party=home.party)
    try:
        # Until the store was locked, a ceremony may have replaced the key or taken a version of the pact.
        held = open_accepted(home, realm=accepted.realm, suite=suite)
        return _assemble(
            home, held, store, suite=suite, ceremony=ceremony, observer=observer, clock=clock, is_mute=is_mute
        )
    except BaseException:
        store.close()
        raise


def _assemble(
    home: Home,
    accepted: Accepted,
    store: Store,
    *,
    suite: Suite,
    ceremony: Ceremony,
    observer: Observer,
    clock: Callable[[], int],
    is_mute: bool,
) -> Assembly:
    secrets, realm, lineage = accepted.secrets, accepted.realm, Digest(accepted.pins.lineage)
    public, endpoints = find_places(home, accepted, suite)
    peers = find_readers(home, accepted, suite=suite)
    cluster = read_cluster(accepted.path)
    (own, *more) = endpoints[home.party] if cluster is None else cluster.endpoints
    server = None
    if cluster is None and not is_mute:
        server = ServerChild(accepted.path / "outbox", secrets.link, host=own.host, port=own.port)
    setup = accepted.make_setup(suite)
    me = Reader(lineage, realm, home.party)

    def make_lane() -> Lane:
        links = {
            party: JetStreamLink(at, secrets.link, server=public[party], reader=me, more=more)
            for party, (at, *more) in endpoints.items()
            if party != home.party
        }
        if cluster is None and is_mute:
            return Lane(NoOutbox(), links)
        replicas = cluster.replicas if cluster else 1
        return Lane(JetStreamOutbox(own, secrets.link, replicas=replicas, more=more), links)

    words, bulk = make_lane(), make_lane()
    post = Post(
        words.outbox, words.links, store, party=home.party, lineage=lineage, realm=realm, bulk=bulk,
        is_cluster=cluster is not None,
    )  # fmt: skip
    snapshot = Snapshot(accepted.path / SNAPSHOT_FILE, setup, ceremony=ceremony)
    mark = Mark(find_mark_path(home.path, realm))
    node = Node(
        Machine(setup, is_mute=is_mute),
        store,
        post,
        ceremony=ceremony,
        observer=observer,
        snapshot=snapshot,
        mark=mark,
        clock=clock,
    )
    node.officers = OfficerBook(accepted.path / OFFICERS_FILE)
    node.alarm_plan = PlanBook(accepted.path)
    return Assembly(node, Items(node, node.shelf, ceremony=ceremony), accepted, server, peers)
