"""Folds a text: its pen, its rounds, and which versions every party has consented to.

Rules (docs/spec/procedure.md, P21 to P23)
- Adopted: in one round every party of the audience kept silence or agreed.
- Consent counts only from undisputed pages. What a party saw adopted, and said so (`TextAdoptionSeen`, naming each
  consent), stays adopted even if another party's consent turns out to be disputed or disowned: it is then *contested*.
  A witness vouches for others' consents, never for its own, and for none that it provably knew to be in doubt.
- An extension opens a new round of the same version; a new version opens new rounds. Nothing closes an adopted one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import msgspec

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.procedure.own import by_author, merge, own_order
from comity.procedure.pen import Pen, fold_pen
from comity.procedure.policy import Policy
from comity.procedure.scope import Scope
from comity.procedure.silence import Cell, Opening, fold_cell
from comity.procedure.stated import Standing, Stated, is_doubt_known
from comity.procedure.text import (
    SilenceBroken,
    SilenceExtended,
    SilenceHeld,
    SilenceKept,
    SilenceProposed,
    TextAdoptionSeen,
    TextAgreed,
    TextAmendmentProposed,
    TextOpened,
    TextVersionProposed,
    find_version_digest,
)

__all__ = ["Adoption", "Round", "TextState", "fold_text"]


@dataclass(frozen=True, slots=True)
class Round:
    """One version under one S-time, with a cell for each party of the audience."""

    opening: Opening
    cells: tuple[Cell, ...]

    def cell(self, party: Party) -> Cell:
        """Return the cell of a party of the audience."""
        return next(cell for cell in self.cells if cell.party == party)


@dataclass(frozen=True, slots=True)
class Adoption:
    """A version that all consented to. `consents` are entry ids, ascending; `witnesses` said that they saw them all."""

    version: Digest
    until_at: Instant | None
    consents: tuple[Digest, ...]
    witnesses: tuple[Party, ...]
    is_contested: bool


@dataclass(frozen=True, slots=True)
class TextState:
    """The fold. Without `opened` everything else waits. `rounds` are in the order of the pen."""

    scope: Scope
    opened: Stated | None
    pen: Pen | None
    rounds: tuple[Round, ...]
    adoptions: tuple[Adoption, ...]
    amendments: tuple[Stated, ...]
    statements: tuple[Stated, ...]

    @property
    def current(self) -> Round | None:
        """The round that is on the table now, or was last."""
        return self.rounds[-1] if self.rounds else None


def fold_text(scope: Scope, statements: Iterable[Stated], policy: Policy) -> TextState:
    """Fold the statements of one text's scope."""
    merged = merge(statements)
    rows = tuple(merged.values())
    amendments = tuple(row for row in rows if isinstance(row.entry, TextAmendmentProposed))
    opened = merged.get(Digest(scope.ref))
    if opened is None or not isinstance(opened.entry, TextOpened):
        return TextState(scope, None, None, (), (), amendments, rows)
    good = [row for row in rows if row.counts]
    pen = fold_pen(opened, good)
    own = by_author(good)
    rounds = tuple(
        Round(opening, tuple(fold_cell(party, own.get(party, ()), opening, policy) for party in scope.audience))
        for opening in _find_openings(pen)
    )
    return TextState(scope, opened, pen, rounds, _find_adoptions(scope, merged, rounds, policy), amendments, rows)


def _find_openings(pen: Pen) -> list[Opening]:
    """One silence for a version, moved by extensions; a version without silence is a round of its own."""
    openings: list[Opening] = []
    for version in pen.versions:
        rounds = [Opening(version.digest, version.proposed, None, None, 0)]
        for act in pen.acts:
            last = rounds[-1].until_at
            match act.entry:
                case SilenceProposed(version=digest, until_at=until_at, notice_ms=notice_ms) if last is None:
                    fits = digest == version.digest
                case SilenceExtended(version=digest, from_at=from_at, until_at=until_at, notice_ms=notice_ms):
                    fits = digest == version.digest and from_at == last
                case _:
                    continue
            if fits:
                rounds.append(Opening(version.digest, version.proposed, act, Instant(until_at), notice_ms))
        openings.extend(rounds if len(rounds) == 1 else rounds[1:])
    return openings


