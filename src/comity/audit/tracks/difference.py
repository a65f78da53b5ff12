"""Why two parties' pictures of one instant differ, report by report, each with the clause that made it so (W52, W73).

Derived from kept pages and the record alone: who was told a report is seen by the journals that it lies in, who might
be told it by the audit's own funnel (`told`). An author is answered for his own reports only, and by what he himself
told; an auditor for all that is in the records.
"""

import enum
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from comity.audit.claims import RawBlock
from comity.audit.tracks.block import Less, read_block
from comity.audit.tracks.told import Basis, Ruling
from comity.base.instants import MINUTE_MS
from comity.base.names import Party
from comity.pact.track import TrackClass

__all__ = ["Differing", "Why", "find_differences", "find_ruling", "list_held"]

_AGAIN_MS = 15 * MINUTE_MS
"""How much longer than its class's `dropped_after_ms` the life of a track goes on (W42)."""


class Why(enum.Enum):
    """What made two pictures differ."""

    WITHHELD = "withheld"
    COARSENED = "coarsened"
    NOT_THERE = "not-there"


class Differing(NamedTuple):
    """One report that `lacks` does not have, or has worse; `clause` is empty for what has not come."""

    class_: str
    author: Party
    track: int
    number: int
    """Of a single observation; 0 of a track."""
    lacks: Party
    why: Why
    clause: str


class _Name(NamedTuple):
    class_: str
    author: Party
    track: int
    number: int


class _Report(NamedTuple):
    at: int
    number: int
    is_full: bool
    less: Less | None


def find_differences(
    blocks: Iterable[RawBlock], basis: Basis, *, one: Party, other: Party, at: int, reader: Party | None = None
) -> tuple[Differing, ...]:
    """Return what of two parties' reports at an instant differs, in order.

    `blocks` are those that count (`Report.blocks`). With `reader`, the author who asks, only his own reports are looked
    at, and whoever he told one is taken to have it.
    """
    held = {party: _find_last(list_held(blocks, party, at=at, reader=reader), basis, at) for party in (one, other)}
    found = [
        differing
        for has, lacks in ((one, other), (other, one))
        for differing in _compare(held[has], held[lacks], lacks, basis, at)
    ]
    return tuple(sorted(set(found), key=lambda of: (*of[:5], of.why.value)))


def list_held(blocks: Iterable[RawBlock], party: Party, *, at: int, reader: Party | None = None) -> Iterator[RawBlock]:
    """Yield the blocks that a party had at an instant: of its journals, in its own record, written by then."""
    for raw in blocks:
        header = raw.sheet.header
        journal = header.journal
        is_told = party in journal.audience and header.written_at <= at
        if is_told and (journal.author == reader if reader else party in raw.sheet.index_by_holder):
            yield raw


def find_ruling(basis: Basis, class_: str, author: Party, to: Party, at: int) -> Ruling | None:
    """Return what an author might tell a party of a class at an instant, by what he had said last; None: not known."""
    version = basis.find_ruling_version(author, at)
    row = version.pact.find_track_class(class_)
    if row is None or to == author:
        return None
    before, after = basis.find_rulings(version, row, author, to, at=at)
    return before or after


def _find_last(raws: Iterable[RawBlock], basis: Basis, at: int) -> Mapping[_Name, _Report]:
    """Return the last report of each track, and each single observation, that is still shown."""
    found: dict[_Name, _Report] = {}
    for raw in raws:
        block, author = read_block(raw.raw), raw.sheet.header.journal.author
        columns = (block.rows["track"], block.rows["number"], block.rows["at"])
        for track, number, row_at in zip(*columns, strict=True):
            if row_at <= at:
                name = _Name(block.class_, author, track, 0 if track else number)
                report = _Report(row_at, number, block.less is None, block.less)
                held = found.get(name)
                if held is None or held[:3] < report[:3]:
                    found[name] = report
    classes = {name.author: basis.find_ruling_version(name.author, at).pact for name in found}
    return {
        name: report
        for name, report in found.items()
        if _is_shown(classes[name.author].find_track_class(name.class_), name, report, at)
    }


def _is_shown(row: TrackClass | None, name: _Name, report: _Report, at: int) -> bool:
    if row is None:
        return False
    return at - report.at <= row.dropped_after_ms + (_AGAIN_MS if name.track else 0)


def _compare(
    has: Mapping[_Name, _Report], lacks: Mapping[_Name, _Report], party: Party, basis: Basis, at: int
) -> Iterator[Differing]:
    for name, report in has.items():
        theirs = lacks.get(name)
        if theirs is None:
            yield Differing(*name, party, *_explain(find_ruling(basis, name.class_, name.author, party, at)))
        elif theirs.less is not None and theirs.less != report.less:
            yield Differing(*name, party, Why.COARSENED, theirs.less.clause)
        elif theirs.less == report.less and theirs.number < report.number:
            yield Differing(*name, party, Why.NOT_THERE, "")


def _explain(ruling: Ruling | None) -> tuple[Why, str]:
    if ruling is None or ruling.is_full:
        return Why.NOT_THERE, ""
    return (Why.COARSENED if ruling.is_told else Why.WITHHELD), ruling.clause
