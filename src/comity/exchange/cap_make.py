"""Making an alert from a statement, and the acknowledgement of one that came (X35, X36).

Rules
- One info block for each language that the text has; none is translated here.
- What the statement does not say is `Unknown`, never an estimate of ours.
- Sender, identifier and time follow from the statement alone, so that every export of it is the same message; a
  correction refers to the versions before it that this reader may have.
- Public only where the pact's row says that such a marking is public. All else is Restricted, and the restriction
  spells out the marking and what the reader handles it as.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import REAL, Party, Realm
from comity.exchange import cap
from comity.exchange.cap import Alert, Block, Category, Certainty, MessageType, Scope, Status
from comity.exchange.cap_marking import is_public
from comity.exchange.cap_time import format_degrees, format_time
from comity.exchange.warned import Message, Subject, read_subject
from comity.pact.model import Pact
from comity.pact.zone import local_offset_ms
from comity.procedure.area import Area, Shape
from comity.procedure.entry import Marking
from comity.procedure.measure import Instrument
from comity.procedure.threat import Credibility, ThreatKind

__all__ = ["Setting", "find_identifier", "find_sender", "make_ack", "make_alert"]

_CATEGORIES: Final = {
    ThreatKind.NUCLEAR_TEST: Category.CBRNE,
    ThreatKind.MARITIME_INCIDENT: Category.TRANSPORT,
    ThreatKind.AIR_INCIDENT: Category.TRANSPORT,
    ThreatKind.CYBER_INCIDENT: Category.INFRA,
    ThreatKind.DISASTER: Category.SAFETY,
    ThreatKind.ECONOMIC_PRESSURE: Category.OTHER,
    ThreatKind.INFORMATION_MANIPULATION: Category.OTHER,
    ThreatKind.OTHER: Category.OTHER,
    Instrument.RELIEF: Category.RESCUE,
    Instrument.SANCTIONS: Category.OTHER,
    Instrument.EXPORT_CONTROL: Category.OTHER,
    Instrument.ECONOMIC_SUPPORT: Category.OTHER,
    Instrument.DIPLOMATIC: Category.OTHER,
    Instrument.PUBLIC_STATEMENT: Category.OTHER,
}
"""All else is Security."""

_CERTAINTIES: Final = {
    Credibility.CONFIRMED: Certainty.OBSERVED,
    Credibility.PROBABLY_TRUE: Certainty.LIKELY,
    Credibility.POSSIBLY_TRUE: Certainty.POSSIBLE,
    Credibility.DOUBTFUL: Certainty.UNLIKELY,
    Credibility.IMPROBABLE: Certainty.UNLIKELY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where an alert is made: pact, lineage and realm, and what a kind of event is called in a language."""

    pact: Pact
    lineage: bytes
    realm: Realm
    say_event: Callable[[ThreatKind | Instrument, str], str]


def find_sender(lineage: bytes, party: Party) -> str:
    """Return how a party is named as a sender: unique over all pacts."""
    return f"urn:comity:{lineage.hex()[:32]}:{party}"


def find_identifier(id_: bytes) -> str:
    """Return how a statement is named as a message of its sender."""
    return id_.hex()[:32]


def make_alert(messages: Sequence[Message], *, handled_as: str, setting: Setting) -> Alert:
    """Make the alert of the last of these messages, which the reader may have, as it may have all before it.

    `handled_as` is the level under which the reader protects it, empty where it is a party's own.
    """
    last = messages[-1]
    said = next(message for message in reversed(messages) if message.entry is not None)
    assert said.entry is not None
    subject = read_subject(said.entry)
    assert subject is not None, "only warnings are made into alerts"
    marking, pact = subject.text.marking, setting.pact
    open_to_all = is_public(marking, pact)
    earlier = messages[:-1]
    kind = MessageType.CANCEL if last.entry is None else MessageType.UPDATE if earlier else MessageType.ALERT
    return Alert(
        identifier=find_identifier(last.id),
        sender=find_sender(setting.lineage, last.author),
        sent=format_sent(last, pact),
        status=(Status.ACTUAL if setting.realm == REAL else Status.EXERCISE).value,
        message_type=kind.value,
        scope=(Scope.PUBLIC if open_to_all else Scope.RESTRICTED).value,
        restriction="" if open_to_all else _spell(marking, handled_as),
        note="" if setting.realm == REAL else f"EXERCISE EXERCISE EXERCISE {setting.realm}",
        references=" ".join(_refer(message, setting) for message in earlier),
        blocks=() if last.entry is None else _make_blocks(subject, last, setting),
    )


