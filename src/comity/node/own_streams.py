"""What a store says of the own journals, each a stream of the outbox: which there are, what is in them, at which place.

Counted by the index `pages_of_stream`, on from where it was counted before: a page's place is its sequence there.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Final

from comity.base.names import Audience, Digest, Party
from comity.node.losses import Losses
from comity.node.schema import Row
from comity.node.store_file import READ_ROW, StoreFile

__all__ = ["OwnStreams"]

_OF_STREAM: Final = "FROM pages WHERE author = ? AND feed = ? AND audience = ?"


class OwnStreams:
    """The part of a store that is about one party's own streams; what it reads with is there for the rest of it too."""

    def __init__(self, file: StoreFile, losses: Losses, *, party: Party) -> None:
        self._file = file
        self._losses = losses
        self._party = party
        self._places: dict[tuple[str, str], tuple[int, int]] = {}
        """For each own stream, the row last asked for and its place, so that the next is counted from there."""
        self._totals: dict[tuple[str, str], tuple[int, int]] = {}
        """For each own stream, up to which row its pages were counted, and how many they were."""
        self._outs: dict[tuple[str, str], tuple[int, int]] = {}
        """The same of pages that are out, up to the first that is not."""
        losses.on_new_indexes = self._forget

    def read_stream(self, feed: str, audience: Audience, *, after: int = 0) -> Iterator[tuple[Digest, bytes]]:
        """Yield the own pages of one stream in order, but for the first `after`: what the outbox is rebuilt from.

        It ends before a page that is lost: what comes after it has no place in the outbox until it is back.
        """
        asked = f"SELECT seq {_OF_STREAM} ORDER BY seq LIMIT -1 OFFSET ?"
        seqs = self._all(asked, (self._party, feed, " ".join(audience), after))
        for (wanted,), row in zip(seqs, self._read_each(seqs), strict=False):
            if row.seq != wanted:
                return
            yield Digest(row.digest), row.raw

    def has_lost_of(self, feed: str, audience: Audience) -> bool:
        """Tell whether a page of an own stream is lost."""
        lost = self._losses.find_open()
        return any((page.author, page.feed, page.audience) == (self._party, feed, audience) for page in lost)

    def count_out(self, feed: str, audience: Audience) -> int:
        """Return how many pages of an own stream the outbox has answered for."""
        key = (feed, " ".join(audience))
        from_seq, count = self._outs.get(key, (0, 0))
        is_unbroken = True
        for seq, is_out in self._all(
            f"SELECT seq, is_out {_OF_STREAM} AND seq > ? ORDER BY seq", (self._party, *key, from_seq)
        ):
            count += bool(is_out)
            is_unbroken = is_unbroken and bool(is_out)
            if is_unbroken:
                self._outs[key] = (seq, count)
        return count

    def count_own(self, feed: str, audience: Audience) -> int:
        """Return how many pages of an own stream are stored, lost ones included."""
        key = (feed, " ".join(audience))
        from_seq, from_count = self._totals.get(key, (0, 0))
        asked = f"SELECT COALESCE(MAX(seq), ?), COUNT(*) {_OF_STREAM} AND seq > ?"
        last_seq, count = self._one(asked, (from_seq, self._party, *key, from_seq))
        self._totals[key] = (last_seq, from_count + int(count))
        return from_count + int(count)

    def has_fewer(self, feed: str, audience: Audience, *, than: int) -> bool:
        """Tell whether fewer pages of an own stream are stored than that, also after everything was checked anew."""
        if self.count_own(feed, audience) < than:
            self._losses.scrub_all()
        return self.count_own(feed, audience) < than

    def has_page(self, feed: str, audience: Audience, digest: Digest) -> bool:
        """Tell whether a page of an own stream is stored, lost or not, whatever the index of streams says."""
        asked = "SELECT 1 FROM pages INDEXED BY sqlite_autoindex_pages_1 WHERE digest = ? AND feed = ? AND audience = ?"
        return bool(self._all(asked, (digest, feed, " ".join(audience))))

    def find_digests(self, feed: str, audience: Audience) -> frozenset[Digest]:
        """Return the digests of the own pages of one stream, lost ones included."""
        rows = self._all(f"SELECT digest {_OF_STREAM}", (self._party, feed, " ".join(audience)))
        return frozenset(Digest(digest) for (digest,) in rows)

    def find_place(self, digest: Digest) -> int:
        """Return which page of its stream an own page is, counting from 1: its sequence in the outbox."""
        found = self._all(
            "SELECT seq, feed, audience FROM pages WHERE digest = ? AND author = ?", (digest, self._party)
        )
        assert found, "only an own, stored page has a place"
        seq, feed, audience = found[0]
        from_seq, from_place = self._places.get((feed, audience), (0, 0))
        if from_seq > seq:
            from_seq, from_place = 0, 0
        asked = f"SELECT COUNT(*) {_OF_STREAM} AND seq > ? AND seq <= ?"
        (count,) = self._one(asked, (self._party, feed, audience, from_seq, seq))
        place = from_place + int(count)
        self._places[feed, audience] = (seq, place)
        return place

    def find_streams(self) -> tuple[tuple[str, Audience], ...]:
        """Return feed and audience of every own journal that others read.

        The index says so, and is no more believed than a row: a stream of which the table has no page is none.
        """
        asked = "SELECT DISTINCT feed, audience FROM pages WHERE author = ? ORDER BY feed, audience"
        found = self._all(asked, (self._party,))
        if not all(self._is_stream(feed, audience) for feed, audience in found):
            self._losses.scrub_all()
            found = self._all(asked, (self._party,))
        streams = ((feed, tuple(audience.split(" "))) for feed, audience in found)
        return tuple((feed, audience) for feed, audience in streams if len(audience) > 1)

    def _forget(self) -> None:
        """Count anew: what was counted by an index that was damaged is not believed."""
        for counted in (self._places, self._totals, self._outs):
            counted.clear()

    def _is_stream(self, feed: object, audience: object) -> bool:
        ((seq,),) = self._all(f"SELECT MIN(seq) {_OF_STREAM}", (self._party, feed, audience))
        first = self._read(READ_ROW, (seq,))
        return any((row.author, row.feed, row.audience) == (self._party, feed, audience) for row in first)

    @property
    def _db(self) -> sqlite3.Connection:
        return self._file.db

    def _all(self, asked: str, given: tuple[object, ...] = ()) -> list[Any]:
        return self._file.read(lambda db: db.execute(asked, given).fetchall())

    def _one(self, asked: str, given: tuple[object, ...] = ()) -> Any:
        return self._all(asked, given)[0]

    def _read(self, asked: str, given: tuple[object, ...]) -> list[Row]:
        return [Row(*row) for row in self._all(asked, given)]

    def _read_each(self, seqs: Iterable[tuple[int]]) -> Iterator[Row]:
        """Yield the rows at these places that are whole, one by one: other work is done between them."""
        for (seq,) in seqs:
            yield from self._losses.check(self._read(READ_ROW, (seq,)))
