"""Long lists in pages, in one way for all of them (docs/adr/0060): `limit`, `cursor`, and the next page in `Link`.

A cursor names the last row of the page before, by a digest of what identifies it and of the list: so it says nothing
that its holder was not just shown, it stands over a new start, and what comes in meanwhile shifts no row into a page
twice or out of all. It finds a place in what this request may see, and opens nothing.

Pages are cut in an order that no clock and no later statement changes; within its page a row stands where the view has
it, the overdue first, say. An answer with several lists is one sequence of
rows, first list first: each page has its shape, and of each list the rows that fall to it.
"""

import base64
import binascii
import bisect
import functools
import hashlib
import itertools
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Final, Generic, NamedTuple, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

import msgspec
from litestar import Request, Response

from comity.base.encoding import encode
from comity.base.errors import UsageError
from comity.crypto.label import label

__all__ = [
    "BOUNDED",
    "CURSOR_PATTERN",
    "LIMIT_MAX",
    "PAGED",
    "Page",
    "Paged",
    "begin_page",
    "cut_lists",
    "cut_page",
    "end_page",
]

LIMIT_MAX: Final = 1_000
"""Rows in one page, also where nobody says how many."""
CURSOR_PATTERN: Final = "^[A-Za-z0-9_-]{27,64}$"
_CURSOR: Final = re.compile(r"[A-Za-z0-9_-]{27,64}\Z")
_NUMBER: Final = re.compile(r"[0-9]{1,9}\Z")
_MARK_SIZE: Final = 16

T = TypeVar("T")


class Paged(NamedTuple):
    """Which lists an answer has, each with the fields that identify a row; "" is the answer itself."""

    lists: Mapping[str, tuple[str, ...]]
    by_key: bool = False
    """Pages are cut in the order of these fields: what the view orders its rows by may change."""
    is_cut_here: bool = True
    """Whether `end_page` cuts it; else its route does, before it shows the rows."""


def _of(*fields: str, by_key: bool = False) -> Paged:
    return Paged({"": fields}, by_key)


_DUTY: Final = ("due_at", "party", "rule", "subject", "clause", "policy")

PAGED: Final[Mapping[str, Paged]] = {
    "/v1/timeline": Paged({"": ("id",)}, is_cut_here=False),
    "/v1/alerts": Paged({"": ("kind", "id")}, is_cut_here=False),
    "/v1/duties": Paged({"": _DUTY}, by_key=True, is_cut_here=False),
    "/v1/threats": _of("id"),
    "/v1/consultations": _of("id"),
    "/v1/texts": _of("id"),
    "/v1/measures": Paged({"measures": ("id",), "actions": ("id",), "frictions": ("kind", "acts", "plan_line")}, True),
    "/v1/matrix": Paged({"rows": ("id",), "frictions": ("kind", "acts"), "gaps": ("activation", "line")}, True),
    "/v1/lines": Paged({
        "messages": ("id",), "tests": ("id",), "results": ("channel", "slot_at", "party"),
        "patterns": ("channel", "party", "slots_at/0"),
    }, True, is_cut_here=False),
    "/v1/messages": Paged({"": ("sent/written_at", "id")}, by_key=True, is_cut_here=False),
    "/v1/voice-calls": _of("logged/written_at", "id", by_key=True),
    "/v1/plans": _of("id"),
    "/v1/meetings": Paged({"meetings": ("id",), "planned": ("id",)}, True),
    "/v1/after-action": _of("id"),
    "/v1/exercises": _of("id"),
    "/v1/exercises/{exercise}/deeds": _of("id", by_key=True),
    "/v1/exercises/{exercise}/notes": _of("id", by_key=True),
    "/v1/exercises/{exercise}/role-play": _of("stated/written_at", "id", by_key=True),
    "/v1/shifts": Paged({"shifts": ("id",)}),
    "/v1/items": Paged({"": ("at", "item", "given_by", "audience")}, by_key=True, is_cut_here=False),
    "/v1/disclosed": _of("disclosed/written_at", "disclosed/id", by_key=True),
    "/v1/copies": Paged({"": ("giving", "item", "holder", "giver")}, by_key=True, is_cut_here=False),
    "/v1/recalls": Paged({"recalls": ("id", "party"), "faults": ("entry", "fault")}, True, is_cut_here=False),
    "/v1/requests": _of("request", "item", "holder", "recipient", by_key=True),
    "/v1/quarantine": _of("at", "giving", by_key=True),
    "/v1/inquiries": _of("id"),
    "/v1/spillages": _of("id"),
    "/v1/reads": Paged({"reads": ("id",)}),
    "/v1/indicators/{indicator}": Paged({"readings": ("observed_at", "id"), "duties": _DUTY}, True),
    "/v1/deposits": _of("id"),
    "/v1/imports": Paged({"": ("item", "format")}, is_cut_here=False),
    "/v1/consumers": _of("name"),
    "/v1/officers": Paged({"officers": ("name",), "delegated": ("giver", "taker", "role", "act", "until_at")}),
    "/v1/roster": Paged({"shifts": ("officer", "role", "starts_at", "ends_at")}),
}  # fmt: skip
"""What grows with the record, or with what others send."""

