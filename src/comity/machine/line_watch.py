"""Line tests by the node: one in each slot on each hotline, and the machine's part of answering others' tests.

Whether a person is there is another fact, stated by an officer (docs/spec/procedure.md; FACTS: hotlines as test rules).
A test that is found long after its slot is not answered: the answer would say nothing about the line.
"""

from collections.abc import Iterable

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.machine.text_watch import Due
from comity.pact.model import Pact
from comity.procedure.line import LineTestAnsweredByMachine, LineTestSent, find_slot
from comity.procedure.policy import Policy
from comity.procedure.stated import Stated

__all__ = ["LineWatch"]


class LineWatch:
    """The hotlines of which this party is an end."""

    def __init__(self, pact: Pact, policy: Policy, party: Party) -> None:
        self._party = party
        self.follow(pact, policy)
        self._sent: dict[str, Instant] = {}
        self._unanswered: dict[Digest, Stated] = {}

    def follow(self, pact: Pact, policy: Policy) -> None:
        """Test the lines of this version of the pact from now on, as its policy says."""
        self._policy = policy
        self._lines: dict[str, Audience] = {
            line.id: tuple(sorted(line.parties)) for line in pact.hotlines if self._party in line.parties
        }

    def take(self, new: Iterable[Stated]) -> None:
        """Note new statements: own tests and answers, others' tests."""
        for stated in new:
            if stated.entry.belongs_to[0] != "line":
                continue
            entry, is_own = stated.entry, stated.author == self._party
            if isinstance(entry, LineTestSent) and is_own:
                self._sent[entry.channel] = Instant(max(entry.slot_at, self._sent.get(entry.channel, 0)))
            elif isinstance(entry, LineTestSent):
                self._unanswered[stated.id] = stated
            elif isinstance(entry, LineTestAnsweredByMachine) and is_own:
                self._unanswered.pop(Digest(entry.test), None)

    def find_due(self, at: Instant) -> tuple[Due, ...]:
        """Return the tests and answers to state now; each is returned once."""
        due: list[Due] = []
        slot_at = find_slot(self._policy, at)
        for channel, audience in sorted(self._lines.items()):
            if self._sent.get(channel, -1) < slot_at:
                self._sent[channel] = slot_at
                due.append((audience, LineTestSent(channel, slot_at)))
        for id_, stated in sorted(self._unanswered.items()):
            entry = stated.entry
            assert isinstance(entry, LineTestSent)
            # In another audience it is no test of the line, and an answer would tell the line's ends of it.
            is_of_line = stated.audience == self._lines.get(entry.channel)
            if is_of_line and at - stated.written_at <= self._policy.line_test_interval_ms:
                due.append((stated.audience, LineTestAnsweredByMachine(entry.channel, entry.slot_at, id_)))
        self._unanswered.clear()
        return tuple(due)

    def find_wake(self, at: Instant) -> Instant | None:
        """Return the beginning of the next slot, if there is a line to test."""
        return Instant(find_slot(self._policy, at) + self._policy.line_test_interval_ms) if self._lines else None
