"""Consultations as their pages show them: all in a list, and one with what every party said, side by side.

Everything is read from the folds at the moment of asking; nothing is kept and nothing is decided here.
"""

import heapq
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from comity.api.desk import Desk
from comity.api.form import read_words
from comity.base.instants import Instant
from comity.base.names import Party
from comity.console.waits import Wait, find_waits
from comity.machine.machine import Machine
from comity.machine.waiting import find_unended, judge_call
from comity.procedure.call import ConsultationCalled, ConsultationConvened
from comity.procedure.consultation import ConsultationState, ConsultationView, PartyCell, PartyView, Phase
from comity.procedure.record import Record
from comity.procedure.scope import Scope
from comity.procedure.stated import Stated
from comity.procedure.threat import ThreatReported, ThreatState

__all__ = [
    "OPEN",
    "Consultations",
    "Row",
    "Talk",
    "Threat",
    "find_consultations",
    "find_talk",
    "find_threats",
]

OPEN: Final = (Phase.AWAITING, Phase.CALLED, Phase.CONVENED)
CLOSED_COUNT_MAX: Final = 50
"""Closed consultations in the list, the latest; the record has all."""
THREAT_COUNT_MAX: Final = 50
"""Threats in the list on which nobody has called."""
_UNDER: Final = ("text", "measure", "national")
"""Kinds of object that are opened under a consultation and shown with it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One consultation in the list. `called` is None while the call itself is not here."""

    id: str
    party: Party
    at: Instant
    called: ConsultationCalled | None
    view: ConsultationView
    spoken_at: Instant
    waits: tuple[Wait, ...]
    counts: Mapping[str, int]

    @property
    def is_open(self) -> bool:
        """Whether anything can still come of it."""
        return self.view.phase in OPEN

    @property
    def is_ours(self) -> bool:
        """Whether this party is waited for."""
        return any(wait.is_ours for wait in self.waits)


@dataclass(frozen=True, slots=True)
class Threat:
    """A threat as its party reported it, with its words by language."""

    id: str
    party: Party
    at: Instant
    reported: ThreatReported
    is_corrected: bool
    is_withdrawn: bool

    @property
    def words(self) -> dict[str, str]:
        """What it says, by language."""
        return read_words(self.reported.narrative)


@dataclass(frozen=True, slots=True)
class Consultations:
    """The list: open ones, the most pressing first; then closed ones, the latest first; and threats not called on.

    Of what is closed and of threats the latest are listed; the counts are of all.
    """

    open: tuple[Row, ...]
    closed: tuple[Row, ...]
    closed_count: int
    threats: tuple[Threat, ...]
    threat_count: int


@dataclass(frozen=True, slots=True)
class Talk:
    """One consultation: its fold, how it stands now, what was opened under it, and what it waits for."""

    id: str
    state: ConsultationState
    view: ConsultationView
    called: ConsultationCalled | None
    scopes: tuple[Scope, ...]
    waits: tuple[Wait, ...]
    threats: tuple[Threat, ...]
    now_at: Instant

    @property
    def is_open(self) -> bool:
        """Whether anything can still come of it."""
        return self.view.phase in OPEN

    @property
    def call(self) -> Stated | None:
        """The call as it reads now."""
        return None if self.state.called is None else self.state.called.stated

    @property
    def sittings(self) -> tuple[tuple[Stated, ConsultationConvened], ...]:
        """What was convened, the latest first."""
        rows = [(row, row.entry) for row in self.state.convened if isinstance(row.entry, ConsultationConvened)]
        return tuple(reversed(rows))

    def view_of(self, party: Party) -> PartyView:
        """Return how a party's receipt stands."""
        return next(row for row in self.view.parties if row.party == party)

    def cell_of(self, party: Party) -> PartyCell:
        """Return what a party said for itself."""
        return self.state.cell(party)


