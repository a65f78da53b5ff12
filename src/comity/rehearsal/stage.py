"""Everything of one run in its place: stations, outboxes, links, desks, the agenda; and what can befall them.

Only the acts are here; which of them happen when is drawn by `fault`. After `heal` nothing breaks any more.
"""

import itertools
import random
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from typing import Final

from comity.base.instants import SECOND_MS, Instant
from comity.base.names import Digest, Party
from comity.journal.header import Page
from comity.journal.statement import RootSecret
from comity.machine.machine import Machine, Setup
from comity.rehearsal.agenda import Agenda
from comity.rehearsal.berth import Berth, Observer, Still, StillChance
from comity.rehearsal.canary import NO_CANARY, Canary
from comity.rehearsal.cast import Cast
from comity.rehearsal.chance import CALM, Rates, split
from comity.rehearsal.courier import Courier
from comity.rehearsal.library import Library
from comity.rehearsal.link import Links
from comity.rehearsal.log import Log
from comity.rehearsal.old_version import decode_old
from comity.rehearsal.outbox import Outbox
from comity.rehearsal.post import Post
from comity.rehearsal.standin import StandInCeremony
from comity.rehearsal.station import Station

__all__ = ["Stage", "build_stage"]

TAIL_COUNT: Final = 5
"""Up to so many last pages, a disk lost its tail; with more, it was put back from a copy."""
NOTICE_MS_MAX: Final = 4 * SECOND_MS
"""How long a node takes to notice that a link went down or came up: two missed pings."""


