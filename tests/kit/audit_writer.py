"""A tiny writer of records for the tests of the audit, from docs/spec alone; it shares no code with `comity.journal`.

`Pen` writes one journal, `Story` is three parties who talk for half an hour. Keys and
certificates are made once a test run (`audit_keys.nodes`); pages are written anew for each story, in milliseconds.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from comity.audit import Record
from comity.base.instants import MINUTE_MS
from kit.audit_keys import (
    ALL,
    CEREMONY,
    LINEAGE,
    PACT,
    PAIR,
    REALM,
    SUITE,
    T0,
    Node,
    digest,
    encode,
    label,
    nodes,
)

OPEN, KEYS, ENTRIES, HEADS_SEEN, CHECKPOINT = range(5)


def merkle(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1, as the RFC puts it: split at the largest power of two below the count."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + merkle(leaves[:split]) + merkle(leaves[split:])).digest()


def entries_root(page_key: bytes, entries: Sequence[bytes]) -> bytes:
    """S7."""
    leaves = []
    for index, entry in enumerate(entries):
        blind = SUITE.expand(page_key, label("leaf") + index.to_bytes(4, "big"))
        leaves.append(hashlib.sha256(b"\x00" + blind + entry).digest())
    return merkle(leaves)


@dataclass(frozen=True)
class Written:
    """A page and how others name it."""

    raw: bytes
    journal_digest: bytes
    number: int
    digest: bytes

    @property
    def head(self) -> tuple[bytes, int, bytes]:
        return self.journal_digest, self.number, self.digest


@dataclass
class Pen:
    """Writes one journal. `epoch_keys` are those that its key pages announced."""

    node: Node
    audience: tuple[str, ...]
    feed: str = "record"
    pages: list[Written] = field(default_factory=list)
    epoch_keys: dict[int, bytes] = field(default_factory=dict)
    commitments: dict[int, bytes] = field(default_factory=dict)

    @property
    def id(self) -> list[object]:
        return [LINEAGE, REALM, self.feed, self.node.party, self.audience, self.node.incarnation]

    @property
    def digest(self) -> bytes:
        return digest("journal", encode(self.id))

    @property
    def last(self) -> Written:
        return self.pages[-1]

    def branch(self, after: int) -> "Pen":
        """A second pen of the same journal, going on after page number `after`: a forger's or a restored backup's."""
        return replace(
            self,
            pages=self.pages[: after + 1],
            epoch_keys=dict(self.epoch_keys),
            commitments=dict(self.commitments),
        )

    def build(self, kind: int, body: bytes, /, *, at: int, **changes: object) -> Written:
        """Sign one page and keep it. `changes` are header fields that differ from what belongs there."""
        fields: dict[str, object] = {
            "format": 1,
            "suite": 1,
            "kind": kind,
            "pact": LINEAGE,
            "journal": self.id,
            "number": len(self.pages),
            "previous": self.last.digest if self.pages else self.digest,
            "written_at": T0 + at * MINUTE_MS,
            "salt": CEREMONY.random(32),
            "epoch": 0,
            "entry_count": 0,
            "body_digest": digest("body", body),
            "entries_root": merkle([]),
            "seen": [],
            "opening": [],
        }
        header = encode(list((fields | changes).values()))
        signature = SUITE.sign(secret=self.node.secret, message=label("page") + header)
        number = (fields | changes)["number"]
        assert isinstance(number, int)
        page = Written(encode([header, signature, body]), self.digest, number, digest("page", header))
        self.pages.append(page)
        return page

    def open(self, *entries: object, at: int, **changes: object) -> Written:
        """Kind 0; page 0 brings its certificate."""
        raws = [encode(entry) for entry in entries]
        salt = CEREMONY.random(32)
        fields: dict[str, object] = {
            "salt": salt,
            "entry_count": len(raws),
            "entries_root": entries_root(salt, raws),
            "opening": [] if self.pages else [self.node.certificate],
        }
        return self.build(OPEN, encode(raws), at=at, **(fields | changes))

    def keys(self, *, at: int, epoch: int = 1, key: bytes | None = None, **changes: object) -> Written:
        """Kind 1: a new epoch key wrapped to every reader of the audience, or to `readers`."""
        key = key or CEREMONY.random(32)
        readers = changes.pop("readers", self.audience)
        assert isinstance(readers, tuple)
        commitment = digest("epoch-key", self.digest + epoch.to_bytes(8, "big") + key)
        told = changes.pop("commitment", commitment)
        assert isinstance(told, bytes)
        wraps: list[object] = []
        for party in readers:
            info = label("epoch-key") + encode([self.id, epoch, told, party])
            for secret in (nodes()[party].receiving, nodes()[party].recovery):
                public = SUITE.public_of_receiving(secret)
                wrapped = CEREMONY.wrap(public=public, plaintext=key, info=info)
                wraps.append([party, digest("receiving-key", public), wrapped])
        self.epoch_keys[epoch], self.commitments[epoch] = key, told
        return self.build(KEYS, encode([epoch, told, 0, 1, wraps]), at=at, epoch=epoch, **changes)

    def entries(self, *entries: object, at: int, epoch: int = 1, **changes: object) -> Written:
        """Kind 2: entries sealed under the epoch's key."""
        raws = [encode(entry) for entry in entries]
        plain = changes.pop("plain", encode(raws))
        assert isinstance(plain, bytes)
        salt, number = CEREMONY.random(32), len(self.pages)
        prk = SUITE.extract(salt, self.epoch_keys.get(epoch, b"\x00" * 32))
        page_key = SUITE.expand(prk, label("page-key") + encode([self.digest, number, epoch]))
        body = SUITE.seal(key=page_key, plaintext=plain, aad=label("page-seal") + encode([self.id, number]))
        fields: dict[str, object] = {
            "salt": salt,
            "epoch": epoch,
            "entry_count": len(raws),
            "entries_root": entries_root(page_key, raws),
        }
        return self.build(ENTRIES, body, at=at, **(fields | changes))

    def receipt(self, *seen: Written, at: int) -> Written:
        """Kind 3."""
        return self.build(HEADS_SEEN, b"", at=at, seen=heads(*seen))

    def checkpoint(self, *seen: Written, at: int, **changes: object) -> Written:
        """Kind 4 over the page before."""
        statement = changes.pop("statement", [self.last.number, self.last.digest, heads(*seen)])
        signature = CEREMONY.sign_mldsa(
            secret=self.node.checkpoint_secret,
            message=encode([self.id, encode(statement)]),
            context=b"comity/1/checkpoint",
        )
        return self.build(CHECKPOINT, encode([encode(statement), signature]), at=at, **changes)


