"""The page and its signed header: layout, form, digests (docs/spec/journal.md, J3 to J9).

Parsing decides only what can be decided from the page's own bytes: step 1 of J11. Who may write it, and what it
follows, is decided in `authenticity` and `ledger`; what is in a body, in `keypage` and `seal`.
"""

import enum
import itertools
from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.limits import (
    BULK_PAGE_SIZE_BYTES_MAX,
    ENTRY_COUNT_MAX,
    INCARNATION_MAX,
    INSTANT_MS_MAX,
    OPENING_COUNT_MAX,
    PAGE_SIZE_BYTES_MAX,
    SEEN_COUNT_MAX,
    STATEMENT_SIZE_BYTES_MAX,
)
from comity.base.names import UINT_MAX, Audience, Bytes32, Digest, DigestField, Uint, is_audience, is_realm
from comity.crypto.label import digest
from comity.crypto.suite import Suite

__all__ = [
    "EMPTY_ROOT", "FORMAT", "SUITE", "Feed", "Header", "JournalId", "Kind", "Page", "SeenHead",
    "check_kind", "encode_page", "parse_header", "parse_page",
]  # fmt: skip

FORMAT: Final = 1
SUITE: Final = 1
EMPTY_ROOT: Final = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
"""SHA-256 of nothing (RFC 6962, 2.1)."""


class Feed(enum.StrEnum):
    """How a journal is carried and kept."""

    GENESIS = "genesis"
    RECORD = "record"
    BULK = "bulk"
    WARNING = "warning"


class Kind(enum.IntEnum):
    """What a page's body is (J9). A number without a name decodes and is refused by `check_kind`, with its own code."""

    OPEN = 0
    KEYS = 1
    ENTRIES = 2
    HEADS_SEEN = 3
    CHECKPOINT = 4

    @classmethod
    def _missing_(cls, value: object) -> "Kind | None":
        if not isinstance(value, int) or not 0 <= value <= UINT_MAX:
            return None
        unknown = int.__new__(cls, value)
        unknown._name_, unknown._value_ = "UNKNOWN", value
        return unknown

    @property
    def has_entries(self) -> bool:
        """Whether the page carries statements."""
        return self in _WITH_ENTRIES

    @property
    def obliges_receipt(self) -> bool:
        """Whether its readers owe signed heads for it (J15); if receipts did too, they would never end."""
        return self in _TO_BE_SIGNED_FOR


_KINDS: Final = frozenset(Kind)
_WITH_ENTRIES: Final = (Kind.OPEN, Kind.ENTRIES)
_TO_BE_SIGNED_FOR: Final = (Kind.OPEN, Kind.KEYS, Kind.ENTRIES)


