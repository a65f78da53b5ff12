"""What a node and its warning process say to each other over the child's pipes: whole states, never increments (W35).

A frame is a 4-byte big-endian length and a message. Both ends are ours, of one version; a frame that cannot be read is
a bug and ends the child.
"""

import asyncio
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from comity.base.names import Audience, Party, Realm
from comity.crypto.link import LinkKeys, LinkPublic
from comity.journal.identity import NodeSecrets
from comity.journal.trust import Pins
from comity.node.wire import Endpoint
from comity.procedure.detected import ThreatDrafted
from comity.warning.quarantine import AllowedRow

__all__ = [
    "Anchored",
    "Detected",
    "FeedSetup",
    "FeedState",
    "Noted",
    "Opened",
    "Place",
    "TellingRow",
    "read_frame",
    "write_frame",
]

FRAME_SIZE_BYTES_MAX: Final = 64 * 1024 * 1024
_LENGTH_SIZE_BYTES: Final = 4


class Place(msgspec.Struct, frozen=True):
    """How a party's server is reached, and by which keys."""

    public: LinkPublic
    endpoints: tuple[Endpoint, ...]


class FeedSetup(msgspec.Struct, frozen=True, tag=True):
    """What the process is made of: the first frame, and the only one with secrets."""

    party: Party
    realm: Realm
    pins: Pins
    secrets: NodeSecrets
    receiving: tuple[bytes, ...]
    link: LinkKeys
    places: Mapping[Party, Place]
    replicas: int
    folder: str
    closures: tuple[tuple[Audience, bytes], ...] = ()
    """The root's closures of own warning journals, by readers (W76)."""


class TellingRow(msgspec.Struct, frozen=True, array_like=True):
    """One class and recipient, and on what terms it is told."""

    class_: str
    to: Party
    agreement: str
    clause: str
    coarsen_m: int
    delay_ms: int
    is_sensor_named: bool


class Anchored(NamedTuple):
    """An anchor, in the record or to be stated there."""

    author: Party
    audience: Audience
    incarnation: int
    number: int
    page: bytes


class FeedState(msgspec.Struct, frozen=True, tag=True):
    """Everything that the record says and the feed goes by."""

    statements: tuple[bytes, ...]
    """Root statements."""
    pact: bytes
    pact_raw: bytes
    told: tuple[TellingRow, ...]
    followed: tuple[tuple[Party, Audience], ...]
    anchors: tuple[Anchored, ...]
    """The last of each journal, own ones too."""
    known: tuple[tuple[str, str], ...] = ()
    """Rule and track of what was drafted or reported already (W17)."""
    allowed: tuple[AllowedRow, ...] = ()
    """What the others may tell this party (W75)."""
    ahead_ms: int = 0
    """By how much the node's clock is ahead of the host's (W77)."""


class Opened(msgspec.Struct, frozen=True, tag=True):
    """The process writes in these journals: each is to be announced to its readers."""

    audiences: tuple[Audience, ...]


class Noted(msgspec.Struct, frozen=True, tag=True):
    """Something odd, as a code, and about whom."""

    code: str
    party: Party


class StateAnchor(msgspec.Struct, frozen=True, tag=True):
    """An anchor that is to be stated."""

    anchor: Anchored


class Detected(msgspec.Struct, frozen=True, tag=True):
    """All that the rules ask for in the picture of one instant, and how stands what is known (W15, W19)."""

    at: int
    rows: tuple[ThreatDrafted, ...]


Message = FeedSetup | FeedState | Opened | Noted | StateAnchor | Detected
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final[msgspec.msgpack.Decoder[Message]] = msgspec.msgpack.Decoder(Message)


async def read_frame(stream: asyncio.StreamReader) -> Message | None:
    """Return the next message; None where the other end is gone."""
    try:
        size = int.from_bytes(await stream.readexactly(_LENGTH_SIZE_BYTES), "big")
        assert size <= FRAME_SIZE_BYTES_MAX
        return _DECODER.decode(await stream.readexactly(size))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def write_frame(message: Message) -> bytes:
    """Return a message as a frame."""
    raw = _ENCODER.encode(message)
    return len(raw).to_bytes(_LENGTH_SIZE_BYTES, "big") + raw
