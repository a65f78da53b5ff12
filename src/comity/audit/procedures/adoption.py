"""What became of a text: its cells, whether it is adopted, by whom that was witnessed, what is shown (P20 to P23)."""

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from comity.audit.procedures.cell import Cell, Outcome, find_cell
from comity.audit.procedures.forms_text import (
    SilenceBroken,
    SilenceExtended,
    SilenceHeld,
    SilenceKept,
    SilenceProposed,
    TextAdoptionSeen,
    TextOpened,
    TextVersionProposed,
)
from comity.audit.procedures.said import Knowing, Said
from comity.audit.procedures.scope import Scope
from comity.audit.procedures.text import Course, Round, digest_of_version, follow_pen, order_own
from comity.base.names import Audience, Party
from comity.crypto.suite import Suite
from comity.pact.policy import Silence

__all__ = ["ClockDoubt", "RoundState", "TextShown", "TextState", "judge_text"]


class TextShown(enum.Enum):
    """P23."""

    AWAITING = "awaiting"
    ADOPTED = "adopted"
    SUPERSEDED = "superseded"
    BROKEN = "broken"
    DRAFT = "draft"
    RUNNING = "running"
    CLOSING = "closing"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class RoundState:
    """One round with every party's cell. `is_contested`: adopted by witness alone (P22)."""

    round: Round
    cells: Mapping[Party, Cell]
    is_adopted: bool
    is_contested: bool

    def show(self, policy: Silence, *, as_of: int) -> TextShown:
        """Return what is shown at an instant (P23)."""
        if self.is_adopted:
            return TextShown.ADOPTED
        outcomes = {cell.outcome for cell in self.cells.values()}
        until = self.round.until_at
        if Outcome.MOVED_ON in outcomes:
            return TextShown.SUPERSEDED
        is_over = until is not None and as_of > until
        held = (
            policy.hold_permitted
            and is_over
            and any(cell.holds for cell in self.cells.values() if cell.outcome is None)
        )
        if held or outcomes & {Outcome.BROKEN, Outcome.HELD_OVER}:
            return TextShown.BROKEN
        if until is None:
            return TextShown.DRAFT
        if as_of < until:
            return TextShown.RUNNING
        return TextShown.CLOSING if as_of < until + policy.skew_ms_max else TextShown.UNCONFIRMED


@dataclass(frozen=True, slots=True)
class Adopted:
    """A version that was adopted: in a round, or by the word of a witness alone."""

    version: bytes
    until_at: int | None
    is_contested: bool


@dataclass(frozen=True, slots=True)
class ClockDoubt:
    """P20: `other` is known to `kept`, and stands before its S-time by its own clock."""

    kept: Said
    other: Said
    early_ms: int


@dataclass(frozen=True, slots=True)
class TextState:
    """Everything that the record says of one text."""

    scope: Scope
    opener: Said | None
    course: Course
    rounds: tuple[RoundState, ...]
    adopted: tuple[Adopted, ...]
    doubts: tuple[ClockDoubt, ...]
    statements: tuple[Said, ...]

    def show(self, policy: Silence, *, as_of: int) -> TextShown:
        """Return what is shown of the last round at an instant (P23)."""
        if self.rounds:
            return self.rounds[-1].show(policy, as_of=as_of)
        if self.adopted:
            return TextShown.ADOPTED
        return TextShown.AWAITING if self.opener is None else TextShown.DRAFT


def judge_text(
    scope: Scope, statements: Sequence[Said], *, policy: Silence, knowing: Knowing, suite: Suite
) -> TextState:
    """Judge a text from all statements about it, of whatever standing."""
    good = order_own([said for said in statements if said.is_good])
    opener = next((said for said in statements if said.id == scope.ref and isinstance(said.entry, TextOpened)), None)
    if opener is None:
        return TextState(scope, None, Course(None, (), is_withdrawn=False), (), (), (), tuple(statements))
    course = follow_pen(opener, good, suite)
    witnessed = _Witnesses(scope.audience, statements, policy, knowing, suite).list_seen()
    rounds = tuple(
        _mark(one, {party: find_cell(one, good.get(party, ()), policy, knowing) for party in scope.audience}, witnessed)
        for one in course.rounds
    )
    in_rounds = {(one.round.version, one.round.until_at) for one in rounds if one.is_adopted}
    adopted = [Adopted(one.round.version, one.round.until_at, one.is_contested) for one in rounds if one.is_adopted]
    adopted += [Adopted(*key, is_contested=True) for key in sorted(witnessed - in_rounds, key=_rank)]
    doubts = tuple(_find_doubts(statements, knowing))
    return TextState(scope, opener, course, rounds, tuple(adopted), doubts, tuple(statements))


