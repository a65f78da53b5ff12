"""Threats that the warning picture led to: drafts, reports with their evidence, and what is remembered of them.

Rules (docs/spec/warning.md, W16 to W19)
- Under a rule of the pact that says so a node says a report itself; else it drafts, and an officer reports or discards.
- Drafts are the party's notes to itself: no marking, no clause lets them leave, to anybody else they count for nothing.
- An object under a rule is known again by the rule and any of its tracks. All memory of it is on the record.
"""

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

import msgspec

from comity.base.limits import CITATION_COUNT_MAX
from comity.base.names import PARTY_PATTERN, Bytes32, Party
from comity.pact.area import TrackEvent
from comity.procedure.correction import Settled, settle
from comity.procedure.entry import Entry, EntryId, InstantField
from comity.procedure.fields import ClauseField, Parties, Precedence, check_ascending
from comity.procedure.own import own_order
from comity.procedure.stated import Stated
from comity.procedure.threat import ThreatKind, ThreatReported, ThreatSource

__all__ = [
    "ENTRIES",
    "DetectedThreatReported",
    "DiscardReason",
    "Draft",
    "DraftBook",
    "DraftDiscarded",
    "Evidence",
    "Report",
    "Spot",
    "ThreatDetected",
    "ThreatDrafted",
    "fold_drafts",
    "spot",
]

TRACK_COUNT_MAX: Final = 64
_NORTH: Final = 900_000_000
_EAST: Final = 1_800_000_000
TrackField = Annotated[str, msgspec.Meta(pattern=rf"^{PARTY_PATTERN}-(0/[0-9]{{1,10}}|[0-9]{{4,10}})\Z")]
_Axis = Annotated[int, msgspec.Meta(ge=1, le=200_000_000)]


class DiscardReason(enum.StrEnum):
    """Why an officer reports nothing of what was drafted."""

    FALSE_ALARM = "false-alarm"
    KNOWN = "known"
    """It is reported already, by this party or another."""
    NOT_FOR_US = "not-for-us"
    OTHER = "other"