class JournalId(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """J4. Whose word, to whom, in which realm, under which key."""

    lineage: Bytes32
    realm: str
    feed: Feed
    author: str
    audience: Audience
    incarnation: Annotated[int, msgspec.Meta(ge=0, le=INCARNATION_MAX)]

    def find_digest(self, suite: Suite) -> Digest:
        """Return the journal digest."""
        return digest(suite, "journal", encode(self))

    @property
    def family(self) -> tuple[str, str, Audience]:
        """What the incarnations of one author's journal share, within one lineage and realm."""
        return (self.feed, self.author, self.audience)


class SeenHead(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """J12. One page of another journal that the author had accepted, with all before it."""

    journal: DigestField
    number: Uint
    page: DigestField

    @property
    def order(self) -> tuple[bytes, int, bytes]:
        """The order in which heads stand."""
        return (self.journal, self.number, self.page)


class Header(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """J7. What is signed."""

    format: Uint
    suite: Uint
    kind: Kind
    pact: Bytes32
    journal: JournalId
    number: Uint
    previous: DigestField
    written_at: Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)]
    salt: Bytes32
    epoch: Uint
    entry_count: Uint
    body_digest: Bytes32
    entries_root: Bytes32
    seen: Annotated[tuple[SeenHead, ...], msgspec.Meta(max_length=SEEN_COUNT_MAX)]
    opening: Annotated[tuple[bytes, ...], msgspec.Meta(max_length=OPENING_COUNT_MAX)]


class _PageForm(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """J6."""

    header: bytes
    signature: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
    body: bytes


class Page(msgspec.Struct, frozen=True, gc=False):
    """A page whose form is right; nothing is said yet of who signed it. `raw` is what arrived.

    A struct because a start makes one of every page in the store; no bytes are ever made of it.
    """

    raw: bytes
    header_raw: bytes
    signature: bytes
    body: bytes
    header: Header
    digest: Digest
    journal: Digest


_PAGE: Final = Decoder(_PageForm, size_max=BULK_PAGE_SIZE_BYTES_MAX, code="page.malformed")
_HEADER: Final = Decoder(Header, size_max=BULK_PAGE_SIZE_BYTES_MAX, code="page.malformed")
_VERSIONS: Final = msgspec.msgpack.Decoder(list[msgspec.Raw])
_UINT: Final = msgspec.msgpack.Decoder(Uint)


def encode_page(*, header_raw: bytes, signature: bytes, body: bytes) -> bytes:
    """Put a signed header and its body together (J6)."""
    return encode(_PageForm(header_raw, signature, body))


def parse_page(raw: bytes, suite: Suite) -> Page:
    """Parse one page and check all that its own bytes decide.

    Raises:
        RemoteError: `bytes.too-large`, `bytes.not-canonical`, `page.malformed`, `page.format-unknown`, `page.kind`,
            `page.body-digest`; the bytes are the evidence.
    """
    form = _PAGE.decode(raw)
    header = parse_header(form.header, evidence=raw)
    journal = header.journal.find_digest(suite)
    if any(head.journal == journal for head in header.seen):
        raise RemoteError("page.malformed", evidence=raw, number=header.number)
    _check_size(header, raw)
    check_kind(header, body=form.body, evidence=raw)
    if digest(suite, "body", form.body) != header.body_digest:
        raise RemoteError("page.body-digest", evidence=raw, number=header.number)
    return Page(
        raw=raw,
        header_raw=form.header,
        signature=form.signature,
        body=form.body,
        header=header,
        digest=digest(suite, "page", form.header),
        journal=journal,
    )


def parse_header(raw: bytes, *, evidence: bytes) -> Header:
    """Parse the header of a page or of a disclosure; `evidence` is what it came in.

    Raises:
        RemoteError: `page.format-unknown`, `page.malformed`, `bytes.not-canonical`.
    """
    _check_version(raw, evidence=evidence)
    header = _HEADER.decode(raw)
    _check_form(header, evidence=evidence)
    return header


def _check_version(header_raw: bytes, *, evidence: bytes) -> None:
    """Tell a newer format from damaged bytes: look at the first two fields before the shape of the rest (J7)."""
    try:
        fields = _VERSIONS.decode(header_raw)
        for field, known in zip(fields, (FORMAT, SUITE), strict=False):
            version = _UINT.decode(field)
            if version != known:
                raise RemoteError("page.format-unknown", evidence=evidence, version=version)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise RemoteError("page.malformed", evidence=evidence) from error


def _check_form(header: Header, *, evidence: bytes) -> None:
    journal = header.journal
    is_named = is_realm(journal.realm) and is_audience(journal.audience) and journal.author in journal.audience
    orders = [head.order for head in header.seen]
    is_ascending = all(a < b for a, b in itertools.pairwise(orders))
    if not is_named or not is_ascending or any(len(s) > STATEMENT_SIZE_BYTES_MAX for s in header.opening):
        raise RemoteError("page.malformed", evidence=evidence)


def _check_size(header: Header, raw: bytes) -> None:
    is_small_feed = header.journal.feed in (Feed.GENESIS, Feed.RECORD)
    if is_small_feed and len(raw) > PAGE_SIZE_BYTES_MAX:
        raise RemoteError("bytes.too-large", size_bytes=len(raw), size_bytes_max=PAGE_SIZE_BYTES_MAX)


def check_kind(header: Header, *, body: bytes, evidence: bytes) -> None:
    """Check that feed, kind, epoch, count, root and body go together (J7, J9).

    Raises:
        RemoteError: `page.kind`.
    """
    kind, is_genesis = header.kind, header.journal.feed is Feed.GENESIS
    allowed_here = {Kind.OPEN: is_genesis, Kind.KEYS: not is_genesis, Kind.ENTRIES: not is_genesis}
    is_right = (
        kind in _KINDS
        and allowed_here.get(kind, True)
        and (header.entry_count > 0) == kind.has_entries
        and header.entry_count <= ENTRY_COUNT_MAX
        and (header.epoch > 0) == (kind in (Kind.KEYS, Kind.ENTRIES))
        and (kind.has_entries or header.entries_root == EMPTY_ROOT)
        and (kind is not Kind.HEADS_SEEN or (body == b"" and len(header.seen) > 0))
        and (kind is not Kind.CHECKPOINT or header.number > 0)
    )
    if not is_right:
        raise RemoteError("page.kind", evidence=evidence, kind=int(kind))
