"""A text as its drafters and those who are to agree read it: versions, languages in parallel, brackets, silence.

One view over the fold of a text, its pen and its brackets, judged at the moment of asking.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from comity.api.desk import Desk
from comity.api.form import parse_id, read_words
from comity.api.pact_view import find_policy
from comity.base.errors import UsageError
from comity.base.instants import NEVER, Instant
from comity.base.names import Digest, Party
from comity.console.positions import Said, make_said
from comity.machine.machine import Machine
from comity.procedure.adoption import Round, TextState
from comity.procedure.bracket import Bracket, PassageWorded, list_brackets
from comity.procedure.entry import Marking
from comity.procedure.policy import Policy
from comity.procedure.scope import Scope
from comity.procedure.silence import Cell
from comity.procedure.stated import Stated
from comity.procedure.text import (
    SilenceBroken,
    SilenceHeld,
    TextAgreed,
    TextAmendmentProposed,
    TextOpened,
    TextVersionProposed,
)
from comity.procedure.text_view import TextStatus, TextView, judge_text

__all__ = ["Answer", "Draft", "Noted", "Segment", "Version", "find_draft", "find_drafts", "find_segments"]


@dataclass(frozen=True, slots=True)
class Version:
    """One version, by its number in the order of the pen."""

    number: int
    digest: str
    party: Party
    at: Instant
    marking: Marking
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one party came to in the round on the table: its cell, and the statement that it rests on, if there is one.

    `held` is a hold that stands. `is_broken`: a hold of its has run out unlifted, though no statement says so yet.
    """

    party: Party
    is_own: bool
    cell: Cell
    held: SilenceHeld | None
    held_at: Instant
    said: SilenceBroken | TextAgreed | None
    is_missing: bool
    is_broken: bool
    can_be_silent: bool
    """It had the version in time, so its node may sign that it kept silence."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A bracket, with the words that it stands round by language, and those that parties would put there."""

    id: str
    number: int
    party: Party
    at: Instant
    version: str
    quotes: Mapping[str, str]
    is_lifted: bool
    wordings: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """Some of a version in one language, and the brackets that it stands in, by their numbers."""

    text: str
    brackets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """One text. `now` is None while nothing is on the table."""

    id: str
    scope: Scope
    consultation: str
    opened: TextOpened
    opened_by: Stated
    holder: Party
    offered_to: Party
    handed_over: str
    view: TextView
    policy: Policy
    now: Round | None
    versions: tuple[Version, ...]
    answers: tuple[Answer, ...]
    brackets: tuple[Noted, ...]
    amendments: tuple[Said, ...]
    segments: Mapping[str, tuple[Segment, ...]]
    not_counted_count: int

    @property
    def current(self) -> Version | None:
        """The last version."""
        return self.versions[-1] if self.versions else None

    @property
    def standing(self) -> tuple[Noted, ...]:
        """The brackets of the last version that stand."""
        current = self.current
        return tuple(row for row in self.brackets if current and row.version == current.digest and not row.is_lifted)

    @property
    def is_running(self) -> bool:
        """Whether silence runs, or is being closed."""
        return self.view.status in (TextStatus.RUNNING, TextStatus.CLOSING)

    @property
    def had_by_at(self) -> Instant:
        """By when a party must have had the version for its silence to count; 0 while no silence was asked for."""
        if self.now is None or self.now.opening.until_at is None:
            return NEVER
        notice_ms = max(self.now.opening.notice_ms, self.policy.silence_window_ms_min)
        return Instant(max(0, self.now.opening.until_at - notice_ms))

    def find_version(self, number: int) -> Version | None:
        """Return a version by its number."""
        return next((version for version in self.versions if version.number == number), None)


def find_drafts(machine: Machine, scopes: Iterable[Scope], now: Instant) -> tuple[Draft, ...]:
    """Return the texts among these objects, the one that was opened last first."""
    found = (_make_draft(machine, scope, now) for scope in scopes if scope.kind == "text")
    drafts = [draft for draft in found if draft is not None]
    return tuple(sorted(drafts, key=lambda draft: (-draft.opened_by.written_at, draft.id)))


def find_draft(desk: Desk, id_: str) -> Draft:
    """Return one text by its id.

    Raises:
        UsageError: `api.malformed`, `cli.no-such-object`.
    """
    machine = desk.node.machine
    scope = machine.record.find_scope_of(parse_id(id_))
    draft = None
    if scope is not None and (scope.kind, scope.ref.hex()) == ("text", id_):
        draft = _make_draft(machine, scope, desk.node.now())
    if draft is None:
        raise UsageError("cli.no-such-object", beginning=id_[:16])
    return draft


