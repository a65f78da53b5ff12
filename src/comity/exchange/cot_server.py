"""The port of TAK clients: who they are, what each is told, what they report (docs/spec/exchange.md, X65 to X68).

A process of its own beside the node: it holds no key of the party, and knows of the record what the warning process
tells it. It may end and begin again at any moment; clients come again, and are told what they have not.

Rules
- Whoever is not known by certificate or token gets nothing: no greeting, no error, no sign of what is here.
- How many may be connected, how many of them unknown yet and for how long, is bounded; handshakes are among these.
- What is told was decided in the same turn. Where a consumer may have less than before, whoever has not taken what
  was sent until then is cut off, so that it is not delivered after the permission ended.
"""

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from comity.base.errors import ComityError, RemoteError, UsageError
from comity.base.instants import Instant
from comity.crypto.suite import Suite
from comity.exchange.consumer import Consumer, Format
from comity.exchange.cot import read_document, read_event
from comity.exchange.cot_control import find_control, make_answer, read_login
from comity.exchange.cot_intake import CotIntake
from comity.exchange.cot_link import Came, WarningLink
from comity.exchange.cot_passes import Passes
from comity.exchange.cot_views import CotViews, Home
from comity.exchange.cot_visitor import Visitor
from comity.exchange.register import Register
from comity.exchange.tokens import TokenBook
from comity.node.ending import end_tasks

__all__ = ["CotServer"]

CYCLE_S: Final = 1.0
VISITOR_COUNT_MAX: Final = 512
UNKNOWN_COUNT_MAX: Final = 256
"""Connections of whom nobody knows yet who they are."""
HANDSHAKE_S: Final = 5.0
LOGIN_S: Final = 10.0
LOGIN_DOCUMENT_COUNT_MAX: Final = 8
"""What a client may say before its login: some greet first."""
KEEPALIVE: Final = {"TCP_KEEPIDLE": 20, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000}
"""After at most a minute it is known of a client that it is not there, though nothing said so."""
CHUNK_SIZE_BYTES: Final = 64 * 1024
SENT_SIZE_BYTES_MAX: Final = 256 * 1024
"""What the kernel is asked to hold for one client; by itself it would hold megabytes."""


