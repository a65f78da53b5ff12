"""Showing one entry of a page to somebody who may not read the rest (docs/spec/sealing.md, S7).

A disclosure holds the page's signed header, one entry with its blind, and the path from its leaf to the entries root.
The blinds of the other entries stay with the page's readers, so their leaves on the path say nothing of what they
were, not even whether two are alike. It proves what the author signed; who may be shown it is the caller's decision.

Not here: the chain before the page. A disclosure shows that the author signed the entry, not that it was never forked.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.limits import BULK_PAGE_SIZE_BYTES_MAX, ENTRY_COUNT_MAX, ENTRY_SIZE_BYTES_MAX
from comity.base.names import Bytes32
from comity.crypto.label import label
from comity.crypto.suite import ED25519_SIGNATURE_SIZE, Suite
from comity.journal.header import Header, Page, check_kind, parse_header
from comity.journal.seal import (
    find_blind,
    find_key_of_page,
    find_leaf,
    find_leaves,
    find_path,
    find_root_of_path,
    open_page,
)

__all__ = ["Disclosed", "check_disclosure", "disclose", "parse_disclosure"]

_PATH_COUNT_MAX: Final = (ENTRY_COUNT_MAX - 1).bit_length()
"""Nodes from a leaf to the root of the largest page."""


class _Form(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    header: bytes
    signature: Annotated[bytes, msgspec.Meta(min_length=ED25519_SIGNATURE_SIZE, max_length=ED25519_SIGNATURE_SIZE)]
    index: Annotated[int, msgspec.Meta(ge=0, lt=ENTRY_COUNT_MAX)]
    entry: Annotated[bytes, msgspec.Meta(max_length=ENTRY_SIZE_BYTES_MAX)]
    blind: Bytes32
    path: Annotated[tuple[Bytes32, ...], msgspec.Meta(max_length=_PATH_COUNT_MAX)]


_FORM: Final = Decoder(_Form, size_max=BULK_PAGE_SIZE_BYTES_MAX, code="disclosure.malformed")


def disclose(page: Page, *, index: int, epoch_key: bytes, suite: Suite) -> bytes:
    """Write the disclosure of entry `index` (from 0) of an accepted page of kind 0 or 2.

    `epoch_key` is not used for kind 0, whose entries are public to its readers and blinded by the salt.

    Raises:
        RemoteError: as `seal.open_page`, if the key is not the page's or its author sealed something else.
    """
    opened = open_page(suite, page, epoch_key)
    assert 0 <= index < len(opened.entries), "entries are counted from 0"
    page_key = find_key_of_page(suite, page, epoch_key)
    leaves = find_leaves(suite, page_key=page_key, entries=opened.entries)
    blind = find_blind(suite, page_key=page_key, index=index)
    path = find_path(leaves, index)
    return encode(_Form(page.header_raw, page.signature, index, opened.entries[index], blind, path))


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What a disclosure claims: the header of a page, which entry of it, and that entry. Nothing is proved by this."""

    header: Header
    index: int
    entry: bytes


def parse_disclosure(raw: bytes) -> Disclosed:
    """Return what a disclosure claims, its form alone having been looked at.

    Raises:
        RemoteError: `disclosure.malformed` (also where the header is of no page with entries), `bytes.too-large`,
            `bytes.not-canonical`, `page.format-unknown`.
    """
    form = _FORM.decode(raw)
    return Disclosed(_check_header(form, evidence=raw), form.index, form.entry)


def check_disclosure(raw: bytes, *, node_keys: Collection[bytes], suite: Suite) -> tuple[Header, bytes]:
    """Return the signed header and the entry that a disclosure proves to belong to it.

    `node_keys` are those that the root of the header's author certified; the caller vouches for them, and compares
    lineage, realm and author with what it expected.

    Raises:
        RemoteError: `disclosure.malformed` (also where the header is of no page with entries), `disclosure.signature`,
            `disclosure.entries-root`; `bytes.too-large`, `bytes.not-canonical`, `page.format-unknown`.
    """
    form = _FORM.decode(raw)
    header = _check_header(form, evidence=raw)
    own = header.journal.find_digest(suite)
    if any(head.journal == own for head in header.seen):  # J12
        raise RemoteError("disclosure.malformed", evidence=raw)
    message = label("page") + form.header
    if not any(suite.verify(public=key, message=message, signature=form.signature) for key in node_keys):
        raise RemoteError("disclosure.signature", evidence=raw)
    leaf = find_leaf(suite, blind=form.blind, entry=form.entry)
    root = find_root_of_path(leaf, form.path, index=form.index, count=header.entry_count)
    if root != header.entries_root:
        raise RemoteError("disclosure.entries-root", evidence=raw)
    return header, form.entry


def _check_header(form: _Form, *, evidence: bytes) -> Header:
    try:
        header = parse_header(form.header, evidence=evidence)
        check_kind(header, body=b"", evidence=evidence)
    except RemoteError as error:
        code = "disclosure.malformed" if error.code in ("page.malformed", "page.kind") else error.code
        raise RemoteError(code, evidence=evidence) from error
    if form.index >= header.entry_count:
        raise RemoteError("disclosure.malformed", evidence=evidence)
    return header
