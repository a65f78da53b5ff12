"""The release clauses a second time, plainly: what docs/spec/release.md says, in its order, and nothing cleverer.

Written from the clauses alone. It reads a parsed pact and shares no code with `comity.procedure` or
`comity.pact.release`. An answer is a plain tuple, so that a table of answers can be compared cell by cell.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from comity.pact.agreement import Agreement, Path, ThirdParty
from comity.pact.model import Pact

__all__ = ["Given", "Model", "Says", "Way", "is_running", "read_state"]

OPERATIVE = ("in-force", "notice-suspended", "notice-given")
STOPS = ("not-under", "topic-not-covered", "above-ceiling", "not-in-force", "only-by-hub")
NATIONAL = ("NOFORN", "NATIONAL EYES ONLY")
FUNNEL = "policy.release"


class Says(NamedTuple):
    """One answer in full (R1, R30)."""

    answer: str
    clause: str
    reason: str = ""
    path: tuple[str, ...] = ()
    handled_as: tuple[str, ...] = ()
    of: str = ""
    hub: str = ""
    rests_on: tuple[str, ...] = ()


class Given(NamedTuple):
    """A consent as its fields (R25)."""

    originator: str
    item: bytes
    holder: str
    recipient: str
    given_at: int
    expires_at: int


class Marked(NamedTuple):
    """A marking as its fields (R5)."""

    originator: str
    scheme: str
    level: str
    topics: tuple[str, ...]
    caveats: tuple[str, ...]


class Way(NamedTuple):
    """One route of R8: `kind` is direct, to-hub or by-hub; `ranks` are ceilings with what to cite, in R30's order."""

    agreement: str
    kind: str
    hub: str
    topics: frozenset[str]
    ranks: tuple[tuple[str, int], ...]
    needed: tuple[str, ...]
    rests_on: tuple[str, ...]
    third_party: ThirdParty


def read_state(agreement: Agreement, at: int) -> str:
    """Say in which state the file alone has an agreement at an instant (R13, R29)."""
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=at)
    said = "not-begun"
    for row in agreement.states:
        if row.since > moment.date():
            continue
        said = row.state.value
        if said == "notice-given" and row.notice_ends_at is not None and row.notice_ends_at <= moment:
            said = "ended"
    return said


def is_running(consent: Given, *, at: int, longest: int) -> bool:
    """R25: until its own expiry or the longest term, whichever is earlier."""
    return at < consent.expires_at and at < consent.given_at + longest


