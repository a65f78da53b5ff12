"""What a server sends is read by a parser of the library's: whatever it is, it is taken or it ends the connection."""

import asyncio

import nats.errors
import pytest

from comity.node.wire import _Client


def _read(raw: bytes) -> None:
    async def feed() -> None:
        await _Client(lambda: None)._ps.parse(raw)

    asyncio.run(feed())


@pytest.mark.parametrize(
    "raw",
    [
        b"INFO {\r\n",
        b"INFO [1]\r\n",
        b'INFO {"max_payload":\xff}\r\n',
        b"-ERR '\xff\xfe'\r\n",
        b"INFO " + b"[" * 30_000 + b"\r\n",
        b"nonsense\r\n",
    ],
)
def test_what_the_library_can_not_read_ends_the_connection(raw: bytes) -> None:
    """Found by fuzzing: JSON or UTF-8 out of form ended the library's reading without a word.

    The wire stayed up, deaf, until two pings were missed; a peer's server could do that again and again.
    """
    with pytest.raises(nats.errors.ProtocolError):
        _read(raw)


def test_what_it_can_read_is_taken() -> None:
    """So that not everything ends it."""
    _read(b"MSG subject 7 5\r\nhello\r\n+OK\r\n")
