"""Real nodes of the four ports and a fifth, on homes of their own: a pact that is amended, joined and left."""

import asyncio
import dataclasses
import time
from collections.abc import Iterable
from pathlib import Path

from comity.base.instants import Instant
from comity.base.names import Party
from comity.journal.bundle import Bundle, BundleHead, read_bundle, write_bundle
from comity.node.ceremony import Accepted, accept_pact, amend_for, draft_for, open_accepted
from comity.node.home import Home, create_home
from comity.node.memory_outbox import MemoryOutbox
from comity.pact.lineage import Lineage, Version
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.amending import FIVE, FOUNDERS, PROFILE, Edit
from kit.loop import read_profile
from kit.nodes import CEREMONY, REALM, SUITE, Nodes
from kit.patience import until

CALL = ConsultationCalled("H1", Level.WATCH, ThreatKind.DISASTER, (), ("PORT-A",))


def now() -> Instant:
    """The clock of the host."""
    return Instant(time.time_ns() // 1_000_000)


def make_port_homes(root: Path) -> dict[Party, Home]:
    """Five homes that know each other; four have accepted the compact, with receipts that come soon."""
    made = {
        party: create_home(
            root / party,
            party=party,
            endpoints={REALM: "127.0.0.1:4222"},
            passphrase=b"",
            issued_at=now(),
            suite=SUITE,
            ceremony=CEREMONY,
        )
        for party in FIVE
    }
    for home in made.values():
        pair_anew(home, made.values())
    overrides = {"policy.receipt.within_ms": 200}
    raw = draft_for(made[FOUNDERS[0]], read_profile(PROFILE), overrides=overrides, suite=SUITE)
    for party in FOUNDERS:
        accept(made[party], raw)
    return made


def pair_anew(home: Home, peers: Iterable[Home]) -> None:
    """Keep the cards that others have now."""
    for peer in peers:
        if peer.party != home.party:
            home.keep_peer((peer.path / "card").read_bytes(), peer.get_card(SUITE))


def accept(home: Home, raw: bytes, **options: object) -> Accepted:
    """Accept a version."""
    return accept_pact(home, raw, realm=REALM, at=now(), suite=SUITE, ceremony=CEREMONY, **options)  # type: ignore[arg-type]


def find_newest(held: Accepted) -> bytes:
    """The file of the newest version in a home."""
    line = Lineage((Version(held.pact, held.digest), *held.versions))
    return held.pacts[line.placed[-1].digest]


def amend(home: Home, *edits: Edit) -> bytes:
    """Make the version after the newest one in a home."""
    text = find_newest(open_accepted(home, realm=REALM, suite=SUITE)).decode()
    for edit in edits:
        text = edit(text)
    return amend_for(home, text.encode(), realm=REALM, suite=SUITE)


class Ports(Nodes):
    """The nodes of those ports that have accepted, on their homes."""

    def __init__(self, homes: dict[Party, Home], folder: Path) -> None:
        self.homes = homes
        held = {party: open_accepted(homes[party], realm=REALM, suite=SUITE) for party in FOUNDERS}
        super().__init__(held, folder)
        self.accepted = held

    def look_again(self, *parties: Party) -> None:
        """Take what these homes hold now; an outbox is made for one that is new."""
        for party in parties:
            self.accepted[party] = open_accepted(self.homes[party], realm=REALM, suite=SUITE)
            self.outboxes.setdefault(party, MemoryOutbox(ack_wait_ms=300))

    async def take_version(self, raw: bytes, *parties: Party, earlier: tuple[bytes, ...] = ()) -> None:
        """Have these parties accept a version and all nodes start anew, as homes do."""
        await self.stop()
        for party in parties:
            is_new = party not in self.accepted
            accept(self.homes[party], raw, earlier=earlier if is_new else ())
        self.look_again(*parties)
        await self.start()

    async def join(self, raw: bytes) -> None:
        """Let the fifth port join by a version, and wait until that is in force."""
        first = self.accepted[FOUNDERS[0]].pact_raw
        await self.take_version(raw, *FIVE, earlier=(first,))
        await self.is_in_force(2, *FIVE)

    async def is_in_force(self, number: int, *parties: Party) -> None:
        """Wait until these nodes go by a version."""
        await until(lambda: all(self._goes_by(party, number) for party in parties))

    def _goes_by(self, party: Party, number: int) -> bool:
        machine = self.nodes[party].machine
        return machine.is_in_force and machine.versions.current.number == number

    async def settle(self) -> None:
        """Wait for receipts, which name what was said, and stop all."""
        await asyncio.sleep(0.6)
        await self.stop()

    def export(self, party: Party) -> Bundle:
        """What `comity export` writes for a stopped node: every version that it holds, and its pages."""
        store, held = self.open_store(party), self.accepted[party]
        head = BundleHead(1, held.pins.lineage, REALM, party, now())
        raw = write_bundle(SUITE, head, pacts=held.pacts.values(), pages=store.read_all())
        store.close()
        return read_bundle(raw, SUITE)

    def find_standing(self, reader: Party, id_: bytes) -> str:
        """The standing of a statement at a reader."""
        rows = self.nodes[reader].machine.statements.all
        return next((row.standing.value for row in rows if row.id == id_), "not here")

    def find_forks(self) -> list[str]:
        """The journals that any node holds two histories of."""
        books = [book for node in self.nodes.values() for book in node.machine.ledger.books()]
        return [f"{book.id.author} {book.id.feed} {book.id.audience}" for book in books if book.is_forked]


def with_pacts(bundle: Bundle, *pacts: bytes) -> Bundle:
    """The bundle with more pact files in it."""
    return dataclasses.replace(bundle, pacts=(*bundle.pacts, *pacts))
