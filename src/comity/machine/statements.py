"""From accepted pages to statements: opening what can be opened, keeping what cannot be yet.

A page whose key has not come waits; an entry of an unknown type is kept raw and decoded after an upgrade (DESIGN,
section 3). The standing of a statement can change when a fork or a closure comes to light: then all are made anew.
"""

import itertools
from abc import abstractmethod
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from comity.base.errors import RemoteError
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.journal.branch import Placed
from comity.journal.header import Feed, Kind, Page
from comity.journal.keyring import Keyring
from comity.journal.ledger import Ledger
from comity.journal.ledger import Standing as PageStanding
from comity.journal.seal import Opened
from comity.machine.by_item import ByItem
from comity.machine.in_order import InOrder
from comity.machine.vouched import Vouched, Written
from comity.procedure.entry import Entry
from comity.procedure.officer import ActedBy
from comity.procedure.registry import Unknown, decode_entry
from comity.procedure.stated import Standing, Stated

__all__ = ["Cut", "Fault", "Statements"]


@dataclass(frozen=True, slots=True)
class Fault:
    """An accepted page or entry that its author made wrongly: evidence against it, shown to the audience."""

    page: Digest
    code: str


_NOTHING: Final[Mapping[Digest, int]] = {}


class LookedUp(Mapping[Digest, int]):
    """Journal digests to page numbers, as the ledger says of one page when it is asked: no fold sees an old answer."""

    __slots__ = ("_found", "_ledger", "_placed", "_version")

    def __init__(self, ledger: Ledger, placed: Placed) -> None:
        self._ledger = ledger
        self._placed = placed
        self._version = -1
        self._found: Mapping[Digest, int] = _NOTHING

    @abstractmethod
    def _find(self) -> Mapping[Digest, int]:
        """Return what the ledger says now."""

    def _look_up(self) -> Mapping[Digest, int]:
        if self._version != self._ledger.version:
            self._found = self._find()
            self._version = self._ledger.version
        return self._found

    def __getitem__(self, journal: Digest) -> int:
        return self._look_up()[journal]

    def __iter__(self) -> Iterator[Digest]:
        return iter(self._look_up())

    def __len__(self) -> int:
        return len(self._look_up())


class Cut(LookedUp):
    """What the author of a page knew at least (J12)."""

    __slots__ = ()

    def _find(self) -> Mapping[Digest, int]:
        return self._ledger.find_cut(self._placed)

    @property
    def latest_at(self) -> Instant:
        """The latest clock in it, receipts and checkpoints included, and the author's own up to the page."""
        return self._ledger.find_latest_at(self._placed)

    @property
    def is_whole(self) -> bool:
        """Whether every page of it is here."""
        return self._ledger.has_whole_cut(self._placed)


class Doubts(LookedUp):
    """Which pages make one disputed or disowned (J16, J17)."""

    __slots__ = ()

    def _find(self) -> Mapping[Digest, int]:
        return self._ledger.find_doubts(self._placed)


_STANDINGS: Final = {standing: Standing(standing.value) for standing in PageStanding}
_GOOD_PAGE: Final = PageStanding.GOOD
_GOOD: Final = Standing.GOOD
_KEYS: Final = Kind.KEYS


