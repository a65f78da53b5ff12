"""A running party in one realm: the driver of one machine in real time (DESIGN, section 7).

One task gives inputs to the machine and carries out its effects in order; the store commits within that task, so a
commit is answered before anything that rests on it is done. Links, fetches and wraps are tasks of their own whose
results come back as inputs. What others could see has been stored.

A full disk makes a node wait: it refuses statements, acknowledges nothing, tries the same commit again (`steps`), and
goes on from there once there is room. What the store finds damaged is fetched from readers (`losses`, `machine.mend`).

A node that cannot keep a promise stops: a failed assertion, a store damaged beyond that, a place in the outbox that
another page has taken. It then takes, states and acknowledges nothing more, says why in its status and as an alarm, and
goes on answering readers from the store. Only a new start makes it go on.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from comity.base.errors import ComityError, OutageError
from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.crypto.suite import Ceremony
from comity.journal.header import Feed
from comity.journal.ledger import Verdict
from comity.machine.effect import (
    Acknowledge,
    Alarm,
    Answer,
    Commit,
    Effect,
    Fetch,
    Follow,
    OpenStream,
    Publish,
    SignCheckpoint,
    Wake,
    Wrap,
)
from comity.machine.input import Arrived, Committed, Input, LinkChanged, LostPage, PagesLost, Say, Ticked
from comity.machine.machine import Machine
from comity.node.alarm.plan import PlanBook
from comity.node.approvals import Approvals
from comity.node.attachments import Attachments
from comity.node.bell import Bell, read_clock
from comity.node.carrier import BlobAnswer, Carrier
from comity.node.custody import Custody
from comity.node.ending import end_tasks
from comity.node.errands import Errands
from comity.node.imports import import_entries
from comity.node.log import note
from comity.node.mark import Mark
from comity.node.observer import UNOBSERVED, Observer
from comity.node.officers import OfficerBook
from comity.node.powers import ACTING
from comity.node.saying import say_words
from comity.node.shelf import Shelf
from comity.node.snapshot import Snapshot
from comity.node.snapshot_keeper import SnapshotKeeper
from comity.node.steps import Steps
from comity.node.store import Store
from comity.node.watchman import Watchman
from comity.procedure.entry import Entry

__all__ = ["Node", "NodeAlarm"]

ALARM_COUNT_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class NodeAlarm:
    """Something an officer has to know, and when it came up."""

    at: Instant
    code: str
    details: dict[str, object]


class Node:
    """Drives one machine. `start`, then `say` and views, then `stop`."""

    def __init__(
        self,
        machine: Machine,
        store: Store,
        carrier: Carrier,
        *,
        ceremony: Ceremony,
        clock: Callable[[], int] = read_clock,
        observer: Observer = UNOBSERVED,
        snapshot: Snapshot | None = None,
        mark: Mark | None = None,
    ) -> None:
        self.machine = machine
        self.store, self.officers, self.approvals = store, OfficerBook(), Approvals()
        self.alarm_plan = PlanBook()
        self.alarms: deque[NodeAlarm] = deque(maxlen=ALARM_COUNT_MAX)
        self.links_up: dict[Party, bool] = {}
        self.heard_at: dict[Party, Instant] = {}
        self.changed = asyncio.Event()
        self.carrier = self._carrier = carrier
        self._ceremony = ceremony
        self._clock = clock
        self.observer = observer
        self._keeper = SnapshotKeeper(snapshot, machine, store)
        self._mark = mark
        self.shelf = Shelf(store, machine.statements, party=machine.party, suite=machine.setup.suite)
        self.attachments = Attachments(self)
        self._errands = Errands(self, carrier, ceremony=ceremony)
        self.custody = Custody(self)
        self._steps = Steps(store, self)
        self.acts = self._steps.acts
        watchman = Watchman(self.raise_alarm, self._lose)
        self.note_room, store.on_damage = watchman.note_room, watchman.take
        self._is_started = self._has_left = False
        self.on_sick_outbox: Callable[[], None] = lambda: None
        self._deliveries: dict[int, Callable[[], None]] = {}
        self._delivery = 0
        self._bell = Bell(self._ring, now=self.now)
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_stopping = False
        self.failure: BaseException | None = None

    async def start(self, *, statements: Iterable[bytes] = ()) -> None:
        """Fold the store, open the outbox, be born if this is the first time, and begin to pull.

        `statements` are root statements (links) that this party publishes in its genesis journal; those that a node
        killed right after its birth did not come to state are stated now. An outbox that is down delays what goes out
        and nothing else: the party's own officers can act meanwhile (law 7). Where the store is behind its mark, own
        pages are fetched back first (J22).
        """
        may_be_old = self._mark is not None and self._mark.begin(self.store, self.machine.setup.pins.versions)
        self._keeper.restore(may_be_old=may_be_old)
        self._is_started = True
        await self._carrier.start(self)
        self.restore_outbox()
        if not self.machine.is_born:
            self._steps.run(self.machine.be_born(self.now(), self._ceremony.random(32)))
        self._publish_statements(statements)
        for party, feed, audience in self.machine.find_followed():
            self._carrier.follow(party, feed, audience)
        self._leave_if_superseded()
        for errand in (self._bell.tick(), self._errands.fetch_blobs(), self._errands.scrub(), self._keeper.keep()):
            self.spawn(errand)
        if self._mark is not None:
            self.spawn(self._mark.keep(self))
        self.spawn(self._errands.watch_streams())
        self.spawn(self.custody.keep())

    def restore_outbox(self) -> None:
        """Compare the outbox with the store again, after its server was started anew: what it lost is put back."""
        self.spawn(self._errands.restore_streams(self.store.find_streams()))

    def _publish_statements(self, statements: Iterable[bytes]) -> None:
        if entries := self.machine.find_unstated(statements):
            self.give(Say(self.now(), self.draw_salt(), 0, self.machine.parties, entries, Feed.GENESIS))

    async def stop(self) -> None:
        """Stop pulling and publishing, then close the store; nothing that was answered is lost."""
        self._is_stopping = True
        self._steps.stop()
        self._bell.stop()
        await end_tasks(*self._tasks)
        await self._carrier.stop()
        self._steps.acts.break_off(OutageError("node.stopping"))
        await self._keeper.finish(is_whole=self.failure is None and not self._steps.is_full)
        if self._mark is not None:
            self._mark.finish(self)
        self.store.close()

    async def say(
        self, audience: Audience, entries: tuple[Entry, ...], *, feed: Feed = Feed.RECORD, key: str = ""
    ) -> tuple[Digest, ...]:
        """State entries to one audience and return their ids once they are stored; once only for the same `key`.

        Raises:
            UsageError: as the release funnel and the machine refuse, with the clause; as `Acts.do`.
            OutageError: `node.not-yet` if it was not stored in time; it may still come. `node.stopped` if the node
                takes nothing more; `store.full` while its disk is full, `store.refilling` while its genesis has holes.
        """
        return await say_words(self, ACTING.get(), audience, entries, feed=feed, key=key)

    async def import_entries(self, audience: Audience, entries: Iterable[Entry]) -> int:
        """State many entries in the bulk feed; return how many, once all are stored. See `imports`."""
        return await import_entries(entries, lambda batch: self.say(audience, batch, feed=Feed.BULK))

    def take_bytes(self, raw: bytes, *, stored: Callable[[], None] | None = None) -> bool:
        """Take a page from a link or a bundle, if there is room; `stored` is called once it need not come again."""
        if self.failure is not None or self._steps.is_full:
            return False
        delivery = 0
        if stored is not None:
            self._delivery = delivery = self._delivery + 1
            self._deliveries[delivery] = stored
        self.give(Arrived(self.now(), self.draw_salt(), raw, delivery))
        return True

    def answer_pages(self, party: Party, *, journal: bytes, first: int, last: int) -> Iterable[bytes]:
        """Yield the stored pages of a range that a peer may read."""
        return self.store.read_range(journal, first=first, last=last, reader=party)

    def answer_blob(self, party: Party, blob_id: bytes) -> BlobAnswer | None:
        """Return a blob that this node gave to a peer."""
        return self.shelf.answer(blob_id, party)

    def note_link(self, party: Party, *, is_up: bool) -> None:
        """Take note that a peer's outbox can be reached, or cannot."""
        before = self.links_up.get(party)
        if before != is_up:
            self.links_up[party] = is_up
            note("link.up" if is_up else "link.down", party=party, is_end=is_up and before is False)
            self.give(LinkChanged(self.now(), self.draw_salt(), party, is_up))

    def note_heard(self, party: Party) -> None:
        """Take note that something came from a peer just now."""
        self.heard_at[party] = self.now()

    def give(self, given: Input) -> None:
        """Give the machine one input and carry out what it asks for.

        Whatever is raised here stops the node: a failed assertion is our own bug, and after a commit that failed for
        good the machine is ahead of the store, so that nothing it says may be believed. The journals are whole.
        """
        if self.failure is not None or self._is_stopping:
            return
        if self._steps.is_full:
            self._steps.keep(given)
            return
        try:
            effects = self.machine.handle(given)
            if self._mark is not None:
                self._mark.follow(self.machine)
            self._steps.run(effects)
            self._leave_if_superseded()
        except Exception as error:  # noqa: BLE001 -- every fault of ours ends here, whatever it is
            self.fail(error)
        self._note_change()

    def _leave_if_superseded(self) -> None:
        """Pull nothing more once a newer node speaks for this party: both are one reader to their peers (T29)."""
        if self.machine.pen.is_superseded and not self._has_left:
            self._has_left = True
            self._carrier.leave()
            self.raise_alarm("alarm.key-superseded", {})

    @property
    def is_full(self) -> bool:
        """Whether the store has no room just now."""
        return self._steps.is_full

    def _lose(self, pages: tuple[LostPage, ...]) -> None:
        """Tell the machine what the store lost; before the start, `restore` is told."""
        if self._is_started:
            asyncio.get_running_loop().call_soon(lambda: self.give(PagesLost(self.now(), self.draw_salt(), pages)))

    def check_running(self) -> None:
        """Return if this node takes statements and pages.

        Raises:
            OutageError: `node.stopped`, with the code of what stopped it; `node.stopping`; `store.full`.
        """
        if self.failure is not None:
            raise OutageError("node.stopped", cause=self.failure_code)
        if self._is_stopping:
            raise OutageError("node.stopping")
        if self._steps.is_full:
            raise OutageError("store.full")

    @property
    def failure_code(self) -> str:
        """The code of what stopped this node; empty while it runs."""
        if self.failure is None:
            return ""
        return self.failure.code if isinstance(self.failure, ComityError) else "node.fault"

    def fail(self, error: BaseException) -> None:
        """Stop for good, and say so: log, alarm, every statement that waits. The log names no content (law 2)."""
        if self.failure is not None:
            return
        self.failure = error
        note("node.stopped", error, code=self.failure_code)
        self.raise_alarm("alarm.node-stopped", {"code": self.failure_code})
        self._deliveries.clear()
        self._steps.acts.break_off(OutageError("node.stopped", cause=self.failure_code))
        self._note_change()

    def _note_change(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    def raise_alarm(self, code: str, details: Mapping[str, object]) -> None:
        """Add an alarm."""
        note("alarm", code=code)
        self.alarms.append(NodeAlarm(self.now(), code, dict(details)))
        self.observer.note_alarm(code, details)

    def answer_commit(self, commit: Commit) -> Iterable[Effect]:
        """Tell the machine that a commit is durable."""
        return self.machine.handle(Committed(self.now(), self.draw_salt(), commit.number))

    def carry_out(self, effect: Effect) -> None:
        """Do an effect that is no commit."""
        match effect:
            case Publish():
                self._errands.enqueue(effect)
            case Acknowledge():
                stored = self._deliveries.pop(effect.delivery)
                if effect.verdict is not Verdict.DROPPED:
                    stored()
            case Wrap():
                self.spawn(self._errands.wrap(effect))
            case SignCheckpoint():
                self.spawn(self._errands.sign(effect))
            case Fetch():
                self.spawn(self._errands.fetch(effect))
            case OpenStream():
                self.spawn(self._carrier.open_stream(effect.feed, effect.audience))
            case Follow():
                self._carrier.follow(effect.party, effect.feed, effect.audience)
            case Wake():
                self._bell.wake(effect.at)
            case Answer():
                self._steps.acts.end(effect)
            case Alarm():
                self.raise_alarm(effect.code, effect.details)

    def _ring(self) -> None:
        self.give(Ticked(self.now(), self.draw_salt()))

    def now(self) -> Instant:
        """Return this node's clock."""
        return Instant(self._clock())

    def draw_salt(self) -> bytes:
        """Return 32 fresh random bytes, for one input."""
        return self._ceremony.random(32)

    def spawn(self, work: Coroutine[object, object, None]) -> None:
        """Run an errand; if it raises, the node stops."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.fail(error)
