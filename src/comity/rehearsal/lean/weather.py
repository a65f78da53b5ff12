"""When links and machines are down, and when a page arrives (R67).

Each thing that can break has its own failures, drawn when it is first asked about. A page to a reader whose link is cut
goes by way of another reader, if there is one; else it waits.
"""

import math
from bisect import bisect_right
from statistics import NormalDist
from typing import Final

from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, Instant
from comity.base.names import Party
from comity.rehearsal.scenario.luck import Luck
from comity.rehearsal.scenario.model import Delivery, FailureOf, Scenario

__all__ = ["Weather"]

OUTAGE_COUNT_MAX: Final = 2_000_000
"""In a run, of all links and machines together (R64)."""
_NORMAL: Final = NormalDist()
_DELAY_COUNT: Final = 4096
_STEP: Final = 2_654_435_761
"""Odd, and far from any simple share of 2 to the 32nd: numbers in a row fall far apart."""

Outages = tuple[list[int], list[int]]
"""Beginnings and ends, ascending, without overlap."""


class Weather:
    """The state of all links and machines over one run."""

    def __init__(self, scenario: Scenario, *, from_at: Instant, until_at: Instant, luck: Luck) -> None:
        """Draw nothing yet."""
        self._failures = scenario.failures
        self._from_at, self._until_at, self._luck = from_at, until_at, luck
        self._links: dict[tuple[Party, Party], Outages] = {}
        self._machines: dict[tuple[Party, ...], Outages] = {}
        self._ways: dict[tuple[Party, Party], list[int]] = {}
        """Where the delays from one party to another begin, and between which instants nothing is down there."""
        self._outage_count = 0
        self._delays_ms = _list_delays(scenario.delivery)

    def find_up(self, party: Party, at: int) -> Instant:
        """Return the first instant from `at` on at which the party's machine runs."""
        return Instant(_find_end(self._find_machine(party), at))

    def find_up_since(self, party: Party, at: int) -> Instant:
        """Return since when the machine has been up at `at`."""
        ends = self._find_machine(party)[1]
        place = bisect_right(ends, at)
        return Instant(ends[place - 1]) if place else self._from_at

    def find_arrival(self, sender: Party, reader: Party, at: int, number: int, others: tuple[Party, ...]) -> int:
        """Return when a page that was sent at `at` is at the reader."""
        way = self._ways.get((sender, reader))
        if way is None:
            salt = int(self._luck.share(sender, reader, "page") * 2**32)
            way = self._ways[sender, reader] = [salt, 0, -1 if self._failures else 2**62]
        delay_ms = self._delays_ms[((number + 1) * _STEP + way[0] >> 8) % len(self._delays_ms)]
        if way[1] <= at < way[2]:
            return at + delay_ms
        way[1], way[2] = _join_gaps(self._find_machine(reader), self._find_link(sender, reader), at)
        return self._find_late_arrival(sender, reader, at, delay_ms, others)

    def _find_late_arrival(
        self, sender: Party, reader: Party, at: int, delay_ms: int, others: tuple[Party, ...]
    ) -> int:
        sent_at = at
        while True:
            sent_at = _find_end(self._find_machine(reader), sent_at)
            free_at = _find_end(self._find_link(sender, reader), sent_at)
            if free_at == sent_at:
                return sent_at + delay_ms
            if any(self._is_open(sender, by, sent_at) and self._is_open(by, reader, sent_at) for by in others[:8]):
                return sent_at + 2 * delay_ms
            sent_at = free_at

    def _is_open(self, one: Party, other: Party, at: int) -> bool:
        return (
            one != other
            and _find_end(self._find_link(one, other), at) == at
            and _find_end(self._find_machine(one), at) == at
            and _find_end(self._find_machine(other), at) == at
        )

    def _find_link(self, one: Party, other: Party) -> Outages:
        key = (one, other) if one < other else (other, one)
        held = self._links.get(key)
        if held is None:
            held = self._links[key] = self._draw(FailureOf.LINK, key)
        return held

    def _find_machine(self, party: Party) -> Outages:
        held = self._machines.get((party,))
        if held is None:
            held = self._machines[(party,)] = self._draw(FailureOf.MACHINE, (party,))
        return held

    def _draw(self, of: FailureOf, parties: tuple[Party, ...]) -> Outages:
        found: list[tuple[int, int]] = []
        for number, row in enumerate(self._failures):
            if row.of is not of or (row.parties and tuple(sorted(row.parties)) != parties):
                continue
            at, count = int(self._from_at), 0
            while True:
                at += self._luck.gap_ms(row.gap_ms, "failure", number, *parties, count)
                if at >= self._until_at:
                    break
                self._outage_count += 1
                if self._outage_count > OUTAGE_COUNT_MAX:
                    day = (at - self._from_at) // DAY_MS
                    raise UsageError("scenario.endless", day=day, outages=self._outage_count)
                span_ms = self._luck.span_ms(row.median_ms, row.spread_percent, "outage", number, *parties, count)
                found.append((at, at + span_ms))
                at, count = at + span_ms, count + 1
        return _merge(found)


def _list_delays(delivery: Delivery) -> tuple[int, ...]:
    """Return so many delays, each as likely as another: the middle of its part of the distribution."""
    if not delivery.spread_percent:
        return (delivery.median_ms,)
    deviation = delivery.spread_percent / 100
    quantiles = (_NORMAL.inv_cdf((place + 0.5) / _DELAY_COUNT) for place in range(_DELAY_COUNT))
    return tuple(round(delivery.median_ms * math.exp(deviation * quantile)) for quantile in quantiles)


def _join_gaps(one: Outages, other: Outages, at: int) -> tuple[int, int]:
    """Return from `at` until when neither is down; nothing, if one is down at `at`."""
    ends = []
    for begins, outage_ends in (one, other):
        place = bisect_right(begins, at)
        if place and at < outage_ends[place - 1]:
            return (0, -1)
        ends.append(begins[place] if place < len(begins) else 2**62)
    return at, min(ends)


def _merge(found: list[tuple[int, int]]) -> Outages:
    begins: list[int] = []
    ends: list[int] = []
    for begin, end in sorted(found):
        if ends and begin <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            begins.append(begin)
            ends.append(end)
    return begins, ends


def _find_end(outages: Outages, at: int) -> int:
    begins, ends = outages
    place = bisect_right(begins, at) - 1
    return ends[place] if place >= 0 and at < ends[place] else at
