"""The kinds of events, and their form on the wire: server-sent events (WHATWG HTML, section 9.2).

An event refers and never quotes: ids, parties, enums and instants. Whoever wants to know what was said asks for it by
its id, and is judged then. Only `Stated` has a position, for only what was stated is there after a new start.
"""

import functools
from dataclasses import dataclass
from typing import Final

import msgspec

from comity.node.node import NodeAlarm
from comity.procedure.scope import find_scope
from comity.procedure.stated import Stated as Statement

__all__ = [
    "EVENTS",
    "AlarmRaised",
    "ApprovalsChanged",
    "Begun",
    "Ended",
    "Event",
    "Heartbeat",
    "LinkChanged",
    "StandingChanged",
    "Stated",
    "Told",
    "make_alarm",
    "make_stated",
]

RETRY_MS: Final = 1_000
"""How long a browser waits before it asks again."""


class Begun(msgspec.Struct, frozen=True, tag="begun", tag_field="event"):
    """First of all in every stream: who speaks, from which position on, and how much was missed.

    `is_whole`: what follows is all since the position that was asked for. Where it is false the node's order is not the
    one that position was of, as `code` says: look at every view anew; the stream goes on from here.
    """

    party: str
    realm: str
    position: str
    at: int
    missed_count: int
    is_whole: bool
    code: str = ""


class Stated(msgspec.Struct, frozen=True, tag="stated", tag_field="event"):
    """A statement is there: durable, verified, opened and folded. `/v1/timeline/{id}` has what it says.

    `object` is the kind of what it opens or belongs to, `ref` the id of that, both empty where it is of none.
    `precedence` is that of a message, empty for all else.
    """

    id: str
    type: str
    author: str
    audience: tuple[str, ...]
    written_at: int
    standing: str
    object: str
    ref: str
    precedence: str = ""


class StandingChanged(msgspec.Struct, frozen=True, tag="standing-changed", tag_field="event"):
    """A fork or a closure came to light: what was said before may stand otherwise. Look at the views anew."""

    at: int


class LinkChanged(msgspec.Struct, frozen=True, tag="link-changed", tag_field="event"):
    """A party's node can be reached, or cannot."""

    party: str
    is_up: bool
    at: int


class AlarmRaised(msgspec.Struct, frozen=True, tag="alarm-raised", tag_field="event"):
    """Something that an officer has to know; the status has its details."""

    code: str
    at: int


class ApprovalsChanged(msgspec.Struct, frozen=True, tag="approvals-changed", tag_field="event"):
    """What waits for a second officer is other than before: the digests of all that waits now."""

    digests: tuple[str, ...]
    at: int


class Heartbeat(msgspec.Struct, frozen=True, tag="heartbeat", tag_field="event"):
    """The node lives, at this instant of its clock. Whoever hears none for long has lost it."""

    at: int


class Ended(msgspec.Struct, frozen=True, tag="ended", tag_field="event"):
    """Last of all, where the node ends a stream: why, as a code. Ask again from the last position."""

    code: str
    at: int


Event = (
    Begun | Stated | StandingChanged | LinkChanged | AlarmRaised | ApprovalsChanged | Heartbeat | Ended
)  # fmt: skip
EVENTS: Final[tuple[type[msgspec.Struct], ...]] = (
    Begun, Stated, StandingChanged, LinkChanged, AlarmRaised, ApprovalsChanged, Heartbeat, Ended,
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One event, and the position after it; empty where it has none. Shared by all who hear it, written once."""

    event: Event
    position: str = ""

    @functools.cached_property
    def raw(self) -> bytes:
        """The event as it goes over the wire; the position is what a client sends back as `Last-Event-ID`."""
        name = type(self.event).__struct_config__.tag
        lines = [f"event: {name}", *([f"id: {self.position}"] if self.position else [])]
        if isinstance(self.event, Begun):
            lines.append(f"retry: {RETRY_MS}")
        return "\n".join(lines).encode() + b"\ndata: " + msgspec.json.encode(self.event) + b"\n\n"


def make_stated(statement: Statement) -> Stated:
    """Return the event that a statement is there."""
    scope = find_scope(statement)
    precedence = getattr(statement.entry, "precedence", None)
    return Stated(
        id=statement.id.hex(),
        type=type(statement.entry).__name__,
        author=statement.author,
        audience=statement.audience,
        written_at=statement.written_at,
        standing=statement.standing.value,
        object=scope.kind,
        ref=scope.ref.hex(),
        precedence="" if precedence is None else precedence.value,
    )


def make_alarm(alarm: NodeAlarm) -> AlarmRaised:
    """Return the event that an alarm came up."""
    return AlarmRaised(alarm.code, alarm.at)
