"""Measures in a run: who offers what, who accepts, and whether responses are matched (R67, R68).

Where the pact obliges every party to defend and the occurrence is an armed attack, whoever owes help offers as
the scenario's people assist; else as they offer of their own accord. Matched: measures of two parties are accepted.
"""

from collections import Counter
from typing import TYPE_CHECKING

from comity.base.instants import DAY_MS, Instant
from comity.base.names import Digest, Party
from comity.procedure.entry import MarkedText, Translation
from comity.procedure.measure import (
    Instrument,
    MeasureAccepted,
    MeasureDeclined,
    MeasureOffered,
    MeasureReason,
    MeasureState,
    Terms,
)
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated
from comity.rehearsal.lean.drafting import mark_open
from comity.rehearsal.scenario.model import Act, Trigger

if TYPE_CHECKING:
    from comity.rehearsal.lean.sitting import Say, Sitting

__all__ = ["Offers"]


class Offers:
    """The measures of one sitting."""

    def __init__(self, sitting: "Sitting") -> None:
        """Nothing is offered yet."""
        self._sitting = sitting
        self.offered: list[Stated] = []
        self._offering: set[Party] = set()
        self._accepted: Counter[Digest] = Counter()
        self._done_count = 0
        self.is_matched = False

    def plan(self, party: Party, at: Instant) -> None:
        """Let a party that has taken its position offer a measure, if it will."""
        sitting = self._sitting
        if party in self._offering:
            return
        habit, is_owed = sitting.habit(party), sitting.forum.is_defence_owed and sitting.occurrence.is_attack
        percent = max(habit.assist_percent, habit.offer_percent) if is_owed else habit.offer_percent
        if sitting.draws(percent, party, "offer"):
            self._offering.add(party)
            sitting.plan(Act.OFFER, party, at, lambda now: self._offer(party, now))

    def _offer(self, party: Party, at: Instant) -> None:
        sitting = self._sitting
        marking = mark_open(sitting, party)
        if sitting.called is None or not sitting.course.releasing.may_put(sitting.forum, marking, at):
            return
        words = MarkedText(marking, (Translation("en", "What we do, where and until when."),))
        instrument = Instrument.DEPLOYMENT if sitting.occurrence.is_attack else Instrument.EXERCISE
        ends_at = Instant(at + 7 * DAY_MS)
        terms = Terms(instrument, f"unit-{party}", (), Instant(at + DAY_MS), ends_at, Instant(0), (), (), words, ())
        others = sitting.forum.list_others(party)
        stated = sitting.state(party, MeasureOffered((sitting.called.id,), others, terms), at)
        self.offered.append(stated)
        for other in others:
            sitting.reach(stated, other, self._make_hearing(stated, other))

    def _make_hearing(self, offered: Stated, party: Party) -> "Say":
        def hear(at: Instant) -> None:
            what = f"measure/{offered.author}"
            self._sitting.plan(Act.ACCEPT, party, at, lambda now: self._answer(offered, party, now), what=what)

        return hear

    def _answer(self, offered: Stated, party: Party, at: Instant) -> None:
        sitting = self._sitting
        if sitting.draws(sitting.habit(party).accept_percent, party, f"accept/{offered.author}"):
            sitting.state(party, MeasureAccepted(offered.id, offered.id), at)
        else:
            sitting.state(party, MeasureDeclined(offered.id, offered.id, MeasureReason.NOT_ABLE), at)
            return
        self._accepted[offered.id] += 1
        self._done_count += self._accepted[offered.id] == len(sitting.forum.parties) - 1
        if not self.is_matched and self._done_count > 1 and self.find_matched_at() is not None:
            self.is_matched = True
            sitting.course.trigger(Trigger.MATCHED, sitting.occurrence.name, at)

    def find_matched_at(self) -> Instant | None:
        """Return when the measures of two parties had been accepted by all whom they are coordinated with, or None."""
        forum = self._sitting.forum
        done: list[Instant] = []
        for offered in self.offered:
            state = forum.record.get_state(Scope("measure", offered.id, forum.parties))
            assert isinstance(state, MeasureState), "a measure's scope folds to a measure"
            if state.is_accepted and state.cells:
                done.append(max(cell.answer.written_at for cell in state.cells if cell.answer is not None))
        return sorted(done)[1] if len(done) > 1 else None
