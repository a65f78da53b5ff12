"""Line tests: whether the hotline works, and whether a person is there.

Rules (docs/spec/procedure.md, P29 and P30; FACTS 7)
- Slots are whole intervals of UTC, so that every node tests in the same ones without agreeing first.
- Answered by the machine and answered by a person are separate facts, and so separate entries.
- One miss is *unknown*: the line, the machine or the office, nobody can tell. Misses in a row, as many as the pact
  says, are a *finding*, which names the line, the party and the slots, and gives no reason.
- A scope is one channel's UTC day, so that a year of hourly tests is never folded again for one answer.
"""

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from comity.base.instants import DAY_MS, Instant
from comity.base.names import Audience, Party
from comity.procedure.correction import live
from comity.procedure.entry import Entry, EntryId, InstantField
from comity.procedure.fields import ClauseField, IdField
from comity.procedure.own import shown_order
from comity.procedure.policy import Policy
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated

__all__ = [
    "ENTRIES",
    "LineAnswer",
    "LinePattern",
    "LineResult",
    "LineState",
    "LineTestAnsweredByMachine",
    "LineTestAnsweredByPerson",
    "LineTestSent",
    "find_slot",
    "fold_line",
    "judge_line",
]


FindPolicy = Callable[[Scope], Policy]
"""Gives the policy that a channel's day is under."""


class LineAnswer(enum.StrEnum):
    """What is known of one party in one slot."""

    PENDING = "pending"
    UNKNOWN = "unknown"
    MACHINE = "machine"
    PERSON = "person"


class _OfLine(Entry, frozen=True):
    """What the entries of a line share; not a type of its own."""

    procedural: ClassVar[bool] = True
    belongs_to: ClassVar[tuple[str, str]] = ("line", "channel_day")


class LineTestSent(_OfLine, frozen=True):
    """Its author's scheduled test of `channel` in the slot that begins at `slot_at`."""

    channel: ClauseField
    slot_at: InstantField

    @property
    def channel_day(self) -> str:
        """The scope: the channel and the UTC day of the slot."""
        return f"{self.channel}/{self.slot_at // DAY_MS}"


class LineTestAnsweredByMachine(_OfLine, frozen=True):
    """The node had the test: the line carried it."""

    channel: ClauseField
    slot_at: InstantField
    test: EntryId

    @property
    def channel_day(self) -> str:
        """The scope, as of the test."""
        return f"{self.channel}/{self.slot_at // DAY_MS}"


class LineTestAnsweredByPerson(_OfLine, frozen=True):
    """An officer answered: somebody is there."""

    channel: ClauseField
    slot_at: InstantField
    test: EntryId
    role: IdField
    officer: IdField

    @property
    def channel_day(self) -> str:
        """The scope, as of the test."""
        return f"{self.channel}/{self.slot_at // DAY_MS}"


ENTRIES: tuple[type[Entry], ...] = (LineTestSent, LineTestAnsweredByMachine, LineTestAnsweredByPerson)


@dataclass(frozen=True, slots=True)
class LineState:
    """A channel's day: the tests, and the answers that name one of them, in the order in which they are shown."""

    scope: Scope
    channel: str
    tests: tuple[Stated, ...]
    answers: tuple[Stated, ...]


@dataclass(frozen=True, slots=True)
class LineResult:
    """One party's part in one slot: whether it sent a test itself, and how it answered the others'."""

    channel: str
    slot_at: Instant
    party: Party
    has_sent: bool
    answer: LineAnswer


@dataclass(frozen=True, slots=True)
class LinePattern:
    """So many slots in a row without any answer of this party. A finding about a line; no reason is known."""

    channel: str
    party: Party
    slots_at: tuple[Instant, ...]


def find_slot(policy: Policy, at: Instant) -> Instant:
    """Return the beginning of the slot that `at` falls into."""
    return Instant(at - at % policy.line_test_interval_ms)


