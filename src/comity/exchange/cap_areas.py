"""CAP alerts for warning areas of a party: how urgent, grave and certain, the ring, and the chain (W55 to W57).

Rules
- Of the object nothing leaves but what people need: which area, what, when, how surely. No track, sensor or position.
- Everything follows from what was issued, so that each export is the same message; each names all before it.
- Texts are made by whoever has the languages.
"""

from collections.abc import Sequence
from typing import Final

from comity.base.instants import HOUR_MS, MINUTE_MS, Instant
from comity.base.names import REAL, Party
from comity.exchange import cap
from comity.exchange.cap import Alert, Block, Certainty, MessageType, ResponseType, Scope, Severity, Status, Urgency
from comity.exchange.cap_make import find_identifier, find_sender
from comity.exchange.cap_time import format_degrees, format_time
from comity.pact.area import TrackEvent, WarningArea
from comity.pact.model import Pact
from comity.pact.zone import local_offset_ms
from comity.procedure.detected import Evidence
from comity.procedure.public_warning import PublicWarned, WarningStep
from comity.procedure.stated import Stated
from comity.procedure.threat import ThreatKind

__all__ = ["find_expiry", "judge_certainty", "judge_urgency", "make_area_alert", "make_block", "make_ring"]

_STEPS: Final = {
    WarningStep.ALERT: MessageType.ALERT,
    WarningStep.UPDATE: MessageType.UPDATE,
    WarningStep.CANCEL: MessageType.CANCEL,
    WarningStep.ALL_CLEAR: MessageType.UPDATE,
}
_SEVERITIES: Final = {
    ThreatKind.MISSILE_LAUNCH: Severity.EXTREME,
    ThreatKind.AIR_INCIDENT: Severity.SEVERE,
    ThreatKind.SPACE_INCIDENT: Severity.SEVERE,
    ThreatKind.DISASTER: Severity.SEVERE,
}
"""All else is moderate."""
_KEPT_MS: Final = {TrackEvent.IMPACT_IN: 30 * MINUTE_MS, TrackEvent.LAUNCH_IN: 30 * MINUTE_MS}
"""How long after the instant that is estimated a warning holds; an hour for what entered."""
_LIKELY, _POSSIBLE, _OBSERVED = 50, 10, 90


def judge_urgency(evidence: Evidence, *, at: Instant) -> Urgency:
    """Say how soon people must act: at once below a quarter of an hour or where it is, within the hour, later."""
    if evidence.event is TrackEvent.ENTERS and not evidence.impact:
        return Urgency.IMMEDIATE
    left_ms = _find_at(evidence) - at
    return Urgency.IMMEDIATE if left_ms < 15 * MINUTE_MS else Urgency.EXPECTED if left_ms < HOUR_MS else Urgency.FUTURE


def judge_certainty(evidence: Evidence, *, percent: int) -> Certainty:
    """Return how sure it is that the area is hit, by the percentage of the area that is warned."""
    if evidence.event is TrackEvent.ENTERS and not evidence.impact and percent >= _OBSERVED:
        return Certainty.OBSERVED
    return Certainty.LIKELY if percent > _LIKELY else Certainty.POSSIBLE if percent >= _POSSIBLE else Certainty.UNLIKELY


def find_expiry(evidence: Evidence) -> Instant:
    """Return until when a warning holds unless it is updated."""
    return Instant(_find_at(evidence) + _KEPT_MS.get(evidence.event, HOUR_MS))


def _find_at(evidence: Evidence) -> Instant:
    return Instant(evidence.impact[0].at if evidence.impact else evidence.place.at)


def make_ring(area: WarningArea) -> str:
    """Return the polygon of an area as CAP writes it: latitude first, the last point the first."""
    points = [f"{format_degrees(north)},{format_degrees(east)}" for east, north in area.polygon]
    return " ".join([*points, points[0]])


def _format(at: Instant, party: Party, pact: Pact) -> str:
    """Return an instant in the local time of a party, with the offset."""
    signatory = pact.find_party(party)
    return format_time(at, offset_minutes=0 if signatory is None else local_offset_ms(signatory.zone, at) // MINUTE_MS)


def make_area_alert(
    messages: Sequence[Stated], *, blocks: Sequence[Block], pact: Pact, lineage: bytes, realm: str, note: str
) -> Alert:
    """Return the last of these messages as an alert; `blocks` say it in the languages of the area."""
    last = messages[-1]
    entry = last.entry
    assert isinstance(entry, PublicWarned), "only issued messages are made into alerts"

    def refer(stated: Stated) -> str:
        sent = _format(stated.written_at, stated.author, pact)
        return f"{find_sender(lineage, stated.author)},{find_identifier(stated.id)},{sent}"

    return Alert(
        identifier=find_identifier(last.id),
        sender=find_sender(lineage, last.author),
        sent=_format(last.written_at, last.author, pact),
        status=(Status.ACTUAL if realm == REAL else Status.EXERCISE).value,
        message_type=_STEPS[entry.step].value,
        scope=Scope.PUBLIC.value,
        note=note,
        references=" ".join(map(refer, messages[:-1])),
        blocks=() if entry.step is WarningStep.CANCEL else tuple(blocks),
    )


def make_block(
    stated: Stated, area: WarningArea, *, language: str, words: tuple[str, str, str, str], pact: Pact
) -> Block:
    """Return what one language says; `words` are event, headline, description, instruction, in this order."""
    event, headline, description, instruction = words
    entry, sent_at, party = stated.entry, stated.written_at, stated.author
    assert isinstance(entry, PublicWarned), "only issued messages are made into alerts"
    is_clear = entry.step is WarningStep.ALL_CLEAR
    response = ResponseType.ALL_CLEAR if is_clear else _find_response(entry)
    signatory = pact.find_party(party)
    certainty = Certainty.OBSERVED if is_clear else judge_certainty(entry.evidence, percent=entry.evidence.percent)
    return Block(
        language=language,
        categories=((cap.Category.HEALTH if entry.kind is ThreatKind.DISASTER else cap.Category.SECURITY).value,),
        event=event,
        responses=(response.value,),
        urgency=(Urgency.PAST if is_clear else judge_urgency(entry.evidence, at=sent_at)).value,
        severity=(Severity.MINOR if is_clear else _SEVERITIES.get(entry.kind, Severity.MODERATE)).value,
        certainty=certainty.value,
        expires=_format(Instant(entry.expires_at), party, pact),
        sender_name=party if signatory is None else signatory.name.in_language(language),
        headline=headline,
        description=description,
        instruction=instruction,
        areas=(cap.Area(description=area.title.in_language(language), polygons=(make_ring(area),)),),
    )


def _find_response(entry: PublicWarned) -> ResponseType:
    return ResponseType.SHELTER if entry.kind is ThreatKind.MISSILE_LAUNCH else ResponseType.MONITOR
