"""Items as officers give them: composed, signed, sealed and stated as in life. What is passed on is the own copy."""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.base.encoding import encode
from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.procedure.attachment import Packing
from comity.procedure.banner import find_banner
from comity.procedure.consent import Consent, SignedConsent, sign_consent
from comity.procedure.entry import Marking
from comity.procedure.expiry import decide_givings
from comity.procedure.item import Head, Item, Portion, find_format, make_item
from comity.procedure.sharing import (
    Basis,
    ConsentGiven,
    Giving,
    ItemGiven,
    ItemPassedOn,
    ItemShared,
    PassedOn,
    make_bases,
)
from comity.procedure.verdict import Subject
from comity.rehearsal.custody import list_givings, open_giving, seal
from comity.rehearsal.desk import Desk
from comity.rehearsal.standin import StandInCeremony

__all__ = ["Made", "Parcels"]


@dataclass(frozen=True, slots=True)
class Made:
    """An item with its whole rendition, given to nobody yet."""

    digest: Digest
    rendition: bytes
    head: Head
    markings: tuple[Marking, ...]


@dataclass(slots=True)
class Parcels:
    """Makes the items of a run."""

    ceremony: StandInCeremony

    def compose(self, desk: Desk, portions: Sequence[Portion], *, expires_at: tuple[Instant, ...] = ()) -> Made:
        """Make and sign an item of these portions, in the lowest format that can say them."""
        setup, own = desk.machine.setup, [portion.marking for portion in portions]
        banner = find_banner(desk.machine.funnel.terms, originator=desk.party, markings=own)
        format_ = find_format(portions, expires_at=expires_at)
        head = Head(
            format_, setup.pins.lineage, setup.pins.realm, desk.party, desk.now, banner, len(portions), expires_at
        )
        digest, rendition = make_item(
            setup.suite, head=head, portions=portions, blinding_key=self.ceremony.random(32), secret=setup.secrets.node
        )
        return Made(digest, rendition, head, tuple(dict.fromkeys((banner, *own))))

    def give(self, desk: Desk, made: Made, audience: Audience) -> Giving:
        """Seal an own item for an audience and return the statement that gives it."""
        old = made.head.format == 1
        content = made.rendition if old else encode(Packing(made.rendition))
        blob, size_bytes, commitment = seal(desk.station, made.digest, content, audience, self.ceremony)
        bases = self._find_bases(desk, made.digest, made.markings, made.head.expires_at, audience)
        given = (made.digest, made.markings, blob, size_bytes, commitment, bases)
        return ItemShared(*given) if old else ItemGiven(*given, made.head.expires_at, 0)

    def share(self, desk: Desk, words: str, *, marking: Marking, audience: Audience) -> Giving:
        """Make an item of one portion and return the statement that gives it to an audience."""
        portion = Portion(marking, "text/plain", "en", words.encode())
        return self.give(desk, self.compose(desk, (portion,)), audience)

    def open(self, desk: Desk, digest: Digest) -> tuple[Item, bytes] | None:
        """Return an item that is here, by whichever giving of it can be opened, with its rendition."""
        opened = (open_giving(desk.station, row) for row in list_givings(desk.station, digest))
        return next((found for found in opened if found is not None), None)

    def pass_on(self, desk: Desk, digest: Digest, *, to: Party) -> Giving | None:
        """Return the statement that gives another party's item to `to`, with the consents here; None: it is not here.

        Its bytes are those of the own copy.
        """
        opened = self.open(desk, digest)
        if opened is None:
            return None
        (item, rendition), audience = opened, tuple(sorted((desk.party, to)))
        old, ends = item.head.format == 1, item.head.expires_at
        content = rendition if old else encode(Packing(rendition))
        blob, size_bytes, commitment = seal(desk.station, digest, content, audience, self.ceremony)
        bases = self._find_bases(desk, digest, item.markings, ends, audience)
        given = (digest, item.markings, blob, size_bytes, commitment, bases)
        consents = self._find_consents(desk, digest, to)
        return PassedOn(*given, consents) if old else ItemPassedOn(*given, ends, 0, consents)

    def consent(self, desk: Desk, item: Digest, *, holder: Party, recipient: Party, for_ms: int) -> ConsentGiven:
        """Return the originator's detached consent, as a statement to the holder."""
        setup, now = desk.machine.setup, desk.now
        consent = Consent(
            setup.pins.lineage, setup.pins.realm, desk.party, item, holder, recipient, now, Instant(now + for_ms)
        )
        return ConsentGiven(item, sign_consent(setup.suite, consent, secret=setup.secrets.node))

    def _find_bases(
        self,
        desk: Desk,
        item: Digest,
        markings: tuple[Marking, ...],
        expires_at: Sequence[int],
        audience: Audience,
    ) -> tuple[Basis, ...]:
        """Return the bases that the funnel gives; where it gives none, a claim that the machine has to refuse."""
        ground = desk.machine.funnel.find_ground(desk.now, audience=audience)
        decided = decide_givings(
            Subject(markings, item), expires_at=expires_at, holder=desk.party, audience=audience, ground=ground
        )
        if decided.is_permitted:
            return make_bases(decided)
        return tuple(Basis(party, "policy.release", markings[0].level) for party in audience if party != desk.party)

    def _find_consents(self, desk: Desk, item: Digest, to: Party) -> tuple[SignedConsent, ...]:
        found = []
        for stated, entry in desk.find(ConsentGiven):
            consent = desk.machine.funnel.check_consent(entry.consent)
            if consent is not None and (consent.item, consent.recipient) == (item, to) and stated.counts:
                found.append(entry.consent)
        return tuple(found)
