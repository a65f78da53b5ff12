"""One party's node on virtual time: a real machine, a disk that can lose what it has not written, a clock that is off.

A crash forgets the machine and all that was under way; a restart folds the durable pages into a new one. A machine that
finds a promise of its own broken stops its node for good, as in life; the outcome says so.
"""

import traceback
from collections.abc import Callable, Iterable

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.journal.header import Feed, Page
from comity.machine.closed import has_reckoned
from comity.machine.effect import Answer, Effect
from comity.machine.input import Arrived, FetchEnded, Input, LinkChanged, LostPage, PagesLost, Say, Ticked
from comity.machine.machine import Machine, Setup
from comity.procedure.entry import Entry
from comity.procedure.genesis import RootStatementPublished
from comity.rehearsal.berth import Berth
from comity.rehearsal.cabinet import Kept
from comity.rehearsal.crew import Crew, find_crew
from comity.rehearsal.disk import Disk
from comity.rehearsal.errand import Errands
from comity.rehearsal.snapshot import Start

__all__ = ["Station"]


class Station:
    """A node that can crash. `is_up` tells whether it runs; `machine` is the one that runs now or ran last.

    `life` grows with every start and crash: what was under way in another life does not come back.
    """

    def __init__(self, setup: Setup, berth: Berth, *, disk: Disk, skew_ms: int, seed: bytes) -> None:
        self.party = setup.party
        self.machine = berth.make_machine(setup)
        self.snapshot = berth.make_snapshot()
        self.cabinet = berth.make_cabinet()
        self.disk = disk
        self.skew_ms = skew_ms
        self.drift_ppm = 0
        self.life = 0
        self.is_up = False
        self.is_stopped = False
        self.may_be_old = False
        """Whether the disk was put back from a copy, as a mark outside it says until the machine has reckoned."""
        self._has_reckoned = False
        self.crash_at_commit_share = 0.0
        self.take_answer: Callable[[Answer], None] = lambda _: None
        self.notice: Callable[[], None] = lambda: None
        self.want: Callable[[], None] = lambda: None
        """Asks for the blobs that are not here."""
        self.turns_away: Callable[[bytes], bool] = lambda _: False
        """What this party's door does not take: a liar's, its second history."""
        self.lose_power: Callable[[], None] = self.crash
        self._berth = berth
        self.setup = setup
        self._opened_at = berth.agenda.now
        ceremony = berth.make_ceremony(seed + setup.party.encode())
        self._errands = Errands(self, berth, disk=disk, ceremony=ceremony)

    def start(self) -> None:
        """Start the node over its durable pages; the first time, be born."""
        if self.is_stopped:
            return
        self.is_up = True
        self.life += 1
        self._has_reckoned = False
        self._set_aside()
        self.machine = self.make_machine()
        start = self._find_start()
        self._berth.observer.on_start(self.party, start, self.now())
        start.restore(self.machine)
        if not self.machine.is_born:
            self._carry_out(self.machine.be_born(self.now(), self._errands.draw_salt()))
        for party, feed, audience in self.machine.find_followed():
            self._errands.follow(party, feed, audience)
        self._publish_statements()
        self.give(Ticked(self.now(), self._errands.draw_salt()))
        for peer in self.machine.parties:
            if peer != self.party and self.is_up:
                self._berth.post.resume(peer, self.party)
        self.want()

    def make_machine(self) -> Machine:
        """Return a machine of this node that has seen nothing yet."""
        return self._berth.make_machine(self.setup)

    def _publish_statements(self) -> None:
        """Say in the genesis journal what the root has said since, once, as the live node does at its start."""
        stated = self.machine.statements.find(RootStatementPublished)
        known = {row.entry.statement for row in stated if isinstance(row.entry, RootStatementPublished)}
        if entries := tuple(RootStatementPublished(raw) for raw in self.setup.successions if raw not in known):
            salt = self._errands.draw_salt()
            self.give(Say(self.now(), salt, 0, self.machine.parties, entries, Feed.GENESIS))

    def _find_start(self) -> Start:
        is_of = self.snapshot.is_of(self.machine, self.disk)
        return Start(
            pages=tuple(self.disk.pages),
            vouched=tuple(self.snapshot.rows) if is_of else (),
            unpublished=tuple(self.disk.find_unpublished(self.party)),
            lost=_name(self.disk.find_lost()),
            may_be_old=self.may_be_old,
        )

    def keep_snapshot(self) -> None:
        """Add to the snapshot what was stored since, as a running node does now and then."""
        if self.is_up:
            self.snapshot.keep(self.machine, self.disk)

    def crash(self) -> None:
        """Stop at once: what is not durable is gone."""
        self.is_up = False
        self.life += 1
        torn_count = len(self.disk.torn)
        self._berth.log.count("commits-lost", self.disk.crash(self._berth.agenda.now))
        self._berth.log.count("writes-torn", len(self.disk.torn) - torn_count)

    def step_clock(self, skew_ms: int) -> None:
        """Set the node's clock; what was to happen by the old one happens soon."""
        self.skew_ms = skew_ms
        if self.is_up:
            self._errands.set_alarm_clock(self._berth.agenda.now)

    def note_link(self, peer: Party, *, is_up: bool) -> None:
        """Tell the machine that a link changed."""
        if self.is_up:
            self.give(LinkChanged(self.now(), self._errands.draw_salt(), peer, is_up))

    def say(self, command: int, audience: Audience, entries: tuple[Entry, ...], *, by: Crew | None = None) -> None:
        """Give the machine officers' words, those of the first at hand or of others; the answer is `take_answer`'s."""
        by = find_crew(self.machine, audience, entries) if by is None else by
        self._berth.observer.on_said(self.party, command, audience, entries, by)
        self.give(Say(self.now(), self._errands.draw_salt(), command, audience, entries, by=by))

    def let_out(self, *, for_ms: int) -> None:
        """Let the machine state whatever it is told for a while, as a liar's does: words may wait for their page."""
        funnel = self.machine.funnel
        check, funnel.check = funnel.check, lambda *_, **__: None  # type: ignore[method-assign]

        def end() -> None:
            funnel.check = check  # type: ignore[method-assign]

        self._berth.agenda.after(for_ms, end)

    def keep(self, blob: Digest, kept: Kept) -> None:
        """Keep a blob of an item."""
        self.cabinet.keep(blob, kept, page_count=len(self.disk.pages))

    def erase(self, blobs: Iterable[Digest]) -> None:
        """Destroy blobs of items, with every wrap of their keys."""
        self.cabinet.erase(blobs, page_count=len(self.disk.pages))

    def take_page(self, raw: bytes, delivery: int) -> bool:
        """Take a page that arrived; while the disk is full none is taken, and it comes again. Return whether it was."""
        if self.turns_away(raw):
            return True
        if self.disk.is_full(self._berth.agenda.now):
            self._berth.log.count("pages-not-taken-by-a-full-disk")
            return False
        self._berth.observer.on_arrived(self.party, raw, delivery)
        self.give(Arrived(self.now(), self._errands.draw_salt(), raw, delivery))
        return True

    def scrub(self) -> None:
        """Read the whole store, as the operator's doctor does."""
        damaged = self._set_aside() if self.is_up else ()
        if damaged:
            self.give(PagesLost(self.now(), self._errands.draw_salt(), _name(damaged)))

    def _set_aside(self) -> tuple[Page, ...]:
        damaged = self.disk.set_aside()
        self._berth.log.count("pages-set-aside", len(damaged))
        return damaged

    def read_pages(self, journal: Digest, *, first: int, last: int, reader: Party) -> list[Page] | None:
        """Return durable pages of a range that `reader` may read, none that is damaged; None where all are (T20)."""

        def find(pages: Iterable[Page]) -> list[Page]:
            is_prying = self._berth.post.is_prying
            return [
                page
                for page in pages
                if page.journal == journal
                and first <= page.header.number <= last
                and (is_prying or reader in page.header.journal.audience)
            ]

        pages = find(self.disk.pages)
        if (self.party, reader) in self._berth.post.withheld:
            return [page for page in pages if page.header.journal.author != self.party]
        if not all(map(self.disk.is_sound, pages)):
            self.scrub()
            pages = find(self.disk.pages)
        return pages or (None if find(self.disk.find_lost()) else [])

    def end_fetch(self, party: Party, journal: Digest, *, is_answered: bool) -> None:
        """Tell the machine that a fetch is over."""
        self.give(FetchEnded(self.now(), self._errands.draw_salt(), party, journal, is_answered))

    def now(self) -> Instant:
        """Return this node's own clock."""
        return Instant(self._berth.agenda.now + self.find_skew_ms())

    def find_skew_ms(self) -> int:
        """Return how far this node's clock is off now: what it was set to, and what it gained or lost since."""
        return self.skew_ms + (self._berth.agenda.now - self._opened_at) * self.drift_ppm // 1_000_000

    def give(self, given: Input) -> None:
        """Give the machine one input and carry out what it asks for."""
        assert self.is_up, "a node that is down takes nothing"
        try:
            effects = self.machine.handle(given)
        except AssertionError as error:
            self._stop(error)
            return
        if self.machine.reckoning.is_reckoning and not self._has_reckoned:
            self._has_reckoned = has_reckoned(self.machine)
            self.may_be_old = not self._has_reckoned
        self._carry_out(effects)
        self.notice()

    def _carry_out(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self._errands.carry_out(effect)

    def _stop(self, error: AssertionError) -> None:
        """Stop for good: journals are whole, and nobody knows what the machine would do next."""
        self.crash()
        self.is_stopped = True
        frame = traceback.extract_tb(error.__traceback__)[-1]
        self._berth.observer.on_stopped(self.party, f"{frame.name}: {error}")


def _name(pages: Iterable[Page]) -> tuple[LostPage, ...]:
    """Name pages as a store does that no longer holds them whole: it has their rows, and not their bytes."""
    journals = [(page, page.header.journal) for page in pages]
    return tuple(
        LostPage(page.digest, page.journal, page.header.number, journal.author, journal.feed, journal.audience)
        for page, journal in journals
    )