def _make_draft(machine: Machine, scope: Scope, now: Instant) -> Draft | None:
    state = machine.record.get_state(scope)
    assert isinstance(state, TextState), "a text folds to its state"
    if state.opened is None or state.pen is None or not isinstance(state.opened.entry, TextOpened):
        return None
    policy, pen = find_policy(machine, scope), state.pen
    view = judge_text(state, policy, as_of=now)
    versions = tuple(_make_version(one.number, one.digest, one.proposed) for one in pen.versions)
    listed = tuple(enumerate(list_brackets(state), start=1))
    brackets = tuple(_make_noted(number, one, versions) for number, one in listed)
    current = versions[-1] if versions else None
    standing = [
        (number, bracket)
        for number, bracket in listed
        if current is not None and bracket.version.hex() == current.digest and not bracket.is_lifted
    ]
    return Draft(
        id=scope.ref.hex(),
        scope=scope,
        consultation=next((id_.hex() for id_ in state.opened.entry.consultation), ""),
        opened=state.opened.entry,
        opened_by=state.opened,
        holder=pen.holder or "",
        offered_to=pen.offered_to or "",
        handed_over="" if pen.handed_over is None else pen.handed_over.hex(),
        view=view,
        policy=policy,
        now=state.current,
        versions=versions,
        answers=tuple(_find_answers(machine, state, view, policy)),
        brackets=brackets,
        amendments=tuple(_find_amendments(state.amendments)),
        segments={} if current is None else _find_all_segments(current, standing),
        not_counted_count=len(pen.refused),
    )


def _make_version(number: int, digest: Digest, proposed: Stated) -> Version:
    entry = proposed.entry
    assert isinstance(entry, TextVersionProposed), "the pen's versions are proposals"
    body = entry.body
    return Version(number, digest.hex(), proposed.author, proposed.written_at, body.marking, read_words(body))


def _find_answers(machine: Machine, state: TextState, view: TextView, policy: Policy) -> Iterator[Answer]:
    if state.current is None:
        return
    for cell in sorted(state.current.cells, key=lambda one: (one.party != machine.party, one.party)):
        hold = None if cell.held_by is None else machine.record.find_statement(cell.held_by)
        held = None if hold is None else hold.entry
        said = None if cell.stated_by is None else cell.stated_by.entry
        yield Answer(
            party=cell.party,
            is_own=cell.party == machine.party,
            cell=cell,
            held=held if isinstance(held, SilenceHeld) and cell.outcome is None else None,
            held_at=Instant(0) if hold is None else hold.written_at,
            said=said if isinstance(said, SilenceBroken | TextAgreed) else None,
            is_missing=cell.party in view.missing,
            is_broken=cell.party in view.broken_by,
            can_be_silent=_can_be_silent(cell, state.current, policy),
        )


def _can_be_silent(cell: Cell, now: Round, policy: Policy) -> bool:
    if now.opening.until_at is None or cell.received_at is None or not policy.silence_kept_by_machine:
        return False
    return cell.received_at <= now.opening.until_at - max(now.opening.notice_ms, policy.silence_window_ms_min)


def _make_noted(number: int, bracket: Bracket, versions: Sequence[Version]) -> Noted:
    words = next(version.words for version in versions if version.digest == bracket.version.hex())
    wordings = []
    for stated in bracket.wordings:
        assert isinstance(stated.entry, PassageWorded), "words for a bracket are in such an entry"
        wordings.append(make_said(stated, stated.entry.wording))
    return Noted(
        id=bracket.stated.id.hex(),
        number=number,
        party=bracket.party,
        at=bracket.stated.written_at,
        version=bracket.version.hex(),
        quotes={row.language: words[row.language][row.first : row.end] for row in bracket.passages},
        is_lifted=bracket.is_lifted,
        wordings=tuple(wordings),
    )


def _find_amendments(amendments: Iterable[Stated]) -> Iterator[Said]:
    for stated in amendments:
        if isinstance(stated.entry, TextAmendmentProposed):
            yield make_said(stated, stated.entry.body)


def _find_all_segments(version: Version, brackets: Sequence[tuple[int, Bracket]]) -> dict[str, tuple[Segment, ...]]:
    found = {}
    for language, text in version.words.items():
        spans = [
            (number, passage.first, passage.end)
            for number, bracket in brackets
            for passage in bracket.passages
            if passage.language == language
        ]
        found[language] = tuple(find_segments(text, spans))
    return found


def find_segments(text: str, spans: Sequence[tuple[int, int, int]]) -> Iterator[Segment]:
    """Cut a text where brackets (number, first, end) begin and end; they may lie within and across each other."""
    cuts = sorted({0, len(text), *(cut for _, first, end in spans for cut in (first, end))})
    for first, end in itertools.pairwise(cuts):
        yield Segment(text[first:end], tuple(number for number, a, b in spans if a <= first and end <= b))
