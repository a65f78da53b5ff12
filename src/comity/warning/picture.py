"""The picture: a fold of the set of blocks that a node may read, its own and what it was given.

Rules
- The same rows give the same situation, byte for byte: in any order of arrival, cut into blocks in any way, come once
  or twice, asked for once or at every moment (W40 to W42). What decides is (instant, author, track, number).
- When a block came is shown as a delay, and correlates nothing.
- The live path keeps of each track a handful of rows (`trackbook`), however long it runs; a picture of an earlier
  moment is another `Picture`, made from the archive.
- A block of a class that the pact does not have, of an author who does not report it, or with a row that the class
  does not permit, is no part of any picture (W7, W8).
"""

from collections.abc import Iterable, Mapping

import numpy as np

from comity.base.instants import Instant
from comity.warning.arrivals import Arrived
from comity.warning.assembly import Part, put_together
from comity.warning.bounds import find_class_fault
from comity.warning.correlate import Looks, correlate
from comity.warning.domain import TrackTerms
from comity.warning.estimated import EstimateBook, name_tracks
from comity.warning.rows import Block
from comity.warning.situation import Situation
from comity.warning.trackbook import TrackBook
from comity.warning.words import Words

__all__ = ["Picture", "make_situation"]


class _Class:
    """What a picture holds of one track class."""

    def __init__(self, terms: TrackTerms, words: Words) -> None:
        self.terms = terms
        self.tracks = TrackBook(terms, words)
        self.estimates = EstimateBook()
        self.looks = Looks()


class Picture:
    """A picture under the terms of each track class, by its clause. Instants asked for never go back."""

    def __init__(self, terms: Mapping[str, TrackTerms]) -> None:
        self._words = Words()
        self._classes = {class_: _Class(terms[class_], self._words) for class_ in sorted(terms)}
        self._asked = Instant(0)

    @property
    def track_count(self) -> int:
        """How many tracks are remembered, those that are dropped too."""
        return sum(of.tracks.track_count for of in self._classes.values())

    def take(self, author: str, block: Block, received_at: Instant | None = None) -> None:
        """Take a block of an author. What is own, or comes out of an archive, was here at its own instants."""
        of = self._classes.get(block.class_)
        if of is None or (of.terms.reported_by is not None and author not in of.terms.reported_by):
            return
        if of.terms.bounds is not None and find_class_fault(block.rows, of.terms.bounds) is not None:
            return
        number = self._words.number_author(author)
        told, seen = self._words.number_told(block.coarsening), [self._words.number_seen(one) for one in block.sensors]
        of.tracks.take(Arrived(block.rows, number, received_at, told, np.array([*seen, 0])))
        if len(block.estimates):
            of.estimates.take(number, block.rows, block.estimates)

    def settle(self, instant: Instant) -> None:
        """Let go of what can matter no more at this instant and after it: what comes goes on, and nobody looks."""
        assert instant >= self._asked, "an earlier moment is another picture's"
        self._asked = instant
        for of in self._classes.values():
            of.estimates.settle(instant, *of.tracks.settle(instant))

    def at(self, instant: Instant) -> Situation:
        """Return the situation at an instant, which is not before one asked for earlier."""
        assert instant >= self._asked, "an earlier moment is another picture's"
        self._asked = instant
        ranks = self._words.rank_authors()
        parts = []
        for number, of in enumerate(self._classes.values()):
            standing = of.tracks.stand(instant, ranks)
            found = correlate(standing, instant, of.terms, of.looks)
            told = of.estimates.stand(
                instant,
                standing.last["author"].astype(np.int64),
                name_tracks(standing.last["row"]),
                standing.first["row"]["at"].astype(np.int64),
            )
            parts.append(Part(number, of.terms, standing, found, *told))
        return put_together(instant, tuple(self._classes), parts, self._words)


def make_situation(terms: Mapping[str, TrackTerms], blocks: Iterable[tuple[str, Block]], at: Instant) -> Situation:
    """Return the situation at an instant from blocks and their authors, anew."""
    picture = Picture(terms)
    for author, block in blocks:
        picture.take(author, block)
    return picture.at(at)
