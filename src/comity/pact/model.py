"""The pact as a value: what `parse.parse_pact` returns and every other room reads.

Invariants, once parsed: clause ids are unique; every reference resolves; parties are at least two; each agreement's
ceiling lies within the schemes of its parties; no level stands in two equivalence rows.
"""

import datetime as dt
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated

import msgspec
from msgspec import Meta

from comity.base.limits import AUDIENCE_COUNT_MAX, PACT_ROW_COUNT_MAX
from comity.base.names import Audience, Party
from comity.pact.agreement import Agreement
from comity.pact.area import TrackRule, WarningArea
from comity.pact.commitment import (
    Body,
    Commitment,
    Exercise,
    Hotline,
    Principle,
    Reservation,
    Secretariat,
    Withdrawal,
)
from comity.pact.consultation import Consultation
from comity.pact.foreign import ForeignLabel
from comity.pact.indicator import Indicator
from comity.pact.marking import EquivalenceRow, ExchangeCeiling, Rank, Scheme, Topic
from comity.pact.offices import Offices
from comity.pact.phrase import Phrase
from comity.pact.policy import Policy
from comity.pact.promise import ReleasePromise
from comity.pact.signatory import Root, Signatory
from comity.pact.terms import Id, Note, PartyId, Rule, Source, Words
from comity.pact.track import TrackClass, TrackTerm
from comity.pact.warning import WarningRule

__all__ = ["Identity", "Pact", "walk_rules"]

_HEX32 = Annotated[str, Meta(pattern=r"[0-9a-f]{64}")]
_ROWS = Meta(max_length=PACT_ROW_COUNT_MAX)
_field = msgspec.field


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Which pact this is. From version 2 on, `previous` and `lineage` are the digests of the last and first file."""

    format: Annotated[int, Meta(ge=1, le=1)]
    id: Id
    version: Annotated[int, Meta(ge=1, le=1_000_000)]
    rules: Annotated[int, Meta(ge=1, le=1_000_000)]
    """Version of the folds under which this pact is judged."""
    adopted: dt.date
    previous: _HEX32 | None = None
    lineage: _HEX32 | None = None
    title: Words
    about: Note = ""


class Pact(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Everything that was agreed, and the policy under which it is run."""

    identity: Identity = _field(name="pact")
    parties: Annotated[tuple[Signatory, ...], Meta(min_length=2, max_length=AUDIENCE_COUNT_MAX)] = _field(name="party")
    roots: dict[PartyId, Root] = _field(name="root", default_factory=dict)
    sources: Annotated[tuple[Source, ...], _ROWS] = _field(name="source")
    topics: Annotated[tuple[Topic, ...], _ROWS] = _field(name="topic")
    ranks: Annotated[tuple[Rank, ...], _ROWS] = _field(name="rank")
    schemes: Annotated[tuple[Scheme, ...], _ROWS] = _field(name="scheme")
    equivalences: Annotated[tuple[EquivalenceRow, ...], _ROWS] = _field(name="equivalence", default=())
    ceilings: Annotated[tuple[ExchangeCeiling, ...], _ROWS] = _field(name="ceiling", default=())
    foreign: Annotated[tuple[ForeignLabel, ...], _ROWS] = ()
    agreements: Annotated[tuple[Agreement, ...], _ROWS] = _field(name="agreement", default=())
    promises: Annotated[tuple[ReleasePromise, ...], _ROWS] = _field(name="promise", default=())
    bodies: Annotated[tuple[Body, ...], _ROWS] = _field(name="body")
    commitments: Annotated[tuple[Commitment, ...], _ROWS] = _field(name="commitment")
    principles: Annotated[tuple[Principle, ...], _ROWS] = _field(name="principle", default=())
    reservations: Annotated[tuple[Reservation, ...], _ROWS] = _field(name="reservation", default=())
    consultation: Consultation
    hotlines: Annotated[tuple[Hotline, ...], _ROWS] = _field(name="hotline", default=())
    exercises: Annotated[tuple[Exercise, ...], _ROWS] = _field(name="exercise", default=())
    secretariat: Secretariat | None = None
    withdrawal: Withdrawal | None = None
    indicators: Annotated[tuple[Indicator, ...], _ROWS] = _field(name="indicator", default=())
    warnings: Annotated[tuple[WarningRule, ...], _ROWS] = _field(name="warning", default=())
    track_classes: Annotated[tuple[TrackClass, ...], _ROWS] = _field(name="track_class", default=())
    track_terms: Annotated[tuple[TrackTerm, ...], _ROWS] = _field(name="track_term", default=())
    warning_areas: Annotated[tuple[WarningArea, ...], _ROWS] = _field(name="warning_area", default=())
    track_rules: Annotated[tuple[TrackRule, ...], _ROWS] = _field(name="warning_rule", default=())
    phrases: Annotated[tuple[Phrase, ...], _ROWS] = _field(name="phrase", default=())
    policy: Policy
    offices: Offices | None = None

    @cached_property
    def audience(self) -> Audience:
        """All parties, sorted: the widest audience there is."""
        return tuple(sorted(party.id for party in self.parties))

    @cached_property
    def _by_clause(self) -> dict[str, Rule]:
        return {rule.id: rule for _, rule in walk_rules(self)}

    def find_clause(self, id_: str) -> Rule | None:
        """Return the rule with this clause id, or None."""
        return self._by_clause.get(id_)

    def find_agreement(self, id_: str) -> Agreement | None:
        """Return the agreement with this id, or None."""
        rule = self._by_clause.get(id_)
        return rule if isinstance(rule, Agreement) else None

    def find_track_class(self, id_: str) -> TrackClass | None:
        """Return the class of tracks with this clause id, or None."""
        rule = self._by_clause.get(id_)
        return rule if isinstance(rule, TrackClass) else None

    def find_warning_area(self, id_: str) -> WarningArea | None:
        """Return the warning area with this clause id, or None."""
        rule = self._by_clause.get(id_)
        return rule if isinstance(rule, WarningArea) else None

    def find_party(self, id_: Party) -> Signatory | None:
        """Return the party with this short name, or None."""
        return next((party for party in self.parties if party.id == id_), None)


def walk_rules(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Rule]]:
    """Yield every rule in `value` with its key path, in the order of the model: what has a clause id is found here."""
    if isinstance(value, Rule):
        yield path, value
    if isinstance(value, msgspec.Struct):
        for name, key in zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True):
            yield from walk_rules(getattr(value, name), (*path, key))
    elif isinstance(value, tuple):
        for index, element in enumerate(value):
            yield from walk_rules(element, (*path, index))
