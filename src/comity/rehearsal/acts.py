"""What somebody says when his time has come: the acts that written and drawn plays share.

An act looks at its own desk only. It returns None while what it needs is not on the screen yet, so that a play is an
order of intentions and never of instants.
"""

from collections.abc import Sequence

from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Audience, Digest, Party
from comity.pact.agreement import AgreementState
from comity.procedure.agreement import AgreementReason, AgreementStateStated
from comity.procedure.call import ConclusionStated, ConsultationCalled, ConsultationConvened, Medium, Outcome
from comity.procedure.correction import CorrectionReason, EntryCorrected
from comity.procedure.fields import Level
from comity.procedure.hotline import MessageSent, Precedence
from comity.procedure.registry import encode_entry
from comity.procedure.sharing import ItemShared, PassOnReported, PassOnRequested
from comity.procedure.text import (
    PenHandedOver,
    SilenceExtended,
    SilenceProposed,
    TextKind,
    TextOpened,
    TextVersionProposed,
    find_version_digest,
)
from comity.procedure.threat import Credibility, Reliability, SourceKind, ThreatKind, ThreatReported, ThreatSource
from comity.rehearsal.desk import Act, Desk, Wish
from comity.rehearsal.parcel import Parcels
from comity.rehearsal.phrase import Phrases

__all__ = [
    "LANGUAGES",
    "ask_silence",
    "call",
    "conclude",
    "convene",
    "correct_report",
    "extend_silence",
    "find_version",
    "hand_over",
    "open_text",
    "pass_on",
    "put_version",
    "report",
    "report_passing_on",
    "request_passing_on",
    "send_message",
    "slip",
    "suspend",
]

LANGUAGES = ("en", "ja", "ko")


def report(
    phrases: Phrases, words: str, *, to: Audience, kind: ThreatKind = ThreatKind.OTHER, at: int | None = None
) -> Act:
    """Report a threat; `at` None: it was seen just now."""

    def act(desk: Desk) -> Wish:
        return Wish(to, (_make_report(phrases, desk, words, to=to, kind=kind, at=desk.now if at is None else at),))

    return act


def _make_report(
    phrases: Phrases, desk: Desk, words: str, *, to: Audience, kind: ThreatKind, at: int
) -> ThreatReported:
    source = ThreatSource(SourceKind.OWN_SENSOR, Reliability.B, Credibility.PROBABLY_TRUE)
    return ThreatReported(kind, at, desk.everyone, (source,), phrases.open_text(desk.party, words, to=to))


def correct_report(phrases: Phrases, name: str, *, to: Audience) -> Act:
    """Correct an own report, once it is out."""

    def act(desk: Desk) -> Wish | None:
        if name not in desk.said:
            return None
        replacement = encode_entry(
            _make_report(phrases, desk, "As corrected.", to=to, kind=ThreatKind.OTHER, at=desk.now)
        )
        return Wish(to, (EntryCorrected(desk.said[name][0], CorrectionReason.MISTAKE, replacement),))

    return act


def slip(phrases: Phrases) -> Act:
    """Address to everyone words that only one other party may read, by mistake: they must not leave."""

    def act(desk: Desk) -> Wish:
        other = next(party for party in desk.everyone if party != desk.party)
        text = phrases.listed_text(desk.party, "For you alone.", only=tuple(sorted((desk.party, other))))
        source = ThreatSource(SourceKind.OWN_SENSOR, Reliability.A, Credibility.CONFIRMED)
        threat = ThreatReported(ThreatKind.OTHER, desk.now, (), (source,), text)
        return Wish(desk.everyone, (threat,), ("release.withheld",))

    return act


def call(
    commitment: str,
    kind: ThreatKind = ThreatKind.OTHER,
    *,
    level: Level = Level.ADVISERS,
    after_reports_by: Sequence[Party] = (),
) -> Act:
    """Call for consultation on every report to all that is on the screen; wait for those of the parties named."""

    def act(desk: Desk) -> Wish | None:
        seen = [row for row, _ in desk.find(ThreatReported) if row.audience == desk.everyone]
        if not set(after_reports_by) <= {row.author for row in seen}:
            return None
        cited = tuple(sorted(row.id for row in seen))
        return Wish(desk.everyone, (ConsultationCalled(commitment, level, kind, cited, desk.everyone),))

    return act


def convene(desk: Desk) -> Wish | None:
    """Convene a sitting on the call that is on the screen."""
    held = desk.first(ConsultationCalled)
    if held is None:
        return None
    starts_at = Instant(desk.now + 5 * MINUTE_MS)
    return Wish(held.audience, (ConsultationConvened(held.id, Level.ADVISERS, Medium.VOICE, starts_at),))


