"""Items as officers share them: built, signed, sealed and stated as in life; who holds which rendition is kept here.

The blobs themselves do not travel in a rehearsal yet: they are no effect of the machine. What is rehearsed is what
the record says of items: shared, asked for, consented to, passed on, and refused.
"""

from dataclasses import dataclass, field

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.procedure.blob import BlobContext, find_blob_id, find_key_commitment, seal_blob
from comity.procedure.consent import Consent, SignedConsent, sign_consent
from comity.procedure.entry import Marking
from comity.procedure.item import Head, Portion, make_item
from comity.procedure.release import decide_audience
from comity.procedure.sharing import Basis, ConsentGiven, ItemShared, PassedOn, make_bases
from comity.procedure.verdict import AudienceDecision, Subject
from comity.rehearsal.desk import Desk
from comity.rehearsal.standin import StandInCeremony

__all__ = ["Parcels"]


@dataclass(slots=True)
class Parcels:
    """The renditions of a run by item digest, with their markings."""

    ceremony: StandInCeremony
    renditions: dict[Digest, tuple[bytes, tuple[Marking, ...]]] = field(default_factory=dict)

    def share(self, desk: Desk, words: str, *, marking: Marking, audience: Audience) -> ItemShared:
        """Make an item of one portion and return the statement that gives it to an audience."""
        setup, ceremony = desk.machine.setup, self.ceremony
        head = Head(1, setup.pins.lineage, setup.pins.realm, desk.party, desk.now, marking, 1)
        digest, rendition = make_item(
            setup.suite,
            head=head,
            portions=(Portion(marking, "text/plain", "en", words.encode()),),
            blinding_key=ceremony.random(32),
            secret=setup.secrets.node,
        )
        self.renditions[digest] = (rendition, (marking,))
        blob, size_bytes, commitment = self._seal(desk, digest, rendition)
        bases = self._find_bases(desk, digest, audience)
        return ItemShared(digest, (marking,), blob, size_bytes, commitment, bases)

    def pass_on(self, desk: Desk, item: Digest, *, to: Party) -> PassedOn:
        """Return the statement that gives another party's item to `to`, with the consents that were received."""
        rendition, markings = self.renditions[item]
        audience = tuple(sorted((desk.party, to)))
        blob, size_bytes, commitment = self._seal(desk, item, rendition)
        bases = self._find_bases(desk, item, audience)
        return PassedOn(item, markings, blob, size_bytes, commitment, bases, self._find_consents(desk, item, to))

    def consent(self, desk: Desk, item: Digest, *, holder: Party, recipient: Party, for_ms: int) -> ConsentGiven:
        """Return the originator's detached consent, as a statement to the holder."""
        setup, now = desk.machine.setup, desk.now
        consent = Consent(
            setup.pins.lineage, setup.pins.realm, desk.party, item, holder, recipient, now, Instant(now + for_ms)
        )
        return ConsentGiven(item, sign_consent(setup.suite, consent, secret=setup.secrets.node))

    def decide(self, desk: Desk, item: Digest, audience: Audience) -> AudienceDecision:
        """Ask the funnel as a preview does."""
        ground = desk.machine.funnel.find_ground(desk.now)
        subject = Subject(self.renditions[item][1], item)
        return decide_audience(subject, holder=desk.party, audience=audience, ground=ground)

    def _find_bases(self, desk: Desk, item: Digest, audience: Audience) -> tuple[Basis, ...]:
        """Return the bases that the funnel gives; where it gives none, a claim that the machine has to refuse."""
        decided = self.decide(desk, item, audience)
        if decided.is_permitted:
            return make_bases(decided)
        level = self.renditions[item][1][0].level
        return tuple(Basis(party, "policy.release", level) for party in audience if party != desk.party)

    def _seal(self, desk: Desk, item: Digest, rendition: bytes) -> tuple[Digest, int, Digest]:
        setup, suite = desk.machine.setup, desk.machine.setup.suite
        context = BlobContext(setup.pins.lineage, setup.pins.realm, item)
        key = self.ceremony.random(32)
        blob = seal_blob(suite, rendition, context=context, key=key, salt=self.ceremony.random(32))
        blob_id = find_blob_id(suite, blob)
        return blob_id, len(blob), find_key_commitment(suite, blob=blob_id, key=key)

    def _find_consents(self, desk: Desk, item: Digest, to: Party) -> tuple[SignedConsent, ...]:
        found = []
        for stated, entry in desk.find(ConsentGiven):
            consent = desk.machine.funnel.check_consent(entry.consent)
            if consent is not None and (consent.item, consent.recipient) == (item, to) and stated.counts:
                found.append(entry.consent)
        return tuple(found)
