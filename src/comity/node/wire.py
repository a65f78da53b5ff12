"""One connection to one outbox server: TLS with the server's pinned authority, the login, messages.

The only file that imports `nats`. What the library gets wrong for us is put right here (docs/spec/transport.md, T13):

- It never reconnects. A wire that broke is finished, and `Session` makes a new one. The library's own reconnection
  gives up for good when the server once refuses a login, sends what was published before the break a second time,
  follows a server's advice to other addresses, and loses a pull that was waiting.
- It reads no more than one message of the permitted size into memory, whatever length a server announces.
- The answers to requests come in on *one* subscription; only a pull has one of its own, so that it can be withdrawn.
- The client key goes through a file only sealed with a passphrase that never leaves memory: `ssl` reads files only.
"""

import asyncio
import contextlib
import logging
import secrets
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.protocol.parser import Parser

from comity.base.errors import OutageError
from comity.base.limits import LINK_MESSAGE_SIZE_BYTES_MAX
from comity.crypto.link import LinkKeys, LinkPublic, derive_part, format_login_seed
from comity.crypto.tls import format_authorities, issue_client_leaf
from comity.node.inbox import Inbox, Message

__all__ = ["Endpoint", "Wire", "make_tls_context"]

CONNECT_S_MAX: Final = 5.0
CLOSE_S_MAX: Final = 1.0
PING_S: Final = 3
PING_UNANSWERED_COUNT_MAX: Final = 2
"""So a link that was cut without a word is noticed within nine seconds."""
_CONTROL_SIZE_BYTES_MAX: Final = 64 * 1024
_HEADER_SIZE_BYTES_MAX: Final = 4096

# The library logs what it could not read, bytes of a stranger included; what matters reaches `on_refusal`.
logging.getLogger("nats").setLevel(logging.CRITICAL)
# The library hands TLS streams to a protocol made for plain ones; asyncio says so each time a server goes away.
logging.getLogger("asyncio").addFilter(lambda record: not str(record.msg).startswith("returning true from eof_"))


def _ignore(_: str) -> None:
    """Tell nobody."""


class Endpoint(NamedTuple):
    """Where a server listens."""

    host: str
    port: int


class _BoundedParser(Parser):
    """Ends the connection where a server announces, or goes on sending, more than one permitted message, or no sense.

    What the library's parser can't read (JSON, UTF-8 out of form) would end its reading and nothing else: the wire
    would be up and deaf until pings are missed, as often as a peer's server likes.
    """

    async def parse(self, data: bytes = b"") -> None:
        try:
            await super().parse(data)
        except nats.errors.ProtocolError:
            raise
        except Exception as error:
            raise nats.errors.ProtocolError from error
        over = LINK_MESSAGE_SIZE_BYTES_MAX + _HEADER_SIZE_BYTES_MAX
        if self.needed > over or (self.needed == 0 and len(self.buf) > _CONTROL_SIZE_BYTES_MAX):
            raise nats.errors.ProtocolError


class _Client(Client):
    """The library's client, with bounded reading, and an end that is always told."""

    def __init__(self, on_end: Callable[[], None]) -> None:
        super().__init__()
        self._ps = _BoundedParser(self)
        self._on_end = on_end

    async def _close(self, status: int, do_cbs: bool = True) -> None:  # the library's own signature
        # Told first, because the library may fail to send its last bytes, or wait for ever for the end of a socket
        # whose handshake failed, and then would tell nobody.
        self._on_end()
        try:
            async with asyncio.timeout(CLOSE_S_MAX):
                await super()._close(status, do_cbs)
        except (OSError, TimeoutError, nats.errors.Error):
            if self._transport:
                self._transport.close()  # type: ignore[no-untyped-call]


