"""Root statements in a page: in its header's opening, or published in an open entry (docs/spec/sealing.md, S11).

They prove themselves, so whether the page is accepted does not matter; that is what makes the order of arrival not
matter either. Nothing is believed here.
"""

from collections.abc import Iterator
from typing import Final

from comity.base.encoding import Decoder
from comity.base.errors import RemoteError
from comity.base.limits import ENTRY_SIZE_BYTES_MAX
from comity.journal.header import Kind, Page
from comity.journal.seal import decode_entries

__all__ = ["find_statements"]

PUBLISHED: Final = "RootStatementPublished"
"""The type of the entry, the one that the journal knows (S11)."""

_ENTRY: Final[Decoder[tuple[str, bytes]]] = Decoder(
    tuple[str, bytes], size_max=ENTRY_SIZE_BYTES_MAX, code="entry.malformed"
)


def find_statements(page: Page) -> tuple[bytes, ...]:
    """Return the root statements in a page whose form is right, as bytes that nobody has judged."""
    return (*page.header.opening, *_find_published(page))


def _find_published(page: Page) -> Iterator[bytes]:
    if page.header.kind is not Kind.OPEN:
        return
    try:
        entries = decode_entries(page.body, page)
    except RemoteError:
        return
    for raw in entries:
        try:
            type_, statement = _ENTRY.decode(raw)
        except RemoteError:
            continue
        if type_ == PUBLISHED:
            yield statement
