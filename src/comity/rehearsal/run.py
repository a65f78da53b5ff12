"""One run from the first node's start to the last look: its four phases.

1. *Safety*: nodes start, people act, faults befall links, disks, nodes and clocks. Whatever happens, no checker fires.
2. *Heal*: all links and nodes come up, and nothing breaks any more.
3. *Liveness*: within `BOUND_MS` after the last word everything is stored, opened and signed for at every reader; else
   the outcome names who is stuck on what.
4. *Quiet*: nobody speaks; receipts must end. Then all is asked once more.
"""

from collections.abc import Generator, Iterator
from typing import Final

from comity.base.instants import MINUTE_MS, SECOND_MS, Instant
from comity.base.names import Party
from comity.rehearsal.absence import spend_days
from comity.rehearsal.canary import Canary
from comity.rehearsal.chance import CALM, Rates, draw_rates, split
from comity.rehearsal.desk import Desk
from comity.rehearsal.evidence import Evidence
from comity.rehearsal.fault import plan_faults
from comity.rehearsal.liar import plan_lies
from comity.rehearsal.log import Log
from comity.rehearsal.outcome import Outcome, count_outcomes
from comity.rehearsal.play import Play
from comity.rehearsal.stage import build_stage
from comity.rehearsal.standin import StandInSuite
from comity.rehearsal.stuck import Stuck, find_stuck
from comity.rehearsal.succession import plan_succession
from comity.rehearsal.theft import plan_theft
from comity.rehearsal.watch import Watch

__all__ = ["BOUND_MS", "QUIET_MS", "Run", "find_rates"]

BOUND_MS: Final = 2 * MINUTE_MS
"""After the last word: several tries to publish, waits for acknowledgements and fetches, one after another."""
LOOK_AGAIN_MS: Final = 30 * SECOND_MS
"""What a clock brought about just before the first look (a checkpoint that names a page) is done with by then."""
QUIET_MS: Final = 8 * MINUTE_MS
SLICE_MS: Final = 10 * SECOND_MS
"""Virtual time between two looks of whoever follows the timeline."""


def find_rates(play: Play, seed: int | None, canary: Canary) -> Rates:
    """Return how much goes wrong: what the canary needs, else what the seed draws; without a seed, nothing."""
    if canary.rates is not None:
        return canary.rates
    return draw_rates(seed) if seed is not None and play.has_faults else CALM


class Run:
    """One rehearsal. Walk through `steps` to the end; then `outcome` is there."""

    def __init__(self, play: Play, profile: bytes, seed: int, *, rates: Rates, canary: Canary, log: Log) -> None:
        self.outcome: Outcome | None = None
        self._play, self._seed, self._canary, self._rates, self._log = play, seed, canary, rates, log
        self._share = 1.0 if canary.name else play.draw_share(seed)
        self._watch = Watch(log, Evidence(StandInSuite()))
        self._stage = build_stage(
            play.make_cast(profile),
            seed=seed,
            rates=rates,
            log=log,
            observer=self._watch,
            canary=canary,
        )
        self._trial = self._watch.bind(self._stage)
        self._desks = {party: Desk(party, self._stage) for party in self._stage.cast.parties}

    def steps(self) -> Iterator[None]:
        """Run, stopping now and then to let the caller look."""
        stage, span_ms = self._stage, int(self._play.span_ms * self._share)
        ends_at = Instant(stage.now + span_ms)
        heals_at = Instant(ends_at - split(self._seed, "heal").randint(MINUTE_MS, span_ms // 2))
        self._seat_officers()
        if self._rates is not CALM:
            plan_faults(stage, self._rates, seed=self._seed, until=heals_at)
        for liar in sorted(stage.liars):
            plan_lies(stage, liar, seed=self._seed, mean=self._rates.lies, until=heals_at)
        robbed: Party = ""
        if self._rates.has_thief:
            robbed = plan_theft(stage, seed=self._seed, until=heals_at, is_careless=self._canary.is_closure_careless)
        if self._rates.has_succession:
            plan_succession(stage, seed=self._seed, until=heals_at, robbed=robbed)
        self._watch.note_forgeries()
        stage.open()
        yield from self._advance(heals_at)
        if self._rates.away_days:
            before_at = stage.now
            yield from spend_days(stage, self._desks, seed=self._seed, days=self._rates.away_days)
            ends_at = Instant(ends_at + (stage.now - before_at))
        stage.heal(is_told=self._rates is not CALM)
        yield from self._advance(ends_at)
        for desk in self._desks.values():
            desk.is_open = False
        yield from self._advance(Instant(ends_at + BOUND_MS))
        self._watch.tell_quiet()
        stuck = yield from self._look_twice()
        yield from self._advance(Instant(ends_at + BOUND_MS + QUIET_MS))
        stuck += tuple(row for row in (yield from self._look_twice()) if row not in stuck)
        self._canary.spoil(stage.stations)
        self._watch.tell_end()
        self.outcome = self._conclude(stuck)

    def _look_twice(self) -> Generator[None, None, tuple[Stuck, ...]]:
        """Return who is stuck on what now and some time later: what clocks bring about is under way at any instant."""
        before = {row.about: row for row in find_stuck(self._trial, self._desks)}
        yield from self._advance(Instant(self._stage.now + LOOK_AGAIN_MS))
        return tuple(before[row.about] for row in find_stuck(self._trial, self._desks) if row.about in before)

    def _advance(self, until: Instant) -> Iterator[None]:
        agenda = self._stage.agenda
        while agenda.now < until:
            agenda.run(Instant(min(until, agenda.now + SLICE_MS)))
            yield

    def _seat_officers(self) -> None:
        """Seat every party's officers at their machine, and give them the play."""
        agenda = self._stage.agenda
        for party, desk in self._desks.items():
            station = self._stage.stations[party]
            # Answered after the effects of this step are carried out: whoever answers may speak again at once.
            station.take_answer = lambda answer, desk=desk: agenda.after(0, lambda: desk.take_answer(answer))  # type: ignore[misc]
            station.notice = desk.notice
        self._play.prepare(self._stage, self._seed, self._desks, self._share)

    def _conclude(self, stuck: tuple[Stuck, ...]) -> Outcome:
        counts = {**self._log.counts, **count_outcomes(self._trial, self._stage.now)}
        return Outcome(
            seed=self._seed,
            play=self._play.name,
            pact=self._stage.cast.pact.identity.id,
            digest=self._log.find_digest(),
            counts={name: counts[name] for name in sorted(counts)},
            violations=tuple(self._trial.violations),
            stuck=stuck,
            began_at=self._stage.cast.opens_at,
            ended_at=self._stage.now,
            event_count=self._stage.agenda.taken_count,
            page_count=sum(len(station.disk.pages) for station in self._stage.stations.values()),
        )
