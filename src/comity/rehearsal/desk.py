"""A party's watch floor: officers who see what their own machine shows, and say things when their time has come.

Whatever people do is a *cue*: from an instant on, somebody of one party looks at the own machine, and either says
something or looks again later, for as long as patience lasts. An officer whose words were not answered (the node
crashed) looks whether they are on the record after all, and repeats them if not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from comity.base.instants import MINUTE_MS, SECOND_MS, Instant
from comity.base.names import Audience, Digest, Party
from comity.machine.effect import Answer
from comity.machine.machine import Machine
from comity.procedure.entry import Entry
from comity.procedure.recall import ItemDestroyed
from comity.procedure.sharing import GIVING
from comity.procedure.stated import Stated
from comity.rehearsal.crew import Crew
from comity.rehearsal.old_version import is_unknown
from comity.rehearsal.stage import Stage
from comity.rehearsal.station import Station
from comity.rehearsal.watchbill import Watchbill

__all__ = ["NOTHING", "Act", "Cue", "Desk", "Wish", "Words"]

E = TypeVar("E", bound=Entry)

LOOK_AGAIN_MS: Final = 10 * SECOND_MS
ANSWER_WITHIN_MS: Final = MINUTE_MS
NEXT_OFFICER_MS: Final = 2 * SECOND_MS
FORCED_MS: Final = 2 * SECOND_MS
PATIENCE_MS: Final = 30 * MINUTE_MS
"""How long an officer waits for what has to come first."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Words for one audience. `refusals`: the codes that are expected, for words that must not leave.

    `by` are others than the officers first at hand. `is_forced`: a liar's node lets them out, whatever its funnel says.
    """

    audience: Audience
    entries: tuple[Entry, ...]
    refusals: tuple[str, ...] = ()
    by: Crew | None = None
    is_forced: bool = False


Words = Wish | None
"""Something, or nothing yet."""
NOTHING: Final = Wish((), ())
"""Nothing, now and later."""
Act = Callable[["Desk"], Words]
"""Looks at the own desk and says something, or not."""


@dataclass(frozen=True, slots=True)
class Cue:
    """Somebody of `party` acts from `at` on; `name` is what the play calls it."""

    name: str
    party: Party
    at: int
    act: Act


@dataclass(slots=True)
class Desk:
    """One party's officers. `said` maps a cue's name to the ids of its entries, once stored."""

    party: Party
    stage: Stage
    react: Callable[["Desk", Stated], None] = lambda _desk, _stated: None
    said: dict[str, tuple[Digest, ...]] = field(default_factory=dict)
    waiting: dict[int, tuple[Cue, Wish]] = field(default_factory=dict)
    watchbill: Watchbill | None = None
    """Who acts now and then in place of the first at hand; none: always these."""
    is_open: bool = True
    """Whether anybody still begins to speak; the last stretch of a run is quiet."""
    _command: int = 0
    _noticed: set[Digest] = field(default_factory=set)
    _shown: tuple[int, int] = (0, 0)
    """The node's life, and how many statements its screen has shown in it."""

    @property
    def station(self) -> Station:
        """Their node."""
        return self.stage.stations[self.party]

    @property
    def machine(self) -> Machine:
        """What the officers look at."""
        return self.station.machine

    @property
    def now(self) -> Instant:
        """The clock on the wall: the node's own."""
        return self.station.now()

    @property
    def everyone(self) -> Audience:
        """All parties of the pact."""
        return self.stage.cast.parties

    def find(self, type_: type[E], *, author: Party | None = None) -> Iterator[tuple[Stated, E]]:
        """Yield statements of a type that this machine shows, with their entries."""
        for stated in self.machine.statements.find(type_):
            if isinstance(stated.entry, type_) and author in (None, stated.author):
                yield stated, stated.entry

    def first(self, type_: type[E], *, author: Party | None = None) -> Stated | None:
        """Return the first statement of a type that this machine shows, or None."""
        return next((stated for stated, _ in self.find(type_, author=author)), None)

    def plan(self, cue: Cue) -> None:
        """Put a cue on the agenda."""
        self.stage.agenda.add(cue.at, lambda: self._look(cue, cue.at + PATIENCE_MS))

    def plan_exactly(self, cue: Cue) -> None:
        """Put a cue on the agenda at its very instant, whatever the agenda makes of others."""
        self.stage.agenda.ring(cue.at, lambda: self._look(cue, cue.at + PATIENCE_MS))

    def _look(self, cue: Cue, until: int) -> None:
        agenda = self.stage.agenda
        if not self.is_open:
            return
        if not self.station.is_up:
            agenda.after(LOOK_AGAIN_MS, lambda: self._look(cue, until + LOOK_AGAIN_MS))
            return
        wish = cue.act(self)
        if wish is NOTHING:
            return
        if wish is not None and self.party in self.stage.old and is_unknown(wish.entries):
            wish = None
        if wish is not None:
            self._say_by_somebody(cue, wish)
        elif agenda.now < until:
            agenda.after(LOOK_AGAIN_MS, lambda: self._look(cue, until))

    def _say_by_somebody(self, cue: Cue, wish: Wish) -> None:
        """Say it by whoever is drawn; where that one must not, the right officer says it next."""
        drawn = None
        if self.watchbill is not None and not wish.refusals and self.machine.is_in_force:
            drawn = self.watchbill.draw(self.machine, wish.audience, wish.entries)
        if drawn is None:
            self._say(cue, wish)
        elif not drawn.refusal:
            self._say(cue, replace(wish, by=drawn.crew))
        else:
            wrong = Cue(f"{cue.name}/by-another", cue.party, cue.at, lambda _: None)
            self._say(wrong, replace(wish, by=drawn.crew, refusals=(drawn.refusal,)))
            self.stage.agenda.after(NEXT_OFFICER_MS, lambda: self._say_once_up(cue, wish))

    def _say_once_up(self, cue: Cue, wish: Wish) -> None:
        if self.station.is_up:
            self._say(cue, wish)
        else:
            self.stage.agenda.after(LOOK_AGAIN_MS, lambda: self._say_once_up(cue, wish))

    def _say(self, cue: Cue, wish: Wish) -> None:
        self._command += 1
        command = self._command
        self.waiting[command] = (cue, wish)
        self.stage.agenda.after(ANSWER_WITHIN_MS, lambda: self._follow_up(command))
        if wish.is_forced:
            self.station.let_out(for_ms=FORCED_MS)
        self.station.say(command, wish.audience, wish.entries, by=wish.by)

    def _follow_up(self, command: int) -> None:
        """Nobody answered: see whether it was said after all, else say it again."""
        if command not in self.waiting:
            return
        if not self.station.is_up:
            self.stage.agenda.after(LOOK_AGAIN_MS, lambda: self._follow_up(command))
            return
        cue, wish = self.waiting.pop(command)
        ids = tuple(id_ for entry in wish.entries if (id_ := self._find_own(entry, wish.audience)) is not None)
        if len(ids) == len(wish.entries):
            self.said[cue.name] = ids
        else:
            self.stage.log.count("statements-repeated")
            self._say(cue, wish)

    def _find_own(self, entry: Entry, audience: Audience) -> Digest | None:
        rows = self.machine.statements.find(type(entry))
        return next(
            (row.id for row in rows if row.author == self.party and row.audience == audience and row.entry == entry),
            None,
        )

    def take_answer(self, answer: Answer) -> None:
        """Take the machine's answer to a command of this desk."""
        found = self.waiting.pop(answer.command, None)
        if found is None:
            return
        cue, wish = found
        log = self.stage.log
        if not answer.code:
            self.said[cue.name] = answer.ids
            log.count("statements", len(answer.ids))
            return
        log.count(f"refused-{answer.code}")
        log.row(self.now, self.party, "rehearsal.refused", refusal=answer.code, cue=cue.name)
        if answer.code in ("pact.not-in-force", "journal.reckoning"):
            # Not every party has been heard of yet, or not since the store was put back: the officer tries again.
            self.stage.agenda.after(LOOK_AGAIN_MS, lambda: self._look(cue, cue.at + PATIENCE_MS))
            return
        if answer.code not in wish.refusals:
            log.count("refusals-not-expected")

    def notice(self) -> None:
        """Let the officers see what is new on their screen."""
        life = self.station.life
        index = self._shown[1] if self._shown[0] == life else 0
        new = self.machine.statements.list_from(index)
        self._shown = (life, index + len(new))
        if any(isinstance(stated.entry, (*GIVING, ItemDestroyed)) for stated in new):  # own certificates come back too
            self.station.want()
        for stated in new:
            if stated.id not in self._noticed:
                self._noticed.add(stated.id)
                self.react(self, stated)
