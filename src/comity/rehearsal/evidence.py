"""What checkers look at: durable bytes, read once more from docs/spec/journal.md and sealing.md.

Nothing here asks a machine, a ledger, a fold or the audit, so that no mistake of theirs can hide here. Epoch keys are
known because the rehearsal drew them: every page can be opened, whoever it is for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import msgspec

from comity.base.encoding import encode
from comity.base.names import Audience, Party, Realm
from comity.crypto.label import digest, label, u32
from comity.crypto.suite import Suite

__all__ = ["ENTRIES", "HEADS_SEEN", "KEYS", "OPEN", "Evidence", "Header", "JournalId", "Reading", "Said"]

OPEN, KEYS, ENTRIES, HEADS_SEEN, CHECKPOINT = range(5)
"""J9."""
_decode: Final = msgspec.msgpack.decode


class JournalId(NamedTuple):
    """J4."""

    lineage: bytes
    realm: Realm
    feed: str
    author: Party
    audience: Audience
    incarnation: int


class Header(NamedTuple):
    """J7."""

    format: int
    suite: int
    kind: int
    pact: bytes
    journal: JournalId
    number: int
    previous: bytes
    written_at: int
    salt: bytes
    epoch: int
    entry_count: int
    body_digest: bytes
    entries_root: bytes
    seen: list[tuple[bytes, int, bytes]]
    opening: list[bytes]


@dataclass(frozen=True, slots=True)
class Said:
    """One entry as it stands in a page: its id, its type, and its fields as plain values."""

    id: bytes
    type: str
    fields: tuple[object, ...]
    raw: bytes
    index: int
    page: "Reading"

    @property
    def author(self) -> Party:
        """Who said it."""
        return self.page.header.journal.author

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in its author's word to this audience."""
        return (self.page.header.number, self.index)


@dataclass(slots=True, eq=False)
class Reading:
    """One page. `said` is empty for pages without entries."""

    raw: bytes
    header: Header
    digest: bytes
    journal: bytes
    said: list[Said] = field(default_factory=list)


class Evidence:
    """Reads each distinct page once."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self.has_forgeries = False
        """Whether somebody lies in this run, so that a page may be anything, whoever it names as its author."""
        self._keys: dict[tuple[bytes, int], list[bytes]] = {}
        self._read: dict[bytes, Reading] = {}

    def add_key(self, journal: bytes, epoch: int, key: bytes) -> None:
        """Remember an epoch key. One that was drawn and lost in a crash leaves two for one epoch."""
        self._keys.setdefault((journal, epoch), []).append(key)

    def read(self, raw: bytes) -> Reading:
        """Return what a page says. Only pages of journals come here; anything else is a bug of the rehearsal.

        Of a page that a liar made wrongly, what can be read of it.
        """
        reading = self._read.get(raw)
        if reading is None:
            header_raw, _, body = _decode(raw)
            header = _read_header(_decode(header_raw))
            journal = digest(self._suite, "journal", encode(header.journal))
            reading = Reading(raw, header, digest(self._suite, "page", header_raw), journal)
            reading.said += self._open(reading, body)
            self._read[raw] = reading
        return reading

    def find_digest(self, raw: bytes) -> bytes | None:
        """Return the page digest of bytes that came from outside; None if they are no page."""
        try:
            header_raw, _, _ = _decode(raw)
            return digest(self._suite, "page", header_raw)
        except (msgspec.DecodeError, TypeError, ValueError, UnicodeDecodeError):
            return None

    def _open(self, reading: Reading, body: bytes) -> Iterator[Said]:
        """S5 to S7: open the body and name each entry by its leaf."""
        header = reading.header
        page_key, plain = header.salt, bytes(body) or None
        if header.kind == ENTRIES:
            page_key, plain = self._unseal(reading, body)
        elif header.kind != OPEN:
            return
        for index, raw in enumerate(_decode(plain) if plain is not None else ()):
            blind = self._suite.expand(page_key, label("leaf") + u32(index))
            try:
                type_, *fields = _decode(raw)
            except (msgspec.DecodeError, TypeError, ValueError):
                assert self.has_forgeries, "an honest node encodes its entries"
                continue
            yield Said(self._suite.hash(b"\x00" + blind + raw), type_, tuple(fields), raw, index, reading)

    def _unseal(self, reading: Reading, body: bytes) -> tuple[bytes, bytes | None]:
        header = reading.header
        aad = label("page-seal") + encode((header.journal, header.number))
        info = label("page-key") + encode((reading.journal, header.number, header.epoch))
        for epoch_key in self._keys.get((reading.journal, header.epoch), ()):
            page_key = self._suite.expand(self._suite.extract(header.salt, epoch_key), info)
            plain = self._suite.open(key=page_key, sealed=body, aad=aad)
            if plain is not None:
                return page_key, plain
        assert self.has_forgeries, "a page was sealed under a key that nobody drew"
        return header.salt, None


def _read_header(values: list[Any]) -> Header:
    header = Header(*values)
    lineage, realm, feed, author, audience, incarnation = values[4]
    journal = JournalId(lineage, realm, feed, author, tuple(audience), incarnation)
    return header._replace(journal=journal, seen=[(head[0], head[1], head[2]) for head in header.seen])
