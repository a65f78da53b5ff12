"""A law of the dissemination record: each item folded when something is said of it is all of it folded anew."""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.base.instants import DAY_MS, HOUR_MS, Instant
from comity.base.names import Digest
from comity.machine.dissemination import find_copies, find_copies_of, find_recalls, find_recalls_of
from comity.procedure.copies import fold_copies
from comity.procedure.recalls import fold_recalls
from kit.held import Held
from kit.recalling import Recalling
from kit.stating import shuffled


@given(st.integers(0, 2**32), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_copies_and_recalls_are_seen_as_if_folded_anew(seed: int, order: int) -> None:
    """In any order of arrival, at instants that go on and now and then go back, whatever comes into dispute."""
    played, draw, held = Recalling(seed), random.Random(order), Held()
    statements: Any = held
    waiting = shuffled(played.said, order)
    now = Instant(min(row.written_at for row in waiting))
    while waiting:
        count = draw.randint(1, 8)
        held.rows += waiting[:count]
        del waiting[:count]
        if draw.random() < 0.2:
            held.dispute(draw)
        now = Instant(max(0, now + draw.choice((0, 1, HOUR_MS, 12 * HOUR_MS, 3 * DAY_MS, -5 * HOUR_MS, -DAY_MS))))
        turns = [row.answer_by_at for row in fold_recalls(held.rows).rows]
        for as_of in (now, *(Instant(at + by) for at in draw.sample(turns, min(2, len(turns))) for by in (1, 0, -1))):
            copies, recalls = fold_copies(held.rows, as_of=as_of), fold_recalls(held.rows)
            assert find_copies(statements, as_of=as_of) == copies
            assert find_recalls(statements) == recalls
            item = Digest(draw.choice(copies).item if copies else bytes(32))
            assert find_copies_of(statements, item, as_of=as_of) == tuple(one for one in copies if one.item == item)
            assert find_recalls_of(statements, item) == tuple(one for one in recalls.rows if one.item == item)
