"""Two readings of R45 to R49 agree: the fold of copies and recalls, and the audit that shares no code with it."""

import random

from hypothesis import event, given
from hypothesis import strategies as st

from comity.audit.procedures.copies import judge_copies
from comity.base.instants import Instant
from comity.procedure.copies import Copy, fold_copies
from comity.procedure.recalls import RecallFault, fold_recalls
from kit.recalling import Recalling
from kit.second_folds import say_again

CODES = {
    RecallFault.NOT_ORIGINATOR: "recall.not-originator",
    RecallFault.NOT_GIVER: "recall.not-giver",
    RecallFault.NO_REQUEST: "recall.no-request",
    RecallFault.OTHER_ITEM: "recall.other-item",
    RecallFault.NO_CERTIFICATE: "recall.no-certificate",
    RecallFault.NOT_REPORTED: "recall.not-reported",
    RecallFault.OTHER_COPY: "recall.other-copy",
}


def find_ground(copy: Copy) -> bytes:
    """The entry on which the state of a copy rests."""
    if copy.certificate is not None and not copy.is_reported:
        return copy.certificate
    return b"" if copy.recall is None else copy.recall.request.id


@given(st.integers(0, 2**32))
def test_both_read_copies_and_recalls_alike(seed: int) -> None:
    """Each copy with its state and ground at an instant, and each statement that counts for nothing with its code."""
    played = Recalling(seed)
    as_of = played.pick_instant()
    ours = {(row.giving, row.holder): (row.item, row.state.value, find_ground(row))
            for row in fold_copies(played.said, as_of=as_of)}  # fmt: skip
    copies, unfounded = judge_copies(say_again(played.said), as_of=as_of)
    theirs = {(row.giving, row.holder): (row.item, row.state, row.by) for row in copies}
    assert ours == theirs
    faults = {(id_, CODES[fault]) for id_, fault in fold_recalls(played.said).faults}
    assert faults == {(one.said.id, one.code) for one in unfounded}
    for state in sorted({state for _, state, _ in ours.values()}):
        event(state)
    for _, code in sorted(faults):
        event(code)


@given(st.integers(0, 2**32))
def test_order_and_repetition_change_nothing(seed: int) -> None:
    """The same set of statements gives the same copies and recalls (P1)."""
    played, draw = Recalling(seed), random.Random(seed)
    as_of = Instant(played.ends_at)
    shuffled = [*played.said, *draw.sample(played.said, len(played.said) // 2)]
    draw.shuffle(shuffled)
    assert fold_copies(shuffled, as_of=as_of) == fold_copies(played.said, as_of=as_of)
    assert fold_recalls(shuffled).rows == fold_recalls(played.said).rows
