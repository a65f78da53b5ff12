"""The alarm's log folded twice: by the node's code and by the audit's, from the same statements (P91, P92)."""

import random

from hypothesis import given
from hypothesis import strategies as st

from comity.audit.procedures.alarm import judge_alarms
from comity.base.instants import Instant
from comity.procedure.alarm import AlarmEscalated, CalledOut, Outcome, fold_alarm_logs
from comity.procedure.entry import Entry
from kit.second_folds import say_again
from kit.stating import Room, minute

ALERTS = st.sampled_from((b"a" * 32, b"b" * 32))
STEPS = st.integers(1, 4)
INSTANTS = st.integers(1, 50).map(Instant)
NOTES = st.one_of(
    st.builds(AlarmEscalated, ALERTS, STEPS, st.just(("director",)), st.just(("duty-1",)), INSTANTS),
    st.builds(CalledOut, ALERTS, STEPS, st.sampled_from(("mail", "pager")), st.sampled_from(Outcome),
              st.integers(1, 5), INSTANTS),
)  # fmt: skip
READERS = st.sampled_from((("JPN",), ("JPN",), ("JPN", "USA")))


@given(st.lists(st.tuples(NOTES, READERS), max_size=12), st.randoms(use_true_random=False))
def test_the_audit_folds_the_notes_as_the_node_does(
    rows: list[tuple[Entry, tuple[str, ...]]], order: random.Random
) -> None:
    """Any notes, in any order, some of them where others read them: which count for nothing."""
    rooms = {readers: Room(readers) for _, readers in rows}
    stated = [rooms[readers].say("JPN", entry, minute(number)) for number, (entry, readers) in enumerate(rows)]
    order.shuffle(stated)
    logs = fold_alarm_logs(stated)
    own = {
        bytes(alert): (
            tuple((step.step, int(step.called_at)) for step in log.steps),
            tuple((row.step, row.callout, row.outcome.value, int(row.ended_at)) for row in log.callouts),
        )
        for alert, log in logs.items()
    }
    assert {view.alert: (view.steps, view.means) for view in judge_alarms(say_again(stated))} == own
