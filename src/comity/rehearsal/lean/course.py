"""One run: the queue of acts over all pacts, what happens and what the adversary makes of it (R64 to R69).

The queue ends: everything in it was put there by an occurrence, each occurrence leads to a bounded number of acts, and
more occurrences than the scenario permits are a code and not a run.
"""

import heapq
from collections.abc import Callable, Iterable, Sequence

from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, HOUR_MS, Instant
from comity.base.names import Party
from comity.pact.model import Pact
from comity.rehearsal.lean.forum import Forum
from comity.rehearsal.lean.judge import judge_course
from comity.rehearsal.lean.lines import plan_lines
from comity.rehearsal.lean.outcome import CourseOutcome
from comity.rehearsal.lean.people import People
from comity.rehearsal.lean.releasing import Releasing
from comity.rehearsal.lean.sitting import Sitting
from comity.rehearsal.lean.weather import Weather
from comity.rehearsal.scenario.history import Occurrence, draw_history, occur
from comity.rehearsal.scenario.luck import Luck
from comity.rehearsal.scenario.model import Act, Change, Scenario, Trigger
from comity.rehearsal.scenario.tables import Recorded

__all__ = ["Course", "run_course"]

ACT_COUNT_MAX = 20_000_000


def run_course(
    pacts: Sequence[Pact],
    scenario: Scenario,
    recorded: Iterable[Recorded] = (),
    *,
    from_at: Instant,
    seed: int,
    run: int,
) -> CourseOutcome:
    """Run a scenario once under these pacts together, and return what it came to.

    Raises:
        UsageError: `scenario.endless`, where more happens than the scenario permits.
    """
    course = Course(pacts, scenario, from_at=from_at, luck=Luck(seed, run))
    course.play(recorded)
    return judge_course(course, run)


class Course:
    """A run under way: what sittings and lines ask for time, chance and each other."""

    def __init__(self, pacts: Sequence[Pact], scenario: Scenario, *, from_at: Instant, luck: Luck) -> None:
        """Set everybody up; nothing has happened yet."""
        self.scenario, self.luck, self.from_at = scenario, luck, from_at
        self.ends_at = Instant(from_at + scenario.identity.days * DAY_MS)
        self.weather = Weather(scenario, from_at=from_at, until_at=self.ends_at, luck=luck)
        self.forums = tuple(Forum(pact, self.weather, name=f"{i}") for i, pact in enumerate(pacts))
        zones = {party.id: party.zone for pact in pacts for party in pact.parties}
        self.parties: tuple[Party, ...] = tuple(sorted(zones))
        self.people = People(scenario, zones, luck)
        self.releasing = Releasing(self)
        self.sittings: list[tuple[Occurrence, list[Sitting]]] = []
        self.uncalled_count = 0
        self.act_count = 0
        self._queue: list[tuple[int, int, Callable[[Instant], None]]] = []
        self._put_count = 0
        self._occurred_count = 0
        self._change_count = 0
        self._state = scenario.adversary.initial if scenario.adversary is not None else ""

    @property
    def party_hours(self) -> int:
        """Return how much of parties' time the run is: the measure of what stepping it costs."""
        return len(self.parties) * (self.ends_at - self.from_at) // HOUR_MS

    def put(self, at: int, act: Callable[[Instant], None]) -> None:
        """Put an act into the queue."""
        self._put_count += 1
        heapq.heappush(self._queue, (at, self._put_count, act))

    def play(self, recorded: Iterable[Recorded]) -> None:
        """Let everything happen, to the last act."""
        history = draw_history(self.scenario, recorded, parties=self.parties, from_at=self.from_at, luck=self.luck)
        for occurrence in history:
            self._put_occurrence(occurrence)
        for forum in self.forums:
            plan_lines(self, forum)
        if self.scenario.adversary is not None:
            self.trigger(Trigger.TIME, "start", self.from_at)
        queue = self._queue
        while queue:
            at, _, act = heapq.heappop(queue)
            self.act_count += 1
            if self.act_count > ACT_COUNT_MAX:
                self._refuse(at)
            act(Instant(at))

    def _put_occurrence(self, occurrence: Occurrence) -> None:
        self._occurred_count += 1
        if self._occurred_count > self.scenario.identity.occurrence_count_max:
            self._refuse(occurrence.at)
        self.put(occurrence.at, lambda at: self._begin(occurrence, at))

    def _refuse(self, at: int) -> None:
        day = (at - self.from_at) // DAY_MS
        raise UsageError("scenario.endless", day=day, occurrences=self._occurred_count, acts=self.act_count)

    def _begin(self, occurrence: Occurrence, at: Instant) -> None:
        """Who is threatened calls, under each pact that it is a party to; what each holds is offered to the others."""
        self.releasing.offer(occurrence, at)
        if not occurrence.is_called:
            self.uncalled_count += 1
            return
        held: list[Sitting] = []
        self.sittings.append((occurrence, held))
        for forum in self.forums:
            if occurrence.threatened in forum.parties:
                self._plan_call(occurrence, forum, occurrence.threatened, at, held)

    def _plan_call(self, occurrence: Occurrence, forum: Forum, caller: Party, at: Instant, held: list[Sitting]) -> None:
        sitting = Sitting(self, forum, occurrence, caller, held)
        held.append(sitting)
        what = "" if caller == occurrence.threatened else "onward"
        sitting.plan(Act.CALL, caller, at, sitting.call, what=what)

    def pass_on(self, sitting: Sitting, party: Party, at: Instant) -> None:
        """Let a party that a call has reached call under its other pacts, where nobody has: the hub does so."""
        held = sitting.siblings
        for forum in self.forums:
            if party in forum.parties and all(one.forum is not forum for one in held):
                self._plan_call(sitting.occurrence, forum, party, at, held)

    def trigger(self, on: Trigger, of: str, at: Instant) -> None:
        """Let the adversary answer: the first way out of its state that is for this, if chance will have it."""
        adversary = self.scenario.adversary
        if adversary is None:
            return
        state = next(state for state in adversary.states if state.id == self._state)
        for number, change in enumerate(state.changes):
            purpose = (of, on.value, state.id, number, self._occurred_count)
            if change.on is on and self.luck.happens(change.percent, *purpose):
                due_at = at + self.luck.span_ms(change.median_ms, change.spread_percent, *purpose, "after")
                self._state = change.to
                self._change_count += 1
                if self._change_count > self.scenario.identity.occurrence_count_max:
                    self._refuse(at)
                if due_at < self.ends_at:
                    self._answer(change, f"{of.partition('>')[0]}>{self._change_count}", Instant(due_at))
                return

    def _answer(self, change: Change, name: str, at: Instant) -> None:
        if not change.is_quiet:
            self._put_occurrence(occur(change, name, at, parties=self.parties, luck=self.luck))
        mark = self._change_count

        def go_on(now: Instant) -> None:
            if mark == self._change_count:
                self.trigger(Trigger.TIME, name, now)

        # A state that has a way out by time alone takes it from here on, unless something else has changed it by then.
        self.put(at, go_on)
