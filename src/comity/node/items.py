"""Giving an item, reading one, consenting, passing on: the acts around `procedure.sharing` that need keys and blobs.

The funnel is asked before anything is sealed, and again by the machine when the statement is made: preview and send are
one function (docs/spec/release.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from comity.base.encoding import encode
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.limits import ITEM_SIZE_BYTES_MAX
from comity.base.names import Audience, Digest, Party
from comity.crypto.suite import KEY_SIZE, Ceremony
from comity.journal.keypage import find_key_id
from comity.machine.funnel import refuse_unless_permitted
from comity.machine.machine import Machine
from comity.node.attachments import Attachments, ReadChunk, list_chunks, read_nothing
from comity.node.node import Node
from comity.node.reads import Reads
from comity.node.shelf import Shelf
from comity.node.uploads import Uploads
from comity.procedure.attachment import Attachment, ChunkKeys, Packing
from comity.procedure.banner import find_banner
from comity.procedure.blob import (
    KeyWrap,
    find_blob_id,
    find_key_commitment,
    seal_blob,
    wrap_info,
)
from comity.procedure.consent import Consent, SignedConsent, sign_consent
from comity.procedure.entry import Entry, Marking
from comity.procedure.expiry import decide_givings
from comity.procedure.item import (
    Head,
    Item,
    Portion,
    check_portions,
    find_attachments,
    find_format,
    make_item,
)
from comity.procedure.sharing import (
    Basis,
    ConsentGiven,
    Giving,
    ItemGiven,
    ItemPassedOn,
    ItemShared,
    PassedOn,
    PassOnReported,
    make_bases,
)
from comity.procedure.verdict import FUNNEL, AudienceDecision, Subject

__all__ = ["Items", "Made", "Sealed"]

RENDITION_SIZE_BYTES_MAX: Final = ITEM_SIZE_BYTES_MAX - 128 * 1024
"""Leaves room for the packing: the blobs of 512 chunks and the keys of 16 attachments (R39)."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A rendition sealed for one audience: the blob, its id and key commitment, the wraps by party."""

    blob: bytes
    blob_id: Digest
    commitment: Digest
    wraps: dict[Party, tuple[bytes, ...]]
    attached: tuple[ChunkKeys, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """An item with its whole rendition: what is given."""

    digest: Digest
    rendition: bytes
    head: Head
    markings: tuple[Marking, ...]
    attachments: tuple[tuple[int, Attachment], ...] = ()

    @property
    def attached_size_bytes(self) -> int:
        """The size of all attachments together."""
        return sum(attachment.size_bytes for _, attachment in self.attachments)


class Items:
    """The items of one node."""

    def __init__(self, node: Node, shelf: Shelf, *, ceremony: Ceremony) -> None:
        self._node = node
        self._machine: Machine = node.machine
        self._shelf = shelf
        self._ceremony = ceremony
        self._suite = node.machine.setup.suite
        self._attachments: Attachments = node.attachments
        self.uploads = Uploads(node.machine, node.store, shelf, ceremony=ceremony)
        """Files that were handed in to be attached."""
        self.reads = Reads(node)
        """Asked before anything of an item is shown (P48)."""

    def preview(
        self, portions: Sequence[Portion], *, audience: Audience, at: Instant, expires_at: Sequence[Instant] = ()
    ) -> AudienceDecision:
        """Return what each party of the audience would be told if an item of these portions were shared now."""
        markings = self.find_markings(portions)
        return self._decide(Subject(markings), audience, at, expires_at)

    async def share(
        self,
        portions: Sequence[Portion],
        *,
        audience: Audience,
        at: Instant,
        expires_at: Sequence[Instant] = (),
        read: ReadChunk = read_nothing,
    ) -> Digest:
        """Make an item of ours, give it to an audience, and return its digest; `read` as in `give`.

        From `expires_at`, at most one, it is given to nobody any more.

        Raises:
            UsageError: `release.withheld`, `release.needs-consent`, `item.portion-marking`, `item.portion-count`,
                `item.portion-form`, `item.too-large`.
        """
        made = self.make(portions, at=at, expires_at=expires_at)
        await self.give(made, audience=audience, at=at, read=read)
        return made.digest

    def make(self, portions: Sequence[Portion], *, at: Instant, expires_at: Sequence[Instant] = ()) -> Made:
        """Make and sign an item of ours, and give it to nobody.

        Raises:
            UsageError: `item.portion-marking`, `item.portion-count`, `item.portion-form`, `item.too-large`,
                `attachment.count`.
        """
        setup = self._machine.setup
        check_portions(portions)
        markings = self.find_markings(portions)
        head = Head(
            find_format(portions, expires_at=expires_at),
            setup.pins.lineage,
            setup.pins.realm,
            setup.party,
            at,
            markings[0],
            len(portions),
            tuple(expires_at),
        )
        digest, rendition = make_item(
            self._suite,
            head=head,
            portions=portions,
            blinding_key=self._ceremony.random(KEY_SIZE),
            secret=setup.secrets.node,
        )
        if len(rendition) > RENDITION_SIZE_BYTES_MAX:
            raise UsageError("item.too-large")
        return Made(digest, rendition, head, markings, find_attachments(portions))

    async def give(
        self, made: Made, *, audience: Audience, at: Instant, read: ReadChunk = read_nothing
    ) -> tuple[Digest, ...]:
        """Give an item of ours to an audience; `read` returns the chunks of its attachments.

        Raises:
            UsageError: `release.withheld`, `release.needs-consent`.
        """
        decided = self._decide(Subject(made.markings, made.digest), audience, at, made.head.expires_at)
        refuse_unless_permitted(decided)
        sealed = await self._seal(made, audience, read)
        # What is given to nobody else names its author: a giving has a row at least (R23, X32).
        bases = make_bases(decided) or (Basis(self._machine.party, FUNNEL, made.markings[0].level),)
        given = (made.digest, made.markings, sealed.blob_id, len(sealed.blob), sealed.commitment, bases)
        of_2 = (made.head.expires_at, made.attached_size_bytes)
        entry: Entry = ItemShared(*given) if made.head.format == 1 else ItemGiven(*given, *of_2)
        return await self._give(sealed, entry, audience)

    async def pass_on(self, item: Digest, *, to: Party, at: Instant) -> tuple[Digest, ...]:
        """Give another party's item to `to`, with the consents that let it, and tell the originator.

        Its attachments go with it, sealed anew; all of them must be here.

        Raises:
            UsageError: `release.needs-consent`, `release.withheld`, `item.not-here`.
            OutageError: `attachment.not-here`.
        """
        _, opened = self._attachments.opener.open(item)
        head, markings = opened.item.head, opened.item.markings
        audience = tuple(sorted((self._machine.party, to)))
        decided = self._decide(Subject(markings, item), audience, at, head.expires_at)
        refuse_unless_permitted(decided)
        made = Made(item, opened.rendition, head, markings, opened.item.attachments)
        sealed = await self._seal(made, audience, self._attachments.reader_of(opened))
        given = (item, markings, sealed.blob_id, len(sealed.blob), sealed.commitment, make_bases(decided))
        of_2, consents = (head.expires_at, made.attached_size_bytes), self._find_consents(item, to)
        entry: Entry = PassedOn(*given, consents) if head.format == 1 else ItemPassedOn(*given, *of_2, consents)
        ids = await self._give(sealed, entry, audience)
        pair = tuple(sorted((self._machine.party, head.originator)))
        await self._node.say(pair, (PassOnReported(item, to, at),))
        return ids

    async def consent(
        self, item: Digest, *, holder: Party, recipient: Party, at: Instant, expires_at: Instant
    ) -> tuple[Digest, ...]:
        """Sign a detached consent as the originator, and give it to the holder who asked."""
        setup = self._machine.setup
        consent = Consent(setup.pins.lineage, setup.pins.realm, setup.party, item, holder, recipient, at, expires_at)
        signed = sign_consent(self._suite, consent, secret=setup.secrets.node)
        return await self._node.say(tuple(sorted((setup.party, holder))), (ConsentGiven(item, signed),))

    def open(self, item: Digest) -> tuple[Item, bytes]:
        """Return an item that was given to us, verified, with its rendition.

        Raises:
            UsageError: `item.not-here` where no blob of it can be opened here.
            RemoteError: what is wrong with the blob, the item or its markings.
        """
        _, opened = self._attachments.opener.open(item)
        return opened.item, opened.rendition

    def find_markings(self, portions: Sequence[Portion]) -> tuple[Marking, ...]:
        """Return the banner of these portions, then each different marking of them: what the funnel decides.

        Raises:
            UsageError: `item.portion-marking`.
        """
        own = [portion.marking for portion in portions]
        banner = find_banner(self._machine.funnel.terms, originator=self._machine.party, markings=own)
        return tuple(dict.fromkeys((banner, *own)))

    def _decide(self, subject: Subject, audience: Audience, at: Instant, expires_at: Sequence[int]) -> AudienceDecision:
        ground = self._machine.funnel.find_ground(at, audience=audience)
        return decide_givings(
            subject, expires_at=expires_at, holder=self._machine.party, audience=audience, ground=ground
        )

    async def _seal(self, made: Made, audience: Audience, read: ReadChunk) -> Sealed:
        """Seal a rendition under a new key, wrapped to the receiving and recovery key of every reader."""
        context = self._attachments.opener.find_context(made.digest)
        attached = await self._attachments.seal(made.digest, made.attachments, read=read, ceremony=self._ceremony)
        content = made.rendition if made.head.format == 1 else encode(Packing(made.rendition, attached))
        key = self._ceremony.random(KEY_SIZE)
        blob = seal_blob(self._suite, content, context=context, key=key, salt=self._ceremony.random(KEY_SIZE))
        blob_id = find_blob_id(self._suite, blob)
        commitment = find_key_commitment(self._suite, blob=blob_id, key=key)
        wraps = {}
        for party in audience:
            certificate = self._machine.ledger.trust.find_newest(party)
            assert certificate is not None, "a pact in force has every party's certificate"
            info = wrap_info(context, blob=blob_id, commitment=commitment, party=party)
            wraps[party] = tuple(
                self._wrap(public, key, info, blob_id, party)
                for public in (certificate.receiving_key, certificate.recovery_key)
            )
        return Sealed(blob, blob_id, commitment, wraps, attached)

    def _wrap(self, public: bytes, key: bytes, info: bytes, blob_id: Digest, party: Party) -> bytes:
        wrapped = self._ceremony.wrap(public=public, plaintext=key, info=info)
        return encode(KeyWrap(1, blob_id, party, find_key_id(self._suite, public), wrapped))

    async def _give(self, sealed: Sealed, entry: Entry, audience: Audience) -> tuple[Digest, ...]:
        """Keep what was sealed and state the giving; what is refused leaves nothing behind."""
        store = self._node.store
        rows = list_chunks(sealed.attached)
        store.blobs.keep_draft(sealed.blob_id, sealed.blob)
        store.blobs.attach(sealed.blob_id, rows)
        self._shelf.keep(sealed.blob_id, sealed.blob, sealed.wraps)
        drafts = (sealed.blob_id, *(chunk for _, _, chunk in rows))
        try:
            ids = await self._node.say(audience, (entry,))
        except UsageError as error:
            if error.code != "approval.awaited":  # held for a second officer, the giving may still be stated
                self._shelf.drop_drafts(drafts)
            raise
        given = self._machine.record.find_statement(ids[0])
        if given is not None and isinstance(given.entry, Giving) and given.entry.blob != sealed.blob_id:
            self._shelf.drop_drafts(drafts)  # under the request's key it was given before, sealed otherwise
        else:
            store.blobs.settle(drafts)
        return ids

    def _find_consents(self, item: Digest, to: Party) -> tuple[SignedConsent, ...]:
        found = []
        for stated in self._machine.statements.find(ConsentGiven):
            entry = stated.entry
            assert isinstance(entry, ConsentGiven)
            consent = self._machine.funnel.check_consent(entry.consent)
            if consent is not None and (consent.item, consent.recipient) == (item, to) and stated.counts:
                found.append(entry.consent)
        return tuple(found)
