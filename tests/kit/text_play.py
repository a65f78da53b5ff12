"""Plays what three parties may do with a text, in whatever order, cut off or not."""

from dataclasses import dataclass

from hypothesis import strategies as st

from comity.base.names import Party
from comity.procedure.adoption import TextState, fold_text
from comity.procedure.bracket import BracketLifted, Passage, PassageBracketed, PassageWorded
from comity.procedure.entry import Entry
from comity.procedure.scope import Scope
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
from comity.procedure.text_view import find_unwitnessed
from kit.stating import ALL, POLICY, ROLE, Room, minute, words

__all__ = ["ANY_MOVE", "MOVES", "ROUND", "Move", "Play"]

VERBS = (
    "propose", "ask", "extend", "receive", "hold", "lift", "break", "keep", "agree", "see", "hand", "take", "withdraw",
    "cut", "mend", "bracket", "word", "unbracket",
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
    Move,
    PARTY,
    st.sampled_from(("receive", "keep", "agree", "see", "break", "hold", "bracket", "unbracket")),
    st.integers(0, 20),
    st.just(0),
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
        if move.verb in ("word", "unbracket"):
            rows = [row for row in self.room.said if isinstance(row.entry, PassageBracketed)]
            if not rows:
                return None
            bracket = rows[move.number % len(rows)].id
            return (
                BracketLifted(text, bracket) if move.verb == "unbracket" else PassageWorded(text, bracket, words("x"))
            )
        return self.entry_on_round(move, at, state)

    def entry_on_round(self, move: Move, at: int, state: TextState) -> Entry | None:
        if not state.rounds:
            return None
        text = self.opened.id
        opening = state.rounds[-1 - move.number % len(state.rounds)].opening
        version, until_at = opening.version, opening.until_at or 0
        match move.verb:
            case "bracket":
                end = 1 + move.number % 14
                languages = ("en",) if move.number % 5 else ("en", "ja")
                passages = tuple(Passage(language, move.number % 3 % end, end) for language in languages)
                return PassageBracketed(text, version, passages)
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
