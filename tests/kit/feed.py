"""Warning feeds of parties who have met: each a channel, pages handed over by the test, wraps drawn at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.journal.header import Page, parse_page
from comity.journal.identity import generate_node_secrets
from comity.journal.statement import Closed, Closure, sign_statement
from comity.journal.writer import wrap_epoch_key
from comity.procedure.verdict import Permit
from comity.warning.channel import Channel, ChannelSettings
from comity.warning.effect import PageOut, Taken
from comity.warning.layout import ROW, Flag
from comity.warning.rows import Block, Rows
from comity.warning.telling import Releases, Ruling, Terms
from kit.world import PACT, T0, Member, World

__all__ = ["BALLISTIC", "SHIPS", "Feeds", "make_block", "make_pages", "make_releases", "number_rows"]

BALLISTIC = "policy.track.ballistic"
SHIPS = "policy.track.ship"
AGREEMENT = "AG1"


def number_rows(count: int, *, first: int = 1, at: int = T0) -> Rows:
    """Return rows that keep every bound, of one track, numbered from `first`."""
    rows = np.zeros(count, ROW)
    rows["track"], rows["number"], rows["at"] = 7, np.arange(first, first + count), at
    rows["latitude"], rows["longitude"] = 391_000_000, 1_271_000_000
    rows["sigma_east"] = rows["sigma_north"] = rows["sigma_up"] = 300
    rows["kind"] = rows["sensor"] = 0xFFFF
    rows["flags"] = Flag.ALTITUDE
    return rows


def make_block(count: int = 3, *, class_: str = BALLISTIC, first: int = 1, at: int = T0) -> Block:
    """Return a block of such rows."""
    return Block.of_rows(class_, number_rows(count, first=first, at=at))


def make_releases(author: Party, told: dict[tuple[str, Party], Terms], *, pact: Digest = PACT) -> Releases:
    """Return releases of these classes to these recipients, on these terms."""
    rulings = [
        Ruling(class_, to, Permit(AGREEMENT, (author, to)), terms) for (class_, to), terms in sorted(told.items())
    ]
    return Releases(pact, author, tuple(rulings))


@dataclass
class Feeds:
    """One channel for each party of a world; what is told is two classes in full to all, unless a test says else."""

    world: World = field(default_factory=World)
    now: Instant = T0
    channels: dict[Party, Channel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not next(iter(self.world.parties.values())).ledger.books():
            self.world.meet()
        self.channels = {name: self.make_channel(member) for name, member in self.world.parties.items()}

    def replace_key(self, author: Party, *closed: Closed) -> Channel:
        """Replace a party's key, with its root's word on its journal to all; everybody hears of the certificate."""
        world, member = self.world, self.world.parties[author]
        member.incarnation += 1
        member.secrets = generate_node_secrets(world.ceremony, incarnation=member.incarnation)
        for other in world.parties.values():
            other.ledger.trust.learn_all((member.certify(),))
        closure = Closure(world.lineage, world.realm, "warning", author, world.names, member.incarnation, closed)
        signed = sign_statement(closure, member.root, suite=world.suite, ceremony=world.ceremony)
        channel = self.channels[author] = self.make_channel(member, closures={world.names: signed})
        return channel

    def make_channel(self, member: Member, *, closures: Mapping[Audience, bytes] | None = None) -> Channel:
        """Make the channel of one party, as after a start."""
        world = self.world
        settings = ChannelSettings(world.lineage, world.realm, member.name, member.secrets, closures or {})
        receiving = (member.secrets.receiving,)
        channel = Channel(settings, trust=member.ledger.trust, receiving_secrets=receiving, suite=world.suite)
        others = [name for name in world.names if name != member.name]
        full = {(class_, to): Terms(AGREEMENT) for class_ in (BALLISTIC, SHIPS) for to in others}
        channel.set_releases(make_releases(member.name, full))
        return channel

    def write(self, author: Party, *, until_quiet: bool = True) -> list[PageOut]:
        """Have a party write what it may, each page said to be out at once; wraps are drawn as they are wished for."""
        channel = self.channels[author]
        written: list[PageOut] = []
        while True:
            self.wrap(author)
            pages = channel.write(self.now, salt=self.world.ceremony.random(32))
            for page in pages:
                channel.note_out(page)
            written += pages
            if not pages or not until_quiet:
                return written

    def wrap(self, author: Party) -> int:
        """Draw and wrap what a party wishes for; return how many epochs that were."""
        wishes = self.channels[author].take_wishes(self.now)
        for wish in wishes:
            key = self.world.ceremony.random(32)
            commitment, wraps = wrap_epoch_key(
                journal=wish.journal, epoch=wish.epoch, key=key, readers=wish.readers,
                suite=self.world.suite, ceremony=self.world.ceremony,
            )  # fmt: skip
            self.channels[author].take_wrapped(wish, key=key, commitment=commitment, wraps=wraps)
        return len(wishes)

    def hand(self, page: PageOut, *, to: Party) -> Taken:
        """Hand a page to one reader."""
        return self.channels[to].take(page.raw, self.now)

    def share(self, pages: list[PageOut], *, to: Party) -> list[Block]:
        """Hand pages to one reader if it is in their audience; return the blocks that it reads."""
        taken = [self.hand(page, to=to) for page in pages if to in page.journal.audience]
        return [block for one in taken for received in one.received for block in received.blocks]

    def find_audiences(self, pages: list[PageOut]) -> set[Audience]:
        """Return the audiences of pages."""
        return {parse_page(page.raw, self.world.suite).header.journal.audience for page in pages}


def make_pages(count: int) -> list[Page]:
    """Return so many pages of a journal of USA: its keys, then one with words each."""
    feeds = Feeds()
    pages: list[Page] = []
    for first in range(1, count):
        feeds.channels["USA"].say(make_block(1, first=first), at=T0)
        pages += [out.page for out in feeds.write("USA")]
    return pages
