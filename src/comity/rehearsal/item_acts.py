"""What officers say of items: given, torn, decided on, kept apart and let out; and what they ask and answer of a topic.

As in `acts`: an act looks at its own desk only, and returns None while what it needs is not on the screen yet.
"""

from collections.abc import Callable, Sequence
from typing import Final

from comity.base.instants import MINUTE_MS, SECOND_MS, Instant
from comity.base.names import Audience, Digest, Party
from comity.pact.agreement import AgreementState
from comity.procedure.agreement import AgreementReason, AgreementStateStated
from comity.procedure.inquiry import InformationRequested
from comity.procedure.item import Portion
from comity.procedure.linked import ItemsLinked
from comity.procedure.onward import PassOnDeclined, PassOnGranted
from comity.procedure.own import own_order
from comity.procedure.quarantine import FindingReported, QuarantineReleased
from comity.procedure.sharing import RefusalReason
from comity.procedure.stated import Stated
from comity.procedure.tearline import tear
from comity.procedure.verdict import NeedsConsent, Permit
from comity.rehearsal.crew import sign
from comity.rehearsal.custody import decide_now, find_objection, is_released
from comity.rehearsal.desk import NOTHING, Act, Cue, Desk, Wish
from comity.rehearsal.parcel import Made, Parcels
from comity.rehearsal.phrase import Phrases

__all__ = [
    "ActOnItem",
    "ActOnStatement",
    "ask_for_information",
    "decline_passing_on",
    "give",
    "give_torn",
    "grant_passing_on",
    "is_granted",
    "release_from_quarantine",
    "report_finding",
    "state_agreement",
]

ANSWER_WITHIN_MS: Final = 10 * MINUTE_MS
Compose = Callable[[Desk], Sequence[Portion]]
ActOnItem = Callable[[Digest], Act]
ActOnStatement = Callable[[Stated], Act]


def pair_of(desk: Desk, other: Party) -> Audience:
    """Return the audience of this party and another."""
    return tuple(sorted((desk.party, other)))


def give(
    parcels: Parcels,
    compose: Compose,
    audience: Audience,
    *,
    lasts_ms: int = 0,
    refusals: tuple[str, ...] = (),
    is_forced: bool = False,
) -> Act:
    """Give an item; with `lasts_ms` one that expires."""

    def act(desk: Desk) -> Wish:
        ends = (Instant(desk.now + lasts_ms),) if lasts_ms else ()
        made = parcels.compose(desk, compose(desk), expires_at=ends)
        return Wish(audience, (parcels.give(desk, made, audience),), refusals, is_forced=is_forced)

    return act


def give_torn(parcels: Parcels, name: str, compose: Compose, recipients: Sequence[Party]) -> Act:
    """Tear a draft for its recipients: an item for each set of portions, each given under `name/NUMBER`."""
    done: list[Wish] = []

    def act(desk: Desk) -> Wish | None:
        if not done:
            items = _tear(parcels, desk, compose(desk), recipients)
            if len(items) == 1:
                made, audience = items[0]
                done.append(Wish(audience, (parcels.give(desk, made, audience),)))
            elif items:
                desk.stage.log.count("drafts-torn")
                done.append(Wish((desk.party,), (ItemsLinked(tuple(sorted(made.digest for made, _ in items))),)))
            for number, (made, audience) in enumerate(items if len(items) > 1 else ()):
                act = _give_once_linked(parcels, name, made, audience)
                desk.plan(Cue(f"{name}/{number}", desk.party, desk.stage.now + (number + 1) * SECOND_MS, act))
        return done[0] if done else None

    return act


def _tear(
    parcels: Parcels, desk: Desk, portions: Sequence[Portion], recipients: Sequence[Party]
) -> list[tuple[Made, Audience]]:
    """Return the items of a draft with their audiences."""
    torn = tear(
        [portion.marking for portion in portions],
        holder=desk.party,
        recipients=recipients,
        expires_at=(),
        find_ground=lambda to: desk.machine.funnel.find_ground(desk.now, audience=pair_of(desk, to)),
    )
    desk.stage.log.count("portions-withheld", len(torn.withheld))
    return [
        (
            parcels.compose(desk, [portions[number - 1] for number in version.portions]),
            tuple(sorted((desk.party, *version.recipients))),
        )
        for version in torn.versions
    ]


