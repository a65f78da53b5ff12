"""The next root takes over in the middle of a run, and some time later signs new keys of the node (sealing.md, S10).

An honest ceremony: the root that the pact pins hands over to the one whose digest it pins as next; the node says so in
its genesis journal at its next start. Later the node's keys are renewed under the new root: page 0 of the next
incarnation closes each own journal after its last page, so that nothing said is disowned.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from comity.base.instants import MINUTE_MS, SECOND_MS, Instant
from comity.base.names import Digest, Party
from comity.journal.header import Page
from comity.journal.statement import Closed, Succession, sign_statement
from comity.rehearsal.chance import split
from comity.rehearsal.stage import Stage
from comity.rehearsal.standin import StandInCeremony

__all__ = ["LOOK_AGAIN_MS", "plan_succession", "renew_keys"]

LOOK_AGAIN_MS: Final = 10 * SECOND_MS
RENEWED_SHARE: Final = 0.7
"""How often the node's keys are renewed after it."""


def renew_keys(stage: Stage, party: Party, last: Iterable[Page], *, ceremony: StandInCeremony) -> None:
    """Open a new incarnation of a party, which goes on from these last pages of its journals."""
    station = stage.stations[party]
    incarnation = station.setup.secrets.incarnation
    closed = {
        (page.header.journal.feed, page.header.journal.audience): Closed(incarnation, page.header.number, page.digest)
        for page in last
    }
    stage.switch_off(party)
    station.setup = stage.cast.renew(station.setup, closed, root=stage.roots[party], at=stage.now, ceremony=ceremony)
    stage.switch_on(party)


@dataclass(slots=True)
class _Ceremonies:
    """One party's, in one run."""

    stage: Stage
    party: Party
    ceremony: StandInCeremony

    def succeed(self) -> None:
        """Let the next root take over, and the node say so."""
        stage, station = self.stage, self.stage.stations[self.party]
        if stage.is_healed:
            return
        pins, suite, new = stage.cast.pins, station.setup.suite, stage.cast.next_roots[self.party]
        public = new.find_public(suite)
        body = Succession(pins.lineage, self.party, public.ed25519, public.mldsa, self.ceremony.random(32), stage.now)
        statement = sign_statement(body, stage.roots[self.party], suite=suite, ceremony=self.ceremony)
        stage.log.count("roots-succeeded")
        stage.log.note(stage.now, self.party, "root-succeeded")
        stage.roots[self.party] = new
        stage.switch_off(self.party)
        station.setup = dataclasses.replace(station.setup, successions=(statement,))
        stage.switch_on(self.party)

    def renew(self) -> None:
        """Renew the node's keys, once it has reckoned: nobody closes journals of which he knows that pages are lost."""
        stage, station = self.stage, self.stage.stations[self.party]
        if stage.is_healed or not station.setup.successions:
            return
        if not station.is_up or station.may_be_old or station.disk.find_lost():
            stage.agenda.after(LOOK_AGAIN_MS, self.renew)
            return
        stage.log.count("keys-renewed")
        stage.log.note(stage.now, self.party, "keys-renewed")
        last: dict[Digest, Page] = {}
        for page in station.disk.pages:
            if page.header.journal.author == self.party:
                held = last.get(page.journal)
                last[page.journal] = page if held is None or held.header.number < page.header.number else held
        renew_keys(stage, self.party, last.values(), ceremony=self.ceremony)


def plan_succession(stage: Stage, *, seed: int, until: Instant, robbed: Party = "") -> None:
    """Put a succession and what follows on the agenda, for a party that neither lies nor is robbed."""
    chance = split(seed, "succession")
    party = chance.choice([party for party in stage.cast.parties if party not in {*stage.liars, robbed}])
    ceremonies = _Ceremonies(stage, party, StandInCeremony(f"succession/{seed}".encode()))
    succeeds_at = chance.randint(stage.now + MINUTE_MS, max(stage.now + MINUTE_MS, until - MINUTE_MS))
    stage.agenda.add(succeeds_at, ceremonies.succeed)
    if chance.random() < RENEWED_SHARE:
        stage.agenda.add(chance.randint(succeeds_at, max(succeeds_at, until)), ceremonies.renew)
