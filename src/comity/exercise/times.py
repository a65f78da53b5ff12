"""How long each party took while an exercise was played: to acknowledge, to convene, to agree a text, to match.

Rules (docs/spec/exercise.md, E45)
- Drawn from the journal alone. All of it is exercise time: what passed while the clock stood does not count.
- A text and a measure under a call that was made in the play count from that call, others from when they were opened.
- Whoever did not do it by the end has a row all the same.
"""

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from comity.base.names import Party
from comity.procedure.call import Acknowledged, ConsultationCalled, ConsultationConvened
from comity.procedure.entry import Entry
from comity.procedure.measure import MeasureAccepted, MeasureOffered
from comity.procedure.own import shown_order
from comity.procedure.play import ExerciseState
from comity.procedure.stated import Stated
from comity.procedure.text import SilenceKept, TextAgreed, TextOpened

__all__ = ["TIMED", "Measured", "Taken", "Typical", "find_typical", "list_taken"]


class Measured(enum.StrEnum):
    """What is timed."""

    ACKNOWLEDGE = "acknowledge"
    CONVENE = "convene"
    AGREE = "agree-text"
    MATCH = "match-measure"


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a party took to do one thing about one object. `after_ms` is -1 where it did not; `by` is then empty."""

    measured: Measured
    about: str
    party: str
    since_ms: int
    after_ms: int
    by: str


class Typical(msgspec.Struct, frozen=True, kw_only=True):
    """A party's times of one kind: how often asked, how often done; median (the lower of two) and longest, or -1."""

    measured: Measured
    party: str
    count: int
    done: int
    median_ms: int
    longest_ms: int


_OPENS: Final[Mapping[type[Entry], tuple[Measured, ...]]] = {
    ConsultationCalled: (Measured.ACKNOWLEDGE, Measured.CONVENE),
    TextOpened: (Measured.AGREE,),
    MeasureOffered: (Measured.MATCH,),
}
_DOES: Final[Mapping[type[Entry], tuple[Measured, str]]] = {
    Acknowledged: (Measured.ACKNOWLEDGE, "consultation"),
    ConsultationConvened: (Measured.CONVENE, "consultation"),
    TextAgreed: (Measured.AGREE, "text"),
    SilenceKept: (Measured.AGREE, "text"),
    MeasureAccepted: (Measured.MATCH, "measure"),
}
TIMED: Final = (*_OPENS, *_DOES)
"""What the times are drawn from."""


def list_taken(state: ExerciseState, statements: Iterable[Stated]) -> tuple[Taken, ...]:
    """Return what each party took, in the order in which things were opened."""
    played = [row for row in _list_played(state, statements) if row[0].audience == state.scope.audience]
    opened_ms: dict[bytes, int] = {row.id: time_ms for row, time_ms in played if type(row.entry) in _OPENS}
    first: dict[tuple[Measured, bytes, Party], tuple[int, Stated]] = {}
    for row, time_ms in played:
        if type(row.entry) in _DOES:
            measured, field = _DOES[type(row.entry)]
            first.setdefault((measured, getattr(row.entry, field), row.author), (time_ms, row))
    found = []
    for row, time_ms in played:
        for measured in _OPENS.get(type(row.entry), ()):
            since_ms = _find_since(row.entry, time_ms, opened_ms)
            for party in _list_asked(row, measured, state.scope.audience):
                done = first.get((measured, row.id, party))
                if done is None and measured is Measured.CONVENE:
                    continue  # any party may convene, none must
                found.append(
                    Taken(
                        measured=measured,
                        about=row.id.hex(),
                        party=party,
                        since_ms=since_ms,
                        after_ms=-1 if done is None else max(0, done[0] - since_ms),  # clocks may differ
                        by="" if done is None else done[1].id.hex(),
                    )
                )
    return tuple(found)


def _list_played(state: ExerciseState, statements: Iterable[Stated]) -> Iterator[tuple[Stated, int]]:
    """Yield what was stated from the start to the end, with its exercise time (E24)."""
    for row in sorted(statements, key=shown_order):
        time_ms = state.find_played(row.written_at)
        if row.counts and time_ms is not None:
            yield row, time_ms


def _find_since(entry: Entry, time_ms: int, opened_ms: Mapping[bytes, int]) -> int:
    under = entry.consultation if isinstance(entry, TextOpened | MeasureOffered) else ()
    return min([time_ms, *(opened_ms[id_] for id_ in under if id_ in opened_ms)])


def _list_asked(row: Stated, measured: Measured, audience: Sequence[Party]) -> Sequence[Party]:
    if measured is Measured.ACKNOWLEDGE:
        return [party for party in audience if party != row.author]
    if isinstance(row.entry, MeasureOffered):
        return [party for party in row.entry.coordinated_with if party != row.author]
    return audience


def find_typical(taken: Iterable[Taken]) -> tuple[Typical, ...]:
    """Return each party's times of each kind in one row."""
    grouped: dict[tuple[Measured, str], list[Taken]] = {}
    for row in taken:
        grouped.setdefault((row.measured, row.party), []).append(row)
    found = []
    for measured in Measured:
        for _, party in sorted(key for key in grouped if key[0] is measured):
            rows = grouped[measured, party]
            times = sorted(row.after_ms for row in rows if row.after_ms >= 0)
            median_ms = times[(len(times) - 1) // 2] if times else -1
            found.append(
                Typical(
                    measured=measured,
                    party=party,
                    count=len(rows),
                    done=len(times),
                    median_ms=median_ms,
                    longest_ms=times[-1] if times else -1,
                )
            )
    return tuple(found)
