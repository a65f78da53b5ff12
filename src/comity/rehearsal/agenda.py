"""Virtual time: one list of what happens next, by instant and then by the order in which it was put there.

Of what happens in one millisecond the alarm clocks ring last, in the order of their owners: when one was set last is
nobody's business.
"""

import heapq
from collections.abc import Callable

from comity.base.instants import Instant
from comity.base.limits import REHEARSAL_EVENT_COUNT_MAX
from comity.base.names import Party

__all__ = ["Action", "Agenda"]

Action = Callable[[], None]


class Agenda:
    """`now` moves only when an action is taken, so a year passes as fast as its events are handled."""

    def __init__(self, now: Instant) -> None:
        self.now = now
        self.taken_count = 0
        self._heap: list[tuple[int, str, int, Action]] = []
        self._sequence = 0

    def add(self, at: int, action: Action, *, by: Party = "") -> None:
        """Put an action on the list; what is already past happens next. `by`: whose doing it is, at somebody else's."""
        del by  # here those of one instant are taken as they came
        self.ring(at, action)

    def ring(self, at: int, action: Action, *, of: Party = "") -> None:
        """Put an action on the list for exactly this instant: the clock of a party rings."""
        self._sequence += 1
        heapq.heappush(self._heap, (max(at, self.now), of, self._sequence, action))

    def after(self, delay_ms: int, action: Action, *, by: Party = "") -> None:
        """Put an action so many milliseconds ahead."""
        self.add(self.now + delay_ms, action, by=by)

    def run(self, until: Instant) -> None:
        """Take every action up to and including `until`, then let the rest of the time pass."""
        while self._heap and self._heap[0][0] <= until:
            at, _, _, action = heapq.heappop(self._heap)
            self.now = Instant(at)
            self.taken_count += 1
            assert self.taken_count <= REHEARSAL_EVENT_COUNT_MAX, "somebody runs in circles"
            action()
        self.now = until
