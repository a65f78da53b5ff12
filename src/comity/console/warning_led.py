"""Which threats were reported of what in the picture, and which consultations they led to; and back from there.

A report under a rule of the pact names the tracks that it rests on (W16). What an officer writes freely leads here too
where its words name tracks as the picture does: `JPN-0042`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from comity.base.instants import Instant
from comity.base.names import PARTY_PATTERN
from comity.console.consultation import Threat, find_called_on
from comity.machine.machine import Machine
from comity.procedure.detected import DetectedThreatReported, Evidence, ThreatDetected
from comity.procedure.scope import Scope
from comity.procedure.threat import ThreatReported, ThreatState

__all__ = ["Led", "find_evidence", "find_led", "find_way_back", "list_tracks"]

TRACK_COUNT_MAX: Final = 64
_NAMED: Final = re.compile(rf"(?<![0-9A-Za-z-])(?:{PARTY_PATTERN})-(?:0/[0-9]{{1,10}}|[0-9]{{4,10}})(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class Led:
    """A threat that names a track: who reported it, what it is, and the consultations that were called on it."""

    threat: str
    party: str
    kind: str
    at: Instant
    consultations: tuple[str, ...]


def find_evidence(reported: object) -> Evidence | None:
    """Return on what a report under a rule of the pact rests; None of what an officer wrote freely."""
    return reported.evidence if isinstance(reported, ThreatDetected | DetectedThreatReported) else None


def list_tracks(reported: ThreatReported) -> tuple[str, ...]:
    """Return the tracks that a report names: its evidence's, and those in its words."""
    evidence = find_evidence(reported)
    named = list(() if evidence is None else evidence.tracks)
    for row in reported.narrative.translations:
        named += _NAMED.findall(row.text)
    return tuple(sorted(set(named))[:TRACK_COUNT_MAX])


def find_named(state: ThreatState) -> tuple[str, ...] | None:
    """Return the tracks that a threat names as it reads now; None where it names none or was withdrawn."""
    if state.reported is None or state.reported.withdrawn_by is not None:
        return None
    entry = state.reported.stated.entry
    return list_tracks(entry) or None if isinstance(entry, ThreatReported) else None


def find_led(machine: Machine) -> Mapping[str, tuple[Led, ...]]:
    """Return what each track led to, by its name, the latest first."""
    record = machine.record
    called: dict[bytes, list[str]] = {}
    for scope, ids in record.read_kept("consultation", find_called_on).items():
        for id_ in ids:
            called.setdefault(id_, []).append(scope.ref.hex())
    found: dict[str, list[Led]] = {}
    for scope, names in record.read_kept("threat", find_named).items():
        led = _make_led(machine, scope, tuple(sorted(called.get(scope.ref, ()))))
        for name in names if led else ():
            found.setdefault(name, []).append(led)  # type: ignore[arg-type]  # there is one
    return {name: tuple(sorted(rows, key=lambda led: (-led.at, led.threat))) for name, rows in found.items()}


def _make_led(machine: Machine, scope: Scope, consultations: tuple[str, ...]) -> Led | None:
    state = machine.record.get_state(scope)
    if not isinstance(state, ThreatState) or state.reported is None:
        return None
    stated = state.reported.stated
    entry = stated.entry
    if not isinstance(entry, ThreatReported):
        return None
    return Led(scope.ref.hex(), stated.author, entry.kind.value, stated.written_at, consultations)


def find_way_back(threats: Iterable[Threat]) -> str:
    """Return the address of the picture at the tracks and time of threats; empty where they name none."""
    standing = [threat for threat in threats if not threat.is_withdrawn]
    named = {threat.id: list_tracks(threat.reported) for threat in standing}
    tracks = sorted({name for names in named.values() for name in names})
    if not tracks:
        return ""
    moments = [_find_moment(threat) for threat in standing if named[threat.id]]
    return f"/warning?{urlencode({'track': ' '.join(tracks[:TRACK_COUNT_MAX]), 'at': max(moments)})}"


def _find_moment(threat: Threat) -> int:
    evidence = find_evidence(threat.reported)
    return int(threat.at if evidence is None else evidence.at)
