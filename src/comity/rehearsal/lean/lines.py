"""Line tests in a run: who tests when, and who answers (R67).

A slot is tested by every end. A machine answers what reaches it, a person as the scenario says; who is down does not.
"""

from typing import TYPE_CHECKING

from comity.base.instants import SECOND_MS, Instant
from comity.base.names import Party
from comity.procedure.line import LineTestAnsweredByMachine, LineTestAnsweredByPerson, LineTestSent
from comity.procedure.stated import Stated
from comity.rehearsal.lean.forum import Forum
from comity.rehearsal.lean.people import OFFICER
from comity.rehearsal.scenario.model import Act

if TYPE_CHECKING:
    from comity.rehearsal.lean.course import Course
    from comity.rehearsal.lean.sitting import Say

__all__ = ["plan_lines"]


def plan_lines(course: "Course", forum: Forum) -> None:
    """Put the first slot of every line into the queue; each puts the next. Lines of some parties only are left out."""
    every_ms = course.scenario.identity.line_test_every_ms or forum.policy.line_test_interval_ms
    every_ms = max(every_ms, forum.policy.line_test_interval_ms)
    for line in forum.pact.hotlines:
        if tuple(sorted(line.parties)) == forum.parties:
            _Line(course, forum, line.id, every_ms).plan(course.from_at)


class _Line:
    def __init__(self, course: "Course", forum: Forum, channel: str, every_ms: int) -> None:
        self._course, self._forum, self._channel, self._every_ms = course, forum, channel, every_ms

    def plan(self, at: Instant) -> None:
        if at < self._course.ends_at:
            self._course.put(at, self._test)

    def _test(self, at: Instant) -> None:
        forum, weather = self._forum, self._course.weather
        for party in forum.parties:
            if weather.find_up(party, at) == at:
                test = forum.state(party, LineTestSent(self._channel, at), at)
                for reader in forum.list_others(party):
                    self._course.put(forum.find_arrival(test, reader), self._answer(test, reader))
        self.plan(Instant(at + self._every_ms))

    def _answer(self, test: Stated, party: Party) -> "Say":
        def act(at: Instant) -> None:
            course, forum = self._course, self._forum
            slot_at = test.written_at
            if course.weather.find_up(party, at) != at:
                return
            forum.state(party, LineTestAnsweredByMachine(self._channel, slot_at, test.id), at)
            purpose = (self._channel, str(slot_at), test.author)
            if course.luck.happens(course.people.find_habit(party).answer_line_percent, *purpose, party, "line"):
                due_at = slot_at + forum.policy.line_person_within_ms
                done_at, pace = course.people.take(Act.LINE, party, at, *purpose, due_at=due_at)
                role = pace.role or min(forum.policy.acknowledge_roles)
                entry = LineTestAnsweredByPerson(self._channel, slot_at, test.id, role, OFFICER)
                course.put(
                    course.weather.find_up(party, max(done_at, at + SECOND_MS)),
                    lambda now: self._say(party, entry, now),
                )

        return act

    def _say(self, party: Party, entry: LineTestAnsweredByPerson, at: Instant) -> None:
        self._forum.state(party, entry, at)
