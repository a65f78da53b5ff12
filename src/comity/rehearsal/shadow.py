"""A second machine over a copy of a party's disk: what a liar says on the side, and what a thief of its keys says.

It is a real machine that was started from the copy, so that all it makes is well made: a page that follows the last one
of the copy, under the true key. Nothing of it goes through the party's own node, disk or outbox.
"""

from collections import deque
from collections.abc import Callable, Iterable

from comity.base.instants import Instant
from comity.base.names import Audience, Digest
from comity.journal.header import Feed, Page, parse_page
from comity.journal.writer import sign_checkpoint, wrap_epoch_key
from comity.machine.effect import Commit, Effect, Publish, SignCheckpoint, Wrap
from comity.machine.input import CheckpointSigned, Committed, Input, Published, Say, Ticked, Wrapped
from comity.machine.machine import Machine, Setup
from comity.procedure.entry import Entry
from comity.rehearsal.crew import find_crew
from comity.rehearsal.standin import StandInCeremony

__all__ = ["Shadow", "ask_nobody"]


def ask_nobody(readers: Audience) -> None:
    """Say of any audience that no officer is asked for."""


NoteKey = Callable[[Digest, int, bytes], None]


class Shadow:
    """`pages` are those that it wrote itself, in order. `note_key` is told of every epoch key that it draws."""

    def __init__(
        self, setup: Setup, raws: Iterable[bytes], *, at: Instant, ceremony: StandInCeremony, note_key: NoteKey
    ) -> None:
        self.machine = Machine(setup)
        self.machine.restore(raws)
        self.machine.reckoning.skip()  # it says what it likes
        self.at = at
        self.pages: list[Page] = []
        self.setup = setup
        self.ceremony = ceremony
        self._note_key = note_key
        self._queue: deque[Effect] = deque()

    def say(self, audience: Audience, *entries: Entry) -> None:
        """State entries, and run until nothing moves. What the machine owes besides, it states too."""
        by = find_crew(self.machine, audience, entries)
        self._give(Say(self.at, self._salt(), 1, audience, entries, by=by))
        self._run()

    def dismiss_officers(self) -> None:
        """Say everything without any officer from now on, as whoever has the keys and not the people can."""
        self.machine.versions.find_offices = ask_nobody  # type: ignore[method-assign]

    def tick(self) -> None:
        """State what the machine owes."""
        self._give(Ticked(self.at, self._salt()))
        self._run()

    def find_tip(self, audience: Audience, feed: Feed = Feed.RECORD) -> Page | None:
        """Return the last page that it wrote to an audience."""
        found = (page for page in reversed(self.pages) if page.header.journal.audience == audience)
        return next((page for page in found if page.header.journal.feed is feed), None)

    def _salt(self) -> bytes:
        return self.ceremony.random(32)

    def _give(self, given: Input) -> None:
        self._queue.extend(self.machine.handle(given))

    def _run(self) -> None:
        while self._queue:
            effect = self._queue.popleft()
            match effect:
                case Commit():
                    self._give(Committed(self.at, self._salt(), effect.number))
                case Publish():
                    page = parse_page(effect.raw, self.setup.suite)
                    if all(page.digest != held.digest for held in self.pages):
                        self.pages.append(page)
                    self._give(Published(self.at, self._salt(), effect.digest, is_out=True))
                case Wrap():
                    self._wrap(effect)
                case SignCheckpoint():
                    self._sign(effect)
                case _:
                    pass

    def _wrap(self, wish: Wrap) -> None:
        key, suite = self._salt(), self.setup.suite
        commitment, wraps = wrap_epoch_key(
            journal=wish.journal,
            epoch=wish.epoch,
            key=key,
            readers=wish.readers,
            suite=suite,
            ceremony=self.ceremony,
        )
        journal = wish.journal.find_digest(suite)
        self._note_key(journal, wish.epoch, key)
        self._give(Wrapped(self.at, self._salt(), journal, wish.epoch, key, commitment, wraps))

    def _sign(self, wish: SignCheckpoint) -> None:
        body = sign_checkpoint(
            journal=wish.journal,
            statement=wish.statement,
            checkpoint_secret=self.setup.secrets.checkpoint,
            ceremony=self.ceremony,
        )
        journal = wish.journal.find_digest(self.setup.suite)
        self._give(CheckpointSigned(self.at, self._salt(), journal, body))
