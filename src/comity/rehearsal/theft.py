"""A stranger with a copy of a party's home: he says what he likes under the true key, until the key is replaced.

He works from the copy that he took, beside the party's own node, and shows each of his pages to whom he likes. The
party's node is honest and knows nothing of him before his pages come to its own door. Then its root opens a new
incarnation: page 0 of each of its journals names the last page that was good, and all that the thief ever says in the
old ones is disowned, wherever and whenever it arrives (J14, J17).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Digest, Party
from comity.journal.header import Page
from comity.rehearsal.chance import split
from comity.rehearsal.liar import Liar, draw_words
from comity.rehearsal.shadow import Shadow
from comity.rehearsal.stage import Stage
from comity.rehearsal.standin import StandInCeremony
from comity.rehearsal.succession import LOOK_AGAIN_MS, renew_keys

__all__ = ["Thief", "plan_theft"]


@dataclass(slots=True)
class Thief(Liar):
    """`raws` is his copy, and what he wrote since."""

    raws: list[bytes] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    """What he wrote."""
    is_careless: bool = False
    """Whether the closures name his own last pages: never so but for a canary."""

    def steal(self) -> None:
        """Take a copy of the home."""
        self.raws += [page.raw for page in self.stage.stations[self.party].disk.pages]
        self.stage.robbed = self.party
        self.stage.log.count("keys-stolen")
        self.stage.log.note(self.stage.now, self.party, "robbed")

    def speak(self) -> None:
        """Say something under the stolen key, and show it to some."""
        if not self.raws or self.stage.is_healed:
            return
        station = self.stage.stations[self.party]
        shadow = Shadow(
            station.setup if station.setup.secrets.incarnation == 0 else self.stage.cast.setups[self.party],
            self.raws,
            at=Instant(self.stage.now),
            ceremony=self.ceremony,
            note_key=partial(self.stage.observer.on_epoch_key),
        )
        shadow.dismiss_officers()
        shadow.tick()
        for audience, entries in draw_words(shadow, self.chance):
            shadow.say(audience, *entries)
        self.stage.forged.update(page.digest for page in shadow.pages)
        self.raws += [page.raw for page in shadow.pages]
        self.pages += shadow.pages
        shown_to = [party for party in self.others if self.chance.random() < 0.6] or [self.chance.choice(self.others)]
        self.show(shadow.pages, shown_to)
        self.stage.log.count("thief-spoke")

    def replace_key(self) -> None:
        """Open a new incarnation of the party, once its store is whole; it goes on from the last good pages.

        Though all else be healed: a node that knows of a thief says nothing under the key that is his too. Whether its
        reckoning is over is not asked: a page of the thief's that never finds the one before it keeps it open for good.
        The operator waits until readers have given back what they hold of the party's; then `--give-up` disowns nothing
        that is good.
        """
        good = self._find_good_pages(self.stage.stations[self.party].disk.pages)
        if good.keys() != self._find_good_pages(self._list_known()).keys():
            self.stage.agenda.after(LOOK_AGAIN_MS, self.replace_key)
            return
        self.stage.log.count("keys-replaced")
        self.stage.log.note(self.stage.now, self.party, "key-replaced")
        self.stage.has_replaced_key = True
        last = {page.journal: page for page in (*good.values(), *(self.pages if self.is_careless else ()))}
        renew_keys(self.stage, self.party, last.values(), ceremony=self.ceremony)

    def _list_known(self) -> list[Page]:
        """Return what the party's disk holds, and then what those of honest readers do."""
        disks = [row.disk for party, row in self.stage.stations.items() if party not in {self.party, *self.stage.liars}]
        held = [page for disk in disks for page in disk.pages if disk.holds(page.digest)]
        return [*self.stage.stations[self.party].disk.pages, *held]

    def _find_good_pages(self, pages: Iterable[Page]) -> dict[Digest, Page]:
        """Return, by digest, the last own page of each journal that stands before all of the thief's, by number."""
        own = {page.digest: page for page in pages if page.header.journal.author == self.party}
        last: dict[Digest, Page] = {}
        for page in sorted(own.values(), key=lambda page: page.header.number):
            before = last.get(page.journal)
            is_next = page.header.previous == before.digest if before else page.header.number == 0
            if is_next and page.digest not in self.stage.forged:
                last[page.journal] = page
        return {page.digest: page for page in last.values()}


def plan_theft(stage: Stage, *, seed: int, until: Instant, is_careless: bool = False) -> Party:
    """Put a theft, what the thief says, and the replacement on the agenda, between the run's beginning and `until`.

    Return whose keys are stolen.
    """
    chance = split(seed, "thief")
    party = chance.choice([party for party in stage.cast.parties if party not in stage.liars])
    thief = Thief(stage, party, chance, StandInCeremony(f"thief/{seed}".encode()), is_careless=is_careless)
    stage.has_forgeries = True
    stolen_at = chance.randint(stage.now + MINUTE_MS, stage.now + (until - stage.now) // 3 + MINUTE_MS)
    replaced_at = until - 1 if is_careless else chance.randint(stolen_at + 1, max(stolen_at + 1, until - 1))
    stage.agenda.add(stolen_at, thief.steal)
    for _ in range(chance.randint(1, 4)):
        stage.agenda.add(chance.randint(stolen_at, until), thief.speak)
    stage.agenda.add(replaced_at, thief.replace_key)
    return party
