"""What a node keeps of items beside its pages: sealed blobs, and the wraps of their keys, as its store does.

They are of one disk with the pages: a disk that comes up older comes up with an older cabinet. What was destroyed here
is noted in the same write that erases it, and is not taken in again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from comity.base.names import Digest, Party

__all__ = ["Cabinet", "Kept"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A blob with the wraps of its key, by reader."""

    blob: bytes
    wraps: Mapping[Party, bytes]


@dataclass(frozen=True, slots=True)
class _State:
    page_count: int
    blobs: dict[Digest, bytes]
    wraps: dict[tuple[Digest, Party], bytes]
    gone: frozenset[Digest]


@dataclass(slots=True)
class Cabinet:
    """One node's. `ever` is all that it ever held, for whoever looks from outside; the node does not see it."""

    blobs: dict[Digest, bytes] = field(default_factory=dict)
    wraps: dict[tuple[Digest, Party], bytes] = field(default_factory=dict)
    gone: frozenset[Digest] = frozenset()
    """What was destroyed here."""
    ever: dict[Digest, Kept] = field(default_factory=dict)
    opened: dict[Digest, bytes] = field(default_factory=dict)
    """The rendition of each blob that was opened here, in the same way."""
    is_restored: bool = False
    """Whether it ever came up in an older state."""
    _states: list[_State] = field(default_factory=list)

    def keep(self, blob_id: Digest, kept: Kept, *, page_count: int) -> None:
        """Keep a blob and its wraps, unless it was destroyed here; `page_count` pages are on the disk now."""
        if blob_id in self.gone:
            return
        self.blobs[blob_id] = kept.blob
        self.wraps |= {(blob_id, party): wrap for party, wrap in kept.wraps.items()}
        self.ever.setdefault(blob_id, kept)
        self._note(page_count)

    def erase(self, blob_ids: Iterable[Digest], *, page_count: int) -> None:
        """Destroy blobs and every wrap of their keys, and take none of them in again."""
        gone = frozenset(blob_ids)
        self.gone |= gone
        self._drop(gone)
        self._note(page_count)

    def _drop(self, gone: frozenset[Digest]) -> None:
        self.blobs = {blob_id: blob for blob_id, blob in self.blobs.items() if blob_id not in gone}
        self.wraps = {place: wrap for place, wrap in self.wraps.items() if place[0] not in gone}

    def find(self, blob_id: Digest, reader: Party) -> Kept | None:
        """Return a blob that is here, with the wrap of its key for a reader; None where either is not."""
        blob, wrap = self.blobs.get(blob_id), self.wraps.get((blob_id, reader))
        return None if blob is None or wrap is None else Kept(blob, {reader: wrap})

    def has_any_of(self, blob_id: Digest) -> bool:
        """Tell whether the blob is here, or a wrap of its key for anybody."""
        return blob_id in self.blobs or any(place[0] == blob_id for place in self.wraps)

    def fall_back(self, page_count: int) -> None:
        """Come up as it was when so many pages were on the disk."""
        while self._states and self._states[-1].page_count > page_count:
            self._states.pop()
        last = self._states[-1] if self._states else _State(0, {}, {}, frozenset())
        self.blobs, self.wraps, self.gone = dict(last.blobs), dict(last.wraps), last.gone
        self.is_restored = True

    def _note(self, page_count: int) -> None:
        self._states.append(_State(page_count, dict(self.blobs), dict(self.wraps), self.gone))
