"""The record by what one asks of it: by party, type, object, audience, time and words, a page at a time.

Rules (docs/adr/0062)
- An index of places in `Statements.all`, which only grows. It can be dropped and made anew; nothing is told from it but
  which statements there are: what one says and how it stands is read when it is shown.
- Rows stand in the order in which statements are shown, the latest first. A cursor is the id of a statement, so that a
  page stays the same page while others come.
- Readings of secrets are in no list, no search and no count: not everybody at a party may see them (P48).
- What it takes up at one time is bounded; a long record is taken up between other work.
"""

import asyncio
import bisect
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from comity.api.record_text import ID_SIZE, Hits, RecordText, read_wish
from comity.api.row_words import BY_MACHINE
from comity.base.names import Audience, Digest, Party
from comity.machine.machine import Machine
from comity.procedure.officer import ActedBy
from comity.procedure.own import shown_order
from comity.procedure.reading import ItemRead
from comity.procedure.scope import find_scope
from comity.procedure.stated import Stated
from comity.procedure.timeline import find_code_of

__all__ = ["PAGE_COUNT", "Found", "RecordIndex", "Wish"]

PAGE_COUNT: Final = 50
SLICE_COUNT: Final = 500
"""Statements that are taken up without a pause."""
SORTED_COUNT_MAX: Final = 4_000
"""What was found by words or objects is put in order by itself where it is no more than this."""
_ID: Final = re.compile(r"[0-9a-f]{17,64}", re.ASCII)

