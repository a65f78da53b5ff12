"""What was let out of quarantine, judged again: a ground must have come that its reader provably had (R53)."""

import enum
from collections.abc import Callable, Container, Iterator, Sequence
from typing import NamedTuple

from comity.audit.procedures.copies import Unfounded
from comity.audit.procedures.forms_onward import FindingReported, QuarantineReleased
from comity.audit.procedures.forms_release import ItemGiven, ItemShared
from comity.audit.procedures.funnel import Funnel, Ground, Says
from comity.audit.procedures.received import Reach
from comity.audit.procedures.said import Said, own_order
from comity.base.names import Party

__all__ = ["QuarantineShown", "QuarantineView", "find_groundless", "judge_quarantine"]


class QuarantineShown(enum.Enum):
    """What became of an entry that its reader found should not have come."""

    REPORTED = "reported-to-its-sender"
    LET_OUT = "let-out-of-quarantine"


class QuarantineView(NamedTuple):
    """One entry and one reader that says it should not have come; `sender` is empty where the entry is not here.

    `clause` and `by` are those of the last statement on which the state rests.
    """

    entry: bytes
    sender: Party
    reader: Party
    state: str
    clause: str
    by: bytes


def judge_quarantine(statements: Sequence[Said], groundless: Container[bytes]) -> Iterator[QuarantineView]:
    """Yield what readers reported to senders or let out; `groundless` are releases that count for nothing (R53)."""
    last: dict[tuple[bytes, Party], Said] = {}
    for said in statements:
        if isinstance(said.entry, FindingReported | QuarantineReleased) and said.id not in groundless:
            key = (said.entry.entry, said.author)
            last[key] = max(last.get(key, said), said, key=_weigh)
    named = {entry for entry, _ in last}
    senders = {said.id: said.author for said in statements if said.id in named}
    for (entry, reader), said in sorted(last.items(), key=lambda row: row[0]):
        assert isinstance(said.entry, FindingReported | QuarantineReleased)
        is_out = isinstance(said.entry, QuarantineReleased)
        shown = QuarantineShown.LET_OUT if is_out else QuarantineShown.REPORTED
        yield QuarantineView(entry, senders.get(entry, ""), reader, shown.value, said.entry.clause, said.id)


def _weigh(said: Said) -> tuple[object, ...]:
    """A release outweighs a report; of several of a kind the last in its author's order counts."""
    return isinstance(said.entry, QuarantineReleased), own_order(said)


def find_groundless(
    statements: Sequence[Said], find_funnel: Callable[[Said], Funnel], reach: Reach
) -> Iterator[Unfounded]:
    """Yield each release of what could not have been given to its reader when that reader let it out.

    One whose reader's pages are not all here is passed over.
    """
    released = [said for said in statements if isinstance(said.entry, QuarantineReleased)]
    givings = {said.id: said for said in statements if isinstance(said.entry, ItemShared)} if released else {}
    for said in released:
        assert isinstance(said.entry, QuarantineReleased)
        giving = givings.get(said.entry.entry)
        if giving is None or not _has_ground(giving, said, find_funnel(said), reach):
            yield Unfounded(said, "quarantine.no-ground")


def _has_ground(giving: Said, released: Said, funnel: Funnel, reach: Reach) -> bool:
    if released.author not in giving.audience or giving.author == released.author:
        return False
    entry, at = giving.entry, reach.find_latest_at(released)
    assert isinstance(entry, ItemShared)
    if at is None:
        return True  # it cannot be told
    if isinstance(entry, ItemGiven) and any(at >= end for end in entry.expires_at):
        return False  # R37
    # What its reader let out it knew of, whether or not its own journal names the page.
    ground = Ground(at, lambda other: other is giving or reach.knows(released, other))
    answer = funnel.decide(entry.markings, item=entry.item, holder=giving.author, to=released.author, ground=ground)
    return answer.says is Says.PERMIT
