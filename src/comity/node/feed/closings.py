"""What the root says of a party's own warning journals when its key is replaced (docs/spec/warning.md, W76).

The last good page of each is the last that its file shows to lie before a fork and before the theft; or the last that
the own record anchors, in pages that stand and lie before the theft, where that is a later one: what was anchored was
said, though the file be lost. What an earlier closing left out stays out.
"""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from comity.base.errors import RemoteError
from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.crypto.suite import Suite
from comity.journal.header import Feed, Kind, Page, parse_page
from comity.journal.keyring import Keyring
from comity.journal.ledger import Ledger, Standing
from comity.journal.statement import Closed, Closure, parse_statement
from comity.node.feed.kept import FEED_FILE, FeedFile
from comity.node.feed.kept_beside import OwnPage, read_own, read_page
from comity.node.feed.segments import find_segments
from comity.procedure.anchor import WarningAnchored
from comity.procedure.registry import decode_entry

__all__ = ["find_warning_closures"]

_TYPE = WarningAnchored.__name__.encode()


class _Last(NamedTuple):
    number: int
    page: Digest


_Lasts = dict[tuple[Audience, int], _Last]
"""By readers and incarnation."""


def find_warning_closures(
    folder: Path,
    ledger: Ledger,
    pages: Iterable[bytes],
    *,
    party: Party,
    receiving: tuple[bytes, ...],
    earlier: Iterable[bytes],
    opens: int,
    stolen_since: Instant | None,
    suite: Suite,
) -> tuple[Closure, ...]:
    """Return a closure for every warning journal that a party has written, as far as file and record show.

    Args:
        folder: the realm's folder, with the feed's file if there is one.
        ledger: the record, judged.
        pages: the record's pages.
        party: whose journals.
        receiving: its receiving secrets: anchors are sealed.
        earlier: the root's closures of the incarnation in use.
        opens: the incarnation that is to be opened.
        stolen_since: pages whose clock is at or after this are left out.
        suite: the algorithms.

    Raises:
        OutageError: `store.damaged` where the file cannot be read; `store.locked` while a process holds it.
    """
    until = stolen_since or Instant(2**63 - 1)
    lasts: _Lasts = {}
    by_readers: dict[Audience, list[Closed]] = {}
    own = _parse_own(pages, party, suite)
    for anchor in _read_anchors(ledger, own, Keyring(party, receiving, suite), until):
        _note(lasts, anchor.audience, anchor.incarnation, _Last(anchor.number, Digest(anchor.page)))
    file = folder / FEED_FILE
    if file.exists() or find_segments(file).exists():
        FeedFile(file).close()  # what was sent may lie in the segments alone: the index follows them (W87)
        for some, last in _find_last_kept(file, party, until):
            id_ = parse_page(read_page(file, some.digest), suite).header.journal
            by_readers[id_.audience] = []
            if last is not None:
                _note(lasts, id_.audience, id_.incarnation, _Last(last.number, last.digest))
    _keep_closed(lasts, earlier)
    pins = ledger.trust.pins
    for (audience, incarnation), one in sorted(lasts.items()):
        if incarnation < opens:
            by_readers.setdefault(audience, []).append(Closed(incarnation, one.number, one.page))
    return tuple(
        Closure(pins.lineage, pins.realm, Feed.WARNING, party, audience, opens, tuple(closed))
        for audience, closed in sorted(by_readers.items())
    )


def _note(lasts: _Lasts, audience: Audience, incarnation: int, last: _Last) -> None:
    held = lasts.get((audience, incarnation))
    if held is None or held.number < last.number:
        lasts[audience, incarnation] = last


def _keep_closed(lasts: _Lasts, earlier: Iterable[bytes]) -> None:
    """Have what was closed before end where it was closed."""
    for raw in earlier:
        body = parse_statement(raw).body
        if isinstance(body, Closure) and body.feed == Feed.WARNING:
            closed = {row.incarnation: _Last(row.number, Digest(row.page)) for row in body.closed}
            for audience, incarnation in list(lasts):
                if audience == body.audience and incarnation < body.opens:
                    del lasts[audience, incarnation]
            lasts.update({(body.audience, incarnation): last for incarnation, last in closed.items()})


def _find_last_kept(path: Path, party: Party, until: Instant) -> Iterator[tuple[OwnPage, OwnPage | None]]:
    """Yield of each own journal in the file some page, and the last good one if there is one."""
    good: dict[Digest, list[OwnPage]] = {}
    firsts: dict[Digest, OwnPage] = {}
    ended: set[Digest] = set()
    for page in read_own(path, party):
        firsts.setdefault(page.journal, page)
        before = good.setdefault(page.journal, [])
        if page.journal in ended:
            continue
        is_rival = bool(before) and before[-1].number == page.number
        if is_rival or page.written_at >= until:
            ended.add(page.journal)
            del before[len(before) - is_rival :]  # neither of two pages of one number
        else:
            good[page.journal] = [*before[-1:], page]
    for journal, first in firsts.items():
        yield first, good[journal][-1] if good[journal] else None


def _parse_own(pages: Iterable[bytes], party: Party, suite: Suite) -> Iterator[Page]:
    """Yield the pages of a party's record."""
    for raw in pages:
        with contextlib.suppress(RemoteError):
            page = parse_page(raw, suite)
            if page.header.journal.author == party and page.header.journal.feed is Feed.RECORD:
                yield page


def _read_anchors(ledger: Ledger, own: Iterable[Page], keyring: Keyring, until: Instant) -> Iterator[WarningAnchored]:
    """Yield what a party's own record anchors of its own journals, each to their readers, in pages that stand."""
    for page in own:
        placed = ledger.find_page(page.digest)
        if placed is None or ledger.find_standing(placed) is Standing.DISOWNED or page.header.written_at >= until:
            continue
        if page.header.kind is Kind.KEYS:
            with contextlib.suppress(RemoteError):
                keyring.learn(page)
        elif page.header.kind is Kind.ENTRIES:
            for entry in _open(page, placed.epochs.find(page.header.epoch), keyring):
                anchor = decode_entry(entry) if _TYPE in entry else None
                if isinstance(anchor, WarningAnchored) and anchor.audience == page.header.journal.audience:
                    yield anchor


def _open(page: Page, commitment: bytes | None, keyring: Keyring) -> tuple[bytes, ...]:
    try:
        return keyring.open(page, commitment=commitment).entries
    except RemoteError:
        return ()