_Facet = tuple[str, object]
_ALL: Final[_Facet] = ("all", "")
_BY_PEOPLE: Final[_Facet] = ("people", "")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for. What is empty narrows nothing; `objects` are the refs of objects, any of which will do."""

    text: str = ""
    author: Party = ""
    type: str = ""
    objects: frozenset[bytes] = frozenset()
    audience: Audience = ()
    from_at: int = 0
    until_at: int = 0
    has_machines: bool = False
    """Whether what nodes say by themselves is shown as well."""


@dataclass(frozen=True, slots=True)
class Found:
    """One page, the latest first. `newer` and `older` are cursors, empty where there is no more."""

    rows: tuple[Stated, ...]
    newer: str
    older: str


class RecordIndex:
    """The index of one node's statements."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._count = 0
        self._stated: Sequence[Stated] = ()
        self._text = RecordText()
        self._lists: dict[_Facet, list[int]] = {_ALL: [], _BY_PEOPLE: []}
        self._at: dict[Digest, int] = {}
        self._acting: dict[Digest, list[int]] = {}
        self._turn = asyncio.Lock()

    @property
    def count(self) -> int:
        """How many statements there are to look through."""
        return len(self._lists[_ALL])

    @property
    def types(self) -> tuple[str, ...]:
        """The types of which there are any."""
        return tuple(sorted(str(value) for name, value in self._lists if name == "type"))

    @property
    def audiences(self) -> tuple[Audience, ...]:
        """The audiences to which anything was said, the widest first."""
        found = [value for name, value in self._lists if name == "audience" and isinstance(value, tuple)]
        return tuple(sorted(found, key=lambda audience: (-len(audience), audience)))

    async def catch_up(self) -> None:
        """Take up what came since, with other work in between."""
        async with self._turn:
            while self._count < len(self._machine.statements.all):
                self._take(self._machine.statements.all, SLICE_COUNT)
                await asyncio.sleep(0)
            self._stated = self._machine.statements.all

    def _take(self, stated: Sequence[Stated], count: int) -> None:
        self._stated = stated
        for at in range(self._count, min(self._count + count, len(stated))):
            self._count += 1
            one = stated[at]
            if isinstance(one.entry, ItemRead) or one.id in self._at:
                self._text.add_nothing()
                continue
            self._at[one.id] = at
            self._text.add(one.entry, one.author, one.id)
            if isinstance(one.entry, ActedBy):
                self._acting.setdefault(one.page_digest, []).append(at)
            for facet in self._list_facets(one):
                self._insert(self._lists.setdefault(facet, []), at)

    def _list_facets(self, one: Stated) -> Iterator[_Facet]:
        yield _ALL
        yield ("author", one.author)
        yield ("type", type(one.entry).__name__)
        yield ("audience", one.audience)
        scope = find_scope(one)
        if scope.kind == "correction":
            scope = self._machine.record.find_scope_of(one.id) or scope
        if scope.kind:
            yield ("object", scope.ref)
        if find_code_of(type(one.entry)) not in BY_MACHINE:
            yield _BY_PEOPLE

    def _insert(self, places: list[int], at: int) -> None:
        """Put a place where it is shown; mostly it is the last."""
        stated = self._stated
        key = shown_order(stated[at])
        if not places or shown_order(stated[places[-1]]) < key:
            places.append(at)
        else:
            places.insert(bisect.bisect(places, key, key=lambda place: shown_order(stated[place])), at)

    def find_acting(self, one: Stated) -> tuple[Stated, ...]:
        """Return what says who acted in the page of a statement."""
        return tuple(self._stated[at] for at in self._acting.get(one.page_digest, ()) if self._stated[at].id != one.id)

    def find(self, wish: Wish, *, before: str = "", after: str = "", count: int = PAGE_COUNT) -> Found:
        """Return the page before or after a cursor, else the latest; a cursor that is none is the end."""
        fits = self._make_test(wish)
        places = self._find_places(wish, fits)
        low, high = self._find_bounds(places, wish)
        up, down = (
            self._find_cut(places, after, bisect.bisect_right),
            self._find_cut(places, before, bisect.bisect_left),
        )
        if up is not None:
            found = _collect((places[at] for at in range(max(low, up), high)), fits, count + 1)
            has_newer, has_older, rows = len(found) > count, True, found[:count][::-1]
        else:
            end = high if down is None else min(high, down)
            found = _collect((places[at] for at in range(end - 1, low - 1, -1)), fits, count + 1)
            has_newer, has_older, rows = down is not None, len(found) > count, found[:count]
        shown = tuple(self._stated[at] for at in rows)
        newer = shown[0].id.hex() if shown and has_newer else ""
        return Found(shown, newer, shown[-1].id.hex() if shown and has_older else "")

    def find_span(self, wish: Wish) -> tuple[int, int]:
        """Return the clocks of the first and the last statement of a party, type, object or audience; 0 for none."""
        test = self._make_test(wish)
        places = self._find_places(wish, test)
        return (self._stated[places[0]].written_at, self._stated[places[-1]].written_at) if places else (0, 0)

    def find_next(self, wish: Wish, at: int) -> int:
        """Return the clock of the next statement after an instant; 0 where there is none."""
        fits = self._make_test(wish)
        places = self._find_places(wish, fits)
        start = bisect.bisect_right(places, at, key=lambda place: int(self._stated[place].written_at))
        found = _collect((places[one] for one in range(start, len(places))), fits, 1)
        return self._stated[found[0]].written_at if found else 0

    def _find_places(self, wish: Wish, test: "_Test") -> list[int]:
        """Return the shortest list in which everything wanted stands."""
        facets: list[_Facet] = [_ALL if wish.has_machines or wish.type else _BY_PEOPLE]
        facets += [("author", wish.author)] if wish.author else []
        facets += [("type", wish.type)] if wish.type else []
        facets += [("audience", wish.audience)] if wish.audience else []
        lists = [self._lists.get(facet, []) for facet in facets]
        shortest = min(lists, key=len)
        if test.few is None or len(test.few) > min(SORTED_COUNT_MAX, len(shortest)):
            return shortest
        stated = self._stated
        return sorted(test.few, key=lambda at: shown_order(stated[at]))

    def _find_bounds(self, places: list[int], wish: Wish) -> tuple[int, int]:
        def find_at(place: int) -> int:
            return self._stated[place].written_at

        low = bisect.bisect_left(places, wish.from_at, key=find_at) if wish.from_at else 0
        high = bisect.bisect_right(places, wish.until_at, key=find_at) if wish.until_at else len(places)
        return low, max(low, high)

    def _find_cut(self, places: list[int], cursor: str, cut: Callable[..., int]) -> int | None:
        """Return where the statement of a cursor stands in a list; None for what is no cursor here."""
        at = self._at.get(_read_id(cursor)) if cursor else None
        if at is None:
            return None
        stated = self._stated
        return cut(places, shown_order(stated[at]), key=lambda place: shown_order(stated[place]))

    def _make_test(self, wish: Wish) -> "_Test":
        words = read_wish(wish.text)
        hits = [self._text.find(word) for word in words]
        ids = tuple(word for word in words if len(word) > ID_SIZE and _ID.fullmatch(word))
        few = [places for one in hits if (places := one.list(SORTED_COUNT_MAX)) is not None]
        if wish.objects:
            few.append({at for ref in wish.objects for at in self._lists.get(("object", ref), ())})
        return _Test(self._stated, wish, hits, ids, set.intersection(*few) if few else None)


class _Test:
    """Whether the statement at a place is one that is looked for. `few` are the places that can be, if they are few."""

    def __init__(
        self, stated: Sequence[Stated], wish: Wish, hits: Sequence[Hits], ids: tuple[str, ...], few: set[int] | None
    ) -> None:
        self.few = few
        self._stated = stated
        self._wish = wish
        self._hits = hits
        self._ids = ids

    def __call__(self, at: int) -> bool:
        wish = self._wish
        if self.few is not None and at not in self.few:
            return False
        one = self._stated[at]
        if self._ids and not all(one.id.hex().startswith(id_) for id_ in self._ids):
            return False
        if (wish.author and one.author != wish.author) or (wish.audience and one.audience != wish.audience):
            return False
        type_ = type(one.entry)
        if type_.__name__ != wish.type if wish.type else not wish.has_machines and find_code_of(type_) in BY_MACHINE:
            return False
        return all(at in hits for hits in self._hits)


def _collect(places: Iterator[int], fits: _Test, count: int) -> list[int]:
    return list(itertools.islice((at for at in places if fits(at)), count))


def _read_id(text: str) -> Digest:
    try:
        return Digest(bytes.fromhex(text[:64]))
    except ValueError:
        return Digest(b"")
