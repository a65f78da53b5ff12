"""Blobs and the wraps of their keys (docs/spec/release.md, R20 to R22)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.base.limits import BLOB_SIZE_BYTES_MAX
from comity.crypto.production import ProductionCeremony
from comity.procedure.blob import (
    BlobContext,
    KeyWrap,
    find_blob_id,
    find_content_size,
    find_key_commitment,
    open_blob,
    open_wrap,
    seal_blob,
    wrap_info,
)
from kit.releasing import LINEAGE, REALM, SUITE

KEY, SALT = b"\x01" * 32, b"\x02" * 32
CONTEXT = BlobContext(LINEAGE, REALM, b"\x77" * 32)


def test_blob_opens_in_its_place_only() -> None:
    """A blob opens under its key for its item, pact and realm; elsewhere or altered it does not."""
    blob = seal_blob(SUITE, b"rendition", context=CONTEXT, key=KEY, salt=SALT)
    blob_id = find_blob_id(SUITE, blob)
    assert open_blob(SUITE, blob, context=CONTEXT, key=KEY, blob_id=blob_id) == b"rendition"
    for context, key, named, code in (
        (BlobContext(LINEAGE, "real", CONTEXT.item), KEY, blob_id, "blob.not-opened"),
        (BlobContext(LINEAGE, REALM, bytes(32)), KEY, blob_id, "blob.not-opened"),
        (CONTEXT, SALT, blob_id, "blob.not-opened"),
        (CONTEXT, KEY, bytes(32), "blob.other"),
    ):
        with pytest.raises(RemoteError) as caught:
            open_blob(SUITE, blob, context=context, key=key, blob_id=named)
        assert caught.value.code == code


@pytest.mark.parametrize("size_bytes", [0, 1, 239, 240, 65_519, 65_520, 2**19, 2**20])
def test_the_size_of_what_is_sealed_is_told_by_the_blobs(size_bytes: int) -> None:
    """On both sides of every length at which MessagePack needs a byte more."""
    blob = seal_blob(SUITE, bytes(size_bytes), context=CONTEXT, key=bytes(32), salt=bytes(32))
    assert find_content_size(len(blob)) == size_bytes


def test_oversized_blob_is_refused_unread() -> None:
    """A blob over the limit is refused before it is hashed."""
    with pytest.raises(RemoteError) as caught:
        open_blob(SUITE, bytes(BLOB_SIZE_BYTES_MAX + 1), context=CONTEXT, key=KEY, blob_id=bytes(32))
    assert caught.value.code == "bytes.too-large"


def test_two_blobs_of_one_item_share_no_number() -> None:
    """Sealed again for another recipient, the same item has another id and another commitment."""
    blobs = [seal_blob(SUITE, b"rendition", context=CONTEXT, key=key, salt=SALT) for key in (KEY, SALT)]
    ids = [find_blob_id(SUITE, blob) for blob in blobs]
    assert ids[0] != ids[1]
    assert find_key_commitment(SUITE, blob=ids[0], key=KEY) != find_key_commitment(SUITE, blob=ids[1], key=KEY)


def test_wrapped_key_is_the_one_committed_to() -> None:
    """The key that a reader unwraps is checked against the chain; another key is evidence, another reader's nothing."""
    ceremony = ProductionCeremony()
    secret = ceremony.generate_receiving()
    public = SUITE.public_of_receiving(secret)
    blob_id = find_blob_id(SUITE, seal_blob(SUITE, b"rendition", context=CONTEXT, key=KEY, salt=SALT))
    commitment = find_key_commitment(SUITE, blob=blob_id, key=KEY)
    info = wrap_info(CONTEXT, blob=blob_id, commitment=commitment, party="KOR")

    def wrap(key: bytes) -> bytes:
        wrapped = ceremony.wrap(public=public, plaintext=key, info=info)
        return encode(KeyWrap(1, blob_id, "KOR", bytes(32), wrapped))

    raw = wrap(KEY)
    assert len(raw) < 2048
    assert open_wrap(SUITE, raw, context=CONTEXT, secret=secret, party="KOR", commitment=commitment) == KEY
    other = ceremony.generate_receiving()
    for bad, used, party, code in (
        (wrap(SALT), secret, "KOR", "key.commitment"),
        (raw, other, "KOR", "key.not-unwrapped"),
        (raw, secret, "JPN", "key.not-unwrapped"),
        (raw[:-1], secret, "KOR", "blob.wrap-malformed"),
    ):
        with pytest.raises(RemoteError) as caught:
            open_wrap(SUITE, bad, context=CONTEXT, secret=used, party=party, commitment=commitment)
        assert caught.value.code == code


@given(st.binary(max_size=300))
def test_any_bytes_are_no_blob(raw: bytes) -> None:
    """Bytes of a stranger raise the one remote error, as a blob and as a wrapped key."""
    with pytest.raises(RemoteError):
        open_blob(SUITE, raw, context=CONTEXT, key=KEY, blob_id=find_blob_id(SUITE, raw))
    with pytest.raises(RemoteError):
        open_wrap(SUITE, raw, context=CONTEXT, secret=bytes(96), party="JPN", commitment=bytes(32))