def fold_line(scope: Scope, statements: Iterable[Stated], policy: Policy) -> LineState:
    """Fold one channel's day; an answer to a test that is not here waits."""
    del policy
    rows = sorted((row for row in live(statements) if row.counts), key=shown_order)
    tests = tuple(row for row in rows if isinstance(row.entry, LineTestSent))
    by_id: dict[bytes, Stated] = {test.id: test for test in tests}
    answers = tuple(
        row for row in rows if (test := by_id.get(_find_test(row))) is not None and test.author != row.author
    )
    return LineState(scope, scope.ref.decode().rpartition("/")[0], tests, answers)


def _find_test(row: Stated) -> bytes:
    entry = row.entry
    return entry.test if isinstance(entry, LineTestAnsweredByMachine | LineTestAnsweredByPerson) else b""


def judge_line(
    states: Iterable[LineState], policy: Policy | FindPolicy, *, as_of: Instant, judge_day: "JudgeDay | None" = None
) -> tuple[tuple[LineResult, ...], tuple[LinePattern, ...]]:
    """Return what is known of each slot in which a test was sent, and the patterns of misses of each audience.

    A slot nobody tested says nothing of anyone; that the test itself is owed is a duty (`duty`). `policy` is one for
    all days, or gives that of each day (P36). `judge_day`: whoever has judged some of the days before.
    """
    judge = judge_day or judge_line_day
    results: dict[tuple[str, Audience, Party], list[tuple[LineResult, int]]] = {}
    for state in sorted(states, key=lambda state: state.scope):
        own = policy(state.scope) if callable(policy) else policy
        for result in judge(state, own, as_of):
            key = (result.channel, state.scope.audience, result.party)
            results.setdefault(key, []).append((result, own.line_miss_count_finding))
    rows: list[LineResult] = []
    patterns: list[LinePattern] = []
    for (channel, _, party), held in sorted(results.items()):
        in_order = sorted(held, key=lambda row: row[0].slot_at)
        rows += [result for result, _ in in_order]
        patterns += _find_patterns(channel, party, in_order)
    return tuple(rows), tuple(patterns)


JudgeDay = Callable[[LineState, Policy, Instant], Iterable[LineResult]]


def judge_line_day(state: LineState, policy: Policy, as_of: Instant) -> Iterable[LineResult]:
    """Yield what is known of each slot of a day; only another statement changes an answer that is not pending."""
    slots: dict[int, list[Stated]] = {}
    given: dict[tuple[Party, bytes], list[Entry]] = {}
    for row in state.answers:
        given.setdefault((row.author, _find_test(row)), []).append(row.entry)
    for test in state.tests:
        assert isinstance(test.entry, LineTestSent)
        slots.setdefault(test.entry.slot_at, []).append(test)
    for slot_at, tests in sorted(slots.items()):
        for party in state.scope.audience:
            asked = [test for test in tests if test.author != party]
            if asked:
                answers = [entry for test in asked for entry in given.get((party, test.id), ())]
                yield LineResult(
                    channel=state.channel,
                    slot_at=Instant(slot_at),
                    party=party,
                    has_sent=len(asked) < len(tests),
                    answer=_judge_answer(answers, asked, policy, as_of),
                )


def _judge_answer(given: list[Entry], asked: list[Stated], policy: Policy, as_of: Instant) -> LineAnswer:
    """The best of what it answered; a person's answer proves the machine's part too."""
    if any(isinstance(entry, LineTestAnsweredByPerson) for entry in given):
        return LineAnswer.PERSON
    if given:
        return LineAnswer.MACHINE
    due_at = min(test.written_at for test in asked) + policy.line_answer_within_ms
    return LineAnswer.UNKNOWN if as_of > due_at else LineAnswer.PENDING


def _find_patterns(channel: str, party: Party, rows: list[tuple[LineResult, int]]) -> Iterable[LinePattern]:
    """Yield each run that is long enough by the day of its last slot (P30); rows come with their day's count."""
    run: list[Instant] = []
    count_wanted = 0
    for row, count in [*rows, (None, 0)]:
        if row is not None and row.answer is LineAnswer.UNKNOWN:
            run.append(row.slot_at)
            count_wanted = count
            continue
        if run and len(run) >= count_wanted:
            yield LinePattern(channel, party, tuple(run))
        run = []
