"""What a standby asks the primary for, and how that is answered (docs/spec/transport.md, T28).

Requests to the pages service as any other, for "journals" whose digests are those of labels, and for blobs by their id:
digests of labels, journals and blobs do not meet. An answer is pieces in place of pages. Nothing here asks who asks;
`post` answers so the party's own reader alone.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Final, NamedTuple

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.limits import BULK_PAGE_SIZE_BYTES_MAX
from comity.base.names import Audience, Bytes32, Digest, Party, Uint
from comity.crypto.label import digest
from comity.crypto.suite import Suite
from comity.node.blob_answer import cut_blob, join_blob
from comity.node.pages import PageRequest, encode_page_request
from comity.node.store import Act, Store

__all__ = ["Asked", "Rows", "answer_standby", "join_acts", "join_ids", "join_rows", "join_whole_blob"]

ROW_COUNT_MAX: Final = 64
"""Rows of one answer: the store reads them at once."""
ACT_COUNT_MAX: Final = 256
ID_COUNT_MAX: Final = 1_024
HEAD_SIZE_BYTES_MAX: Final = 8 * 1024
WRAP_COUNT_MAX: Final = 1_024


class Asked(NamedTuple):
    """The digests that stand for the rows, the acts, the ids of blobs, and those of blobs that were erased."""

    rows: Digest
    acts: Digest
    blobs: Digest
    gone: Digest

    @classmethod
    def make(cls, suite: Suite) -> "Asked":
        """Return them."""
        return cls(*(digest(suite, "standby", what) for what in (b"rows", b"acts", b"blobs", b"gone")))

    @staticmethod
    def encode(what: Digest, *, after: int = 0) -> bytes:
        """Encode a request for what comes after a number."""
        return encode_page_request(what, first=after, last=after)


class _Head(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    before: Annotated[bytes, msgspec.Meta(max_length=32)]
    after_count: Uint
    rows: Annotated[tuple[tuple[Uint, Bytes32], ...], msgspec.Meta(max_length=ROW_COUNT_MAX)]


class _Act(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    seq: Uint
    key: str
    asked: bytes
    ids: tuple[Bytes32, ...]


class _Wrap(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    party: Party
    raw: bytes


class _Wraps(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    wraps: Annotated[tuple[_Wrap, ...], msgspec.Meta(max_length=WRAP_COUNT_MAX)]


_HEAD: Final = Decoder(_Head, size_max=HEAD_SIZE_BYTES_MAX, code="link.page-answer")
_ACT: Final = Decoder(_Act, size_max=BULK_PAGE_SIZE_BYTES_MAX, code="link.page-answer")
_WRAPS: Final = Decoder(_Wraps, size_max=BULK_PAGE_SIZE_BYTES_MAX, code="link.page-answer")


class Rows(NamedTuple):
    """What the primary answered: rows with the bytes of their pages, and how many it has beyond them."""

    before: bytes
    """The digest in the row after which was asked; empty where there is none."""
    rows: tuple[tuple[int, Digest, bytes], ...]
    behind: int


def answer_standby(store: Store, asked: PageRequest, *, names: Asked, parties: Audience) -> Iterator[bytes]:
    """Yield the pieces of the answer to a standby; none for what is not here."""
    if asked.journal == names.rows:
        yield from _answer_rows(store, asked.first)
    elif asked.journal == names.acts:
        acts = store.read_acts(after=asked.first, count=ACT_COUNT_MAX)
        yield from (encode(_Act(seq, act.key, act.asked, act.ids)) for seq, act in acts)
    elif asked.journal == names.blobs:
        yield from store.list_blobs()[asked.first : asked.first + ID_COUNT_MAX]
    elif asked.journal == names.gone:
        yield from store.list_gone()[asked.first : asked.first + ID_COUNT_MAX]
    elif (blob := store.find_blob(asked.journal)) is not None:
        wraps = (_Wrap(party, raw) for party in parties for raw in store.find_wraps(asked.journal, party))
        yield from cut_blob((blob, (encode(_Wraps(tuple(wraps))),)))


def _answer_rows(store: Store, after: int) -> Iterator[bytes]:
    """Yield a head and the pages of the next rows; one that is lost ends the answer, as if it had not come yet."""
    rows = store.read_rows(after=after, count=ROW_COUNT_MAX)
    named = tuple((row.seq, row.digest) for row in rows)
    yield encode(_Head(store.find_digest_at(after) or b"", store.count_rows(after=after), named))
    yield from (row.raw for row in rows)


def join_rows(pieces: Sequence[bytes]) -> Rows:
    """Put an answer together; it may hold fewer pages than its head names (T21).

    Raises:
        RemoteError: `link.page-answer` where it holds more, or no head.
    """
    if not pieces:
        raise RemoteError("link.page-answer")
    head, pages = _HEAD.decode(pieces[0]), pieces[1:]
    if len(pages) > len(head.rows) or head.after_count < len(pages):
        raise RemoteError("link.page-answer")
    rows = tuple((seq, Digest(named), raw) for (seq, named), raw in zip(head.rows, pages, strict=False))
    return Rows(head.before, rows, head.after_count - len(rows))


def join_acts(pieces: Sequence[bytes]) -> list[tuple[int, Act]]:
    """Return the acts in an answer, each with its number.

    Raises:
        RemoteError: `link.page-answer`.
    """
    found = [_ACT.decode(piece) for piece in pieces]
    return [(act.seq, Act(act.key, act.asked, tuple(map(Digest, act.ids)))) for act in found]


def join_ids(pieces: Sequence[bytes]) -> list[Digest]:
    """Return the ids of blobs in an answer.

    Raises:
        RemoteError: `link.page-answer`.
    """
    if any(len(piece) != 32 for piece in pieces):
        raise RemoteError("link.page-answer")
    return [Digest(piece) for piece in pieces]


def join_whole_blob(pieces: Sequence[bytes]) -> tuple[bytes, dict[Party, tuple[bytes, ...]]] | None:
    """Return a blob and the wraps of its key for every party; None where the primary has it no more.

    Raises:
        RemoteError: `link.page-answer`.
    """
    joined = join_blob(pieces)
    if joined is None:
        return None
    blob, packed = joined
    wraps: dict[Party, tuple[bytes, ...]] = {}
    for wrap in (wrap for raw in packed for wrap in _WRAPS.decode(raw).wraps):
        wraps[wrap.party] = (*wraps.get(wrap.party, ()), wrap.raw)
    return blob, wraps
