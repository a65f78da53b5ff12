"""Items: what a party releases, signed by its originator apart from any page (docs/spec/release.md, R16 to R19, R35).

An item is a head and 1..n portions, each portion with its own marking. Its *digest* is the Merkle root over the
blinded head and portions, and the originator signs that. So an item proves its origin wherever it turns up, and one
portion can be shown without the text of the others. A *rendition* is the bytes that hold leaves of an item with their
paths; the blob that travels is a sealed rendition (see `blob`).

Format 2 adds expiry, and to each portion its kind and how sure its author is; format 1 is read for ever, and is what an
item without any of these is made in, for a node of an earlier version reads it.

What a rendition does not hide is how many portions there are. Where even that must not be known, the originator makes
an item of its own for that audience.
"""

import enum
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError, UsageError
from comity.base.limits import (
    ATTACHED_SIZE_BYTES_MAX,
    ATTACHMENT_COUNT_MAX,
    ATTRIBUTION_SIZE_BYTES_MAX,
    ITEM_PORTION_COUNT_MAX,
    ITEM_SIZE_BYTES_MAX,
    REALM_NAME_SIZE_MAX,
)
from comity.base.names import Bytes32, Digest, Uint
from comity.crypto.label import label, u32
from comity.crypto.suite import Suite
from comity.journal.seal import find_leaf, find_path, find_root, find_root_of_path
from comity.procedure.assessment import NOT_ASSESSED, Assessment
from comity.procedure.attachment import Attachment, decode_attachment
from comity.procedure.consent import KeysOf, SignatureField
from comity.procedure.entry import InstantField, Marking
from comity.procedure.fields import PartyField

__all__ = [
    "Head",
    "Item",
    "Portion",
    "PortionKind",
    "check_portions",
    "cut_rendition",
    "find_attachments",
    "find_format",
    "make_item",
    "open_rendition",
]

ITEM_FORMAT: Final = 2
_PATH_LENGTH_MAX: Final = 16
_WORD: Final = "[a-z0-9][a-z0-9!#$&^_.+-]{0,62}"
_MEDIA: Final = rf"^{_WORD}/{_WORD}(; ?[a-z0-9-]+=[A-Za-z0-9._+-]+){{0,4}}\Z"


class PortionKind(enum.StrEnum):
    """What a portion holds (R36)."""

    TEXT = "text"
    ATTRIBUTION = "attribution"
    ATTACHMENT = "attachment"
    OBJECT = "object"
    """For machines; the media type says what."""