BOUNDED: Final = (
    "/v1/alarms",
    "/v1/approvals",
    "/v1/contacts",
    "/v1/doctor",
    "/v1/exchange/check",
    "/v1/exercises/{exercise}/report",
    "/v1/indicators",
    "/v1/indicators/{indicator}/draft",
    "/v1/items/{item}",
    "/v1/levels",
    "/v1/node",
    "/v1/pact/proofs",
    "/v1/phrases",
    "/v1/release/graph",
    "/v1/status",
    "/v1/texts/{text}",
    "/v1/timeline/{entry}",
    "/v1/titles",
    "/v1/warning/areas",
    "/v1/warning/drafts",
    "/v1/warning/picture",
    "/v1/warning/public",
)
"""Answers with lists that the pact, one object or a bound of their own keeps short."""


class Page:
    """One page of a list: what was asked for, and once it is cut, the cursor of the one after it."""

    def __init__(self, path: str, paged: Paged, limit: int, cursor: str) -> None:
        self.path = path
        self.paged = paged
        self.limit = limit
        self._after = _parse_cursor(cursor)
        self.next_cursor = ""

    def cut(self, lists: Mapping[str, Sequence[T]], *, is_backward: bool = False) -> dict[str, list[T]]:
        """Return of each list the rows of this page: the lists are one sequence, in the order of `Paged.lists`.

        `is_backward`: the first page is the end of the list, the next lies before it. Only rows of this page are asked
        for, but where a list is put in order, which only lists are that it reaches.

        Raises:
            UsageError: `api.cursor-unknown`.
        """
        ordered = [_List(name, self.paged, lists[name], is_backward=is_backward) for name in self.paged.lists]
        starts = [0, *itertools.accumulate(len(one.rows) for one in ordered)]

        def mark(place: int) -> bytes:
            number = bisect.bisect_right(starts, place) - 1
            one = ordered[number]
            return self._mark(one.name, one.identify(one.get(place - starts[number])))

        first = 0 if self._after is None else _find(mark, starts[-1], *self._after) + 1
        end = min(first + self.limit, starts[-1])
        if first < end < starts[-1]:
            raw = (end - 1).to_bytes(4, "big") + mark(end - 1)
            self.next_cursor = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        return {
            one.name: one.pick(max(0, first - start), min(len(one.rows), end - start))
            for one, start in zip(ordered, starts, strict=False)
        }

    def _mark(self, name: str, identity: bytes) -> bytes:
        said = encode((self.path, name, identity))
        return hashlib.sha256(label("page") + said).digest()[:_MARK_SIZE]


class _List(Generic[T]):
    """One list of a view in the order in which its pages are cut."""

    def __init__(self, name: str, paged: Paged, rows: Sequence[T], *, is_backward: bool) -> None:
        self.name = name
        self.rows = rows
        self._paged = paged
        self._is_backward = is_backward

    @functools.cached_property
    def identify(self) -> Callable[[T], bytes]:
        """What tells a row from all others, in the order of its fields."""
        return _make_identify(self._paged.lists[self.name], self.rows[0])

    @functools.cached_property
    def _places(self) -> Sequence[int]:
        places = range(len(self.rows))
        if not self._paged.by_key or not places:
            return places[::-1] if self._is_backward else places
        identify, rows = self.identify, self.rows
        return sorted(places, key=lambda at: identify(rows[at]))

    def get(self, place: int) -> T:
        """Return the row at a place of this order."""
        return self.rows[self._places[place]]

    def pick(self, first: int, end: int) -> list[T]:
        """Return the rows from one place of this order to another, as the view has them."""
        return [self.rows[at] for at in sorted(self._places[first:end])] if first < end else []


