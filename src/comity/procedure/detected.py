"""Threats that the warning picture led to: drafts, reports with their evidence, and what is remembered of them.

Rules (docs/spec/warning.md, W16 to W19)
- Under a rule of the pact that says so a node says a report itself; else it drafts, and an officer reports or discards.
- Drafts are the party's notes to itself: no marking, no clause lets them leave, to anybody else they count for nothing.
- An object under a rule is known again by the rule and any of its tracks. All memory of it is on the record.
"""

import enum
from collections import Counter
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
    "WORD_COUNT_MAX",
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
WORD_COUNT_MAX: Final = 400
"""Characters of an officer's own words on a draft (W17)."""
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

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """By any of which an object under a rule is known again: the rule and a track (W17)."""
        return tuple((self.rule, track) for track in self.tracks)

    def is_of(self, other: "Evidence") -> bool:
        """Tell whether both are about one object under one rule (W17)."""
        return not set(self.keys).isdisjoint(other.keys)


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
    words: Annotated[str, msgspec.Meta(max_length=WORD_COUNT_MAX)]
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


_Places = dict[tuple[str, str], int]
"""Where the first stands of a rule and track."""


class DraftBook:
    """What one party's record says of objects under rules."""

    def __init__(self, party: Party, reports: tuple[Report, ...], drafted: tuple[Stated, ...]) -> None:
        self._party = party
        self.reports = reports
        self._discarded: dict[bytes, Stated] = {}
        self._own: _Places = {}
        self._others: _Places = {}
        self._standing: dict[str, list[int]] = {}
        """Of each track the places of the reports that stand."""
        for place, report in enumerate(reports):
            if self._is_own(report):
                _note(self._own, report.evidence, place)
            elif not report.is_withdrawn:
                _note(self._others, report.evidence, place)
            for track in () if report.is_withdrawn else report.evidence.tracks:
                self._standing.setdefault(track, []).append(place)
        for stated in drafted:
            if isinstance(stated.entry, DraftDiscarded):
                self._discarded.setdefault(stated.entry.draft, stated)
        chains = _chain(one for one in drafted if isinstance(one.entry, ThreatDrafted))
        self.drafts = tuple(map(self._make, chains))
        self._drafts: _Places = {}
        for place, chain in enumerate(chains):
            for one in chain:
                _note(self._drafts, _read(one), place)

    def _make(self, chain: list[Stated]) -> Draft:
        last = chain[-1]
        assert isinstance(last.entry, ThreatDrafted)
        tracks = {track for one in chain for track in _read(one).tracks}
        places = sorted({place for track in tracks for place in self._standing.get(track, ())})
        about = [self.reports[place] for place in places]
        rule = last.entry.evidence.rule
        own = [report for report in about if self._is_own(report) and report.evidence.rule == rule]
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
        found = _find_first(self._drafts, evidence)
        return None if found is None else self.drafts[found]

    def find_own(self, evidence: Evidence) -> Report | None:
        """Return the own report of an object under a rule, withdrawn or not: it is not said a second time."""
        found = _find_first(self._own, evidence)
        return None if found is None else self.reports[found]

    def find_others(self, evidence: Evidence) -> Report | None:
        """Return a report of another party of an object under a rule that stands."""
        found = _find_first(self._others, evidence)
        return None if found is None else self.reports[found]

    def _is_own(self, report: Report) -> bool:
        return report.stated.author == self._party

    def list_keys(self) -> Iterator[tuple[str, str]]:
        """Yield rule and track of everything that was drafted or reported by this party."""
        for report in self.reports:
            if self._is_own(report):
                yield from report.evidence.keys
        for draft in self.drafts:
            yield from draft.entry.evidence.keys


def _read(stated: Stated) -> Evidence:
    assert isinstance(stated.entry, ThreatDrafted)
    return stated.entry.evidence


def _chain(words: Iterable[Stated]) -> list[list[Stated]]:
    """Return drafts by object under a rule, each in order; that of the last word comes last."""
    chains: dict[int, list[Stated]] = {}
    chain_of: dict[tuple[str, str], int] = {}
    for number, stated in enumerate(words):
        fitting = dict.fromkeys(chain_of[key] for key in _read(stated).keys if key in chain_of)
        chains[number] = sorted((*(one for old in fitting for one in chains.pop(old)), stated), key=own_order)
        for one in chains[number]:
            chain_of |= dict.fromkeys(_read(one).keys, number)
    return list(chains.values())


def _note(places: _Places, evidence: Evidence, place: int) -> None:
    for key in evidence.keys:
        places.setdefault(key, place)


def _find_first(places: _Places, evidence: Evidence) -> int | None:
    """Return the first place that was noted for an object under a rule."""
    return min((places[key] for key in evidence.keys if key in places), default=None)


def fold_drafts(statements: Iterable[Stated], party: Party) -> DraftBook:
    """Fold reports with evidence of all parties, their corrections, and a party's notes to itself about drafts."""
    rows = [row for row in statements if row.counts]
    notes = tuple(
        row
        for row in sorted(rows, key=own_order)
        if isinstance(row.entry, ThreatDrafted | DraftDiscarded) and row.audience == (party,) and row.author == party
    )
    said = [row for row in rows if not isinstance(row.entry, ThreatDrafted | DraftDiscarded)]
    corrections = Counter(getattr(row.entry, "entry", b"") for row in said)
    reports = []
    for settled in settle(said):
        entry = settled.stated.entry
        if isinstance(entry, ThreatDetected | DetectedThreatReported):
            reports.append(Report(settled, entry.evidence, corrections[settled.stated.id]))
    return DraftBook(party, tuple(reports), notes)
