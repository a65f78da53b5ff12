"""Chance, split by purpose, and the fault rates that each seed draws for itself.

A purpose has a generator of its own, made from the seed and the purpose's name alone. So one more draw in one place
(one more message, one more officer) leaves every other purpose's draws as they were, and a seed found on Monday still
shows its fault on Friday. Nothing here depends on the order of a set or on the process (`PYTHONHASHSEED`).
"""

import hashlib
import math
import random
from dataclasses import dataclass
from typing import Final

from comity.base.instants import HOUR_MS, MINUTE_MS, SECOND_MS

__all__ = ["CALM", "Rates", "draw_rates", "split"]


def split(seed: int, *purpose: str) -> random.Random:
    """Return the generator of one purpose of one seed."""
    raw = hashlib.sha256(f"comity/rehearsal/{seed}/{'/'.join(purpose)}".encode()).digest()
    return random.Random(int.from_bytes(raw, "big"))  # noqa: S311 -- a rehearsal must be replayable; no key comes from here


def spread(chance: random.Random, low: float, high: float) -> int:
    """Draw between two positive bounds so that each order of magnitude is as likely as another."""
    return round(low * math.pow(high / low, chance.random()))


@dataclass(frozen=True, slots=True)
class Rates:
    """How much goes wrong in one run. Shares are of messages or commits; the rest are counts and sizes in the run."""

    drop_share: float = 0.0
    duplicate_share: float = 0.0
    ack_loss_share: float = 0.0
    latency_ms: int = 40
    jitter_ms: int = 10
    cuts_per_link: float = 0.0
    isolations: float = 0.0
    crashes_per_node: float = 0.0
    crash_at_commit_share: float = 0.0
    outages_per_outbox: float = 0.0
    stalls_per_disk: float = 0.0
    fsync_ms_max: int = 8
    skew_ms_max: int = 0
    wrong_clocks: float = 0.0
    clock_steps: float = 0.0
    strays: float = 0.0
    rots_per_disk: float = 0.0
    full_per_disk: float = 0.0
    clock_drift_ppm: int = 0
    clock_jumps: float = 0.0
    lies: float = 0.0
    restores: float = 0.0
    is_upgrading: bool = False
    """Whether some nodes are of an older version for a while."""
    away_days: int = 0
    """For how long one party is away while the others meet for a few minutes a day."""
    has_thief: bool = False
    """Whether a stranger steals a party's keys, until they are replaced."""
    has_succession: bool = False
    """Whether a party's next root takes over."""
    snapshot_interval_ms: int = 0
    """How often nodes add to their snapshots; 0: they have none, and start from bytes."""
    has_twin: bool = False
    """Whether the seed is also played with and without an exchange that must not show (`twin`)."""


CALM: Final = Rates()
"""Nothing goes wrong: what the links and disks do after the heal, and in a play that shows the procedure alone."""


def draw_rates(seed: int) -> Rates:
    """Draw how hard this seed is. Each kind of fault is absent from some seeds, so that none can hide another."""
    chance = split(seed, "rates")

    def some(share: float, high: float) -> float:
        return chance.random() * high if chance.random() < share else 0.0

    return Rates(
        drop_share=some(0.7, 0.2),
        duplicate_share=some(0.7, 0.15),
        ack_loss_share=some(0.6, 0.1),
        latency_ms=spread(chance, 1, 400),
        jitter_ms=spread(chance, 1, 2_000),
        cuts_per_link=some(0.7, 3.0),
        isolations=some(0.4, 1.5),
        crashes_per_node=some(0.6, 2.0),
        crash_at_commit_share=some(0.5, 0.03),
        outages_per_outbox=some(0.5, 1.5),
        stalls_per_disk=some(0.4, 1.5),
        fsync_ms_max=spread(chance, 2, 60),
        skew_ms_max=spread(chance, 1, SECOND_MS),
        wrong_clocks=some(0.25, 1.0),
        clock_steps=some(0.2, 1.0),
        strays=some(0.4, 3.0),
        rots_per_disk=some(0.3, 1.5),
        full_per_disk=some(0.3, 0.7),
        clock_drift_ppm=round(some(0.4, 400)),
        clock_jumps=some(0.2, 1.0),
        lies=some(0.25, 9.0),
        has_twin=chance.random() < TWIN_SHARE,
        restores=some(0.3, 1.5),
        is_upgrading=chance.random() < UPGRADE_SHARE,
        has_thief=chance.random() < THEFT_SHARE,
        away_days=chance.randint(3, 21) if chance.random() < AWAY_SHARE else 0,
        snapshot_interval_ms=spread(chance, 5 * SECOND_MS, 10 * MINUTE_MS) if chance.random() < SNAPSHOT_SHARE else 0,
        has_succession=chance.random() < SUCCESSION_SHARE,
    )


def draw_count(chance: random.Random, mean: float) -> int:
    """Draw a whole number with this mean: the whole part, and one more as often as the rest asks."""
    return int(mean) + (chance.random() < mean % 1.0)


TWIN_SHARE: Final = 0.06
UPGRADE_SHARE: Final = 0.2
THEFT_SHARE: Final = 0.15
AWAY_SHARE: Final = 0.006
SNAPSHOT_SHARE: Final = 0.5
SUCCESSION_SHARE: Final = 0.12
JUMP_MS: Final = (-HOUR_MS, -3 * MINUTE_MS, -20 * SECOND_MS, 20 * SECOND_MS, 3 * MINUTE_MS, HOUR_MS)
"""How far a clock jumps while its node runs: a time server that is wrong, a battery that is changed."""
WRONG_CLOCK_MS: Final = (-10 * MINUTE_MS, -40 * SECOND_MS, 25 * SECOND_MS, 10 * MINUTE_MS)
"""How far a wrong clock is off: by a typing mistake, or by a few missed beats."""
