"""Disclosures of earlier statements, proved again (S7, J34, R28).

A disclosure shows one entry of a page that its reader may not have. It holds or fails by its own bytes: the header's
signature by a key that the author's root certified, and a path from the entry's leaf to the header's root. What fails
is a finding against the party that disclosed it. Whether it may have gone out is `received`'s to say.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Annotated, NamedTuple

import msgspec

from comity.audit.digest import hash_labelled, label
from comity.audit.form import ENTRIES, OPEN, Header, Shape, decode_header, is_journal_id, is_sound, keeps_its_kind
from comity.audit.procedures.forms_release import EntryDisclosed
from comity.audit.statement import Certificate
from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.limits import BULK_PAGE_SIZE_BYTES_MAX, ENTRY_COUNT_MAX, ENTRY_SIZE_BYTES_MAX
from comity.base.names import Audience, Bytes32, Party
from comity.crypto.suite import ED25519_SIGNATURE_SIZE, Suite

__all__ = ["Proof", "find_disclosed_entry", "find_fault"]

_PAGE = label("page")
_PATH_COUNT_MAX = 12


class _Disclosure(Shape, frozen=True):
    """S7."""

    header: bytes
    signature: Annotated[bytes, msgspec.Meta(min_length=ED25519_SIGNATURE_SIZE, max_length=ED25519_SIGNATURE_SIZE)]
    index: Annotated[int, msgspec.Meta(ge=0, lt=ENTRY_COUNT_MAX)]
    entry: Annotated[bytes, msgspec.Meta(max_length=ENTRY_SIZE_BYTES_MAX)]
    blind: Bytes32
    path: Annotated[tuple[Bytes32, ...], msgspec.Meta(max_length=_PATH_COUNT_MAX)]


_DISCLOSURE = Decoder(_Disclosure, size_max=BULK_PAGE_SIZE_BYTES_MAX, code="disclosure.malformed")


class Proof(NamedTuple):
    """What a disclosure is held against."""

    lineage: bytes
    realm: str
    circles: Collection[Audience]
    """The audiences of all parties, one for each version of the pact."""
    node_keys: Mapping[Party, Sequence[bytes]]
    find_certificate: Callable[[bytes], Certificate | None]
    """Returns an enclosed certificate, if it counts (S10)."""
    suite: Suite


def find_disclosed_entry(entry: EntryDisclosed) -> bytes | None:
    """Return the bytes of the entry that is shown; None for a disclosure out of form."""
    try:
        return _DISCLOSURE.decode(entry.disclosure).entry
    except RemoteError:
        return None


def find_fault(entry: EntryDisclosed, proof: Proof, *, by: Party) -> str | None:
    """Return the code against a disclosure that a party made; None where it proves what it shows."""
    try:
        shown, header = _read(entry.disclosure, proof.suite)
    except RemoteError:
        return "disclosure.malformed"
    author, suite = header.journal.author, proof.suite
    enclosed = filter(None, map(proof.find_certificate, entry.certificates))
    of_author = (row for row in enclosed if (row.party, row.incarnation) == (author, header.journal.incarnation))
    keys = (*proof.node_keys.get(author, ()), *(row.node_key for row in of_author))
    message = _PAGE + shown.header
    if not any(suite.verify(public=key, message=message, signature=shown.signature) for key in keys):
        return "disclosure.signature"
    leaf = suite.hash(b"\x00" + shown.blind + shown.entry)
    if _climb(leaf, shown, count=header.entry_count, suite=suite) != header.entries_root:
        return "disclosure.entries-root"
    if (header.journal.lineage, header.journal.realm) != (proof.lineage, proof.realm):
        return "disclosure.other-pact"
    is_to_all = header.journal.audience in proof.circles and by in header.journal.audience
    return None if is_to_all else "disclosure.not-to-all"


def _read(raw: bytes, suite: Suite) -> tuple[_Disclosure, Header]:
    shown = _DISCLOSURE.decode(raw)
    try:
        header = decode_header(shown.header)
    except RemoteError as error:
        code = "disclosure.malformed" if error.code == "page.malformed" else error.code
        raise RemoteError(code) from error
    is_page = (
        header.kind in (OPEN, ENTRIES)
        and is_journal_id(header.journal)
        and is_sound(header, journal_digest=hash_labelled(suite, "journal", encode(header.journal)))
        and keeps_its_kind(header, body=b"", empty_root=b"")
        and shown.index < header.entry_count
    )
    if not is_page:
        raise RemoteError("disclosure.malformed")
    return shown, header


def _climb(leaf: bytes, shown: _Disclosure, *, count: int, suite: Suite) -> bytes | None:
    """Return the root that a leaf and its path lead to (RFC 9162, 2.1.3.2); None for a path of another length."""
    node, place, last = leaf, shown.index, count - 1
    for sibling in shown.path:
        if last == 0:
            return None
        if place % 2 == 1 or place == last:
            node = suite.hash(b"\x01" + sibling + node)
            while place % 2 == 0 and place != 0:
                place, last = place // 2, last // 2
        else:
            node = suite.hash(b"\x01" + node + sibling)
        place, last = place // 2, last // 2
    return node if last == 0 else None