class Model:
    """One pact, as the clauses read it."""

    def __init__(self, pact: Pact) -> None:
        self.parties = {party.id for party in pact.parties}
        self.topics = {topic.id for topic in pact.topics}
        self.agreements = {agreement.id: agreement for agreement in pact.agreements}
        self.ranks = {level.id: (scheme.party, level.rank) for scheme in pact.schemes for level in scheme.levels}
        self.rows = [row.levels for row in pact.equivalences]
        self.ceilings = [(row.id, frozenset(row.parties), row.rank_max) for row in pact.ceilings]
        self.ways = {(a, b): self._list_ways(a, b) for a in self.parties for b in self.parties if a != b}

    def say(
        self, markings: Sequence[Marked], *, holder: str, to: str, operative: Iterable[str], consent: bool | None
    ) -> Says:
        """Answer for everything that one thing carries (R3). `consent` None: a text, which has no digest."""
        found = [self._say(one, holder, to, frozenset(operative), consent) for one in markings]
        for wanted in ("withheld", "needs-consent", "permit"):
            for says in found:
                if says.answer == wanted:
                    return says
        return Says("withheld", FUNNEL, "marking-missing")

    def _list_ways(self, giver: str, receiver: str) -> list[Way]:
        """R8: direct ones first, then to the hub, then by it; each in the file's order."""
        ways = []
        between = [row for row in self.ceilings if {giver, receiver} <= row[1]]
        for id_, agreement in self.agreements.items():
            givers = agreement.givers or agreement.parties
            if giver not in givers or receiver not in agreement.parties or giver == agreement.hub:
                continue
            kind = "direct" if agreement.path is Path.DIRECT else "to-hub" if receiver == agreement.hub else "by-hub"
            ends = {giver, receiver, agreement.hub}
            legs = [leg for leg in agreement.legs if set(self.agreements[leg].parties) <= ends]
            ranks = [(id_, agreement.ceiling_rank)]
            ranks += [(leg, self.agreements[leg].ceiling_rank) for leg in legs]
            ranks += [(clause, rank) for clause, _, rank in between]
            lower = [clause for clause, _, rank in between if rank < agreement.ceiling_rank]
            topics = frozenset(agreement.topics)
            hub = agreement.hub or ""
            needed, rests = (id_, *legs), (*legs, *lower)
            ways.append(Way(id_, kind, hub, topics, tuple(ranks), needed, rests, agreement.third_party))
        return sorted(ways, key=lambda way: ("direct", "to-hub", "by-hub").index(way.kind))

    def _say(self, marking: Marked, holder: str, to: str, operative: frozenset[str], consent: bool | None) -> Says:
        if holder not in self.parties or to not in self.parties:
            return Says("withheld", FUNNEL, "party-unknown")
        if to == holder:
            return Says("permit", FUNNEL, path=(holder,))
        if fault := self._find_fault(marking):
            return Says("withheld", FUNNEL, fault)
        origin = marking.originator
        if to == origin:
            return Says("permit", FUNNEL, path=(origin, holder, to), handled_as=(to, marking.level))
        if any(caveat in NATIONAL for caveat in marking.caveats):
            return Says("withheld", FUNNEL, "national-only")
        if any(to not in names for names in self._read_lists(marking, "REL TO ")):
            return Says("withheld", FUNNEL, "not-listed")
        level = self._find_equivalent(marking.level, to)
        if level is None:
            return Says("withheld", FUNNEL, "no-equivalent")
        if holder == origin:
            return self._give(marking, to, (to, level), operative)
        return self._pass_on(marking, (holder, to), level, operative, consent)

    def _find_fault(self, marking: Marked) -> str:
        """R5, R6."""
        if marking.originator not in self.parties or marking.scheme != marking.originator:
            return "scheme-unknown"
        if marking.level not in self.ranks or self.ranks[marking.level][0] != marking.scheme:
            return "level-unknown"
        if not marking.topics:
            return "topic-missing"
        if list(marking.topics) != sorted(set(marking.topics)) or set(marking.topics) - self.topics:
            return "topic-unknown"
        if list(marking.caveats) != sorted(set(marking.caveats)):
            return "caveat-unknown"
        for caveat in marking.caveats:
            if caveat in (*NATIONAL, "ORCON"):
                continue
            for word, known in (("REL TO ", self.parties), ("ONLY UNDER ", set(self.agreements))):
                names = caveat[len(word) :].split(", ")
                if caveat.startswith(word) and names == sorted(set(names)) and set(names) <= known:
                    break
            else:
                return "caveat-unknown"
        return ""

    def _read_lists(self, marking: Marked, word: str) -> list[list[str]]:
        return [caveat[len(word) :].split(", ") for caveat in marking.caveats if caveat.startswith(word)]

    def _find_equivalent(self, level: str, to: str) -> str | None:
        """R7: the first of the receiver's levels in the row that holds the level."""
        for row in self.rows:
            if level in row:
                return next((one for one in row if self.ranks[one][0] == to), None)
        return None

    def _find_stop(self, marking: Marked, way: Way, operative: frozenset[str]) -> Says | None:
        """What stops a route, by its agreement, legs and ceilings (R30, 5)."""
        if any(way.agreement not in names for names in self._read_lists(marking, "ONLY UNDER ")):
            return Says("withheld", FUNNEL, "not-under")
        for needed in way.needed:
            if set(marking.topics) - set(self.agreements[needed].topics):
                return Says("withheld", needed, "topic-not-covered")
        rank = self.ranks[marking.level][1]
        for clause, highest in way.ranks:
            if rank > highest:
                return Says("withheld", clause, "above-ceiling")
        for needed in way.needed:
            if needed not in operative:
                return Says("withheld", needed, "not-in-force")
        return None

    def _give(self, marking: Marked, to: str, handled_as: tuple[str, str], operative: frozenset[str]) -> Says:
        """R8."""
        stops = []
        for way in self.ways[marking.originator, to]:
            stop = self._find_stop(marking, way, operative)
            if stop is None and way.kind == "by-hub":
                stop = Says("withheld", way.agreement, "only-by-hub", hub=way.hub)
            if stop is None:
                path = (marking.originator, to)
                return Says("permit", way.agreement, "", path, handled_as, rests_on=way.rests_on)
            stops.append(stop)
        return _find_last(stops)

    def _pass_on(
        self, marking: Marked, ends: tuple[str, str], level: str, operative: frozenset[str], consent: bool | None
    ) -> Says:
        """R9, from holder to recipient."""
        (holder, to), handled = ends, (ends[1], level)
        origin, stops, answers = marking.originator, [], []
        by_hub = [way for way in self.ways[origin, to] if way.kind == "by-hub" and way.hub == holder]
        direct = [way for way in self.ways[holder, to] if way.kind == "direct"]
        for way in by_hub + direct:
            stop = self._find_stop(marking, way, operative) or self._find_never(marking, to)
            if stop is None:
                permit = Says("permit", way.agreement, "", (origin, holder, to), handled, rests_on=way.rests_on)
                answers.append(self._ask(marking, holder, permit, consent, is_by_hub=way.kind == "by-hub"))
            else:
                stops.append(stop)
        for says in answers:
            if says.answer == "permit":
                return says
        return answers[0] if answers else _find_last(stops)

    def _find_never(self, marking: Marked, to: str) -> Says | None:
        """R9: what two parties never exchange does not go through a third either."""
        for clause, parties, highest in self.ceilings:
            if {marking.originator, to} <= parties and self.ranks[marking.level][1] > highest:
                return Says("withheld", clause, "above-ceiling")
        return None

    def _ask(self, marking: Marked, holder: str, permit: Says, consent: bool | None, *, is_by_hub: bool) -> Says:
        """R9, R30 (7): prohibited, free, or the originator's word."""
        topics = set(marking.topics)
        could = [way for way in self.ways[marking.originator, holder] if way.topics & topics]
        for way in could:
            if way.third_party is ThirdParty.PROHIBITED:
                return Says("withheld", way.agreement, "third-party")
        bound = [way for way in could if way.third_party is not ThirdParty.FREE]
        covered = any(topics <= way.topics for way in could)
        if not is_by_hub and "ORCON" not in marking.caveats and not bound and covered:
            return permit
        clause = permit.clause if is_by_hub else bound[0].agreement if bound else FUNNEL
        if consent is None:
            return Says("withheld", clause, "third-party")
        return permit if consent else Says("needs-consent", clause, of=marking.originator)


def _find_last(stops: list[Says]) -> Says:
    """R30 (5): the route that came furthest, the first of equals."""
    if not stops:
        return Says("withheld", FUNNEL, "no-agreement")
    return max(stops, key=lambda says: STOPS.index(says.reason))