class CotServer:
    """Serves until `stop`. The register, the passes and the link are looked at anew each second."""

    def __init__(
        self, folder: Path, register: Register, passes: Passes, *, suite: Suite, clock: Callable[[], Instant]
    ) -> None:
        self.visitors: set[Visitor] = set()
        self.unknown_count = 0
        self.turned_away_count = 0
        self.counts: dict[str, Counter[str]] = {}
        """By consumer, what was taken of its reports and refused by which code, since the start."""
        self.link = WarningLink(folder, begin=self._begin_anew, take=self._take)
        self.intake = CotIntake(self.link, suite, self.counts)
        self._register = register
        self._passes = passes
        self._tokens = TokenBook(register)
        self._clock = clock
        self._came: list[Came] = []
        self._views = CotViews(self._find_home)
        self._context: ssl.SSLContext | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def _find_home(self) -> Home:
        home = self.link.home
        assert home is not None, "nobody is told anything while nothing is known"
        return home

    def _begin_anew(self) -> None:
        """Forget what came: the warning process begins with what was before."""
        self._came = []
        self._views = CotViews(self._find_home)

    def _take(self, came: Came) -> None:
        self._came.append(came)

    async def serve(
        self, *, tls: Sequence[socket.socket], plain: Sequence[socket.socket], context: ssl.SSLContext | None
    ) -> None:
        """Serve on these sockets, which listen already, until cancelled."""
        self._context = context
        ways = [*((one, context) for one in tls), *((one, None) for one in plain)]
        core = [
            asyncio.create_task(self.link.follow()),
            asyncio.create_task(self.intake.hand_in()),
            asyncio.create_task(self._turn_for_ever()),
            *(asyncio.create_task(self._accept(listening, way)) for listening, way in ways),
        ]
        try:
            await asyncio.gather(*core)  # none ends but by a fault of ours
        finally:
            for visitor in self.visitors:
                visitor.cut_off()
            await end_tasks(*core, *self._tasks)

    async def _accept(self, listening: socket.socket, context: ssl.SSLContext | None) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                taken, _ = await loop.sock_accept(listening)
            except OSError:  # no room for another file just now, or it went before it came
                await asyncio.sleep(0.1)
                continue
            if self.unknown_count >= UNKNOWN_COUNT_MAX or len(self.visitors) >= VISITOR_COUNT_MAX:
                self.turned_away_count += 1
                taken.close()
                continue
            self.unknown_count += 1
            task = asyncio.create_task(self._serve(taken, context))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, taken: socket.socket, context: ssl.SSLContext | None) -> None:
        is_unknown, visitor = True, None
        try:
            visitor = await self._open(taken, context)
            async with asyncio.timeout(LOGIN_S):
                visitor.consumer = await self._find_consumer(visitor)
            if visitor.consumer is not None:
                self.unknown_count, is_unknown = self.unknown_count - 1, False
                self.visitors.add(visitor)
                async for document in visitor.documents():
                    await self._hear(visitor, document)
        except (OSError, TimeoutError, ComityError):
            pass
        finally:
            self.unknown_count -= is_unknown
            if visitor is None:
                taken.close()
            else:
                self.visitors.discard(visitor)
                visitor.cut_off()

    async def _open(self, taken: socket.socket, context: ssl.SSLContext | None) -> Visitor:
        taken.setblocking(False)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT_SIZE_BYTES_MAX)
        for name, value in KEEPALIVE.items():
            if hasattr(socket, name):  # not every system has all of them
                taken.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=CHUNK_SIZE_BYTES)
        protocol = asyncio.StreamReaderProtocol(reader)
        wait_s = None if context is None else HANDSHAKE_S
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol, taken, ssl=context, ssl_handshake_timeout=wait_s
        )
        return Visitor(reader, asyncio.StreamWriter(transport, protocol, reader, loop), at=self._clock())

    async def _find_consumer(self, visitor: Visitor) -> Consumer | None:
        """Find out whose a connection is: by its certificate, else by the login that it says first."""
        certificate = visitor.find_certificate()
        if certificate is not None:
            visitor.way = "certificate"
            return _with_format(self._passes.find(certificate, self._register.list()))
        visitor.way = "token"
        count = 0
        async for document in visitor.documents():
            root = read_document(document)
            if root.name == "auth":
                login = read_login(root)
                return _with_format(await self._tokens.find(login.name, login.secret))
            count += 1
            if count >= LOGIN_DOCUMENT_COUNT_MAX:
                break
        return None

    async def _hear(self, visitor: Visitor, document: bytes) -> None:
        """Take one thing that a known client says; what is wrong with it is counted."""
        assert visitor.consumer is not None, "it is known by now"
        counts = self.counts.setdefault(visitor.consumer.name, Counter())
        try:
            root = read_document(document)
            control = find_control(root)
            if control is not None:
                visitor.say(make_answer(control, root, self._clock()))
            elif self.link.home is None:
                counts["warning.not-running"] += 1
            elif root.name != "auth":
                await self.intake.take(visitor.consumer, read_event(root, document), self.link.home)
        except RemoteError as error:
            counts[error.code] += 1

    async def _turn_for_ever(self) -> None:
        while True:
            await asyncio.sleep(CYCLE_S)
            self._look_who_may()
            at = self._clock()
            for consumer in sorted({one.consumer for one in self.visitors if one.consumer}, key=lambda one: one.name):
                await self._tell(consumer, at)

    def _look_who_may(self) -> None:
        """Cut off whoever was taken out of the register, or out of the passes."""
        try:
            self._register.reread()
            if self._passes.reread() and self._context is not None:
                self._passes.trust(self._context)
        except UsageError:  # a damaged file lets nobody in
            pass
        known = self._register.list()
        for visitor in list(self.visitors):
            certificate = visitor.find_certificate()
            is_known = visitor.consumer in known if certificate is None else (
                visitor.consumer is not None and self._passes.find(certificate, known) == visitor.consumer
            )  # fmt: skip
            if not is_known:
                visitor.cut_off()
                self.visitors.discard(visitor)
        for consumer in self._views.list_consumers():
            if all(visitor.consumer != consumer for visitor in self.visitors):
                self._views.forget(consumer)

    async def _tell(self, consumer: Consumer, at: Instant) -> None:
        """Work out what a consumer may have now, and tell each of its connections what is new to it."""
        if not self.link.is_whole:
            return
        views = self._views
        came, self._came = self._came, []
        for one in came:
            views.take(*one)
        is_less = await asyncio.to_thread(views.refresh, consumer, at)
        # Meanwhile the warning process may have gone, begun anew, or said that something is permitted no more.
        if self.link.home is None or views is not self._views or not views.is_as_decided(consumer):
            return
        for visitor in [one for one in self.visitors if one.consumer == consumer]:
            if is_less and visitor.is_behind:
                visitor.cut_off()
            else:
                visitor.tell(views.tell(consumer, visitor.sent, at))


def _with_format(consumer: Consumer | None) -> Consumer | None:
    return consumer if consumer is not None and Format.COT in consumer.formats else None