@dataclass(slots=True)
class Stage:
    """The parties of a pact on virtual time."""

    cast: Cast
    agenda: Agenda
    links: Links
    post: Post
    log: Log
    stations: dict[Party, Station]
    chance: random.Random
    observer: Observer
    liars: frozenset[Party] = frozenset()
    robbed: Party = ""
    """Whose keys were stolen."""
    forged: set[Digest] = field(default_factory=set)
    """The thief's pages."""
    has_forgeries: bool = False
    """Whether a page may be anything, whoever it names as its author: somebody lies, or has stolen keys."""
    has_replaced_key: bool = False
    roots: dict[Party, RootSecret] = field(default_factory=dict)
    """The root that is in use now, by party."""
    old: set[Party] = field(default_factory=set)
    """Parties whose nodes do not know yet some types of entries that the others know."""
    is_healed: bool = False
    _lives: dict[Party, int] = field(default_factory=dict)

    @property
    def now(self) -> Instant:
        """Virtual time."""
        return self.agenda.now

    def open(self) -> None:
        """Start every node."""
        for station in self.stations.values():
            station.start()

    def cut(self, one: Party, other: Party, *, for_ms: int) -> None:
        """Cut a link for a while."""
        if self.is_healed:
            return
        self.log.count("links-cut")
        if self.links.cut(one, other):
            self._tell(one, other)
        self.agenda.after(for_ms, lambda: self._mend(one, other))

    def _mend(self, one: Party, other: Party) -> None:
        if self.links.mend(one, other):
            self._tell(one, other)
            self._resume(one, other)

    def _resume(self, one: Party, other: Party) -> None:
        self.post.resume(one, other)
        self.post.resume(other, one)

    def _tell(self, one: Party, other: Party) -> None:
        """Let both ends notice how the link is, each in its own time."""
        is_up = self.links.is_up(one, other)
        self.log.note(self.now, "", "link-up" if is_up else "link-cut", one, other)
        self.log.row(self.now, "", "rehearsal.link-up" if is_up else "rehearsal.link-cut", one=one, other=other)
        for party, peer in ((one, other), (other, one)):
            delay_ms = self.chance.randint(SECOND_MS // 2, NOTICE_MS_MAX)
            self.agenda.after(delay_ms, lambda party=party, peer=peer: self._notice(party, peer))  # type: ignore[misc]

    def _notice(self, party: Party, peer: Party) -> None:
        self.stations[party].note_link(peer, is_up=self.links.is_up(party, peer))

    def crash(self, party: Party, *, for_ms: int) -> None:
        """Crash a node and start it again after a while."""
        station = self.stations[party]
        if self.is_healed or not station.is_up:
            return
        self.log.count("crashes")
        self.log.note(self.now, party, "crashed")
        self.log.row(self.now, party, "rehearsal.node-crashed")
        station.crash()
        self._lives[party] = life = self._lives.get(party, 0) + 1
        self.agenda.after(for_ms, lambda: self._restart(party, life))

    def _restart(self, party: Party, life: int) -> None:
        if self._lives.get(party, 0) != life or self.stations[party].is_up:
            return
        self.log.count("restarts")
        self.log.note(self.now, party, "restarted")
        self.log.row(self.now, party, "rehearsal.node-restarted")
        self.stations[party].start()
        for peer in self.cast.parties:
            if peer != party and not self.links.is_up(party, peer):
                self.agenda.after(NOTICE_MS_MAX, lambda peer=peer: self._notice(party, peer))  # type: ignore[misc]

    def stop_outbox(self, party: Party, *, for_ms: int) -> None:
        """Let a party's outbox be down for a while; nothing in it is lost."""
        if self.is_healed:
            return
        self.log.count("outbox-outages")
        self.log.note(self.now, party, "outbox-down")
        self.log.row(self.now, party, "rehearsal.outbox-down")
        self.post.outboxes[party].outages += 1
        self.agenda.after(for_ms, lambda: self._start_outbox(party))

    def _start_outbox(self, party: Party) -> None:
        outbox = self.post.outboxes[party]
        if outbox.outages == 0:
            return
        outbox.outages -= 1
        self.log.note(self.now, party, "outbox-up")
        self.log.row(self.now, party, "rehearsal.outbox-up")
        for reader in self.cast.parties:
            if outbox.is_up and reader != party:
                self.post.resume(party, reader)

    def stall_disk(self, party: Party, *, for_ms: int) -> None:
        """Let a disk write nothing for a while."""
        if not self.is_healed:
            self.log.count("disk-stalls")
            disk = self.stations[party].disk
            disk.stalled_until = max(disk.stalled_until, self.now + for_ms)

    def fill_disk(self, party: Party, *, for_ms: int) -> None:
        """Let a disk be full for a while: it takes nothing, and what it holds it keeps."""
        if not self.is_healed:
            self.log.count("disks-full")
            self.log.note(self.now, party, "disk-full")
            disk = self.stations[party].disk
            disk.full_until = max(disk.full_until, self.now + for_ms)

    def rot_disk(self, party: Party, *, at: float) -> None:
        """Turn over a bit of a page on a disk, at this share of its length. Some reader must hold it too, unharmed."""
        disk = self.stations[party].disk
        rows = [index for index, page in enumerate(disk.pages) if self._is_held_by_others(page, party)]
        if rows and not self.is_healed:
            self.log.count("pages-rotten")
            self.log.note(self.now, party, "page-rotten")
            disk.rot(rows[int(at * len(rows))])

    def restore_disk(self, party: Party, *, share: float, for_ms: int) -> None:
        """Let a node come up on an older state of its disk, as a copy is or a disk that lied; its mark says so.

        Only what some other party holds is taken away: what nobody else ever got is lost with a disk, and no machine
        can bring it back.
        """
        station = self.stations[party]
        if self.is_healed or not station.is_up or party in self.liars:
            return
        tail = list(
            itertools.takewhile(lambda page: self._is_held_by_others(page, party), reversed(station.disk.pages))
        )
        count = min(len(tail), max(1, int(share * len(station.disk.pages))))
        if count:
            self.log.count("backups-restored" if count > TAIL_COUNT else "tails-lost")
            self.crash(party, for_ms=for_ms)
            self.log.note(self.now, party, "disk-older", count)
            station.disk.forget(count)
            station.cabinet.fall_back(len(station.disk.pages))
            station.disk.is_restored = station.may_be_old = True

    def upgrade(self, party: Party) -> None:
        """Let a node come up with a version that knows all types of entries."""
        if party in self.old:
            self.log.count("nodes-upgraded")
            self.log.note(self.now, party, "upgraded")
            self.old.discard(party)
            self.switch_off(party)
            self.switch_on(party)

    def switch_off(self, party: Party) -> None:
        """Stop a node; it is started by `switch_on` alone."""
        self._lives[party] = self._lives.get(party, 0) + 1
        if self.stations[party].is_up:
            self.stations[party].crash()

    def switch_on(self, party: Party) -> None:
        """Start a node that is down."""
        self._restart(party, self._lives.get(party, 0))

    def _is_held_by_others(self, page: Page, party: Party) -> bool:
        readers = set(page.header.journal.audience) - {party} - self.liars
        return any(self.stations[reader].disk.holds(page.digest) for reader in readers)

    def jump_clock(self, party: Party, by_ms: int) -> None:
        """Let a node's clock jump."""
        if not self.is_healed:
            self.log.count("clocks-jumped")
            self.log.note(self.now, party, "clock-jumped", by_ms)
            self.log.row(self.now, party, "rehearsal.clock-set")
            self.stations[party].step_clock(self.stations[party].skew_ms + by_ms)

    def set_clock(self, party: Party, skew_ms: int) -> None:
        """Set a node's clock right, or wrong."""
        self.log.count("clocks-set")
        self.log.note(self.now, party, "clock-set", skew_ms)
        self.log.row(self.now, party, "rehearsal.clock-set")
        self.stations[party].step_clock(skew_ms)

    def let_stray(self, party: Party) -> None:
        """Let a page of another realm reach a node."""
        station = self.stations[party]
        if station.is_up:
            self.log.count("strays")
            station.take_page(self.cast.stray, 0)

    def heal(self, *, is_told: bool = True) -> None:
        """End every fault. Clocks stay as they are."""
        self.is_healed = True
        self.log.note(self.now, "", "healed")
        if is_told:
            self.log.row(self.now, "", "rehearsal.healed")
        was_up = {pair: self.links.is_up(*pair) for pair in combinations(self.cast.parties, 2)}
        self.links.heal()
        for party, station in self.stations.items():
            self.post.outboxes[party].outages = 0
            station.crash_at_commit_share = 0.0
            station.disk.fsync_ms_max = CALM.fsync_ms_max
            station.disk.full_until = 0
            if not station.is_up:
                self._restart(party, self._lives.get(party, 0))
            station.scrub()
            self.upgrade(party)
        for one, other in combinations(self.cast.parties, 2):
            if not was_up[one, other]:
                self._tell(one, other)
            self._resume(one, other)


def build_stage(
    cast: Cast,
    *,
    seed: int,
    rates: Rates,
    log: Log,
    observer: Observer,
    canary: Canary = NO_CANARY,
    still: Still | None = None,
) -> Stage:
    """Put a run's parts together; nothing has happened yet. In a still world disks and ceremonies draw no chance."""
    agenda = still.agenda if still else Agenda(cast.opens_at)
    links = Links(split(seed, "links"), rates)
    stations: dict[Party, Station] = {}
    post = Post(agenda, links, log, stations, is_prying=canary.is_outbox_prying)  # type: ignore[arg-type]
    clocks = split(seed, "clocks")
    library = Library()
    old = set[Party]()
    if rates.is_upgrading:
        versions = split(seed, "versions")
        old.update(versions.sample(cast.parties, versions.randint(1, len(cast.parties) - 1)))

    def make_machine(setup: Setup) -> Machine:
        machine = canary.make_machine(setup)
        machine.ledger.parse, machine.keyring.open_page = library.parse, library.open_page
        if setup.party in old:
            machine.statements.decode = decode_old
        return machine

    for party in cast.parties:
        post.outboxes[party] = Outbox(party)
        disks = StillChance() if still else split(seed, "disks", party)
        make_ceremony = still.make_ceremony if still else StandInCeremony
        is_early = canary.is_commit_answered_early
        made = (canary.make_snapshot, canary.make_cabinet)
        berth = Berth(agenda, post, log, observer, disks, make_machine, make_ceremony, is_early, *made)
        disk = canary.make_disk(disks, rates.fsync_ms_max)
        disk.has_queue = still is None
        stations[party] = Station(
            cast.setups[party],
            berth,
            disk=disk,
            skew_ms=clocks.randint(-rates.skew_ms_max, rates.skew_ms_max),
            seed=f"{seed}/".encode(),
        )
    courier = Courier(agenda, links, log, stations, StillChance() if still else split(seed, "courier"))
    for party, station in stations.items():
        station.want = partial(courier.want, party)
    stage = Stage(cast, agenda, links, post, log, stations, split(seed, "noticing"), observer, old=old)
    stage.roots.update(cast.roots)
    if rates.lies:
        stage.liars = frozenset({split(seed, "who-lies").choice(cast.parties)})
        stage.has_forgeries = True
    power = split(seed, "power")
    for party, station in stations.items():
        station.crash_at_commit_share = rates.crash_at_commit_share
        station.lose_power = lambda party=party: stage.crash(party, for_ms=power.randint(200, 60_000))  # type: ignore[misc]
    return stage
