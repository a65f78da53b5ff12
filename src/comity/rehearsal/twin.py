"""Nothing hidden shows: the same seed twice, once with an exchange between two parties that the others must not notice.

What the others can see must be the same in both runs, to the byte and to the millisecond: whatever came to their doors,
all that their machines did and answered, what lies on their disks, and what a party gets that asks for pages it may
not read. So no field, number, size, count, order or error can depend on what was hidden, wherever it may be.

For this the world is still: no faults, one delay for every link, one for every disk. And time is split in two: what the
play does, and all that follows from it, happens in the first half of each `PERIOD_MS`, the hidden exchange and all that
follows from it in the second. What is drawn is drawn from the instant. So the hidden exchange cannot shift anything by
taking its turn, which law 2 allows (timing is not hidden), and whatever differs is a leak.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Final

from comity.base.instants import MINUTE_MS, SECOND_MS, Instant
from comity.base.names import Audience, Digest, Party
from comity.crypto.label import label
from comity.journal.header import Feed, Page
from comity.machine.effect import Acknowledge, Commit, Effect
from comity.procedure.entry import Entry
from comity.procedure.measure import MeasureOffered
from comity.procedure.stated import Stated
from comity.rehearsal import acts
from comity.rehearsal.agenda import Action, Agenda
from comity.rehearsal.berth import Still
from comity.rehearsal.canary import Canary
from comity.rehearsal.cast import Cast
from comity.rehearsal.chance import Rates, split
from comity.rehearsal.crew import Crew
from comity.rehearsal.desk import Act, Cue, Desk, Wish
from comity.rehearsal.drawn import draw_cues, draw_terms
from comity.rehearsal.habit import Habits
from comity.rehearsal.item_habit import ItemHabits
from comity.rehearsal.log import Log
from comity.rehearsal.parcel import Parcels
from comity.rehearsal.phrase import Phrases
from comity.rehearsal.snapshot import Start
from comity.rehearsal.stage import Stage, build_stage
from comity.rehearsal.standin import StandInCeremony, StandInSuite

__all__ = ["NAME", "compare_twins"]

NAME: Final = "nothing-shows"
PERIOD_MS: Final = 40
HALF_MS: Final = PERIOD_MS // 2
SPAN_MS: Final = 26 * MINUTE_MS
SHARE: Final = 0.4
"""How much of a play of whole length is played."""
STILL: Final = Rates(latency_ms=PERIOD_MS, jitter_ms=0, fsync_ms_max=1)

OPEN_MS: Final = 20 * SECOND_MS // PERIOD_MS * PERIOD_MS
"""When the two speak to each other in both runs: that they have keys for each other saves time, which is not hidden."""

Sight = tuple[int, str, bytes]
"""When something was seen, what kind of thing it is, and all of it."""


class HalvedAgenda(Agenda):
    """What is put ahead falls into the half of a period in which it was put there; what is near stays where it is.

    What comes from several parties in one millisecond comes in the order of their names: which of them got up first may
    depend on what they said to each other, and so on what is hidden.
    """

    def add(self, at: int, action: Action, *, by: Party = "") -> None:
        half = self.now % PERIOD_MS // HALF_MS * HALF_MS
        is_near = at - self.now < HALF_MS
        # After what is one's own, and before all alarm clocks, whose owners' names begin with a letter.
        self.ring(at if is_near else at + (half - at) % PERIOD_MS, action, of=f" {by}" if by else "")

    @property
    def is_hidden(self) -> bool:
        """Whether what happens now follows from the hidden exchange."""
        return self.now % PERIOD_MS >= HALF_MS


class TimedCeremony(StandInCeremony):
    """Draws from the instant, so that what is drawn at other instants changes nothing; all salts of one are one."""

    def __init__(self, seed: bytes, agenda: Agenda) -> None:
        super().__init__(seed)
        self._seed_of_party = seed
        self._agenda = agenda
        self._drawn_at = -1

    def random(self, size: int, /) -> bytes:
        if self._agenda.now != self._drawn_at:
            self._drawn_at = self._agenda.now
            self._seed, self._count = self._seed_of_party + self._drawn_at.to_bytes(8, "big"), 0
        return super().random(size)

    def draw_salt(self) -> bytes:
        return StandInCeremony(self._seed_of_party + self._agenda.now.to_bytes(8, "big")).random(32)


class TimedSuite(StandInSuite):
    """Gives all pages of one instant one salt: the second page of a step must not show that there was a first."""

    def expand(self, key: bytes, info: bytes, /) -> bytes:
        return super().expand(key, label("salt") if info.startswith(label("salt")) else info)


@dataclass(slots=True)
class Onlookers:
    """Notes what parties see that are not in the hidden exchange. `agenda` is the run's, once there is one."""

    parties: Audience
    agenda: Agenda | None = None
    sights: list[Sight] = field(default_factory=list)

    def _note(self, party: Party, kind: str, content: bytes) -> None:
        if party in self.parties and self.agenda is not None:
            self.sights.append((self.agenda.now, f"{party} {kind}", content))

    def on_effect(self, party: Party, effect: Effect) -> None:
        """See `berth.Observer`. The number of a delivery is the driver's own, and `on_durable` sees what is stored."""
        if not isinstance(effect, Commit):
            seen = effect.verdict if isinstance(effect, Acknowledge) else effect
            self._note(party, type(effect).__name__, repr(seen).encode())

    def on_said(self, party: Party, command: int, audience: Audience, entries: tuple[Entry, ...], by: Crew) -> None:
        """See `berth.Observer`."""

    def on_durable(self, party: Party, pages: tuple[Page, ...]) -> None:
        """See `berth.Observer`."""
        for page in pages:
            self._note(party, "stored", page.raw)

    def on_arrived(self, party: Party, raw: bytes, delivery: int) -> None:
        """See `berth.Observer`."""
        del delivery
        self._note(party, "arrived", raw)

    def on_start(self, party: Party, start: Start, at: Instant) -> None:
        """See `berth.Observer`."""

    def on_epoch_key(self, journal: Digest, epoch: int, key: bytes) -> None:
        """See `berth.Observer`."""

    def on_stopped(self, party: Party, where: str) -> None:
        """See `berth.Observer`."""
        self._note(party, "stopped", where.encode())

    def probe(self, stage: Stage, pair: Audience) -> None:
        """Ask the two for pages of all that they write to each other alone, as anybody can who knows their names."""
        for author in pair:
            machine = stage.stations[author].machine
            journal = machine.pen.get_journal(Feed.RECORD, pair).digest
            for reader in self.parties:
                pages = stage.stations[author].read_pages(journal, first=0, last=99, reader=reader)
                heard = b"no answer" if pages is None else b"".join(page.raw for page in pages)
                self._note(reader, "asked", heard)


