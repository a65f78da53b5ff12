"""The alarm's log: what counts of it, and what follows for the next step (docs/spec/procedure.md, P91, P92)."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.audit.procedures.known import decode_entry as decode_second
from comity.base.encoding import encode
from comity.base.errors import RemoteError, UsageError
from comity.base.instants import MINUTE_MS, Instant
from comity.machine.funnel import decode_known
from comity.procedure.alarm import (
    NO_LOG,
    AlarmEscalated,
    AlarmLog,
    CalledOut,
    Next,
    Outcome,
    find_due,
    find_next,
    fold_alarm_logs,
)
from comity.procedure.entry import Entry, EntryId
from comity.procedure.judgement import judge_received
from comity.procedure.registry import decode_entry, encode_entry
from comity.procedure.verdict import FUNNEL, Reason, Withheld
from kit.releasing import NOW, camp_david_terms, consent_check, stated

ALERT, OTHER = EntryId(bytes(32)), EntryId(bytes([1]) * 32)
WAITS_MS = (0, 2 * MINUTE_MS, 5 * MINUTE_MS)
STEP = AlarmEscalated(ALERT, 1, ("watch-officer",), ("usa-1", "usa-2"), NOW)
OUT = CalledOut(ALERT, 1, "pager", Outcome.SENT, 2, NOW)


def _step(number: int, at: int) -> AlarmEscalated:
    return AlarmEscalated(ALERT, number, ("watch-officer",), (), at)


def test_only_a_note_to_oneself_counts() -> None:
    """What another party says of its alarm, or tells others, is nothing that anybody reads."""
    own = [stated(entry, author="USA", audience=("USA",)) for entry in (STEP, OUT)]
    told = stated(_step(2, NOW), author="USA", audience=("JPN", "USA"))
    assert fold_alarm_logs([told, *own]) == {ALERT: AlarmLog((STEP,), (OUT,))}


@pytest.mark.parametrize("entry", [STEP, OUT])
@pytest.mark.parametrize("audience", [("JPN", "USA"), ("JPN", "KOR", "USA")])
def test_it_leaves_by_no_clause(entry: Entry, audience: tuple[str, ...]) -> None:
    """Who is on watch, and who slept, is told to no other party: it has no marking."""
    leaked = stated(entry, author="USA", audience=audience)
    flags = judge_received(leaked, stated=[], terms=camp_david_terms(), check=consent_check(), decode=decode_known)
    assert [flag.party for flag in flags] == [party for party in audience if party != "USA"]
    assert {flag.decision for flag in flags} == {Withheld(FUNNEL, Reason.UNMARKED)}


@given(st.permutations([_step(1, NOW + 5), _step(1, NOW), _step(2, NOW + 9), OUT,
                        CalledOut(ALERT, 1, "pager", Outcome.FAILED, 5, NOW - 1),
                        AlarmEscalated(OTHER, 1, (), (), NOW)]))  # fmt: skip
def test_the_fold_asks_for_no_order(entries: list[Entry]) -> None:
    """The first of each step counts; what was once sent was sent; each alert has its own."""
    logs = fold_alarm_logs(stated(entry, author="USA", audience=("USA",)) for entry in [*entries, *entries])
    assert [(step.step, step.called_at) for step in logs[ALERT].steps] == [(1, NOW), (2, NOW + 9)]
    assert logs[ALERT].find_callout(1, "pager") == OUT
    assert logs[ALERT].find_callout(2, "pager") is None
    assert len(logs[OTHER].steps) == 1


@pytest.mark.parametrize(
    ("log", "after_ms", "due"),
    [
        (NO_LOG, 0, (1,)),
        (AlarmLog((_step(1, NOW),)), 0, ()),
        (AlarmLog((_step(1, NOW),)), 2 * MINUTE_MS - 1, ()),
        (AlarmLog((_step(1, NOW),)), 2 * MINUTE_MS, (2,)),
        (AlarmLog((_step(1, NOW),)), 60 * MINUTE_MS, (2, 3)),
        (AlarmLog((_step(1, NOW), _step(2, NOW))), 60 * MINUTE_MS, (3,)),
        (AlarmLog((_step(1, NOW), _step(3, NOW))), 60 * MINUTE_MS, ()),
        (AlarmLog((_step(1, NOW),)), -5 * MINUTE_MS, ()),
    ],
)
def test_each_step_has_its_time(log: AlarmLog, after_ms: int, due: tuple[int, ...]) -> None:
    """The first at once, the others counted from it; what was missed while the node was down is due when it is up."""
    assert find_due(WAITS_MS, log, at=Instant(NOW + after_ms)) == due


def test_a_ladder_without_steps_calls_nobody() -> None:
    """Where nobody is to be called, nothing is due and nothing comes next."""
    assert find_due((), NO_LOG, at=NOW) == ()
    assert find_next((), AlarmLog((_step(1, NOW),))) is None


def test_the_next_step_is_told_with_its_instant() -> None:
    """Counted from the first; none before the first was taken, none after the last."""
    assert find_next(WAITS_MS, NO_LOG) is None
    assert find_next(WAITS_MS, AlarmLog((_step(1, NOW),))) == Next(2, Instant(NOW + 2 * MINUTE_MS))
    assert find_next(WAITS_MS, AlarmLog((_step(1, NOW), _step(2, NOW)))) == Next(3, Instant(NOW + 5 * MINUTE_MS))
    assert find_next(WAITS_MS, AlarmLog(tuple(_step(number, NOW) for number in (1, 2, 3)))) is None


@pytest.mark.parametrize("entry", [STEP, OUT, AlarmEscalated(ALERT, 32, (), (), NOW)])
def test_it_is_read_twice_alike(entry: Entry) -> None:
    """By the node and by the audit, with the same fields; it binds, is not procedural, and nobody corrects it (P4)."""
    raw = encode_entry(entry)
    assert decode_entry(raw) == entry
    second = decode_second(type(entry).__name__, raw)
    assert second is not None
    for name in entry.__struct_fields__:
        value = getattr(entry, name)
        assert getattr(second, name) == (value.value if isinstance(value, Outcome) else value)
    assert entry.binding
    assert not entry.procedural
    assert second.binds
    assert not second.is_procedural


@pytest.mark.parametrize(
    "raw",
    [
        encode(["AlarmEscalated", ALERT, 0, [], [], int(NOW)]),
        encode(["AlarmEscalated", ALERT, 33, [], [], int(NOW)]),
        encode(["AlarmEscalated", ALERT, 1, ["b", "a"], [], int(NOW)]),
        encode(["AlarmEscalated", ALERT, 1, [], ["x", "x"], int(NOW)]),
        encode(["AlarmEscalated", ALERT, 1, ["no prose here"], [], int(NOW)]),
        encode(["AlarmEscalated", ALERT, 1, [], [f"o{number:02}" for number in range(65)], int(NOW)]),
        encode(["CalledOut", ALERT, 1, "pager", "maybe", 1, int(NOW)]),
        encode(["CalledOut", ALERT, 1, "pager", "sent", 0, int(NOW)]),
        encode(["CalledOut", ALERT, 1, "pager", "sent", 256, int(NOW)]),
    ],
)
def test_another_form_is_none(raw: bytes) -> None:
    """Both readers refuse a step, a set, a name, an outcome or a count out of its bounds."""
    with pytest.raises((UsageError, RemoteError)):
        decode_entry(raw)
    name = "AlarmEscalated" if b"AlarmEscalated" in raw else "CalledOut"
    assert decode_second(name, raw) is None


def test_every_order_of_steps_is_one_ladder() -> None:
    """Taking what is due, at whatever instants one looks, takes each step once and in order."""
    for looks in itertools.combinations((0, 1, 2, 3, 5, 8), 3):
        log = NO_LOG
        taken: list[int] = []
        for minute in (0, *looks, 9):
            due = find_due(WAITS_MS, log, at=Instant(NOW + minute * MINUTE_MS))
            taken += due
            log = AlarmLog((*log.steps, *(_step(number, NOW + minute * MINUTE_MS) for number in due)))
        assert taken == [1, 2, 3]