def _find(mark: Callable[[int], bytes], count: int, place: int, wanted: bytes) -> int:
    """Return where the row is now: where it was, or near, for rows come in and hardly ever leave."""
    near = min(place, count)
    for at in itertools.chain(range(near, count), range(near - 1, -1, -1)):
        if mark(at) == wanted:
            return at
    raise UsageError("api.cursor-unknown")


def _make_identify(fields: tuple[str, ...], row: object) -> Callable[[Any], bytes]:
    """Return what encodes these fields of each row of a list; all its rows are of one kind."""
    read = operator.itemgetter if isinstance(row, Mapping) else operator.attrgetter
    if any("/" in field for field in fields):
        gets = [functools.partial(_pick, field=field) if "/" in field else read(field) for field in fields]
        return lambda row: encode([get(row) for get in gets])
    get = read(*fields)
    return (lambda row: encode((get(row),))) if len(fields) == 1 else lambda row: encode(get(row))


Asked = tuple[Page, str, list[tuple[str, str]]]
_ASKED: Final[ContextVar[Asked | None]] = ContextVar("_ASKED", default=None)
"""The page that this request asks for, its path, and what else it says."""


def begin_page(request: Request[Any, Any, Any], path: str) -> None:
    """Take note of which page a request asks for; of none where its answer is no long list.

    Raises:
        UsageError: `api.malformed`, `api.cursor-unknown`.
    """
    paged = PAGED.get(path) if request.method == "GET" else None
    _ASKED.set(None)
    if paged is None:
        return
    rows = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    asked = dict(rows)
    limit = asked.get("limit", str(LIMIT_MAX))
    if _NUMBER.match(limit) is None:
        raise UsageError("api.malformed")
    page = Page(path, paged, min(int(limit), LIMIT_MAX), asked.get("cursor", ""))
    others = [(name, value) for name, value in rows if name not in ("cursor", "after", "before")]
    _ASKED.set((page, request.scope["path"], others))


def cut_page(rows: Sequence[T], *, is_backward: bool = False) -> Sequence[T]:
    """Return the rows that this request asks for, before they are shown; all where it asks for no page."""
    if (asked := _ASKED.get()) is None:
        return rows
    return asked[0].cut({"": rows}, is_backward=is_backward)[""]


def cut_lists(lists: Mapping[str, Sequence[Any]]) -> Mapping[str, Sequence[Any]]:
    """As `cut_page`, for an answer with several lists."""
    return lists if (asked := _ASKED.get()) is None else asked[0].cut(lists)


async def end_page(response: Response[Any]) -> Response[Any]:
    """Leave in an answer what is of this page, and name the next one: the same request, another cursor (RFC 8288)."""
    if (asked := _ASKED.get()) is None or response.status_code != 200:
        return response
    page, path, others = asked
    if page.paged.is_cut_here:
        response.content = _cut_view(page, response.content)
    if page.next_cursor:
        query = urlencode([*others, ("cursor", page.next_cursor)])
        lists = " ".join(name for name in page.paged.lists if name)
        response.headers["Link"] = f'<{quote(path)}?{query}>; rel="next"' + (f'; lists="{lists}"' if lists else "")
    return response


def _cut_view(page: Page, view: Any) -> Any:
    """Return a view with those rows of its lists that are of this page."""
    lists = {name: view if name == "" else _pick(view, name) for name in page.paged.lists}
    chosen = page.cut(lists)
    if "" in chosen:
        return chosen[""]
    return view | chosen if isinstance(view, dict) else msgspec.structs.replace(view, **chosen)


def _pick(row: Any, field: str) -> Any:
    """Return a field of a row; `a/b` is the field `b` of `a`, or the row number b in it; None where there is no a."""
    for part in _split(field):
        if row is None:
            return None
        row = row[part] if isinstance(part, int) or isinstance(row, dict) else getattr(row, part)
    return row


@functools.cache
def _split(field: str) -> tuple[str | int, ...]:
    return tuple(int(part) if part.isdigit() else part for part in field.split("/"))


def _parse_cursor(cursor: str) -> tuple[int, bytes] | None:
    """Return the place that a cursor says, and the mark of the row there."""
    if not cursor:
        return None
    if _CURSOR.match(cursor) is None:
        raise UsageError("api.cursor-unknown")
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except binascii.Error as error:
        raise UsageError("api.cursor-unknown") from error
    if len(raw) != 4 + _MARK_SIZE:
        raise UsageError("api.cursor-unknown")
    return int.from_bytes(raw[:4], "big"), raw[4:]
