"""Carries out one node's effects on virtual time: commits one after another, the rest when it is done.

As the live node does: a commit is answered before what rests on it; wraps, signatures, fetches and the outbox answer
later, as inputs. What was under way when the node crashed does not come back, but for pages that had left already.
"""

from collections.abc import Callable
from typing import Final, Protocol

from comity.base.instants import SECOND_MS, Instant
from comity.base.names import Audience, Party
from comity.journal.header import Feed
from comity.journal.writer import sign_checkpoint, wrap_epoch_key
from comity.machine.effect import (
    Acknowledge,
    Alarm,
    Answer,
    Commit,
    Effect,
    Fetch,
    Follow,
    OpenStream,
    Publish,
    SignCheckpoint,
    Wake,
    Wrap,
)
from comity.machine.input import CheckpointSigned, Committed, Input, Published, Ticked, Wrapped
from comity.machine.machine import Setup
from comity.rehearsal.berth import Berth
from comity.rehearsal.disk import Disk
from comity.rehearsal.standin import StandInCeremony

__all__ = ["Errands", "Host"]

OUTBOX_TIMEOUT_MS: Final = SECOND_MS
_SEEN_WHEN_DONE: Final = frozenset({Commit, Publish})
"""Effects that are done some time after they are asked for, and are watched when they are."""


class Host(Protocol):
    """The node whose effects these are."""

    party: Party
    setup: Setup
    life: int
    crash_at_commit_share: float
    take_answer: Callable[[Answer], None]
    lose_power: Callable[[], None]

    def now(self) -> Instant:
        """Return the node's own clock."""

    def find_skew_ms(self) -> int:
        """Return how far that clock is off."""

    def give(self, given: Input) -> None:
        """Give the machine an input."""


