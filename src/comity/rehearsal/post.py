"""Carries pages from outboxes to readers and fetched pages between stores, over links that fail.

A page gets through if the author's outbox, the link and the reader's node are up when it arrives; else it waits at its
consumer and is sent again when all three are. The page service answers from the peer's durable pages, and only what
the asker may read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

from comity.base.instants import SECOND_MS
from comity.base.limits import ACK_WAIT_MS
from comity.base.names import Digest, Party
from comity.journal.header import Page
from comity.journal.ledger import Verdict
from comity.machine.effect import Fetch
from comity.rehearsal.agenda import Agenda
from comity.rehearsal.link import Links
from comity.rehearsal.log import Log
from comity.rehearsal.outbox import Outbox, Stream

__all__ = ["Post", "Reader"]

FETCH_TIMEOUT_MS: Final = 3 * SECOND_MS


class Reader(Protocol):
    """A node as the post sees it."""

    is_up: bool

    def take_page(self, raw: bytes, delivery: int) -> bool:
        """Take a page that arrived, and return whether it was taken."""

    def read_pages(self, journal: Digest, *, first: int, last: int, reader: Party) -> list[Page] | None:
        """Return durable pages that `reader` may read; None is no answer."""

    def end_fetch(self, party: Party, journal: Digest, *, is_answered: bool) -> None:
        """Take note that a fetch is over."""


@dataclass(slots=True)
class Post:
    """All outboxes and links of a run."""

    agenda: Agenda
    links: Links
    log: Log
    readers: dict[Party, Reader]
    is_prying: bool = False
    """Serves every party, whatever the audience: never so but for a canary."""
    outboxes: dict[Party, Outbox] = field(default_factory=dict)
    withheld: set[tuple[Party, Party]] = field(default_factory=set)
    """Author and reader, where the author sends the reader nothing of its own: a liar's doing."""
    _deliveries: dict[int, tuple[Stream, Party, int]] = field(default_factory=dict)
    _delivery: int = 0

    def follow(self, reader: Party, stream: Stream) -> None:
        """Serve a reader from now on, with all that is there."""
        if stream.follow(reader):
            for index in range(len(stream.raws)):
                self._send(stream, reader, index)

    def take(self, stream: Stream, digest: Digest, raw: bytes) -> None:
        """Take a page into a stream and send it to everyone who follows it."""
        if self.is_prying:
            for party in self.readers:
                if party != stream.author:
                    stream.follow(party)
        index = stream.take(digest, raw)
        if index is not None:
            for reader in stream.consumers:
                self._send(stream, reader, index)

    def resume(self, author: Party, reader: Party) -> None:
        """Send again what waits for a reader: the link, the outbox or the reader's node is up again."""
        for stream, index in self.outboxes[author].list_waiting(reader):
            self._send(stream, reader, index)

    def slip_in(self, sender: Party, reader: Party, raw: bytes) -> None:
        """Carry bytes to a reader's door beside every stream; if the way is not open just now, they are lost."""

        def arrive() -> None:
            if self.links.is_up(sender, reader) and self.readers[reader].is_up:
                self.readers[reader].take_page(raw, 0)

        self.agenda.after(self.links.draw_delay_ms(), arrive, by=sender)

    def _is_open(self, author: Party, reader: Party) -> bool:
        return (author, reader) not in self.withheld and self._is_passable(author, reader)

    def _is_passable(self, author: Party, reader: Party) -> bool:
        return self.links.is_up(author, reader) and self.outboxes[author].is_up and self.readers[reader].is_up

    def _send(self, stream: Stream, reader: Party, index: int) -> None:
        waiting = stream.consumers[reader].waiting
        if waiting.get(index, True) or not self._is_open(stream.author, reader):
            return
        waiting[index] = True
        if self.links.is_dropped():
            self.log.count("pages-dropped")
        else:
            self._put_under_way(stream, reader, index)
            if self.links.is_duplicated():
                self.log.count("pages-duplicated")
                self._put_under_way(stream, reader, index)
        self.agenda.after(ACK_WAIT_MS, lambda: self._send_again(stream, reader, index))

    def _send_again(self, stream: Stream, reader: Party, index: int) -> None:
        waiting = stream.consumers[reader].waiting
        if index in waiting:
            waiting[index] = False
            self._send(stream, reader, index)

    def _put_under_way(self, stream: Stream, reader: Party, index: int) -> None:
        life = self.links.find_life(stream.author, reader)

        def arrive() -> None:
            if life != self.links.find_life(stream.author, reader) or not self.readers[reader].is_up:
                self.log.count("pages-lost-on-the-way")
                return
            consumer = stream.consumers[reader]
            if index < consumer.highest and index in consumer.waiting:
                self.log.count("pages-reordered")
            consumer.highest = max(consumer.highest, index)
            self._delivery += 1
            self._deliveries[self._delivery] = (stream, reader, index)
            self.readers[reader].take_page(stream.raws[index], self._delivery)

        self.agenda.after(self.links.draw_delay_ms(), arrive, by=stream.author)

    def acknowledge(self, delivery: int, verdict: Verdict) -> None:
        """Carry a reader's acknowledgement back; it may be lost, and then the page comes again."""
        stream, reader, index = self._deliveries.pop(delivery)
        if verdict is Verdict.HELD:
            self.log.count("pages-held")
        if verdict is Verdict.DROPPED:
            # Not kept, so it has to come again.
            self.log.count("pages-dropped-at-the-door")
        elif self.links.is_ack_lost():
            self.log.count("acks-lost")
        else:
            stream.consumers[reader].waiting.pop(index, None)

    def fetch(self, asker: Party, wish: Fetch, *, is_current: Callable[[], bool]) -> None:
        """Ask a peer's page service; whatever happens, the fetch ends once, unless the asker has crashed meanwhile."""
        reader, peer = self.readers[asker], self.readers[wish.party]
        life = self.links.find_life(asker, wish.party)

        def end(*, is_answered: bool) -> None:
            if is_current():
                self.log.count("fetches-answered" if is_answered else "fetches-failed")
                reader.end_fetch(wish.party, wish.journal, is_answered=is_answered)

        def come_back(pages: list[Page]) -> None:
            is_answered = life == self.links.find_life(asker, wish.party)
            for page in pages if is_answered and is_current() else ():
                if is_current():
                    self.log.count("pages-fetched")
                    is_answered = reader.take_page(page.raw, 0) and is_answered
            end(is_answered=is_answered)

        def reach_peer() -> None:
            pages = None
            if self._is_passable(wish.party, asker) and peer.is_up and not self.links.is_dropped():
                pages = peer.read_pages(wish.journal, first=wish.first, last=wish.last, reader=asker)
            if pages is not None:
                self.agenda.after(self.links.draw_delay_ms(), partial(come_back, pages), by=wish.party)
            else:
                self.agenda.after(FETCH_TIMEOUT_MS, lambda: end(is_answered=False), by=wish.party)

        self.agenda.after(self.links.draw_delay_ms(), reach_peer, by=asker)