class Statements:
    """Every statement that this party can read, in the order in which pages were accepted here."""

    def __init__(self, ledger: Ledger, keyring: Keyring, *, pacts: frozenset[Digest] = frozenset()) -> None:
        """Set up; with `pacts` pages under any other version of the pact than these are kept and not read (P37)."""
        self._pacts = pacts
        self._unjudged: list[Page] = []
        self._ledger = ledger
        self._keyring = keyring
        self._stated: list[Stated] = []
        self._placed: list[Placed] = []
        self._all: tuple[Stated, ...] = ()
        self._unopened: dict[tuple[Digest, int], list[Page]] = {}
        self._by_type: defaultdict[type[Entry], list[Stated]] = defaultdict(list)
        self._found: dict[type[Entry], tuple[Stated, ...]] = {}
        self._acting: tuple[int, dict[Digest, list[Stated]]] = (0, {})
        self._unrest = 0
        self.remade_count = 0
        """How often all were made anew, for another standing of theirs: whoever kept any of them looks again."""
        self._vouched: dict[Digest, Opened] = {}
        self.in_order, self.by_item = InOrder(self), ByItem(self)
        self.decode: Callable[[bytes], Entry | Unknown] = decode_entry
        """Which types of entries are known here: a rehearsal lets one side be of an older version."""
        self.faults: list[Fault] = []
        self.raw_entries: list[tuple[Digest, bytes]] = []
        """Entries of types not known here, by page."""

    @property
    def all(self) -> tuple[Stated, ...]:
        """Return the statements with their standing as of the pages held now."""
        self._refresh()
        if len(self._all) != len(self._stated):
            self._all = tuple(self._stated)
        return self._all

    def list_from(self, index: int, count_max: int | None = None) -> tuple[Stated, ...]:
        """Return the statements from this place on, of those in `all`: what came since there were so many."""
        self._refresh()
        return tuple(self._stated[index : None if count_max is None else index + count_max])

    def find(self, *types: type[Entry]) -> tuple[Stated, ...]:
        """Return the statements of these types, type by type."""
        self._refresh()
        if len(types) == 1:
            return self._find_of_type(types[0])
        return tuple(stated for type_ in types for stated in self._find_of_type(type_))

    def _find_of_type(self, type_: type[Entry]) -> tuple[Stated, ...]:
        found = self._found.get(type_, ())
        held = self._by_type.get(type_, ())
        if len(found) != len(held):
            found = self._found[type_] = tuple(held)
        return found

    def find_acting(self, page: Digest) -> tuple[Stated, ...]:
        """Return what names the officers who acted in a page."""
        rows, (count, by_page) = self.find(ActedBy), self._acting
        if len(rows) > count:
            for row in rows[count:]:
                by_page.setdefault(row.page_digest, []).append(row)
            self._acting = len(rows), by_page
        return tuple(by_page.get(page, ()))

    def _refresh(self) -> None:
        if self._ledger.unrest == self._unrest:
            return
        self._unrest = self._ledger.unrest
        self.remade_count += 1
        before = zip(self._stated, self._placed, strict=True)
        self._stated, self._placed, self._all, self._by_type, self._found = [], [], (), defaultdict(list), {}
        self._acting = (0, {})
        for stated, placed in before:
            standing = self._find_standing(placed)
            if standing is not stated.standing:
                doubts = self._find_doubts(standing, placed)
                stated = msgspec.structs.replace(stated, standing=standing, doubts=doubts)  # noqa: PLW2901
            self._keep((stated,), placed)

    def _keep(self, new: Sequence[Stated], placed: Placed) -> None:
        self._stated += new
        self._placed += [placed] * len(new)
        for stated in new:
            self._by_type[type(stated.entry)].append(stated)

    @property
    def unopened_count(self) -> int:
        """Pages that wait for a key."""
        return sum(map(len, self._unopened.values()))

    def list_unopened(self) -> tuple[Page, ...]:
        """Return the pages that wait for a key."""
        return tuple(page for waiting in self._unopened.values() for page in waiting)

    def list_unopened_epochs(self) -> tuple[tuple[Party, Digest, int], ...]:
        """Return author, journal and epoch of all that waits for a key, in a fixed order."""
        rows = {(page.header.journal.author, page.journal, page.header.epoch) for page in self.list_unopened()}
        return tuple(sorted(rows))

    @property
    def unjudged(self) -> Mapping[Digest, int]:
        """The versions of the pact that are not held, with how many pages under each are kept unread (P37)."""
        return Counter(Digest(page.header.pact) for page in self._unjudged) if self._unjudged else {}

    def has_unopened(self, cut: Mapping[Digest, int]) -> bool:
        """Tell whether a page of this cut waits for its key, or for a version of the pact."""
        pages = itertools.chain(self._unjudged, *self._unopened.values())
        return any(page.header.number <= cut.get(page.journal, -1) for page in pages)

    def note_opened(self, vouched: Vouched) -> None:
        """Take note of what a page opened to when it first came; asked once, when it is accepted anew."""
        if vouched.opened is not None:
            self._vouched[vouched.page.digest] = vouched.opened

    def take_written(self, written: Written) -> tuple[Stated, ...]:
        """As `take`, of a page that this party wrote just now: what is in it need not be found out."""
        page, opened, entries = written
        if opened is None:
            return self.take(page)
        placed = self._ledger.find_page(page.digest)
        assert placed is not None, "an own page is accepted before it is kept"
        return self._read(page, placed, opened, entries)

    def take(self, page: Page) -> tuple[Stated, ...]:
        """Learn from a key page, or read an accepted page of entries; return what could be read that is new."""
        kind = page.header.kind
        if kind is _KEYS:
            return self._learn(page)
        if not kind.has_entries:
            return ()
        if self._pacts and page.header.pact not in self._pacts:
            self._unjudged.append(page)
            return ()
        placed = self._ledger.find_page(page.digest)
        assert placed is not None, "only accepted pages are read"
        vouched = self._vouched.pop(page.digest, None)
        if vouched is not None:
            return self._read(page, placed, vouched)
        try:
            opened = self._keyring.open(page, commitment=placed.epochs.find(page.header.epoch))
        except RemoteError as error:
            if error.code == "page.no-key":
                self._unopened.setdefault((page.journal, page.header.epoch), []).append(page)
            else:
                self.faults.append(Fault(page.digest, error.code))
            return ()
        return self._read(page, placed, opened)

    def _learn(self, page: Page) -> tuple[Stated, ...]:
        try:
            self._keyring.learn(page)
        except RemoteError as error:
            self.faults.append(Fault(page.digest, error.code))
            return ()
        if self._keyring.find_epoch_key(journal=page.journal, epoch=page.header.epoch) is None:
            return ()
        waiting = self._unopened.pop((page.journal, page.header.epoch), [])
        return tuple(stated for held in waiting for stated in self.take(held))

    def _read(
        self, page: Page, placed: Placed, opened: Opened, entries: Sequence[Entry] | None = None
    ) -> tuple[Stated, ...]:
        header, standing = page.header, self._find_standing(placed)
        author, audience, incarnation = header.journal.author, header.journal.audience, header.journal.incarnation
        cut, doubts, at = Cut(self._ledger, placed), self._find_doubts(standing, placed), Instant(header.written_at)
        read = entries or map(self._decode, opened.entries, itertools.repeat(page.digest))
        new = [
            # By place, not by name: of everything done with an entry this is done most often.
            Stated(
                entry, id_, author, audience, page.journal, header.number, index, at, standing, cut,
                incarnation, doubts, page.digest, header.pact,
            )
            for index, (entry, id_) in enumerate(zip(read, opened.ids, strict=True))
            if entry is not None
        ]  # fmt: skip
        self._keep(new, placed)
        return tuple(new)

    def _decode(self, raw: bytes, page: Digest) -> Entry | None:
        """Return an entry, or None for what is out of form (J10) or not known here."""
        try:
            entry = self.decode(raw)
        except RemoteError as error:
            self.faults.append(Fault(page, error.code))
            return None
        if isinstance(entry, Unknown):
            self.raw_entries.append((page, raw))
            return None
        return entry

    def find_feed(self, stated: Stated) -> Feed:
        """Return the feed of the journal that a statement stands in."""
        book = self._ledger.find_book(stated.journal)
        assert book is not None, "what was read was accepted"
        return book.id.feed

    def _find_standing(self, placed: Placed) -> Standing:
        standing = self._ledger.find_standing(placed)
        return _GOOD if standing is _GOOD_PAGE else _STANDINGS[standing]

    def _find_doubts(self, standing: Standing, placed: Placed) -> Mapping[Digest, int]:
        return _NOTHING if standing is _GOOD else Doubts(self._ledger, placed)