def make_ack(alert: Alert, *, by: Party, at: Instant, lineage: bytes, pact: Pact) -> Alert:
    """Make the message that acknowledges an alert; its scope and restriction are those of what it answers."""
    return Alert(
        identifier=f"ack-{at}-{alert.identifier}",
        sender=find_sender(lineage, by),
        sent=_format(at, by, pact),
        status=alert.status,
        message_type=MessageType.ACK.value,
        scope=alert.scope,
        restriction=alert.restriction,
        addresses=alert.sender if alert.scope == Scope.PRIVATE else "",
        references=alert.reference,
    )


def _make_blocks(subject: Subject, message: Message, setting: Setting) -> tuple[Block, ...]:
    signatory = setting.pact.find_party(message.author)
    certainty = Certainty.UNKNOWN
    if subject.credibility is not None:
        certainty = _CERTAINTIES.get(subject.credibility, Certainty.UNKNOWN)
    blocks = []
    for translation in subject.text.translations:
        event = setting.say_event(subject.kind, translation.language)
        blocks.append(
            Block(
                language=translation.language,
                categories=(_CATEGORIES.get(subject.kind, Category.SECURITY).value,),
                event=event,
                urgency=cap.Urgency.UNKNOWN.value,
                severity=cap.Severity.UNKNOWN.value,
                certainty=certainty.value,
                onset=_format(subject.starts_at, message.author, setting.pact) if subject.starts_at else "",
                expires=_format(subject.ends_at, message.author, setting.pact) if subject.ends_at else "",
                sender_name=message.author if signatory is None else signatory.name.in_language(translation.language),
                headline=event,
                description=translation.text,
                areas=tuple(_make_area(area) for area in subject.areas),
            )
        )
    return tuple(blocks)


def _make_area(area: Area) -> cap.Area:
    points = [f"{format_degrees(place.latitude_udeg)},{format_degrees(place.longitude_udeg)}" for place in area.places]
    if area.shape is Shape.CIRCLE:
        metres = area.radius_m
        circle = f"{points[0]} {metres // 1000}.{metres % 1000:03}"
        return cap.Area(description=circle, circles=(circle,))
    ring = " ".join([*points, points[0]])
    return cap.Area(description=ring, polygons=(ring,))


def _spell(marking: Marking, handled_as: str) -> str:
    parts = [f"{marking.scheme} {marking.level}", *marking.topics, *marking.caveats]
    handled = [f"handled as {handled_as}"] if handled_as else []
    return "; ".join([*parts, *handled])


def _refer(message: Message, setting: Setting) -> str:
    sender = find_sender(setting.lineage, message.author)
    return f"{sender},{find_identifier(message.id)},{_format(message.written_at, message.author, setting.pact)}"


def format_sent(message: Message, pact: Pact) -> str:
    """Return when the alert of this last message says that it was sent: its author's local time, with the offset."""
    return _format(message.written_at, message.author, pact)


def _format(at: Instant, party: Party, pact: Pact) -> str:
    signatory = pact.find_party(party)
    minutes = 0 if signatory is None else local_offset_ms(signatory.zone, at) // MINUTE_MS
    return format_time(at, offset_minutes=minutes)