def heads(*pages: Written) -> list[tuple[bytes, int, bytes]]:
    """Heads as J12 wants them: ascending."""
    return sorted(page.head for page in pages)


class Story:
    """Three parties talk in one journal each for all, USA and JPN in a pair besides; then all confirm all.

    Entries are of types that docs/spec does not fix, so that their form is free. With `kor_stops` KOR signs nothing
    after 14:45, so the last pages stay without its word.
    """

    def __init__(self, *, kor_stops: bool = False) -> None:
        self.genesis = {party: Pen(nodes()[party], ALL, "genesis") for party in ALL}
        self.record = {party: Pen(nodes()[party], ALL) for party in ALL}
        self.pair = Pen(nodes()["USA"], PAIR)
        self.answer = Pen(nodes()["JPN"], PAIR)
        for minute, pen in enumerate(self.genesis.values()):
            pen.open(["PactAccepted", LINEAGE], at=minute)
        usa, jpn, kor = (self.record[party] for party in ("USA", "JPN", "KOR"))
        first = [pen.last for pen in self.genesis.values()]
        usa.keys(at=5, seen=heads(*first[:2]))
        usa.entries(["ThreatNoted", 1], ["CallNoted", 2], at=6)
        jpn.keys(at=8, seen=heads(*first[1:], usa.last))
        jpn.entries(["CallHeard", "duty officer"], at=9)
        self.pair.keys(at=9)
        self.pair.entries(["ItemNoted", b"bytes"], at=10)
        self.answer.receipt(self.pair.last, at=11)
        usa.entries(["PositionTaken", ["support", ["nested", 3]]], at=12, seen=heads(jpn.last))
        self.kor_confirmed_at = T0 + 15 * MINUTE_MS
        kor.receipt(usa.last, jpn.last, first[0], first[2], at=15)
        usa.checkpoint(jpn.last, first[0], first[1], at=18)
        usa.entries(["MeasureNoted", 7], at=20)
        jpn.receipt(usa.last, at=21)
        if not kor_stops:
            kor.receipt(usa.last, at=22)

    @property
    def pens(self) -> list[Pen]:
        return [*self.genesis.values(), *self.record.values(), self.pair, self.answer]

    def pages_for(self, holder: str) -> list[bytes]:
        """All pages that a holder may read."""
        return [page.raw for pen in self.pens if holder in pen.audience for page in pen.pages]

    def record_of(self, holder: str, *, without: Sequence[bytes] = (), more: Sequence[bytes] = ()) -> Record:
        pages = [raw for raw in self.pages_for(holder) if raw not in without]
        return Record(holder, LINEAGE, REALM, (*pages, *more), pacts=(PACT,))

    def records(self) -> list[Record]:
        return [self.record_of(party) for party in ALL]
