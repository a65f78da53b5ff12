"""Laws of the text's fold, over whatever three parties may say in whatever order, cut off or not."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.procedure.adoption import TextState, fold_text
from comity.procedure.entry import Entry
from comity.procedure.scope import Scope
from comity.procedure.silence import Cell, Consent
from comity.procedure.stated import Stated
from comity.procedure.text import (
    BreakReason,
    HoldLifted,
    PenHandedOver,
    PenTakenOver,
    SilenceBroken,
    SilenceExtended,
    SilenceHeld,
    SilenceKept,
    SilenceProposed,
    TextAgreed,
    TextKind,
    TextOpened,
    TextReceived,
    TextVersionProposed,
    TextWithdrawn,
)
from comity.procedure.text_view import TextStatus, find_refusal_to_keep, find_unwitnessed, judge_text
from kit.stating import ALL, POLICY, ROLE, Room, minute, shuffled, words

VERBS = (
    "propose", "ask", "extend", "receive", "hold", "lift", "break", "keep", "agree", "see", "hand", "take", "withdraw",
    "cut", "mend",
)  # fmt: skip


@dataclass(frozen=True)
class Move:
    """One party does one thing, so many minutes after the move before; `number` chooses among what it may choose."""

    party: Party
    verb: str
    after: int
    number: int


PARTY = st.sampled_from(ALL)
ANY_MOVE = st.builds(Move, PARTY, st.sampled_from(VERBS), st.integers(-5, 25), st.integers(0, 100))
LIKELY = st.builds(
    Move, PARTY, st.sampled_from(("receive", "keep", "agree", "see", "break", "hold")), st.integers(0, 20), st.just(0)
)
ROUND = (Move("JPN", "propose", 1, 0), Move("JPN", "ask", 1, 50), *(Move(party, "receive", 1, 0) for party in ALL))
SILENT = tuple(Move(party, "keep", 20, 0) for party in ALL)
MOVES = st.one_of(
    st.lists(ANY_MOVE, max_size=25).map(tuple),
    st.lists(LIKELY, max_size=20).map(lambda moves: (*ROUND, *moves)),
    st.tuples(st.lists(ANY_MOVE, max_size=3), st.lists(ANY_MOVE, max_size=3)).map(
        lambda parts: (*ROUND, *parts[0], Move("JPN", "receive", 60, 0), *SILENT, *parts[1])
    ),
)


class Play:
    """Plays moves in a room and remembers each statement as it was made."""

    def __init__(self, moves: tuple[Move, ...]) -> None:
        self.room = Room()
        self.opened = self.room.say("JPN", TextOpened((), TextKind.JOINT_STATEMENT, ("en",)), minute(0))
        at = 0
        for move in moves:
            at = max(0, at + move.after)
            self.play(move, at)

    def play(self, move: Move, at: int) -> None:
        if move.verb == "cut":
            self.room.cut(move.party)
        elif move.verb == "mend":
            self.room.mend(move.party)
        elif (entry := self.entry(move, at)) is not None:
            self.room.say(move.party, entry, minute(at))

    def fold(self, statements: list[Stated] | tuple[Stated, ...] | None = None) -> TextState:
        said = self.room.said if statements is None else statements
        return fold_text(Scope("text", self.opened.id, ALL), said, POLICY)

    def entry(self, move: Move, at: int) -> Entry | None:
        text, state = self.opened.id, self.fold()
        if move.verb == "hand":
            return PenHandedOver(text, ALL[move.number % 3])
        if move.verb == "take":
            handed = [row for row in self.room.said if isinstance(row.entry, PenHandedOver)]
            return PenTakenOver(text, handed[move.number % len(handed)].id) if handed else None
        if move.verb == "withdraw":
            return TextWithdrawn(text)
        if move.verb == "see":
            unseen = find_unwitnessed(state, move.party)
            return unseen[0] if unseen else None
        if move.verb == "propose":
            follows = () if state.current is None else (state.current.opening.version,)
            return TextVersionProposed(text, follows, words(f"version {move.number}"))
        return self.entry_on_round(move, at, state)

    def entry_on_round(self, move: Move, at: int, state: TextState) -> Entry | None:
        if not state.rounds:
            return None
        text = self.opened.id
        opening = state.rounds[-1 - move.number % len(state.rounds)].opening
        version, until_at = opening.version, opening.until_at or 0
        match move.verb:
            case "ask":
                return SilenceProposed(text, version, minute(at + move.number), 0)
            case "extend":
                return SilenceExtended(text, version, until_at, until_at + 1 + move.number * 60_000, 0)
            case "receive":
                return TextReceived(text, version, until_at)
            case "keep":
                return SilenceKept(text, version, until_at, minute(move.number))
            case "hold":
                return SilenceHeld(text, version, ROLE, "o1")
            case "lift":
                return HoldLifted(text, version, ROLE, "o1")
            case "break":
                return SilenceBroken(text, version, BreakReason.OBJECTION, ROLE, "o1")
            case _:
                return TextAgreed(text, version, ROLE, "o1")


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


@given(MOVES, PARTY, st.integers(0, 300), st.integers(0, 100))
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