def compare_twins(cast: Cast, seed: int, canary: Canary) -> Iterator[tuple[Party, dict[str, object]]]:
    """Play a seed with and without the hidden exchange; yield the first thing that anybody else saw differently."""
    pair = tuple(sorted(split(seed, "hidden-pair").sample(cast.parties, 2)))
    without, also = (_play(cast, seed, pair, canary, has_exchange=has_exchange) for has_exchange in (False, True))
    for index, (one, other) in enumerate(zip_longest(without, also)):
        if one != other:
            seen = one or other
            assert seen is not None
            yield seen[1].split(" ")[0], {"pair": pair, "index": index, "what": seen[1].split(" ")[1], "at": seen[0]}
            return


def _play(cast: Cast, seed: int, pair: Audience, canary: Canary, *, has_exchange: bool) -> list[Sight]:
    onlookers = Onlookers(tuple(party for party in cast.parties if party not in pair))
    agenda = HalvedAgenda(cast.opens_at)
    onlookers.agenda = agenda
    suite = TimedSuite()
    stage = build_stage(
        replace(cast, setups={party: replace(setup, suite=suite) for party, setup in cast.setups.items()}),
        seed=seed,
        rates=STILL,
        log=Log(),
        observer=onlookers,
        canary=canary,
        still=Still(agenda, lambda start: TimedCeremony(start, agenda)),
    )
    desks = {party: Desk(party, stage) for party in cast.parties}
    for party, desk in desks.items():
        stage.stations[party].take_answer = lambda answer, desk=desk: agenda.after(0, lambda: desk.take_answer(answer))  # type: ignore[misc]
        stage.stations[party].notice = desk.notice
    phrases, parcels = Phrases(cast.pact), Parcels(StandInCeremony(f"parcels/{seed}".encode()))
    exchange = _Exchange(stage, pair, split(seed, "hidden"), Phrases(cast.pact))
    for party, desk in desks.items():
        items = ItemHabits(split(seed, "people-and-items", party), phrases, parcels)
        played = Habits(split(seed, "people", party), phrases, items)
        hidden = Habits(split(seed, "hidden", party), exchange.phrases)
        desk.react = _make_reaction(agenda, played, hidden)
    draw_cues(stage, seed, phrases=phrases, parcels=parcels, plan=lambda cue: desks[cue.party].plan(cue), share=SHARE)
    for party in pair:
        opened = acts.report(phrases, "Can you read us?", to=pair)
        desks[party].plan_exactly(Cue("open", party, stage.now + OPEN_MS, opened))
    if has_exchange:
        exchange.plan(desks)
    stage.open()
    agenda.run(Instant(stage.now + SPAN_MS))
    onlookers.probe(stage, pair)
    # Which of two things of one millisecond was first is timing, and not hidden.
    return sorted(onlookers.sights)


