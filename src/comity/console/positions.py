"""What each party says in a consultation, side by side: a column for each, the newest first, earlier ones behind it.

A column is made of one party's own statements. What it has not said is shown as not said, and never guessed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from comity.api.form import read_words
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.console.consultation import Talk
from comity.machine.machine import Machine
from comity.procedure.call import Acknowledged, CallDeclined, ConclusionStated
from comity.procedure.consultation import PartyView
from comity.procedure.entry import MarkedText, Marking
from comity.procedure.position import (
    AwaitedInstructions,
    HeldPosition,
    Position,
    PositionExplained,
    PositionStated,
    is_unconfirmed,
)
from comity.procedure.stated import Stated

__all__ = ["Column", "Said", "Stand", "Subject", "find_columns"]


@dataclass(frozen=True, slots=True)
class Said:
    """A party's own words beside a statement of its, by language, under their marking."""

    id: str
    party: Party
    at: Instant
    marking: Marking
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stand:
    """One position as it was stated. `is_unconfirmed`: ad referendum, its day past without the capital's word."""

    id: str
    position: Position
    at: Instant
    confirm_by_at: Instant
    is_unconfirmed: bool
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a party says of one subject: where it stands now, and where it stood before, the latest first.

    `kind` is that of the object, empty where the subject is not here.
    """

    id: str
    kind: str
    now: Stand
    earlier: tuple[Stand, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One party: what it did about the call, where it stands on it, and on each text or measure."""

    party: Party
    is_own: bool
    is_caller: bool
    view: PartyView
    acknowledged: Stated | None
    acknowledgement: Acknowledged | None
    declined: Stated | None
    decline: CallDeclined | None
    concluded: Stated | None
    conclusion: ConclusionStated | None
    position: Subject | None
    others: tuple[Subject, ...]
    awaited: tuple[AwaitedInstructions, ...]
    now_at: Instant


def find_columns(machine: Machine, talk: Talk) -> tuple[Column, ...]:
    """Return a column for each party of the audience, the own one first."""
    kinds = {scope.ref.hex(): scope.kind for scope in talk.scopes}
    explained = _find_explained(talk.state.statements)
    parties = sorted(talk.state.scope.audience, key=lambda party: (party != machine.party, party))
    return tuple(_make_column(machine, talk, party, kinds, explained) for party in parties)


def _make_column(
    machine: Machine, talk: Talk, party: Party, kinds: Mapping[str, str], explained: Mapping[bytes, list[Said]]
) -> Column:
    cell = talk.cell_of(party)
    held = [row for row in talk.state.positions if row.party == party]
    subjects = [_make_subject(machine, row, kinds, explained, talk.now_at) for row in held]
    acknowledgement = None if cell.acknowledgement is None else cell.acknowledgement.entry
    decline = None if cell.declined is None else cell.declined.entry
    conclusion = None if cell.conclusion is None else cell.conclusion.entry
    return Column(
        party=party,
        is_own=party == machine.party,
        is_caller=talk.call is not None and talk.call.author == party,
        view=talk.view_of(party),
        acknowledged=cell.acknowledgement,
        acknowledgement=acknowledgement if isinstance(acknowledgement, Acknowledged) else None,
        declined=cell.declined,
        decline=decline if isinstance(decline, CallDeclined) else None,
        concluded=cell.conclusion,
        conclusion=conclusion if isinstance(conclusion, ConclusionStated) else None,
        position=next((subject for subject in subjects if subject.id == talk.id), None),
        others=tuple(subject for subject in subjects if subject.id != talk.id),
        awaited=tuple(row for row in talk.state.awaited if row.party == party),
        now_at=talk.now_at,
    )


def _make_subject(
    machine: Machine,
    held: HeldPosition,
    kinds: Mapping[str, str],
    explained: Mapping[bytes, list[Said]],
    now: Instant,
) -> Subject:
    subject = held.subject.hex()
    latest = Stand(held.id.hex(), held.position, held.stated_at, held.confirm_by_at,
                   is_unconfirmed(held, as_of=now), tuple(explained.get(held.id, ())))  # fmt: skip
    earlier = tuple(_find_earlier(machine, held, explained))
    return Subject(subject, kinds.get(subject, ""), latest, earlier)


def _find_earlier(machine: Machine, held: HeldPosition, explained: Mapping[bytes, list[Said]]) -> Iterator[Stand]:
    for id_ in reversed(held.earlier):
        stated = machine.record.find_statement(Digest(id_))
        if stated is not None and isinstance(stated.entry, PositionStated):
            entry = stated.entry
            yield Stand(id_.hex(), entry.position, stated.written_at, Instant(entry.confirm_by_at),
                        is_unconfirmed=False, said=tuple(explained.get(id_, ())))  # fmt: skip


def _find_explained(statements: Iterable[Stated]) -> dict[bytes, list[Said]]:
    """Return the words beside each position, of its own author alone."""
    authors = {row.id: row.author for row in statements if isinstance(row.entry, PositionStated)}
    found: dict[bytes, list[Said]] = {}
    for row in statements:
        entry = row.entry
        if isinstance(entry, PositionExplained) and authors.get(Digest(entry.position)) == row.author:
            found.setdefault(entry.position, []).append(make_said(row, entry.text))
    return found


def make_said(stated: Stated, text: MarkedText) -> Said:
    """Return the words of a statement."""
    return Said(stated.id.hex(), stated.author, stated.written_at, text.marking, read_words(text))
