"""JetStream's own interface: making, asking and deleting streams and cursors, as the outbox needs them.

It is asked as JSON over the wire directly, because the client library does not know all fields of a consumer. Every
refusal that the caller does not expect is `outbox.unavailable`, with the server's number for the log.
"""

import base64
from typing import Any, Final

import msgspec

from comity.base.errors import OutageError
from comity.base.limits import ACK_WAIT_MS, PULL_EXPIRES_MS, PULL_WAITING_COUNT_MAX
from comity.node.inbox import Message
from comity.node.session import Session
from comity.node.stream import Reader, Stream
from comity.node.wire import Wire

__all__ = ["ASK_S_MAX", "Cursor", "StreamsApi", "read_answer"]

ASK_S_MAX: Final = 5.0
CONNECT_S_MAX: Final = 5.0
_DEDUP_WINDOW_MS: Final = 120_000
_NS: Final = 1_000_000
_STREAM_NOT_FOUND: Final = 10059
_STREAM_DIFFERS: Final = 10058
_CONSUMER_NOT_FOUND: Final = 10014
_NO_MESSAGE: Final = 10037

Cursor = dict[str, Any]
"""A consumer as JetStream describes it."""


class StreamsApi:
    """Asks the server over the session's wire. Every call may raise `outbox.unavailable` or `outbox.no-stream`."""

    def __init__(self, session: Session, *, replicas: int) -> None:
        self._session = session
        self._replicas = replicas

    async def get_wire(self) -> Wire:
        """Return the live wire to the own server."""
        try:
            return await self._session.get_wire(CONNECT_S_MAX)
        except OutageError as error:
            raise OutageError("outbox.unavailable") from error

    async def create_stream(self, stream: Stream, *, first_sequence: int) -> int:
        """Make the stream, or bring an old one's settings up to date; return its last sequence."""
        wanted: dict[str, Any] = {
            "name": stream.name,
            "subjects": [stream.subject],
            "retention": "limits",
            "storage": "file",
            "discard": "new",
            "max_msgs": -1,
            "max_bytes": -1,
            "max_age": stream.retention_ms * _NS,
            "duplicate_window": _DEDUP_WINDOW_MS * _NS,
            "num_replicas": self._replicas,
            # A second fence behind the accounts: nobody who gets this far purges, or deletes a single page.
            "deny_delete": True,
            "deny_purge": True,
            "allow_direct": False,
        }
        if first_sequence > 1:
            wanted["first_seq"] = first_sequence
        content = await self._ask(f"STREAM.CREATE.{stream.name}", wanted, expected=_STREAM_DIFFERS)
        if content is None:
            held = await self.get_stream(stream)
            # A field that we do not set, such as the first sequence of a rebuilt stream, stays as it is.
            content = await self._ask(f"STREAM.UPDATE.{stream.name}", held["config"] | wanted)
            assert content is not None
        last: int = content["state"]["last_seq"]
        return last

    async def get_stream(self, stream: Stream) -> dict[str, Any]:
        """Return the stream's settings and state."""
        content = await self._ask(f"STREAM.INFO.{stream.name}", {})
        assert content is not None
        return content

    async def delete_stream(self, stream: Stream) -> None:
        """Delete the stream with all its cursors."""
        await self._ask(f"STREAM.DELETE.{stream.name}", {})

    async def find_page(self, stream: Stream, sequence: int) -> bytes | None:
        """Return the page at a sequence."""
        content = await self._ask(f"STREAM.MSG.GET.{stream.name}", {"seq": sequence}, expected=_NO_MESSAGE)
        return None if content is None else base64.b64decode(content["message"].get("data", ""))

    async def find_cursor(self, stream: Stream, reader: Reader) -> Cursor | None:
        """Return a reader's cursor."""
        return await self._ask(f"CONSUMER.INFO.{stream.name}.{reader.tag}", {}, expected=_CONSUMER_NOT_FOUND)

    async def ensure_cursor(self, stream: Stream, reader: Reader, *, start: int) -> None:
        """Make a reader's cursor beginning at sequence `start`, or bring an old one's settings up to date.

        Where a cursor begins cannot be changed, so that an old one is updated with the beginning that it has.
        """
        held = await self.find_cursor(stream, reader)
        begin: dict[str, Any] = {"deliver_policy": "all"}
        if held is not None:
            begin = {
                name: held["config"][name] for name in ("deliver_policy", "opt_start_seq") if name in held["config"]
            }
        elif start > 1:
            begin = {"deliver_policy": "by_start_sequence", "opt_start_seq": start}
        wanted = begin | {
            "durable_name": reader.tag,
            "name": reader.tag,
            "ack_policy": "explicit",
            "ack_wait": ACK_WAIT_MS * _NS,
            "max_deliver": -1,
            "replay_policy": "instant",
            "max_batch": stream.pull_count_max,
            "max_expires": PULL_EXPIRES_MS * _NS,
            "max_waiting": PULL_WAITING_COUNT_MAX,
            "max_ack_pending": 4 * stream.pull_count_max,
        }
        subject = f"CONSUMER.CREATE.{stream.name}.{reader.tag}"
        await self._ask(subject, {"stream_name": stream.name, "config": wanted, "action": ""})

    async def _ask(self, subject: str, content: dict[str, Any], *, expected: int = 0) -> dict[str, Any] | None:
        """Ask; None if the server refused with the number `expected`."""
        wire = await self.get_wire()
        try:
            answer = await wire.request(f"$JS.API.{subject}", msgspec.json.encode(content), timeout_s=ASK_S_MAX)
        except OutageError as error:
            raise OutageError("outbox.unavailable") from error
        if answer.status:
            raise OutageError("outbox.unavailable", status=answer.status)
        read, number = read_answer(answer)
        if number == 0:
            return read
        if number == expected:
            return None
        raise OutageError(
            "outbox.no-stream" if number == _STREAM_NOT_FOUND else "outbox.unavailable", server_code=number
        )


def read_answer(answer: Message) -> tuple[dict[str, Any], int]:
    """Read the own server's JSON answer and the number of its refusal, 0 if it is none."""
    content: dict[str, Any] = msgspec.json.decode(answer.payload)
    return content, int(content.get("error", {}).get("err_code", 0))
