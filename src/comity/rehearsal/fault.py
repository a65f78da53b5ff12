"""Which faults befall a run, and when: all drawn before it begins, from their own purpose."""

import random
from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Final

from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Party
from comity.rehearsal.chance import JUMP_MS, WRONG_CLOCK_MS, Rates, draw_count, split, spread
from comity.rehearsal.stage import Stage

__all__ = ["plan_faults"]

CUT_MS: Final = (500, 8 * MINUTE_MS)
ISOLATION_MS: Final = (2 * MINUTE_MS, 25 * MINUTE_MS)
DOWN_MS: Final = (100, 4 * MINUTE_MS)
OUTAGE_MS: Final = (500, 90_000)
STALL_MS: Final = (200, 15_000)
FULL_MS: Final = (2_000, 6 * MINUTE_MS)
SET_CLOCK_MS: Final = 300
"""How far a clock that was set may still be off."""


def plan_faults(stage: Stage, rates: Rates, *, seed: int, until: Instant) -> None:
    """Put every fault of a run on the agenda, between its beginning and `until`."""
    chance = split(seed, "faults")
    parties = stage.cast.parties

    def plan(mean: float, draw: Callable[[], Callable[[], None]]) -> None:
        for _ in range(draw_count(chance, mean)):
            stage.agenda.add(chance.randint(stage.now, until), draw())

    for one, other in combinations(parties, 2):
        plan(rates.cuts_per_link, partial(_draw_cut, stage, chance, one, other))
    plan(rates.isolations, lambda: partial(_isolate, stage, chance.choice(parties), spread(chance, *ISOLATION_MS)))
    for party in parties:
        _plan_for(party, stage, rates, chance, plan)
    plan(rates.strays, lambda: partial(stage.let_stray, chance.choice(parties)))
    plan(
        rates.clock_steps,
        lambda: partial(stage.set_clock, chance.choice(parties), chance.randint(-SET_CLOCK_MS, SET_CLOCK_MS)),
    )
    plan(rates.clock_jumps, lambda: partial(stage.jump_clock, chance.choice(parties), chance.choice(JUMP_MS)))
    for party in parties:
        stage.stations[party].drift_ppm = chance.randint(-rates.clock_drift_ppm, rates.clock_drift_ppm)
    plan(
        rates.restores,
        lambda: partial(
            stage.restore_disk, chance.choice(parties), share=chance.random() ** 3, for_ms=spread(chance, *DOWN_MS)
        ),
    )
    for party in parties if rates.snapshot_interval_ms else ():
        first_at = Instant(stage.now + chance.randint(1, rates.snapshot_interval_ms))
        stage.agenda.add(first_at, partial(_keep_snapshots, stage, party, rates.snapshot_interval_ms, until))
    for party in sorted(stage.old):
        stage.agenda.add(chance.randint(stage.now, until), partial(stage.upgrade, party))
    for _ in range(draw_count(chance, rates.wrong_clocks)):
        stage.log.count("clocks-wrong")
        stage.stations[chance.choice(parties)].skew_ms = chance.choice(WRONG_CLOCK_MS)


def _plan_for(
    party: Party,
    stage: Stage,
    rates: Rates,
    chance: random.Random,
    plan: Callable[[float, Callable[[], Callable[[], None]]], None],
) -> None:
    """Plan what befalls one party's node, outbox and disk."""
    plan(rates.crashes_per_node, lambda: partial(stage.crash, party, for_ms=spread(chance, *DOWN_MS)))
    plan(rates.outages_per_outbox, lambda: partial(stage.stop_outbox, party, for_ms=spread(chance, *OUTAGE_MS)))
    plan(rates.stalls_per_disk, lambda: partial(stage.stall_disk, party, for_ms=spread(chance, *STALL_MS)))
    plan(rates.full_per_disk, lambda: partial(stage.fill_disk, party, for_ms=spread(chance, *FULL_MS)))
    plan(rates.rots_per_disk, lambda: partial(stage.rot_disk, party, at=chance.random()))


def _keep_snapshots(stage: Stage, party: Party, interval_ms: int, until: Instant) -> None:
    """Let a node add to its snapshot, now and again until the heal; not in weeks in which nothing happens."""
    stage.stations[party].keep_snapshot()
    if stage.now < until:
        stage.agenda.after(interval_ms, partial(_keep_snapshots, stage, party, interval_ms, until))


def _draw_cut(stage: Stage, chance: random.Random, one: Party, other: Party) -> Callable[[], None]:
    return partial(stage.cut, one, other, for_ms=spread(chance, *CUT_MS))


def _isolate(stage: Stage, alone: Party, for_ms: int) -> None:
    """Cut one party off from all others, for as long as a silence may run."""
    if stage.is_healed:
        return
    stage.log.count("parties-isolated")
    for other in stage.cast.parties:
        if other != alone:
            stage.cut(alone, other, for_ms=for_ms)
