"""A reader that was away for weeks: it catches up in order, keeps what it holds and asks for nothing twice (law 7)."""

import copy
import functools
from collections import Counter

import pytest

from comity.base.instants import DAY_MS, Instant
from comity.base.names import Party
from comity.journal.header import Page, parse_page
from comity.machine.effect import Fetch
from comity.machine.input import Arrived, FetchEnded, LinkChanged
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.loop import Loop

ROOM = 6
"""Pages of one author that may wait, in these tests."""
DAYS = 21
CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))


class Away(Loop):
    """A loop whose fetches bring the range that was asked for, and are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: Counter[bytes] = Counter()
        """How often each page was brought to KOR by a fetch."""
        self.asked_held: list[int] = []
        """Numbers that KOR asked for though they wait there."""

    def _fetch(self, party: Party, effect: Fetch) -> None:
        is_up = frozenset((party, effect.party)) not in self.cut
        waiting = {page.digest for page, _ in self.machines[party].ledger.held()}
        for raw in self.stored[effect.party] if is_up else ():
            page = parse_page(raw, self.suite)
            if page.journal == effect.journal and effect.first <= page.header.number <= effect.last:
                if party == "KOR":
                    self.fetched[page.digest] += 1
                    self.asked_held += [page.header.number] if page.digest in waiting else []
                self.give(party, Arrived(self.now, self._salt(), raw))
        self.give(party, FetchEnded(self.now, self._salt(), effect.party, effect.journal, is_up))

    def find_pages(self, author: Party) -> list[bytes]:
        """An author's pages to all in the record feed, by number."""
        pages = [parse_page(raw, self.suite) for raw in self.stored[author]]
        mine = [
            page
            for page in pages
            if (page.header.journal.author, page.header.journal.feed, page.header.journal.audience)
            == (author, "record", self.pact.audience)
        ]
        return [page.raw for page in sorted(mine, key=lambda page: page.header.number)]


@pytest.fixture(params=[("PENDING_COUNT_MAX", ROOM), ("PENDING_SIZE_BYTES_MAX", 800 * ROOM)], ids=["count", "bytes"])
def away(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Away:
    """KOR hears of nobody for three weeks, in which USA says more than may wait, by count or by bytes."""
    name, room = request.param
    monkeypatch.setattr(f"comity.journal.held.{name}", room)
    return copy.deepcopy(_be_away(name))


@functools.cache
def _be_away(_bound: str) -> Away:
    """Play the three weeks, once for each bound that is in force."""
    loop = Away()
    loop.be_born()
    loop.say("USA", CALL)
    loop.settle()
    loop.cut = {frozenset(("KOR", other)) for other in ("JPN", "USA")}
    for other in ("JPN", "USA"):
        loop.give("KOR", LinkChanged(loop.now, loop.ceremony.random(32), other, is_up=False))
    for _ in range(DAYS):
        loop.advance(Instant(loop.now + DAY_MS))
        loop.say("USA", CALL)
    assert len(loop.find_pages("USA")) > 4 * ROOM
    assert sum(map(len, loop.find_pages("USA"))) > 4 * 800 * ROOM
    return loop


def _come_back(loop: Away) -> None:
    loop.cut = set()
    for other in ("JPN", "USA"):
        loop.give("KOR", LinkChanged(loop.now, loop.ceremony.random(32), other, is_up=True))
    loop.run()


def _is_level(loop: Away) -> bool:
    held = {page.raw for page in _find_accepted(loop)}
    return set(loop.find_pages("USA")) <= held


def _find_accepted(loop: Away) -> list[Page]:
    pages = [parse_page(raw, loop.suite) for raw in loop.stored["KOR"]]
    return [page for page in pages if loop.machines["KOR"].ledger.find_page(page.digest) is not None]


def test_the_stream_brings_all_in_order(away: Away) -> None:
    """Nothing waits, nothing is asked for that the stream brought, and every delivery is acknowledged."""
    pages = away.find_pages("USA")
    away.cut = set()
    for delivery, raw in enumerate(pages, start=1000):
        away.give("KOR", Arrived(away.now, away.ceremony.random(32), raw, delivery))
        away.run()
    assert _is_level(away)
    acknowledged = {delivery for party, delivery in away.acknowledged if party == "KOR"}
    assert set(range(1000, 1000 + len(pages))) <= acknowledged
    mine = {parse_page(raw, away.suite).digest for raw in pages}
    assert not mine & set(away.fetched)


def test_a_hole_longer_than_what_may_wait_is_filled_once(away: Away) -> None:
    """The newest page comes first; the rest is asked for, each page once, and what waits is not asked for."""
    pages = away.find_pages("USA")
    late = pages[-ROOM:]
    for raw in late:
        away.give("KOR", Arrived(away.now, away.ceremony.random(32), raw, 0))
    _come_back(away)
    away.settle(600_000)
    assert _is_level(away)
    assert away.asked_held == []
    assert max(away.fetched.values()) == 1


def test_pages_in_the_wrong_order_that_find_no_room_come_again(away: Away) -> None:
    """More of them than may wait: the first stay, the others are let go of, and nothing is missing in the end."""
    pages = away.find_pages("USA")
    for raw in reversed(pages):
        away.give("KOR", Arrived(away.now, away.ceremony.random(32), raw, 0))
    _come_back(away)
    away.settle(600_000)
    assert _is_level(away)
    assert away.asked_held == []
