"""What one node tells, and to whom: every listener hears all of it, in order, at its own pace.

Rules
- A listener is an index into the node's own order and a short queue of what has no position. However slow it is, it
  costs no more, and nobody waits for it.
- One whose reading stands still while more than `BEHIND_COUNT_MAX` statements or `QUEUE_COUNT_MAX` other events come is
  ended with `events.too-slow`; it asks again from its position, and misses no statement. Its place is another's from
  that moment on, whether it reads on or not; one that reads no more at all is cut off by whoever serves it.
- A listener that comes back hears how much it missed, then that, then what is new. Where its position is none of this
  node's it is told so.
- With nobody listening nothing is done.
- The places are bounded in all, and for each officer and each session by itself: no one of them can take those of the
  others (`events.too-many-of-one`; docs/adr/0069). Whoever comes with the realm's own token is one more such officer.
"""

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from typing import Final

from comity.api.events.order import Order, Position, parse_position
from comity.api.events.told import (
    ApprovalsChanged,
    Begun,
    Ended,
    Event,
    Heartbeat,
    LinkChanged,
    StandingChanged,
    Told,
    make_alarm,
    make_stated,
)
from comity.base.errors import ComityError, OutageError, UsageError
from comity.node.node import Node, NodeAlarm

__all__ = ["Bulletin"]

LISTENER_COUNT_MAX: Final = 1_000
LISTENER_COUNT_OF_ONE_MAX: Final = 100
"""Of one officer, by console and API together."""
LISTENER_COUNT_OF_REALM_MAX: Final = 500
"""Of all who come with the realm's own token."""
LISTENER_COUNT_OF_SESSION_MAX: Final = 8
"""Of one session of a console. Tabs of one browser share one stream."""
HEARTBEAT_S: Final = 5.0
PAUSE_S: Final = 0.005
"""Between two looks at a busy node: what comes meanwhile is told together."""
BATCH_COUNT_MAX: Final = 64
RECENT_COUNT: Final = 1_024
BEHIND_COUNT_MAX: Final = 10_000
QUEUE_COUNT_MAX: Final = 256


class _Listener:
    """One who listens: the position up to which it was told, and what else waits for it.

    `given_count`: how many had been told when it was given what it has not come back from; -1 while it waits for more.
    """

    def __init__(self, position: Position, officer: str, session: str) -> None:
        self.position = position
        self.officer, self.session = officer, session
        self.queue: deque[Told] = deque()
        self.given_count = -1
        self.is_too_slow = False

    def put(self, told: Told) -> None:
        if len(self.queue) >= QUEUE_COUNT_MAX:
            self.queue.clear()
            self.is_too_slow = True
        if not self.is_too_slow:
            self.queue.append(told)

    def judge(self, told_count: int) -> None:
        """Note whether it stood still for too long, now that so many were told."""
        if self.given_count >= 0 and told_count - self.given_count > BEHIND_COUNT_MAX:
            self.queue.clear()
            self.is_too_slow = True


