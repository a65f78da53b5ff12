"""What a snapshot says of a run of stored pages, and its bytes before they are sealed (docs/adr/0016).

A *row* is one page of the store, in the store's order: of an accepted one, its header, digests and what it opened to;
of any other, its bytes. The journals are named once, at the head, for all rows of a segment.
"""

from collections.abc import Iterable
from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.names import Bytes32, Digest, DigestField, Uint
from comity.crypto.suite import Suite
from comity.journal.header import FORMAT, SUITE, Header, JournalId, Kind, Page, SeenHead
from comity.journal.seal import Opened
from comity.machine.vouched import Vouched

__all__ = ["SEGMENT_SIZE_BYTES_MAX", "Journals", "Row", "Segment", "decode_segment", "encode_segment", "list_rows"]

SEGMENT_SIZE_BYTES_MAX: Final = 64 * 1024 * 1024
Row = Vouched | bytes


class _VouchedRow(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    journal: Uint
    kind: Kind
    pact: Bytes32
    number: Uint
    previous: DigestField
    written_at: int
    salt: Bytes32
    epoch: int
    entry_count: int
    body_digest: Bytes32
    entries_root: Bytes32
    seen: tuple[SeenHead, ...]
    opening: tuple[bytes, ...]
    digest: DigestField
    body: bytes
    entries: tuple[bytes, ...]
    ids: tuple[DigestField, ...]


class Segment(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The rows up to and with the store's row `last_seq`, which is its `count`-th and has this digest."""

    last_seq: Annotated[int, msgspec.Meta(ge=1)]
    count: Annotated[int, msgspec.Meta(ge=1)]
    last_digest: Bytes32
    journals: tuple[JournalId, ...]
    rows: tuple[_VouchedRow | bytes, ...]


_SEGMENT = Decoder(Segment, size_max=SEGMENT_SIZE_BYTES_MAX, code="bytes.malformed")


def encode_segment(rows: Iterable[Row], *, last_seq: int, count: int, last_digest: Digest) -> bytes:
    """Encode the rows of the store that end with this one."""
    journals: dict[JournalId, int] = {}
    encoded = tuple(row if isinstance(row, bytes) else _encode_row(row, journals) for row in rows)
    return encode(Segment(last_seq, count, last_digest, tuple(journals), encoded))


def _encode_row(row: Vouched, journals: dict[JournalId, int]) -> _VouchedRow:
    page, header = row.page, row.page.header
    index = journals.setdefault(header.journal, len(journals))
    opened = row.opened or Opened((), ())
    return _VouchedRow(
        index, header.kind, header.pact, header.number, header.previous, header.written_at, header.salt, header.epoch,
        header.entry_count, header.body_digest, header.entries_root, header.seen, header.opening, page.digest,
        b"" if header.kind is Kind.ENTRIES else page.body, opened.entries, opened.ids,
    )  # fmt: skip


def decode_segment(raw: bytes) -> Segment:
    """Decode a segment.

    Raises:
        RemoteError: `bytes.malformed`, `bytes.not-canonical`: not of the form that is written here.
    """
    segment = _SEGMENT.decode(raw)
    count = len(segment.journals)
    if any(not isinstance(row, bytes) and row.journal >= count for row in segment.rows):
        raise RemoteError("bytes.malformed")
    return segment


Journals = dict[JournalId, tuple[JournalId, Digest]]
"""Each journal once, with its digest: pages of one journal share them."""


def list_rows(segment: Segment, suite: Suite, journals: Journals) -> list[Row]:
    """Return the rows as the machine takes them."""
    named = []
    for journal in segment.journals:
        if journal not in journals:
            journals[journal] = (journal, journal.find_digest(suite))
        named.append(journals[journal])
    return [row if isinstance(row, bytes) else _decode_row(row, *named[row.journal]) for row in segment.rows]


def _decode_row(row: _VouchedRow, journal: JournalId, journal_digest: Digest) -> Vouched:
    header = Header(
        FORMAT, SUITE, row.kind, row.pact, journal, row.number, row.previous, row.written_at, row.salt, row.epoch,
        row.entry_count, row.body_digest, row.entries_root, row.seen, row.opening,
    )  # fmt: skip
    page = Page(b"", b"", b"", row.body, header, row.digest, journal_digest)
    return Vouched(page, Opened(row.entries, row.ids) if row.kind.has_entries else None)