def _find_why(error: Exception) -> str:
    """Return in one word what an attempt to connect met: for the own operator, never for a caller to go by.

    The library wraps what it met in words of its own; a server that does not take our certificate ends the connection
    in the middle of the first exchange, with an alert if the alert still gets through.
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return "pin"
        if isinstance(seen, ssl.SSLError | ConnectionResetError | asyncio.IncompleteReadError):
            return "tls"
        if isinstance(seen, nats.errors.AuthorizationError) or "authorization" in str(seen).lower():
            return "login"
        seen = seen.__cause__ or seen.__context__
    return "unreachable"


class Wire:
    """A live connection. Made by `connect`; `broken` is set when it ended, for whatever reason."""

    def __init__(self, on_refusal: Callable[[str], None] = _ignore) -> None:
        self.broken = asyncio.Event()
        self._client = _Client(self._end)
        self._on_refusal = on_refusal
        self._prefix = f"_INBOX.{secrets.token_hex(12)}."
        self._inboxes: dict[str, Inbox] = {}
        self._inbox_number = 0

    @classmethod
    async def connect(
        cls,
        endpoint: Endpoint,
        *,
        context: ssl.SSLContext,
        login: bytes,
        on_refusal: Callable[[str], None] = _ignore,
    ) -> "Wire":
        """Connect and log in, once. `login` is an Ed25519 seed; `on_refusal` is told what the server refused later.

        Raises:
            OutageError: `link.unavailable`, whatever the reason: to a caller, a server that refuses and one that is
                down are alike, and both may be different in a minute.
        """
        wire = cls(on_refusal)
        try:
            async with asyncio.timeout(CONNECT_S_MAX):
                await wire._open(endpoint, context, login)
        except asyncio.CancelledError:
            await wire.close()
            raise
        except Exception as error:
            # The library parses what a stranger sent with no bound on what it may raise.
            await wire.close()
            raise OutageError("link.unavailable", port=endpoint.port, why=_find_why(error)) from error
        return wire

    async def _open(self, endpoint: Endpoint, context: ssl.SSLContext, login: bytes) -> None:
        await self._client.connect(
            servers=f"tls://{endpoint.host}:{endpoint.port}",
            tls=context,
            tls_handshake_first=True,
            nkeys_seed_str=format_login_seed(login),
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            ping_interval=PING_S,
            max_outstanding_pings=PING_UNANSWERED_COUNT_MAX,
            error_cb=self._take_error,
        )
        await self._client.subscribe(self._prefix + "*", cb=self._take_answer)
        await self._client.flush()

    async def close(self) -> None:
        """End the connection; everything that waits on it ends too."""
        if not self._client.is_closed:
            await self._client.close()
        self._end()

    @contextlib.asynccontextmanager
    async def open_pull(self, *, count_max: int) -> AsyncIterator[Inbox]:
        """Open an inbox for one pull, with a subscription of its own that ends with it.

        The subscription is what tells the server that a pull was given up: with the shared one, it would go on sending
        pages into the void until the pull expires. Its pages come under a subject of theirs, besides.

        Raises:
            OutageError: `link.unavailable`.
        """
        subject = self._next_subject("pull.")
        inbox = Inbox(subject, count_max=count_max)

        async def take(raw: Msg) -> None:
            inbox.put(_read(raw))

        try:
            subscription = await self._client.subscribe(subject, cb=take)
        except (nats.errors.Error, OSError) as error:
            raise OutageError("link.unavailable") from error
        self._inboxes[subject] = inbox  # to be woken when the wire breaks
        try:
            if self.broken.is_set():
                inbox.put(None)
            yield inbox
        finally:
            del self._inboxes[subject]
            with contextlib.suppress(nats.errors.Error, OSError):
                await subscription.unsubscribe()

    @contextlib.contextmanager
    def open_inbox(self, *, count_max: int) -> Iterator[Inbox]:
        """Open an inbox for the answers to one request."""
        subject = self._next_subject("")
        inbox = self._inboxes[subject] = Inbox(subject, count_max=count_max)
        try:
            if self.broken.is_set():
                inbox.put(None)
            yield inbox
        finally:
            del self._inboxes[subject]

    def _next_subject(self, kind: str) -> str:
        self._inbox_number += 1
        return f"{self._prefix}{kind}{self._inbox_number}"

    async def publish(
        self, subject: str, payload: bytes = b"", *, reply: str = "", headers: dict[str, str] | None = None
    ) -> None:
        """Send one message.

        Raises:
            OutageError: `link.unavailable`, if the wire is broken.
        """
        try:
            await self._client.publish(subject, payload, reply=reply, headers=headers)
        except (nats.errors.Error, OSError) as error:
            raise OutageError("link.unavailable") from error

    async def request(
        self, subject: str, payload: bytes, *, timeout_s: float, headers: dict[str, str] | None = None
    ) -> Message:
        """Send one message and return the first answer, which may be a status.

        Raises:
            OutageError: `link.no-answer`, `link.unavailable`.
        """
        with self.open_inbox(count_max=1) as inbox:
            await self.publish(subject, payload, reply=inbox.subject, headers=headers)
            return await inbox.get(timeout_s)

    async def subscribe(self, subject: str, take: Callable[[Message], Awaitable[None]]) -> None:
        """Receive what is sent to `subject`, for as long as the wire lives."""

        async def take_raw(raw: Msg) -> None:
            await take(_read(raw))

        try:
            await self._client.subscribe(subject, cb=take_raw)
            await self._client.flush()
        except (nats.errors.Error, OSError) as error:
            raise OutageError("link.unavailable") from error

    async def _take_answer(self, raw: Msg) -> None:
        inbox = self._inboxes.get(raw.subject)
        if inbox is not None:
            inbox.put(_read(raw))

    async def _take_error(self, error: Exception) -> None:
        self._on_refusal(str(error))

    def _end(self) -> None:
        self.broken.set()
        for inbox in self._inboxes.values():
            inbox.put(None)


def _read(raw: Msg) -> Message:
    headers = raw.headers or {}
    status = headers.get("Status", "")
    number = int(status) if status.isascii() and status.isdigit() and len(status) == 3 else 0
    return Message(raw.subject, raw.reply, number, headers.get("Description", ""), raw.data)


def make_tls_context(keys: LinkKeys, *, server: LinkPublic) -> ssl.SSLContext:
    """Make the TLS context for one server: it trusts that server's authority and no other, and shows our own leaf.

    Host names are not compared: the authority signs for one node only, wherever that node is.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.load_verify_locations(cadata=format_authorities([server.authority]))
    passphrase = secrets.token_hex(32)
    leaf = issue_client_leaf(
        authority_seed=derive_part(keys, b"authority/1"),
        leaf_seed=derive_part(keys, b"client/%d" % keys.leaf_number),
        passphrase=passphrase.encode(),
    )
    with tempfile.TemporaryDirectory(prefix="comity-") as folder:
        file = Path(folder) / "leaf.pem"
        file.write_bytes(leaf.chain_pem + leaf.key_pem)
        context.load_cert_chain(file, password=passphrase)
    return context