class Errands:
    """One node's. They outlive its crashes, as its disk and its random number generator do."""

    def __init__(self, host: Host, berth: Berth, *, disk: Disk, ceremony: StandInCeremony) -> None:
        self._host = host
        self._berth = berth
        self._disk = disk
        self._ceremony = ceremony
        self._wake_number = 0
        self._outbox_busy_until = 0

    def draw_salt(self) -> bytes:
        """Return 32 bytes that were never returned before."""
        return self._ceremony.draw_salt()

    def later(self, delay_ms: int, action: Callable[[], None]) -> None:
        """Do something later, unless the node has crashed by then."""
        life = self._host.life

        def act() -> None:
            if life == self._host.life:
                action()

        self._berth.agenda.after(delay_ms, act)

    def carry_out(self, effect: Effect) -> None:
        """Carry out an effect, or begin to."""
        if type(effect) not in _SEEN_WHEN_DONE:
            self._berth.observer.on_effect(self._host.party, effect)
        match effect:
            case Commit():
                self._commit(effect)
            case Publish():
                self._publish(effect)
            case Acknowledge():
                self._berth.post.acknowledge(effect.delivery, effect.verdict)
            case Wrap():
                self.later(self._berth.chance.randint(1, 20), lambda: self._wrap(effect))
            case SignCheckpoint():
                self.later(self._berth.chance.randint(1, 20), lambda: self._sign(effect))
            case Fetch():
                self._fetch(effect)
            case OpenStream():
                self._berth.post.outboxes[self._host.party].get_stream((effect.feed, effect.audience))
            case Follow():
                self.follow(effect.party, effect.feed, effect.audience)
            case Wake():
                self.set_alarm_clock(effect.at - self._host.find_skew_ms())
            case Answer():
                self._host.take_answer(effect)
            case Alarm():
                self._berth.log.count(effect.code)

    def _commit(self, commit: Commit) -> None:
        """Write a commit, in its order. Power is lost, if it is, at the worst moments: before, while and just after."""
        host, chance, now = self._host, self._berth.chance, self._berth.agenda.now
        if now < self._disk.full_until:
            self._berth.log.count("commits-refused-by-a-full-disk")
        takes_ms = self._disk.begin(commit, now) - now
        if chance.random() < host.crash_at_commit_share:
            self.later(chance.randint(0, max(1, 2 * takes_ms)), lambda: host.lose_power())  # noqa: PLW0108 -- set later

        def answer() -> None:
            host.give(Committed(host.now(), self.draw_salt(), commit.number))

        def finish() -> None:
            new = self._disk.finish(commit)
            self._berth.observer.on_effect(host.party, commit)
            self._berth.observer.on_durable(host.party, new)
            if not self._berth.is_commit_answered_early:
                answer()

        if self._berth.is_commit_answered_early:
            self.later(0, answer)
        self.later(takes_ms, finish)

    def _publish(self, publish: Publish) -> None:
        """Hand a page to the own outbox: in order, and it may be down."""
        host, agenda, outbox = self._host, self._berth.agenda, self._berth.post.outboxes[self._host.party]
        if len(publish.audience) == 1:
            self.later(0, lambda: self._answer_publish(publish, is_out=True))
            return
        done_at = max(agenda.now, self._outbox_busy_until) + self._berth.chance.randint(1, 5)
        self._outbox_busy_until = done_at
        life = host.life

        def arrive() -> None:
            if outbox.is_up:
                # The request has left: the outbox takes it even if the node has crashed since.
                self._berth.observer.on_effect(host.party, publish)
                stream = outbox.get_stream((publish.feed, publish.audience))
                self._berth.post.take(stream, publish.digest, publish.raw)
            if life == host.life:
                is_out = outbox.is_up
                self.later(0 if is_out else OUTBOX_TIMEOUT_MS, lambda: self._answer_publish(publish, is_out=is_out))

        agenda.add(done_at, arrive)

    def _answer_publish(self, publish: Publish, *, is_out: bool) -> None:
        if is_out:
            self._disk.out.add(publish.digest)
        else:
            self._berth.log.count("publishing-failed")
        self._host.give(Published(self._host.now(), self.draw_salt(), publish.digest, is_out))

    def _wrap(self, wrap: Wrap) -> None:
        key = wrap.key or self._ceremony.random(32)
        commitment, wraps = wrap_epoch_key(
            journal=wrap.journal,
            epoch=wrap.epoch,
            key=key,
            readers=wrap.readers,
            suite=self._host.setup.suite,
            ceremony=self._ceremony,
        )
        journal = wrap.journal.find_digest(self._host.setup.suite)
        self._berth.observer.on_epoch_key(journal, wrap.epoch, key)
        self._host.give(Wrapped(self._host.now(), self.draw_salt(), journal, wrap.epoch, key, commitment, wraps))

    def _sign(self, wish: SignCheckpoint) -> None:
        body = sign_checkpoint(
            journal=wish.journal,
            statement=wish.statement,
            checkpoint_secret=self._host.setup.secrets.checkpoint,
            ceremony=self._ceremony,
        )
        journal = wish.journal.find_digest(self._host.setup.suite)
        self._berth.log.count("checkpoints")
        self._host.give(CheckpointSigned(self._host.now(), self.draw_salt(), journal, body))

    def _fetch(self, wish: Fetch) -> None:
        life = self._host.life
        self._berth.log.count("fetches")
        self._berth.post.fetch(self._host.party, wish, is_current=lambda: life == self._host.life)

    def follow(self, party: Party, feed: Feed, audience: Audience) -> None:
        """Begin to be served from a stream of another party's."""
        post = self._berth.post
        post.follow(self._host.party, post.outboxes[party].get_stream((feed, audience)))

    def set_alarm_clock(self, at: int) -> None:
        """Tick at a virtual instant, at least a millisecond on; replaces an earlier wish."""
        self._wake_number += 1
        number = self._wake_number

        life = self._host.life

        def ring() -> None:
            if number == self._wake_number and life == self._host.life:
                self._host.give(Ticked(self._host.now(), self.draw_salt()))

        self._berth.agenda.ring(max(self._berth.agenda.now + 1, at), ring, of=self._host.party)
