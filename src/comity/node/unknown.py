"""Pages in the outbox that the store does not hold: what it lost, or what another node wrote (transport.md, T19, T26).

A page that the store does hold, wherever it lies in its stream, is nobody else's: where one was gone from the store and
came back, it is the store's last, and the outbox has it where it was.
"""

from collections.abc import AsyncIterator, Awaitable, Callable

from comity.base.errors import ComityError
from comity.base.names import Digest, Party
from comity.crypto.production import ProductionSuite
from comity.journal.header import Page, parse_page
from comity.node.store import Store
from comity.node.stream import Stream

__all__ = ["FindPage", "find_rival", "find_unknown", "is_page_of"]

FindPage = Callable[[int], Awaitable[bytes | None]]
"""How the outbox is asked for the page at a place of the stream."""


async def find_unknown(stream: Stream, last: int, *, store: Store, find_page: FindPage) -> AsyncIterator[bytes]:
    """Yield what the outbox holds beyond the store: at its end, or from the start on where the store has holes."""
    count = store.count_own(stream.feed, stream.audience)
    tip = next((raw for _, raw in store.read_stream(stream.feed, stream.audience, after=count - 1)), None)
    after = count if count and tip is not None and tip == await find_page(count) else 0
    kept = store.find_digests(stream.feed, stream.audience)
    for place in range(after + 1, last + 1):
        raw = await find_page(place)
        page = _parse(raw)
        if raw is not None and (page is None or page.digest not in kept):
            yield raw


async def find_rival(stream: Stream, last: int, *, store: Store, party: Party, find_page: FindPage) -> int:
    """Return the first place where the outbox holds a page of this party that its store does not; 0 if there is none.

    Bytes that are no page of it are damage, and not another node's word; so is an index that misses a page of ours.
    """
    kept: frozenset[Digest] = store.find_digests(stream.feed, stream.audience)
    for place in range(1, last + 1):
        page = _parse(await find_page(place))
        if page is None or page.header.journal.author != party:
            continue
        if page.digest not in kept and not store.has_page(stream.feed, stream.audience, page.digest):
            return place
    return 0


def is_page_of(raw: bytes | None, party: Party) -> bool:
    """Tell whether these bytes are a page that this party could have written; a flipped bit leaves none."""
    page = _parse(raw)
    return page is not None and page.header.journal.author == party


def _parse(raw: bytes | None) -> Page | None:
    try:
        return None if raw is None else parse_page(raw, ProductionSuite())
    except ComityError:
        return None