def _mark(round_: Round, cells: Mapping[Party, Cell], witnessed: set[tuple[bytes, int | None]]) -> RoundState:
    is_adopted = all(cell.outcome is not None and cell.outcome.is_consent for cell in cells.values())
    is_seen = (round_.version, round_.until_at) in witnessed
    return RoundState(round_, cells, is_adopted or is_seen, is_contested=is_seen and not is_adopted)


def _rank(key: tuple[bytes, int | None]) -> tuple[bytes, int]:
    return key[0], key[1] or 0


class _Witnesses:
    """P22: whose word that a version was adopted stands, whatever became of the consents since.

    The round that a witness means need not be on the pen's path any more: its version and the silence to its S-time are
    looked for in pages of any standing.
    """

    def __init__(
        self, audience: Audience, statements: Sequence[Said], policy: Silence, knowing: Knowing, suite: Suite
    ) -> None:
        self._audience = audience
        self._statements = statements
        self._by_id = {said.id: said for said in statements}
        self._policy = policy
        self._knowing = knowing
        self._suite = suite
        self._own = order_own([said for said in statements if said.is_good or not _harms(said)])

    def list_seen(self) -> set[tuple[bytes, int | None]]:
        """Return the versions and S-times of which a witness' word stands."""
        seen = [said for said in self._statements if said.is_good and isinstance(said.entry, TextAdoptionSeen)]
        return {
            (said.entry.version, said.entry.until_at or None)
            for said in seen
            if isinstance(said.entry, TextAdoptionSeen) and self._stands(said, said.entry)
        }

    def _stands(self, witness: Said, entry: TextAdoptionSeen) -> bool:
        named = [self._by_id[id_] for id_ in entry.consents if id_ in self._by_id]
        if sorted(said.author for said in named) != list(self._audience):
            return False
        doubted = [said for said in named if not said.is_good]
        if any(said.author == witness.author for said in doubted):
            return False
        if any(self._knowing.knows_fault(witness, said) for said in doubted):
            return False
        rounds = list(self._list_rounds(entry))
        return all(any(self._is_consent(said, round_) for round_ in rounds) for said in named)

    def _list_rounds(self, entry: TextAdoptionSeen) -> Iterator[Round]:
        asked = [
            said
            for said in self._statements
            if isinstance(said.entry, SilenceProposed | SilenceExtended)
            and (said.entry.version, said.entry.until_at) == (entry.version, entry.until_at)
        ]
        for said in self._statements:
            if isinstance(said.entry, TextVersionProposed) and digest_of_version(said, self._suite) == entry.version:
                yield Round(entry.version, None, 0, said, said)
                for one in asked:
                    assert isinstance(one.entry, SilenceProposed | SilenceExtended)
                    yield Round(entry.version, entry.until_at, one.entry.notice_ms, said, one)

    def _is_consent(self, said: Said, round_: Round) -> bool:
        """Judge one consent by its author's own statements up to it."""
        own = self._own.get(said.author, [])
        upto = next((index for index, one in enumerate(own) if one.id == said.id), None)
        if upto is None:
            return False
        cell = find_cell(round_, own[: upto + 1], self._policy, self._knowing)
        return cell.outcome is not None and cell.outcome.is_consent and cell.said is own[upto]


def _harms(said: Said) -> bool:
    return isinstance(said.entry, SilenceBroken | SilenceHeld)


def _find_doubts(statements: Sequence[Said], knowing: Knowing) -> Iterator[ClockDoubt]:
    """Yield the pairs of P20, one for two parties: the one that is earliest by the other's clock."""
    doubts: dict[tuple[Party, Party], ClockDoubt] = {}
    for kept in statements:
        if not isinstance(kept.entry, SilenceKept):
            continue
        until_at = kept.entry.until_at
        for other in statements:
            if other.author == kept.author or other.at >= until_at or not knowing.knows(other, kept):
                continue
            held = doubts.get((kept.author, other.author))
            if held is None or until_at - other.at > held.early_ms:
                doubts[kept.author, other.author] = ClockDoubt(kept, other, until_at - other.at)
    yield from (doubts[pair] for pair in sorted(doubts))
