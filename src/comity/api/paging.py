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
import hashlib
import itertools
import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

import msgspec
from litestar import Request, Response

from comity.base.encoding import encode
from comity.base.errors import UsageError
from comity.crypto.label import label

__all__ = ["BOUNDED", "CURSOR_PATTERN", "LIMIT_MAX", "PAGED", "Page", "Paged", "begin_page", "cut_page", "end_page"]

LIMIT_MAX: Final = 1_000
"""Rows in one page, also where nobody says how many."""
CURSOR_PATTERN: Final = "^[A-Za-z0-9_-]{27,64}$"
_CURSOR: Final = re.compile(r"[A-Za-z0-9_-]{27,64}\Z")
_NUMBER: Final = re.compile(r"[0-9]{1,9}\Z")
_MARK_SIZE: Final = 16

T = TypeVar("T")
Named = tuple[str, T]
"""A row, and the name of the list that it is of."""


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
    }, True),
    "/v1/messages": Paged({"": ("sent/written_at", "id")}, by_key=True, is_cut_here=False),
    "/v1/voice-calls": _of("logged/written_at", "id", by_key=True),
    "/v1/plans": _of("id"),
    "/v1/meetings": Paged({"meetings": ("id",)}, True),
    "/v1/shifts": Paged({"shifts": ("id",)}),
    "/v1/items": Paged({"": ("at", "item", "given_by", "audience")}, by_key=True, is_cut_here=False),
    "/v1/disclosed": _of("disclosed/written_at", "disclosed/id", by_key=True),
    "/v1/copies": _of("giving", "item", "holder", "giver", by_key=True),
    "/v1/recalls": Paged({"recalls": ("id", "party"), "faults": ("entry", "fault")}, True),
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

    def cut(self, rows: Sequence[Named[T]], *, is_backward: bool = False) -> Sequence[Named[T]]:
        """Return the rows of this page; `is_backward`: the first page is the end of the list, the next lies before it.

        Raises:
            UsageError: `api.cursor-unknown`.
        """
        places = list(range(len(rows)))
        if self.paged.by_key:
            names = list(self.paged.lists)
            places = sorted(places, key=lambda at: (names.index(rows[at][0]), self._identify(rows[at])))
        elif is_backward:
            places = places[::-1]
        first = 0 if self._after is None else self._find(rows, places, *self._after) + 1
        chosen = places[first : first + self.limit]
        if chosen and first + len(chosen) < len(rows):
            last = first + len(chosen) - 1
            raw = last.to_bytes(4, "big") + self._mark(rows[places[last]])
            self.next_cursor = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        return [rows[at] for at in sorted(chosen)]

    def _find(self, rows: Sequence[Named[Any]], places: Sequence[int], place: int, mark: bytes) -> int:
        """Return where the row is now: where it was, or near, for rows come in and hardly ever leave."""
        near = min(place, len(places))
        for at in itertools.chain(range(near, len(places)), range(near - 1, -1, -1)):
            if self._mark(rows[places[at]]) == mark:
                return at
        raise UsageError("api.cursor-unknown")

    def _identify(self, row: Named[Any]) -> bytes:
        name, content = row
        return encode([_pick(content, field) for field in self.paged.lists[name]])

    def _mark(self, row: Named[Any]) -> bytes:
        said = encode((self.path, row[0], self._identify(row)))
        return hashlib.sha256(label("page") + said).digest()[:_MARK_SIZE]


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
    return [row for _, row in asked[0].cut([("", row) for row in rows], is_backward=is_backward)]


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
    chosen: dict[str, list[Any]] = {name: [] for name in lists}
    for name, row in page.cut([(name, row) for name, found in lists.items() for row in found]):
        chosen[name].append(row)
    if "" in chosen:
        return chosen[""]
    return view | chosen if isinstance(view, dict) else msgspec.structs.replace(view, **chosen)


def _pick(row: Any, field: str) -> Any:
    """Return a field of a row; `a/b` is the field `b` of `a`, or the row number b in it; None where there is no a."""
    for part in field.split("/"):
        if row is not None:
            row = row[part] if isinstance(row, Mapping) else row[int(part)] if part.isdigit() else getattr(row, part)
    return row


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