def _make_reaction(agenda: HalvedAgenda, played: Habits, hidden: Habits) -> Callable[[Desk, Stated], None]:
    """What is hidden is reacted to within the pair."""

    def react(desk: Desk, stated: Stated) -> None:
        if not agenda.is_hidden:
            played.react(desk, stated)
        else:
            hidden.react(desk, stated)

    return react


@dataclass(slots=True)
class _Exchange:
    """What two parties say to each other besides: reports, a text under silence, a measure, words that are refused."""

    stage: Stage
    pair: Audience
    chance: random.Random
    phrases: Phrases

    def plan(self, desks: "dict[Party, Desk]") -> None:
        """Put it on the agenda, in the second halves of periods."""
        one, other = self.pair
        self._cue(desks[one], "hidden/report", acts.report(self.phrases, "Between us two.", to=self.pair), 0.1)
        self._cue(desks[other], "hidden/answer", acts.report(self.phrases, "We saw it too.", to=self.pair), 0.2)
        self._cue(desks[one], "hidden/text", acts.open_text(self.pair), 0.15)
        put = acts.put_version(self.phrases, "hidden/text", "Both of us.", to=self.pair)
        self._cue(desks[one], "hidden/text/v1", put, 0.16)
        window_ms = self.stage.cast.pact.policy.silence.window_ms_min + MINUTE_MS
        self._cue(desks[one], "hidden/ask", acts.ask_silence("hidden/text", 1, to=self.pair, window_ms=window_ms), 0.17)
        terms = draw_terms(self.chance, self.phrases, other, audience=self.pair, at=self.stage.now)
        offer = MeasureOffered((), (one,), terms)
        self._cue(desks[other], "hidden/measure", lambda _: Wish(self.pair, (offer,)), 0.25)
        self._cue(desks[one], "hidden/slip", acts.slip(self.phrases), 0.3)
        for number in range(self.chance.randint(0, 4)):
            words = acts.report(self.phrases, "And more.", to=self.pair)
            self._cue(desks[self.chance.choice(self.pair)], f"hidden/more-{number}", words, self.chance.random())

    def _cue(self, desk: Desk, name: str, act: Act, at_share: float) -> None:
        at = self.stage.now + MINUTE_MS + int(at_share * SPAN_MS * SHARE) + self.chance.randint(0, 10) * SECOND_MS
        desk.plan_exactly(Cue(name, desk.party, at - at % PERIOD_MS + HALF_MS, act))