class Spot(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where and when, with the ellipse of one standard deviation; counted from the south pole and 180 degrees west."""

    at: InstantField
    north: Annotated[int, msgspec.Meta(ge=0, le=2 * _NORTH)]
    east: Annotated[int, msgspec.Meta(ge=0, lt=2 * _EAST)]
    semi_major_dm: _Axis
    semi_minor_dm: _Axis
    bearing: Annotated[int, msgspec.Meta(ge=0, lt=18_000)]

    @property
    def latitude(self) -> int:
        """Signed, in 1e-7 degree."""
        return self.north - _NORTH

    @property
    def longitude(self) -> int:
        """Signed, in 1e-7 degree."""
        return self.east - _EAST


def spot(at: int, *, latitude: int, longitude: int, semi_major_dm: int, semi_minor_dm: int, bearing: int) -> Spot:
    """Make a place of a report from the units of W4."""
    east = (longitude + _EAST) % (2 * _EAST)
    return Spot(at, latitude + _NORTH, east, max(semi_major_dm, 1), max(semi_minor_dm, 1), bearing)


OptionalSpot = Annotated[tuple[Spot, ...], msgspec.Meta(max_length=1)]


class Evidence(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """On what a report rests: the rule and what it asks, the object's tracks, what is estimated, and their digest."""

    rule: ClauseField
    class_: ClauseField
    area: ClauseField
    event: TrackEvent
    precedence: Precedence
    percent: Annotated[int, msgspec.Meta(ge=0, le=100)]
    tracks: Annotated[tuple[TrackField, ...], msgspec.Meta(min_length=1, max_length=TRACK_COUNT_MAX)]
    at: InstantField
    place: Spot
    launch: OptionalSpot
    impact: OptionalSpot
    basis: Bytes32

    def __post_init__(self) -> None:
        check_ascending(self.tracks)

    @property
    def looked_at(self) -> Spot:
        """The place that the rule looks at."""
        found = {TrackEvent.LAUNCH_IN: self.launch, TrackEvent.IMPACT_IN: self.impact}.get(self.event, ())
        return found[0] if found else self.place

    def is_of(self, other: "Evidence") -> bool:
        """Tell whether both are about one object under one rule (W17)."""
        return self.rule == other.rule and self.shares_track(other)

    def shares_track(self, other: "Evidence") -> bool:
        """Tell whether both are about one object."""
        return not set(self.tracks).isdisjoint(other.tracks)


class ThreatDetected(ThreatReported, frozen=True):
    """A threat as its author's node says it by itself, under a rule of the pact."""

    evidence: Evidence


class DetectedThreatReported(ThreatReported, frozen=True):
    """A threat that an officer reports from a draft."""

    evidence: Evidence


class ThreatDrafted(Entry, frozen=True):
    """A node asks its own officers whether to report this. It goes to nobody else."""

    binding: ClassVar[bool] = True
    kind: ThreatKind
    occurred_at: InstantField
    threatened: Parties
    sources: Annotated[tuple[ThreatSource, ...], msgspec.Meta(max_length=CITATION_COUNT_MAX)]
    readers: Parties
    evidence: Evidence

    def __post_init__(self) -> None:
        check_ascending(self.threatened, self.readers)


class DraftDiscarded(Entry, frozen=True):
    """An officer reports nothing of a draft, and says why. It goes to nobody else."""

    binding: ClassVar[bool] = True
    draft: EntryId
    reason: DiscardReason
    words: Annotated[str, msgspec.Meta(max_length=400)]
    discarded_at: InstantField


ENTRIES: tuple[type[Entry], ...] = (ThreatDetected, DetectedThreatReported, ThreatDrafted, DraftDiscarded)


@dataclass(frozen=True, slots=True)
class Report:
    """A report with evidence, as it stands now."""

    settled: Settled
    evidence: Evidence
    update_count: int = 0

    @property
    def stated(self) -> Stated:
        """The statement as it reads now."""
        return self.settled.stated

    @property
    def is_withdrawn(self) -> bool:
        """Whether its author took it back."""
        return self.settled.withdrawn_by is not None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a node drafted of one object under one rule: its last word, how often it drafted it, and what became of it.

    `reported`: the own report; `discarded`: an officer's word; `offered`: what others, or this party, said of it.
    """

    stated: Stated
    entry: ThreatDrafted
    first_at: int
    count: int
    reported: Report | None
    discarded: Stated | None
    offered: tuple[Report, ...]
    ids: tuple[bytes, ...] = ()
    """Of each of its words."""

    @property
    def is_open(self) -> bool:
        """Whether it waits for an officer."""
        return self.reported is None and self.discarded is None


class DraftBook:
    """What one party's record says of objects under rules."""

    def __init__(self, party: Party, reports: tuple[Report, ...], drafted: tuple[Stated, ...]) -> None:
        self._party = party
        self.reports = reports
        self._discarded: dict[bytes, Stated] = {}
        chains: list[list[Stated]] = []
        for stated in drafted:
            if isinstance(stated.entry, DraftDiscarded):
                self._discarded.setdefault(stated.entry.draft, stated)
            elif isinstance(stated.entry, ThreatDrafted):
                self._join(chains, stated)
        self.drafts = tuple(self._make(chain) for chain in chains)

    @staticmethod
    def _join(chains: list[list[Stated]], stated: Stated) -> None:
        evidence = _read(stated)
        fitting = [chain for chain in chains if any(_read(one).is_of(evidence) for one in chain)]
        for chain in fitting:
            chains.remove(chain)
        chains.append(sorted((*(one for chain in fitting for one in chain), stated), key=own_order))

    def _make(self, chain: list[Stated]) -> Draft:
        last = chain[-1]
        assert isinstance(last.entry, ThreatDrafted)
        of = [_read(one) for one in chain]
        standing = [report for report in self.reports if not report.is_withdrawn]
        about = [report for report in standing if any(report.evidence.shares_track(one) for one in of)]
        own = [
            report
            for report in about
            if report.stated.author == self._party and any(report.evidence.is_of(one) for one in of)
        ]
        discarded = next((self._discarded[one.id] for one in chain if one.id in self._discarded), None)
        return Draft(
            stated=last,
            entry=last.entry,
            first_at=chain[0].written_at,
            count=len(chain),
            reported=own[0] if own else None,
            discarded=discarded,
            offered=tuple(report for report in about if report not in own),
            ids=tuple(one.id for one in chain),
        )

    def find_draft(self, evidence: Evidence) -> Draft | None:
        """Return the draft of an object under a rule, open or not."""
        return next((draft for draft in self.drafts if draft.entry.evidence.is_of(evidence)), None)

    def find_own(self, evidence: Evidence) -> Report | None:
        """Return the own report of an object under a rule, withdrawn or not: it is not said a second time."""
        return next((one for one in self.reports if self._is_own(one) and one.evidence.is_of(evidence)), None)

    def find_others(self, evidence: Evidence) -> Report | None:
        """Return a report of another party of an object under a rule that stands."""
        rows = (one for one in self.reports if not self._is_own(one) and not one.is_withdrawn)
        return next((one for one in rows if one.evidence.is_of(evidence)), None)

    def _is_own(self, report: Report) -> bool:
        return report.stated.author == self._party

    def list_keys(self) -> Iterator[tuple[str, str]]:
        """Yield rule and track of everything that was drafted or reported by this party."""
        for report in self.reports:
            if self._is_own(report):
                yield from ((report.evidence.rule, track) for track in report.evidence.tracks)
        for draft in self.drafts:
            yield from ((draft.entry.evidence.rule, track) for track in draft.entry.evidence.tracks)


def _read(stated: Stated) -> Evidence:
    assert isinstance(stated.entry, ThreatDrafted)
    return stated.entry.evidence


def fold_drafts(statements: Iterable[Stated], party: Party) -> DraftBook:
    """Fold reports with evidence of all parties, their corrections, and a party's notes to itself about drafts."""
    rows = [row for row in statements if row.counts]
    notes = tuple(
        row
        for row in sorted(rows, key=own_order)
        if isinstance(row.entry, ThreatDrafted | DraftDiscarded) and row.audience == (party,) and row.author == party
    )
    said = [row for row in rows if not isinstance(row.entry, ThreatDrafted | DraftDiscarded)]
    reports = []
    for settled in settle(said):
        entry = settled.stated.entry
        if isinstance(entry, ThreatDetected | DetectedThreatReported):
            count = sum(getattr(row.entry, "entry", b"") == settled.stated.id for row in said)
            reports.append(Report(settled, entry.evidence, count))
    return DraftBook(party, tuple(reports), notes)
