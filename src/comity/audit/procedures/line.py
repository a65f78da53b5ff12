"""Line tests of the hotline: what was answered, by whom, and what was missed (P29, P30)."""

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from comity.audit.procedures.correction import correct
from comity.audit.procedures.forms_line import (
    LineTestAnsweredByMachine,
    LineTestAnsweredByPerson,
    LineTestSent,
)
from comity.audit.procedures.said import Said
from comity.audit.procedures.scope import Scope
from comity.audit.procedures.text import order_own
from comity.base.names import Audience, Party
from comity.pact.policy import LineTest

__all__ = ["LineShown", "LineState", "Miss", "find_misses", "judge_line"]


_Answer = LineTestAnsweredByMachine | LineTestAnsweredByPerson


class LineShown(enum.Enum):
    """P30, of one party in one slot."""

    PERSON = "person"
    MACHINE = "machine"
    PENDING = "pending"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot that was tested, with every answer to one of its tests by another party, by author in his order."""

    slot_at: int
    tests: tuple[Said, ...]
    answers: Mapping[Party, tuple[tuple[LineShown, Said], ...]]

    def show(self, party: Party, policy: LineTest, *, as_of: int) -> LineShown | None:
        """Return what is shown of a party, None where nobody else tested."""
        others = [said.at for said in self.tests if said.author != party]
        if not others:
            return None
        given = {shown for shown, _ in self.answers.get(party, ())}
        if given:
            return LineShown.PERSON if LineShown.PERSON in given else LineShown.MACHINE
        return LineShown.PENDING if as_of <= min(others) + policy.answer_within_ms else LineShown.UNKNOWN

    def list_answers(self, party: Party, test: Said) -> list[tuple[LineShown, Said]]:
        """Return a party's answers to one test."""
        given = self.answers.get(party, ())
        return [row for row in given if isinstance(row[1].entry, _Answer) and row[1].entry.test == test.id]


@dataclass(frozen=True, slots=True)
class LineState:
    """One channel on one day, as one audience knows it."""

    scope: Scope
    channel: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Miss:
    """P30: a party missed so many tested slots in a row. It names no cause."""

    channel: str
    audience: Audience
    party: Party
    slots_at: tuple[int, ...]


def judge_line(scope: Scope, statements: Sequence[Said]) -> LineState:
    """Judge one channel's day from all statements about it."""
    good = [said for said in correct(statements).statements if said.is_good]
    tests = {said.id: said for said in good if isinstance(said.entry, LineTestSent)}
    sent: defaultdict[int, list[Said]] = defaultdict(list)
    for said in tests.values():
        assert isinstance(said.entry, LineTestSent)
        sent[said.entry.slot_at].append(said)
    answered: defaultdict[int, dict[Party, list[tuple[LineShown, Said]]]] = defaultdict(dict)
    for own in order_own(good).values():
        for said in own:
            test = tests.get(said.entry.test) if isinstance(said.entry, _Answer) else None
            if test is not None and test.author != said.author:
                by_person = isinstance(said.entry, LineTestAnsweredByPerson)
                shown = LineShown.PERSON if by_person else LineShown.MACHINE
                answered[_slot_of(test)].setdefault(said.author, []).append((shown, said))
    slots = (Slot(at, tuple(sent[at]), {who: tuple(rows) for who, rows in answered[at].items()}) for at in sorted(sent))
    return LineState(scope, _name_channel(scope), tuple(slots))


def _name_channel(scope: Scope) -> str:
    return scope.ref.decode().rpartition("/")[0]


def _slot_of(said: Said) -> int:
    assert isinstance(said.entry, LineTestSent)
    return said.entry.slot_at


def find_misses(days: Iterable[tuple[LineState, LineTest]], *, as_of: int) -> Iterator[Miss]:
    """Yield each run of unknown slots that is long enough to be a finding (P30), over all days of a channel.

    Each day comes with the policy that it is under; a run is as long as that of its last slot asks.
    """
    lines: defaultdict[tuple[str, Audience], list[tuple[Slot, LineTest]]] = defaultdict(list)
    for state, policy in days:
        lines[state.channel, state.scope.audience] += ((slot, policy) for slot in state.slots)
    for (channel, audience), slots in sorted(lines.items(), key=lambda row: row[0]):
        ordered = sorted(slots, key=lambda row: row[0].slot_at)
        for party in audience:
            for run in _runs(ordered, party, as_of=as_of):
                if len(run) >= run[-1][1].miss_count_finding:
                    yield Miss(channel, audience, party, tuple(slot.slot_at for slot, _ in run))


def _runs(slots: Iterable[tuple[Slot, LineTest]], party: Party, *, as_of: int) -> Iterator[list[tuple[Slot, LineTest]]]:
    run: list[tuple[Slot, LineTest]] = []
    for slot, policy in slots:
        shown = slot.show(party, policy, as_of=as_of)
        if shown is LineShown.UNKNOWN:
            run.append((slot, policy))
        elif shown is not None:
            if run:
                yield run
            run = []
    if run:
        yield run
