"""Carrying out what the machine asks for, one effect after another; a commit that found no room is tried again.

While the disk is full the machine gets nothing new to judge: pages that come are not acknowledged and come again, and
time stands still for it. What an errand brings back waits in line. The commit that failed is the first to go through
once there is room, then what rested on it, then the rest: nothing is lost, and nothing is done twice.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from typing import Final, Protocol

from comity.base.errors import OutageError
from comity.base.instants import Instant
from comity.machine.effect import Commit, Effect
from comity.machine.input import Arrived, Input, Ticked
from comity.node.acts import Acts
from comity.node.observer import Observer
from comity.node.store import Store

__all__ = ["Steps"]

AGAIN_S: Final = 1.0
"""Between two tries of a commit that found no room."""


class Doer(Protocol):
    """For whom the effects are carried out: the node."""

    @property
    def observer(self) -> Observer:
        """Who hears of commits."""

    def now(self) -> Instant:
        """Return the node's clock."""

    def answer_commit(self, commit: Commit) -> Iterable[Effect]:
        """Tell the machine that a commit is durable."""

    def carry_out(self, effect: Effect) -> None:
        """Do an effect that is no commit."""

    def give(self, given: Input) -> None:
        """Give the machine an input."""

    def note_room(self, *, is_full: bool) -> None:
        """Take note that the disk is full, or no longer is."""

    def fail(self, error: BaseException) -> None:
        """Stop for good."""


class Steps:
    """The effects not yet carried out. `is_full` while the first of them is a commit that found no room."""

    def __init__(self, store: Store, doer: Doer) -> None:
        self.is_full = False
        self._store = store
        self._doer = doer
        self.acts = Acts(store)
        self._queue: deque[Effect] = deque()
        self._kept: deque[Input] = deque()
        self._again: asyncio.TimerHandle | None = None

    def run(self, effects: Iterable[Effect] = ()) -> None:
        """Carry out these effects after those that wait, as far as there is room.

        Raises:
            OutageError: `store.damaged`, which a new try does not help.
        """
        was_full, self.is_full = self.is_full, False
        self._queue.extend(effects)
        while self._queue and not self.is_full:
            effect = self._queue[0]
            if isinstance(effect, Commit):
                self._commit(effect)
            else:
                self._doer.carry_out(self._queue.popleft())
        if self.is_full:
            self._again = asyncio.get_running_loop().call_later(AGAIN_S, self._try_again)
        if was_full != self.is_full:
            self._doer.note_room(is_full=self.is_full)

    def _commit(self, commit: Commit) -> None:
        began_s = time.perf_counter()
        try:
            acts = self.acts.find_stored(commit.answers)
            self._store.commit(commit.pages, commit.refusals, at=self._doer.now(), acts=acts)
        except OutageError as error:
            if error.code != "store.full":
                raise
            self.is_full = True
            return
        self._doer.observer.note_commit(commit, took_s=time.perf_counter() - began_s)
        self._queue.popleft()
        self._queue.extendleft(reversed(tuple(self._doer.answer_commit(commit))))

    def keep(self, given: Input) -> None:
        """Keep an input until there is room, unless it comes again by itself."""
        if not isinstance(given, Arrived | Ticked):
            self._kept.append(given)

    def _try_again(self) -> None:
        """Try the commit that found no room; once it goes through, give the machine what waited for it."""
        try:
            self.run()
        except Exception as error:  # noqa: BLE001 -- every fault of ours ends here, whatever it is
            self._doer.fail(error)
            return
        while self._kept and not self.is_full:
            self._doer.give(self._kept.popleft())

    def stop(self) -> None:
        """Try no more."""
        if self._again is not None:
            self._again.cancel()
