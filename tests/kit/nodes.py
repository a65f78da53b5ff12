"""Real nodes of all parties in one process: real keys, stores and machines, with outboxes and links in memory.

Homes are made once for a test session (`make_homes`); each test gets stores of its own. Faults are set by hand: a link
is cut, an outbox is down, a node is stopped or crashes.
"""

import asyncio
import dataclasses
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

from comity.base.instants import DAY_MS, Instant
from comity.base.names import Audience, Digest, Party
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.machine.machine import Machine
from comity.node.ceremony import Accepted, accept_pact, draft_for
from comity.node.home import Home
from comity.node.items import Items
from comity.node.mark import Mark
from comity.node.marks import find_mark_path, mark_new_keys
from comity.node.memory_outbox import MemoryLink, MemoryOutbox
from comity.node.node import Node
from comity.node.observer import UNOBSERVED, Observer
from comity.node.post import Post
from comity.node.snapshot import SNAPSHOT_FILE, Snapshot
from comity.node.store import Store
from comity.node.stream import Reader, Stream
from comity.procedure.entry import Entry
from comity.procedure.line import LineTestAnsweredByMachine, LineTestSent
from kit.homes import introduce
from kit.loop import read_profile
from kit.patience import PATIENCE_S, until

PARTIES: tuple[Party, ...] = ("JPN", "KOR", "USA")
REALM = "exercise/nodes"
SUITE, CEREMONY = ProductionSuite(), ProductionCeremony()
AllAccepted = Mapping[Party, Accepted]
"""The homes of all parties, each with what it accepted."""


