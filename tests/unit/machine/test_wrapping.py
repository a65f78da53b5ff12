"""Epochs are wrapped before their day begins, for journals that are used, and once more for a reader who asks (S14)."""

from collections.abc import Callable

import pytest
from msgspec import structs

from comity.base.instants import DAY_MS, MINUTE_MS, Instant
from comity.base.names import Audience
from comity.journal.header import Feed, JournalId, Kind, Page, parse_page
from comity.journal.keypage import Wrap, split_wraps
from comity.journal.writer import Draft, Writer, wrap_epoch_key
from comity.machine.input import Arrived
from comity.machine.machine import Machine
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.loop import NOON, REALM, Loop

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
ALL, PAIR = ("JPN", "KOR", "USA"), ("JPN", "USA")
MIDNIGHT = Instant((NOON // DAY_MS + 1) * DAY_MS)


def _pages(loop: Loop, kind: Kind, audience: Audience = ALL) -> list[Page]:
    pages = [parse_page(raw, loop.suite) for raw in loop.stored["USA"]]
    mine = [page for page in pages if page.header.journal.author == "USA" and page.header.journal.audience == audience]
    return [page for page in mine if page.header.kind is kind]


def test_the_first_word_of_a_day_waits_for_no_wrap() -> None:
    """The new epoch is on the chain before midnight; the next word is sealed under it at once."""
    loop = Loop()
    loop.be_born()
    loop.say("USA", CALL)
    loop.advance(Instant(MIDNIGHT - 11 * MINUTE_MS))
    assert [page.header.epoch for page in _pages(loop, Kind.KEYS)] == [1]
    loop.advance(Instant(MIDNIGHT - 9 * MINUTE_MS))
    assert [page.header.epoch for page in _pages(loop, Kind.KEYS)] == [1, 2]
    loop.advance(Instant(MIDNIGHT + MINUTE_MS))
    loop.say("USA", CALL)
    assert [page.header.epoch for page in _pages(loop, Kind.KEYS)] == [1, 2]
    assert [page.header.epoch for page in _pages(loop, Kind.ENTRIES)][-1] == 2


def test_an_idle_journal_gets_no_epochs() -> None:
    """One more after its last use, then none; the next word brings one."""
    loop = Loop()
    loop.be_born()
    loop.say("USA", CALL, to=("JPN",))
    loop.advance(Instant(MIDNIGHT + 2 * DAY_MS))
    assert [page.header.epoch for page in _pages(loop, Kind.KEYS, PAIR)] == [1, 2]
    assert len(_pages(loop, Kind.ENTRIES, PAIR)) == 1
    loop.say("USA", CALL, to=("JPN",))
    loop.settle()
    assert [page.header.epoch for page in _pages(loop, Kind.KEYS, PAIR)] == [1, 2, 3]


def _steal_an_epoch(loop: Loop, change: Callable[[Wrap], Wrap]) -> bytes:
    """Return a key page for epoch 9 by a thief of USA's node key, with its wrap for USA changed."""
    usa, ledger = loop.machines["USA"], loop.machines["JPN"].ledger
    journal = JournalId(loop.pins.lineage, REALM, Feed.RECORD, "USA", ALL, 0)
    readers = [reader for party in ALL if (reader := ledger.trust.find_newest(party)) is not None]
    commitment, wraps = wrap_epoch_key(
        journal=journal, epoch=9, key=bytes(32), readers=readers, suite=loop.suite, ceremony=loop.ceremony
    )
    changed = tuple(change(wrap) if wrap.party == "USA" else wrap for wrap in wraps)
    (body,) = split_wraps(epoch=9, commitment=commitment, wraps=changed)
    writer = Writer(ledger, usa.setup.secrets.node, loop.suite)
    return writer.build_keys(Draft(journal, usa.setup.pact_digest, loop.now, bytes(32)), body, epoch=9)


@pytest.mark.parametrize(
    "change",
    [
        lambda wrap: structs.replace(wrap, wrapped=bytes(len(wrap.wrapped))),
        lambda wrap: structs.replace(wrap, party="JPN"),
    ],
    ids=["does not open", "in another's name"],
)
def test_an_epoch_of_a_thief_that_is_not_open_to_us_seals_nothing(change: Callable[[Wrap], Wrap]) -> None:
    """The page is on our chain; the next word is sealed under an epoch of our own, and a restart does the same."""
    loop = Loop()
    loop.be_born()
    loop.say("USA", CALL)
    loop.settle()
    raw = _steal_an_epoch(loop, change)
    for party in ALL:
        loop.give(party, Arrived(loop.now, bytes(32), raw))
    loop.run()
    loop.say("USA", CALL)
    assert [page.header.epoch for page in _pages(loop, Kind.KEYS)] == [1, 9, 10]
    assert {page.header.epoch for page in _pages(loop, Kind.ENTRIES)} == {1, 10}
    machine = Machine(loop.machines["USA"].setup)
    machine.restore(loop.stored["USA"])
    loop.machines["USA"] = machine
    loop.say("USA", CALL)
    assert [page.header.epoch for page in _pages(loop, Kind.ENTRIES)][-2:] == [10, 10]