def _give_once_linked(parcels: Parcels, name: str, made: Made, audience: Audience) -> Act:
    return lambda desk: Wish(audience, (parcels.give(desk, made, audience),)) if name in desk.said else None


def grant_passing_on(item: Digest, *, recipient: Party, to: Audience) -> Act:
    """As the holder, decide that an item is passed on, and tell its originator."""

    def act(desk: Desk) -> Wish:
        entry = PassOnGranted(item, recipient, "-", ("-",))
        return Wish(to, (PassOnGranted(item, recipient, *sign(desk.machine, to, entry)),))

    return act


def decline_passing_on(item: Digest, *, recipient: Party, to: Audience) -> Act:
    """As the holder, decide that an item is not passed on, whatever its originator consents to."""

    def act(desk: Desk) -> Wish:
        fields = (item, recipient, "policy.release", RefusalReason.NOT_NOW)
        return Wish(to, (PassOnDeclined(*fields, *sign(desk.machine, to, PassOnDeclined(*fields, "-", ("-",)))),))

    return act


def is_granted(desk: Desk, item: Digest, recipient: Party) -> bool:
    """Tell whether this party's own last decision on a way is to pass the item on."""
    own = [
        row
        for row in desk.machine.statements.find(PassOnGranted, PassOnDeclined)
        if isinstance(row.entry, PassOnGranted | PassOnDeclined)
        and (row.author, row.entry.item, row.entry.recipient) == (desk.party, item, recipient)
    ]
    last = max(own, key=own_order, default=None)
    return last is not None and isinstance(last.entry, PassOnGranted)


def report_finding(giving: Stated) -> Act:
    """Tell the giver that this should not have come, once that can be judged; what may stay is never told of."""

    def act(desk: Desk) -> Wish | None:
        is_judged, decision = find_objection(desk.station, giving)
        told = (row for row, entry in desk.find(FindingReported, author=desk.party) if entry.entry == giving.id)
        if is_judged and (decision is None or next(told, None) is not None):
            return NOTHING
        if not is_judged or decision is None:
            return None
        assert not isinstance(decision, Permit)
        reason = "needs-consent" if isinstance(decision, NeedsConsent) else decision.reason.value
        entry = FindingReported(giving.id, decision.clause, reason)
        return Wish(pair_of(desk, giving.author), (entry,))

    return act


def release_from_quarantine(giving: Stated) -> Act:
    """Let out what is in quarantine, if there is a ground now."""

    def act(desk: Desk) -> Wish | None:
        _, objection = find_objection(desk.station, giving)
        ground = decide_now(desk.station, giving)
        if objection is None or not isinstance(ground, Permit) or is_released(desk.station, giving):
            return NOTHING
        to = pair_of(desk, giving.author)
        entry = QuarantineReleased(giving.id, ground.clause, "-", ("-",))
        return Wish(to, (QuarantineReleased(giving.id, ground.clause, *sign(desk.machine, to, entry)),))

    return act


def state_agreement(agreement: str, state: AgreementState) -> Act:
    """State to all in which state an agreement is."""

    def act(desk: Desk) -> Wish:
        reason = AgreementReason.RESUMED if state is AgreementState.IN_FORCE else AgreementReason.NATIONAL_DECISION
        return Wish(desk.everyone, (AgreementStateStated(agreement, state, desk.now, reason, ()),))

    return act


def ask_for_information(phrases: Phrases, topic: str, *, level: str, to: Audience) -> Act:
    """Ask what the others know of a topic."""

    def act(desk: Desk) -> Wish:
        text = phrases.open_text(desk.party, "What do you know of it?", to=to)
        by_at = Instant(desk.now + ANSWER_WITHIN_MS)
        return Wish(to, (InformationRequested(topic, level, by_at, text),))

    return act
