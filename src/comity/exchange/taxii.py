"""TAXII 2.1 over a consumer's view: what a query asks for, which objects answer it, in which order and pages.

OASIS Standard of 2021, sections 3.4 (filters), 3.5 (pages), 3.6 (versions), 5.4 to 5.8. Objects stand in the order of
their dates of coming into view, no two have one, so a page begins after the date where the last one ended, whatever was
added meanwhile (docs/spec/exchange.md, X19 to X21).
"""

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from comity.base.errors import UsageError
from comity.exchange.stix_write import OutObject

__all__ = ["LIMIT_MAX", "TAXII_MEDIA", "Catalogue", "Dated", "Page", "Query", "format_us", "parse_us", "read_query"]

TAXII_MEDIA: Final = "application/taxii+json;version=2.1"
LIMIT_MAX: Final = 1_000
"""Objects in one page; whoever asks for more gets this many and is told that there are more (section 3.5)."""
WORD_COUNT_MAX: Final = 100
_INSTANT: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z")
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_KEYS: Final = frozenset({"added_after", "limit", "next", "match[id]", "match[type]", "match[version]",
                          "match[spec_version]"})  # fmt: skip
_WORD_VERSIONS: Final = frozenset({"first", "last", "all"})


@dataclass(frozen=True, slots=True)
class Dated:
    """One object in a consumer's view, when it came into it, and the items that it is written from."""

    added_us: int
    object: OutObject
    items: tuple[bytes, ...] = ()

    @property
    def version(self) -> str:
        """Its version; of an object without one, the date of coming into view (section 3.4)."""
        return self.object.version or format_us(self.added_us)


@dataclass(frozen=True, slots=True)
class Query:
    """One request, read. Instants in microseconds; an empty set asks for any."""

    after_us: int = -1
    limit: int = LIMIT_MAX
    ids: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    versions: frozenset[str] = frozenset({"last"})
    version_instants: frozenset[int] = frozenset()
    spec_versions: frozenset[str] = frozenset()

    @property
    def is_plain(self) -> bool:
        """Whether only the latest versions are asked for, of everything."""
        return not (self.ids or self.types or self.spec_versions or self.version_instants) and self.versions == {"last"}


class Page(NamedTuple):
    """What answers a query, in order. `next_` is where to go on; empty at the end."""

    rows: Sequence[Dated]
    next_: str


class Catalogue:
    """All of one view, made ready for many queries."""

    def __init__(self, rows: Sequence[Dated]) -> None:
        """Take rows ascending by date."""
        self.rows = tuple(rows)
        by_id: dict[str, list[Dated]] = {}
        for row in self.rows:
            by_id.setdefault(row.object.id, []).append(row)
        ends = ((min(same, key=_order), max(same, key=_order)) for same in by_id.values())
        firsts, lasts = zip(*ends, strict=True) if by_id else ((), ())
        self._firsts, self._lasts = frozenset(map(_date, firsts)), frozenset(map(_date, lasts))
        self._latest = tuple(row for row in self.rows if row.added_us in self._lasts)
        self._dates = {id(rows): [row.added_us for row in rows] for rows in (self.rows, self._latest)}

    def select(self, query: Query) -> Page:
        """Return one page."""
        rows = self._latest if query.is_plain else self.rows
        start = bisect_right(self._dates[id(rows)], query.after_us)
        if query.is_plain:
            found: Sequence[Dated] = rows[start : start + query.limit + 1]
        else:
            found = []
            for row in rows[start:]:
                if self._fits(row, query):
                    found.append(row)
                    if len(found) > query.limit:
                        break
        shown = found[: query.limit]
        return Page(shown, str(shown[-1].added_us) if len(found) > query.limit else "")

    def _fits(self, row: Dated, query: Query) -> bool:
        one = row.object
        if query.ids and one.id not in query.ids:
            return False
        if query.types and one.kind not in query.types:
            return False
        if query.spec_versions and one.spec_version not in query.spec_versions:
            return False
        return (
            "all" in query.versions
            or ("last" in query.versions and row.added_us in self._lasts)
            or ("first" in query.versions and row.added_us in self._firsts)
            or (bool(query.version_instants) and parse_us(row.version) in query.version_instants)
        )


def read_query(asked: Mapping[str, str], *, permitted: frozenset[str] = _KEYS) -> Query:
    """Read the parameters of a request.

    Raises:
        UsageError: `taxii.query` with the name of the parameter that is unknown, or has a value that is none.
    """
    for key, value in asked.items():
        if key not in permitted or len(value) > 16_384:
            raise UsageError("taxii.query", parameter=key[:40])
    fields: dict[str, Any] = {}
    if "limit" in asked:
        fields["limit"] = min(_read_number(asked, "limit", least=1), LIMIT_MAX)
    after = [_read_number(asked, "next", least=0)] if "next" in asked else []
    if "added_after" in asked:
        instant = parse_us(asked["added_after"])
        if instant is None:
            raise UsageError("taxii.query", parameter="added_after")
        after.append(instant)
    if after:
        fields["after_us"] = max(after)
    for key, name in (("match[id]", "ids"), ("match[type]", "types"), ("match[spec_version]", "spec_versions")):
        if key in asked:
            fields[name] = frozenset(_split(asked, key))
    if "match[version]" in asked:
        fields |= _read_versions(_split(asked, "match[version]"))
    return Query(**fields)


def _read_number(asked: Mapping[str, str], key: str, *, least: int) -> int:
    text = asked[key]
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) >= least):
        raise UsageError("taxii.query", parameter=key)
    return int(text)


def _split(asked: Mapping[str, str], key: str) -> list[str]:
    words = asked[key].split(",")
    if not all(words) or len(words) > WORD_COUNT_MAX:
        raise UsageError("taxii.query", parameter=key)
    return words


def _read_versions(words: list[str]) -> dict[str, Any]:
    instants = {parse_us(word) for word in words if word not in _WORD_VERSIONS}
    if None in instants:
        raise UsageError("taxii.query", parameter="match[version]")
    return {"versions": frozenset(words) & _WORD_VERSIONS, "version_instants": frozenset(instants)}


def _order(row: Dated) -> tuple[int, int]:
    return parse_us(row.version) or 0, row.added_us


def _date(row: Dated) -> int:
    return row.added_us


def parse_us(text: str) -> int | None:
    """Return an instant of STIX (RFC 3339, in UTC) in microseconds since 1970, or None for anything else."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        return None
    try:
        at = dt.datetime(*(int(part) for part in match.groups()[:6]), tzinfo=dt.UTC)  # type: ignore[misc, arg-type]
    except ValueError:
        return None
    return (at - _EPOCH) // dt.timedelta(microseconds=1) + int((match[7] or "").ljust(6, "0")[:6])


def format_us(at_us: int) -> str:
    """Write an instant as TAXII does, with all six digits."""
    at = _EPOCH + dt.timedelta(microseconds=at_us)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
