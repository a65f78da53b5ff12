"""What travels beside the chains: items in renditions, blobs, wraps of their keys, consents."""

from functools import cache

from comity.base.encoding import encode
from comity.base.instants import Instant
from comity.base.names import Digest
from comity.crypto.label import label
from comity.journal.keypage import find_key_id
from comity.journal.seal import find_leaf, find_path, find_root
from comity.procedure.assessment import Assessment, Likelihood
from comity.procedure.attachment import Attachment, ChunkKeys, Packing, decode_attachment, decode_packing
from comity.procedure.banner import check_item, find_banner
from comity.procedure.blob import (
    BLOB_FORMAT,
    BlobContext,
    KeyWrap,
    find_blob_id,
    find_key_commitment,
    open_blob,
    open_wrap,
    seal_blob,
    wrap_info,
)
from comity.procedure.consent import Consent, SignedConsent, check_consent
from comity.procedure.item import ITEM_FORMAT, Head, Portion, PortionKind, make_item, open_rendition
from fuzz.door import Door
from kit.audit_keys import CEREMONY
from kit.releasing import LINEAGE, NOW, REALM, SEEDS, SUITE, camp_david_terms, keys_of, marking

__all__ = ["DOORS"]

KEY, SALT = bytes(range(32)), bytes(range(32, 64))


@cache
def _item() -> tuple[Digest, bytes]:
    portions = [Portion(marking(), "text/plain", "en", b"one"), Portion(marking(), "text/plain", "ja", b"two")]
    banner = find_banner(camp_david_terms(), originator="JPN", markings=[portion.marking for portion in portions])
    head = Head(1, LINEAGE, REALM, "JPN", NOW, banner, len(portions))
    return make_item(SUITE, head=head, portions=portions, blinding_key=KEY, secret=SEEDS["JPN"])


@cache
def _context() -> BlobContext:
    return BlobContext(LINEAGE, REALM, _item()[0])


@cache
def _blob() -> bytes:
    return seal_blob(SUITE, _item()[1], context=_context(), key=KEY, salt=SALT)


@cache
def _wrap() -> tuple[bytes, bytes, bytes]:
    """A receiving secret, the commitment to the blob's key, and the key wrapped."""
    secret = CEREMONY.generate_receiving()
    blob = find_blob_id(SUITE, _blob())
    commitment = find_key_commitment(SUITE, blob=blob, key=KEY)
    info = wrap_info(_context(), blob=blob, commitment=commitment, party="USA")
    public = SUITE.public_of_receiving(secret)
    wrapped = CEREMONY.wrap(public=public, plaintext=KEY, info=info)
    return secret, commitment, encode(KeyWrap(BLOB_FORMAT, blob, "USA", find_key_id(SUITE, public), wrapped))


def _open_rendition(raw: bytes) -> None:
    item = open_rendition(SUITE, raw, digest=_item()[0], keys_of=keys_of)
    check_item(item, terms=camp_david_terms(), lineage=LINEAGE, realm=REALM, markings=item.markings)


def _open_portion(raw: bytes) -> None:
    """A portion whose bytes its originator signed, whatever they say."""
    contents = (encode(Head(ITEM_FORMAT, LINEAGE, REALM, "JPN", NOW, marking(), 1)), raw)
    leaves = [find_leaf(SUITE, blind=bytes(32), entry=content) for content in contents]
    root = find_root(leaves)
    shown = [(index, bytes(32), content, find_path(leaves, index)) for index, content in enumerate(contents)]
    signature = SUITE.sign(secret=SEEDS["JPN"], message=label("item") + root)
    open_rendition(SUITE, encode((signature, shown)), digest=root, keys_of=keys_of)


def _list_portions() -> list[bytes]:
    sure = Assessment(likelihood=(Likelihood.LIKELY,))
    return [
        encode(Portion(marking(), "text/plain", "en", b"one", assessment=sure)),
        encode(Portion(marking(), "text/plain", "en", b"whom", PortionKind.ATTRIBUTION)),
        encode(Portion(marking(), "image/png", "", _attachment(), PortionKind.ATTACHMENT)),
    ]


def _attachment() -> bytes:
    return encode(Attachment("chart.png", 600_000, (bytes(32), KEY)))


def _packing() -> bytes:
    return encode(Packing(_item()[1], (ChunkKeys(1, KEY, (SALT,)),)))


def _open_blob(raw: bytes) -> None:
    """A blob that its author named by its bytes, whatever they are."""
    content = open_blob(SUITE, raw, context=_context(), key=KEY, blob_id=find_blob_id(SUITE, raw))
    _open_rendition(content)


def _open_wrap(raw: bytes) -> None:
    secret, commitment, _ = _wrap()
    open_wrap(SUITE, raw, context=_context(), secret=secret, party="USA", commitment=commitment)


def _check_consent(raw: bytes) -> None:
    """A consent whose bytes its originator signed, whatever they say."""
    signature = SUITE.sign(secret=SEEDS["JPN"], message=label("consent") + raw)
    check_consent(SUITE, SignedConsent(raw, signature), keys_of=keys_of, lineage=LINEAGE, realm=REALM)


def _find_consent() -> bytes:
    consent = Consent(LINEAGE, REALM, "JPN", _item()[0], "USA", "KOR", NOW, Instant(NOW + 1000))
    return encode(consent)


DOORS = (
    Door("rendition", _open_rendition, lambda: [_item()[1]]),
    Door("portion", _open_portion, _list_portions),
    Door("attachment", decode_attachment, lambda: [_attachment()]),
    Door("packing", decode_packing, lambda: [_packing()]),
    Door("blob", _open_blob, lambda: [_blob()]),
    Door("wrap", _open_wrap, lambda: [_wrap()[2]]),
    Door("consent", _check_consent, lambda: [_find_consent()]),
)
