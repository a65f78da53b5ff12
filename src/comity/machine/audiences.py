"""Which audiences there are: the standing ones, and those that a party has opened and told its pairs of.

DESIGN, section 10: oneself, every pair and all parties exist from the birth of a pact; any other audience is announced
in the journal of each pair in it, so that nobody outside learns of it.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final

from comity.base.limits import FOLLOWED_COUNT_MAX
from comity.base.names import Audience, Party
from comity.journal.header import Feed
from comity.procedure.genesis import AudienceOpened
from comity.procedure.registry import encode_entry
from comity.procedure.stated import Stated

if TYPE_CHECKING:
    from comity.machine.outgoing import OwnJournal
    from comity.machine.statements import Statements

__all__ = ["Announcements", "Followed", "find_followed", "find_own_audiences", "is_standing"]

Followed = tuple[Party, Feed, Audience]
"""A stream of another party that this party may pull."""

ANNOUNCED_FEEDS: Final = (Feed.RECORD, Feed.BULK, Feed.WARNING)
PAIR_SIZE: Final = 2


def is_standing(feed: Feed, audience: Audience, circles: Collection[Audience]) -> bool:
    """Tell whether a stream exists from the birth of a pact, so that every reader follows it unasked.

    `circles` are the audiences of all parties, one for each version that this party belongs to.
    """
    if len(audience) == 1:
        return True
    return feed in (Feed.GENESIS, Feed.RECORD) and (len(audience) == PAIR_SIZE or audience in circles)


class Announcements:
    """What this party has told each pair of its new audiences.

    Asked of the statements and not of the occasion: a journal also begins with a receipt, and what was queued when the
    node stopped is not said. (Seen in rehearsal: a receipt to three of four parties that nobody came to fetch.)
    """

    def __init__(self, party: Party, circles: Collection[Audience]) -> None:
        self._party = party
        self._circles = circles
        self._told: set[tuple[str, Audience, Party]] = set()
        self._looked_at: tuple[OwnJournal, ...] = ()

    def note(self, stated: Stated) -> None:
        """Take note of an announcement of ours that is on the record."""
        entry = stated.entry
        if stated.author == self._party and isinstance(entry, AudienceOpened):
            self._told.update((entry.feed, entry.readers, party) for party in stated.audience)

    def find_due(self, journals: "tuple[OwnJournal, ...]") -> list[tuple[Audience, bytes]]:
        """Return what is to be said to which pair, once each, about these own journals."""
        due: list[tuple[Audience, bytes]] = []
        if journals is self._looked_at:
            return due
        self._looked_at = journals
        for journal in (own.id for own in journals):
            if is_standing(journal.feed, journal.audience, self._circles):
                continue
            opened = encode_entry(AudienceOpened(journal.feed.value, journal.audience))
            for party in journal.audience:
                key = (journal.feed.value, journal.audience, party)
                if party != self._party and key not in self._told:
                    self._told.add(key)
                    due.append((tuple(sorted((party, self._party))), opened))
        return due


def find_followed(party: Party, circles: Collection[Audience], statements: "Statements") -> tuple[Followed, ...]:
    """Return every stream that this party may pull: the standing ones of each circle, and those announced to it."""
    found: list[Followed] = []
    for parties in circles:
        for other in parties:
            if other != party:
                pair = tuple(sorted((other, party)))
                found += [(other, Feed.GENESIS, parties), (other, Feed.RECORD, parties), (other, Feed.RECORD, pair)]
    counts: Counter[Party] = Counter()
    for author, feed, audience in _find_announced(circles, statements):
        if author != party and party in audience and counts[author] < FOLLOWED_COUNT_MAX:
            counts[author] += 1
            found.append((author, feed, audience))
    return tuple(dict.fromkeys(found))


def find_own_audiences(
    party: Party, circles: Collection[Audience], statements: "Statements"
) -> tuple[tuple[Feed, Audience], ...]:
    """Return feed and audience of every journal that this party may have written, as far as the record shows.

    `circles` are the audiences of all parties, one for each version of the pact that this party belongs to.
    Those that are not standing are in its own announcements to the pairs. Another's announcements are not asked: who
    signs for what he read there has announced that himself.
    """
    found: list[tuple[Feed, Audience]] = []
    for parties in circles:
        found += [(Feed.GENESIS, parties), (Feed.RECORD, parties), (Feed.RECORD, (party,))]
        found += [(Feed.RECORD, tuple(sorted((other, party)))) for other in parties if other != party]
    found += [(feed, audience) for author, feed, audience in _find_announced(circles, statements) if author == party]
    return tuple(dict.fromkeys(found))


def _find_announced(circles: Collection[Audience], statements: "Statements") -> Iterator[Followed]:
    """Return every stream that its author announced and that can be one, each once: whatever a liar announces."""
    within = [frozenset(parties) for parties in circles]
    seen: set[Followed] = set()
    for stated in statements.find(AudienceOpened):
        entry = stated.entry
        assert isinstance(entry, AudienceOpened)
        readers = frozenset(entry.readers)
        can_be = stated.author in readers and any(readers <= all_ for all_ in within)
        if entry.feed in ANNOUNCED_FEEDS and can_be:
            stream = (stated.author, Feed(entry.feed), entry.readers)
            if stream not in seen:
                seen.add(stream)
                yield stream
