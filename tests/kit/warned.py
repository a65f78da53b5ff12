"""What rules of the pact come to, for tests: a report with evidence about Tokyo, and a draft of it."""

from typing import Final

from comity.api.detected_words import compose_report
from comity.base.instants import MINUTE_MS
from comity.base.names import Party
from comity.pact.area import TrackEvent
from comity.procedure.correction import CorrectionReason, EntryWithdrawn
from comity.procedure.detected import Evidence, Spot, ThreatDetected, ThreatDrafted, spot
from comity.procedure.entry import MarkedText
from comity.procedure.fields import Precedence
from comity.procedure.threat import Credibility, Reliability, SourceKind, ThreatKind, ThreatSource
from comity.warning.classes import make_marking
from kit.api import Apis

__all__ = ["AREA", "draft", "report", "take_back"]

AREA: Final = "policy.area.japan"
_RULE: Final = "policy.rule.impact-japan"
_CLASS: Final = "policy.track.ballistic"


def _spot(at: int) -> Spot:
    return spot(at, latitude=356_900_000, longitude=1_396_900_000, semi_major_dm=300_000, semi_minor_dm=90_000,
                bearing=4_500)  # fmt: skip


def make_draft(apis: Apis, party: Party = "JPN", *, track: int = 42, after_min: int = 8) -> ThreatDrafted:
    """Return what a node would draft of an object that comes down at Tokyo in so many minutes."""
    node = apis.nodes[party]
    at = node.now()
    evidence = Evidence(
        _RULE, _CLASS, AREA, TrackEvent.IMPACT_IN, Precedence.FLASH, 90, (f"{party}-{track:04}",), at, _spot(at), (),
        (_spot(at + after_min * MINUTE_MS),), bytes(32),
    )  # fmt: skip
    source = ThreatSource(SourceKind.OWN_SENSOR, Reliability.F, Credibility.NOT_JUDGED)
    return ThreatDrafted(ThreatKind.MISSILE_LAUNCH, at, ("JPN",), (source,), node.machine.parties, evidence)


def draft(apis: Apis, party: Party = "JPN", *, track: int = 42) -> str:
    """Have a node draft it for its own officers; return the id."""
    (id_,) = apis.run(apis.nodes[party].say((party,), (make_draft(apis, party, track=track),)))
    return str(id_.hex())


def report(apis: Apis, party: Party = "JPN", *, track: int = 42, after_min: int = 8, to: tuple[Party, ...] = ()) -> str:
    """Have a node say it by itself, to all unless some are named; return the id."""
    row, node = make_draft(apis, party, track=track, after_min=after_min), apis.nodes[party]
    pact = node.machine.pact
    class_ = pact.find_track_class(_CLASS)
    assert class_ is not None, "the pact shares launches"
    text = MarkedText(make_marking(pact, class_, party), compose_report(row, pact))
    entry = ThreatDetected(row.kind, row.occurred_at, row.threatened, row.sources, text, row.evidence)
    (id_,) = apis.run(node.say(to or node.machine.parties, (entry,)))
    return str(id_.hex())


def take_back(apis: Apis, id_: str, party: Party = "JPN") -> None:
    """Have a node take its report back."""
    node = apis.nodes[party]
    entry = EntryWithdrawn(bytes.fromhex(id_), CorrectionReason.MISTAKE)
    apis.run(node.say(node.machine.parties, (entry,)))