class Bulletin:
    """The events of one node. Made for one event loop."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._order = Order(node.machine.statements)
        self._recent: deque[tuple[int, Told]] = deque(maxlen=RECENT_COUNT)
        self._listeners: set[_Listener] = set()
        self._places: list[tuple[str, str]] = []
        """Of other streams, each with its officer and session."""
        self._news = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._ended = ""
        self._unrest = 0
        self._links: dict[str, bool] = {}
        self._alarm: NodeAlarm | None = None
        self._waiting: tuple[str, ...] = ()

    @property
    def listener_count(self) -> int:
        """How many listen now: places that are taken."""
        return len(self._listeners)

    def close(self, code: str = "node.stopping") -> None:
        """End every stream with this code; whoever comes later is refused."""
        self._ended = code
        self._ring()

    async def find_position(self) -> str:
        """Return the position of now: who looks at views afterwards and listens from it misses nothing."""
        async with self._turn:
            if self._watching is None:
                await self._reach_end()
            return str(self._order.end)

    def listen(
        self,
        after: str = "",
        *,
        officer: str = "",
        session: str = "",
        may_listen: Callable[[], bool] = lambda: True,
    ) -> AsyncGenerator[tuple[Told, ...], None]:
        """Yield what happens from now on, in batches; with a position, first what was missed since.

        `officer` is who listens, nobody's name with the realm's own token; `session` is that of a console.
        `may_listen` is asked before anything is told, a heartbeat too; once it says no, the stream ends with
        `api.no-access`.

        Raises:
            OutageError: `node.stopping`, `events.too-many`; at once, not when the first batch is asked for.
            UsageError: `events.too-many-of-one`; at once.
        """
        self._check_room(officer, session)
        return self._listen(after, officer, session, may_listen)

    def _check_room(self, officer: str, session: str) -> None:
        """Return if there is a place for one more listener of this officer and session."""
        if self._ended:
            raise OutageError("node.stopping")
        of_one_max = LISTENER_COUNT_OF_ONE_MAX if officer else LISTENER_COUNT_OF_REALM_MAX
        taken = [(one.officer, one.session) for one in self._listeners] + self._places
        own = [of_session for of_officer, of_session in taken if of_officer == officer]
        of_session_count = own.count(session) if session else 0
        for count, count_max in ((len(own), of_one_max), (of_session_count, LISTENER_COUNT_OF_SESSION_MAX)):
            if count >= count_max:
                raise UsageError("events.too-many-of-one", count_max=count_max)
        if len(taken) >= LISTENER_COUNT_MAX:
            raise OutageError("events.too-many", count_max=LISTENER_COUNT_MAX)

    @contextlib.contextmanager
    def hold_place(self, *, officer: str, session: str = "") -> Iterator[Callable[[], bool]]:
        """Take a place among the streams for one of another kind; yield what tells whether all streams are to end.

        Raises:
            OutageError: `node.stopping`, `events.too-many`.
            UsageError: `events.too-many-of-one`.
        """
        self._check_room(officer, session)
        self._places.append((officer, session))
        try:
            yield lambda: bool(self._ended)
        finally:
            self._places.remove((officer, session))

    async def _listen(
        self, after: str, officer: str, session: str, may_listen: Callable[[], bool]
    ) -> AsyncGenerator[tuple[Told, ...], None]:
        try:
            self._check_room(officer, session)
        except ComityError as error:  # many asked at once, and others took the places meanwhile
            yield (Told(Ended(error.code, self._node.now())),)
            return
        listener = _Listener(self._order.end, officer, session)
        self._listeners.add(listener)
        try:
            await self._watch()
            async for batch in self._go_on(listener, after, may_listen):
                listener.given_count = self._order.end.told_count
                yield batch
                listener.judge(self._order.end.told_count)
                listener.given_count = -1
        finally:
            self._leave(listener)

    def _begin(self, listener: _Listener, after: str) -> Told:
        """Set a listener to where it wants to go on, and tell it what that comes to."""
        end, asked = self._order.end, parse_position(after)
        is_whole = not after or (asked is not None and self._order.holds(asked))
        listener.position = asked if asked is not None and is_whole else end
        pins = self._node.machine.setup.pins
        missed_count = end.told_count - listener.position.told_count
        code = "" if is_whole else "events.position-unknown"
        begun = Begun(self._node.machine.party, pins.realm, str(listener.position), self._node.now(), missed_count,
                      is_whole, code)  # fmt: skip
        return Told(begun, str(listener.position))

    async def _go_on(
        self, listener: _Listener, after: str, may_listen: Callable[[], bool]
    ) -> AsyncIterator[tuple[Told, ...]]:
        yield (self._begin(listener, after),)
        loop = asyncio.get_running_loop()
        beat_s = loop.time() + HEARTBEAT_S
        while True:
            news = self._news
            code = self._find_end(listener)
            batch = () if code else self._take(listener)
            if batch and not may_listen():
                code = "api.no-access"
            if code:
                yield (Told(Ended(code, self._node.now())),)
                return
            if batch:
                yield batch
            elif loop.time() < beat_s:
                await _wait(news, until_s=beat_s)
            if loop.time() >= beat_s:
                beat_s = loop.time() + HEARTBEAT_S
                listener.put(Told(Heartbeat(self._node.now())))

    def _find_end(self, listener: _Listener) -> str:
        return "events.too-slow" if listener.is_too_slow else self._ended

    def _take(self, listener: _Listener) -> tuple[Told, ...]:
        """Return what a listener is to hear next, and no statement twice; empty where it has heard all."""
        batch = list(self._read(listener))
        while listener.queue and len(batch) < BATCH_COUNT_MAX:
            batch.append(listener.queue.popleft())
        return tuple(batch)

    def _read(self, listener: _Listener) -> Iterator[Told]:
        count = listener.position.told_count
        if count >= self._order.end.told_count:
            return
        if self._recent and self._recent[0][0] <= count + 1:
            for number, told in itertools.islice(self._recent, count + 1 - self._recent[0][0], None):
                assert number == listener.position.told_count + 1, "the latest events are kept without a gap"
                yield self._pass(listener, told)
                if number - count >= BATCH_COUNT_MAX:
                    return
            return
        for stated, position in self._order.read(count, BATCH_COUNT_MAX):
            yield self._pass(listener, Told(make_stated(stated), str(position)))

    @staticmethod
    def _pass(listener: _Listener, told: Told) -> Told:
        position = parse_position(told.position)
        assert position is not None, "what is told in order has a position"
        listener.position = position
        return told

    async def _watch(self) -> None:
        """Go on to the end of what is there, and have somebody look from now on."""
        async with self._turn:
            if self._watching is None:
                await self._reach_end()
                self._watching = asyncio.get_running_loop().create_task(self._look())

    async def _reach_end(self) -> None:
        await self._order.reach_end()
        self._recent.clear()  # what was passed over is not among the latest
        self._note_state()

    def _leave(self, listener: _Listener) -> None:
        self._listeners.discard(listener)
        if not self._listeners and self._watching is not None:
            self._watching.cancel()
            self._watching = None

    async def _look(self) -> None:
        """Tell what is new whenever something changed at the node, for as long as anybody listens."""
        while self._listeners:
            changed = self._node.changed
            if self._publish():
                self._ring()
                await asyncio.sleep(PAUSE_S)
                continue
            await changed.wait()
        self._watching = None

    def _publish(self) -> bool:
        """Take what is new at the node; tell whether there was anything."""
        new = self._order.take_new()
        self._recent.extend(
            (position.told_count, Told(make_stated(stated), str(position))) for stated, position in new[-RECENT_COUNT:]
        )
        others = [Told(event) for event in self._find_changes()]
        for listener in tuple(self._listeners):
            for told in others:
                listener.put(told)
            listener.judge(self._order.end.told_count)
            if listener.is_too_slow:
                self._listeners.discard(listener)
        return bool(new or others)

    def _find_changes(self) -> Iterator[Event]:
        """Yield what is otherwise than it was at the last look."""
        node, now = self._node, self._node.now()
        before = (self._unrest, self._links, self._alarm, self._waiting)
        self._note_state()
        unrest, links, alarm, waiting = before
        if unrest != self._unrest:
            yield StandingChanged(now)
        for party, is_up in self._links.items():
            if links.get(party) != is_up:
                yield LinkChanged(party, is_up, now)
        new = list(itertools.takewhile(lambda one: one is not alarm, reversed(node.alarms)))
        yield from map(make_alarm, reversed(new))
        if waiting != self._waiting:
            yield ApprovalsChanged(self._waiting, now)

    def _note_state(self) -> None:
        node = self._node
        self._unrest = node.machine.ledger.unrest
        self._links = dict(node.links_up)
        self._alarm = node.alarms[-1] if node.alarms else None
        self._waiting = tuple(held.digest for held in node.approvals.list(node.now()))

    def _ring(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


async def _wait(news: asyncio.Event, *, until_s: float) -> None:
    """Wait for news, or until it is time for a heartbeat."""
    try:
        async with asyncio.timeout_at(until_s):
            await news.wait()
    except TimeoutError:
        return
