"""Laws of the text's fold, over whatever three parties may say in whatever order, cut off or not."""

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.procedure.silence import Cell, Consent
from comity.procedure.text import (
    SilenceKept,
    TextReceived,
)
from comity.procedure.text_view import TextStatus, find_refusal_to_keep, judge_text
from kit.stating import ALL, POLICY, minute, shuffled
from kit.text_play import MOVES, Move, Play


@given(MOVES, st.integers(0, 1000))
@settings(max_examples=150, deadline=None)
def test_any_order_and_repetition_fold_alike(moves: tuple[Move, ...], seed: int) -> None:
    """The state is a function of the set of statements."""
    play = Play(moves)
    assert play.fold(shuffled(play.room.said, seed)) == play.fold()


@given(MOVES)
@settings(max_examples=150, deadline=None)
def test_another_partys_word_never_changes_ones_own_cell(moves: tuple[Move, ...]) -> None:
    """Whatever a party adds, no other party's cell in a round that was there before moves."""
    play = Play(moves)
    before: dict[tuple[Digest, Instant | None, Party], Cell] = {}
    for end in range(1, len(play.room.said) + 1):
        newest, state = play.room.said[end - 1], play.fold(play.room.said[:end])
        cells = {
            (held.opening.version, held.opening.until_at, cell.party): cell
            for held in state.rounds
            for cell in held.cells
        }
        for key, cell in cells.items():
            if key[2] != newest.author and key in before:
                assert cell == before[key]
        before = cells


@given(MOVES)
@settings(max_examples=200, deadline=None)
def test_silence_counts_only_with_a_receipt_in_time(moves: tuple[Move, ...]) -> None:
    """Who is held to have kept silence had stated, the notice before S and in its own chain, that it had the text."""
    play = Play(moves)
    for held in play.fold().rounds:
        for cell in held.cells:
            if cell.outcome is not Consent.KEPT:
                continue
            assert cell.stated_by is not None
            assert held.opening.until_at is not None
            receipts = [
                row
                for row in play.room.said
                if row.author == cell.party
                and isinstance(row.entry, TextReceived)
                and row.entry.version == held.opening.version
                and row.page < cell.stated_by.page
                and row.written_at <= held.opening.until_at - POLICY.silence_window_ms_min
            ]
            assert receipts
            assert cell.stated_by.written_at >= held.opening.until_at + POLICY.silence_skew_ms_max or any(
                row.written_at >= held.opening.until_at + POLICY.silence_skew_ms_max
                for row in play.room.said
                if row.author == cell.party and row.page < cell.stated_by.page
            )


@given(MOVES)
@settings(max_examples=150, deadline=None)
def test_what_was_adopted_stays_adopted(moves: tuple[Move, ...]) -> None:
    """Along every growth of the record in which no page is disputed, no adoption is ever lost."""
    play = Play(moves)
    held: set[tuple[Digest, Instant | None]] = set()
    for end in range(1, len(play.room.said) + 1):
        found = {(done.version, done.until_at) for done in play.fold(play.room.said[:end]).adoptions}
        versions = {version for version, _ in found}
        assert all((version, until_at) in found or version in versions for version, until_at in held)
        held = found


@given(MOVES, st.lists(st.integers(0, 10_000), min_size=2, max_size=2))
@settings(max_examples=100, deadline=None)
def test_time_alone_adopts_nothing(moves: tuple[Move, ...], minutes: list[int]) -> None:
    """At any two instants the same statements show the same adoption."""
    state = Play(moves).fold()
    first, second = (judge_text(state, POLICY, as_of=minute(number)) for number in minutes)
    assert first.adoption == second.adoption
    assert (first.status is TextStatus.ADOPTED) == (second.status is TextStatus.ADOPTED)


@given(MOVES, st.sampled_from(ALL), st.integers(0, 300), st.integers(0, 100))
@settings(max_examples=200, deadline=None)
def test_what_a_node_may_sign_is_what_others_count(
    moves: tuple[Move, ...], party: Party, after: int, up_since: int
) -> None:
    """A node's own check and everyone's judgement agree, if its clock is not behind what it has said before."""
    play = Play(moves)
    play.room.mend(party)
    state = play.fold()
    if state.current is None or state.current.opening.until_at is None:
        return
    latest = max((row.written_at for row in play.room.said if row.author == party), default=minute(0))
    now = Instant(max(latest, minute(after)))
    refusal = find_refusal_to_keep(state, POLICY, party, now=now, up_since_at=minute(up_since))
    opening = state.current.opening
    kept = SilenceKept(play.opened.id, opening.version, opening.until_at or 0, minute(up_since))
    play.room.cut_off.clear()
    stated = play.room.say(party, kept, now)
    current = play.fold().current
    assert current is not None
    cell = current.cell(party)
    is_counted = cell.outcome is Consent.KEPT and cell.stated_by == stated
    assert is_counted == (refusal is None)
