"""What a peer sends is bounded by its bytes, in memory and on the disk (J11)."""

import os
import sqlite3

import pytest

from comity.base.encoding import encode
from comity.base.limits import GARBAGE_SIZE_BYTES_MAX
from comity.base.names import Digest
from comity.crypto.label import digest
from comity.journal.header import Feed, Header, JournalId, Kind, encode_page
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.nodes import PARTIES, SUITE, Nodes, play
from kit.patience import until

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
PAGE_SIZE_BYTES = 400_000


def _forge(nodes: Nodes, number: int) -> bytes:
    """A page in KOR's name, in the bulk feed, under a key that nobody certified and nobody has."""
    pins, body = nodes.accepted["USA"].pins, os.urandom(PAGE_SIZE_BYTES)
    header = Header(
        format=1,
        suite=1,
        kind=Kind.ENTRIES,
        pact=nodes.accepted["USA"].digest,
        journal=JournalId(pins.lineage, pins.realm, Feed.BULK, "KOR", PARTIES, 7),
        number=number,
        previous=Digest(os.urandom(32)),
        written_at=1,
        salt=os.urandom(32),
        epoch=1,
        entry_count=1,
        body_digest=digest(SUITE, "body", body),
        entries_root=os.urandom(32),
        seen=(),
        opening=(),
    )
    return encode_page(header_raw=encode(header), signature=os.urandom(64), body=body)


def test_pages_of_nobody_fill_their_room_and_no_more(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """They wait, in memory and in the store, up to their bytes, also after a restart; the author is not held up."""
    monkeypatch.setattr("comity.journal.held.PENDING_SIZE_BYTES_MAX", 5 * (PAGE_SIZE_BYTES + 2_000))

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        answered: list[int] = []
        for number in range(1, 21):
            forged = _forge(nodes, number)
            assert nodes["USA"].take_bytes(forged, stored=lambda number=number: answered.append(number))  # type: ignore[misc]
        await until(lambda: len(answered) == 5)
        for _ in range(2):
            assert [code for _, code in nodes["USA"].machine.ledger.held()] == ["page.stranger"] * 5
            await nodes.stop("USA")
            await nodes.start("USA")
        await nodes.reaches((await nodes.say("KOR", CALL))[0], *PARTIES)
        assert answered == [1, 2, 3, 4, 5]

    play(nodes, scene)


def test_garbage_leaves_little_evidence(nodes: Nodes) -> None:
    """Bytes that are no page prove nothing; the first few thousand show what they were."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        for _ in range(3):
            assert nodes["USA"].take_bytes(os.urandom(900_000))
        await nodes.stop("USA")
        db = sqlite3.connect(nodes.accepted["USA"].path / "store.db")
        assert db.execute("SELECT LENGTH(raw) FROM refusals").fetchall() == [(GARBAGE_SIZE_BYTES_MAX,)] * 3
        db.close()

    play(nodes, scene)
