"""A party that lies, in some seeds: everything that its true keys let it do, and that no honest node does.

It forks (two well-made histories, one shown to some readers and one to the others), says one thing to one and another
thing to the other, dates its words back, withholds its pages from some, sends old pages again, garbage, pages with
turned bits, and forgeries (`forgery`). Its own node goes on as if nothing were: what comes back of its second history
is turned away at its door.

What it does to others is the only thing that is known here: no checker, desk or machine is told who lies, but that
checkers hold nobody to a word that a liar gave.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from comity.base.errors import RemoteError
from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Audience, Digest, Party
from comity.journal.header import Feed, Page, parse_page
from comity.procedure.adoption import TextState
from comity.procedure.call import Acknowledged, ConclusionStated, ConsultationCalled
from comity.procedure.call import Outcome as Conclusion
from comity.procedure.entry import Entry
from comity.procedure.position import Position, PositionStated
from comity.procedure.text import BreakReason, SilenceBroken, SilenceHeld, SilenceKept, TextAgreed, TextReceived
from comity.rehearsal.chance import draw_count, split
from comity.rehearsal.forgery import FORGERIES, Forger
from comity.rehearsal.shadow import Shadow
from comity.rehearsal.stage import Stage
from comity.rehearsal.standin import StandInCeremony

__all__ = ["Liar", "Words", "plan_lies"]

BACKDATE_MS: Final = (MINUTE_MS, 40 * MINUTE_MS)
OFFICER: Final = ("watch-officer", "duty-9")
BINDING: Final = ("principal", "duty-9")
"""Who may agree to a text in his party's name."""
Words = tuple[Audience, tuple[Entry, ...]]


@dataclass(slots=True)
class Liar:
    """`made` are the pages of its second histories."""

    stage: Stage
    party: Party
    chance: random.Random
    ceremony: StandInCeremony
    made: set[Digest] = field(default_factory=set)
    _known: dict[bytes, Digest | None] = field(default_factory=dict)
    """What came to its own door, read once."""

    @property
    def others(self) -> tuple[Party, ...]:
        """Everybody else."""
        return tuple(party for party in self.stage.cast.parties if party != self.party)

    def turns_away(self, raw: bytes) -> bool:
        """Tell whether a page that comes to its own door is of its second history."""
        if raw not in self._known:
            self._known[raw] = self._find_digest(raw)
        return self._known[raw] in self.made

    def make_shadow(self, *, back_ms: int = 0) -> Shadow:
        """Return a second machine on the keys, over what the node holds now."""
        station = self.stage.stations[self.party]
        raws = [page.raw for page in station.disk.pages if page.digest not in self.made]
        return Shadow(
            station.setup,
            raws,
            at=Instant(station.now() - back_ms),
            ceremony=self.ceremony,
            note_key=partial(self.stage.observer.on_epoch_key),
        )

    def fork(self, *, back_ms: int = 0) -> None:
        """Say something on the side, and show it to some; the others are shown what the node says."""
        shadow = self.make_shadow(back_ms=back_ms)
        for audience, entries in draw_words(shadow, self.chance):
            shadow.say(audience, *entries)
        shown_to = [party for party in self.others if self.chance.random() < 0.6] or [self.chance.choice(self.others)]
        self.show(shadow.pages, shown_to)
        self.stage.log.count("lies-forked")

    def equivocate(self) -> None:
        """Say yes to one and no to the other, each in a history of its own."""
        if len(self.others) < 2:
            return
        one, other = self.chance.sample(self.others, 2)
        for reader, is_yes in ((one, True), (other, False)):
            shadow = self.make_shadow()
            for audience, entries in list_answers(shadow, is_yes=is_yes):
                shadow.say(audience, *entries)
            self.show(shadow.pages, [reader])
        self.stage.log.count("lies-equivocated")

    def backdate(self) -> None:
        """Say something as of an earlier time."""
        self.fork(back_ms=self.chance.randint(*BACKDATE_MS))
        self.stage.log.count("lies-backdated")

    def withhold(self) -> None:
        """Send one reader nothing more, for a while or for good."""
        reader = self.chance.choice(self.others)
        post, pair = self.stage.post, (self.party, reader)
        post.withheld.add(pair)
        self.stage.log.count("lies-withheld")
        if self.chance.random() < 0.6:
            self.stage.agenda.after(self.chance.randint(5_000, 10 * MINUTE_MS), lambda: self._give_in(pair))

    def _give_in(self, pair: tuple[Party, Party]) -> None:
        self.stage.post.withheld.discard(pair)
        self.stage.post.resume(*pair)

    def replay(self) -> None:
        """Send old pages again, its own and others'."""
        reader = self.chance.choice(self.others)
        pages = [page for page in self.stage.stations[self.party].disk.pages if reader in page.header.journal.audience]
        self._send([page.raw for page in self.chance.choices(pages, k=min(5, len(pages)))], [reader])
        self.stage.log.count("lies-replayed")

    def send_garbage(self) -> None:
        """Send bytes that are no page, or were one until some bits were turned or the end was cut off."""
        reader = self.chance.choice(self.others)
        pages = [page for page in self.stage.stations[self.party].disk.pages if reader in page.header.journal.audience]
        raws = [self.ceremony.random(self.chance.randint(1, 400))]
        for page in self.chance.choices(pages, k=min(4, len(pages))):
            raw = bytearray(page.raw)
            for _ in range(self.chance.randint(1, 3)):
                raw[self.chance.randrange(len(raw))] ^= 1 << self.chance.randrange(8)
            raws += [bytes(raw), page.raw[: self.chance.randrange(1, len(page.raw))]]
        self._send(raws, [reader])
        self.stage.log.count("lies-garbage")

    def forge(self) -> None:
        """Send pages that break a rule each."""
        shadow = self.make_shadow()
        for audience, entries in draw_words(shadow, self.chance):
            shadow.say(audience, *entries)
        read = [page for page in shadow.pages if len(page.header.journal.audience) > 1]
        tips = [page for page in read if page.header.journal.feed is Feed.RECORD and page.header.epoch]
        if not tips:
            return
        self.show(shadow.pages, self.others)
        forger = Forger(shadow, self.chance.choice(tips), self.chance)
        tip = shadow.find_tip(forger.tip.header.journal.audience)
        forger.tip = tip if tip is not None else forger.tip
        readers = [party for party in forger.tip.header.journal.audience if party != self.party]
        for name in self.chance.sample(sorted(FORGERIES), 5):
            raw = forger.forge(name)
            self._note(raw)
            self._send([raw], [self.chance.choice(readers)])
            self.stage.log.count("lies-forged")

    def _note(self, raw: bytes) -> None:
        digest = self._find_digest(raw)
        if digest is not None:
            self.made.add(digest)

    def _find_digest(self, raw: bytes) -> Digest | None:
        try:
            return parse_page(raw, self.stage.stations[self.party].setup.suite).digest
        except RemoteError:
            return None

    def show(self, pages: list[Page], readers: "list[Party] | tuple[Party, ...]") -> None:
        """Show pages to those readers who may read them."""
        self.made.update(page.digest for page in pages)
        for reader in readers:
            self._send([page.raw for page in pages if reader in page.header.journal.audience], [reader])

    def _send(self, raws: list[bytes], readers: list[Party]) -> None:
        for reader in readers:
            for raw in raws:
                self.stage.post.slip_in(self.party, reader, raw)

    def list_lies(self) -> tuple[Callable[[], None], ...]:
        """Return everything that it may do."""
        return (
            self.fork, self.fork, self.equivocate, self.backdate, self.withhold, self.replay, self.send_garbage,
            self.forge, self.forge,
        )  # fmt: skip