def find_consultations(desk: Desk) -> Consultations:
    """Return the list as it stands now."""
    machine, now = desk.node.machine, desk.node.now()
    record = machine.record
    rows = (_make_row(machine, scope, now) for scope in record.read_kept("consultation", find_unended))
    open_ = {row.id: row for row in rows if row.is_open}
    spoken_at = record.read_kept("consultation", find_spoken_at)
    closed = [(-at, scope) for scope, at in spoken_at.items() if scope.ref.hex() not in open_]
    latest = heapq.nsmallest(CLOSED_COUNT_MAX, closed)
    called_on = {id_ for named in record.read_kept("consultation", find_called_on).values() for id_ in named}
    threats = [scope for scope in record.list_scopes("threat") if scope.ref not in called_on]
    shown = find_threats(machine, threats)
    return Consultations(
        tuple(sorted(open_.values(), key=_find_urgency)),
        tuple(_make_row(machine, scope, now) for _, scope in latest),
        len(closed),
        tuple(itertools.islice(shown, THREAT_COUNT_MAX)),
        len(threats),
    )


def find_spoken_at(state: ConsultationState) -> Instant:
    """Return when something was last said in a consultation."""
    return state.spoken_at


def find_called_on(state: ConsultationState) -> tuple[bytes, ...] | None:
    """Return the threats that a consultation was called on."""
    entry = None if state.called is None else state.called.stated.entry
    return entry.threats if isinstance(entry, ConsultationCalled) and entry.threats else None


def _find_urgency(row: Row) -> tuple[bool, bool, int, str]:
    """What waits for this party stands first, and of that what is overdue; then the latest call."""
    ours = [wait for wait in row.waits if wait.is_ours]
    return (not any(wait.is_overdue for wait in ours), not ours, -row.at, row.id)


def _make_row(machine: Machine, scope: Scope, now: Instant) -> Row:
    state = machine.record.get_state(scope)
    assert isinstance(state, ConsultationState), "a consultation folds to its state"
    under = machine.record.list_opened_under(scope.ref)
    view, below = judge_call(machine, state, now), [one for one in under if one.kind in _UNDER]
    called = None if state.called is None else state.called.stated
    entry = None if called is None else called.entry
    return Row(
        id=scope.ref.hex(),
        party=called.author if called is not None else "",
        at=called.written_at if called is not None else state.spoken_at,
        called=entry if isinstance(entry, ConsultationCalled) else None,
        view=view,
        spoken_at=state.spoken_at,
        waits=find_waits(machine, (scope, *below), now) if view.phase in OPEN else (),
        counts={kind: sum(one.kind == kind for one in below) for kind in _UNDER},
    )


def find_talk(desk: Desk, id_: str) -> Talk:
    """Return one consultation by its id.

    Raises:
        UsageError: `api.malformed`, `cli.no-such-object`.
    """
    machine, now, scope = desk.node.machine, desk.node.now(), desk.get_object(id_, "consultation")
    state = machine.record.get_state(scope)
    assert isinstance(state, ConsultationState), "a consultation folds to its state"
    scopes = tuple({scope: None} | dict.fromkeys(machine.record.list_related(scope.ref)))
    entry = None if state.called is None else state.called.stated.entry
    called = entry if isinstance(entry, ConsultationCalled) else None
    named = () if called is None else called.threats
    return Talk(
        id=id_,
        state=state,
        view=judge_call(machine, state, now),
        called=called,
        scopes=scopes,
        waits=find_waits(machine, scopes, now),
        threats=tuple(find_threats(machine, find_threat_scopes(machine.record, named))),
        now_at=now,
    )


def find_threat_scopes(record: Record, ids: Iterable[bytes]) -> list[Scope]:
    """Return the threats among these entries."""
    found = {record.find_object(id_, "threat") for id_ in ids}
    return sorted(scope for scope in found if scope is not None)


def find_threats(machine: Machine, scopes: Iterable[Scope] | None = None) -> Iterator[Threat]:
    """Yield these threats, or all, as each reads now, the latest first."""
    wanted = machine.record.list_scopes("threat") if scopes is None else scopes
    states = [machine.record.get_state(scope) for scope in wanted]
    reports = [state.reported for state in states if isinstance(state, ThreatState) and state.reported is not None]
    for report in sorted(reports, key=lambda one: (-one.stated.written_at, one.stated.id)):
        entry = report.stated.entry
        if isinstance(entry, ThreatReported):
            yield Threat(report.stated.id.hex(), report.stated.author, report.stated.written_at, entry,
                         report.corrected_by is not None, report.withdrawn_by is not None)  # fmt: skip
