"""The warning process of a node: a feed with a door, told by the node over a pipe what the record says (W35, W36).

It has its own connections and its own file, so that a flood of tracks delays no page of the record by more than the
machine and the network are shared. It ends when its node does: when the pipe closes.
"""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from comity.base.errors import OutageError
from comity.base.names import Audience, Digest, Party
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.journal.trust import Trust
from comity.node.ending import end_tasks
from comity.node.feed.clock import FeedClock
from comity.node.feed.door_socket import DoorSocket
from comity.node.feed.earlier import Earlier
from comity.node.feed.frames import (
    Anchored,
    FeedSetup,
    FeedState,
    Message,
    Noted,
    Opened,
    StateAnchor,
    read_frame,
    write_frame,
)
from comity.node.feed.keeping import Keeping
from comity.node.feed.kept import FEED_FILE, FeedFile
from comity.node.feed.memory import hold_memory
from comity.node.feed.numbering import Numbering
from comity.node.feed.picturing import Picturing
from comity.node.feed.retelling import Came, Retelling
from comity.node.feed.rule_look import RuleLook
from comity.node.feed.runner import FeedRunner
from comity.node.feed.showing import show_feed, show_rows
from comity.node.feed.sources import Sources
from comity.node.feed.telling_blocks import BlockStream
from comity.node.feed.verbs import Verbs
from comity.node.jetstream import JetStreamOutbox
from comity.node.link import JetStreamLink
from comity.node.stream import Reader
from comity.pact.parse import parse_pact
from comity.procedure.verdict import Permit
from comity.warning.channel import Channel, ChannelSettings
from comity.warning.door import Door
from comity.warning.effect import Anchor, AnchorFault, Received, Taken
from comity.warning.rows import Block
from comity.warning.telling import Releases, Ruling, Terms

__all__ = ["TURN_S", "FeedChild", "run_child"]


TURN_S: Final = 0.0005
"""How long a thread that folds or seals keeps the interpreter before the loop has its turn: pages and lines wait for it
each time that the loop looks at a socket, and Python's own 5 ms would be a tenth of what a warning may take."""


