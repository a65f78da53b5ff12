"""What of the warning picture each consumer may have, as events of Cursor on Target (docs/spec/exchange.md, X64).

A consumer has a picture of its own, folded from those reports alone that its party may have: an estimate that rests on
a report which somebody may not know would tell of it. Asked anew at each moment; where an answer changed, its picture
is folded anew from what it may have now, and what it may not have is never in it again.

Rules
- What another party reported goes to systems of the own party alone: in this feed nothing is passed on (W20).
- The own party's reports go to another party as that party's node is told them: on the terms of the same decision.
- Above that lie the consumer's own ceilings (X4).
- Bounded: of the latest reports so many rows are kept for whoever comes new, and none older than they say.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Party, Realm
from comity.exchange.consumer import Consumer, is_within_ceiling
from comity.exchange.cot import format_event
from comity.exchange.cot_control import make_removal
from comity.exchange.cot_events import Reader, make_object_events
from comity.exchange.cot_marking import make_own_marking
from comity.exchange.own_marking import OwnMarking
from comity.pact.model import Pact
from comity.warning.classes import make_marking
from comity.warning.coarsen import coarsen_block
from comity.warning.domain import read_terms
from comity.warning.picture import Picture
from comity.warning.rows import Block
from comity.warning.situation import Situation
from comity.warning.telling import Releases, Terms

__all__ = ["CotViews", "Home", "Said", "Sent"]

KEPT_MS: Final = 15 * MINUTE_MS
KEPT_ROW_COUNT_MAX: Final = 262_144
_Basis = dict[tuple[str, Party], Terms]
_Key = tuple[Party, frozenset[tuple[tuple[str, Party], Terms]]]
"""On what a picture rests: for whom, and what may go into it. Consumers who have that in common share it."""
Sent = dict[str, "Said"]
"""By uid, what one connection was last told: from what it is told anew, and what is taken back."""


@dataclass(frozen=True, slots=True)
class Home:
    """Whose node this is: pact and lineage in force, realm, party, and what the release funnel answers now."""

    pact: Pact
    lineage: str
    realm: Realm
    party: Party
    releases: Releases


class _Came(NamedTuple):
    number: int
    author: Party
    block: Block
    at: Instant


class Said(NamedTuple):
    """An event as it was said: its type, and what would have to be another for it to be said again."""

    type: str
    stamp: bytes
    raw: bytes


class _View:
    """One consumer's picture, on one basis. `next_number` is that of the next report to look at.

    `objects` has by its name each object's stamp and the events that it came to, so that they are written once,
    however many connections a consumer has; `events` all of them by uid.
    """

    def __init__(self, pact: Pact, basis: _Basis) -> None:
        self.basis = basis
        self.pact = pact
        self.objects: dict[str, tuple[bytes, tuple[tuple[str, Said], ...]]] = {}
        self.events: Sent = {}
        self.written_at: Instant | None = None
        self.picture = Picture(read_terms(pact))
        self.waiting: list[tuple[Instant, Party, Block, Instant]] = []
        self.next_number = 0

    def take(self, came: _Came) -> None:
        """Take a report in, as its terms have it; one that is told late waits."""
        self.next_number = came.number + 1
        terms = self.basis.get((came.block.class_, came.author))
        if terms is None:
            return
        block = coarsen_block(came.block, terms)
        due = Instant(min(int(block.rows["at"].max()), came.at) + terms.delay_ms)
        self.waiting.append((due, came.author, block, max(due, came.at)))

    def at(self, instant: Instant) -> Situation:
        """Return the situation, once what is due by then is in it."""
        still = []
        for due, author, block, came_at in self.waiting:
            if due <= instant:
                self.picture.take(author, block, came_at)
            else:
                still.append((due, author, block, came_at))
        self.waiting = still
        return self.picture.at(instant)


class CotViews:
    """The pictures of all consumers. `find_home` is asked at each moment, for what is permitted may be another."""

    def __init__(self, find_home: Callable[[], Home]) -> None:
        self._find_home = find_home
        self._views: dict[_Key, _View] = {}
        self._keys: dict[Consumer, _Key] = {}
        self._kept: deque[_Came] = deque()
        self._row_count = 0
        self._next_number = 0

    def take(self, author: Party, block: Block, at: Instant) -> None:
        """Take a report that this node has said or read."""
        self._kept.append(_Came(self._next_number, author, block, at))
        self._next_number += 1
        self._row_count += len(block.rows)
        while self._row_count > KEPT_ROW_COUNT_MAX or self._kept[0].at < at - KEPT_MS:
            self._row_count -= len(self._kept.popleft().block.rows)

    def list_consumers(self) -> list[Consumer]:
        """Return whose pictures are kept."""
        return list(self._keys)

    def forget(self, consumer: Consumer) -> None:
        """Forget a consumer that is gone."""
        self._keys.pop(consumer, None)
        self._drop_unused()

    def _drop_unused(self) -> None:
        """A picture that nobody looks at is not fed, and would not be whole when somebody does again."""
        used = set(self._keys.values())
        self._views = {key: view for key, view in self._views.items() if key in used}

    def refresh(self, consumer: Consumer, at: Instant) -> bool:
        """Work out what a consumer may have now; tell whether it may have less, or otherwise, than it could before."""
        home = self._find_home()
        basis, before = find_basis(home, consumer), self._keys.get(consumer)
        key = self._keys[consumer] = (consumer.party, frozenset(basis.items()))
        is_less = before is not None and not before[1] <= key[1]
        view = self._views.get(key)
        if view is None or view.pact is not home.pact:
            view = self._views[key] = _View(home.pact, basis)
        if before != key:
            self._drop_unused()
        if view.written_at != at:
            view.written_at = at
            for came in self._kept:
                if came.number >= view.next_number:
                    view.take(came)
            reader = Reader(home.pact, home.realm, lambda class_, author: _mark(home, consumer, class_, author))
            _write(view, view.at(at), reader)
        return is_less

    def is_as_decided(self, consumer: Consumer) -> bool:
        """Tell whether what was worked out last is still what may be given: asked once more before it is."""
        home, key = self._find_home(), self._keys.get(consumer)
        view = None if key is None else self._views.get(key)
        return view is not None and view.pact is home.pact and view.basis == find_basis(home, consumer)

    def tell(self, consumer: Consumer, sent: Sent, at: Instant) -> Iterator[bytes]:
        """Yield what is new since `sent`, and note each there as it is taken; first what is to go from the map."""
        view, realm = self._views[self._keys[consumer]], self._find_home().realm
        for uid in [uid for uid in sent if uid not in view.events]:
            yield make_removal(uid, sent.pop(uid).type, at, realm)
        for uid, said in view.events.items():
            before = sent.get(uid)
            if before is None or before.stamp != said.stamp:
                sent[uid] = said
                yield said.raw

    def find_news(self, consumer: Consumer, sent: Sent, at: Instant) -> Iterator[bytes]:
        """Work out and yield what is new since `sent`."""
        self.refresh(consumer, at)
        yield from self.tell(consumer, sent, at)


def find_basis(home: Home, consumer: Consumer) -> _Basis:
    """Return which classes of which authors a consumer may have, and on which terms."""
    basis: _Basis = {}
    for row in home.pact.track_classes:
        for author in row.reported_by:
            terms = _find_terms(home, consumer, row.id, author)
            marking = make_marking(home.pact, row, author)
            if terms is not None and is_within_ceiling(consumer, (marking,), pact=home.pact, own=home.party):
                basis[row.id, author] = terms
    return basis


def _find_terms(home: Home, consumer: Consumer, class_: str, author: Party) -> Terms | None:
    if consumer.party == home.party:
        return Terms("")
    if author != home.party:
        return None
    return next((one.terms for one in home.releases.rulings if (one.class_, one.to) == (class_, consumer.party)), None)


def _mark(home: Home, consumer: Consumer, class_: str, author: Party) -> OwnMarking:
    row = home.pact.find_track_class(class_)
    assert row is not None, "a picture has the classes of the pact"
    marking = make_marking(home.pact, row, author)
    return make_own_marking(marking, pact=home.pact, lineage=home.lineage, realm=home.realm, reader=consumer.party)


def _write(view: _View, situation: Situation, reader: Reader) -> None:
    """Write the events of each object of which something is new; what is gone is forgotten."""
    objects: dict[str, tuple[bytes, tuple[tuple[str, Said], ...]]] = {}
    events: Sent = {}
    for place, found in enumerate(situation.objects):
        members = situation.members[list(situation.iterate_members(place))]
        signs = (members["row"].tobytes(), members["standing"].tobytes(), found["conflict"].tobytes())
        stamp = b"".join((*signs, found["count"].tobytes()))
        name = f"{situation.classes[found['class_']]}/{situation.name_object(place)}"
        before = view.objects.get(name)
        if before is None or before[0] != stamp:
            written = make_object_events(situation, place, reader)
            before = stamp, tuple((one.uid, Said(one.type, stamp, format_event(one))) for one in written)
        objects[name] = before
        events.update(before[1])
    view.objects, view.events = objects, events
