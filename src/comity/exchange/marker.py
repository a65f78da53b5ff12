"""Which marking each imported object gets: from its labels by the pact's table, and from what the officer said.

Rules (docs/spec/exchange.md, X9 to X12)
- Every object is marked before it is stored. What cannot be marked is refused with a code, never given a default.
- Whatever is added only narrows: of labels the strictest, of levels the higher, of topics and caveats all.
- What the officer says is the least for every object, and the whole for one without a label.
- What bears our own marking comes in again by its originator alone, in its own realm; another party's is passed on, not
  imported, or its originator's consent could be walked around.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from comity.base.errors import UsageError
from comity.base.names import REAL, Party
from comity.exchange.own_marking import OwnMarking
from comity.pact.foreign import Vocabulary, find_row, find_strictest
from comity.pact.model import Pact
from comity.procedure.caveat import read_caveats
from comity.procedure.entry import Marking

__all__ = ["Marker", "Signs", "Wish"]

TOPIC_COUNT_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class Wish:
    """What the importing officer says of all objects. `level` may be empty: then only what has a label comes in."""

    topics: tuple[str, ...]
    level: str = ""
    caveats: tuple[str, ...] = ()


PLAYED: Final = frozenset({"exercise", "role-play"})
"""Labels of an object that was made in play."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What stands on one object: labels of TLP, our own markings, and caveats that its source's rules come to."""

    labels: frozenset[str] = frozenset()
    own: frozenset[OwnMarking] = frozenset()
    caveats: frozenset[str] = frozenset()


class Marker:
    """Marks the objects of one import of one party; asked once for each different set of signs."""

    def __init__(self, pact: Pact, *, party: Party, lineage: str, realm: str, wish: Wish) -> None:
        """Check what the officer said.

        Raises:
            UsageError: `exchange.wish` with what the pact does not know.
        """
        self._pact, self._party, self._lineage, self._realm = pact, party, lineage, realm
        scheme = next((scheme for scheme in pact.schemes if scheme.party == party), None)
        self._levels = {} if scheme is None else {level.id: level.rank for level in scheme.levels}
        self._wish = wish
        known = {topic.id for topic in pact.topics}
        faults = {
            "topics": not wish.topics or not known.issuperset(wish.topics),
            "level": bool(wish.level) and wish.level not in self._levels,
            "caveats": not self._can_read(tuple(sorted(set(wish.caveats)))),
        }
        if fault := next((name for name, is_fault in faults.items() if is_fault), ""):
            raise UsageError("exchange.wish", what=fault)
        self._found: dict[Signs, Marking | str] = {}

    def mark(self, signs: Signs) -> Marking | str:
        """Return the marking of whatever bears these signs, or the code of why it has none."""
        if signs not in self._found:
            self._found[signs] = self._decide(signs)
        return self._found[signs]

    def find_realm_fault(self, labels: Iterable[str]) -> str:
        """Return the code by which an object is kept out of realm `real` whose labels say that it is of play (X74)."""
        is_played = any(label.casefold() in PLAYED for label in labels)
        return "exchange.other-realm" if is_played and self._realm == REAL else ""

    def _decide(self, signs: Signs) -> Marking | str:
        levels = [self._wish.level] if self._wish.level else []
        topics, caveats = set(self._wish.topics), {*self._wish.caveats, *signs.caveats}
        for own in signs.own:
            if code := self._find_own_fault(own):
                return code
            levels.append(own.level)
            topics.update(own.topics)
            caveats.update(own.caveats)
        if signs.labels:
            label = find_strictest(Vocabulary.TLP_2, signs.labels)
            row = find_row(self._pact.foreign, Vocabulary.TLP_2, label, self._party)
            if row is None:
                return "exchange.no-row"
            levels.append(row.level)
            caveats.update(row.caveats)
        if not levels:
            return "exchange.no-marking"
        ordered = tuple(sorted(caveats))
        if len(topics) > TOPIC_COUNT_MAX or not self._can_read(ordered):
            return "exchange.marking-unknown"
        # Of two levels of one rank the one that was written on the object stands, not the officer's.
        level = max(reversed(levels), key=self._levels.__getitem__)
        return Marking(self._party, self._party, level, tuple(sorted(topics)), ordered)

    def _find_own_fault(self, own: OwnMarking) -> str:
        if (own.lineage, own.realm) != (self._lineage, self._realm):
            return "exchange.other-realm"
        if own.originator != self._party or own.scheme != self._party:
            return "exchange.other-originator"
        topics = {topic.id for topic in self._pact.topics}
        is_known = own.level in self._levels and topics.issuperset(own.topics)
        return "" if is_known else "exchange.marking-unknown"

    def _can_read(self, caveats: tuple[str, ...]) -> bool:
        agreements: Mapping[str, object] = {agreement.id: None for agreement in self._pact.agreements}
        parties = frozenset(self._pact.audience)
        return read_caveats(caveats, parties=parties, agreements=frozenset(agreements)) is not None