def _find_adoptions(
    scope: Scope, merged: Mapping[Digest, Stated], rounds: tuple[Round, ...], policy: Policy
) -> tuple[Adoption, ...]:
    found = {
        (done.version, done.until_at): done
        for done in (_read_adoption(round_) for round_ in rounds if all(cell.has_consented for cell in round_.cells))
    }
    for row in sorted(merged.values(), key=own_order):
        entry = row.entry
        if not isinstance(entry, TextAdoptionSeen) or not row.counts:
            continue
        key = (Digest(entry.version), Instant(entry.until_at) if entry.until_at else None)
        if key not in found and _is_witnessed(scope, merged, row, entry, policy):
            consents = tuple(Digest(id_) for id_ in entry.consents)
            found[key] = Adoption(*key, consents, (), is_contested=True)
        if key in found:
            witnesses = tuple(sorted({*found[key].witnesses, row.author}))
            found[key] = replace(found[key], witnesses=witnesses)
    return tuple(found[key] for key in sorted(found, key=lambda key: _place(key, rounds)))


def _place(key: tuple[Digest, Instant | None], rounds: tuple[Round, ...]) -> tuple[int, int, Digest]:
    """In the order of the pen; what the pen no longer shows stands first."""
    places = [i for i, held in enumerate(rounds) if (held.opening.version, held.opening.until_at) == key]
    return (places[0] if places else -1, key[1] or 0, key[0])


def _read_adoption(done: Round) -> Adoption:
    consents = sorted(cell.stated_by.id for cell in done.cells if cell.stated_by is not None)
    return Adoption(done.opening.version, done.opening.until_at, tuple(consents), (), is_contested=False)


def _is_witnessed(
    scope: Scope, merged: Mapping[Digest, Stated], seen: Stated, entry: TextAdoptionSeen, policy: Policy
) -> bool:
    """Tell whether the consents that a witness names were all there, whatever became of their pages since."""
    named = [merged[Digest(id_)] for id_ in entry.consents if Digest(id_) in merged]
    if tuple(sorted(row.author for row in named)) != scope.audience:
        return False
    openings = list(_find_any_openings(merged.values(), entry))
    return all(
        (row.counts or row.author != seen.author)
        and not is_doubt_known(row, when_stating=seen)
        and any(_was_consent(row, merged, opening, policy) for opening in openings)
        for row in named
    )


def _find_any_openings(rows: Iterable[Stated], entry: TextAdoptionSeen) -> Iterator[Opening]:
    """Yield the rounds that a witness may mean, from pages of any standing: the penholder's may be disputed too."""
    rows = tuple(rows)
    for row in rows:
        if not isinstance(row.entry, TextVersionProposed) or find_version_digest(row.entry) != entry.version:
            continue
        version = Digest(entry.version)
        yield Opening(version, row, None, None, 0)
        for asked in rows:
            if isinstance(asked.entry, SilenceProposed | SilenceExtended) and (
                (asked.entry.version, asked.entry.until_at) == (entry.version, entry.until_at)
            ):
                yield Opening(version, row, asked, Instant(entry.until_at), asked.entry.notice_ms)


def _was_consent(row: Stated, merged: Mapping[Digest, Stated], opening: Opening, policy: Policy) -> bool:
    """Judge one named consent by its own chain up to it, as it was before its page was disputed.

    Breaks and holds in disputed pages may stand in the rival branch, so that only undisputed ones are set against it.
    """
    if not isinstance(row.entry, SilenceKept | TextAgreed):
        return False
    before = [
        msgspec.structs.replace(said, standing=Standing.GOOD)
        for said in sorted(merged.values(), key=own_order)
        if said.author == row.author
        and own_order(said) <= own_order(row)
        and (said.counts or not isinstance(said.entry, SilenceBroken | SilenceHeld))
    ]
    cell = fold_cell(row.author, before, opening, policy)
    return cell.stated_by is not None and cell.stated_by.id == row.id and cell.has_consented
