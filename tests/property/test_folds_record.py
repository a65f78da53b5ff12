"""Laws of the record: whatever comes, in whatever pieces and order, every question is answered alike."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.base.names import Party
from comity.procedure.call import (
    Acknowledged,
    CallDeclined,
    ConclusionStated,
    ConsultationCalled,
    DeclineReason,
    Outcome,
)
from comity.procedure.correction import CorrectionReason, EntryCorrected, EntryWithdrawn
from comity.procedure.entry import Entry
from comity.procedure.fields import Level
from comity.procedure.measure import (
    MeasureAccepted,
    MeasureAmended,
    MeasureDeclined,
    MeasureOffered,
    MeasureReason,
    MeasureStarted,
    MeasureWithdrawn,
)
from comity.procedure.position import Position, PositionStated
from comity.procedure.record import Record
from comity.procedure.registry import encode_entry
from comity.procedure.stated import Standing
from comity.procedure.threat import ThreatKind
from kit.measuring import terms
from kit.stating import ALL, POLICY, ROLE, Room, minute

MOVE = st.tuples(st.sampled_from(ALL), st.integers(0, 11), st.integers(0, 50), st.sampled_from(Standing))
MOVES = st.lists(MOVE, max_size=25)


def entry_of(number: int, cited: bytes) -> Entry:
    """One of a dozen entries, about whatever was cited: the wrong kind of object too, as a liar would."""
    acknowledged = Acknowledged(cited, ROLE, "o1")
    makers: tuple[Entry, ...] = (
        ConsultationCalled("C1", Level.WATCH, ThreatKind.OTHER, (), ()),
        acknowledged,
        CallDeclined(cited, DeclineReason.NOT_STATED),
        PositionStated(cited, cited, Position.SUPPORT, 0),
        ConclusionStated(cited, Outcome.NO_ACTION),
        EntryWithdrawn(cited, CorrectionReason.MISTAKE),
        EntryCorrected(cited, CorrectionReason.MISTAKE, encode_entry(acknowledged)),
        MeasureOffered((cited,), ("KOR", "USA"), terms()),
        MeasureAccepted(cited, cited),
        MeasureDeclined(cited, cited, MeasureReason.NOT_ABLE),
        MeasureAmended(cited, terms(actor="fleet-2")),
        MeasureStarted(cited) if cited[0] % 2 else MeasureWithdrawn(cited, MeasureReason.NOT_NEEDED),
    )
    return makers[number]


def play(moves: list[tuple[Party, int, int, Standing]]) -> Room:
    """Each move states one entry about one of the entries before it."""
    room = Room()
    for at, (party, number, pick, standing) in enumerate(moves):
        cited = room.said[pick % len(room.said)].id if room.said else b"\x09" * 32
        room.say(party, entry_of(number, cited), minute(at), standing=standing)
    return room


def answers(record: Record) -> list[object]:
    """Every scope with its statements and state."""
    found: list[object] = [record.list_awaiting()]
    for kind in ("consultation", "measure"):
        for scope in record.list_scopes(kind):
            found += [scope, record.list_statements(scope), record.get_state(scope)]
    return [*found, record.list_scopes("correction")]


@given(MOVES, st.integers(0, 1000))
@settings(max_examples=200, deadline=None)
def test_one_by_one_in_any_order_is_all_at_once(moves: list[tuple[Party, int, int, Standing]], seed: int) -> None:
    """Statements taken singly, shuffled and some twice, looked at in between, give what one take gives."""
    room = play(moves)
    whole, pieces = Record(POLICY), Record(POLICY)
    whole.take(room.said)
    order = random.Random(seed)
    rows = [*room.said, *order.sample(room.said, len(room.said) // 2)]
    order.shuffle(rows)
    for row in rows:
        for scope in pieces.take([row]):
            if scope.kind in ("consultation", "measure"):
                pieces.get_state(scope)
    assert answers(pieces) == answers(whole)