def conclude(outcome: Outcome = Outcome.VIEWS_EXCHANGED) -> Act:
    """State that the consultation is over."""

    def act(desk: Desk) -> Wish | None:
        held = desk.first(ConsultationCalled)
        return None if held is None else Wish(held.audience, (ConclusionStated(held.id, outcome),))

    return act


def open_text(to: Audience, kind: TextKind = TextKind.JOINT_STATEMENT) -> Act:
    """Open a text in three languages, under the call if that has the same audience."""

    def act(desk: Desk) -> Wish:
        held = desk.first(ConsultationCalled)
        cited = (held.id,) if held is not None and held.audience == to else ()
        return Wish(to, (TextOpened(cited, kind, LANGUAGES),))

    return act


def find_version(desk: Desk, name: str, number: int) -> TextVersionProposed | None:
    """Return a version that this desk put, once it is out."""
    ids = desk.said.get(f"{name}/v{number}")
    stated = desk.machine.record.find_statement(ids[0]) if ids else None
    return stated.entry if stated is not None and isinstance(stated.entry, TextVersionProposed) else None


def put_version(phrases: Phrases, name: str, words: str, *, to: Audience, follows: int = 0) -> Act:
    """Put a version of the text that the cue `name` opened; `follows` is the number of the one before, 0 for none."""

    def act(desk: Desk) -> Wish | None:
        before = find_version(desk, name, follows) if follows else None
        if name not in desk.said or (follows and before is None):
            return None
        body = phrases.open_text(desk.party, words, to=to, languages=LANGUAGES)
        chain = () if before is None else (find_version_digest(before),)
        return Wish(to, (TextVersionProposed(desk.said[name][0], chain, body),))

    return act


def ask_silence(name: str, number: int, *, to: Audience, window_ms: int) -> Act:
    """Ask for silence on a version for so long."""

    def act(desk: Desk) -> Wish | None:
        version = find_version(desk, name, number)
        if version is None:
            return None
        until_at = Instant(desk.now + window_ms)
        return Wish(to, (SilenceProposed(version.text, find_version_digest(version), until_at, 0),))

    return act


def extend_silence(name: str, *, to: Audience, by_ms: int) -> Act:
    """Move S-time of the first version."""

    def act(desk: Desk) -> Wish | None:
        ids = desk.said.get(f"{name}/v1/silence")
        stated = desk.machine.record.find_statement(ids[0]) if ids else None
        if stated is None or not isinstance(stated.entry, SilenceProposed):
            return None
        entry = stated.entry
        until_at = Instant(entry.until_at + by_ms)
        return Wish(to, (SilenceExtended(entry.text, entry.version, entry.until_at, until_at, 0),))

    return act


def hand_over(name: str, *, to: Audience, taker: Party) -> Act:
    """Offer the pen to another party."""
    return lambda desk: Wish(to, (PenHandedOver(desk.said[name][0], taker),)) if name in desk.said else None


def send_message(phrases: Phrases, channel: str, words: str, *, to: Audience) -> Act:
    """Send a FLASH message on a line."""

    def act(desk: Desk) -> Wish:
        body = phrases.open_text(desk.party, words, to=to)
        return Wish(to, (MessageSent(channel, Level.WATCH, Precedence.FLASH, (), (), body),))

    return act


def suspend(agreement: str) -> Act:
    """State to all that an agreement is suspended."""

    def act(desk: Desk) -> Wish:
        reason = AgreementReason.NATIONAL_DECISION
        return Wish(desk.everyone, (AgreementStateStated(agreement, AgreementState.SUSPENDED, desk.now, reason, ()),))

    return act


def request_passing_on(originator: Party, *, recipient: Party) -> Act:
    """As a holder, ask the originator of an item to let `recipient` have it."""

    def act(desk: Desk) -> Wish | None:
        for stated, entry in desk.find(ItemShared, author=originator):
            if recipient not in stated.audience:
                return Wish(stated.audience, (PassOnRequested(entry.item, recipient, 0),))
        return None

    return act


def pass_on(parcels: Parcels, item: Digest, *, to: Party, refusals: tuple[str, ...] = ()) -> Act:
    """Pass an item on, once the own copy is here; `refusals` where it must not leave."""

    def act(desk: Desk) -> Wish | None:
        given = parcels.pass_on(desk, item, to=to)
        return None if given is None else Wish(tuple(sorted((desk.party, to))), (given,), refusals)

    return act


def report_passing_on(name: str, item: Digest, *, originator: Audience, recipient: Party) -> Act:
    """Tell the originator that the item was passed on, once the cue `name` has done it."""

    def act(desk: Desk) -> Wish | None:
        if name not in desk.said:
            return None
        return Wish(originator, (PassOnReported(item, recipient, desk.now),))

    return act
