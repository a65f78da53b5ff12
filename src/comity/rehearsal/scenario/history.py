"""What happens in one run: fixed events and lines of a real table, in the order of time (R63, R65).

What an adversary does is not here: it answers what the parties do, so it is drawn while they do it.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from comity.base.instants import DAY_MS, Instant
from comity.base.names import Party
from comity.procedure.threat import ThreatKind
from comity.rehearsal.scenario.luck import Luck
from comity.rehearsal.scenario.model import Event, Happening, Scenario
from comity.rehearsal.scenario.tables import Recorded

__all__ = ["Occurrence", "draw_history", "occur"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One thing that happens in a run. `name` is the same under every pact, so that the same is drawn for it."""

    name: str
    at: Instant
    kind: ThreatKind
    topic: str
    threatened: Party
    is_attack: bool
    is_called: bool
    """Whether the threatened party calls for consultation."""


def draw_history(
    scenario: Scenario, recorded: Iterable[Recorded], *, parties: tuple[Party, ...], from_at: Instant, luck: Luck
) -> tuple[Occurrence, ...]:
    """Return what happens from `from_at` on while the scenario lasts, whoever the parties' pacts make of it.

    Of the events one more than the scenario permits are drawn at most, the earliest of all; who counts them refuses.
    """
    ends_at = from_at + scenario.identity.days * DAY_MS
    rows = (_walk_event(event, parties, from_at=from_at, ends_at=ends_at, luck=luck) for event in scenario.events)
    in_order = heapq.merge(*rows, key=lambda one: (one.at, one.name))
    found = list(islice(in_order, scenario.identity.occurrence_count_max + 1))
    for number, one in enumerate(recorded):
        row = next((row for row in scenario.tables if row.table is one.table and _fits(row.matches, one)), None)
        if row is None:
            continue
        name = f"{one.table.value}/{number}"
        at = one.at if one.at is not None else Instant(one.day_at + int(luck.share(name, "minute") * DAY_MS))
        if from_at <= at < ends_at:
            found.append(occur(row, name, at, parties=parties, luck=luck))
    return tuple(sorted(found, key=lambda one: (one.at, one.name)))


def _fits(matches: tuple[str, ...], one: Recorded) -> bool:
    return not matches or one.type in matches


def _walk_event(
    event: Event, parties: tuple[Party, ...], *, from_at: Instant, ends_at: int, luck: Luck
) -> Iterator[Occurrence]:
    at, number = from_at + event.after_ms, 0
    while at < ends_at:
        yield occur(event, f"{event.id}/{number}", Instant(at), parties=parties, luck=luck)
        if not event.every_ms:
            break
        at, number = at + event.every_ms, number + 1


def occur(happening: Happening, name: str, at: Instant, *, parties: tuple[Party, ...], luck: Luck) -> Occurrence:
    """Let it happen: who is threatened where none is named, and whether it leads to a call, is drawn."""
    among = happening.threatened or parties
    threatened = among[int(luck.share(name, "threatened") * len(among))]
    return Occurrence(
        name=name,
        at=at,
        kind=happening.kind,
        topic=happening.topic,
        threatened=threatened,
        is_attack=happening.is_attack,
        is_called=luck.happens(happening.call_percent, name, "called"),
    )
