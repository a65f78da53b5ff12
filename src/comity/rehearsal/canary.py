"""Canaries: deliberate breaks of one real rule each, so that every checker is seen to sing.

A checker that has never fired proves nothing. Each canary names the checker that must find it. The breaks go in at
seams (another machine class, another disk, a flag of the driver), so that no honest code has a switch that breaks it.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from comity.base.errors import UsageError
from comity.base.names import Party
from comity.machine.machine import Machine, Setup
from comity.rehearsal.broken import (
    BlindDoor,
    CountingNode,
    ForgetfulDisk,
    HastyNode,
    HeedlessNode,
    HoardingCabinet,
    HollowSnapshot,
    InattentiveNode,
    LawlessNode,
    LenientNode,
    LossyDisk,
    OpenFunnelNode,
    PingPongNode,
    ReticentNode,
    StrictNode,
    TalkativeNode,
    rot,
)
from comity.rehearsal.cabinet import Cabinet
from comity.rehearsal.chance import Rates
from comity.rehearsal.disk import Disk
from comity.rehearsal.snapshot import Snapshot
from comity.rehearsal.station import Station

__all__ = ["CANARIES", "CANARY_SEEDS", "NO_CANARY", "Canary", "get_canary"]

CANARY_SEEDS: Final = range(2, 14)
"""Not every break does harm in every run: a thief has to speak where an honest page follows."""


def _leave(_stations: Mapping[Party, Station]) -> None:
    """Leave the disks as they are."""


@dataclass(frozen=True, slots=True)
class Canary:
    """One break. `check` is what must fire: a checker, or one thing that it finds. `story` is the rule that is broken.

    `rates` is how much else goes wrong, None: what the seed draws. `spoil` is done to the disks just before the last
    look.
    """

    name: str = ""
    check: str = ""
    story: str = ""
    make_machine: Callable[[Setup], Machine] = Machine
    make_disk: Callable[[random.Random, int], Disk] = Disk
    make_snapshot: Callable[[], Snapshot] = Snapshot
    make_cabinet: Callable[[], Cabinet] = Cabinet
    is_outbox_prying: bool = False
    is_commit_answered_early: bool = False
    is_closure_careless: bool = False
    spoil: Callable[[Mapping[Party, Station]], None] = _leave
    rates: Rates | None = None


NO_CANARY: Final = Canary()
_STILL: Final = Rates()
_CRASHING: Final = Rates(crashes_per_node=3.0)

CANARIES: Final = {
    row.name: row
    for row in (
        Canary(
            "restored-backup",
            "one-history",
            "a node comes up on an older copy of its disk, asks nobody and signs those page numbers again",
            make_machine=HeedlessNode,
            make_disk=ForgetfulDisk,
            rates=_CRASHING,
        ),
        Canary(
            "prying-outbox",
            "no-leak",
            "an outbox serves its streams to every party, whatever their audience",
            is_outbox_prying=True,
            rates=_STILL,
        ),
        Canary(
            "open-funnel",
            "no-leak",
            "a node lets words go to parties that their marking does not name",
            make_machine=OpenFunnelNode,
            rates=_STILL,
        ),
        Canary(
            "lossy-disk",
            "nothing-lost",
            "a disk says that a commit is durable and never writes it",
            make_disk=LossyDisk,
            rates=_STILL,
        ),
        Canary(
            "reticent-node",
            "stuck",
            "nodes take pages and sign for none",
            make_machine=ReticentNode,
            rates=_STILL,
        ),
        Canary(
            "inattentive-node",
            "same-verdict.views-differ",
            "one node passes over what others say of their position",
            make_machine=InattentiveNode,
            rates=_STILL,
        ),
        Canary(
            "strict-node",
            "same-verdict.audit-shows-another",
            "all nodes alike take nobody's acknowledgement of a call for one",
            make_machine=StrictNode,
            rates=_STILL,
        ),
        Canary(
            "sleepless-node",
            "alarmed",
            "nodes take nobody's acknowledgement for an answer, and go on calling",
            make_machine=StrictNode,
            rates=_STILL,
        ),
        Canary(
            "lawless-node",
            "same-verdict.audit",
            "one node lets anybody say anything in its party's name, whatever offices the pact has",
            make_machine=LawlessNode,
            rates=_STILL,
        ),
        Canary(
            "lenient-node",
            "acted",
            "nodes let any officer do anything, in whatever role",
            make_machine=LenientNode,
            rates=_STILL,
        ),
        Canary(
            "open-hand",
            "held",
            "nodes give items to whoever they are told to, without asking the funnel",
            make_machine=OpenFunnelNode,
            rates=_STILL,
        ),
        Canary(
            "hoarding-cabinet",
            "gone",
            "who destroys an item throws the blob away and keeps the key",
            make_cabinet=HoardingCabinet,
            rates=_STILL,
        ),
        Canary(
            "rotten-disk",
            "same-verdict.audit",
            "one bit of a stored page turns over and nobody looks",
            spoil=rot,
            rates=_STILL,
        ),
        Canary(
            "hollow-snapshot",
            "same-start",
            "a snapshot passes over the last entry of every page",
            make_snapshot=HollowSnapshot,
            rates=Rates(crashes_per_node=3.0, snapshot_interval_ms=20_000),
        ),
        Canary(
            "hasty-node",
            "silence",
            "a node states that silence was kept though it never stated that it has the text",
            make_machine=HastyNode,
            rates=_STILL,
        ),
        Canary(
            "eager-disk",
            "stored-before-sent",
            "a disk answers a commit before it is durable",
            is_commit_answered_early=True,
            rates=_STILL,
        ),
        Canary(
            "ping-pong",
            "receipts-end",
            "readers sign receipts for receipts",
            make_machine=PingPongNode,
            rates=_STILL,
        ),
        Canary(
            "talkative-node",
            "nothing-shows",
            "nodes name the last pages of their two-party journals to everybody",
            make_machine=TalkativeNode,
            rates=Rates(has_twin=True),
        ),
        Canary(
            "counting-node",
            "nothing-shows",
            "a byte of what nodes say to all depends on how much they said to anybody",
            make_machine=CountingNode,
            rates=Rates(has_twin=True),
        ),
        Canary(
            "careless-closure",
            "disowned",
            "a party whose key was stolen closes its journals after the thief's pages",
            is_closure_careless=True,
            rates=Rates(has_thief=True),
        ),
        Canary(
            "blind-door",
            "realm",
            "a node keeps pages of another realm",
            make_machine=BlindDoor,
            rates=Rates(strays=3.0),
        ),
    )
}


def get_canary(name: str) -> Canary:
    """Return a canary by its name.

    Raises:
        UsageError: `rehearsal.canary-unknown`.
    """
    if name not in CANARIES:
        raise UsageError("rehearsal.canary-unknown", canary=name[:40], known=",".join(CANARIES))
    return CANARIES[name]
