"""One pact in a run, and what has been said under it: statements with the cuts that their authors provably had (R66).

Each party has one journal, to all; every statement is a page. What is folded is the real `Record` over real `Stated`
entries, and what is decided asks the real release funnel.
"""

import hashlib
from bisect import bisect_right
from typing import Final

from comity.base.instants import DAY_MS, Instant
from comity.base.names import Digest, Party
from comity.pact.commitment import Obligation
from comity.pact.duty import DutyRule, compile_duties
from comity.pact.model import Pact
from comity.procedure.entry import Entry, Marking
from comity.procedure.ground import Ground, find_ground
from comity.procedure.policy import Policy, read_policy
from comity.procedure.receipt import Links
from comity.procedure.record import Record
from comity.procedure.registry import encode_entry
from comity.procedure.release import decide
from comity.procedure.release_terms import compile_terms
from comity.procedure.stated import Standing, Stated
from comity.procedure.verdict import Decision, Subject
from comity.rehearsal.lean.weather import Weather

__all__ = ["PAGE_SIZE_BYTES", "Forum"]

PAGE_SIZE_BYTES: Final = 400
"""What a page has beside its entries: header, signature, root, seal. The whole rehearsal's smallest page has 393."""


class Forum:
    """A pact among parties who speak to all of each other."""

    def __init__(self, pact: Pact, weather: Weather, *, name: str = "") -> None:
        """Begin with nothing said."""
        self.name = name or pact.identity.id
        self.pact = pact
        self.parties = pact.audience
        self.policy: Policy = read_policy(pact)
        self.rules: tuple[DutyRule, ...] = compile_duties(pact)
        self.record = Record(self.policy)
        self.weather = weather
        self.statement_count = 0
        self.page_count = 0
        """Pages that went to readers: one for each reader of each statement."""
        self.size_bytes = 0
        self.delay_ms = 0
        """Of all those pages together."""
        self._terms = compile_terms(pact)
        self._grounds: dict[int, Ground] = {}
        self._journals = {party: _digest("journal", self.name, party) for party in self.parties}
        self._others = {party: tuple(one for one in self.parties if one != party) for party in self.parties}
        self._page = dict.fromkeys(self.parties, 0)
        self._arrivals: dict[Party, dict[Party, list[int]]] = {
            party: {other: [] for other in self._others[party]} for party in self.parties
        }
        """By author and reader: when each of the author's pages was there."""
        self._sizes: dict[type[Entry], int] = {}

    @property
    def is_defence_owed(self) -> bool:
        """Whether a commitment obliges every party to help one that is attacked."""
        return any(Obligation.DEFENCE in row.obliges for row in self.pact.commitments)

    def list_others(self, party: Party) -> tuple[Party, ...]:
        """Return everybody else."""
        return self._others[party]

    def state(self, author: Party, entry: Entry, at: Instant, *, id_: Digest | None = None) -> Stated:
        """Let a party say something; its page sets out for every reader. Instants must not run back."""
        page = self._page[author]
        self._page[author] = page + 1
        cut = {
            self._journals[other]: place - 1
            for other in self._others[author]
            if (place := _count_until(self._arrivals[other][author], at))
        }
        stated = Stated(
            entry=entry,
            id=id_ or _digest(self.name, author, str(page)),
            author=author,
            audience=self.parties,
            journal=self._journals[author],
            page=page,
            index=0,
            written_at=at,
            standing=Standing.GOOD,
            cut=cut,
        )
        self.record.take((stated,))
        self._send(author, entry, at, page)
        return stated

    def _send(self, author: Party, entry: Entry, at: Instant, page: int) -> None:
        others = self._others[author]
        for reader in others:
            arrivals = self._arrivals[author][reader]
            arrival = self.weather.find_arrival(author, reader, at, page, others)
            if arrivals and arrivals[-1] > arrival:
                arrival = arrivals[-1]
            arrivals.append(arrival)
            self.delay_ms += arrival - at
        size = self._sizes.get(type(entry))
        if size is None:
            size = self._sizes[type(entry)] = len(encode_entry(entry)) + PAGE_SIZE_BYTES
        self.statement_count += 1
        self.page_count += len(others)
        self.size_bytes += size * len(others)

    def find_arrival(self, stated: Stated, reader: Party) -> Instant:
        """Return when a statement is at a reader; its author has it at once."""
        if reader == stated.author:
            return stated.written_at
        return Instant(self._arrivals[stated.author][reader][stated.page])

    def find_links(self) -> Links:
        """Return the signed heads of everybody once all has arrived: in the end each has signed for everything."""
        last = {self._journals[party]: page - 1 for party, page in self._page.items()}
        return Links(dict.fromkeys(self.parties, last))

    def decide(self, marking: Marking, *, holder: Party, to: Party, at: Instant) -> Decision:
        """Ask the release funnel, on the agreements as they stand on that day."""
        day = at // DAY_MS
        ground = self._grounds.get(day)
        if ground is None:
            as_of = Instant(day * DAY_MS)
            ground = self._grounds[day] = find_ground(self._terms, (), as_of=as_of, check=lambda _: None)
        return decide(Subject((marking,)), holder=holder, to=to, ground=ground)


def _count_until(arrivals: list[int], at: int) -> int:
    """Return how many have arrived by then: mostly all of them."""
    return len(arrivals) if not arrivals or arrivals[-1] <= at else bisect_right(arrivals, at)


def _digest(*parts: str) -> Digest:
    return Digest(hashlib.blake2b("/".join(parts).encode(), digest_size=32).digest())
