"""The outbox against the store: each own stream must hold what the store says it took, and nothing else.

The outbox is a copy. Where it holds less it is rebuilt, by itself at the next publishing and at a start, at once with
`--fix`. Where it holds more, another node of this party wrote there: nothing is rebuilt, and this node must not write.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from comity.base.names import Audience
from comity.journal.header import Feed
from comity.node.doctor.finding import Finding, fault
from comity.node.node import Node

__all__ = ["StreamState", "compare_streams", "look_at_streams"]


@dataclass(frozen=True, slots=True)
class StreamState:
    """One own stream: pages stored, pages that the outbox answered for, and pages that it holds; -1 if unreachable."""

    feed: Feed
    audience: Audience
    stored: int
    taken: int
    held: int

    @property
    def is_behind(self) -> bool:
        """Whether the outbox lost something that it had taken."""
        return 0 <= self.held < self.taken


async def compare_streams(node: Node) -> list[StreamState]:
    """Return every own stream as the store and the outbox have it."""
    states = []
    for name, audience in node.store.find_streams():
        feed = Feed(name)
        # In this order: what the outbox takes meanwhile is never a difference.
        taken = node.store.count_out(feed, audience)
        held = await node.carrier.count_held(feed, audience)
        states.append(StreamState(feed, audience, node.store.count_own(feed, audience), taken, held))
    return states


def look_at_streams(states: Sequence[StreamState]) -> Iterator[Finding]:
    """Tell which streams differ from the store."""
    if any(state.held < 0 for state in states):
        yield fault("doctor.outbox-silent")
    for state in states:
        where = {"feed": state.feed.value, "audience": " ".join(state.audience)}
        if state.held > state.stored:
            yield fault("doctor.stream-ahead", **where, stored=state.stored, held=state.held)
        elif state.is_behind:
            yield fault("doctor.stream-behind", **where, taken=state.taken, held=state.held)
