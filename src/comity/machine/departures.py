"""What leaves the machine only after a commit, and own pages until the outbox has them.

Rules: nothing that others could see leaves before the commit that it rests on was answered; a page that the outbox did
not take goes out again, for as long as that takes.
"""

from collections.abc import Iterable
from typing import Final

from comity.base.instants import NEVER, SECOND_MS, Instant
from comity.base.names import Digest
from comity.journal.header import Page
from comity.machine.commits import Commits
from comity.machine.effect import Effect, Publish, Wake
from comity.machine.input import Committed, Published
from comity.machine.own_clock import set_back
from comity.machine.step import Step

__all__ = ["Departures"]

REPUBLISH_INTERVAL_MS: Final = 5 * SECOND_MS
"""Between two tries to bring a stored page into an outbox that was down."""


class Departures:
    """Holds back effects by commit, and remembers which own pages are not out."""

    def __init__(self) -> None:
        self._commits = Commits()
        self.unpublished: dict[Digest, Publish] = {}
        """Own stored pages that the outbox has not answered for."""
        self.missed: set[Digest] = set()
        """Own pages of the store that the outbox has not answered for, and that could not be read at the start."""
        self._republish_at: Instant | None = None
        self._wake_at: Instant | None = None

    @property
    def has_open_commit(self) -> bool:
        """Whether something that was taken is not known to be stored yet."""
        return self._commits.has_open

    def restore(self, page: Page) -> None:
        """Take note of an own page of the store that the outbox has not answered for."""
        journal = page.header.journal
        self.unpublished[page.digest] = Publish(journal.feed, journal.audience, page.digest, page.raw)
        self._republish_at = NEVER

    def set_back(self, by_ms: int) -> None:
        """Try again as soon as was meant: the clock was set back."""
        self._republish_at = set_back(self._republish_at, by_ms)

    def finish(self, step: Step, wishes: Iterable[Instant | None]) -> tuple[Effect, ...]:
        """Return what a step lets out now; the rest waits for its commit. `wishes` are instants to be woken at."""
        return (*self._commits.finish(step), *self._find_wake(wishes))

    def _find_wake(self, wishes: Iterable[Instant | None]) -> tuple[Wake, ...]:
        """Return a wish to be woken at the earliest instant at which anything is due, if that has changed."""
        wake_at = min((at for at in (*wishes, self._republish_at) if at is not None), default=None)
        if wake_at is None or wake_at == self._wake_at:
            return ()
        self._wake_at = wake_at
        return (Wake(wake_at),)

    def take_committed(self, committed: Committed, step: Step) -> None:
        """Let out what waited for this commit."""
        for effect in self._commits.take_answer(committed.number):
            if isinstance(effect, Publish):
                self.unpublished[effect.digest] = effect
            step.now.append(effect)

    def take_published(self, published: Published) -> None:
        """Note what the outbox answered."""
        if published.is_out:
            self.unpublished.pop(published.digest, None)
        elif self._republish_at is None:
            self._republish_at = Instant(published.at + REPUBLISH_INTERVAL_MS)

    def tick(self, step: Step) -> None:
        """Forget the wake that came; try again to bring out what the outbox did not take, where it is time."""
        self._wake_at = None
        if self._republish_at is not None and step.at >= self._republish_at:
            step.now.extend(self.unpublished.values())
            self._republish_at = Instant(step.at + REPUBLISH_INTERVAL_MS) if self.unpublished else None
