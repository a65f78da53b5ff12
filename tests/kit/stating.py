"""Makes statements as the machine would: one chain for each party, cuts from what each has been reached by."""

import hashlib
import random
from collections.abc import Iterable

import msgspec

from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Audience, Digest, Party
from comity.procedure.entry import Entry, MarkedText, Marking, Translation
from comity.procedure.policy import Policy
from comity.procedure.registry import encode_entry
from comity.procedure.stated import Standing, Stated

ALL: Audience = ("JPN", "KOR", "USA")
ROLE = "watch-officer"
BEGIN = Instant(1_702_855_440_000)
"""2023-12-17T23:24Z: the launch."""

POLICY = Policy(
    acknowledge_within_ms=15 * MINUTE_MS,
    acknowledge_roles=frozenset({ROLE}),
    acknowledge_clause="policy.acknowledge",
    position_within_ms=60 * MINUTE_MS,
    position_clause="policy.position",
    silence_window_ms_min=30 * MINUTE_MS,
    silence_skew_ms_max=2 * MINUTE_MS,
    silence_kept_by_machine=True,
    silence_hold_permitted=True,
    silence_clause="policy.silence",
    line_test_interval_ms=60 * MINUTE_MS,
    line_answer_within_ms=1 * MINUTE_MS,
    line_person_within_ms=10 * MINUTE_MS,
    line_miss_count_finding=3,
    line_test_clause="policy.line-test",
    lapse_after_ms=7 * 24 * 60 * MINUTE_MS,
    lapse_clause="policy.lapse",
)


def minute(number: int) -> Instant:
    """The instant so many minutes after the launch."""
    return Instant(BEGIN + number * MINUTE_MS)


def words(text: str = "played", *languages: str) -> MarkedText:
    """A marked text in these languages, English if none is named."""
    marking = Marking("JPN", "JPN", "JPN-OPEN", ("dprk-missile",), ())
    return MarkedText(marking, tuple(Translation(tag, text) for tag in sorted(languages) or ("en",)))


def journal_of(party: Party, audience: Audience = ALL, incarnation: int = 0) -> Digest:
    """A journal digest of the right size, one for each party, audience and incarnation."""
    return Digest(hashlib.sha256(f"{party}|{audience}|{incarnation}".encode()).digest())


class Room:
    """Parties that state things. Each reaches all others, unless cut off; what it said then arrives when it returns."""

    def __init__(self, audience: Audience = ALL) -> None:
        self.audience = audience
        self.said: list[Stated] = []
        self.cut_off: dict[Party, int] = {}
        """Each party that is cut off, and its last page that got out."""
        self._pages: dict[Party, int] = {}
        self._known: dict[Party, dict[Digest, int]] = {party: {} for party in audience}

    def say(self, party: Party, entry: Entry, at: Instant, *, standing: Standing = Standing.GOOD) -> Stated:
        """State one entry on a page of its own, with the cut that the party has."""
        encode_entry(entry)
        page = self._pages[party] = self._pages.get(party, 0) + 1
        if party not in self.cut_off:
            self._known[party] |= {journal_of(other, self.audience): self._head(other) for other in self._heard(party)}
        stated = Stated(
            entry=entry,
            id=Digest(hashlib.sha256(f"{party}|{page}|{entry!r}".encode()).digest()),
            author=party,
            audience=self.audience,
            journal=journal_of(party, self.audience),
            page=page,
            index=0,
            written_at=at,
            standing=standing,
            cut=dict(self._known[party]),
        )
        self.said.append(stated)
        return stated

    def _heard(self, party: Party) -> list[Party]:
        return [other for other in self.audience if other != party and other not in self.cut_off]

    def _head(self, party: Party) -> int:
        return self._pages.get(party, 0)

    @property
    def arrived(self) -> tuple[Stated, ...]:
        """What somebody holds who is not cut off: of those who are, what they had said before."""
        return tuple(row for row in self.said if row.page <= self.cut_off.get(row.author, row.page))

    def cut(self, party: Party) -> None:
        """Nothing gets to this party or from it any more."""
        self.cut_off[party] = self._head(party)

    def mend(self, party: Party) -> None:
        """It is reached again, and all that it said meanwhile arrives."""
        self.cut_off.pop(party, None)

    def dispute(self, stated: Stated, standing: Standing = Standing.DISPUTED) -> None:
        """The page of this statement, and all of its author's later ones, turn out to be disputed."""
        self.said = [
            msgspec.structs.replace(row, standing=standing)
            if row.journal == stated.journal and row.page >= stated.page
            else row
            for row in self.said
        ]


def shuffled(statements: Iterable[Stated], seed: int) -> list[Stated]:
    """The same statements in another order, some of them twice."""
    order = random.Random(seed)
    rows = list(statements)
    rows += order.sample(rows, len(rows) // 2)
    order.shuffle(rows)
    return rows
