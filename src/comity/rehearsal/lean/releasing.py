"""What the parties hold on an occurrence, and what of it the clauses let pass (R68).

Each item is put to the real release funnel for every other party of the run: under one pact or another it may go
directly, by way of a hub with its originator's consent, or not at all. What does not pass is counted by the clause that
says so; a recipient with whom the giver has no pact is counted as such.
"""

from collections import Counter
from typing import TYPE_CHECKING, Final

from comity.base.instants import Instant
from comity.base.names import Party
from comity.procedure.entry import Marking
from comity.procedure.verdict import NeedsConsent, Permit, Reason, Withheld
from comity.rehearsal.lean.forum import Forum
from comity.rehearsal.scenario.history import Occurrence
from comity.rehearsal.scenario.model import Information

if TYPE_CHECKING:
    from comity.rehearsal.lean.course import Course

__all__ = ["NO_CONSENT", "NO_PACT", "Releasing"]

NO_PACT: Final = "no-pact"
NO_CONSENT: Final = "consent-not-given"
_NEARNESS: Final = (Reason.TOPIC_NOT_COVERED, Reason.ABOVE_CEILING, Reason.NOT_IN_FORCE, Reason.ONLY_BY_HUB)


class Releasing:
    """Counts what was asked and what was withheld."""

    def __init__(self, course: "Course") -> None:
        """Begin with nothing asked."""
        self._course = course
        self.asked_count = 0
        self.withheld: Counter[str] = Counter()
        self.texts_withheld: Counter[str] = Counter()

    def offer(self, occurrence: Occurrence, at: Instant) -> None:
        """Let each party that holds something on it give it to everybody else, as far as it may."""
        for row in self._course.scenario.information:
            if row.topic is not None and row.topic != occurrence.topic:
                continue
            if self._course.luck.happens(row.percent, occurrence.name, "information", row.id):
                for to in self._course.parties:
                    if to != row.giver:
                        self._offer(row, to, occurrence, at)

    def _offer(self, row: Information, to: Party, occurrence: Occurrence, at: Instant) -> None:
        self.asked_count += 1
        marking = Marking(row.giver, row.giver, row.level, (occurrence.topic,), ())
        refusals: list[Withheld] = []
        for forum in self._course.forums:
            if row.giver not in forum.parties or to not in forum.parties:
                continue
            said = forum.decide(marking, holder=row.giver, to=to, at=at)
            if isinstance(said, Permit):
                return
            if isinstance(said, Withheld):
                if said.hub and self._goes_by_hub(forum, marking, said.hub, to, at):
                    if not self._consents(row, to, occurrence):
                        self.withheld[f"{said.clause}: {NO_CONSENT}"] += 1
                    return
                refusals.append(said)
        nearest = max(refusals, key=_nearness, default=None)
        self.withheld[NO_PACT if nearest is None else f"{nearest.clause}: {nearest.reason.value}"] += 1

    def _goes_by_hub(self, forum: Forum, marking: Marking, hub: Party, to: Party, at: Instant) -> bool:
        to_hub = forum.decide(marking, holder=marking.originator, to=hub, at=at)
        onward = forum.decide(marking, holder=hub, to=to, at=at)
        return isinstance(to_hub, Permit) and isinstance(onward, Permit | NeedsConsent)

    def _consents(self, row: Information, to: Party, occurrence: Occurrence) -> bool:
        habit = self._course.people.find_habit(row.giver)
        return self._course.luck.happens(habit.consent_percent, occurrence.name, "consent", row.id, to)

    def may_put(self, forum: Forum, marking: Marking, at: Instant) -> bool:
        """Tell whether a text marked so may be put before all parties of a pact; count what forbids it."""
        for to in forum.list_others(marking.originator):
            said = forum.decide(marking, holder=marking.originator, to=to, at=at)
            if not isinstance(said, Permit):
                reason = said.reason.value if isinstance(said, Withheld) else NO_CONSENT
                self.texts_withheld[f"{said.clause}: {reason}"] += 1
                return False
        return True


def _nearness(said: Withheld) -> int:
    return _NEARNESS.index(said.reason) if said.reason in _NEARNESS else -1
