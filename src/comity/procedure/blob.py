"""Sealed blobs and the wraps of their keys: how an item's rendition travels, outside every chain (R20 to R22).

A chain names only the blob's id, a hash of its ciphertext, and a commitment to its key. Drop blob and key, and the
chain still verifies: that is what lets a party say *destroyed* and mean it. Key, salt and wrap come in as arguments,
for this room draws no randomness; wrapping is an effect whose info is `wrap_info`.
"""

from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.limits import BLOB_SIZE_BYTES_MAX, ITEM_SIZE_BYTES_MAX, KEY_WRAP_SIZE_BYTES_MAX
from comity.base.names import Bytes32, Digest, Party, Realm
from comity.crypto.label import digest, label
from comity.crypto.suite import AEAD_TAG_SIZE, KEY_SIZE, Suite
from comity.procedure.fields import PartyField

__all__ = [
    "BlobContext",
    "KeyWrap",
    "find_blob_id",
    "find_content_size",
    "find_key_commitment",
    "open_blob",
    "open_wrap",
    "seal_blob",
    "wrap_info",
]

BLOB_FORMAT: Final = 1
_HEAD_SIZE: Final = len(encode((BLOB_FORMAT, bytes(KEY_SIZE))))


@dataclass(frozen=True, slots=True)
class BlobContext:
    """To what a blob belongs. It is authenticated with the ciphertext, so a blob opens in its own place only."""

    lineage: bytes
    realm: Realm
    item: bytes

    @property
    def raw(self) -> bytes:
        """The context's bytes."""
        return encode((self.lineage, self.realm, self.item))


class _Blob(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    format: Annotated[int, msgspec.Meta(ge=BLOB_FORMAT, le=BLOB_FORMAT)]
    salt: Bytes32
    sealed: bytes


class KeyWrap(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A blob's key under HPKE to one receiving or recovery key of `party`, which `key_id` names (S8)."""

    format: Annotated[int, msgspec.Meta(ge=BLOB_FORMAT, le=BLOB_FORMAT)]
    blob: Bytes32
    party: PartyField
    key_id: Bytes32
    wrapped: Annotated[bytes, msgspec.Meta(max_length=KEY_WRAP_SIZE_BYTES_MAX)]


_BLOB: Final = Decoder(_Blob, size_max=BLOB_SIZE_BYTES_MAX, code="blob.malformed")
_WRAP: Final = Decoder(KeyWrap, size_max=KEY_WRAP_SIZE_BYTES_MAX, code="blob.wrap-malformed")


def seal_blob(suite: Suite, content: bytes, *, context: BlobContext, key: bytes, salt: bytes) -> bytes:
    """Seal a rendition. `key` and `salt` are 32 random bytes each, new for every blob."""
    assert len(key) == len(salt) == KEY_SIZE
    assert len(content) <= ITEM_SIZE_BYTES_MAX
    sealed = suite.seal(key=_find_seal_key(suite, key, salt), plaintext=content, aad=_aad(context))
    return encode(_Blob(BLOB_FORMAT, salt, sealed))


def find_blob_id(suite: Suite, blob: bytes) -> Digest:
    """Return the id of a blob: the hash of its bytes as they travel."""
    return digest(suite, "blob", blob)


def find_content_size(blob_size_bytes: int) -> int:
    """Return how many bytes are sealed in a blob of this size (R20), without opening it."""
    sealed = blob_size_bytes - _HEAD_SIZE
    prefix = 2 if sealed < 2 + 2**8 else 3 if sealed < 3 + 2**16 else 5  # of MessagePack, before bytes of that length
    return max(0, sealed - prefix - AEAD_TAG_SIZE)


def find_key_commitment(suite: Suite, *, blob: bytes, key: bytes) -> Digest:
    """Return what the chain says of the key to the blob with id `blob`: AES-GCM does not commit to its key."""
    return digest(suite, "blob-key", blob + key)


def open_blob(suite: Suite, blob: bytes, *, context: BlobContext, key: bytes, blob_id: bytes) -> bytes:
    """Open the blob that an entry named by `blob_id`; the result is a rendition, not yet verified.

    Raises:
        RemoteError: `blob.other` if these are not the bytes named, `blob.malformed`, `blob.not-opened`.
    """
    if len(blob) > BLOB_SIZE_BYTES_MAX:
        raise RemoteError("bytes.too-large", size_bytes=len(blob), size_bytes_max=BLOB_SIZE_BYTES_MAX)
    if find_blob_id(suite, blob) != blob_id:
        raise RemoteError("blob.other")
    read = _BLOB.decode(blob)
    opened = suite.open(key=_find_seal_key(suite, key, read.salt), sealed=read.sealed, aad=_aad(context))
    if opened is None:
        raise RemoteError("blob.not-opened")
    return opened


def wrap_info(context: BlobContext, *, blob: bytes, commitment: bytes, party: Party) -> bytes:
    """Return the HPKE info under which a blob's key is wrapped to `party`."""
    return label("blob-key") + encode((context.lineage, context.realm, context.item, blob, commitment, party))


def open_wrap(
    suite: Suite, raw: bytes, *, context: BlobContext, secret: bytes, party: Party, commitment: bytes
) -> bytes:
    """Unwrap a blob's key with a receiving secret of `party` and check it against the commitment in the chain.

    Raises:
        RemoteError: `blob.wrap-malformed`, `key.not-unwrapped`; `key.commitment` if it is not the key that the chain
            committed to, which is evidence against whoever wrapped it.
    """
    wrap = _WRAP.decode(raw)
    info = wrap_info(context, blob=wrap.blob, commitment=commitment, party=party)
    key = suite.unwrap(secret=secret, sealed=wrap.wrapped, info=info)
    if key is None or wrap.party != party:
        raise RemoteError("key.not-unwrapped", evidence=raw)
    if len(key) != KEY_SIZE or find_key_commitment(suite, blob=wrap.blob, key=key) != commitment:
        raise RemoteError("key.commitment", evidence=raw)
    return key


def _find_seal_key(suite: Suite, key: bytes, salt: bytes) -> bytes:
    return suite.expand(suite.extract(salt, key), label("blob-seal-key"))


def _aad(context: BlobContext) -> bytes:
    return label("blob-seal") + context.raw