def make_homes(root: Path) -> dict[Party, Home]:
    """Homes below `root` that have compared their cards; nothing is accepted yet."""
    now = Instant(time.time_ns() // 1_000_000)
    return introduce(root, PARTIES, realm=REALM, at=now, suite=SUITE, ceremony=CEREMONY)


def accept_all(
    homes: Mapping[Party, Home], *, has_offices: bool = False, overrides: Mapping[str, int | bool | str] | None = None
) -> dict[Party, Accepted]:
    """Have all parties accept the default pact, with receipts that come in a fraction of a second.

    `overrides` are policy values besides.
    """
    now = Instant(time.time_ns() // 1_000_000)
    profile = read_profile("camp-david", has_offices=has_offices)
    raw = draft_for(homes["JPN"], profile, overrides={**(overrides or {}), "policy.receipt.within_ms": 200},
                    suite=SUITE)  # fmt: skip
    return {
        party: accept_pact(home, raw, realm=REALM, at=now, suite=SUITE, ceremony=CEREMONY)
        for party, home in homes.items()
    }


def copy_homes(accepted: AllAccepted, root: Path) -> Path:
    """Copy homes that accepted a pact, as they were before anybody started; return `root`, where they lie then."""
    made = next(iter(accepted.values())).path.parents[2]
    for party in accepted:
        shutil.copytree(made / party, root / party)
    return root


def make_machine(party: Party, held: Accepted, *, is_mute: bool = False) -> Machine:
    """A party's machine, before anything is folded."""
    assert held.party == party
    return Machine(held.make_setup(SUITE), is_mute=is_mute)


class Nodes:
    """All parties' nodes on one folder of stores. `start` and `stop` one or all; what is stored stays."""

    def __init__(self, accepted: AllAccepted, folder: Path) -> None:
        self.accepted = {party: dataclasses.replace(held, path=folder / party) for party, held in accepted.items()}
        self.outboxes = {party: MemoryOutbox(ack_wait_ms=300) for party in accepted}
        self.links: dict[tuple[Party, Party], MemoryLink] = {}
        self.nodes: dict[Party, Node] = {}
        self.posts: dict[Party, Post] = {}
        self.cut: set[frozenset[Party]] = set()
        self.has_snapshots = False
        self.observers: dict[Party, Observer] = {}
        self.days_later = 0
        """How far the clocks of nodes that are made from now on are ahead."""
        self.ahead_ms = 0
        """How far the clocks of all nodes are ahead besides, from now on: time that nobody waits for."""
        self.has_marks = True
        self._begun: set[Party] = set()
        self.lineage = Digest(next(iter(accepted.values())).pins.lineage)

    def __getitem__(self, party: Party) -> Node:
        return self.nodes[party]

    def open_store(self, party: Party) -> Store:
        """A party's store; locked while its node runs."""
        return Store(self.accepted[party].path / "store.db", party=party)

    def find_mark(self, party: Party) -> Path:
        """Where a party's mark lies: in its home, or beside its store where that is in a folder of the test's own."""
        folder = self.accepted[party].path
        if folder.parent.name == "realms":
            return find_mark_path(folder.parents[1], REALM)
        if party not in self._begun:
            self._begun.add(party)
            mark_new_keys(folder.parent, party)
        return find_mark_path(folder.parent, party)

    def make(self, party: Party, *, is_mute: bool = False) -> Node:
        """Put a party's node together, not running yet."""
        held, store = self.accepted[party], self.open_store(party)
        others = [other for other in self.accepted if other != party]
        for other in others:
            link = MemoryLink(self.outboxes[other], Reader(self.lineage, REALM, party))
            link.is_cut = frozenset((party, other)) in self.cut
            self.links[party, other] = link
        links = {other: self.links[party, other] for other in others}
        post = Post(self.outboxes[party], links, store, party=party, lineage=self.lineage, realm=REALM)
        self.posts[party] = post
        machine, mark = make_machine(party, held, is_mute=is_mute), Mark(self.find_mark(party))
        snapshot = Snapshot(held.path / SNAPSHOT_FILE, machine.setup, ceremony=CEREMONY)
        shift_ms = self.days_later * DAY_MS
        self.nodes[party] = Node(
            machine,
            store,
            post,
            ceremony=CEREMONY,
            clock=lambda: time.time_ns() // 1_000_000 + shift_ms + self.ahead_ms,
            observer=self.observers.get(party, UNOBSERVED),
            snapshot=snapshot if self.has_snapshots else None,
            mark=mark if self.has_marks else None,
        )
        return self.nodes[party]

    async def start(self, *parties: Party) -> None:
        """Start these nodes, or all."""
        for party in parties or tuple(self.accepted):
            await self.make(party).start(statements=self.accepted[party].statements)

    async def stop(self, *parties: Party) -> None:
        """Stop these nodes, or all that run."""
        for party in parties or tuple(self.nodes):
            await self.nodes.pop(party).stop()

    async def be_in_force(self) -> None:
        """Start all and wait until the pact is in force at each."""
        await self.start()
        await until(lambda: all(node.machine.is_in_force for node in self.nodes.values()))

    async def try_lines(self) -> None:
        """Wait until all have heard each end's test of each hotline, and its answers: then nobody states by itself."""
        await until(lambda: all(_has_tested(node.machine) for node in self.nodes.values()))

    def keep_copy(self, party: Party) -> bytes:
        """A copy of a stopped node's store, as a backup of that moment."""
        return (self.accepted[party].path / "store.db").read_bytes()

    def put_back(self, party: Party, copy: bytes | None) -> None:
        """Put a stopped node's store back from a copy, or lose it."""
        path = self.accepted[party].path / "store.db"
        for found in path.parent.glob("store.db*"):
            found.unlink()
        if copy is not None:
            path.write_bytes(copy)

    def set_cut(self, one: Party, other: Party, *, is_cut: bool) -> None:
        """Cut or heal the links between two parties, in both directions."""
        (self.cut.add if is_cut else self.cut.discard)(frozenset((one, other)))
        self.links[one, other].is_cut = self.links[other, one].is_cut = is_cut

    def items(self, party: Party) -> Items:
        """A party's items."""
        node = self.nodes[party]
        return Items(node, node.shelf, ceremony=CEREMONY)

    def stream(self, *audience: Party, feed: str = "record") -> Stream:
        """A stream by its audience."""
        from comity.journal.header import Feed

        return Stream(self.lineage, REALM, Feed(feed), tuple(sorted(audience)))

    async def say(self, party: Party, *entries: Entry, to: Audience = PARTIES) -> tuple[Digest, ...]:
        """State entries, to all if nothing else is said."""
        return await self.nodes[party].say(tuple(sorted({party, *to})), entries)

    def knows(self, party: Party, id_: bytes) -> bool:
        """Whether a party has read a statement."""
        return any(stated.id == id_ for stated in self.nodes[party].machine.statements.all)

    async def reaches(self, id_: bytes, *parties: Party) -> None:
        """Wait until these parties have read a statement."""
        await until(lambda: all(self.knows(party, id_) for party in parties))

    async def settle(self) -> None:
        """Wait until all that run have signed for what the others of them said, and have nothing to hand out."""
        await until(lambda: all(self._is_settled(node) for node in self.nodes.values()))

    def _is_settled(self, node: Node) -> bool:
        """Whether a node knows of a receipt for all that the running ones said, and its outbox has all of its own."""
        ledger, running = node.machine.ledger, frozenset(self.nodes)
        for book in ledger.books():
            owed = max((tip.news_number for tip in book.find_named_tips()), default=-1)
            confirmed, readers = ledger.witnesses.find_confirmed(book.digest), running.intersection(book.id.audience)
            others = readers - {book.id.author}
            if book.id.author in running and any(confirmed.get(other, (-1,))[0] < owed for other in others):
                return False
        return not node.store.find_unpublished()


def _has_tested(machine: Machine) -> bool:
    lines = [line for line in machine.pact.hotlines if machine.party in line.parties]
    sent = machine.statements.find(LineTestSent)
    answers = machine.statements.find(LineTestAnsweredByMachine)
    return len(sent) >= sum(len(line.parties) for line in lines) and len(answers) >= sum(
        len(line.parties) * (len(line.parties) - 1) for line in lines
    )


N = TypeVar("N", bound=Nodes)


def play(nodes: N, scene: Callable[[N], Awaitable[None]]) -> None:
    """Play a scene within a bound, and stop whatever still runs."""

    async def run() -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await scene(nodes)
        finally:
            await nodes.stop()

    asyncio.run(run())
