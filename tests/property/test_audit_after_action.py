"""Two readings of E48 to E50 agree: the fold of adopted reports and their duties, and the audit's own."""

import random

from hypothesis import given
from hypothesis import strategies as st

from comity.audit.procedures.after_action import list_corrective_actions, view_after_action
from comity.audit.procedures.scope import group
from comity.procedure.after_action import ActionCompleted, CorrectiveAction, ReportAdopted, ReportAdoptionJoined
from comity.procedure.entry import Entry
from comity.procedure.receipt import NO_LINKS
from comity.procedure.record import Record
from comity.procedure.stated import Standing
from comity.rehearsal.checks.shown import show_duties, show_objects
from kit.second_folds import say_again
from kit.stating import POLICY, Room, minute, shuffled

REPORT = b"\x52" * 32
BY = ("principal", "p-1")


@given(st.integers(0, 2**32))
def test_both_read_adopted_reports_alike(seed: int) -> None:
    """Who adopted, what is owed by whom since, what was done and by when."""
    draw = random.Random(seed)
    room = Room(draw.choice((("JPN", "USA"), ("JPN", "KOR", "USA"))))
    actions = tuple(
        CorrectiveAction(number, draw.choice(("JPN", "KOR", "USA")), minute(draw.randint(0, 40)))
        for number in sorted(draw.sample(range(1, 9), draw.randint(0, 4)))
    )
    opened = room.say("JPN", ReportAdopted("spring", REPORT, "C10", actions, *BY), minute(0)).id
    for at in range(1, draw.randint(2, 20)):
        ref = opened if draw.random() < 0.95 else b"\x09" * 32
        joined = ReportAdoptionJoined(ref, draw.choice((REPORT, REPORT, bytes(32))), *BY)
        entries: list[Entry] = [joined, ActionCompleted(ref, draw.randint(1, 9), (), *BY)]
        standing = draw.choice([Standing.GOOD] * 9 + [Standing.DISPUTED])
        room.say(draw.choice(room.audience), draw.choice(entries), minute(at), standing=standing)
    record = Record(POLICY)
    record.take(shuffled(room.said, seed))
    as_of = minute(draw.randint(0, 50))
    shown = show_objects(record, POLICY, lambda _: NO_LINKS, as_of=as_of)
    duties = list(show_duties(record, (), lambda _: POLICY, lambda _: NO_LINKS, as_of=as_of))
    scopes = group(say_again(room.said))
    assert shown == {scope: view_after_action(scope, rows) for scope, rows in scopes.items()}
    theirs = [
        duty for scope, rows in sorted(scopes.items()) for duty in list_corrective_actions(scope, rows, as_of=as_of)
    ]
    assert duties == theirs