class FeedChild:
    """One party's feed in a process of its own; `tell` hands a message to the node."""

    def __init__(self, setup: FeedSetup, *, tell: Callable[[Message], None]) -> None:
        suite, ceremony = ProductionSuite(), ProductionCeremony()
        me = Reader(Digest(setup.pins.lineage), setup.realm, setup.party)
        self._party, self._realm, self._tell = setup.party, setup.realm, tell
        self._trust = Trust(setup.pins, suite)
        self._clock = FeedClock()
        closures = dict(setup.closures)
        settings = ChannelSettings(setup.pins.lineage, setup.realm, setup.party, setup.secrets, closures)
        channel = Channel(settings, trust=self._trust, receiving_secrets=setup.receiving, suite=suite)
        self._file = FeedFile(Path(setup.folder) / FEED_FILE)
        (own, *more) = setup.places[setup.party].endpoints
        self._outbox = JetStreamOutbox(own, setup.link, replicas=setup.replicas, more=more)
        self._links = {
            party: JetStreamLink(at, setup.link, server=place.public, reader=me, more=rest)
            for party, place in setup.places.items()
            if party != setup.party
            for at, *rest in (place.endpoints,)
        }
        self._retelling = Retelling(setup, suite=suite, ceremony=ceremony)
        self._kept = Keeping(self._file, seal=self._retelling.box.seal)
        self._retelling.before_read = self._kept.settle
        self.runner = FeedRunner(
            channel, self._kept, self._outbox, self._links,
            me=me, suite=suite, ceremony=ceremony, clock=self._clock,
        )  # fmt: skip
        door = Door(next_track=self._file.next_track)
        self._sources = Sources(door, party=setup.party, realm=setup.realm, take_block=self._say)
        self._numbering = Numbering(door, self._file, self._retelling.box, clock=self._clock)
        self._sources.on_taken = self._numbering.note
        self._blocks = BlockStream(setup, self._retelling)
        self.picturing = Picturing(setup.party, read_kept=self._read_kept, clock=self._clock)
        self.picturing.on_failed = lambda _: tell(Noted("no-picture", setup.party))
        earlier = Earlier(self._retelling, self.picturing, party=setup.party, clock=self._clock)
        self._verbs = Verbs(
            self._blocks, self.picturing, earlier,
            show=self.show, take=self._take, find=self._sources.find_class, suite=suite, clock=self._clock,
        )  # fmt: skip
        self._socket = DoorSocket(Path(setup.folder), self._verbs.table)
        self._keeping: tuple[asyncio.Task[None], ...] = ()
        self._opened: tuple[Audience, ...] = ()
        self._starting: asyncio.Task[None] | None = None
        self._rules = RuleLook(setup.party, suite, tell=tell)
        self._rules.on_failed = lambda _: tell(Noted("no-rules", setup.party))
        self.picturing.on_situation = self._rules.hand
        self.runner.on_received = self._note_received
        self.runner.on_odd = self._note_odd
        self.runner.on_anchor = self._anchor
        self.runner.on_gap = lambda gap: tell(Noted("gap", gap.author))
        self.runner.on_closing = lambda _: self.picturing.begin_anew()
        self.runner.on_closed = lambda _: tell(Noted("closed", setup.party))

    async def start(self, state: FeedState) -> None:
        """Begin; where the own outbox is down, rows wait in bounded room meanwhile."""
        self._learn(state)
        self._numbering.restore(self._pact)
        await self._socket.start()
        loop = asyncio.get_running_loop()
        self._keeping = (loop.create_task(self.picturing.run()), loop.create_task(self._numbering.keep_for_ever()))
        self._starting = loop.create_task(self.runner.start(_make_releases(self._party, state)))
        self._starting.add_done_callback(lambda _: self._follow(state))

    async def stop(self) -> None:
        """Stop everything."""
        await self._socket.stop()
        await end_tasks(*self._keeping, *filter(None, (self._starting, self._rules.looking)))
        self._numbering.keep()
        await self.runner.stop()
        for link in self._links.values():
            await link.close()
        await self._outbox.close()
        self._file.close()

    async def take(self, state: FeedState) -> None:
        """Go by what the record says now."""
        self._learn(state)
        if self._starting is not None:
            await self._starting
        self.runner.note_root_statements()
        await self.runner.set_releases(_make_releases(self._party, state))
        self._follow(state)

    def _learn(self, state: FeedState) -> None:
        self._clock.ahead_ms = state.ahead_ms
        self.runner.channel.intake.quarantine.set_allowed(state.allowed)
        self._trust.learn_all(state.statements)
        self._pact = parse_pact(state.pact_raw)
        self._sources.learn(self._pact)
        self._retelling.statements = state.statements
        self._blocks.learn(state, self._pact)
        self.picturing.set_pact(self._pact)
        self._rules.learn(state, self._pact)
        self._verbs.pact = self._pact

    def _follow(self, state: FeedState) -> None:
        for party, audience in state.followed:
            self.runner.follow(party, audience)
        for author, *rest in state.anchors:
            anchor = Anchor(*rest)  # type: ignore[arg-type]
            if author == self._party:
                if not self.runner.channel.check_anchor(anchor):
                    self._tell(Noted("behind", author))
            elif self.runner.channel.intake.find_anchor_fault(author, anchor) is AnchorFault.DIFFERS:
                self._tell(Noted("anchor-differs", author))

    def _take(self, class_: str, source: str, lines: bytes, *, is_replay: bool) -> dict[str, int] | None:
        """Take lines of reports from one source; None where the class is none that this party reports."""
        counts = self._sources.take(class_, source, lines, now=self._clock(), is_replay=is_replay)
        self._announce()
        return counts

    def _say(self, block: Block) -> None:
        self._file.note_next_track(self._sources.door.next_track)
        self.runner.say(block)
        at = self._clock()
        self._kept.keep_said(block, at=at)
        self._note(Came(self._party, at, block))

    def _announce(self) -> None:
        opened = tuple(outlet.id.audience for outlet in self.runner.channel.outlets() if outlet.next_number)
        if opened != self._opened:
            self._opened = opened
            self._tell(Opened(opened))

    def _anchor(self, anchor: Anchor) -> None:
        self._announce()
        self._tell(StateAnchor(Anchored(self._party, *anchor)))

    def _note_received(self, received: Received) -> None:
        at = self._clock()
        for code in dict.fromkeys(one.code for one in received.quarantined):
            self._tell(Noted(code, received.author))
        self._rules.note_received(received)
        for block in received.blocks:
            self._note(Came(received.author, at, block))

    def _note(self, came: Came) -> None:
        """Hand on a block that was said or that came."""
        self.picturing.take(came)
        self._blocks.tell(*came)
        if self._verbs.watched.is_heard:
            self._verbs.watched.publish(self._show(came))

    def _show(self, came: Came) -> bytes:
        return show_rows(came.author, came.block, self._pact, at=came.came_at, realm=self._realm)

    def _read_kept(self, since: int) -> Iterator[Came]:
        return self._retelling.read(since=since, until=self._clock())

    def _note_odd(self, party: Party, taken: Taken) -> None:
        if taken.forks:
            self._tell(Noted("forked", party))
        for code in dict.fromkeys((*taken.faults, *filter(None, (taken.code,)))):
            self._tell(Noted(code, party))

    def show(self) -> dict[str, object]:
        """Return how the feed stands, for the own operator."""
        links = {party: link.is_up for party, link in sorted(self._links.items())}
        self._kept.flush()
        file, door = self._file, self._sources.door
        kept = (file.count_pages(), file.size_bytes)
        return show_feed(self.runner.channel, door, links=links, kept=kept, apart=file.list_quarantined())


def _make_releases(author: Party, state: FeedState) -> Releases:
    rulings = tuple(
        Ruling(
            row.class_, row.to, Permit(row.agreement, (author, row.to)),
            Terms(row.clause, row.coarsen_m, row.delay_ms, row.is_sensor_named),
        )
        for row in state.told
    )  # fmt: skip
    return Releases(Digest(state.pact), author, rulings)


async def run_child() -> None:
    """Run until the node closes the pipe."""
    loop = asyncio.get_running_loop()
    sys.setswitchinterval(TURN_S)
    hold_memory()
    stream = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), sys.stdin)
    setup, state = await read_frame(stream), await read_frame(stream)
    if not isinstance(setup, FeedSetup) or not isinstance(state, FeedState):
        return

    def tell(message: Message) -> None:
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.buffer.write(write_frame(message))
            sys.stdout.buffer.flush()

    try:
        child = FeedChild(setup, tell=tell)
    except OutageError as error:  # the process before this one still holds the file
        tell(Noted(error.code, setup.party))
        return
    await child.start(state)
    try:
        while isinstance(message := await read_frame(stream), FeedState):
            await child.take(message)
    finally:
        await child.stop()