def plan_lies(stage: Stage, party: Party, *, seed: int, mean: float, until: Instant) -> Liar:
    """Put a liar's lies on the agenda, between the run's beginning and `until`."""
    chance = split(seed, "liar")
    liar = Liar(stage, party, chance, StandInCeremony(f"liar/{seed}".encode()))
    stage.stations[party].turns_away = liar.turns_away

    def lie(act: Callable[[], None]) -> None:
        if stage.stations[party].is_up and stage.stations[party].machine.is_in_force and not stage.is_healed:
            stage.log.note(stage.now, party, "lied")
            act()

    for _ in range(1 + draw_count(chance, mean)):
        stage.agenda.add(chance.randint(stage.now + MINUTE_MS, until), partial(lie, chance.choice(liar.list_lies())))
    return liar


def draw_words(shadow: Shadow, chance: random.Random) -> Iterator[Words]:
    """Yield a few things to say about what is on the record, true or not."""
    answers = [*list_answers(shadow, is_yes=True), *list_answers(shadow, is_yes=False)]
    yield from chance.sample(answers, min(len(answers), chance.randint(1, 3)))


def list_answers(shadow: Shadow, *, is_yes: bool) -> Iterator[Words]:
    """Yield what consents to everything that is asked, or what refuses all of it."""
    record, statements = shadow.machine.record, shadow.machine.statements
    for call in statements.find(ConsultationCalled):
        position = Position.SUPPORT if is_yes else Position.OBJECT
        yield call.audience, (Acknowledged(call.id, *OFFICER), PositionStated(call.id, call.id, position, 0))
        if is_yes:
            yield call.audience, (ConclusionStated(call.id, Conclusion.VIEWS_EXCHANGED),)
    for scope in record.list_scopes("text"):
        state = record.get_state(scope)
        assert isinstance(state, TextState)
        if state.current is None or state.current.opening.until_at is None:
            continue
        version, until_at = state.current.opening.version, state.current.opening.until_at
        if is_yes:
            received = TextReceived(scope.ref, version, until_at)
            yield scope.audience, (received, TextAgreed(scope.ref, version, *BINDING))
            yield scope.audience, (received, SilenceKept(scope.ref, version, until_at, Instant(1)))
        else:
            yield scope.audience, (SilenceBroken(scope.ref, version, BreakReason.OBJECTION, *OFFICER),)
            yield scope.audience, (SilenceHeld(scope.ref, version, *OFFICER),)