class Head(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Leaf 0, as of format 2. `marking` is the banner: the highest level of all, their topics and caveats together."""

    format: Uint
    lineage: Bytes32
    realm: Annotated[str, msgspec.Meta(max_length=REALM_NAME_SIZE_MAX)]
    originator: PartyField
    made_at: InstantField
    marking: Marking
    portion_count: Annotated[int, msgspec.Meta(ge=1, le=ITEM_PORTION_COUNT_MAX)]
    expires_at: Annotated[tuple[InstantField, ...], msgspec.Meta(max_length=1)] = ()
    """From then on the item is given to nobody (R37)."""


class Portion(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Leaves 1..n, as of format 2. `media` is a media type (RFC 6838), `language` a BCP 47 tag or empty."""

    marking: Marking
    media: Annotated[str, msgspec.Meta(max_length=128, pattern=_MEDIA)]
    language: Annotated[str, msgspec.Meta(max_length=35)]
    content: bytes
    kind: PortionKind = PortionKind.TEXT
    assessment: Assessment = NOT_ASSESSED


class _Head1(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Leaf 0 of an item of format 1 (R16)."""

    format: Uint
    lineage: Bytes32
    realm: Annotated[str, msgspec.Meta(max_length=REALM_NAME_SIZE_MAX)]
    originator: PartyField
    made_at: InstantField
    marking: Marking
    portion_count: Annotated[int, msgspec.Meta(ge=1, le=ITEM_PORTION_COUNT_MAX)]


class _Portion1(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A portion of an item of format 1 (R16)."""

    marking: Marking
    media: Annotated[str, msgspec.Meta(max_length=128)]
    language: Annotated[str, msgspec.Meta(max_length=35)]
    content: bytes


class _Leaf(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    index: Uint
    blind: Bytes32
    content: bytes
    path: Annotated[tuple[Bytes32, ...], msgspec.Meta(max_length=_PATH_LENGTH_MAX)]


class _Rendition(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    signature: SignatureField
    leaves: Annotated[tuple[_Leaf, ...], msgspec.Meta(min_length=2, max_length=ITEM_PORTION_COUNT_MAX + 1)]


_RENDITION: Final = Decoder(_Rendition, size_max=ITEM_SIZE_BYTES_MAX, code="item.malformed")
_HEAD: Final = Decoder(Head, size_max=ITEM_SIZE_BYTES_MAX, code="item.malformed")
_HEAD_1: Final = Decoder(_Head1, size_max=ITEM_SIZE_BYTES_MAX, code="item.malformed")
_PORTION: Final = Decoder(Portion, size_max=ITEM_SIZE_BYTES_MAX, code="item.malformed")
_PORTION_1: Final = Decoder(_Portion1, size_max=ITEM_SIZE_BYTES_MAX, code="item.malformed")


@dataclass(frozen=True, slots=True)
class Item:
    """A verified item. `portions` are those that the rendition held, by number from 1, ascending."""

    digest: Digest
    head: Head
    portions: tuple[tuple[int, Portion], ...]

    @property
    def is_whole(self) -> bool:
        """Whether every portion is here."""
        return len(self.portions) == self.head.portion_count

    @property
    def markings(self) -> tuple[Marking, ...]:
        """The banner, then each different marking of the portions that are here: what the funnel decides."""
        return tuple(dict.fromkeys((self.head.marking, *(portion.marking for _, portion in self.portions))))

    @property
    def attachments(self) -> tuple[tuple[int, Attachment], ...]:
        """The attachments that are here, each with the number of its portion."""
        return tuple(
            (number, decode_attachment(portion.content))
            for number, portion in self.portions
            if portion.kind is PortionKind.ATTACHMENT
        )


def find_format(portions: Sequence[Portion], *, expires_at: Sequence[int] = ()) -> int:
    """Return the lowest format in which an item can say this: a node of an earlier version reads format 1."""
    is_plain = all(one.kind is PortionKind.TEXT and one.assessment == NOT_ASSESSED for one in portions)
    return 1 if is_plain and not expires_at else ITEM_FORMAT


def find_attachments(portions: Sequence[Portion]) -> tuple[tuple[int, Attachment], ...]:
    """Return the attachments of a new item, each with the number of its portion.

    Raises:
        UsageError: `attachment.count` where there are too many, or they are too large together.
    """
    found = tuple(
        (number, decode_attachment(portion.content))
        for number, portion in enumerate(portions, start=1)
        if portion.kind is PortionKind.ATTACHMENT
    )
    size_bytes = sum(attachment.size_bytes for _, attachment in found)
    if len(found) > ATTACHMENT_COUNT_MAX or size_bytes > ATTACHED_SIZE_BYTES_MAX:
        raise UsageError("attachment.count", count=len(found), size_bytes=size_bytes)
    return found


def check_portions(portions: Sequence[Portion]) -> None:
    """Check that every reader will read these portions of ours, before they are signed.

    Raises:
        UsageError: `item.portion-count`, `item.portion-form`.
    """
    if not 1 <= len(portions) <= ITEM_PORTION_COUNT_MAX:
        raise UsageError("item.portion-count", count=len(portions), count_max=ITEM_PORTION_COUNT_MAX)
    for number, portion in enumerate(portions, start=1):
        try:
            _read_portion(encode(portion), 2)
        except RemoteError as error:
            raise UsageError("item.portion-form", portion=number) from error


def make_item(
    suite: Suite, *, head: Head, portions: Sequence[Portion], blinding_key: bytes, secret: bytes
) -> tuple[Digest, bytes]:
    """Return the digest and the whole rendition of a new item.

    `blinding_key` is 32 random bytes used for this item only: whoever could guess it could test guesses at a hidden
    portion. `secret` is the seed of the originator's node key. The banner comes from `banner.find_banner`.
    """
    assert head.format >= find_format(portions, expires_at=head.expires_at)
    assert head.portion_count == len(portions)
    contents = [_encode_leaf(head, head.format), *(_encode_leaf(portion, head.format) for portion in portions)]
    blinds = [suite.expand(blinding_key, label("item-leaf") + u32(index)) for index in range(len(contents))]
    leaves = [find_leaf(suite, blind=blind, entry=content) for blind, content in zip(blinds, contents, strict=True)]
    root = find_root(leaves)
    signature = suite.sign(secret=secret, message=label("item") + root)
    shown = tuple(
        _Leaf(index, blinds[index], content, find_path(leaves, index)) for index, content in enumerate(contents)
    )
    return root, encode(_Rendition(signature, shown))


def cut_rendition(raw: bytes, *, keep: frozenset[int]) -> bytes:
    """Return a rendition with only the head and the portions numbered in `keep`, of one that holds them."""
    rendition = _RENDITION.decode(raw)
    leaves = tuple(leaf for leaf in rendition.leaves if leaf.index == 0 or leaf.index in keep)
    assert len(leaves) == len(keep) + 1, "a portion that is to be kept is not in the rendition"
    return encode(_Rendition(rendition.signature, leaves))


def open_rendition(suite: Suite, raw: bytes, *, digest: bytes, keys_of: KeysOf) -> Item:
    """Verify a rendition of the item that an entry named by `digest`, and return what it holds.

    Pact, realm and banner are the caller's to compare: `banner.check_item`.

    Raises:
        RemoteError: `bytes.too-large`, `bytes.not-canonical`, `item.malformed`; `item.other` if it is not the item
            named; `item.signature` if no key of its originator signed it.
    """
    rendition = _RENDITION.decode(raw)
    first, *rest = rendition.leaves
    ascending = all(one.index < next_.index for one, next_ in itertools.pairwise(rendition.leaves))
    if first.index != 0 or not ascending:
        raise RemoteError("item.malformed", evidence=raw)
    head = _read_head(first.content)
    if rest[-1].index > head.portion_count:
        raise RemoteError("item.malformed", evidence=raw)
    if any(_find_root_of(suite, leaf, head.portion_count + 1) != digest for leaf in rendition.leaves):
        raise RemoteError("item.other", evidence=raw)
    message = label("item") + digest
    keys = keys_of(head.originator)
    if not any(suite.verify(public=key, message=message, signature=rendition.signature) for key in keys):
        raise RemoteError("item.signature", evidence=raw)
    return Item(Digest(digest), head, tuple((leaf.index, _read_portion(leaf.content, head.format)) for leaf in rest))


def _encode_leaf(value: Head | Portion, format_: int) -> bytes:
    if format_ == ITEM_FORMAT:
        return encode(value)
    form = _Head1 if isinstance(value, Head) else _Portion1
    return encode(tuple(getattr(value, name) for name in form.__struct_fields__))


def _read_head(raw: bytes) -> Head:
    """Read a head of either format: that of format 1 is an array of seven, and the first field says the same."""
    is_old = raw[:1] == b"\x97"
    read = _HEAD_1.decode(raw) if is_old else _HEAD.decode(raw)
    if read.format != (1 if is_old else ITEM_FORMAT):
        raise RemoteError("item.malformed", evidence=raw)
    return Head(*msgspec.structs.astuple(read))


def _read_portion(raw: bytes, format_: int) -> Portion:
    if format_ == 1:
        return Portion(*msgspec.structs.astuple(_PORTION_1.decode(raw)))
    portion = _PORTION.decode(raw)
    if portion.kind is PortionKind.ATTACHMENT:
        decode_attachment(portion.content)
    elif portion.kind is not PortionKind.OBJECT and not _is_text(portion):
        raise RemoteError("item.malformed", evidence=raw)
    return portion


def _is_text(portion: Portion) -> bool:
    """Tell whether a text is UTF-8, and whether an attribution says in so many words to whom (R36)."""
    try:
        portion.content.decode()
    except UnicodeDecodeError:
        return False
    return portion.kind is PortionKind.TEXT or 1 <= len(portion.content) <= ATTRIBUTION_SIZE_BYTES_MAX


def _find_root_of(suite: Suite, leaf: _Leaf, leaf_count: int) -> Digest | None:
    hashed = find_leaf(suite, blind=leaf.blind, entry=leaf.content)
    return find_root_of_path(hashed, leaf.path, index=leaf.index, count=leaf_count)
