"""Epochs are wrapped before their day begins, for journals that are used, and once more for a reader who asks (S14)."""

from comity.base.instants import DAY_MS, MINUTE_MS, Instant
from comity.base.names import Audience
from comity.journal.header import Kind, Page, parse_page
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.loop import NOON, Loop

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
