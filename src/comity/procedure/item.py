"""Items: what a party releases, signed by its originator apart from any page (docs/spec/release.md, R16 to R19).

An item is a head and 1..n portions, each portion with its own marking. Its *digest* is the Merkle root over the
blinded head and portions, and the originator signs that. So an item proves its origin wherever it turns up, and one
portion can be shown without the text of the others. A *rendition* is the bytes that hold leaves of an item with their
paths; the blob that travels is a sealed rendition (see `blob`).

What a rendition does not hide is how many portions there are. Where even that must not be known, the originator makes
an item of its own for that audience.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.limits import ITEM_PORTION_COUNT_MAX, ITEM_SIZE_BYTES_MAX, REALM_NAME_SIZE_MAX
from comity.base.names import Bytes32, Digest, Uint
from comity.crypto.label import label, u32
from comity.crypto.suite import Suite
from comity.journal.seal import find_leaf, find_path, find_root, find_root_of_path
from comity.procedure.consent import KeysOf, SignatureField
from comity.procedure.entry import InstantField, Marking
from comity.procedure.fields import PartyField

__all__ = ["Head", "Item", "Portion", "cut_rendition", "make_item", "open_rendition"]

ITEM_FORMAT: Final = 1
_PATH_LENGTH_MAX: Final = 16


class Head(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Leaf 0. `marking` is the banner: the highest level of all portions, their topics and caveats together."""

    format: Uint
    lineage: Bytes32
    realm: Annotated[str, msgspec.Meta(max_length=REALM_NAME_SIZE_MAX)]
    originator: PartyField
    made_at: InstantField
    marking: Marking
    portion_count: Annotated[int, msgspec.Meta(ge=1, le=ITEM_PORTION_COUNT_MAX)]


class Portion(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Leaves 1..n. `media` is a media type (RFC 6838), `language` a BCP 47 tag or empty."""

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
_PORTION: Final = Decoder(Portion, size_max=ITEM_SIZE_BYTES_MAX, code="item.malformed")


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


def make_item(
    suite: Suite, *, head: Head, portions: Sequence[Portion], blinding_key: bytes, secret: bytes
) -> tuple[Digest, bytes]:
    """Return the digest and the whole rendition of a new item.

    `blinding_key` is 32 random bytes used for this item only: whoever could guess it could test guesses at a hidden
    portion. `secret` is the seed of the originator's node key. The banner comes from `banner.find_banner`.
    """
    assert head.format == ITEM_FORMAT
    assert head.portion_count == len(portions)
    contents = [encode(head), *(encode(portion) for portion in portions)]
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
    head = _HEAD.decode(first.content)
    if head.format != ITEM_FORMAT or rest[-1].index > head.portion_count:
        raise RemoteError("item.malformed", evidence=raw)
    if any(_find_root_of(suite, leaf, head.portion_count + 1) != digest for leaf in rendition.leaves):
        raise RemoteError("item.other", evidence=raw)
    message = label("item") + digest
    keys = keys_of(head.originator)
    if not any(suite.verify(public=key, message=message, signature=rendition.signature) for key in keys):
        raise RemoteError("item.signature", evidence=raw)
    return Item(Digest(digest), head, tuple((leaf.index, _PORTION.decode(leaf.content)) for leaf in rest))


def _find_root_of(suite: Suite, leaf: _Leaf, leaf_count: int) -> Digest | None:
    hashed = find_leaf(suite, blind=leaf.blind, entry=leaf.content)
    return find_root_of_path(hashed, leaf.path, index=leaf.index, count=leaf_count)
