"""What a station shares with all others: time, the post, the log, whoever watches, and how machines are made."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.journal.header import Page
from comity.machine.effect import Effect
from comity.machine.machine import Machine, Setup
from comity.procedure.entry import Entry
from comity.rehearsal.agenda import Agenda
from comity.rehearsal.cabinet import Cabinet
from comity.rehearsal.crew import Crew
from comity.rehearsal.log import Log
from comity.rehearsal.post import Post
from comity.rehearsal.snapshot import Snapshot, Start
from comity.rehearsal.standin import StandInCeremony

__all__ = ["Berth", "Observer", "Still", "StillChance"]


class Observer(Protocol):
    """Whoever watches a run from outside. Called when a thing is done, not when it is asked for."""

    def on_effect(self, party: Party, effect: Effect) -> None:
        """An effect is being carried out."""

    def on_said(self, party: Party, command: int, audience: Audience, entries: tuple[Entry, ...], by: Crew) -> None:
        """Officers have told their node to state something."""

    def on_durable(self, party: Party, pages: tuple[Page, ...]) -> None:
        """Pages have become durable that were not before."""

    def on_arrived(self, party: Party, raw: bytes, delivery: int) -> None:
        """Bytes have come in from outside."""

    def on_start(self, party: Party, start: Start, at: Instant) -> None:
        """A node starts over what it has stored, at an instant of its own clock."""

    def on_epoch_key(self, journal: Digest, epoch: int, key: bytes) -> None:
        """An epoch key was drawn."""

    def on_stopped(self, party: Party, where: str) -> None:
        """The machine found a promise of its own broken at this place: its node stops for good."""


class StillChance(random.Random):
    """Draws the least that may be drawn, always."""

    def randint(self, a: int, b: int) -> int:
        del b
        return a


@dataclass(frozen=True, slots=True)
class Still:
    """A world in which everything takes its least time: its agenda, and how its ceremonies draw."""

    agenda: Agenda
    make_ceremony: Callable[[bytes], StandInCeremony]


@dataclass(frozen=True, slots=True)
class Berth:
    """`chance` draws for this station's disk, outbox and ceremonies."""

    agenda: Agenda
    post: Post
    log: Log
    observer: Observer
    chance: random.Random
    make_machine: Callable[[Setup], Machine]
    make_ceremony: Callable[[bytes], StandInCeremony] = StandInCeremony
    is_commit_answered_early: bool = False
    """Says "stored" before it is: never so but for a canary."""
    make_snapshot: Callable[[], Snapshot] = Snapshot
    make_cabinet: Callable[[], Cabinet] = Cabinet
