"""Where a node keeps the blobs of items and the wraps of their keys, apart from the page store's chains.

Drop a blob and its wraps here, and the chains still verify: that is what lets a party say *destroyed* and mean it. A
blob goes only to a party to whom this node's own statements gave it, and back to its giver (DESIGN, section 6; T22). A
chunk of an attachment goes where the item goes to which it belongs.
"""

from collections.abc import Collection, Iterable

from comity.base.errors import RemoteError
from comity.base.names import Digest, Party
from comity.crypto.suite import Suite
from comity.machine.statements import Statements
from comity.node.store import Store
from comity.procedure.blob import find_blob_id
from comity.procedure.entry import Entry
from comity.procedure.recall import ItemDestroyed
from comity.procedure.sharing import GIVING, Giving
from comity.procedure.stated import Stated

__all__ = ["Shelf"]


class Shelf:
    """Blobs by id, and for each blob the wrap of its key for each reader."""

    def __init__(self, store: Store, statements: Statements, *, party: Party, suite: Suite) -> None:
        self._store = store
        self._statements = statements
        self._party = party
        self._suite = suite
        self._certified: tuple[tuple[Stated, ...], frozenset[Digest]] = ((), frozenset())
        self._stale = store.blobs.list_drafts()
        """What an earlier run stored and had not stated."""

    def find_givings(self) -> tuple[Stated, ...]:
        """Return every statement by which an item was given, that this party can read."""
        return tuple(self._statements.find(*GIVING))

    def find_certified(self) -> frozenset[Digest]:
        """Return the blobs of which this party has certified that its copy is gone (R45)."""
        told = self._statements.find(ItemDestroyed)
        if told is not self._certified[0]:
            own = [row.entry for row in told if row.author == self._party and isinstance(row.entry, ItemDestroyed)]
            self._certified = told, frozenset(Digest(blob) for entry in own for blob in entry.blobs)
        return self._certified[1]

    def is_gone(self, blob_id: bytes) -> bool:
        """Tell whether this party has destroyed its copy, whatever its store holds (R50)."""
        return blob_id in self.find_certified() or self._store.is_gone(blob_id)

    def find_wanted(self) -> tuple[tuple[Party, Digest], ...]:
        """Return whom to ask for every blob that is not here: who gave it, and for an own one those to whom it went."""
        wanted: dict[tuple[Party, Digest], None] = {}
        needless = {*self._store.list_blobs(), *self._store.list_gone(), *self.find_certified()}
        for stated in self.find_givings():
            blob_id = _get_blob(stated)
            if blob_id not in needless:
                wanted |= {(holder, blob_id): None for holder in self.find_holders(stated)}
        return tuple(wanted)

    def find_holders(self, stated: Stated) -> tuple[Party, ...]:
        """Return who else has what a statement gave: its giver or, where that is we, those to whom it went."""
        holders = stated.audience if stated.author == self._party else (stated.author,)
        return tuple(holder for holder in holders if holder != self._party)

    def has(self, blob_id: bytes) -> bool:
        """Tell whether a blob is here, without reading it."""
        return self._store.has_blob(blob_id)

    def keep(self, blob_id: Digest, blob: bytes, wraps: dict[Party, tuple[bytes, ...]]) -> None:
        """Keep a blob that is the one named.

        Raises:
            RemoteError: `blob.other` where the bytes are not the ones that the chain names.
        """
        if find_blob_id(self._suite, blob) != blob_id:
            raise RemoteError("blob.other", evidence=blob[:1024])
        self._store.keep_blob(blob_id, blob, wraps)

    def find_own(self, blob_id: bytes) -> tuple[bytes, tuple[bytes, ...]] | None:
        """Return a blob that is here, with the wraps of its key for this party."""
        blob = self._find(blob_id)
        return None if blob is None else (blob, self._store.find_wraps(blob_id, self._party))

    def _find(self, blob_id: bytes) -> bytes | None:
        """Return a blob that is still the one named; a damaged one is dropped, so that it is wanted anew."""
        if self.is_gone(blob_id):
            return None
        blob = self._store.find_blob(blob_id)
        if blob is not None and find_blob_id(self._suite, blob) != blob_id:
            self._store.drop_blob(blob_id)
            return None
        return blob

    def answer(self, blob_id: bytes, reader: Party) -> tuple[bytes, tuple[bytes, ...]] | None:
        """Return blob and wraps for a reader to whom it was given by this party, or who alone gave it; else None.

        A chunk is answered as the blobs of the items to which it belongs: any of them that was given to the reader, or
        all of them by the reader.
        """
        blobs = {blob_id, *self._store.blobs.find_parents(blob_id)}
        givings = [stated for stated in self.find_givings() if _get_blob(stated) in blobs]
        is_given = any(stated.author == self._party and reader in stated.audience for stated in givings)
        is_giver = {stated.author for stated in givings} == {reader}
        blob = self._find(blob_id) if is_given or is_giver else None
        return None if blob is None else (blob, self._store.find_wraps(blob_id, reader))

    def drop_drafts(self, blob_ids: Iterable[bytes]) -> None:
        """Drop blobs that were stored for a giving which was refused, or was never stated."""
        self._store.blobs.drop_drafts(blob_ids)

    def settle(self, entries: Iterable[Entry]) -> None:
        """Note that these givings are stated: what was sealed for them is no draft any more."""
        if sealed := self._find_sealed(entries):
            self._store.blobs.settle(sealed)

    def drop_sealed(self, entries: Iterable[Entry]) -> None:
        """Drop what was sealed for givings that are not stated, and will not be."""
        drafts = {*self._store.blobs.list_drafts()}
        stated = {_get_blob(giving) for giving in self.find_givings()}
        orphans = [one for one in self._find_sealed(entries, besides=stated) if one in drafts]
        if orphans:
            self.drop_drafts(orphans)

    def _find_sealed(self, entries: Iterable[Entry], *, besides: Collection[Digest] = ()) -> list[Digest]:
        """Return the blob of every giving among these entries, with those of its attachments' chunks."""
        blobs = [Digest(entry.blob) for entry in entries if isinstance(entry, Giving)]
        found: list[Digest] = []
        for blob_id in blobs:
            if blob_id not in besides:
                found += [blob_id, *(row.chunk for row in self._store.blobs.find_attached(blob_id))]
        return found

    def sweep(self) -> None:
        """Drop what an earlier run had stored and not stated before it stopped; asked once all own words are here."""
        stale, self._stale = self._stale, ()
        if not stale:
            return
        stated = {_get_blob(giving) for giving in self.find_givings()}
        meant = {one for one in stale if {one, *self._store.blobs.find_parents(one)} & stated}
        self._store.blobs.settle(meant)
        if orphans := [one for one in stale if one not in meant]:
            self.drop_drafts(orphans)


def _giving(stated: Stated) -> Giving:
    assert isinstance(stated.entry, Giving)
    return stated.entry


def _get_blob(giving: Stated) -> Digest:
    return Digest(_giving(giving).blob)
