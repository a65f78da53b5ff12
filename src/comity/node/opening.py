"""Opening what was given to us: blob, key, rendition, and what its giver stated of it (R17 to R21, R38, R39)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.base.errors import ComityError, RemoteError, UsageError
from comity.base.names import Digest
from comity.node.openable import find_refusal
from comity.procedure.attachment import ChunkKeys, Packing, check_packing, decode_packing
from comity.procedure.banner import check_item
from comity.procedure.blob import BlobContext, open_blob, open_wrap
from comity.procedure.item import Item, open_rendition
from comity.procedure.sharing import Giving, ItemGiven, ItemPassedOn

if TYPE_CHECKING:
    from comity.node.node import Node

__all__ = ["Opened", "Opener"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A verified item, its rendition as it came, and how its giver sealed its attachments."""

    item: Item
    rendition: bytes
    attached: tuple[ChunkKeys, ...]


class Opener:
    """Opens items at one node."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._machine = node.machine
        self._shelf = node.shelf
        self._suite = node.machine.setup.suite

    def open(self, item: bytes) -> tuple[Giving, Opened]:
        """Return an item that was given to us, verified, by whichever giving of it can be opened here.

        Raises:
            UsageError: `item.not-here` where no blob of it can be opened here; as `openable.find_refusal`.
            RemoteError: what is wrong with the blob, the item or its markings.
        """
        fault: ComityError = UsageError("item.not-here")
        for stated in self._shelf.find_givings():
            entry = stated.entry
            assert isinstance(entry, Giving)
            if entry.item == item:
                if (refusal := find_refusal(self._node, stated)) is not None:
                    fault = refusal
                    continue
                try:
                    return entry, self.open_giving(entry)
                except UsageError:
                    continue
                except RemoteError as error:
                    fault = error
        raise fault

    def open_giving(self, entry: Giving) -> Opened:
        """Return the item that one statement gave.

        Raises:
            UsageError: `item.not-here` where its blob is not.
            RemoteError: what is wrong with it.
        """
        held = self._shelf.find_own(entry.blob)
        if held is None:
            raise UsageError("item.not-here")
        blob, wraps = held
        context = self.find_context(entry.item)
        key = self._unwrap(wraps, context, entry.key_commitment)
        content = open_blob(self._suite, blob, context=context, key=key, blob_id=entry.blob)
        packing = decode_packing(content) if isinstance(entry, ItemGiven | ItemPassedOn) else Packing(content)
        keys_of = self._machine.ledger.trust.find_node_keys
        read = open_rendition(self._suite, packing.rendition, digest=entry.item, keys_of=keys_of)
        pins = self._machine.setup.pins
        check_item(
            read, terms=self._machine.funnel.terms, lineage=pins.lineage, realm=pins.realm, markings=entry.markings
        )
        check_giving(read, packing, entry)
        return Opened(read, packing.rendition, packing.attached)

    def find_context(self, item: bytes) -> BlobContext:
        """Return to what the blobs of an item belong."""
        pins = self._machine.setup.pins
        return BlobContext(pins.lineage, pins.realm, Digest(item))

    def _unwrap(self, wraps: Sequence[bytes], context: BlobContext, commitment: bytes) -> bytes:
        fault = RemoteError("key.not-unwrapped")
        party = self._machine.party
        for raw in wraps:
            for secret in self._machine.setup.receiving_secrets:
                try:
                    return open_wrap(
                        self._suite, raw, context=context, secret=secret, party=party, commitment=commitment
                    )
                except RemoteError as error:
                    fault = error
        raise fault


def check_giving(read: Item, packing: Packing, entry: Giving) -> None:
    """Check an item against what its giver stated of it (R38, R39).

    Raises:
        RemoteError: `item.malformed`, `item.expiry`, `item.attachments`.
    """
    if not isinstance(entry, ItemGiven | ItemPassedOn):
        if read.head.format != 1:
            raise RemoteError("item.malformed")
        return
    if read.head.format == 1:
        raise RemoteError("item.malformed")
    if entry.expires_at != read.head.expires_at:
        raise RemoteError("item.expiry")
    check_packing(packing, read.attachments)
    if entry.attached_size_bytes != sum(attachment.size_bytes for _, attachment in read.attachments):
        raise RemoteError("item.attachments")
